"""RSS 2.0, with the RSS Profile's advice, content:encoded, Dublin Core and Media RSS."""

import re
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from html import escape

from lxml import etree

from publisher.feeds.clean import line, uri
from publisher.feeds.content import Material, Shown
from publisher.feeds.formats import mended
from publisher.feeds.formats.mended import element, known
from publisher.model.feed import MEDIA_TYPES, Feed, Frame

_PLAIN = re.compile(rb"<(title|category|dc:creator)\b[^>]*>[^<]*(?=</\1>)")
_PERIODS = (
    ("hourly", timedelta(hours=1)),
    ("daily", timedelta(days=1)),
    ("weekly", timedelta(weeks=1)),
)


def entry(one: Material) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    item = mended.Entry()
    item.title(one.title)
    item.link(href=one.link)
    item.guid(one.id, permalink=False)
    if one.summary or one.html is None:
        item.description(escape(one.summary or "", quote=False))
    if one.html is not None:
        # Without a description of its own feedgen writes this as the description.
        item.content(one.html)
    if one.comments:
        item.comments(one.comments)
    for scheme, _term, label in one.categories:
        item.category(term=label, scheme=scheme)
    lead = one.pictures[0] if one.pictures else None
    if lead and lead.length and lead.media_type:
        item.enclosure(lead.url, str(lead.length), lead.media_type)
    item.extra = list(_extra(one, lead))
    return _with_references(mended.fragment(item.rss_entry(), mended.RSS_NAMESPACES))


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
        element("lastBuildDate", format_datetime(feed.updated)),
        element(f"{{{mended.SYNDICATION}}}updatePeriod", period),
        element(f"{{{mended.SYNDICATION}}}updateFrequency", str(frequency)),
    ]
    if feed.chain.archive:
        head.extra.append(element(f"{{{mended.HISTORY}}}archive"))
    return mended.framed(head.rss_str(), b"</channel>")


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


def _extra(one: Material, lead: Shown | None) -> Iterator[etree._Element]:
    """Yield what feedgen does not write: dates without a locale, names without addresses, pictures."""
    yield element("pubDate", format_datetime(one.published))
    yield element(f"{{{mended.ATOM}}}updated", one.updated.isoformat(timespec="seconds"))
    yield element(f"{{{mended.DC}}}language", one.language)
    for name in one.authors:
        yield element(f"{{{mended.DC}}}creator", name)
    for picture in one.pictures:
        yield _media(picture, one.language)
    if lead:
        size = known(url=lead.url, width=lead.width, height=lead.height)
        yield element(f"{{{mended.MEDIA}}}thumbnail", attributes=size)


def _media(picture: Shown, language: str) -> etree._Element:
    made = element(
        f"{{{mended.MEDIA}}}content",
        attributes=known(
            url=picture.url,
            medium="image",
            width=picture.width,
            height=picture.height,
            type=picture.media_type,
            fileSize=picture.length,
            lang=language,
        ),
    )
    if picture.caption:
        caption = element(f"{{{mended.MEDIA}}}description", picture.caption, {"type": "plain"})
        mended.declare(caption)
        made.append(caption)
    if picture.credit:
        made.append(element(f"{{{mended.MEDIA}}}credit", picture.credit))
    return made


def _with_references(item: bytes) -> bytes:
    """Write ``&`` and ``<`` of titles, tags and names as hexadecimal references.

    In this form they come whole through every reader that was tried (RSS Profile, "Character Data").
    """
    return _PLAIN.sub(lambda found: found[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;"), item)


def _period(refresh: timedelta) -> tuple[str, int]:
    """Return sy:updatePeriod and sy:updateFrequency that say the same as the ttl, as nearly as they can."""
    for name, span in _PERIODS:
        times = span / refresh
        if times >= 1 and times == int(times):
            return name, int(times)
    name, span = next((one for one in _PERIODS if one[1] >= refresh), _PERIODS[-1])
    return name, max(1, int(span / refresh))
