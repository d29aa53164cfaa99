"""Days and times on the clocks, as jobs and the calendar write them."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from publisher.settings.values import wrong

_DATES = re.compile(r"^\s*(yearly\s+|\d{4}-)\d\d-\d\d(\s*\.\.\s*(\d{4}-)?\d\d-\d\d)?\s*$")
_YEARLY = re.compile(r"^\s*yearly\s+")
_NAME = re.compile(r"^[a-z]([a-z0-9-]{0,62}[a-z0-9])?$")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\d[T ]+\d\d:\d\d(:\d\d)?$")
_ZONED = re.compile(r"^(\d{4}-\d\d-\d\d[T ]+\d\d:\d\d(?::\d\d)?)\s*(?:Z|[+-]\d\d:?\d\d)$")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("string_type", "one value belongs here")
    return value.strip()


@dataclass(frozen=True, slots=True)
class Off:
    """Days on which nothing runs; ``str()`` of it is what stands in the file.

    Attributes:
        first, last: both included; of a yearly one the year means nothing, and it may go over New Year.
        yearly: it comes every year.
        name: of the entry of the calendar that it is part of; empty for days written out in the job.
        title: of that entry.
    """

    first: date = date.min
    last: date = date.min
    yearly: bool = False
    name: str = ""
    title: str = ""

    @property
    def is_name(self) -> bool:
        """Whether it is only a name, whose days the calendar has."""
        return self.first == date.min

    def around(self, day: date) -> date | None:
        """Return the last of these days when that day is one of them; None when it is not."""
        if not self.yearly:
            return self.last if self.first <= day <= self.last else None
        for year in (day.year - 1, day.year):
            first, last = self._in(year)
            if first <= day <= last:
                return last
        return None

    def is_over(self, day: date) -> bool:
        """Return whether none of these days is to come, that day included."""
        return not self.yearly and not self.is_name and self.last < day

    def _in(self, year: int) -> tuple[date, date]:
        over = (self.last.month, self.last.day) < (self.first.month, self.first.day)
        return _in_year(self.first, year, up=True), _in_year(self.last, year + over, up=False)

    def __str__(self) -> str:
        if self.is_name:
            return self.name
        form = "%m-%d" if self.yearly else "%Y-%m-%d"
        first, last = (f"{day:{form}}" for day in (self.first, self.last))
        return f"{'yearly ' if self.yearly else ''}{first if first == last else f'{first}..{last}'}"


def _in_year(day: date, year: int, *, up: bool) -> date:
    """Return the day in that year; 29 February of a common year begins at 1 March and ends at 28 February."""
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1) if up else date(year, 2, 28)


def _off(value: Any) -> Off:
    """Read days: a date, a range, or ``yearly`` before month and day."""
    if isinstance(value, Off):
        return value
    text = _text(value)
    yearly = bool(_YEARLY.match(text))
    first, _, last = (part.strip() for part in _YEARLY.sub("", text).partition(".."))
    try:
        start, end = _day_of(first, yearly=yearly), _day_of(last or first, yearly=yearly)
    except ValueError:
        what = "no day of the calendar" if _DATES.match(text) else "no date"
        raise wrong(
            "days", f"{value!r} is {what}; write 2026-02-17, 2026-02-14..2026-02-20 or yearly 04-30"
        ) from None
    if end < start and not yearly:
        raise wrong("days", f"{value!r} ends before it begins; did you mean {end}..{start}")
    return Off(start, end, yearly)


def _day_of(text: str, *, yearly: bool) -> date:
    # A leap year, so that 29 February is a day of it.
    return date.fromisoformat(f"2000-{text}" if yearly else text)


def is_name(text: str) -> bool:
    """Return whether a text where days belong is the name of an entry of the calendar."""
    return bool(_NAME.match(text.strip()))


def _off_or_name(value: Any) -> Off:
    """Read days, or the name of an entry of the calendar."""
    return Off(name=value.strip()) if isinstance(value, str) and is_name(value) else _off(value)


def _local(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    text = _text(value)
    if _ZONED.match(text):
        plain = _ZONED.match(text)
        raise wrong(
            "moment",
            f"{value!r} has an offset; write the time on the job's clocks, {plain[1] if plain else ''}, "
            "and a timezone beside it if need be",
        )
    try:
        if not _MOMENT.match(text):
            raise ValueError
        return datetime.fromisoformat(text)  # naive on purpose: a time on the job's clocks
    except ValueError:
        what = "no time of any day" if _MOMENT.match(text) else "no date with a time"
        raise wrong("moment", f"{value!r} is {what}; write 2027-01-28 18:00") from None


def _locals(value: Any) -> Any:
    """Take one time alone for a list of one."""
    return (_local(value),) if isinstance(value, str) else value


def moment_text(moment: datetime) -> str:
    """Return a time on the clocks as it is written in the config."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment.second else f"{moment:%Y-%m-%d %H:%M}"


def named(days: Off, name: str, title: str) -> Off:
    """Return days as part of an entry of the calendar."""
    return replace(days, name=name, title=title)


Days = Annotated[
    Off,
    BeforeValidator(_off),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema(
        {"type": "string", "examples": ["2027-04-30", "2027-02-05..2027-02-11", "yearly 04-30..05-01"]}
    ),
]
"""A date, or a range of dates with both ends; with ``yearly`` before it, of every year."""
DaysOrName = Annotated[
    Off,
    BeforeValidator(_off_or_name),
    PlainSerializer(str, when_used="json"),
    WithJsonSchema({"type": "string", "examples": ["2027-04-30", "2027-02-05..2027-02-11", "holidays"]}),
]
"""Days, or the name of an entry of the calendar."""
Moments = Annotated[
    tuple[Annotated[datetime, BeforeValidator(_local), PlainSerializer(moment_text, when_used="json")], ...],
    BeforeValidator(_locals),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "examples": ["2027-01-28 18:00"]},
                {"type": "array", "items": {"type": "string"}, "minItems": 1},
            ]
        }
    ),
]
"""One time on the clocks, or a list of them."""
