"""What was due while nobody looked, and which of it is still to happen: pure rules."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from publisher.model import wall
from publisher.model.job import Firing, Mark, Outcome, kind
from publisher.schedule import calendar
from publisher.settings.days import moment_text
from publisher.settings.schema import Job

GRACE = timedelta(seconds=60)
"""A run that begins within this is not late enough for `catch_up: none` to drop it."""
_OFF = "off"
"""Under this a kept rule has the days that it leaves out by names of the calendar, spelt out."""
MOST = 1000
"""A job's missed runs are recorded one by one up to this many; older ones stand in one row together."""


def rule_of(job: Job, zone: ZoneInfo) -> dict[str, Any]:
    """Return the job in the schedule's own keys, its zone named, as it is kept in the store."""
    found = {
        "run": job.run,
        "cron": job.cron,
        "every": _span(job.every),
        "at": [moment_text(shown) for shown in job.at] if job.at else None,
        "timezone": zone.key,
        "catch_up": job.catch_up,
        "max_age": _span(job.max_age),
        "enabled": job.enabled,
        "except": [str(one) for one in job.off if not one.name],
        _OFF: [[one.name, one.title, str(one)] for one in job.off if one.name] or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def job_of(rule: Mapping[str, Any] | None) -> Job | None:
    """Return the job that was kept; None when there is none, or this version cannot read it."""
    if rule is None:
        return None
    plain = {key: value for key, value in rule.items() if key != _OFF}
    try:
        job = Job.model_validate(plain)
        named = Job.model_validate(plain | {"except": [days for _, _, days in rule.get(_OFF, ())]})
    except ValueError:
        return None
    entries = zip(rule.get(_OFF, ()), named.excepted, strict=True)
    return job.with_off((*job.excepted, *(replace(days, name=one[0], title=one[1]) for one, days in entries)))


def max_age_of(job: Job) -> timedelta:
    """Return how late a run of the job may still begin."""
    return job.max_age or timedelta(hours=6 if kind(job.run) == "send" else 24)


def too_late(job: Job, zone: ZoneInfo, dues: Sequence[datetime], now: datetime) -> dict[datetime, str]:
    """Return which of a job's waiting runs must not happen any more, each with the reason.

    Args:
        job: whose catch_up and max_age count.
        zone: in which the reason names times.
        dues: of its runs that wait (UTC).
        now: the present.
    """
    found: dict[datetime, str] = {}
    for due in dues:
        late = now - due
        said = f"missed by {calendar.span_words(_rounded(late))}"
        if late > max_age_of(job):
            found[due] = f"{said}, more than its max_age of {calendar.span_words(max_age_of(job))}"
        elif job.catch_up == "latest" and due != max(dues):
            found[due] = (
                f"{said}; the later run of {_shown(max(dues), zone)} stands for it (catch_up: latest)"
            )
        elif job.catch_up == "none" and late > GRACE:
            found[due] = f"{said}, and its catch_up is none"
    return found


def missed(mark: Mark, job: Job, site: ZoneInfo, now: datetime) -> Iterator[Firing]:
    """Yield the runs of a job that were due since its mark, as they go on record, earliest first.

    Args:
        mark: how far it is planned.
        job: the rule in force since then.
        site: the site's zone.
        now: the present.
    """
    zone = calendar.zone_of(job, site)
    first = next(calendar.times(job, zone, mark.planned_to, now), None)
    if first is None:
        return
    newest = _newest(lambda after: calendar.times(job, zone, after, now), mark.planned_to, now)
    if newest[0] > first:
        through = newest[0] - timedelta(microseconds=1)
        yield replace(
            planned(mark.job, job, first),
            outcome=Outcome.SKIPPED,
            through=through,
            ended=now,
            reason=f"missed, as was every run up to {_shown(through, zone)}: nobody looked at the schedule "
            f"before {_shown(now, zone)}",
        )
    for due in newest:
        yield planned(mark.job, job, due)


def planned(name: str, job: Job, due: datetime) -> Firing:
    """Return a run that is planned."""
    return Firing(job=name, due=due, run=job.run, outcome=Outcome.PLANNED)


def _newest(
    times: Callable[[datetime], Iterator[datetime]], begin: datetime, now: datetime
) -> list[datetime]:
    """Return the last :data:`MOST` times after ``begin``, without counting through a year of seconds."""
    span = timedelta(hours=1)
    while True:
        after = max(begin, now - span)
        found = list(times(after))
        if after == begin or len(found) >= MOST:
            return found[-MOST:]
        span *= 2


def _span(span: timedelta | None) -> str | None:
    return None if span is None else f"{int(span.total_seconds())}s"


def _rounded(span: timedelta) -> timedelta:
    """Return a span as people say it: whole days, hours, minutes or seconds."""
    for unit in (timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)):
        if span >= 2 * unit:
            return span // unit * unit
    return span // timedelta(seconds=1) * timedelta(seconds=1)


def _shown(moment: datetime, zone: ZoneInfo) -> str:
    shown = wall.clock(moment, zone)
    return f"{shown:%Y-%m-%d %H:%M:%S}" if shown.second else f"{shown:%Y-%m-%d %H:%M}"
