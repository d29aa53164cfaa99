"""The letter that one choice of sections gets, and the web version: put together from an edition's pieces.

Nothing is rendered here. The pieces were cut from a letter that was rendered and inlined once, so a choice
costs no more than joining strings.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from publisher.model.edition import Piece, Rendered

_ADDRESS_LINE = re.compile(r"^https?://\S+$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Content for everyone with the same choice; tokens still stand as place holders."""

    subject: str
    preheader: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed that the web version points readers' programs to."""

    url: str
    media_type: str
    title: str


def variant(content: Rendered, sections: Sequence[str]) -> Variant | None:
    """Return what a choice of sections gets; None when nothing of the edition is in it.

    A lead outside the choice gives way to the first story of the first section that is in it. Articles
    without a section are for those who chose none.

    Args:
        content: the edition's content.
        sections: keys; empty for all.
    """
    if not sections or not content.pieces:
        return Variant(
            subject=content.subject, preheader=content.preheader, html=content.html, text=content.text
        )
    chosen = frozenset(sections)
    opening = _opening(content.pieces, chosen)
    if opening is None:
        return None
    picked = list(_picked(content.pieces, chosen, opening))
    words = escape(opening.preheader)
    return Variant(
        subject=opening.subject,
        preheader=opening.preheader,
        html="".join([words if piece.role == "preheader" else piece.html for piece in picked])
        if content.html
        else "",
        text="".join([piece.text for piece in picked]),
    )


def web_version(content: Rendered, feeds: Sequence[FeedLink] = ()) -> str:
    """Return the whole letter as a page for everyone: no personal links, no preheader.

    Args:
        content: the edition's content; that of a text-only layout is set as plain text.
        feeds: announced in the page's head.
    """
    links = "".join(
        f'<link rel="alternate" type="{escape(feed.media_type)}" title="{escape(feed.title)}" '
        f'href="{escape(feed.url)}">'
        for feed in feeds
    )
    public = [piece for piece in content.pieces if piece.role in {"frame", "lead", "section"}]
    if content.html:
        return "".join(piece.html for piece in public).replace("</head>", f"{links}</head>", 1)
    return _text_page(content, "".join(piece.text for piece in public), links)


def _text_page(content: Rendered, text: str, links: str) -> str:
    said = _ADDRESS_LINE.sub(r'<a href="\g<0>">\g<0></a>', escape(text))
    title = escape(content.subject)
    return (
        f'<!DOCTYPE html><html lang="{escape(content.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
        f"<title>{title}</title>{links}</head><body><main><h1>{title}</h1>"
        f'<pre style="white-space:pre-wrap;overflow-wrap:anywhere">{said}</pre></main></body></html>'
    )


def _opening(pieces: Sequence[Piece], chosen: frozenset[str]) -> Piece | None:
    """Return the piece that opens the letter of a choice: the lead, or the first section that is in it."""
    for piece in pieces:
        if piece.role in {"lead", "section"} and piece.section in chosen:
            return piece
    return None


def _picked(pieces: Sequence[Piece], chosen: frozenset[str], opening: Piece) -> Iterator[Piece]:
    split = {piece.section for piece in pieces if piece.role == "standin"}
    promoted = opening.section if opening.role == "section" and opening.section in split else None
    for piece in pieces:
        if piece.role in {"frame", "mail", "preheader"} or (piece is opening and not promoted):
            yield piece
        elif piece.role in {"standin", "rest"}:
            if promoted is not None and piece.section == promoted:
                yield piece
        elif piece.role == "section" and piece.section in chosen and piece.section != promoted:
            yield piece
