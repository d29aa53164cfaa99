"""One run of publish over one site."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from publisher.feeds import files, pages
from publisher.feeds.agenda import parsed
from publisher.feeds.drafts import Drafts
from publisher.feeds.entries import Entries
from publisher.feeds.files import State
from publisher.feeds.ledger import Settled, settle
from publisher.feeds.press import Current, Press, Sheet
from publisher.feeds.prints import Prints, prints
from publisher.feeds.survey import Found, Job, Step, Survey, due_archives, paths_of
from publisher.model.feed import FORMATS, FeedPlan
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, articles, feedentries, feedfiles
from publisher.store.feedfiles import ArchiveRow, FeedRow, FileRow

_BATCH = 40


class Overtaken(Exception):  # noqa: N818 - it is no error: the run starts again
    """Another host published in the meantime."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What became of a run.

    Attributes:
        written: paths below ``public/`` that were written.
        untouched: how many current documents were left as they are.
        removed: paths of documents that are published no more.
        changed: keys of the feeds whose current documents have new bytes: what a hub has to be told.
        problems: what could not be done as it should, one line each.
    """

    written: tuple[str, ...] = ()
    untouched: int = 0
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class Run:
    """Does what there is to do.

    Attributes:
        store, settings, site, now, thorough, progress: as :func:`publisher.feeds.publish.publish` has them.
    """

    store: Store
    settings: Settings
    site: Path
    now: datetime
    thorough: bool
    progress: Step
    _prints: Prints = field(init=False)
    _press: Press = field(init=False)
    _survey: Survey = field(init=False)
    _drafts: Drafts = field(init=False)
    _version: int = -1
    _written: list[str] = field(default_factory=list)
    _changed: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._prints = prints(self.settings, self.site)
        self._press = Press(self.settings, self.now, Entries(self.settings, self.site / "templates"))
        self._survey = Survey(self._prints, self._press, self.progress)
        self._drafts = Drafts(self.public)

    @property
    def public(self) -> Path:
        """What readers may fetch."""
        return self.site / "public"

    def go(self) -> PublishReport:
        """Do it."""
        state = files.read_state(self.site / "var")
        with self.store.read() as tx:
            newest = articles.newest_change(tx)
        if state and self._idle(state, newest):
            return PublishReport(untouched=len(state.files))
        with self._drafts:
            return self._work(state or State(), newest)

    def _idle(self, state: State, newest: int) -> bool:
        return (
            not self.thorough
            and state.change == newest
            and files.stands(self.public, state, self._prints.whole, self.now)
        )

    def _work(self, state: State, newest: int) -> PublishReport:
        plans = self._prints.plans
        reset = state.settings != self._prints.whole
        if reset or self.thorough:
            files.sweep(self.public, ["", "feeds", *(plan.page for plan in plans)])
        if reset:
            self._rename(plans)
        missing = self._missing(state)
        # All is read before anything is written: threads that write would hold up each answer of the store.
        with self.store.read() as tx:
            found = self._survey.found(tx, state, newest, missing)
        self._version = found.version
        counts = self._feeds(found, dict(state.archives), newest)
        self._write([*self._site_sheets()] if reset or missing else [], newest)
        if reset:
            self._forget_manners(plans)
        removed = self._remove(plans) if reset or self.thorough else ()
        settled = self._settled(counts, newest, found.due)
        if settled != replace(state, as_of=settled.as_of) or self._written or removed:
            files.write_state(self.site / "var", settled)
        return self._report(plans, removed)

    def _rename(self, plans: Sequence[FeedPlan]) -> None:
        """Let a feed that was published under another key keep its id and its archives."""
        keys = {plan.key for plan in plans}
        with self.store.read() as tx:
            known = set(feedfiles.feeds(tx))
        for plan in plans:
            old = next((key for key in plan.was if key in known and key not in keys), None)
            if old and plan.key not in known:
                with self.store.write() as tx:
                    feedfiles.lock(tx)
                    feedfiles.rename_feed(tx, old, plan.key)
                known = known - {old} | {plan.key}

    def _missing(self, state: State) -> list[str]:
        """Return the documents that are not there as they were written."""
        moved = any(files.folder_time(self.public, name) != time for name, time in state.folders.items())
        if self.thorough or moved or not state.files:
            with self.store.read() as tx:
                rows = feedfiles.files_below(tx, "")
            return [row.path for row in rows.values() if not self._sound(row)]
        public = self.public
        return [path for path, stat in state.files.items() if files.measure(f"{public}/{path}") != stat]

    def _feeds(self, found: Found, counts: dict[str, int], newest: int) -> dict[str, int]:
        """Write the feeds; return how many archive documents of each are complete then."""
        sheets: list[Sheet] = []
        begun = Settled()
        for job in found.jobs:
            last = self._archives(job, counts, newest)
            for sheet in self._current_sheets(job.current, last.name if last else None):
                sheets.append(sheet)
                begun += self._begin(sheet, found.on_record, newest)
        # The current documents come last: what they link to is there by then.
        self._place(sheets, begun, found, newest)
        return counts

    def _current_sheets(self, current: Current, older: str | None) -> Iterator[Sheet]:
        self._press.entries.deflate()
        yield from self._press.current_sheets(current, older)
        yield pages.feed_sheet(current, self.settings, self._look())

    def _begin(self, sheet: Sheet, on_record: Mapping[str, FileRow], newest: int) -> Settled:
        """Let a document be written beside its place while others are built, if it is new by the record."""
        begun = settle([sheet], on_record, change=newest, sound=self._sound)
        for output in begun.outputs:
            self._drafts.begin(output)
        return begun

    def _site_sheets(self) -> Iterator[Sheet]:
        return pages.site_sheets(self.settings, self._look())

    def _look(self) -> pages.Look:
        return pages.look(self.site / "templates", self._prints.stamps)

    def _archives(self, job: Job, counts: dict[str, int], newest: int) -> ArchiveRow | None:
        """Cut a feed where it is due, and write the archive documents that are new, changed or missing."""
        plan, last, due = job.plan, job.last, job.due
        complete = counts.pop(plan.key, 0)
        if job.cuts:
            with self.store.write() as tx:
                self._lock(tx)
                if feedfiles.newest_archives(tx, [plan.key]).get(plan.key) != last:
                    raise Overtaken
                feedfiles.add_archives(tx, job.cuts)
            last = job.cuts[-1]
            with self.store.read() as tx:
                due = due_archives(tx, job.errand, complete, last)
        for start in range(0, len(due), _BATCH):
            self.progress(f"{plan.title}: archives", start, len(due))
            self._archive_batch(plan, job.current.row, due[start : start + _BATCH], newest)
        if last:
            counts[plan.key] = last.position
        return last

    def _archive_batch(self, plan: FeedPlan, feed: FeedRow, rows: Sequence[ArchiveRow], newest: int) -> None:
        with self.store.read() as tx:
            made = [self._press.archive_sheets(tx, plan, feed, row) for row in rows]
        moved = [
            replace(row, updated=updated)
            for row, (_, updated) in zip(rows, made, strict=True)
            if updated != row.updated
        ]
        if moved:
            with self.store.write() as tx:
                self._lock(tx)
                feedfiles.move_archives(tx, moved)
        self._write([sheet for sheets, _ in made for sheet in sheets], newest)

    def _write(self, sheets: Sequence[Sheet], newest: int) -> None:
        """Record what is new, then write it."""
        if not sheets:
            return
        with self.store.read() as tx:
            settled = self._settle(tx, sheets, newest)
        if settled.rows:
            with self.store.write() as tx:
                self._lock(tx)
                settled = self._settle(tx, sheets, newest)
                feedfiles.keep_files(tx, settled.rows)
        self._put(settled)

    def _place(self, sheets: Sequence[Sheet], begun: Settled, found: Found, newest: int) -> None:
        """Record the current documents and what the feeds hold now, then put the documents into their places.

        Args:
            sheets: the documents.
            begun: those that are new by the record as it was read.
            found: the record, and the feeds.
            newest: up to which change of articles they were built.
        """
        current = [job.current.row for job in found.jobs]
        rows = [row for row in current if row != found.known.get(row.key)]
        if not (rows or begun.rows or self._press.entries.fresh):
            self._put(begun)
            return
        with self.store.write() as tx:
            there = found.known
            if not self._lock(tx):
                begun, there = self._settle(tx, sheets, newest), feedfiles.feeds(tx)
            feedfiles.keep_files(tx, begun.rows)
            self._keep(tx, rows, found.known, there)
        self._put(begun)

    def _put(self, settled: Settled) -> None:
        self._drafts.place(settled.outputs)
        self._written += [output.path for output in settled.outputs]
        keys = (parsed(row.path) for row in settled.rows if not row.path.endswith(".html"))
        self._changed |= dict.fromkeys(key for key, archive in keys if key and archive is None)

    def _lock(self, tx: Transaction) -> bool:
        """Lock the record; return whether none but this run changed it since this run read it."""
        version = feedfiles.lock(tx)
        alone = version == self._version + 1
        self._version = version if alone else -1
        return alone

    def _settle(self, tx: Transaction, sheets: Sequence[Sheet], newest: int) -> Settled:
        on_record = feedfiles.files(tx, [sheet.path for sheet in sheets])
        return settle(sheets, on_record, change=newest, sound=self._sound)

    def _sound(self, row: FileRow) -> bool:
        return files.sound(self.public, row.path, row.size, row.modified)

    def _keep(
        self,
        tx: Transaction,
        rows: Sequence[FeedRow],
        known: Mapping[str, FeedRow],
        there: Mapping[str, FeedRow],
    ) -> None:
        """Keep what the feeds hold now and the entries in it; drop entries that no feed holds any more.

        Args:
            tx: the transaction.
            rows: what is new of the feeds.
            known: the feeds as they were when this run began.
            there: the feeds on record.
        """
        if any(there.get(row.key) != known.get(row.key) for row in rows):
            raise Overtaken
        feedfiles.keep_feeds(tx, rows)
        self._press.entries.store(tx)
        left = {number for row in rows if row.key in there for number in there[row.key].members}
        now = {**there, **{row.key: row for row in rows}}
        feedentries.drop(tx, sorted(left.difference(*(row.members for row in now.values()))))

    def _forget_manners(self, plans: Sequence[FeedPlan]) -> None:
        """Drop the entries that were written as the config said before."""
        manners = sorted({self._press.entries.manner(plan)[1] for plan in plans})
        with self.store.write() as tx:
            feedentries.drop_other_manners(tx, manners)

    def _remove(self, plans: Sequence[FeedPlan]) -> tuple[str, ...]:
        """Remove the documents of feeds that are published no more."""
        keys = {plan.key for plan in plans}
        site = set(pages.site_paths(self.settings))
        with self.store.read() as tx:
            paths = list(feedfiles.files_below(tx, ""))
        gone = [path for path in paths if not self._wanted(path, keys, site)]
        if gone:
            files.remove(self.public, gone)
            with self.store.write() as tx:
                feedfiles.lock(tx)
                feedfiles.forget_files(tx, gone)
        return tuple(gone)

    def _wanted(self, path: str, keys: set[str], site: set[str]) -> bool:
        key, archive = parsed(path)
        return path in site or (key in keys and (archive is None or self.settings.feeds.archives))

    def _settled(self, counts: dict[str, int], newest: int, due: datetime | None) -> State:
        """Return what the folder holds now."""
        plans, prints = self._prints.plans, self._prints.by_feed
        paths = [path for plan in plans for path in paths_of(plan)] + pages.site_paths(self.settings)
        public = self.public
        stats = {path: files.measure(f"{public}/{path}") for path in paths}
        folders = ["feeds", *(plan.page for plan in plans)]
        return State(
            settings=self._prints.whole,
            change=newest,
            as_of=self.now.isoformat(),
            due=due.isoformat() if due else "",
            prints=prints,
            titles=self._prints.titles,
            archives={key: count for key, count in counts.items() if key in prints},
            files={path: stat for path, stat in stats.items() if stat},
            folders={name: files.folder_time(public, name) for name in folders},
        )

    def _report(self, plans: Sequence[FeedPlan], removed: tuple[str, ...]) -> PublishReport:
        everything = len(plans) * (len(FORMATS) + 1) + len(pages.site_paths(self.settings))
        current = [path for path in self._written if parsed(path)[1] is None]
        return PublishReport(
            written=tuple(self._written),
            untouched=everything - len(current),
            removed=removed,
            changed=tuple(self._changed),
            problems=tuple(self._press.notes),
        )
