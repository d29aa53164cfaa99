"""Only the new entries for readers that ask so: RFC 3229 with the instance manipulation ``feed``.

Pure but for the memory of what earlier versions held. A reader that names a version which is not remembered
gets the whole feed, so forgetting is always safe.
"""

import re
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from xml.parsers.expat import ExpatError, ParserCreate

_REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")
REMEMBERED = 24
"""Versions of one feed: a day of readers that come by every hour."""


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a document: its id, the hash of its bytes, and where it stands."""

    id: str
    print: bytes
    start: int
    end: int


class History:
    """What the earlier versions of one feed held."""

    def __init__(self) -> None:
        self._versions: OrderedDict[frozenset[str], tuple[Part, ...]] = OrderedDict()

    def remember(self, tags: frozenset[str], document: bytes) -> None:
        """Keep the entries of a version that is about to be replaced, under its tags."""
        self._versions[tags] = parts(document)
        self._versions.move_to_end(tags)
        while len(self._versions) > REMEMBERED:
            self._versions.popitem(last=False)

    def of(self, named: Collection[str]) -> tuple[Part, ...] | None:
        """Return the entries of the latest version that one of these tags names."""
        for tags in reversed(self._versions):
            if not tags.isdisjoint(named):
                return self._versions[tags]
        return None


def asked(header: str | None) -> bool:
    """Return whether an A-IM header (RFC 3229 §10.5.3) asks for ``feed``."""
    if not header:
        return False
    for part in header.split(","):
        name, *parameters = (word.strip().lower() for word in part.split(";"))
        if name == "feed":
            return not any(map(_REFUSED.fullmatch, parameters))
    return False


def parts(document: bytes) -> tuple[Part, ...]:
    """Return the entries of an RSS or Atom document in their order; empty for anything else."""
    reader = _Reader(document)
    return reader.read()


def delta(document: bytes, before: Collection[Part]) -> bytes | None:
    """Return the document with only those entries that are new or changed since.

    Returns:
        None where the whole document is the better answer: nothing of it is new, or an entry is gone that
        did not just fall off the end (a reader could not learn of it otherwise).
    """
    now = parts(document)
    had = {part.print for part in before}
    new = [part for part in now if part.print not in had]
    if not new or len(new) == len(now) or _taken_out(now, before):
        return None
    between = document[now[0].end : now[1].start]
    entries = between.join(document[part.start : part.end] for part in new)
    return document[: now[0].start] + entries + document[now[-1].end :]


def _taken_out(now: Collection[Part], before: Collection[Part]) -> bool:
    there = {part.id for part in now}
    stands = [part.id in there for part in before]
    return True not in stands or False in stands[: len(stands) - stands[::-1].index(True)]


class _Reader:
    """Finds entries with their places in the bytes."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self._stack: list[str] = []
        self._found: list[Part] = []
        self._start = 0
        self._id: list[str] = []
        self._parser = ParserCreate()
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self) -> tuple[Part, ...]:
        try:
            self._parser.Parse(self._document, True)
        except ExpatError:
            return ()
        return tuple(self._found)

    def _begin(self, name: str, _attributes: object) -> None:
        self._stack.append(name)
        if self._stack in (["rss", "channel", "item"], ["feed", "entry"]):
            self._start, self._id = self._parser.CurrentByteIndex, []

    def _text(self, text: str) -> None:
        if self._stack in (["rss", "channel", "item", "guid"], ["feed", "entry", "id"]):
            self._id.append(text)

    def _end(self, _name: str) -> None:
        if self._stack in (["rss", "channel", "item"], ["feed", "entry"]):
            end = self._document.index(b">", self._parser.CurrentByteIndex) + 1
            entry = self._document[self._start : end]
            self._found.append(Part("".join(self._id), sha256(entry).digest(), self._start, end))
        self._stack.pop()
