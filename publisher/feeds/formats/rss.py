"""RSS 2.0, with the RSS Profile's advice, content:encoded, Dublin Core and Media RSS."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from publisher.feeds.clean import line, uri
from publisher.feeds.content import Material, Shown
from publisher.feeds.formats import mended
from publisher.feeds.formats.mended import TEXT, Extra, declared, filled, known
from publisher.model.feed import MEDIA_TYPES, Feed, Frame

_PLAIN = re.compile(rb"<(title|category|dc:creator)\b[^>]*>[^<]*(?=</\1>)")
_UPDATED = f"{{{mended.ATOM}}}updated"
_LANGUAGE = f"{{{mended.DC}}}language"
_CREATOR = f"{{{mended.DC}}}creator"
_PICTURE = f"{{{mended.MEDIA}}}content"
_THUMBNAIL = f"{{{mended.MEDIA}}}thumbnail"
_CAPTION = f"{{{mended.MEDIA}}}description"
_CREDIT = f"{{{mended.MEDIA}}}credit"
_ENCODED, _DESCRIPTION = b"<content:encoded>", b"<description>"
_PERIODS = (
    ("hourly", timedelta(hours=1)),
    ("daily", timedelta(days=1)),
    ("weekly", timedelta(weeks=1)),
)


def entry(one: Material) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    made = mended.Entry()
    made.title(one.title)
    made.link(href=one.link)
    made.guid(one.id, permalink=False)
    if one.summary or one.html is None:
        made.description(escape(one.summary or "", quote=False))
    if one.html is not None:
        # Without a description of its own feedgen writes this as the description.
        made.content(TEXT)
    if one.comments:
        made.comments(one.comments)
    made.category([{"term": label, "scheme": scheme} for scheme, _term, label in one.categories])
    lead = one.pictures[0] if one.pictures else None
    if lead and lead.length and lead.media_type:
        made.enclosure(lead.url, str(lead.length), lead.media_type)
    made.extra = list(_extra(one, lead))
    item = _with_references(made.rss(), one)
    return filled(item, _ENCODED if one.summary else _DESCRIPTION, one.html) if one.html is not None else item


def frame(feed: Feed) -> Frame:
    """Return what stands around the entries."""
    head = mended.Head()
    head.title(line(feed.title))
    head.link(href=feed.page_url)
    head.description(line(feed.description))
    head.language(feed.plan.language)
    head.ttl(max(1, round(feed.refresh.total_seconds() / 60)))
    head.generator("publisher")
    if feed.rights:
        head.copyright(line(feed.rights))
    if feed.logo:
        head.image(url=uri(feed.logo), title=line(feed.title), link=feed.page_url)
    head.links = links(feed)
    period, frequency = _period(feed.refresh)
    head.extra = [
        Extra("lastBuildDate", format_datetime(feed.updated)),
        Extra(f"{{{mended.SYNDICATION}}}updatePeriod", period),
        Extra(f"{{{mended.SYNDICATION}}}updateFrequency", str(frequency)),
    ]
    if feed.chain.archive:
        head.extra.append(Extra(f"{{{mended.HISTORY}}}archive"))
    return mended.framed(head.rss_str(), b"</channel>")


def date(updated: datetime) -> bytes:
    """Return the element that says when the feed last changed."""
    return f"<lastBuildDate>{format_datetime(updated)}</lastBuildDate>".encode()


def links(feed: Feed) -> list[mended.Attributes]:
    """Return self, hub and the neighbours of RFC 5005 §4."""
    return list(_links(feed))


def _links(feed: Feed) -> Iterator[mended.Attributes]:
    media_type, chain = MEDIA_TYPES["rss"], feed.chain
    yield {"rel": "self", "href": feed.self_url("rss"), "type": media_type}
    if feed.hub:
        yield {"rel": "hub", "href": uri(feed.hub)}
    if chain.archive:
        yield {"rel": "current", "href": feed.address("rss"), "type": media_type}
    for relation, name in (("prev-archive", chain.older), ("next-archive", chain.newer)):
        if name:
            yield {"rel": relation, "href": feed.address("rss", name), "type": media_type}


def _extra(one: Material, lead: Shown | None) -> Iterator[Extra]:
    """Yield what feedgen does not write: dates without a locale, names without addresses, pictures."""
    yield Extra("pubDate", format_datetime(one.published))
    yield Extra(_UPDATED, one.updated.isoformat(timespec="seconds"))
    yield Extra(_LANGUAGE, one.language)
    for name in one.authors:
        yield Extra(_CREATOR, name)
    for picture in one.pictures:
        yield _media(picture, one.language)
    if lead:
        yield Extra(_THUMBNAIL, attributes=known(url=lead.url, width=lead.width, height=lead.height))


def _media(picture: Shown, language: str) -> Extra:
    inside = []
    if picture.words:
        caption, kind = declared(picture.words, "plain")
        inside.append(Extra(_CAPTION, caption, {"type": kind}))
    if picture.credit:
        inside.append(Extra(_CREDIT, picture.credit))
    attributes = known(
        url=picture.url,
        medium="image",
        width=picture.width,
        height=picture.height,
        type=picture.media_type,
        fileSize=picture.length,
        lang=language,
    )
    return Extra(_PICTURE, attributes=attributes, inside=tuple(inside))


def _with_references(item: bytes, one: Material) -> bytes:
    """Write ``&`` and ``<`` of titles, tags and names as hexadecimal references.

    In this form they come whole through every reader that was tried (RSS Profile, "Character Data").
    """
    words = "".join((one.title, *one.authors, *(label for _scheme, _term, label in one.categories)))
    if "&" not in words and "<" not in words:
        return item
    return _PLAIN.sub(lambda found: found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;"), item)


def _period(refresh: timedelta) -> tuple[str, int]:
    """Return sy:updatePeriod and sy:updateFrequency that say the same as the ttl, as nearly as they can."""
    for name, span in _PERIODS:
        times = span / refresh
        if times >= 1 and times == int(times):
            return name, int(times)
    name, span = next((one for one in _PERIODS if one[1] >= refresh), _PERIODS[-1])
    return name, max(1, int(span / refresh))
