"""The revisions of the config: which is in force, how it came, and putting another into force by hand."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from publisher import owner
from publisher.errors import UsageError
from publisher.model.action import Action
from publisher.model.revision import Follower, How, Revision
from publisher.settings import files as written
from publisher.settings.compare import compare
from publisher.settings.load import Reading, read_files
from publisher.settings.places import CALENDAR_FILE, SCHEDULE_FILE, SITE_FILE, Place
from publisher.settings.problems import Problem, problem_at
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, actions, configs
from publisher.work import configfolder
from publisher.work.configfolder import Standing
from publisher.work.desk import Desk
from publisher.work.effects import Effect, effects

__all__ = [
    "ConfigState",
    "Effect",
    "account",
    "changes_between",
    "edited",
    "effects",
    "history",
    "in_force",
    "revision",
    "rollback",
    "save",
    "settings_of",
    "state",
]


_FORGOTTEN = timedelta(days=7)
"""After this a host that could not use a revision is taken for one that is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigState:
    """How the config stands, for status, console and metrics.

    Attributes:
        revision: number of the one in force; None before any process ran.
        since: when it came into force (UTC).
        who, how: brought it.
        error: why an edit, or the newest revision, is refused somewhere, one line each; empty while all is
            well. What was in force before goes on.
        error_since: when that was found (UTC); None where no process has said so yet.
        note: how the files of this folder differ from the revision; empty while they do not.
        followers: what each host runs, as its processes said last.
    """

    revision: int | None = None
    since: datetime | None = None
    who: str = ""
    how: How | None = None
    error: str = ""
    error_since: datetime | None = None
    note: str = ""
    followers: tuple[Follower, ...] = ()


def state(desk: Desk) -> ConfigState:
    """Return how the config stands; writes nothing."""
    found = written.in_folder(desk.site)
    with desk.store.read() as tx:
        latest, followers = configs.latest(tx), configs.followers(tx)
        stands = _standing(tx, desk.site, found, latest)
    mine = followers.get(folder_key(desk.site))
    error, note = _here(desk, found, stands, latest)
    troubled = [one for one in (mine, *followers.values()) if one and one.error]
    if (
        not error
        and mine
        and mine.error
        and stands is not Standing.EDITED
        and mine.revision != _number(latest)
    ):
        error = mine.error
    others = [f"{one.host}: {one.error}" for one in followers.values() if one is not mine and one.error]
    told = "\n".join([*([error] if error else []), *others])
    return ConfigState(
        revision=_number(latest),
        since=latest.at if latest else None,
        who=latest.who if latest else "",
        how=latest.how if latest else None,
        error=told,
        error_since=min((one.at for one in troubled), default=None) if told else None,
        note=note,
        followers=tuple(followers.values()),
    )


def history(desk: Desk, *, limit: int = 50, before: int | None = None) -> list[Revision]:
    """Return the latest revisions, newest first; only those below a number when one is given."""
    with desk.store.read() as tx:
        return configs.listed(tx, limit=limit, before=before)


def revision(desk: Desk, number: int) -> Revision:
    """Return a revision.

    Raises:
        UsageError: there is none of that number.
    """
    with desk.store.read() as tx:
        found, newest = configs.get(tx, number), configs.newest(tx)
    if found is None:
        known = f"there are 1 to {newest[0]}" if newest else "no publisher run has made any yet"
        raise UsageError(f"there is no config revision {number}; {known}")
    return found


def settings_of(revision: Revision, env: Mapping[str, str]) -> Reading:
    """Return what a revision says to this program on this host."""
    return read_files(written.contents(revision.files), env)


def edited(
    desk: Desk, *, site: str | None = None, schedule: str | None = None, calendar: str | None = None
) -> Reading:
    """Return what the config in force would say with other texts in place of some of its files."""
    with desk.store.read() as tx:
        latest = configs.latest(tx)
    return read_files(written.contents(_with(desk, latest, site, schedule, calendar)), desk.env)


def save(
    desk: Desk,
    *,
    site: str | None = None,
    schedule: str | None = None,
    calendar: str | None = None,
    who: str,
    how: How = "console",
    why: str = "",
    base: int | None = None,
) -> Revision | tuple[Problem, ...]:
    """Put an edited config into force everywhere, and write it to this folder's files.

    Args:
        desk: the open site.
        site, schedule, calendar: text of each file; None leaves it as it is in force.
        who: did it: an account, or the role at the console.
        how: it came.
        why: one line more for the log of who did what.
        base: number of the revision that was edited; when another came since, nothing is saved.

    Returns:
        The new revision, or the one in force when these are its very files; the problems when the texts
        cannot be used, and then nothing has changed.

    Raises:
        UsageError: another revision came into force meanwhile.
    """
    with desk.store.read() as tx:
        latest = configs.latest(tx)
    wanted = _with(desk, latest, site, schedule, calendar)
    reading = read_files(written.contents(wanted), desk.env)
    if reading.settings is None:
        return reading.problems
    whole = None not in {site, schedule, calendar}
    edited_one, now = base or (None if whole else _number(latest)), desk.clock()
    with desk.store.write() as tx:
        configs.hold(tx)
        before = configs.latest(tx)
        if edited_one is not None and before is not None and before.number != edited_one:
            raise UsageError(
                f"the config was changed meanwhile: revision {before.number} by {before.who} is in force; "
                "look at it, and edit again"
            )
        if moved := _moves_store(desk, wanted, before):
            return (moved,)
        made = add(tx, desk, wanted, reading.settings, before=before, who=who, how=how, why=why, now=now)
    take_over(desk, made, now)
    return made


def rollback(desk: Desk, number: int, *, who: str, why: str = "") -> Revision | tuple[Problem, ...]:
    """Put an old revision's files into force again, as a new revision.

    Returns:
        As :func:`save`; problems when what was valid then is not today.

    Raises:
        UsageError: there is no revision of that number.
    """
    old = revision(desk, number)
    return save(
        desk,
        site=old.files[SITE_FILE],
        schedule=old.files[SCHEDULE_FILE],
        calendar=old.files.get(CALENDAR_FILE, ""),
        who=who,
        how="rollback",
        why=f"to revision {number}{f': {why}' if why else ''}",
    )


def changes_between(before: Settings | None, after: Settings) -> tuple[str, ...]:
    """Return in words what changed from one config to the next."""
    return tuple(str(change) for change in compare(before, after)) if before else ()


def in_force(
    site: Path, store: Store, env: Mapping[str, str], said: Settings | None
) -> tuple[Settings | None, int | None]:
    """Return the settings that count for a command on this host, and the revision that they are.

    Files that nobody edited here since they agreed with a revision give way to the revision in force; files
    that were edited count for the command as they are, unless they cannot be used.

    Args:
        site: the site's folder.
        store: open.
        env: the environment.
        said: what the files say; None when they cannot be used.

    Returns:
        None twice when neither the files nor the store have anything that can be used.
    """
    found = written.in_folder(site)
    with store.read() as tx:
        latest = configs.latest(tx)
        stands = _standing(tx, site, found, latest)
    if stands is Standing.SAME and said is not None:
        return said, _number(latest)
    if latest is None or (stands is Standing.EDITED and said is not None):
        return said, None
    settings = settings_of(latest, env).settings
    return (settings, latest.number) if settings else (said, None)


def add(
    tx: Transaction,
    desk: Desk,
    wanted: Mapping[str, str],
    settings: Settings,
    *,
    before: Revision | None,
    who: str,
    how: How,
    now: datetime,
    why: str = "",
) -> Revision:
    """Make a revision of valid files, under the config's lock; return the one in force when they are its."""
    mark = written.fingerprint(written.contents(wanted))
    if before is not None and before.fingerprint == mark:
        return before
    old = settings_of(before, desk.env).settings if before else None
    made = Revision(
        number=before.number + 1 if before else 1,
        fingerprint=mark,
        at=now,
        who=who,
        how=how,
        files=dict(wanted),
        changes=changes_between(old, settings),
    )
    configs.add(tx, made)
    configs.forget(tx, [key for key, one in configs.followers(tx).items() if _is_gone(one, before, now)])
    detail = why or (", ".join(change.path for change in compare(old, settings)) if old else "the first one")
    what = "config rolled back" if how == "rollback" else "config edited"
    actions.record(tx, Action(now, who, what, f"config revision {made.number}", detail[:500]))
    return made


def take_over(desk: Desk, made: Revision, now: datetime) -> str:
    """Write a revision's files to this folder although somebody may be editing them; keep what was there.

    Returns:
        Why they cannot be written; empty when they are.
    """
    found = written.in_folder(desk.site)
    mark = written.fingerprint(found)
    with desk.store.write() as tx:
        configs.hold(tx)
        if mark != made.fingerprint and configs.known(tx, mark) is None:
            configfolder.keep(desk.site, now)
        return configfolder.put(desk.site, made.number, made.files)


def _is_gone(one: Follower, before: Revision | None, now: datetime) -> bool:
    """Return whether a host is not heard of any more: it did not follow the last revision, nor complain."""
    return one.revision != _number(before) and (not one.error or now - one.at > _FORGOTTEN)


def account() -> str:
    """Return who works here: the account and the host."""
    return f"{owner.account()} on {host()}"


def host() -> str:
    """Return this host's name."""
    return platform.node() or "localhost"


def folder_key(site: Path) -> str:
    """Return under which key the processes of a folder on this host speak."""
    return sha256(f"{host()}:{site.resolve()}".encode()).hexdigest()[:16]


def _with(
    desk: Desk, latest: Revision | None, site: str | None, schedule: str | None, calendar: str | None
) -> dict[str, str]:
    """Return the files in force, or those of the folder where none are, with other texts in their place."""
    found = dict(latest.files) if latest else _readable(written.in_folder(desk.site))
    for name, text in ((SITE_FILE, site), (SCHEDULE_FILE, schedule), (CALENDAR_FILE, calendar)):
        if text is not None:
            found[name] = _line_ends_like(found.get(name, ""), text)
    if not found.get(CALENDAR_FILE, "x"):
        del found[CALENDAR_FILE]
    return found


def _readable(found: written.Files) -> dict[str, str]:
    return {name: content.decode("utf-8", "replace") for name, content in found.items()}


def _line_ends_like(old: str, text: str) -> str:
    """Return the text with the line ends of the old one: browsers send Windows' whatever they were given."""
    return text if "\r\n" in old else text.replace("\r\n", "\n")


def _moves_store(desk: Desk, wanted: Mapping[str, str], before: Revision | None) -> Problem | None:
    """Return that the store cannot be moved from inside of it."""
    old = written.contents(before.files) if before else written.in_folder(desk.site)
    said, now = written.store_url(written.contents(wanted)), written.store_url(old)
    if said == now:
        return None
    reading = read_files(written.contents(wanted), {}).settings
    place = reading.places.find("store.url") if reading else None
    return problem_at(
        place or Place(SITE_FILE, 1, 1),
        "store.url",
        f"the store cannot be moved from here: it is {now}",
        "edit config/site.yaml on each host, and start publisher run again",
    )


def _standing(tx: Transaction, site: Path, found: written.Files, latest: Revision | None) -> Standing:
    newest = (latest.number, latest.fingerprint) if latest else None
    return configfolder.standing(tx, site, written.fingerprint(found), newest)


def _here(desk: Desk, found: written.Files, stands: Standing, latest: Revision | None) -> tuple[str, str]:
    """Return what is wrong with this folder's files, and how they differ from the revision in force."""
    if stands is Standing.SAME or (latest is None and desk.revision is None):
        reading = None if stands is Standing.SAME else read_files(found, desk.env)
        return (_errors(reading), "") if reading else ("", "")
    number = _number(latest)
    if stands is Standing.BEHIND:
        return "", f"the files here are older than revision {number}, which is in force"
    reading = read_files(found, desk.env)
    if reading.settings is None:
        return _errors(reading), f"the edited files here cannot be used; revision {number} stays in force"
    return "", f"the files here were edited and are not in force yet; revision {number} is"


def _errors(reading: Reading) -> str:
    return "\n".join(str(problem) for problem in reading.problems)


def _number(latest: Revision | None) -> int | None:
    return latest.number if latest else None
