"""RSS 2.0, with the RSS Profile's advice, content:encoded, Dublin Core and Media RSS."""

from collections.abc import Iterator
from datetime import timedelta
from html import escape

from lxml import etree

from publisher.feeds import content
from publisher.feeds.clean import line, uri
from publisher.feeds.formats import mended
from publisher.feeds.formats.mended import element
from publisher.model.article import Article, Picture
from publisher.model.feed import MEDIA_TYPES, Feed, Frame, Manner

_PERIODS = (
    ("hourly", timedelta(hours=1)),
    ("daily", timedelta(days=1)),
    ("weekly", timedelta(weeks=1)),
)
# Titles come whole through every reader that was tried when these two are written as hexadecimal references
# (RSS Profile, "Character Data").
_REFERENCES = ((b"&amp;", b"&#x26;"), (b"&lt;", b"&#x3C;"))


def entry(article: Article, manner: Manner) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    item = mended.Entry()
    item.title(line(article.title))
    item.link(href=content.link(article, manner))
    item.guid(article.uri, permalink=False)
    if manner.content != "full":
        item.description(escape(content.summary(article), quote=False))
    if manner.content != "summary":
        item.content(content.full(article, manner))
    if article.comments:
        item.comments(uri(article.comments))
    _categorise(item, article, manner)
    lead = next((picture for picture in article.pictures if picture.url), None)
    if lead and lead.length and lead.media_type:
        item.enclosure(content.picture_url(lead, manner), str(lead.length), lead.media_type)
    item.extra = [
        element("pubDate", mended.rfc822(content.published(article))),
        element(f"{{{mended.ATOM}}}updated", article.significant.isoformat(timespec="seconds")),
        element(f"{{{mended.DC}}}language", article.language),
        *(element(f"{{{mended.DC}}}creator", name) for name in content.authors(article, manner)),
        *_media(article, manner),
    ]
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
        element("lastBuildDate", mended.rfc822(feed.updated)),
        element(f"{{{mended.SYNDICATION}}}updatePeriod", period),
        element(f"{{{mended.SYNDICATION}}}updateFrequency", str(frequency)),
    ]
    if feed.chain.archive:
        head.extra.append(element(f"{{{mended.HISTORY}}}archive"))
    return mended.framed(_with_references(head.rss_str()), b"</channel>")


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


def _categorise(item: mended.Entry, article: Article, manner: Manner) -> None:
    for scheme, _term, label in content.categories(article, manner):
        item.category(term=label, scheme=scheme)


def _media(article: Article, manner: Manner) -> Iterator[etree._Element]:
    """Yield Media RSS for each picture whose address is known; the first is the thumbnail too."""
    first = True
    for picture in article.pictures:
        if not picture.url:
            continue
        address = content.picture_url(picture, manner)
        size = {
            name: str(value)
            for name, value in (("width", picture.width), ("height", picture.height))
            if value
        }
        yield _picture(picture, {"url": address, "medium": "image"} | size, article.language)
        if first:
            yield element(f"{{{mended.MEDIA}}}thumbnail", attributes={"url": address} | size)
        first = False


def _picture(picture: Picture, attributes: dict[str, str], language: str) -> etree._Element:
    if picture.media_type:
        attributes["type"] = picture.media_type
    if picture.length:
        attributes["fileSize"] = str(picture.length)
    made = element(f"{{{mended.MEDIA}}}content", attributes=attributes | {"lang": language})
    if caption := line(picture.caption) or line(picture.alt):
        kind = "html" if mended.like_html(caption) else "plain"
        words = escape(caption, quote=False) if kind == "html" else caption
        made.append(element(f"{{{mended.MEDIA}}}description", words, {"type": kind}))
    if credit := line(picture.credit):
        made.append(element(f"{{{mended.MEDIA}}}credit", credit))
    return made


def _period(refresh: timedelta) -> tuple[str, int]:
    """Return sy:updatePeriod and sy:updateFrequency that say the same as the ttl, as nearly as they can."""
    for name, span in _PERIODS:
        times = span / refresh
        if times >= 1 and times == int(times):
            return name, int(times)
    name, span = next((one for one in _PERIODS if one[1] >= refresh), _PERIODS[-1])
    return name, max(1, int(span / refresh))


def _with_references(xml: bytes) -> bytes:
    """Write the first title's ``&`` and ``<`` as hexadecimal references."""
    before, opened, rest = xml.partition(b"<title>")
    title, closed, after = rest.partition(b"</title>")
    for plain, reference in _REFERENCES:
        title = title.replace(plain, reference)
    return before + opened + title + closed + after
