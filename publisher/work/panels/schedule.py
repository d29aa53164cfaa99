"""The schedule as an operator reads it: each job in plain words, its next times, its last run and why."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from publisher.i18n import Words
from publisher.model.job import Firing, Mark
from publisher.schedule import calendar
from publisher.schedule.calendar import in_words
from publisher.schedule.explain import Explanation, Question, explain, latest, spans_of
from publisher.settings.schema import Job, Settings, wording
from publisher.store import Transaction, firings
from publisher.work.desk import Desk
from publisher.work.panels import rules
from publisher.work.panels.rules import Rule

NEXT = 3
LISTED = 60
_LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class JobPanel:
    """One job.

    Attributes:
        name: its name; of a job that was taken out of the schedule too.
        job: as the config has it; None when it names no such job.
        zone: on whose clocks it goes.
        rule: in words; None without a job.
        plain: the same in English, as answers to "why?" say it.
        title: of the digest that it sends; empty for the other tasks.
        time: of day at which it runs, such as ``06:30``; empty where there is no single one.
        coming: its next times (UTC).
        notes: what daylight saving does to some of those.
        last: its last run that ended.
    """

    name: str
    job: Job | None
    zone: ZoneInfo
    rule: Rule | None
    plain: str
    title: str
    time: str
    coming: tuple[datetime, ...]
    notes: tuple[str, ...]
    last: Firing | None


@dataclass(frozen=True, slots=True)
class Run:
    """One run on record, with what a table says of it besides."""

    firing: Firing
    late: str
    took: str


@dataclass(frozen=True, slots=True)
class Move:
    """What an edit makes of a job's rule.

    Attributes:
        name: the job's.
        before, after: its rule; None where it was not, or is no more.
        coming: when it would run next (UTC).
        zone: on whose clocks.
    """

    name: str
    before: Rule | None
    after: Rule | None
    coming: datetime | None
    zone: ZoneInfo


def moves(desk: Desk, new: Settings, words: Words, now: datetime) -> tuple[Move, ...]:
    """Return the jobs whose rule an edit changes, those that it takes out last."""
    old, site = desk.settings.jobs, ZoneInfo(new.site.timezone)
    names = [*new.jobs, *(name for name in old if name not in new.jobs)]
    changed = [name for name in names if old.get(name) != new.jobs.get(name)]
    return tuple(_move(name, old.get(name), new.jobs.get(name), site, words, now) for name in changed)


def jobs(desk: Desk, words: Words, now: datetime) -> tuple[JobPanel, ...]:
    """Return every job of the schedule, in the order in which they run next."""
    with desk.store.read() as tx:
        last = firings.last_of_each(tx)
    every = [_panel(desk, name, words, last.get(name), now) for name in desk.settings.jobs]
    return tuple(sorted(every, key=lambda one: (not one.coming, one.coming[:1], one.name)))


def job(desk: Desk, name: str, words: Words, now: datetime) -> JobPanel | None:
    """Return one job; None when neither the config nor the ledger knows it."""
    with desk.store.read() as tx:
        if name not in desk.settings.jobs and name not in firings.marks(tx):
            return None
        last = firings.last_of_each(tx).get(name)
    return _panel(desk, name, words, last, now)


def history(desk: Desk, panel: JobPanel, now: datetime) -> tuple[Run, ...]:
    """Return the last runs on record, latest first."""
    with desk.store.read() as tx:
        found = firings.latest(tx, name=panel.name, until=now, limit=LISTED)
    return tuple(_run(one) for one in found)


def why(desk: Desk, panel: JobPanel, when: str, now: datetime) -> list[Explanation]:
    """Return what became, or will become, of a job's runs.

    Args:
        desk: the open site.
        panel: the job.
        when: a day, a minute or a time of today; empty for the last run and the next.
        now: the present.

    Raises:
        ValueError: one sentence about what could be written instead.
    """
    with desk.store.read() as tx:
        places = desk.settings.places
        question = Question(panel.name, panel.job, panel.zone, _mark(tx, panel.name), now, places)
        return explain(tx, question, spans_of(when, panel.zone, now)) if when else latest(tx, question)


def _mark(tx: Transaction, name: str) -> Mark | None:
    return firings.marks(tx).get(name)


def _panel(desk: Desk, name: str, words: Words, last: Firing | None, now: datetime) -> JobPanel:
    found = desk.settings.jobs.get(name)
    zone = calendar.zone_of(found, desk.zone) if found else desk.zone
    coming = tuple(islice(calendar.times(found, zone, now), NEXT)) if found else ()
    notes = (calendar.clock_change(found, zone, due) for due in coming) if found else ()
    return JobPanel(
        name=name,
        job=found,
        zone=zone,
        rule=rules.in_words(found, zone, words) if found else None,
        plain=calendar.rule(found, zone) if found else "",
        title=_title(desk, found, words) if found else "",
        time=rules.time_of_day(found) if found else "",
        coming=coming,
        notes=tuple(filter(None, notes)),
        last=last,
    )


def _move(
    name: str, before: Job | None, after: Job | None, site: ZoneInfo, words: Words, now: datetime
) -> Move:
    said = [
        rules.in_words(one, calendar.zone_of(one, site), words) if one else None for one in (before, after)
    ]
    zone = calendar.zone_of(after, site) if after else site
    coming = calendar.next_time(after, zone, now) if after else None
    return Move(name, said[0], said[1], coming, zone)


def _title(desk: Desk, found: Job, words: Words) -> str:
    digest = desk.settings.digests.get(found.run.partition(" ")[2])
    return wording(digest.title, words.language) if digest else ""


def _run(one: Firing) -> Run:
    late = one.started - one.due if one.started else timedelta()
    took = one.ended - one.started if one.started and one.ended else None
    return Run(one, in_words(late) if late >= _LATE else "", in_words(took) if took is not None else "")
