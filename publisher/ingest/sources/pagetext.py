"""An article page saved as plain text: the article, its byline, form remains, and a list of recent news.

A page has no ids, dates, links or pictures. Its articles come out oldest first (a list's order is its
recency), and what stands both as the page's article and in its list comes out once, at its place in the list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import BinaryIO

from publisher.ingest.document import Origin, Read, Rejected
from publisher.ingest.normalise.markup import paragraph
from publisher.ingest.normalise.text import split_agency
from publisher.ingest.same import same_story, story_keys
from publisher.ingest.sources.bylines import Bylines, bylines_at_end
from publisher.ingest.sources.language import guess
from publisher.ingest.sources.pagelines import Line, lines_of, parts_of
from publisher.ingest.sources.pagelist import Item, item_of
from publisher.ingest.sources.pageparts import caption_of, is_credited, kinds
from publisher.model.article import Draft, Picture

LONGEST_HEADLINE = 300
_LEDE_AMONG, _LONGEST_ABOVE_LEDE = 3, 160


@dataclass(frozen=True, slots=True)
class _Teller:
    """Makes drafts of one page."""

    origin: Origin
    language: str | None

    def item(self, item: Item) -> Read:
        where = f"{self.origin.where}:{item.number}"
        if not item.title:
            return Rejected(where, "an item of the list without a headline")
        agency, lede = split_agency(item.lede)
        return Draft(
            source=self.origin.source,
            keys=story_keys(item.title, lede),
            where=where,
            title=item.title,
            language=self.language,
            label=item.label,
            agency=agency or None,
            lede=lede or None,
            notes=item.faults,
        )

    def article(self, lines: Sequence[Line]) -> Read:
        title, rest = lines[0], list(lines[1:])
        where = f"{self.origin.where}:{title.number}"
        if split_agency(title.text)[0] or len(title.text) > LONGEST_HEADLINE:
            return Rejected(where, "no headline: the page begins with a paragraph")
        lede_line = _take_lede(rest)
        agency, lede = split_agency(lede_line)
        tail = bylines_at_end([line.text for line in rest])
        texts = [line.text for line in rest[: len(rest) - tail.lines]]
        body, pictures = _body(texts, lede_line, tail)
        return Draft(
            source=self.origin.source,
            keys=story_keys(title.text, lede),
            where=where,
            title=title.text,
            language=self.language,
            agency=agency or None,
            lede=lede or None,
            body=body or None,
            pictures=pictures or None,
            bylines=tail.bylines or None,
            notes=tuple(line.fault for line in lines if line.fault),
        )


def read(stream: BinaryIO, origin: Origin) -> Iterator[Read]:
    """Read one page; see :data:`publisher.ingest.document.Reader`."""
    text = decoded(stream.read())
    page = parts_of(lines_of(text))
    teller = _Teller(origin, origin.language or guess(text))
    told: list[Read] = []
    seen: set[tuple[str, ...]] = set()
    for lines in page.items:
        item = teller.item(item_of(lines))
        # Only what is equal throughout is one article listed twice.
        if not isinstance(item, Draft) or item.keys not in seen:
            told.append(item)
            seen |= {item.keys} if isinstance(item, Draft) else set()
    if page.article:
        told = _with_article(teller.article(page.article), told)
    yield from reversed(told)


def decoded(data: bytes) -> str:
    """Return a page's text; UTF-16 is known by its byte order mark, everything else is UTF-8."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    return data.decode("utf-8-sig", "replace")


def _with_article(article: Read, told: list[Read]) -> list[Read]:
    """Put the page's article at its place in the list, else behind the oldest item."""
    if isinstance(article, Draft):
        for at, item in enumerate(told):
            if isinstance(item, Draft) and same_story(
                article.title, article.lede or "", item.title, item.lede or ""
            ):
                told[at] = replace(
                    article,
                    label=item.label,
                    agency=article.agency or item.agency,
                    lede=article.lede or item.lede,
                    notes=(*article.notes, *item.notes),
                )
                return told
    return [*told, article]


def _take_lede(rest: list[Line]) -> str:
    """Take the lede off the lines: the paragraph with an agency below captions, else the first."""
    among = rest[:_LEDE_AMONG]
    for at, line in enumerate(among):
        if split_agency(line.text)[0]:
            return rest.pop(at).text
        if len(line.text) > _LONGEST_ABOVE_LEDE:
            break
    for at, line in enumerate(among):
        if not is_credited(line.text):
            return rest.pop(at).text
    return ""


def _body(texts: Sequence[str], lede: str, tail: Bylines) -> tuple[str, tuple[Picture, ...]]:
    """Return the HTML of the body and the pictures whose captions stand in it."""
    blocks: list[str] = []
    pictures: list[Picture] = []
    for text, kind in zip(texts, kinds(texts, lede=lede), strict=True):
        if kind == "paragraph":
            blocks.append(paragraph(text))
        elif kind == "heading":
            blocks.append(f"<h2>{escape(text, quote=False)}</h2>")
        else:
            found = caption_of(text)
            pictures.append(Picture(caption=found.caption, credit=found.credit or tail.photographer))
            blocks.append(f"<figure><figcaption>{escape(text, quote=False)}</figcaption></figure>")
    return "\n".join(blocks), tuple(pictures)
