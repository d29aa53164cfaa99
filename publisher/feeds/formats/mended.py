"""feedgen, mended: the only home of feedgen, and of lxml beside it.

feedgen makes the documents; entries are written by the formats themselves, from material that is worked out
once for all of them. What feedgen 1.0 gets wrong with a document, and what is done about it here:

- RSS carries one self link and no other, and Atom's are in one list with them: links are written here.
- ``lastBuildDate`` is the clock's unless it is set, and its RFC 822 dates switch the locale of the whole
  process: it is written here.
- It knows neither archives nor tombstones: what is ``extra`` is written here.
"""

from collections.abc import Mapping

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
