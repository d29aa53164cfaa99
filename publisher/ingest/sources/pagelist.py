"""The items of a page's list of recent news: headline, section label, lede."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.ingest.normalise.text import fold
from publisher.ingest.sources.pagelines import BULLET, Line

_LABEL = re.compile(r"(\S.{0,60}?)\s*[-–—]$")
_STRAY = "'’‘`´"
_CUT = ("…", "...")


@dataclass(frozen=True, slots=True)
class Item:
    """What a list tells of an article; ``label`` None when it names no section."""

    number: int
    title: str
    label: str | None
    lede: str
    faults: tuple[str, ...]


def item_of(lines: Sequence[Line]) -> Item:
    """Read one item; its title is empty when it has none.

    The headline stands twice, the first time behind a stray apostrophe; the label ends in a dash.
    """
    texts = [line.text for line in lines[1:]]
    title = _headline(BULLET.sub("", lines[0].text, count=1), texts)
    label = None
    if texts and (found := _LABEL.fullmatch(texts[0])):
        label = found[1]
        texts.pop(0)
    faults = tuple(line.fault for line in lines if line.fault)
    return Item(lines[0].number, title, label, " ".join(texts), faults)


def _headline(first: str, texts: list[str]) -> str:
    """Return the headline, taking its second telling off the texts."""
    bare = first[1:].strip() if first[:1] in _STRAY else first
    if texts and _is_telling_of(texts[0], first, bare):
        return texts.pop(0)
    quoted = len(bare) > 1 and first[0] in _STRAY and first[-1] in _STRAY
    return first if quoted else bare


def _is_telling_of(text: str, first: str, bare: str) -> bool:
    if fold(text) in {fold(first), fold(bare)}:
        return True
    return bare.endswith(_CUT) and len(bare) > 12 and fold(text).startswith(fold(bare.rstrip(".…")))
