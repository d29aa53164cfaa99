"""The day at a glance: every run of it, what goes out, what comes next, and what wants a look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from publisher.model.delivery import State
from publisher.model.edition import Issue
from publisher.model.hold import Hold
from publisher.model.job import Firing, Mark, Outcome, kind
from publisher.model.revision import Revision
from publisher.schedule import calendar
from publisher.settings.schema import Job
from publisher.store import (
    Transaction,
    articles,
    configs,
    deliveries,
    editions,
    feedfiles,
    firings,
    holds,
)
from publisher.work import signin
from publisher.work.configs import state
from publisher.work.desk import Desk
from publisher.work.panels import letters
from publisher.work.panels.days import day_of_site, midnight
from publisher.work.panels.letters import Coming

UNSEEN = timedelta(seconds=60)
"""A run that is due and on nobody's record for so long shows that no scheduler is at work."""
_MOST_A_JOB = 1500
_NEXT_DAY = timedelta(hours=36)
_RECENT, _MOST_RECENT = timedelta(days=1), 24

Kind = Literal["config", "asleep", "run", "edition", "paused", "guessing", "feed", "label"]


@dataclass(frozen=True, slots=True)
class Tick:
    """One run of the day: ``outcome`` None lies ahead."""

    due: datetime
    outcome: Outcome | None


@dataclass(frozen=True, slots=True)
class Row:
    """One job's day.

    Attributes:
        name: of the job.
        job: as the config has it; None when it names no such job any more.
        ticks: in order.
        counts: of the runs on record, by outcome; those ahead under None.
        coming: when it runs next (UTC), also on a later day.
    """

    name: str
    job: Job | None
    ticks: tuple[Tick, ...]
    counts: Mapping[Outcome | None, int]
    coming: datetime | None


@dataclass(frozen=True, slots=True)
class Letter:
    """An edition of the day: on record, with its ledger."""

    issue: Issue
    title: str
    hold: Hold | None
    counts: Mapping[State, int]

    @property
    def stage(self) -> letters.Stage:
        """Where it stands, in one word."""
        return letters.stage_of(self.issue, self.hold, self.counts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that wants a look.

    Attributes:
        kind: which sentence says it.
        name: of the job, feed or label.
        moment: since when, or which run (UTC).
        digest, slot: of an edition.
        title: of its digest.
        count: how many articles, or refused passwords.
        counts: deliveries of an edition that ended badly, by state.
        detail: what was recorded, in English; may be empty.
    """

    kind: Kind
    name: str = ""
    moment: datetime | None = None
    digest: str = ""
    slot: str = ""
    title: str = ""
    count: int = 0
    counts: Mapping[State, int] = field(default_factory=dict)
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """The day.

    Attributes:
        begins, ends: midnights of the newsroom's clocks (UTC).
        rows: letters' jobs first, then the others, in the order of the schedule.
        letters: editions of this day that are on record, latest first.
        coming: editions that are planned, soonest first.
        problems: worst first.
        waiting: deliveries still to be sent, of all editions.
        revision: the config in force; None where none is on record.
    """

    begins: datetime
    ends: datetime
    rows: tuple[Row, ...]
    letters: tuple[Letter, ...]
    coming: tuple[Coming, ...]
    problems: tuple[Problem, ...]
    waiting: int
    revision: Revision | None

    @property
    def next(self) -> Coming | None:
        """The edition that goes next, held ones left out."""
        return next((one for one in self.coming if one.hold is None), None)


def today(desk: Desk, language: str, now: datetime) -> Today:
    """Return the day as it stands; writes nothing.

    Args:
        desk: the open site.
        language: of the titles.
        now: the present.
    """
    begins = midnight(day_of_site(now, desk.zone), desk.zone)
    ends = midnight(day_of_site(begins + _NEXT_DAY, desk.zone), desk.zone)
    with desk.store.read() as tx:
        marks = firings.marks(tx)
        known = firings.between(tx, begins, ends - timedelta(microseconds=1))
        last = firings.last_of_each(tx)
        recent = [
            _letter(tx, desk, one, language)
            for one in editions.listed(tx, limit=_MOST_RECENT)
            # Counting an edition's deliveries takes a while when there are a million of them.
            if one.due >= begins - _RECENT
        ]
        coming = letters.coming(tx, desk, language, now)
        problems = _problems(tx, desk, marks, last, recent, language, now)
        waiting, _ = deliveries.waiting(tx)
        revision = configs.latest(tx)
    names = sorted(
        {*desk.settings.jobs, *(one.job for one in known)},
        key=lambda name: (not _sends(desk, name, known), _place(desk, name), name),
    )
    return Today(
        begins=begins,
        ends=ends,
        rows=tuple(_row(desk, name, [one for one in known if one.job == name], now, ends) for name in names),
        letters=tuple(one for one in recent if begins <= one.issue.due < ends),
        coming=coming,
        problems=tuple(problems),
        waiting=waiting,
        revision=revision,
    )


def asleep(desk: Desk, marks: Mapping[str, Mark], waiting: Sequence[Firing], now: datetime) -> Problem | None:
    """Return the run that shows that no scheduler is at work; None when nothing shows it.

    Args:
        desk: the open site.
        marks: how far each job is planned.
        waiting: runs that are planned or running.
        now: the present.
    """
    missed = [
        (due, name)
        for name, job in desk.settings.jobs.items()
        if name in marks
        for due in islice(
            calendar.times(job, calendar.zone_of(job, desk.zone), marks[name].planned_to, now - UNSEEN), 1
        )
    ]
    running = any(one.outcome is Outcome.RUNNING and one.lease and one.lease > now for one in waiting)
    if not running:
        missed += [
            (one.due, one.job) for one in waiting if one.outcome is Outcome.PLANNED and now - one.due > UNSEEN
        ]
    if not missed:
        return None
    due, name = min(missed)
    return Problem("asleep", name, due)


def _row(desk: Desk, name: str, known: Sequence[Firing], now: datetime, ends: datetime) -> Row:
    job = desk.settings.jobs.get(name)
    ticks = [Tick(one.due, one.outcome) for one in known]
    coming = None
    if job is not None:
        zone = calendar.zone_of(job, desk.zone)
        ahead = calendar.times(job, zone, now, ends - timedelta(microseconds=1))
        ticks += [Tick(due, None) for due in islice(ahead, _MOST_A_JOB)]
        coming = calendar.next_time(job, zone, now)
    counts: dict[Outcome | None, int] = {}
    for one in ticks:
        counts[one.outcome] = counts.get(one.outcome, 0) + 1
    return Row(name, job, tuple(ticks), counts, coming)


def _letter(tx: Transaction, desk: Desk, issue: Issue, language: str) -> Letter:
    return Letter(
        issue,
        letters.title_of(desk.settings, issue.digest, language),
        holds.get(tx, issue.digest, issue.slot),
        deliveries.counts(tx, issue.id),
    )


def _problems(
    tx: Transaction,
    desk: Desk,
    marks: Mapping[str, Mark],
    last: Mapping[str, Firing],
    recent: Sequence[Letter],
    language: str,
    now: datetime,
) -> list[Problem]:
    found = []
    config = state(desk)
    if config.error:
        found.append(Problem("config", moment=config.error_since or now, detail=config.error))
    sleeping = asleep(desk, marks, firings.unfinished(tx), now)
    if sleeping is not None:
        found.append(sleeping)
    for name in desk.settings.jobs:
        one = last.get(name)
        if one is not None and one.outcome in {Outcome.FAILED, Outcome.PROBLEMS}:
            found.append(Problem("run", name, one.due, detail=one.reason))
    for letter in recent:
        bad = {state: count for state, count in letter.counts.items() if state in letters.BAD}
        if bad:
            issue = letter.issue
            found.append(
                Problem("edition", digest=issue.digest, slot=issue.slot, title=letter.title, counts=bad)
            )
    found += [
        Problem(
            "paused",
            moment=one.at,
            digest=one.digest,
            slot=one.slot,
            title=letters.title_of(desk.settings, one.digest, language),
            detail=one.why,
        )
        for one in holds.listed(tx)
        if one.kind == "paused"
    ]
    refused = signin.refused(tx, now, _RECENT)
    if signin.is_guessing(refused):
        found.append(Problem("guessing", moment=refused[0].last, count=sum(one.count for one in refused)))
    for key, row in feedfiles.feeds(tx).items():
        found += [Problem("feed", key, detail=detail) for detail in row.problems]
    found += [Problem("label", label, count=count) for label, count in articles.unplaced_labels(tx).items()]
    return found


def _sends(desk: Desk, name: str, known: Sequence[Firing]) -> bool:
    job = desk.settings.jobs.get(name)
    runs = [job.run] if job else [one.run for one in known if one.job == name]
    return any(kind(run) == "send" for run in runs)


def _place(desk: Desk, name: str) -> int:
    names = list(desk.settings.jobs)
    return names.index(name) if name in names else len(names)
