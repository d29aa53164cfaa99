"""Stored English sentences in the language of the page: known ones by its catalogue, others as they are.

A sentence is matched with the messages of :mod:`publisher.web.console.reasons`, whole first, then its parts
between semicolons, then counts between commas. What no message fits, such as a mail server's own words, stays
English and is marked as that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from html import escape

from publisher.i18n import Words
from publisher.templating import markup
from publisher.web.console import reasons

_FIELD = re.compile(r"\{(\w+)\}")
_SPAN = r"(?:\d+(?:\.\d+)? (?:s|min|h|second|minute|hour|day|week)s?(?: \d+ min)?|less than a minute)"
_MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?(?: \(the second time\))?"
_LOOKS: Mapping[str, str] = {
    "n": r"\d+",
    "span": _SPAN,
    "moment": _MOMENT,
    "day": r"\d{4}-\d\d-\d\d",
    "clock": r"\d\d:\d\d(?::\d\d)?",
    "slot": r"\d{4}-[W\d-]+",
    "edition": r"[a-z0-9-]+ \d{4}-[W\d-]+",
    "who": "[^:;]+",
    "said": ".+",
}
"""Field -> what it may be; any other is anything."""
_COUNT = re.compile(r"(\d+) (.+)")
_UNIT = re.compile(r"(\d+(?:\.\d+)?) ([a-z]+?)(?:(?<=[a-z]{3})s)?(?= \d|$)")
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class _Plain:
    """Words that no message fits."""

    text: str


@dataclass(frozen=True, slots=True)
class _Count:
    """A number of what a message names."""

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class _Known:
    """A message and what stands in its fields."""

    message: str
    fields: "Mapping[str, _Read | str]"


@dataclass(frozen=True, slots=True)
class _Joined:
    """Several, one after the other."""

    parts: "tuple[_Read, ...]"
    between: str


_Read = _Plain | _Count | _Known | _Joined


def told(words: Words, text: str, known: Mapping[str, str] | None = None) -> str:
    """Return a stored sentence as HTML in the language of the page.

    Args:
        words: of that language.
        text: as it is stored, in English.
        known: further English words that may stand in a field -> how the page says them.
    """
    if words.language.partition("-")[0] == "en":
        return markup(escape(text))
    return markup(_said(words, _read(text), known or {}))


@lru_cache(maxsize=4096)
def _read(text: str, deep: int = 0) -> _Read:
    if deep > _DEEPEST:
        return _Plain(text)
    return _as_count(text) or _as_message(text, deep) or _in_parts(text, deep) or _Plain(text)


def _as_count(text: str) -> _Read | None:
    if text in reasons.BARRED:
        return _Known(reasons.BARRED[text], {})
    found = _COUNT.fullmatch(text)
    if found is None or found[2] not in reasons.COUNTED:
        return None
    return _Count(int(found[1]), reasons.COUNTED[found[2]])


def _as_message(text: str, deep: int) -> _Read | None:
    for message, shape in _shapes():
        found = shape.fullmatch(text)
        if found is not None:
            return _Known(message, {name: _field(name, one, deep) for name, one in found.groupdict().items()})
    return None


def _in_parts(text: str, deep: int) -> _Read | None:
    pieces = text.split("; ")
    if len(pieces) > 1:
        return _Joined(tuple(_read(one, deep + 1) for one in pieces), "; ")
    counts = [_read(one, deep + 1) for one in text.split(", ")]
    is_whole = len(counts) > 1 and not any(isinstance(one, _Plain) for one in counts)
    return _Joined(tuple(counts), ", ") if is_whole else None


def _field(name: str, text: str, deep: int) -> _Read | str:
    kind = name.rstrip("0123456789")
    if kind in reasons.PHRASES:
        return _phrases(kind, text, deep)
    return _read(text, deep + 1) if kind == "said" else text


def _phrases(kind: str, text: str, deep: int) -> _Read:
    found: list[_Read] = []
    for message in reasons.PHRASES[kind]:
        part = re.match(_shape(message), text, re.DOTALL)
        if part is not None:
            fields = {name: _field(name, one, deep) for name, one in part.groupdict().items()}
            found.append(_Known(message, fields))
            text = text[part.end() :]
    return _Joined(tuple(found), "")


@lru_cache(maxsize=1)
def _shapes() -> list[tuple[str, re.Pattern[str]]]:
    return [(message, re.compile(_shape(message), re.DOTALL)) for message in reasons.SENTENCES]


def _shape(message: str) -> str:
    """Return the regular expression of a message."""
    pieces = _FIELD.split(message)
    fields = [f"(?P<{name}>{_look(name.rstrip('0123456789'))})" for name in pieces[1::2]]
    fixed = [re.escape(one) for one in pieces[::2]]
    return "".join(one + field for one, field in zip(fixed, [*fields, ""], strict=True))


def _look(kind: str) -> str:
    if kind in reasons.PHRASES:
        bare = (re.sub(r"\?P<\w+>", "?:", _shape(one)) for one in reasons.PHRASES[kind])
        return "".join(f"(?:{one})?" for one in bare)
    return _LOOKS.get(kind, ".+?")


def _said(words: Words, read: _Read, known: Mapping[str, str]) -> str:
    match read:
        case _Plain(text):
            return escape(known[text]) if text in known else f'<span lang="en">{escape(text)}</span>'
        case _Count(number, message):
            return f"{words.number(number)} {escape(words(message))}"
        case _Joined(parts, between):
            return between.join(_said(words, one, known) for one in parts)
        case _Known(message, fields):
            pieces = _FIELD.split(words(message))
            for place in range(1, len(pieces), 2):
                name = pieces[place]
                pieces[place] = _filled(words, name.rstrip("0123456789"), fields[name], known)
            pieces[::2] = [escape(one) for one in pieces[::2]]
            return "".join(pieces)


def _filled(words: Words, kind: str, value: _Read | str, known: Mapping[str, str]) -> str:
    if not isinstance(value, str):
        return _said(words, value, known)
    if value in known:
        return escape(known[value])
    if kind == "who" and value in reasons.WHO:
        return escape(words(value))
    if kind == "n":
        return words.number(int(value))
    if kind == "span":
        return escape(_span(words, value))
    if kind == "moment":
        day, clock, *again = value.split(" ", 2)
        marked = f" ({words('the second time')})" if again else ""
        return escape(f"{clock} {_day(words, day)}{marked}")
    if kind == "day":
        return escape(_day(words, value))
    return f'<span lang="en">{escape(value)}</span>' if kind == "rule" else escape(value)


def _day(words: Words, text: str) -> str:
    return words.date(date.fromisoformat(text), length="medium")


def _span(words: Words, text: str) -> str:
    """Return ``3 h 5 min`` and ``2 days`` in the page's language."""
    found = _UNIT.findall(text)
    if not found or any(unit not in reasons.UNITS for _, unit in found):
        return words(text)
    return " ".join(
        words(reasons.UNITS[unit]).replace("{n}", words.number(float(number))) for number, unit in found
    )
