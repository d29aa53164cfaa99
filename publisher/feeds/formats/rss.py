"""RSS 2.0, with the RSS Profile's advice, content:encoded, Dublin Core and Media RSS."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from html import escape

from publisher.feeds.clean import line, uri
from publisher.feeds.content import Material, Shown
from publisher.feeds.formats import mended
from publisher.feeds.formats.xml import element, empty, said, text, typed
from publisher.model.feed import MEDIA_TYPES, Feed, Frame

_PERIODS = (
    ("hourly", timedelta(hours=1)),
    ("daily", timedelta(days=1)),
    ("weekly", timedelta(weeks=1)),
)


def entry(one: Material) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    lead = one.pictures[0] if one.pictures else None
    parts = [
        f"<item>{_words('title', one.title)}<link>{text(one.link)}</link>",
        *_texts(one),
        f'<guid isPermaLink="false">{text(one.id)}</guid>',
        *(_words("category", label, domain=scheme) for scheme, _term, label in one.categories),
        element("comments", one.comments or ""),
        _enclosure(lead) if lead else "",
        f"<pubDate>{format_datetime(one.published)}</pubDate>",
        f"<atom:updated>{one.updated.isoformat(timespec='seconds')}</atom:updated>",
        f"<dc:language>{text(one.language)}</dc:language>",
        *(_words("dc:creator", name) for name in one.authors),
        *(_media(picture, one.language) for picture in one.pictures),
        empty("media:thumbnail", url=lead.url, width=lead.width, height=lead.height) if lead else "",
        "</item>",
    ]
    return "".join(parts).encode()


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
        mended.element("lastBuildDate", format_datetime(feed.updated)),
        mended.element(f"{{{mended.SYNDICATION}}}updatePeriod", period),
        mended.element(f"{{{mended.SYNDICATION}}}updateFrequency", str(frequency)),
    ]
    if feed.chain.archive:
        head.extra.append(mended.element(f"{{{mended.HISTORY}}}archive"))
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


def _texts(one: Material) -> Iterator[str]:
    """Yield description and content:encoded; without a summary the description is the full text."""
    if one.summary and one.html is not None:
        yield f"<description>{text(escape(one.summary, quote=False))}</description>"
        yield f"<content:encoded>{text(one.html)}</content:encoded>"
    elif one.html is not None:
        yield element("description", one.html)
    else:
        yield element("description", escape(one.summary or "", quote=False))


def _enclosure(picture: Shown) -> str:
    """Return the one enclosure that RSS has room for; it must say its real length."""
    if not (picture.length and picture.media_type):
        return ""
    return empty("enclosure", url=picture.url, length=picture.length, type=picture.media_type)


def _media(picture: Shown, language: str) -> str:
    attributes = said(
        {
            "url": picture.url,
            "medium": "image",
            "width": picture.width,
            "height": picture.height,
            "type": picture.media_type,
            "fileSize": picture.length,
            "lang": language,
        }
    )
    caption = typed("media:description", picture.caption, plain="plain") if picture.caption else ""
    return f"<media:content{attributes}>{caption}{element('media:credit', picture.credit)}</media:content>"


def _words(name: str, value: str, **attributes: object) -> str:
    """Return an element with plain text, in which ``&`` and ``<`` are hexadecimal references.

    In this form a title comes whole through every reader that was tried (RSS Profile, "Character Data").
    """
    referenced = value.replace("&", "&#x26;").replace("<", "&#x3C;").replace(">", "&gt;")
    return f"<{name}{said(attributes)}>{referenced}</{name}>"


def _period(refresh: timedelta) -> tuple[str, int]:
    """Return sy:updatePeriod and sy:updateFrequency that say the same as the ttl, as nearly as they can."""
    for name, span in _PERIODS:
        times = span / refresh
        if times >= 1 and times == int(times):
            return name, int(times)
    name, span = next((one for one in _PERIODS if one[1] >= refresh), _PERIODS[-1])
    return name, max(1, int(span / refresh))
