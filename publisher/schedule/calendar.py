"""When a job is due: pure rules over the zone's clocks, and the same in words."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from publisher import cron
from publisher.model import wall
from publisher.model.wall import Oddity
from publisher.settings.days import Off, moment_text
from publisher.settings.schema import Job

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_LAST_DAY = date(9998, 12, 31)
"""Python's calendar ends a year later."""
_HORIZON = timedelta(days=36_525)
"""A job whose days are all excepted is not looked for any further ahead."""
_MONDAY = datetime(1970, 1, 5)  # noqa: DTZ001 - naive on purpose: a time on the clocks
"""From where spans longer than a day are counted, so that ``1w`` means Mondays."""


def zone_of(job: Job, site: ZoneInfo) -> ZoneInfo:
    """Return the zone on whose clocks the job goes: its own, else the site's."""
    return ZoneInfo(job.timezone) if job.timezone else site


def times(job: Job, zone: ZoneInfo, after: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """Yield when the job is due (UTC), ascending: later than ``after``, at ``until`` or earlier.

    A job that is not enabled is never due, and none is due on its excepted days.
    """
    begin: datetime | None = after if job.enabled else None
    while begin is not None and begin - after < _HORIZON:
        start, begin = begin, None
        for due in by_rule(job, zone, start, until):
            free = _free_again(job, zone, due)
            if free is not None:
                begin = free - timedelta(microseconds=1)
                break
            yield due


def by_rule(job: Job, zone: ZoneInfo, after: datetime, until: datetime | None = None) -> Iterator[datetime]:
    """Yield what :func:`times` would, were the job enabled and no day excepted."""
    if job.at is not None:
        found = _at(job.at, after, zone)
    else:
        found = cron.after(job.cron, after, zone) if job.cron else _every(job.every or _DAY, after, zone)
    return found if until is None else takewhile(lambda due: due <= until, found)


def next_time(job: Job, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return when the job is due next (UTC), or None when it never is again."""
    return next(times(job, zone, after), None)


def last_time(job: Job, zone: ZoneInfo, until: datetime) -> datetime | None:
    """Return when the job was due last (UTC) up to that moment, or None when it was not for 10 years."""
    span = _HOUR
    while span < timedelta(days=3660):
        last = None
        for last in times(job, zone, until - span, until):  # noqa: B007 - the last one is what we want
            pass
        if last is not None:
            return last
        span *= 4
    return None


def is_excepted(job: Job, zone: ZoneInfo, due: datetime) -> bool:
    """Return whether that moment lies on one of the days on which the job does not run."""
    return _free_again(job, zone, due) is not None


def day_off(job: Job, zone: ZoneInfo, due: datetime) -> Off | None:
    """Return which of the job's excepted days that moment lies on; None when it lies on none."""
    day = wall.clock(due, zone).date()
    return next((one for one in job.off if one.around(day)), None)


def rule(job: Job, zone: ZoneInfo) -> str:
    """Return the rule in words, such as ``every day at 06:30 Asia/Ho_Chi_Minh``."""
    words = _trigger_words(job)
    if job.cron or job.at or (job.every and job.every > _HOUR):
        words += f" {zone.key}"
    if job.off:
        words += f", except {', '.join(dict.fromkeys(off_words(one) for one in job.off))}"
    return words if job.enabled else f"{words} (not enabled)"


def off_words(days: Off) -> str:
    """Return excepted days as people say them: what the calendar calls them, else from when to when."""
    if days.title:
        return days.title
    return str(days).replace("..", " to ").replace("yearly", "each year")


def clock_change(job: Job, zone: ZoneInfo, due: datetime) -> str:
    """Return what daylight saving does to that run, in one sentence; empty on every other day."""
    shown = wall.clock(due, zone)
    if wall.oddity(shown, zone) is Oddity.REPEATED:
        return _repeated(job, zone, due, shown)
    gap = _gap_before(zone, due)
    if not gap or not _keeps_skipped(job):
        return ""
    planned = next(_walls(job, shown - gap), None)
    if planned is None or planned >= shown:
        return ""
    return (
        f"the clocks go forward over {planned:%H:%M} on {shown:%Y-%m-%d}, so it runs at {shown:%H:%M}, "
        "when they have jumped"
    )


def span_words(span: timedelta) -> str:
    """Return a span in words, such as ``15 minutes`` or ``1 day``."""
    seconds = int(span.total_seconds())
    units = ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))
    size, name = next(unit for unit in units if seconds % unit[0] == 0)
    return f"{seconds // size} {name}{'' if seconds == size else 's'}"


def _free_again(job: Job, zone: ZoneInfo, due: datetime) -> datetime | None:
    """Return when the excepted days around that moment are over; None when it lies on none."""
    day = wall.clock(due, zone).date()
    ends = [last for last in (one.around(day) for one in job.off) if last]
    if not ends:
        return None
    return wall.moment_of(datetime.combine(min(max(ends), _LAST_DAY) + _DAY, time()), zone)


def _repeated(job: Job, zone: ZoneInfo, due: datetime, shown: datetime) -> str:
    twice = f"the clocks show {shown:%H:%M} twice on {shown:%Y-%m-%d}"
    if not _keeps_repeated(job):
        return f"{twice}; it runs only the first time"
    return f"{twice}; this is the {'second' if due.astimezone(zone).fold else 'first'} time, and it runs both"


def _gap_before(zone: ZoneInfo, due: datetime) -> timedelta:
    """Return by how much the clocks jumped forward at that very moment; zero when they did not."""
    before, at = (due - timedelta(microseconds=1)).astimezone(zone), due.astimezone(zone)
    jumped = (at.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())
    return max(jumped, timedelta())


def _keeps_skipped(job: Job) -> bool:
    return job.cron is None or cron.is_fixed(job.cron)


def _keeps_repeated(job: Job) -> bool:
    """A rhythm goes on through a repeated hour; what is meant for a time of day runs once."""
    return not cron.is_fixed(job.cron) if job.cron else (job.every or _DAY) <= _HOUR


def _walls(job: Job, begin: datetime) -> Iterator[datetime]:
    """Yield the rule's times on the clocks, naive, from ``begin`` on."""
    if job.at is not None:
        return (shown for shown in sorted(set(job.at)) if shown >= begin)
    if job.cron:
        return cron.walls(job.cron, begin)
    return _every_walls(job.every or _DAY, begin)


def _at(shown: Sequence[datetime], after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield when the clocks show those times, a skipped one as they jump, a repeated one the first time."""
    due = wall.moments(sorted(set(shown)), zone, keep_skipped=True, keep_repeated=False)
    return (moment for moment in due if moment > after)


def _every(span: timedelta, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    begin = wall.begin(after, zone)
    due = wall.moments(_every_walls(span, begin), zone, keep_skipped=True, keep_repeated=span <= _HOUR)
    return (moment for moment in due if moment > after)


def _every_walls(span: timedelta, begin: datetime) -> Iterator[datetime]:
    if span > _DAY:
        moment = _MONDAY + -((_MONDAY - begin) // span) * span
        while True:
            yield moment
            moment += span
    midnight = datetime.combine(begin.date(), time())
    # Rounded up, so that the first is not before `begin`.
    moment = midnight + -((midnight - begin) // span) * span
    while True:
        while moment < midnight + _DAY:
            yield moment
            moment += span
        midnight += _DAY
        moment = midnight


def _trigger_words(job: Job) -> str:
    if job.at is not None:
        *others, last = [moment_text(shown) for shown in sorted(set(job.at))]
        return f"at {', '.join(others)} and {last}" if others else f"once, at {last}"
    return _cron_words(job.cron) if job.cron else _every_words(job.every or _DAY)


def _cron_words(line: str) -> str:
    said = cron.in_words(line)
    if daily := re.fullmatch(r"At (\d\d:\d\d(?:(?:, | and |, and )\d\d:\d\d)*) every day", said):
        return f"every day at {daily[1]}"
    if rhythm := re.fullmatch(r"\*/(\d+) \* \* \* \*", line):
        return f"every {rhythm[1]} minutes" if rhythm[1] != "1" else "every minute"
    if rhythm := re.fullmatch(r"(\d+)-59/(\d+) \* \* \* \*", line):
        return f"every {rhythm[2]} minutes from minute {rhythm[1]} of each hour"
    return said[:1].lower() + said[1:]


def _every_words(span: timedelta) -> str:
    words = f"every {span_words(span).removeprefix('1 ')}"
    if span <= _HOUR:
        return words
    return f"{words} from midnight" if span <= _DAY else f"{words} counted from a Monday"


def in_words(span: timedelta) -> str:
    """Return a span as people say it, such as ``3 h 5 min``, ``2 days`` or ``0.4 s``."""
    seconds = span.total_seconds()
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86_400)
    if minutes < 120:
        return f"{minutes} min"
    if hours < 48:
        return f"{hours} h {minutes % 60} min" if minutes % 60 and hours < 12 else f"{hours} h"
    return f"{days} days"
