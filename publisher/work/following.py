"""Following the config: edits made in this folder become revisions, and the newest revision is what runs.

Any number of processes on any number of hosts do this on one store. Whichever folder was edited last makes
the newest revision; all others take it, and write it to their own files.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from enum import StrEnum
from threading import Event, Thread

from publisher import logs
from publisher.errors import PublisherError
from publisher.model.revision import Follower as Standing
from publisher.model.revision import How, Revision
from publisher.settings import files
from publisher.settings.compare import compare
from publisher.settings.load import read_files
from publisher.settings.schema import Settings
from publisher.store import configs
from publisher.work import configfolder
from publisher.work.configfolder import Standing as Stands
from publisher.work.configs import account, add, folder_key, host, settings_of
from publisher.work.desk import Desk

LOOK_SECONDS = 0.4
"""Between two looks; an edit counts when two looks in a row found the same."""

_log = logs.logger(__name__)


class News(StrEnum):
    """What a look found.

    TAKEN: other settings are in force. REFUSED: an edit, or the newest revision, cannot be used. SAME: what
    was found says what is in force already. NOTHING: nothing changed, or an edit may still be going on.
    """

    NOTHING = "nothing"
    TAKEN = "taken"
    REFUSED = "refused"
    SAME = "same"


class Following:
    """The config in force in one process.

    Content is compared, not times: editors and mounts replace files, and some keep their times. An edit
    counts when two looks in a row found the same: a file that is half written is not taken for a mistake.
    """

    def __init__(self, desk: Desk, *, stays: bool = True) -> None:
        """Begin with the config as the desk has it; the first :meth:`look` brings it up to date.

        Args:
            desk: the open site.
            stays: whether this process goes on; then it keeps the store told of what runs here.
        """
        self._desk, self._stays = desk, stays
        self._key = folder_key(desk.site)
        self._seen = ""
        self._judged: tuple[object, str] | None = None
        self._unfit: int | None = None
        self._mistakes = self._unfit_error = ""
        self._said: Standing | None = None
        self._began = False
        self.note = ""

    @property
    def error(self) -> str:
        """Why the edited files, or the newest revision, cannot be used; empty while all is well."""
        return "\n".join(one for one in (self._mistakes, self._unfit_error) if one)

    @property
    def desk(self) -> Desk:
        """The site with the config that is in force now."""
        return self._desk

    @property
    def settings(self) -> Settings:
        """The config in force now."""
        return self._desk.settings

    def look(self, *, at_once: bool = False) -> News:
        """Look for edits here and for revisions made elsewhere, and take them into force.

        Args:
            at_once: do not wait for a second look, because somebody says that the files are whole.

        Raises:
            StoreError: the store is away; what is in force stays.
        """
        found = files.in_folder(self._desk.site)
        mark = files.fingerprint(found)
        settled, self._seen = mark == self._seen or at_once, mark
        with self._desk.store.read() as tx:
            newest = configs.newest(tx)
            if (newest, mark) == self._judged and not at_once:
                return News.NOTHING
            stands = configfolder.standing(tx, self._desk.site, mark, newest)
        if stands is Stands.EDITED:
            news = self._edited(found, mark) if settled else self._meanwhile()
            settled = settled and news is not News.NOTHING
        else:
            news, settled = self._follow(mark), True
        if settled:
            self._judged = (newest, mark)
            self._began = True
        if self._stays:
            self._say()
        return news

    def _meanwhile(self) -> News:
        """Run the newest revision while somebody is still editing here."""
        news = self._take_newest()
        return News.NOTHING if news is News.SAME else news

    def _edited(self, found: files.Files, mark: str) -> News:
        """Make a revision of files that were edited here, or say why they cannot be used."""
        reading = read_files(found, self._desk.env)
        if reading.settings is None:
            error = "\n".join(str(problem) for problem in reading.problems)
            taken = self._take_newest()
            if error == self._mistakes:
                return taken
            self._mistakes = error
            first, *more = error.splitlines()
            _log.error(
                "the config was edited and cannot be used; the last good one stays",
                error=first,
                more=len(more),
                revision=self._desk.revision,
            )
            return taken if taken is News.TAKEN else News.REFUSED
        made = self._made(files.texts(found), mark, reading.settings)
        if made is None:
            return self._meanwhile()
        self._mistakes = self._unfit_error = self.note = ""
        if not self._began and made.number > 1:
            changes = "; ".join(made.changes)
            _log.info("the files here are new and in force", revision=made.number, changes=changes)
        return self._take(made, reading.settings)

    def _made(self, texts: dict[str, str], mark: str, settings: Settings) -> Revision | None:
        """Put the files into force as a revision; None when they are no edit any more."""
        desk = self._desk
        now, how = desk.clock(), self._how
        with desk.store.write() as tx:
            configs.hold(tx)
            before = configs.latest(tx)
            newest = (before.number, before.fingerprint) if before else None
            still = files.fingerprint(files.in_folder(desk.site)) == mark
            if not still or configfolder.standing(tx, desk.site, mark, newest) is not Stands.EDITED:
                return None
            made = add(tx, desk, texts, settings, before=before, who=account(), how=how, now=now)
        self._note(made)
        return made

    @property
    def _how(self) -> How:
        return "file" if self._began else "start"

    def _follow(self, mark: str) -> News:
        """Run the newest revision, and bring this folder's files to it."""
        self._mistakes = ""
        news = self._take_newest()
        if self._unfit is None:
            self._write(mark)
        return news

    def _take_newest(self) -> News:
        """Run the newest revision, whatever the files here say."""
        with self._desk.store.read() as tx:
            newest = configs.newest(tx)
            if newest is None or newest[0] in {self._desk.revision, self._unfit}:
                return News.SAME
            latest = configs.latest(tx)
        assert latest is not None
        reading = settings_of(latest, self._desk.env)
        if reading.settings is None:
            self._unfit = latest.number
            self._unfit_error = "\n".join(str(problem) for problem in reading.problems)
            _log.error(
                "the newest config revision cannot be used here; the last good one stays",
                newest=latest.number,
                revision=self._desk.revision,
                error=self._unfit_error.splitlines()[0],
            )
            return News.REFUSED
        self._unfit, self._unfit_error = None, ""
        return self._take(latest, reading.settings)

    def _take(self, revision: Revision, settings: Settings) -> News:
        before, was = self._desk.settings, self._desk.revision
        self._desk = replace(self._desk, settings=settings, revision=revision.number)
        if settings == before:
            return News.SAME
        changes = "; ".join(str(change) for change in compare(before, settings))
        said = (
            "the config was edited and is in force" if self._began else "the config in force is another one"
        )
        _log.info(said, changes=changes, revision=revision.number, was=was, by=revision.who, how=revision.how)
        if before.store != settings.store:
            _log.warning("store.url was edited: it counts when this program is started again, on each host")
        return News.TAKEN

    def _write(self, mark: str) -> None:
        """Bring the folder's files to the newest revision, unless somebody edited them meanwhile."""
        site, store = self._desk.site, self._desk.store
        noted = configfolder.noted(site)
        if noted == configfolder.Note(self._desk.revision or 0, mark) and not self._is_behind(mark):
            self.note = ""
            return
        with store.write() as tx:
            configs.hold(tx)
            latest = configs.latest(tx)
            if latest is None:
                return
            found = files.in_folder(site)
            mark = files.fingerprint(found)
            stands = configfolder.standing(tx, site, mark, (latest.number, latest.fingerprint))
            if stands is Stands.EDITED:
                return
            if files.store_url(found) != files.store_url(files.contents(latest.files)):
                self._leave("they name another store.url, which no host takes from another")
                return
            failed = configfolder.put(site, latest.number, latest.files)
        if failed:
            self._leave(failed)
        else:
            self.note = ""
            if stands is Stands.BEHIND:
                _log.info("wrote the config in force to the files here", revision=latest.number)

    def _is_behind(self, mark: str) -> bool:
        with self._desk.store.read() as tx:
            newest = configs.newest(tx)
        return newest is not None and newest[1] != mark

    def _leave(self, why: str) -> None:
        note = f"the files here are not those of the revision in force and stay as they are: {why}"
        if note != self.note:
            _log.warning(note, revision=self._desk.revision)
        self.note = note

    def _note(self, made: Revision) -> None:
        """Note that the files are a revision now; what keeps this from being noted does no harm."""
        with suppress(OSError), self._desk.store.write() as tx:
            configs.hold(tx)
            newest = configs.newest(tx)
            if newest is not None and newest[0] == made.number:
                configfolder.note(self._desk.site, made.number, made.fingerprint)

    def _say(self) -> None:
        """Tell the store what runs here, when it is something else than before."""
        now = Standing(
            host=host(), revision=self._desk.revision, at=self._desk.clock(), error=self.error, note=self.note
        )
        if self._said is None:
            with self._desk.store.read() as tx:
                self._said = configs.followers(tx).get(self._key)
        if self._said is not None and replace(now, at=self._said.at) == self._said:
            return
        self._said = now
        with self._desk.store.write() as tx:
            configs.hold(tx)
            configs.say(tx, self._key, now)


def up_to_date(desk: Desk) -> Desk:
    """Return the desk with the config in force: files edited here become a revision first."""
    following = Following(desk, stays=False)
    following.look(at_once=True)
    return following.desk


@contextmanager
def kept_up(desk: Desk, taken: Callable[[Desk], None]) -> Iterator[None]:
    """Follow the config for as long as the block runs; for processes without a schedule of their own.

    Args:
        desk: the open site.
        taken: hears of each config that came into force.
    """
    following, stop = Following(desk), Event()

    def look(*, at_once: bool = False) -> None:
        try:
            if following.look(at_once=at_once) is News.TAKEN:
                taken(following.desk)
        except PublisherError as error:
            _log.warning("could not look", work="config", error=str(error))

    def watch() -> None:
        while not stop.wait(LOOK_SECONDS):
            look()

    look(at_once=True)
    thread = Thread(target=watch, name="config", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
