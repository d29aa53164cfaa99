"""feedgen, mended: the only home of feedgen, and of lxml beside it.

What feedgen 1.0 gets wrong, and what is done about it here:

- Atom entry links lose rel, type, hreflang and length (its issues 135 and 143), RSS carries one self link
  and no other: links are written here.
- ``lastBuildDate`` is the clock's unless it is set, and its RFC 822 dates switch the locale of the whole
  process: dates of RSS are written here.
- An author without e-mail vanishes from RSS: dc:creator is written here.
- It knows neither archives nor tombstones nor Media RSS with captions: what is ``extra`` is written here.
"""

import re
from collections.abc import Mapping
from html import escape
from html.entities import name2codepoint

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
        self.extra: list[etree._Element] = []

    def _create_rss(self, extensions: bool = True) -> tuple[etree._Element, etree._ElementTree]:
        root, tree = super()._create_rss(extensions)
        channel = root[0]
        for attributes in self.links:
            etree.SubElement(channel, f"{{{ATOM}}}link", dict(attributes))
        channel.extend(self.extra)
        return root, tree

    def _create_atom(self, extensions: bool = True) -> tuple[etree._Element, etree._ElementTree]:
        root, tree = super()._create_atom(extensions)
        for attributes in self.links:
            etree.SubElement(root, "link", dict(attributes))
        root.extend(self.extra)
        return root, tree


class Entry(FeedEntry):  # type: ignore[misc]  # feedgen is untyped
    """One entry; ``link()`` is called once, with the article's address, all others go to ``links``."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[Attributes] = []
        self.extra: list[etree._Element] = []
        self.language = ""

    def rss_entry(self, extensions: bool = True) -> etree._Element:
        """Return the item with what feedgen does not write."""
        item: etree._Element = super().rss_entry(extensions)
        item.extend(self.extra)
        return item

    def atom_entry(self, extensions: bool = True) -> etree._Element:
        """Return the entry with its language, whole links, and no plain text that could be misread."""
        entry: etree._Element = super().atom_entry(extensions)
        entry.set(LANG, self.language)
        for broken in entry.findall("link"):
            entry.remove(broken)
        for attributes in self.links:
            etree.SubElement(entry, "link", dict(attributes))
        for name in ("title", "summary"):
            declare(entry.find(name))
        return entry


def like_html(text: str) -> bool:
    """Return whether a reader could take a plain text for HTML."""
    return ("&" in text or "<" in text) and _LIKE_HTML.search(text) is not None


def declare(construct: etree._Element | None) -> None:
    """Turn a plain text that looks like HTML into HTML that says the same, so that no reader has to guess."""
    if construct is not None and like_html(construct.text or ""):
        construct.set("type", "html")
        construct.text = escape(construct.text or "", quote=False)


def known(**attributes: object) -> dict[str, str]:
    """Return the attributes that are known, as text; those that are None are left out."""
    return {name: str(value) for name, value in attributes.items() if value is not None}


def fragment(entry: etree._Element, namespaces: Mapping[str, str]) -> bytes:
    """Return an entry's bytes as they stand in a document whose root declares these namespaces."""
    wrapper = etree.Element("w", nsmap=dict(namespaces))
    wrapper.append(entry)
    whole = etree.tostring(wrapper, encoding="UTF-8", xml_declaration=False)
    return whole[whole.index(b">") + 1 : -len(b"</w>")]


def element(
    name: str, text: str = "", attributes: Attributes | None = None, *, prefix: str | None = None
) -> etree._Element:
    """Return an element with text.

    Args:
        name: in lxml's spelling, ``{namespace}name``.
        text: what it holds.
        attributes: in lxml's spelling.
        prefix: declares its namespace on the spot, where the root does not.
    """
    nsmap = {prefix: etree.QName(name).namespace or ""} if prefix else {}
    made = etree.Element(name, dict(attributes or {}), nsmap=nsmap)
    made.text = text or None
    return made


def framed(head: bytes, end: bytes) -> Frame:
    """Return a document without entries, cut open before ``end``."""
    cut = head.rindex(end)
    return Frame(head[:cut] + b"\n", b"\n", b"\n" + head[cut:] + b"\n")
