"""A draft as its reader found it -> a draft that may be stored: clean text, safe HTML, whole addresses."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from publisher.ingest.document import Read, Rejected
from publisher.ingest.normalise import web
from publisher.ingest.normalise.faults import faults as html_faults
from publisher.ingest.normalise.faults import refusal
from publisher.ingest.normalise.markup import Block, images_of, sanitise, to_html
from publisher.ingest.normalise.text import faults as text_faults
from publisher.ingest.normalise.text import fold, one_line, plain_line, split_agency
from publisher.model.article import Byline, Draft, Picture

LONGEST_TITLE = 300
LONGEST_LEDE = 1_200
LONGEST_TAG = 100
_AHEAD = timedelta(days=1)


class Pictures(Protocol):
    """Decides about the pictures of one document."""

    def address(self, said: str, base: str | None) -> tuple[str | None, str]:
        """Return (absolute address for the body, or None; why not, else empty)."""

    def complete(self, picture: Picture, base: str | None) -> tuple[Picture | None, str]:
        """Return (the picture with its address and facts, or None; what is wrong with it, else empty)."""


class WebPictures:
    """Pictures that stay where they are on the web."""

    def address(self, said: str, base: str | None) -> tuple[str | None, str]:
        """Make an address whole."""
        whole = web.absolute(said, base)
        return whole, "" if whole else f"picture {said[:80]!r} was left out: it has no web address"

    def complete(self, picture: Picture, base: str | None) -> tuple[Picture | None, str]:
        """Make its address whole; without one it stays for its caption, if it has one."""
        whole, problem = self.address(picture.url, base) if picture.url else (None, "")
        kept = replace(picture, url=whole)
        return (kept if whole or kept.caption or kept.credit else None), problem


@dataclass(slots=True)
class _Tidying:
    """One draft on its way."""

    draft: Draft
    base: str | None
    pictures: Pictures
    notes: list[str] = field(default_factory=list)

    def line(self, name: str, value: str | None) -> str | None:
        """Clean one line of text and note what had to be taken out."""
        if value is None:
            return None
        if found := text_faults(value):
            self.notes.append(f"{name}: {found}")
        return plain_line(value)

    def link(self, name: str, value: str | None) -> str | None:
        """Make an address whole, or leave it out with a note."""
        if not value or not value.strip():
            return None
        whole = web.absolute(value, self.base)
        if whole is None:
            self.notes.append(f"{name}: {one_line(value)[:80]!r} is no web address and was left out")
        return whole

    def blocks(self, body: str) -> list[Block]:
        """Sanitise a body and note what was wrong with it."""
        if found := text_faults(body):
            self.notes.append(f"body: {found}")
        self.notes += [f"body: {found}" for found in html_faults(body)]
        return sanitise(body, self.base, self._picture_address)

    def album(self, pictures: Sequence[Picture]) -> tuple[Picture, ...]:
        """Complete the pictures; one that cannot be had is left out with a note."""
        kept: list[Picture] = []
        for picture in pictures:
            caption, credit, alt = (
                self.line("picture", words) or "" for words in (picture.caption, picture.credit, picture.alt)
            )
            done, problem = self.pictures.complete(
                replace(picture, caption=caption, credit=credit, alt=alt), self.base
            )
            if done:
                kept.append(done)
            if problem:
                self.notes.append(problem)
        return tuple(kept)

    def _picture_address(self, said: str) -> str | None:
        whole, problem = self.pictures.address(said, self.base)
        if problem:
            self.notes.append(problem)
        return whole


def tidy(draft: Draft, *, base: str | None, pictures: Pictures, now: datetime) -> Read:
    """Return the draft fit to be stored, with notes of what was wrong, or why it cannot be taken.

    Args:
        draft: as its reader found it.
        base: address of its document; the article's own address comes before it.
        pictures: decides about its pictures.
        now: dates far behind it are noted.
    """
    work = _Tidying(draft, base, pictures)
    title = work.line("title", draft.title) or ""
    if not title and not draft.withdrawn:
        return Rejected(draft.where, "it has no title")
    if draft.body and (reason := refusal(draft.body)):
        return Rejected(draft.where, reason)
    url = work.link("url", draft.url)
    work.base = url or base
    said_agency, lede = split_agency(work.line("lede", draft.lede) or "")
    agency, lede, body = _lede_and_body(work, draft.agency or said_agency, lede)
    return replace(
        draft,
        title=_cut(title, work.notes),
        label=work.line("section", draft.label) or None,
        agency=one_line(agency) if agency else draft.agency,
        lede=lede or (None if draft.lede is None else ""),
        body=body,
        bylines=None if draft.bylines is None else tuple(_bylines(work, draft.bylines)),
        tags=None if draft.tags is None else tuple(_tags(work, draft.tags)),
        url=url,
        comments=work.link("comments", draft.comments),
        correction=work.line("correction", draft.correction),
        pictures=None if draft.pictures is None else work.album(draft.pictures),
        notes=tuple(dict.fromkeys([*draft.notes, *work.notes, *_date_notes(draft, now)])),
    )


def _lede_and_body(work: _Tidying, agency: str, lede: str) -> tuple[str, str, str | None]:
    """Return agency, lede and body: the lede is not repeated, and taken from the body when none is said."""
    if work.draft.body is None:
        return agency, lede, None
    blocks = work.blocks(work.draft.body)
    if lede:
        blocks = list(_without(blocks, lede))
    else:
        found, blocks = _take_lede(blocks)
        said, lede = split_agency(found)
        agency = agency or said
    return agency, lede, to_html(blocks)


def _without(blocks: Sequence[Block], lede: str) -> Iterator[Block]:
    """Yield the blocks but for a first paragraph that says the lede again."""
    wanted = fold(lede)
    opening = True
    for block in blocks:
        if opening and block.tag == "p" and block.text:
            opening = False
            if fold(split_agency(block.text)[1]) == wanted:
                continue
        yield block


def _take_lede(blocks: list[Block]) -> tuple[str, list[Block]]:
    """Take the first paragraph off, if nothing but pictures stands before it and it is of a lede's length."""
    for at, block in enumerate(blocks):
        if block.tag == "p" and block.text:
            if len(block.text) > LONGEST_LEDE:
                break
            left = [
                Block("figure", f"<figure>{image}</figure>", "", plain=False) for image in images_of(block)
            ]
            return block.text, [*blocks[:at], *left, *blocks[at + 1 :]]
        if block.tag != "figure" and block.text:
            break
    return "", blocks


def _cut(title: str, notes: list[str]) -> str:
    if len(title) <= LONGEST_TITLE:
        return title
    notes.append(f"title: its {len(title):,} characters were cut to {LONGEST_TITLE}")
    begun = title[: LONGEST_TITLE - 1]
    return f"{begun.rsplit(' ', 1)[0] if ' ' in begun[LONGEST_TITLE // 2 :] else begun}…"


def _bylines(work: _Tidying, bylines: Sequence[Byline]) -> Iterator[Byline]:
    for byline in bylines:
        name, rank, office = (
            work.line("byline", part) or "" for part in (byline.name, byline.rank, byline.office)
        )
        if name:
            yield Byline(name, rank, office)


def _tags(work: _Tidying, tags: Sequence[str]) -> Iterator[str]:
    seen = set()
    for tag in tags:
        plain = (work.line("tag", tag) or "")[:LONGEST_TAG].strip()
        if plain and plain.casefold() not in seen:
            seen.add(plain.casefold())
            yield plain


def _date_notes(draft: Draft, now: datetime) -> Iterator[str]:
    if draft.published and draft.published > now + _AHEAD:
        yield f"published: {draft.published:%Y-%m-%d %H:%M} UTC lies ahead"
