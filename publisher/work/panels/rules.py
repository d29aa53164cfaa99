"""When a job runs, in the words of the page's language.

The usual rules are said by sentences of the catalogue; an unusual one stands in English, as the command line
says it, and is marked as that.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from publisher.i18n import Words
from publisher.model import wall
from publisher.schedule import calendar
from publisher.settings.schema import Job

_TIME = re.compile(r"(\d{1,2}) (\d{1,2})")
_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_UNITS = ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in words, and the language that they are in."""

    text: str
    language: str


def in_words(job: Job, zone: ZoneInfo, words: Words) -> Rule:
    """Return when a job runs, without its zone."""
    said = _trigger(job, zone, words)
    if said is None or any(one.yearly and not one.title for one in job.off):
        return Rule(calendar.rule(job, zone), "en")
    if job.off:
        days = list(dict.fromkeys(one.title or _days(one.first, one.last, words) for one in job.off))
        said = words("{rule}, except {days}").replace("{rule}", said).replace("{days}", ", ".join(days))
    return Rule(said, words.language)


def _trigger(job: Job, zone: ZoneInfo, words: Words) -> str | None:
    if job.at:
        times = [words.short(wall.moment_of(shown, zone), zone) for shown in sorted(set(job.at))]
        return words("at these times: {times}").replace("{times}", "; ".join(times))
    return _every(job.every, words) if job.every else _cron(job.cron, words) if job.cron else None


def time_of_day(job: Job) -> str:
    """Return the time at which a job runs on each of its days, such as ``06:30``; else empty."""
    minute, hour, *_ = (job.cron or "* *").split()
    found = _TIME.fullmatch(f"{minute} {hour}")
    return f"{int(hour):02}:{int(minute):02}" if found else ""


def at_time(line: str, time: str) -> str:
    """Return a cron line at another time of day, given as ``06:30``; the days stay.

    Raises:
        ValueError: it is no time.
    """
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", time.strip())
    if not found or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError(time)
    return " ".join([str(int(found[2])), str(int(found[1])), *line.split()[2:]])


def _every(span: timedelta, words: Words) -> str | None:
    seconds = int(span.total_seconds())
    size, unit = next(one for one in _UNITS if seconds % one[0] == 0)
    return _rhythm(seconds // size, unit, words)


def _rhythm(count: int, unit: str, words: Words) -> str | None:
    if unit == "minute":
        return (
            words.count("every {n} minute", "every {n} minutes", count)
            if count > 1
            else words("every minute")
        )
    if unit == "hour":
        return words.count("every {n} hour", "every {n} hours", count) if count > 1 else words("every hour")
    if unit == "day":
        return words.count("every {n} day", "every {n} days", count) if count > 1 else words("every day")
    return None


def _cron(line: str, words: Words) -> str | None:
    minute, hour, day, month, weekday = line.lower().split()
    if rhythm := re.fullmatch(r"\*/(\d+) \* \* \* \*", line):
        return _rhythm(int(rhythm[1]), "minute", words)
    if month != "*" or not _TIME.fullmatch(f"{minute} {hour}"):
        return None
    days = _which_days(day, weekday, words)
    if days is None:
        return None
    time = f"{int(hour):02}:{int(minute):02}"
    return words("{days} at {time}").replace("{days}", days).replace("{time}", time)


def _which_days(day: str, weekday: str, words: Words) -> str | None:
    if day == "*" and weekday == "*":
        return words("every day")
    if day.isdecimal() and weekday == "*":
        return words("on day {n} of each month").replace("{n}", str(int(day)))
    if day != "*":
        return None
    if weekday in {"mon-fri", "1-5"}:
        return words("Monday to Friday")
    names = [_weekday(part, words) for part in weekday.split(",")]
    return ", ".join(filter(None, names)) if all(names) else None


def _weekday(part: str, words: Words) -> str:
    if part.isdecimal() and int(part) <= 7:
        return words.weekday((int(part) - 1) % 7)
    if part in _NAMES:
        return words.weekday(_NAMES.index(part))
    return ""


def _days(first: date, last: date, words: Words) -> str:
    begin = words.date(first, length="medium")
    return begin if first == last else f"{begin} – {words.date(last, length='medium')}"
