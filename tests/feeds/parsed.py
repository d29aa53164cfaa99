"""What independent readers of each format make of a document."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from lxml import etree

from publisher.model.feed import Format

NS = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "fh": "http://purl.org/syndication/history/1.0",
}


@dataclass(frozen=True)
class Read:
    """An entry as a reader has it."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...]
    summary: str
    html: str

    @property
    def words(self) -> str:
        """The words of its full text, as one line."""
        return words(self.html)


def words(html: str) -> str:
    """Return what a person reads of HTML."""
    if not html.strip():
        return ""
    tree = page(html.encode())
    for element in tree.iter("p", "figcaption", "h2", "li", "br", "figure"):
        element.tail = " " + (element.tail or "")
    return " ".join("".join(str(part) for part in tree.itertext()).split())


def page(html: bytes) -> etree._Element:
    """Return an HTML document as a tree."""
    return etree.fromstring(html, etree.HTMLParser(encoding="utf-8"))


def entries(form: Format, body: bytes) -> list[Read]:
    """Read a document."""
    return {"rss": _rss, "atom": _atom, "json": _json}[form](body)


def _rss(body: bytes) -> list[Read]:
    return [
        Read(
            id=one.findtext("guid", ""),
            title=one.findtext("title", ""),
            link=one.findtext("link", ""),
            published=parsedate_to_datetime(one.findtext("pubDate", "")),
            updated=datetime.fromisoformat(one.findtext("atom:updated", "", NS)),
            authors=tuple(name.text or "" for name in one.findall("dc:creator", NS)),
            # Without a summary the description is the full text.
            summary=unescape(one.findtext("description", ""))
            if one.find("content:encoded", NS) is not None
            else "",
            html=one.findtext("content:encoded", one.findtext("description", ""), NS),
        )
        for one in etree.fromstring(body).iter("item")
    ]


def _atom(body: bytes) -> list[Read]:
    return [
        Read(
            id=one.findtext("atom:id", "", NS),
            title=_text(one.find("atom:title", NS)),
            link=one.xpath("string(atom:link[@rel='alternate']/@href)", namespaces=NS),
            published=datetime.fromisoformat(one.findtext("atom:published", "", NS)),
            updated=datetime.fromisoformat(one.findtext("atom:updated", "", NS)),
            authors=tuple(name.text or "" for name in one.findall("atom:author/atom:name", NS)),
            summary=_text(one.find("atom:summary", NS)),
            html=one.findtext("atom:content", "", NS),
        )
        for one in etree.fromstring(body).iterfind("atom:entry", NS)
    ]


def _text(construct: Any) -> str:
    if construct is None:
        return ""
    text = construct.text or ""
    return unescape(text) if construct.get("type") == "html" else text


def _json(body: bytes) -> list[Read]:
    return [
        Read(
            id=one["id"],
            title=one["title"],
            link=one["url"],
            published=datetime.fromisoformat(one["date_published"]),
            updated=datetime.fromisoformat(one["date_modified"]),
            authors=tuple(author["name"] for author in one["authors"]),
            summary=one.get("summary", ""),
            html=one["content_html"],
        )
        for one in json.loads(body)["items"]
    ]
