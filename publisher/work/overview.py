"""How the site stands, gathered from the store in one consistent look."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from publisher.delivery.limits import held
from publisher.model.delivery import State
from publisher.model.edition import Issue
from publisher.model.hold import Hold
from publisher.model.job import Firing, Outcome
from publisher.model.plural import number_of
from publisher.model.signup import LIFE
from publisher.schedule import calendar
from publisher.settings.labels import where_to_map
from publisher.store import articles, deliveries, editions, feedfiles, firings, holds, signups
from publisher.work import configs, queue
from publisher.work.configs import ConfigState
from publisher.work.desk import Desk

_EDITIONS = 5
_UNSENT = 5
"""So many reasons are named why mails that ask to confirm did not go."""
_BAD = (State.FAILED, State.UNCERTAIN, State.BOUNCED, State.COMPLAINED)


@dataclass(frozen=True, slots=True)
class JobLine:
    """One job: its last run and its next (UTC); None for never."""

    name: str
    run: str
    rule: str
    enabled: bool
    last: Firing | None
    next_due: datetime | None


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One slot that was dealt with, its ledger, and who holds it."""

    issue: Issue
    counts: Mapping[State, int]
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """One look at the site.

    Attributes:
        place: where the store is.
        articles: live articles per section key; None counts those without one.
        feeds: number of published feed documents.
        newest_feed: Last-Modified of the one that changed last.
        jobs: in the order of the schedule.
        editions: the latest slots.
        waiting: deliveries still to be sent.
        problems: one line each, worst first.
        config: which revision of the config is in force, and what each host makes of it.
        shared: who shares the work and what waits for them; None on SQLite, where nothing is shared.
    """

    place: str
    articles: Mapping[str | None, int]
    feeds: int
    newest_feed: datetime | None
    jobs: tuple[JobLine, ...]
    editions: tuple[EditionLine, ...]
    waiting: int
    problems: tuple[str, ...]
    config: ConfigState
    shared: queue.Standing | None = None


def overview(desk: Desk, now: datetime) -> Overview:
    """Return how the site stands; writes nothing."""
    with desk.store.read() as tx:
        files = feedfiles.files_below(tx, "feeds/")
        lines = tuple(
            EditionLine(one, deliveries.counts(tx, one.id), holds.get(tx, one.digest, one.slot))
            for one in editions.listed(tx, limit=_EDITIONS)
        )
        last = firings.last_of_each(tx)
        barred = held(tx, now)
        labels = articles.unplaced_labels(tx)
        troubled = [(key, row.problems) for key, row in feedfiles.feeds(tx).items() if row.problems]
        counted, (waiting, _) = articles.counts(tx), deliveries.waiting(tx)
        shared = queue.standing(tx)
        unsent = signups.unsent(tx, since=now - LIFE)
    config = configs.state(desk)
    jobs = tuple(_job(desk, name, last.get(name), now) for name in desk.settings.jobs)
    problems = [
        *([f"an edit of the config is refused: {config.error}"] if config.error else []),
        *([config.note] if config.note and not config.error else []),
        *_shared_problems(shared),
        *(f"config on {one.host}: {one.note}" for one in config.followers if one.note),
        *(f"job {one.name}: {_run(one.last)}" for one in jobs if one.last and _bad(one.last)),
        *(problem for line in lines for problem in _edition_problems(line)),
        *(one.sentence for one in barred),
        *(
            f"{number_of(count, 'confirmation mail')} {state}: {reason}"
            for state, reason, count in unsent[:_UNSENT]
        ),
        *(f"feed {key}: {problem}" for key, found in troubled for problem in found),
        *(
            f"{number_of(count, 'article')} with label {label!r} in no section; "
            f"{where_to_map(label, desk.settings.sections)}"
            for label, count in labels.items()
        ),
    ]
    return Overview(
        place=desk.store.place,
        articles=counted,
        feeds=len(files),
        newest_feed=max((one.modified for one in files.values()), default=None),
        jobs=jobs,
        editions=lines,
        waiting=waiting,
        problems=tuple(problems),
        config=config,
        shared=shared,
    )


def _job(desk: Desk, name: str, last: Firing | None, now: datetime) -> JobLine:
    job = desk.settings.jobs[name]
    zone = calendar.zone_of(job, desk.zone)
    return JobLine(
        name=name,
        run=job.run,
        rule=calendar.rule(job, zone),
        enabled=job.enabled,
        last=last,
        next_due=calendar.next_time(job, zone, now),
    )


def _shared_problems(shared: queue.Standing | None) -> list[str]:
    if shared is None or shared.hosts or not shared.waiting:
        return []
    jobs = sum(shared.waiting.values())
    return [f"{number_of(jobs, 'job')} waiting and nobody at work; start: publisher run"]


def _bad(firing: Firing) -> bool:
    return firing.outcome in {Outcome.FAILED, Outcome.PROBLEMS}


def _run(firing: Firing) -> str:
    return f"run of {firing.due:%Y-%m-%d %H:%M} UTC {firing.outcome}: {firing.reason}"


def _edition_problems(line: EditionLine) -> list[str]:
    bad = [f"{line.counts[state]} {state}" for state in _BAD if line.counts.get(state)]
    if not bad:
        return []
    one = line.issue
    name = f"{one.digest} {one.slot}"
    return [f"edition {name}: {', '.join(bad)}; see: publisher deliveries {name}"]
