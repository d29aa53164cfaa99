"""Whether a reader has the bytes already: RFC 9110 §13 as pure decisions."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache

# RFC 9110 §8.8.3: an opaque tag may hold a comma, so a list cannot be split at commas.
_LISTED = re.compile(r'(?:W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
_BARE = re.compile(r"[\x21\x23-\x2b\x2d-\x7e]+")
# What a proxy that compresses by itself adds: Apache -gzip, Jetty --gzip, others ;gzip.
_SUFFIX = re.compile(r"(?:--|-|;)(?:gzip|br|deflate|zstd)$")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_IMF = re.compile(r"[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT")
_RFC850 = re.compile(r"[A-Z][a-z]{5,8}, (\d{2})-([A-Z][a-z]{2})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT")
_ASCTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})")
_PIVOT = 70


def tags(header: str) -> tuple[str, ...]:
    """Return the opaque tags of an If-None-Match list, without quotes and without ``W/``.

    If-None-Match compares weakly (RFC 9110 §13.1.2), so weakness is not kept. A tag that somebody sent
    without its quotes is read as well, as long as it stands alone.
    """
    found = tuple(_LISTED.findall(header))
    bare = header.strip()
    return found if found or not _BARE.fullmatch(bare) else (bare,)


def listed(header: str, own: Collection[str], behind_proxy: Collection[str] = ()) -> str | None:
    """Return which of our tags an If-None-Match header names; None when it names none.

    Args:
        header: its value; ``*`` names the first of our own.
        own: opaque tags of what this reader may be sent, the best first. The server chooses among the codings
            that a reader accepts, so one that it holds already is as good a choice as any.
        behind_proxy: tags of the same content in every coding; they count with a proxy's suffix, for a proxy
            that compressed our plain bytes asks again with the reader's own Accept-Encoding.
    """
    if header.strip() == "*":
        return next(iter(own), None)
    for tag in tags(header):
        if tag in own:
            return tag
        base = _SUFFIX.sub("", tag)
        if base != tag and (base in own or base in behind_proxy):
            return base
    return None


def not_modified_since(header: str, modified: int) -> bool:
    """Return whether an If-Modified-Since header is as late as our Last-Modified (seconds since 1970).

    To be asked only when there is no If-None-Match (RFC 9110 §13.2.2). A date that is none is ignored.
    """
    since = http_seconds(header)
    return since is not None and modified <= since


@lru_cache(maxsize=256)
def http_seconds(text: str) -> int | None:
    """Return an HTTP date as seconds since 1970; None when it is none.

    All three forms are read, as RFC 9110 §5.6.7 asks; of a two-digit year 70 and above is the last century.
    """
    bare = text.strip()
    if found := _IMF.fullmatch(bare):
        day, month, year, *clock = found.groups()
    elif found := _RFC850.fullmatch(bare):
        day, month, short, *clock = found.groups()
        year = str(int(short) + (1900 if int(short) >= _PIVOT else 2000))
    elif found := _ASCTIME.fullmatch(bare):
        month, day, *clock, year = found.groups()
    else:
        return None
    try:
        hour, minute, second = map(int, clock)
        moment = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return int(moment.timestamp())


def http_date(seconds: int) -> str:
    """Return seconds since 1970 as an IMF-fixdate (RFC 9110 §5.6.7), whatever the locale."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return (
        f"{_DAYS[moment.weekday()]}, {moment.day:02d} {_MONTHS[moment.month - 1]} {moment.year:04d} "
        f"{moment:%H:%M:%S} GMT"
    )
