"""The kinds of single values in the config: each says in one sentence what it takes."""

import re
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, StringConstraints

from publisher import addresses, cron

_SPAN = re.compile(r"^\s*(\d+)\s*(s|m|h|d|w)\s*$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TAG = re.compile(r"^(?:[a-z0-9.-]+|[^@\s,]+@[a-z0-9.-]+),\d{4}(?:-\d{2}(?:-\d{2})?)?$")
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _SPAN.match(str(value))
    if not found or not int(found[1]):
        raise ValueError("a span is a number above 0 and a unit: 90s, 15m, 6h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _zone(value: Any) -> str:
    name = str(value)
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(
            f"{name!r} is no time zone of the IANA list; write one such as Asia/Ho_Chi_Minh"
        ) from None
    return name


def _cron(value: Any) -> str:
    return cron.normal(str(value))


def _address(value: Any) -> str:
    return addresses.normal(str(value))


def _web(value: Any) -> str:
    text = str(value).strip()
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or re.search(r"\s", text):
        raise ValueError(f"{text!r} is no web address; write it whole, such as https://courier.example")
    return text.rstrip("/")


def _tag(value: Any) -> str:
    text = str(value).strip()
    if not _TAG.match(text):
        raise ValueError("a tag authority is a domain and a date on which you held it: courier.example,2026")
    return text


def _color(value: Any) -> str:
    text = str(value)
    if not _COLOR.match(text):
        raise ValueError("a colour is # and six hexadecimal digits, in quotes: '#8a1c1c'")
    return text.lower()


def _language(value: Any) -> str:
    text = str(value)
    if not _LANGUAGE.match(text):
        raise ValueError(f"{text!r} is no language tag; write one such as en, vi or pt-BR")
    return text


def _days(value: Any) -> tuple[tuple[date, date], ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("write the dates as a list: [2026-02-17, 2026-04-30..2026-05-01]")
    return tuple(_range(part) for part in value)


def _range(value: Any) -> tuple[date, date]:
    if isinstance(value, tuple):
        return value
    first, _, last = str(value).partition("..")
    try:
        start, end = date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip())
    except ValueError:
        raise ValueError(f"{value!r} is no date; write 2026-02-17 or 2026-02-14..2026-02-20") from None
    if end < start:
        raise ValueError(f"{value!r} ends before it begins")
    return start, end


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
"""A stable name for files and addresses: small letters, digits and hyphens."""
Span = Annotated[timedelta, BeforeValidator(_span, json_schema_input_type=str)]
"""A length of time, such as 15m."""
ZoneName = Annotated[str, BeforeValidator(_zone)]
"""A time zone of the IANA list."""
CronLine = Annotated[str, BeforeValidator(_cron)]
"""Five cron fields."""
EmailAddress = Annotated[str, BeforeValidator(_address)]
"""An e-mail address."""
WebAddress = Annotated[str, BeforeValidator(_web)]
"""An absolute http or https address without a slash at the end."""
TagAuthority = Annotated[str, BeforeValidator(_tag)]
"""The authority of tag: URIs (RFC 4151 §2.1)."""
ColorHex = Annotated[str, BeforeValidator(_color)]
"""A colour as #rrggbb."""
Language = Annotated[str, BeforeValidator(_language)]
"""A BCP 47 language tag."""
DayList = Annotated[tuple[tuple[date, date], ...], BeforeValidator(_days, json_schema_input_type=list[str])]
"""Dates and ranges of dates."""
