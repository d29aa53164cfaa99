"""What a person probably meant by a cron line that is none."""

import re

from publisher.settings.suggest import closest

_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NAMES: tuple[tuple[str, ...], ...] = ((), (), (), _MONTHS, _DAYS)
_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("weekday", 0, 7),
)


def advice(text: str) -> str | None:
    """Return advice about a wrong cron line: what to write, or which field is at fault."""
    line = text.strip().casefold()
    if line in _SHORTHANDS:
        return f"did you mean '{_SHORTHANDS[line]}'"
    fields = line.split()
    if len(fields) != 5 and (clock := re.search(r"\b([01]?\d|2[0-4])[:h.]([0-5]\d)\b", line)):
        return f"for every day at that time write {int(clock[2])} {int(clock[1]) % 24} * * *"
    if len(fields) == 6:
        return (
            f"without seconds it is '{' '.join(fields[1:])}'"
            if fields[0].isdigit()
            else "seconds and years are not taken"
        )
    if len(fields) == 4 and fields[0].isdigit() and fields[1].isdigit():
        return f"did you mean '{line} *'"
    if len(fields) != 5:
        return None
    if never := _never(fields):
        return never
    mended = [_mended(field, names) for field, names in zip(fields, _NAMES, strict=True)]
    if mended != fields:
        return f"did you mean '{' '.join(mended)}'"
    return next((advice for advice in map(_advice, fields, _FIELDS) if advice), None)


def _mended(field: str, names: tuple[str, ...]) -> str:
    """Return a field with misspelt names put right, ``?`` made a star and a range over Sunday spelt out."""
    if field == "?":
        return "*"
    wrapped = re.match(r"^([a-z]{3})-([a-z]{3})$", field)
    if names == _DAYS and wrapped and {wrapped[1], wrapped[2]} <= set(_DAYS):
        first, last = _DAYS.index(wrapped[1]), _DAYS.index(wrapped[2])
        # Cron's week begins on Sunday, so neither mon-sun nor fri-mon is a range to it.
        if last == len(_DAYS) - 1 or last < first:
            return ",".join(_DAYS[at % 7] for at in range(first, last + 1 if last >= first else last + 8))
    return re.sub(r"[a-z]+", lambda found: _name(found[0], names), field) if names else field


def _never(fields: list[str]) -> str | None:
    """Return that no month of the line has its day, when that is so."""
    day, months = fields[2], [_month(part) for part in fields[3].split(",")]
    if not day.isdigit() or None in months or not 28 < int(day) <= 31:
        return None
    longest = max(_DAYS_IN_MONTH[month - 1] for month in months if month)
    return f"it would never run: no such month has a day {day}" if int(day) > longest else None


def _month(part: str) -> int | None:
    if part in _MONTHS:
        return _MONTHS.index(part) + 1
    return int(part) if part.isdigit() and 1 <= int(part) <= 12 else None


def _name(word: str, names: tuple[str, ...]) -> str:
    if word[:3] in names or word == "l":
        return word[:3]
    return next(
        (name for name in names if len(word) >= 2 and name.startswith(word)), closest(word, names) or word
    )


def _advice(field: str, limits: tuple[str, int, int]) -> str | None:
    name, low, high = limits
    numbers = [int(number) for number in re.findall(r"(?<![/#\d])\d+", field)]
    if name == "hour" and 24 in numbers:
        return "midnight is hour 0"
    if any(number < low or number > high for number in numbers):
        return f"the {name} goes from {low} to {high}"
    ranged = re.match(r"^(\d+)-(\d+)", field)
    if ranged and int(ranged[1]) > int(ranged[2]):
        return f"write the {name} as {ranged[1]}-{high},{low}-{ranged[2]}"
    return None
