"""The kinds of single values in the config: each says in one sentence what it takes.

A refusal carries its kind (``zone``, ``cron``, ...), so that ``settings.suggest`` knows what was meant.
"""

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, PlainSerializer, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from publisher import addresses, cron

_SPAN = re.compile(r"^(\d{1,6})\s*(s|m|h|d|w)$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TAG = re.compile(r"^(?:[a-z0-9.-]+|[^@\s,]+@[a-z0-9.-]+),\d{4}(?:-\d{2}(?:-\d{2})?)?$")
_COLOR = re.compile(r"^#[0-9a-fA-F]{6}$")
_FONTS = re.compile(r"^(?:'[\w .-]+'|[\w-]+)(?:, ?(?:'[\w .-]+'|[\w-]+))*$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$")
_COUNTRIES = frozenset({"cn", "cz", "dk", "gr", "jp", "ua", "us", "vn"})
"""Country codes that are often written for a language and are none."""
_ZONE = re.compile(r"^(?!posix|right/|localtime$|Factory$)[A-Za-z0-9_+/-]+$")
_OFFSET = re.compile(r"^(?:UTC|GMT|CET|EST|[A-Z]{3,4})?\s*[+-]\s*\d", re.IGNORECASE)
_DOMAIN = re.compile(r"^(?=.{1,253}$)[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63})+$", re.IGNORECASE)
_INBOX = re.compile(r"^imaps://[^\s:/@]+(?:@[^\s:/@]+)?@[^\s:/@]+(?::\d{1,5})?(?:/\S*)?$")
_RUN = re.compile(r"^(pull|publish|bounces|send [a-z0-9][a-z0-9-]*)$")


def wrong(kind: str, sentence: str, key: str = "") -> PydanticCustomError:
    """Return the refusal of a value.

    Args:
        kind: of value, for ``settings.suggest``.
        sentence: what is wrong; after ``; `` what to write when nothing better can be suggested.
        key: which key of the refused map is at fault.
    """
    return PydanticCustomError(kind, "{said}", {"said": sentence, "key": key})


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise wrong("string_type", "one value belongs here")
    return value.strip()


def _span(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    found = _SPAN.match(_text(value))
    if not found or not int(found[1]):
        raise wrong("span", f"{value!r} is no span; write a number and a unit: 90s, 15m, 6h, 7d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def span_text(span: timedelta) -> str:
    """Return a span as it is written in the config, in the largest unit that fits."""
    seconds = int(span.total_seconds())
    units = ((86400, "d"), (3600, "h"), (60, "m"), (1, "s"))
    return next(f"{seconds // size}{unit}" for size, unit in units if not seconds % size)


def _zone(value: Any) -> str:
    name = _text(value)
    if _OFFSET.search(name):
        raise wrong(
            "zone",
            f"{name!r} is an offset, which knows no daylight saving; write a place such as Asia/Ho_Chi_Minh",
        )
    try:
        if not _ZONE.match(name):
            raise ValueError
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("zone", f"{name!r} is no time zone; write a place such as Asia/Ho_Chi_Minh") from None
    return name


def _cron(value: Any) -> str:
    try:
        return cron.normal(_text(value))
    except ValueError as error:
        raise wrong("cron", str(error)) from None


def _address(value: Any) -> str:
    try:
        return addresses.normal(_text(value))
    except ValueError as error:
        raise wrong("email", str(error).rstrip(".")) from None


def _web(value: Any) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in {"http", "https"} or re.search(r"[\s<>\"]", text):
        raise wrong("web", f"{text!r} is no web address; write it whole, such as https://courier.example")
    return text.rstrip("/")


def _store(value: Any) -> str:
    text = _text(value)
    if not re.match(
        r"^(sqlite:///[^/]|sqlite:////|postgresql(\+psycopg)?://[^/\s]|postgresql:///)\S*$", text
    ):
        raise wrong(
            "store",
            f"{text!r} is no store; write sqlite:///var/publisher.sqlite3 or postgresql://user@host/database",
        )
    return text


def _tag(value: Any) -> str:
    text = _text(value)
    if not _TAG.match(text):
        raise wrong(
            "tag",
            f"{text!r} is no domain with a date on which you held it; write such as courier.example,2026",
        )
    return text


def _color(value: Any) -> str:
    text = _text(value)
    if not _COLOR.match(text):
        raise wrong(
            "color", f"{text!r} is no colour; write # and six hexadecimal digits, in quotes: '#8a1c1c'"
        )
    return text.lower()


def _domain(value: Any) -> str:
    text = _text(value)
    if not _DOMAIN.match(text):
        raise wrong("domain", f"{text!r} is no domain; write a name such as courier.example")
    return text.lower()


def _network(value: Any) -> str:
    text = _text(value)
    try:
        return str(ip_network(text, strict=False))
    except ValueError:
        raise wrong(
            "network", f"{text!r} is no address or network; write 192.0.2.10, 10.0.0.0/8 or fd00::/8"
        ) from None


def _recipient_domain(value: Any) -> str:
    text = _text(value)
    return text if text == "*" else _domain(text)


def _fonts(value: Any) -> str:
    text = _text(value)
    if not _FONTS.match(text):
        raise wrong(
            "fonts",
            f"{text!r} is no list of fonts; write names with commas: Georgia, 'Times New Roman', serif",
        )
    return text


def is_language(text: str) -> bool:
    """Return whether the text can be a language tag; a country's code such as ``vn`` cannot."""
    return bool(_LANGUAGE.match(text)) and text not in _COUNTRIES


def _language(value: Any) -> str:
    text = _text(value)
    if not is_language(text):
        raise wrong("language", f"{text!r} is no language tag; write one such as en, vi or pt-BR")
    return text


def _run(value: Any) -> str:
    text = " ".join(_text(value).split())
    if not _RUN.match(text):
        raise wrong("run", f"{text!r} is nothing that can run; write pull, publish, bounces or send DIGEST")
    return text


def _inbox(value: Any) -> str:
    text = _text(value)
    if not _INBOX.match(text):
        raise wrong("inbox", f"{text!r} is no mailbox; write imaps://bounces@mail.courier.example/INBOX")
    return text


def is_private(url: str) -> bool:
    """Return whether nobody on the way reads what is asked there: by https, or on this machine."""
    parts = urlsplit(url)
    return parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$")]
"""A stable name for files and addresses: small letters, digits and hyphens."""
Span = Annotated[
    timedelta,
    BeforeValidator(_span),
    PlainSerializer(span_text, when_used="json"),
    WithJsonSchema(
        {"type": "string", "pattern": r"^\d{1,6}\s*(s|m|h|d|w)$", "examples": ["15m", "6h", "7d"]}
    ),
]
"""A length of time, such as 15m."""
ZoneName = Annotated[str, BeforeValidator(_zone)]
"""A time zone of the IANA list."""
CronLine = Annotated[str, BeforeValidator(_cron)]
"""Five cron fields."""
EmailAddress = Annotated[str, BeforeValidator(_address)]
"""An e-mail address."""
WebAddress = Annotated[str, BeforeValidator(_web)]
"""An absolute http or https address without a slash at the end."""
StoreAddress = Annotated[str, BeforeValidator(_store)]
"""sqlite:///… or postgresql://…"""
RecipientDomain = Annotated[str, BeforeValidator(_recipient_domain)]
"""A domain name, or * for any other one."""
Domain = Annotated[str, BeforeValidator(_domain)]
"""A domain name."""
Network = Annotated[str, BeforeValidator(_network)]
"""An IP address or network."""
InboxAddress = Annotated[str, BeforeValidator(_inbox)]
"""A folder on an IMAP server, without a password."""
RunLine = Annotated[str, BeforeValidator(_run)]
"""What a job does: pull, publish, bounces or send DIGEST."""
TagAuthority = Annotated[str, BeforeValidator(_tag)]
"""The authority of tag: URIs (RFC 4151 §2.1)."""
ColorHex = Annotated[str, BeforeValidator(_color)]
"""A colour as #rrggbb."""
FontStack = Annotated[str, BeforeValidator(_fonts)]
"""Names of fonts, the first that a reader has is used."""
Language = Annotated[str, BeforeValidator(_language)]
"""A BCP 47 language tag."""
