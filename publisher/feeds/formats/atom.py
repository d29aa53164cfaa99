"""Atom 1.0 (RFC 4287) with archives (RFC 5005) and tombstones (RFC 6721)."""

from collections.abc import Iterator
from datetime import datetime

from publisher.feeds.clean import line, uri
from publisher.feeds.content import Material
from publisher.feeds.formats import mended
from publisher.feeds.formats.mended import TEXT, Extra, declared, filled, known, like_html
from publisher.model.feed import MEDIA_TYPES, Feed, Frame, Tombstone

_CONTENT = b'<content type="html">'


def entry(one: Material) -> bytes:
    """Return an article's entry; the same in every feed of that manner."""
    made = mended.Entry()
    made.id(one.id)
    made.title(one.title)
    made.published(one.published)
    made.updated(one.updated)
    made.author([{"name": name} for name in one.authors])
    made.links = list(_entry_links(one))
    if one.summary is not None:
        summary, kind = declared(one.summary, "text")
        made.summary(summary, type=kind)
    if one.html is not None:
        made.content(TEXT, type="html")
    else:
        # feedgen wants an alternate link where there is no content; what is written are the links above.
        made.link(href=one.link, rel="alternate")
    made.category(
        [
            known(term=term, scheme=scheme, label=label if label != term else None)
            for scheme, term, label in one.categories
        ]
    )
    whole = made.atom(one.language)
    return filled(whole, _CONTENT, one.html) if one.html is not None else whole


def frame(feed: Feed) -> Frame:
    """Return what stands around the entries."""
    head = mended.Head()
    head.id(feed.id)
    head.title(line(feed.title))
    head.subtitle(line(feed.description))
    head.updated(feed.updated.replace(microsecond=0))
    head.language(feed.plan.language)
    head.generator("publisher")
    author = {"name": line(feed.manner.author), "uri": feed.manner.site_url}
    head.author(author | ({"email": feed.email} if feed.email else {}))
    if feed.rights:
        head.rights(line(feed.rights))
    if feed.logo:
        head.logo(uri(feed.logo))
    if feed.icon:
        head.icon(uri(feed.icon))
    head.links = list(_links(feed))
    if feed.chain.archive:
        head.extra.append(Extra(f"{{{mended.HISTORY}}}archive"))
    head.extra += [_tombstone(one) for one in feed.tombstones]
    return mended.framed(head.atom_str(), b"</feed>")


def date(updated: datetime) -> bytes:
    """Return the element that says when the feed last changed."""
    return f"<updated>{updated.replace(microsecond=0).isoformat()}</updated>".encode()


def _links(feed: Feed) -> Iterator[mended.Attributes]:
    media_type, chain = MEDIA_TYPES["atom"], feed.chain
    yield {"rel": "self", "href": feed.self_url("atom"), "type": media_type}
    page = {"rel": "alternate", "href": feed.page_url, "type": "text/html"}
    yield page | {"hreflang": feed.plan.language}
    if feed.hub:
        yield {"rel": "hub", "href": uri(feed.hub)}
    if chain.archive:
        yield {"rel": "current", "href": feed.address("atom"), "type": media_type}
    for relation, name in (("prev-archive", chain.older), ("next-archive", chain.newer)):
        if name:
            yield {"rel": relation, "href": feed.address("atom", name), "type": media_type}


def _entry_links(one: Material) -> Iterator[mended.Attributes]:
    """Yield the article's page, its comments (RFC 4685 §4) and its pictures."""
    yield {"rel": "alternate", "href": one.link, "type": "text/html", "hreflang": one.language}
    if one.comments:
        yield {"rel": "replies", "href": one.comments, "type": "text/html"}
    for picture in one.pictures:
        # A title that looks like HTML cannot be declared as plain here; the caption is in the text as well.
        title = picture.words if picture.words and not like_html(picture.words) else None
        yield known(
            rel="enclosure",
            href=picture.url,
            type=picture.media_type,
            length=picture.length,
            title=title,
        )


def _tombstone(one: Tombstone) -> Extra:
    attributes = {"ref": one.uri, "when": one.when.isoformat(timespec="seconds")}
    return Extra(f"{{{mended.TOMBSTONES}}}deleted-entry", attributes=attributes, prefix="at")
