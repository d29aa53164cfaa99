"""Where a feed is cut into archive documents (RFC 5005 §4); pure.

A document holds a stretch of the order of recency: everything newer than the document before it, and no newer
than its own end. It is cut off when a later month has begun, or when the feed could not hold it any longer.
What is not cut off is in the current feed, whole; so whoever reads the current feed and follows prev-archive
meets every live article. Ends are kept in the store and never move: a document's articles change only by a
withdrawal, a move between sections, or an article that arrives with a date long past.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from publisher.model.feed import Listed

BACKLOG_ENTRIES = 100
"""Articles in a document of a month that is over."""
BYTES_AIM = 1_800_000


@dataclass(frozen=True, slots=True)
class Cut:
    """A new archive document.

    Attributes:
        name: in addresses.
        date, number: its end in the order of recency.
        updated: the latest significant change in it.
    """

    name: str
    date: datetime
    number: int
    updated: datetime


def cuts(listed: Iterable[Listed], *, newest: datetime, keep: int, taken: str | None) -> Iterator[Cut]:
    """Yield the documents to cut off.

    Args:
        listed: what no document holds yet, oldest first, with the length of their bodies.
        newest: date of the newest article of the feed.
        keep: how many articles the current feed can hold.
        taken: name of the document before.
    """
    part: list[Listed] = []
    weight = 0
    for one in listed:
        if part and _full(part, one, weight, keep=keep, newest=newest):
            taken = _name(part[0].date, taken)
            yield _cut(taken, part)
            part, weight = [], 0
        part.append(one)
        weight += _weight(one)


def month(date: datetime) -> str:
    """Return the month that a date falls in, by UTC: a change of the newsroom's zone moves nothing."""
    return f"{date:%Y-%m}"


def _full(part: list[Listed], following: Listed, weight: int, *, keep: int, newest: datetime) -> bool:
    this = month(part[0].date)
    if month(following.date) != this:
        return True
    most = keep if this == month(newest) else max(keep, BACKLOG_ENTRIES)
    return len(part) >= most or weight + _weight(following) > BYTES_AIM


def _weight(one: Listed) -> int:
    """Return what its largest entry hardly exceeds in bytes: letters of three, escaped markup, the rest."""
    return 3 * one.letters + 2_000


def _cut(name: str, part: list[Listed]) -> Cut:
    return Cut(name, *part[-1].place, max(one.significant for one in part))


def _name(date: datetime, taken: str | None) -> str:
    """Return the month, or, when it is taken, the month with the number of its next part."""
    this = month(date)
    if taken is None or not taken.startswith(this):
        return this
    part = taken.removeprefix(this).removeprefix("-")
    return f"{this}-{int(part or 1) + 1}"
