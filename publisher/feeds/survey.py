"""What a run of publish reads before it writes: which feeds are due, and what each of them holds now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.feeds.agenda import Errand, errands
from publisher.feeds.files import State
from publisher.feeds.press import Current, Press
from publisher.feeds.prints import Prints
from publisher.model.feed import FORMATS, FeedPlan, Move
from publisher.store import Transaction, feedentries, feedfiles
from publisher.store.feedfiles import ArchiveRow, FeedRow, FileRow

Step = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""
MANY_CHANGES = 20_000
"""After more changes than this everything is looked at, instead of each change."""


@dataclass(frozen=True, slots=True)
class Job:
    """A feed to write.

    Attributes:
        errand: what is known to have changed.
        current: what its current documents hold.
        last: its newest archive document.
        cuts: those to cut off now.
        due: archive documents to look at, where none is cut.
    """

    errand: Errand
    current: Current
    last: ArchiveRow | None
    cuts: Sequence[ArchiveRow]
    due: Sequence[ArchiveRow]

    @property
    def plan(self) -> FeedPlan:
        """Which feed."""
        return self.errand.plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a run reads before it writes.

    Attributes:
        version: of the record, read before all the rest: what another host changes later has another.
        known: feed key -> its row.
        on_record: path -> record of the current documents.
        jobs: the feeds to write.
        due: when something has to change although no article does.
    """

    version: int
    known: dict[str, FeedRow]
    on_record: dict[str, FileRow]
    jobs: list[Job]
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Survey:
    """Finds what there is to do.

    Attributes:
        prints: fingerprints of the config.
        press: chooses what the documents of a feed hold.
        progress: told which feed is being looked at.
    """

    prints: Prints
    press: Press
    progress: Step

    def found(self, tx: Transaction, state: State, newest: int, missing: Sequence[str]) -> Found:
        """Look.

        Args:
            tx: the transaction.
            state: what this host's folder holds.
            newest: up to which change of articles to look.
            missing: documents that are not there as they were written.
        """
        version = feedfiles.version(tx)
        due = self._errands(tx, state, newest, missing)
        known = feedfiles.feeds(tx)
        return Found(
            version=version,
            known=known,
            on_record=feedfiles.files(tx, [path for errand in due for path in paths_of(errand.plan)]),
            jobs=list(self._jobs(tx, due, known, state.archives)),
            due=self._next_moment(tx),
        )

    def _errands(self, tx: Transaction, state: State, newest: int, missing: Sequence[str]) -> list[Errand]:
        moves = self._moves(tx, state, newest)
        plans, titles = self.prints.plans, self.prints.titles
        retitled = {key for key, words in state.titles.items() if titles.get(key) != words}
        built = {
            plan.key: state.prints[plan.key]
            for plan in plans
            if moves is not None
            and plan.key in state.prints
            and retitled.isdisjoint(plan.sections or retitled)
        }
        return errands(plans, prints=self.prints.by_feed, built=built, moves=moves or (), missing=missing)

    def _moves(self, tx: Transaction, state: State, newest: int) -> list[Move] | None:
        """Return what changed since the last run; None when that is too much to look at one by one."""
        if not state.as_of or newest - state.change > MANY_CHANGES:
            return None
        since, span = datetime.fromisoformat(state.as_of), self.press.settings.feeds.tombstones
        return [
            *feedentries.moves_since(tx, state.change, newest),
            *feedentries.come_due(tx, since, self.press.now),
            *feedentries.over_between(tx, since - span, self.press.now - span),
        ]

    def _jobs(
        self,
        tx: Transaction,
        due: Sequence[Errand],
        known: Mapping[str, FeedRow],
        complete: Mapping[str, int],
    ) -> Iterator[Job]:
        """Yield what is to be written of each feed.

        Args:
            tx: the transaction.
            due: which feeds.
            known: the feeds on record.
            complete: feed key -> how many archive documents are there.
        """
        archives = self.press.settings.feeds.archives
        newest = feedfiles.newest_archives(tx, [errand.plan.key for errand in due]) if archives else {}
        for done, errand in enumerate(due):
            plan = errand.plan
            self.progress(plan.title, done, len(due))
            current, last = self.press.current(tx, plan, known.get(plan.key)), newest.get(plan.key)
            cuts = self.press.due_cuts(tx, current, last) if archives else []
            rows = due_archives(tx, errand, complete.get(plan.key, 0), last) if last and not cuts else []
            yield Job(errand, current, last, cuts, rows)

    def _next_moment(self, tx: Transaction) -> datetime | None:
        """Return when something has to change although no article does."""
        span = self.press.settings.feeds.tombstones
        ahead = feedentries.next_date(tx, self.press.now)
        over = feedentries.first_over(tx, self.press.now - span)
        return min((moment for moment in (ahead, over and over + span) if moment), default=None)


def paths_of(plan: FeedPlan) -> list[str]:
    """Return the current documents of a feed."""
    return [*(plan.path(form) for form in FORMATS), f"{plan.page}index.html"]


def due_archives(tx: Transaction, errand: Errand, complete: int, last: ArchiveRow) -> list[ArchiveRow]:
    """Return the archive documents to look at, oldest first.

    Args:
        tx: the transaction.
        errand: what is known to have changed.
        complete: how many documents this host's folder holds, the last of them without a next-archive.
        last: the newest there is.
    """
    key = errand.plan.key
    due = feedfiles.archives_around(
        tx, key, [one for one in errand.places if one <= (last.date, last.number)]
    )
    if errand.whole or errand.missing:
        every = feedfiles.archives(tx, key)
        due |= {one.position: one for one in every if errand.whole or one.name in errand.missing}
    if last.position > complete:
        due |= {one.position: one for one in feedfiles.archives(tx, key, since=max(complete, 1))}
    return [due[position] for position in sorted(due)]
