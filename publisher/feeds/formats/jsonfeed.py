"""JSON Feed 1.1."""

import json
from typing import Any

from publisher.feeds import content
from publisher.feeds.clean import line, uri
from publisher.model.article import Article, Picture
from publisher.model.feed import Feed, Frame, Manner

VERSION = "https://jsonfeed.org/version/1.1"


def entry(article: Article, manner: Manner) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    summary = content.summary(article)
    item: dict[str, Any] = {
        "id": article.uri,
        "url": content.link(article, manner),
        "title": line(article.title),
    }
    if manner.content == "summary":
        # An item must have one of content_html and content_text.
        item["content_text"] = summary
    else:
        item["content_html"] = content.full(article, manner)
    if manner.content == "both" and summary:
        item["summary"] = summary
    pictures = [picture for picture in article.pictures if picture.url]
    if pictures:
        item["image"] = content.picture_url(pictures[0], manner)
    item |= {
        "date_published": content.published(article).isoformat(),
        "date_modified": content.updated(article).isoformat(),
        "authors": [{"name": name} for name in content.authors(article, manner)],
        "tags": list(dict.fromkeys(label for _scheme, _term, label in content.categories(article, manner))),
        "language": article.language,
        "attachments": [_attachment(one, manner) for one in pictures if one.media_type],
    }
    return _bytes({name: value for name, value in item.items() if value != []})


def frame(feed: Feed) -> Frame:
    """Return what stands around the entries."""
    head: dict[str, Any] = {
        "version": VERSION,
        "title": line(feed.title),
        "home_page_url": feed.page_url,
        "feed_url": feed.self_url("json"),
        "description": line(feed.description),
        "language": feed.plan.language,
        "authors": [{"name": line(feed.manner.author), "url": feed.manner.site_url}],
    }
    if feed.logo:
        head["icon"] = uri(feed.logo)
    if feed.icon:
        head["favicon"] = uri(feed.icon)
    if feed.hub:
        head["hubs"] = [{"type": "WebSub", "url": uri(feed.hub)}]
    if feed.chain.older:
        head["next_url"] = feed.address("json", feed.chain.older)
    return Frame(_bytes(head)[:-1] + b',"items":[\n', b",\n", b"\n]}\n")


def _attachment(picture: Picture, manner: Manner) -> dict[str, Any]:
    attachment: dict[str, Any] = {
        "url": content.picture_url(picture, manner),
        "mime_type": picture.media_type,
    }
    if title := line(picture.caption) or line(picture.alt):
        attachment["title"] = title
    if picture.length:
        attachment["size_in_bytes"] = picture.length
    return attachment


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
