"""JSON Feed 1.1."""

import json
from typing import Any

from publisher.feeds.clean import line, uri
from publisher.feeds.content import Material, Shown
from publisher.model.feed import Feed, Frame

_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
VERSION = "https://jsonfeed.org/version/1.1"


def entry(one: Material) -> bytes:
    """Return an article's item; the same in every feed of that manner."""
    item: dict[str, Any] = {"id": one.id, "url": one.link, "title": one.title}
    if one.html is None:
        # An item must have one of content_html and content_text.
        item["content_text"] = one.summary or ""
    else:
        item["content_html"] = one.html
        if one.summary:
            item["summary"] = one.summary
    if one.pictures:
        item["image"] = one.pictures[0].url
    item["date_published"] = one.published.isoformat()
    item["date_modified"] = one.updated.isoformat()
    item["authors"] = [{"name": name} for name in one.authors]
    if tags := list(dict.fromkeys(label for _scheme, _term, label in one.categories)):
        item["tags"] = tags
    item["language"] = one.language
    if attachments := [_attachment(picture) for picture in one.pictures if picture.media_type]:
        item["attachments"] = attachments
    return _bytes(item)


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


def _attachment(picture: Shown) -> dict[str, Any]:
    attachment: dict[str, Any] = {"url": picture.url, "mime_type": picture.media_type}
    if picture.words:
        attachment["title"] = picture.words
    if picture.length:
        attachment["size_in_bytes"] = picture.length
    return attachment


def _bytes(value: Any) -> bytes:
    return _ENCODER.encode(value).encode()
