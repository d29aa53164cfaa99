"""Atom 1.0 (RFC 4287) with archives (RFC 5005) and tombstones (RFC 6721)."""

from collections.abc import Iterator

from lxml import etree

from publisher.feeds import content
from publisher.feeds.clean import line, uri
from publisher.feeds.formats import mended
from publisher.feeds.formats.mended import element
from publisher.model.article import Article
from publisher.model.feed import MEDIA_TYPES, Feed, Frame, Manner, Tombstone


def entry(article: Article, manner: Manner) -> bytes:
    """Return an article's entry; the same in every feed of that manner."""
    made = mended.Entry()
    made.language = article.language
    made.id(article.uri)
    made.title(line(article.title))
    made.published(content.published(article))
    made.updated(content.updated(article))
    made.author([{"name": name} for name in content.authors(article, manner)])
    # feedgen wants an alternate link where there is no content; what is written are the links below.
    made.link(href=content.link(article, manner), rel="alternate")
    made.links = list(_entry_links(article, manner))
    if manner.content != "full":
        made.summary(content.summary(article), type="text")
    if manner.content != "summary":
        made.content(content.full(article, manner), type="html")
    for scheme, term, label in content.categories(article, manner):
        made.category({"term": term, "scheme": scheme} | ({"label": label} if label != term else {}))
    return mended.fragment(made.atom_entry(), mended.ATOM_NAMESPACES)


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
        head.extra.append(element(f"{{{mended.HISTORY}}}archive"))
    head.extra += [_tombstone(one) for one in feed.tombstones]
    return mended.framed(head.atom_str(), b"</feed>")


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


def _entry_links(article: Article, manner: Manner) -> Iterator[mended.Attributes]:
    """Yield the article's page, its comments (RFC 4685 §4) and its pictures."""
    address = {"rel": "alternate", "href": content.link(article, manner), "type": "text/html"}
    yield address | {"hreflang": article.language}
    if article.comments:
        yield {"rel": "replies", "href": uri(article.comments), "type": "text/html"}
    for picture in article.pictures:
        if not picture.url:
            continue
        enclosure = {"rel": "enclosure", "href": content.picture_url(picture, manner)}
        if picture.media_type:
            enclosure["type"] = picture.media_type
        if picture.length:
            enclosure["length"] = str(picture.length)
        title = line(picture.caption) or line(picture.alt)
        if title and not mended.like_html(title):
            enclosure["title"] = title
        yield enclosure


def _tombstone(one: Tombstone) -> etree._Element:
    when = one.when.isoformat(timespec="seconds")
    attributes = {"ref": one.uri, "when": when}
    return element(f"{{{mended.TOMBSTONES}}}deleted-entry", attributes=attributes, prefix="at")
