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
    if clock := re.match(r"^(\d{1,2})[:h.](\d{2})$", line):
        return f"did you mean '{int(clock[2])} {int(clock[1])} * * *' (every day at that time)"
    fields = line.split()
    if len(fields) == 6:
        return (
            f"without seconds it is '{' '.join(fields[1:])}'"
            if fields[0].isdigit()
            else "seconds and years are not taken"
        )
    if len(fields) != 5:
        return None
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
