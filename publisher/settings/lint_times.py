"""Times of the schedule that are valid and probably not what was meant."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import combinations, islice, pairwise, takewhile
from zoneinfo import ZoneInfo

from publisher import cron
from publisher.model import wall
from publisher.model.slot import slot_at
from publisher.model.wall import Oddity
from publisher.settings.days import Off, moment_text
from publisher.settings.schema import Digest, Job, Settings
from publisher.settings.values import span_text

Finding = tuple[str, str, str]

_DAY = timedelta(days=1)
_AHEAD = timedelta(days=400)
_MONTH = timedelta(days=35)
_ENOUGH = 400
"""Runs of one job that are looked at: a month of hourly ones, a year of daily ones."""


def findings(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield path, what is probably wrong, and what to do, for the jobs of a config."""
    site = ZoneInfo(settings.site.timezone)
    running = {name: job for name, job in settings.jobs.items() if job.enabled}
    dues: dict[str, list[datetime]] = {}
    for name, job in running.items():
        zone = ZoneInfo(job.timezone) if job.timezone else site
        dues[name] = list(islice(_dues(job, zone, now), _ENOUGH))
        yield from _single(f"jobs.{name}", job, zone, dues[name], now)
    for key, digest in settings.digests.items():
        senders = {name: job for name, job in running.items() if job.run == f"send {key}"}
        yield from _window(key, digest, senders, dues, site)
        for name, job in senders.items():
            yield from _editions(name, job, key, digest, _slots_of(digest, dues[name], site))
    yield from _fights(settings, running, dues, site)
    yield from _zones(settings)
    yield from _holidays(settings, now)


def _holidays(settings: Settings, now: datetime) -> Iterator[Finding]:
    """Yield entries of the calendar that no job names, and those whose days are all over."""
    today = wall.clock(now, ZoneInfo(settings.site.timezone)).date()
    used = {one.name for job in settings.jobs.values() for one in job.excepted if one.is_name}
    for name, entry in settings.calendar.items():
        if name not in used:
            yield f"calendar.{name}", "no job leaves these days out", f"write except: [{name}] in one"
        if all(one.is_over(today) for one in entry.days):
            yield f"calendar.{name}.days", "all of these days are over", "write the next ones, or take it out"


def _zones(settings: Settings) -> Iterator[Finding]:
    named = {f"jobs.{name}.timezone": job.timezone or "" for name, job in settings.jobs.items()}
    for path, zone in {"site.timezone": settings.site.timezone, **named}.items():
        if found := re.match(r"^Etc/GMT([+-])(\d+)$", zone):
            east = "behind" if found[1] == "+" else "ahead of"
            message = f"{zone} is {found[2]} hours {east} UTC: its sign is the other way round"
            yield path, message, "write a place"


def _dues(job: Job, zone: ZoneInfo, now: datetime) -> Iterator[datetime]:
    """Yield when the job is due in the next 13 months, not on excepted days."""
    if job.every:
        return iter(())
    moments = _at(job, zone) if job.at else cron.after(job.cron or "", now, zone)
    coming = takewhile(lambda due: due < now + _AHEAD, (due for due in moments if due > now))
    return (due for due in coming if not _off(job, wall.clock(due, zone).date()))


def _at(job: Job, zone: ZoneInfo) -> Iterator[datetime]:
    return wall.moments(sorted(set(job.at or ())), zone, keep_skipped=True, keep_repeated=False)


def _off(job: Job, day: date) -> Off | None:
    return next((one for one in job.off if one.around(day)), None)


def _single(path: str, job: Job, zone: ZoneInfo, dues: list[datetime], now: datetime) -> Iterator[Finding]:
    today = wall.clock(now, zone).date()
    for number, one in enumerate(job.excepted):
        if one.is_over(today):
            yield f"{path}.except[{number}]", f"{one.last} is over", "take it out"
    if job.catch_up == "none" and job.max_age:
        yield (
            f"{path}.max_age",
            "has no effect: with catch_up none no missed run is made up for",
            "take one out",
        )
    if job.at:
        yield from _once(path, job, zone, now)
    if job.cron:
        yield from _never(path, job, zone, dues, now)
        yield from _surprises(f"{path}.cron", job.cron)
        yield from _clock_changes(f"{path}.cron", job.cron, zone, now)


def _once(path: str, job: Job, zone: ZoneInfo, now: datetime) -> Iterator[Finding]:
    """Yield times of `at` that are over, are left out, or that the clocks skip or repeat."""
    for number, shown in enumerate(job.at or ()):
        where = f"{path}.at[{number}]"
        odd = wall.oddity(shown, zone)
        if wall.moment_of(shown, zone) <= now:
            yield where, f"{moment_text(shown)} is over: it never runs then", "take it out"
        elif off := _off(job, shown.date()):
            name = f"{off.title} ({off})" if off.title else str(off)
            yield where, f"falls on a day that is left out, {name}", "take one of them out"
        elif odd:
            yield where, *_change_in_words("0 0 * * *", shown, zone, odd)


def _never(path: str, job: Job, zone: ZoneInfo, dues: list[datetime], now: datetime) -> Iterator[Finding]:
    if dues:
        return
    first = next(cron.after(job.cron or "", now, zone), None)
    if first is None:
        yield f"{path}.cron", "is never due: there is no such day", "mend the day or the month"
    elif first > now + _AHEAD:
        yield (
            f"{path}.cron",
            f"is not due before {wall.clock(first, zone):%Y-%m-%d}",
            "mend the day or the month",
        )
    else:
        yield (
            f"{path}.except",
            "leaves no day in the next 13 months on which it runs",
            "write enabled: false instead",
        )


def _surprises(path: str, line: str) -> Iterator[Finding]:
    minute, hour, day, _, weekday = line.split()
    if not day.startswith("*") and not weekday.startswith("*"):
        message = f"runs on day {day} of the month and also on every weekday {weekday}"
        yield path, message, "cron joins the two with or; make one of them a star"
    for field, size, unit in ((minute, 60, "minutes"), (hour, 24, "hours")):
        found = re.match(r"^\*/(\d+)$", field)
        if found and size % int(found[1]):
            step, rest = int(found[1]), size % int(found[1])
            runs = "once an hour" if step > size else f"every {step} {unit}, but after {rest} at the turn"
            yield (
                path,
                f"*/{step} begins anew with each {'hour' if size == 60 else 'day'}: it runs {runs}",
                "see every:",
            )


def _clock_changes(path: str, line: str, zone: ZoneInfo, now: datetime) -> Iterator[Finding]:
    """Yield what the next change of the clocks in either direction does to a line that names its hours."""
    if line.split()[1].startswith("*"):
        return
    told: set[Oddity] = set()
    for day in _days_of_change(zone, now):
        midnight = datetime.combine(day, time())
        for shown in takewhile(lambda at, end=midnight + _DAY: at < end, cron.walls(line, midnight)):  # type: ignore[misc]
            odd = wall.oddity(shown, zone)
            if odd and odd not in told:
                told.add(odd)
                yield path, *_change_in_words(line, shown, zone, odd)


def _days_of_change(zone: ZoneInfo, now: datetime) -> Iterator[date]:
    first = wall.clock(now, zone).date()
    for day in (first + _DAY * number for number in range(_AHEAD.days)):
        midnight = datetime.combine(day, time(), tzinfo=zone)
        if midnight.utcoffset() != (midnight + _DAY).utcoffset():
            yield day


def _change_in_words(line: str, shown: datetime, zone: ZoneInfo, odd: Oddity) -> tuple[str, str]:
    when = f"on {shown:%Y-%m-%d} the clocks of {zone.key}"
    advice = "choose an hour outside the change if that matters"
    if odd is Oddity.REPEATED:
        twice = "it runs the first time only" if cron.is_fixed(line) else "it runs both times"
        return f"{when} show {shown:%H:%M} twice: {twice}", advice
    if not cron.is_fixed(line):
        return f"{when} skip {shown:%H:%M}: the run is left out", advice
    jump = wall.clock(wall.moment_of(shown, zone), zone)
    return f"{when} skip {shown:%H:%M}: it runs at {jump:%H:%M} instead", advice


def _window(
    key: str, digest: Digest, senders: dict[str, Job], dues: dict[str, list[datetime]], zone: ZoneInfo
) -> Iterator[Finding]:
    """Yield when articles grow too old between two editions; clocks that change lose nothing."""
    spans = [job.every for job in senders.values() if job.every]
    rhythm = [name for name, job in senders.items() if not job.at]
    shown = sorted(wall.clock(due, zone) for name in rhythm for due in dues[name])
    gap = min(spans, default=None) or max((later - one for one, later in pairwise(shown)), default=None)
    if gap and gap > digest.max_age:
        message = f"is shorter than the time between two editions, {_about(gap)}: articles are lost"
        yield f"digests.{key}.max_age", message, f"write at least {_about(gap)}"


def _editions(name: str, job: Job, key: str, digest: Digest, slots: list[str]) -> Iterator[Finding]:
    """Yield when a job comes more often than its digest has editions."""
    often = len(slots) != len(set(slots))
    if often or (job.every and job.every < (7 * _DAY if digest.slot == "week" else _DAY)):
        message = f"runs more than once a {digest.slot}, and {key} has one edition a {digest.slot}"
        yield f"jobs.{name}", message, "the other runs send nothing new; make it rarer"


def _about(span: timedelta) -> str:
    """Return a span in whole days, or hours below two days."""
    hours = round(span / timedelta(hours=1))
    return span_text(timedelta(hours=hours)) if hours < 48 else span_text(timedelta(days=-(-hours // 24)))


def _fights(
    settings: Settings, running: dict[str, Job], dues: dict[str, list[datetime]], site: ZoneInfo
) -> Iterator[Finding]:
    """Yield pairs of jobs that do the same thing at the same minute, or send the same edition."""
    for one, other in combinations(running, 2):
        if running[one].run != running[other].run:
            continue
        digest = settings.digests.get(running[one].run.removeprefix("send "))
        if meeting := _meeting(running[one], running[other], dues[one], dues[other], site):
            yield (
                f"jobs.{other}",
                f"does the same as {one} at the same minute, {meeting}",
                "take one out, or move it",
            )
        elif digest and (shared := _shared(digest, dues[one], dues[other], site)):
            message = f"{one} sends the same digest, once a {digest.slot}; both are due in {min(shared)}"
            yield f"jobs.{other}", message, "take one out"


def _slots_of(digest: Digest, dues: list[datetime], zone: ZoneInfo) -> list[str]:
    return [slot_at(due, digest.slot, zone).key for due in dues]


def _shared(digest: Digest, dues: list[datetime], others: list[datetime], zone: ZoneInfo) -> set[str]:
    return set(_slots_of(digest, dues, zone)) & set(_slots_of(digest, others, zone))


def _meeting(one: Job, other: Job, dues: list[datetime], others: list[datetime], site: ZoneInfo) -> str:
    """Return when two jobs meet first, in words; empty when they do not."""
    if one.every and other.every:
        return "midnight" if one.timezone == other.timezone else ""
    span = one.every or other.every
    if not span:
        both = set(dues) & set(others)
        return f"first on {min(both):%Y-%m-%d %H:%M} UTC" if both else ""
    zone = ZoneInfo((one if one.every else other).timezone or site.key)
    for due in dues or others:
        shown = wall.clock(due, zone)
        if span <= _DAY and not (shown - datetime.combine(shown.date(), time())) % span:
            return f"first on {shown:%Y-%m-%d %H:%M}"
    return ""
