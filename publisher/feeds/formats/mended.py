"""feedgen, mended: the only home of feedgen, and of lxml beside it.

What feedgen 1.0 gets wrong, and what is done about it here:

- Atom entry links lose rel, type, hreflang and length (its issues 135 and 143), RSS carries one self link
  and no other: links are written here.
- ``lastBuildDate`` is the clock's unless it is set, and its RFC 822 dates switch the locale of the whole
  process: dates of RSS are written here.
- An author without e-mail vanishes from RSS: dc:creator is written here.
- It knows neither archives nor tombstones nor Media RSS with captions: what is ``extra`` is written here.

The text of an article is far longer than all else in an entry. So it does not go through the tree of
elements, where it would be checked, copied and escaped once for every format: :data:`TEXT` holds its place,
and the escaped bytes are put there.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from html import escape
from html.entities import name2codepoint
from types import MappingProxyType
from typing import NamedTuple

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.model.feed import Frame

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
DC = "http://purl.org/dc/elements/1.1/"
HISTORY = "http://purl.org/syndication/history/1.0"
MEDIA = "http://search.yahoo.com/mrss/"
SYNDICATION = "http://purl.org/rss/1.0/modules/syndication/"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

RSS_NAMESPACES = {
    "atom": ATOM,
    "content": CONTENT,
    "dc": DC,
    "fh": HISTORY,
    "media": MEDIA,
    "sy": SYNDICATION,
}
ATOM_NAMESPACES = {"fh": HISTORY}

_LIKE_HTML = re.compile(r"</\w+>|&(?:#?\w*\d\w*|" + "|".join(sorted(name2codepoint)) + r"|apos)\b")

Attributes = Mapping[str, str]

TEXT = "."
"""Given to feedgen in place of an article's text."""


class Extra(NamedTuple):
    """An element that feedgen does not write.

    Attributes:
        name: in lxml's spelling, ``{namespace}name``.
        text: what it holds.
        attributes: in lxml's spelling.
        inside: the elements in it.
        prefix: declares its namespace on the spot, where the root does not.
    """

    name: str
    text: str = ""
    attributes: Attributes = MappingProxyType({})
    inside: tuple["Extra", ...] = ()
    prefix: str = ""


class _RssNamespaces(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    def extend_ns(self) -> dict[str, str]:
        return RSS_NAMESPACES


class _AtomNamespaces(BaseExtension):  # type: ignore[misc]  # feedgen is untyped
    def extend_ns(self) -> dict[str, str]:
        return ATOM_NAMESPACES


class Head(FeedGenerator):  # type: ignore[misc]  # feedgen is untyped
    """A document without its entries."""

    def __init__(self) -> None:
        super().__init__()
        self.register_extension("rss_namespaces", _RssNamespaces, atom=False)
        self.register_extension("atom_namespaces", _AtomNamespaces, rss=False)
        self._FeedGenerator__rss_lastBuildDate = None
        self.links: list[Attributes] = []
        self.extra: list[Extra] = []

    def _create_rss(self, extensions: bool = True) -> tuple[etree._Element, etree._ElementTree]:
        root, tree = super()._create_rss(extensions)
        channel = root[0]
        for attributes in self.links:
            etree.SubElement(channel, f"{{{ATOM}}}link", dict(attributes))
        _add(channel, self.extra)
        return root, tree

    def _create_atom(self, extensions: bool = True) -> tuple[etree._Element, etree._ElementTree]:
        root, tree = super()._create_atom(extensions)
        for attributes in self.links:
            etree.SubElement(root, "link", dict(attributes))
        _add(root, self.extra)
        return root, tree


class Entry(FeedEntry):  # type: ignore[misc]  # feedgen is untyped
    """One entry; all its links but RSS's own go to ``links``."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Attributes] = []
        self.extra: list[Extra] = []

    def rss(self) -> bytes:
        """Return the item with what feedgen does not write, as it stands in a document."""
        wrapper = etree.Element("w", nsmap=RSS_NAMESPACES)
        wrapper.append(self.rss_entry())
        _add(wrapper[0], self.extra)
        return _inside(wrapper)

    def atom(self, language: str) -> bytes:
        """Return the entry with its language, whole links, and no title that could be misread."""
        entry: etree._Element = self.atom_entry()
        entry.set(LANG, language)
        if self.link():
            for broken in entry.findall("link"):
                entry.remove(broken)
        for attributes in self.links:
            etree.SubElement(entry, "link", dict(attributes))
        if like_html(self.title()):
            for title in entry.iterfind("title"):
                title.text = escape(self.title(), quote=False)
                title.set("type", "html")
        wrapper = etree.Element("w", nsmap=ATOM_NAMESPACES)
        wrapper.append(entry)
        return _inside(wrapper)


def like_html(text: str) -> bool:
    """Return whether a reader could take a plain text for HTML."""
    return ("&" in text or "<" in text) and _LIKE_HTML.search(text) is not None


def declared(text: str, plain: str) -> tuple[str, str]:
    """Return a plain text and its type; one that looks like HTML becomes HTML, so that nobody has to guess.

    Args:
        text: what is to be said.
        plain: what the format calls a text that is none.
    """
    return (escape(text, quote=False), "html") if like_html(text) else (text, plain)


def known(**attributes: object) -> dict[str, str]:
    """Return the attributes that are known, as text; those that are None are left out."""
    return {name: str(value) for name, value in attributes.items() if value is not None}


def filled(entry: bytes, place: bytes, html: str) -> bytes:
    """Return an entry with an article's text in the element that holds its place.

    Args:
        entry: in which feedgen was given :data:`TEXT`.
        place: the element's start tag; no text can look like it, for ``<`` is escaped in texts.
        html: without characters that XML cannot carry.
    """
    before, after = entry.split(place + TEXT.encode() + b"</")
    return b"".join((before, place, _escaped(html), b"</", after))


def framed(head: bytes, end: bytes) -> Frame:
    """Return a document without entries, cut open before ``end``."""
    cut = head.rindex(end)
    return Frame(head[:cut] + b"\n", b"\n", b"\n" + head[cut:] + b"\n")


@lru_cache(maxsize=1)
def _escaped(html: str) -> bytes:
    """Return a text as lxml writes it; the formats of one entry ask one after the other.

    A return is a reference, or it would come back as a new line (XML 1.0 §2.11).
    """
    text = html.encode().replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;")
    return text.replace(b"\r", b"&#13;")


def _add(parent: etree._Element, extra: Iterable[Extra]) -> None:
    for one in extra:
        nsmap = {one.prefix: etree.QName(one.name).namespace or ""} if one.prefix else None
        made = etree.SubElement(parent, one.name, dict(one.attributes), nsmap)
        made.text = one.text or None
        if one.inside:
            _add(made, one.inside)


def _inside(wrapper: etree._Element) -> bytes:
    """Return what stands in an element, as it stands below a root that declares the same namespaces."""
    whole = etree.tostring(wrapper, encoding="UTF-8", xml_declaration=False)
    return whole[whole.index(b">") + 1 : -len(b"</w>")]
