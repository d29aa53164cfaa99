"""RSS and Atom as they are in the wild: the only home of feedparser."""

import io
import re
from calendar import timegm
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from time import struct_time
from typing import Any, BinaryIO

import feedparser

from publisher.ingest.document import Origin, Read, Rejected
from publisher.ingest.normalise import web
from publisher.ingest.normalise.faults import refusal
from publisher.ingest.normalise.markup import sanitise, to_text
from publisher.ingest.normalise.text import plain_line
from publisher.ingest.same import id_key, shortened, story_keys, url_key
from publisher.ingest.sources.language import guess
from publisher.model.article import Byline, Draft, Picture

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_KIND = re.compile(r"[A-Za-z0-9.+-]+/[A-Za-z0-9.+-]+")
_LONG_SUMMARY = 600
_BLOCKS = ("<p", "<div", "<h2", "<ul", "<blockquote", "<br")


def read(stream: BinaryIO, origin: Origin) -> Iterator[Read]:
    """Read a feed, oldest entry first; see :data:`publisher.ingest.document.Reader`."""
    parsed = _parse(stream.read(), origin.base)
    if not parsed.entries:
        if parsed.bozo:
            yield Rejected(origin.where, f"no feed that can be read: {_cause(parsed)}")
        return
    # A feed lists the newest first; arrival keeps that order for entries without a date.
    yield from reversed([*_entries(parsed, origin)])


def name_of(data: bytes) -> str:
    """Return what a feed calls itself: its own address, else its page's, else its title; else nothing."""
    feed = _parse(data, None).feed
    own = next((link.get("href", "") for link in feed.get("links", ()) if link.get("rel") == "self"), "")
    return str(own or feed.get("link") or feed.get("title") or "")


def _parse(data: bytes, base: str | None) -> Any:
    headers = {"content-location": base} if base else {}
    return feedparser.parse(io.BytesIO(data), sanitize_html=False, response_headers=headers)


def _entries(parsed: Any, origin: Origin) -> Iterator[Read]:
    links = Counter(str(entry.get("link", "")) for entry in parsed.entries)
    shared = {link for link, count in links.items() if count > 1}
    broken = _is_broken(parsed)
    first: dict[str, int] = {}
    for number, entry in enumerate(parsed.entries, 1):
        where = f"{origin.where}:{number}"
        read = _entry(entry, where, origin, parsed.feed, shared)
        if isinstance(read, Draft):
            earlier = first.setdefault(read.keys[0], number)
            if earlier != number:
                yield Rejected(where, f"it has the same id as entry {earlier}")
                continue
            if number == 1 and broken:
                read = replace(read, notes=(f"the feed is not well-formed: {_cause(parsed)}", *read.notes))
        yield read


def _is_broken(parsed: Any) -> bool:
    harmless = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)
    return bool(parsed.bozo) and not isinstance(parsed.get("bozo_exception"), harmless)


def _entry(entry: Any, where: str, origin: Origin, feed: Mapping[str, Any], shared: set[str]) -> Read:
    title = _plain(entry.get("title_detail"))
    link = entry.get("link") or None
    if link and entry.get("guidislink") and web.absolute(link, origin.base) is None:
        link = None  # a guid that says it is a link by saying nothing, and is none
    base = link or origin.base
    try:
        lede, body = _texts(entry, base)
    except ValueError as error:
        return Rejected(where, str(error))
    return Draft(
        source=origin.source,
        keys=_keys(entry, link, title, lede or "", shared),
        where=where,
        title=title,
        language=_language(entry, feed, f"{title} {lede} {body}") or origin.language,
        lede=lede,
        body=body,
        pictures=_pictures(entry) or None,
        bylines=_bylines(entry) or None,
        tags=tuple(tag.get("label") or tag.get("term") or "" for tag in entry.get("tags", ())) or None,
        url=link,
        comments=_comments(entry),
        published=_moment(entry.get("published_parsed")),
        updated=_updated(entry),
    )


def _keys(entry: Any, link: str | None, title: str, lede: str, shared: set[str]) -> tuple[str, ...]:
    """Return the keys: the guid decides; a link only helps while no two entries share it."""
    said = str(entry.get("id") or "").strip()
    own = link if link and link not in shared else None
    if said:
        return (id_key(said), *((url_key(own),) if own and own != said else ()))
    return (id_key(own),) if own else story_keys(title, lede)


def _texts(entry: Any, base: str | None) -> tuple[str | None, str | None]:
    """Return (lede, body): a summary that is only the beginning of the content says nothing."""
    # media:description overwrites the value in summary_detail, not the summary itself.
    told = _html({**(entry.get("summary_detail") or {}), "value": entry.get("summary")})
    content = max((_html(part) for part in entry.get("content", ())), key=len, default="")
    for text in (content, told):
        if reason := refusal(text):
            raise ValueError(reason)
    if not content:
        if len(told) > _LONG_SUMMARY or any(block in told for block in _BLOCKS):
            return None, told
        return _words(told, base) or None, None
    lede = _words(told, base)
    whole = _words(content, base)
    if not lede or lede == whole or shortened(lede, whole) or whole.startswith(lede[:200]):
        return None, content
    return lede, content


def _words(html: str, base: str | None) -> str:
    return to_text(sanitise(html, base))


def _html(detail: Mapping[str, Any]) -> str:
    value = str(detail.get("value") or "")
    return value if detail.get("type") in _HTML else escape(value, quote=False)


def _plain(detail: Mapping[str, Any] | None) -> str:
    if not detail:
        return ""
    value = str(detail.get("value") or "")
    return plain_line(value) if detail.get("type") in _HTML else value


def _language(entry: Any, feed: Mapping[str, Any], text: str) -> str | None:
    for detail in (entry.get("title_detail"), *entry.get("content", ())[:1], entry.get("summary_detail")):
        if detail and detail.get("language"):
            return str(detail["language"])
    return str(feed.get("language") or "") or guess(text)


def _pictures(entry: Any) -> tuple[Picture, ...]:
    found: dict[str, Picture] = {}
    for media in (*entry.get("media_content", ()), *entry.get("media_thumbnail", ())):
        kind = str(media.get("type") or "")
        if media.get("url") and (media.get("medium", "image") == "image" and not kind.partition("image/")[0]):
            found.setdefault(media["url"], _picture(media["url"], kind, media))
    for link in entry.get("links", ()):
        kind = str(link.get("type") or "")
        if link.get("rel") == "enclosure" and link.get("href") and kind.startswith("image/"):
            found.setdefault(link["href"], _picture(link["href"], kind, link))
    makers = _contents(entry.get("media_credit", ()))
    if len(found) == 1 and makers:
        only = next(iter(found.values()))
        return (Picture(only.url, only.caption, makers[0], only.alt, *_facts(only)),)
    return tuple(found.values())


def _picture(url: str, kind: str, said: Mapping[str, Any]) -> Picture:
    width, height, length = (_number(said.get(name)) for name in ("width", "height", "length"))
    length = length or _number(said.get("filesize"))
    return Picture(
        url, width=width, height=height, media_type=kind if _KIND.fullmatch(kind) else None, length=length
    )


def _facts(picture: Picture) -> tuple[int | None, int | None, str | None, int | None]:
    return picture.width, picture.height, picture.media_type, picture.length


def _contents(said: Sequence[Mapping[str, Any]]) -> list[str]:
    return [str(one["content"]) for one in said if one.get("content")]


def _number(said: Any) -> int | None:
    text = str(said or "")
    return int(text) if text.isascii() and text.isdigit() and 0 < len(text) < 12 and int(text) else None


def _bylines(entry: Any) -> tuple[Byline, ...]:
    names = [str(author.get("name") or "") for author in entry.get("authors", ())]
    return tuple(Byline(name) for name in dict.fromkeys(_person(name) for name in names) if name)


def _person(name: str) -> str:
    """Return the name of an RSS author, ``address (Name)``; an address alone is nobody's name."""
    # feedparser cuts an address behind the fourth letter of its last part, and takes the rest for the name.
    bracketed = name.partition("(")[2].rstrip(") ").strip()
    return bracketed or ("" if "@" in name else name.strip())


def _comments(entry: Any) -> str | None:
    replies = (link.get("href") for link in entry.get("links", ()) if link.get("rel") == "replies")
    return str(entry.get("comments") or next(replies, "") or "") or None


def _updated(entry: Any) -> datetime | None:
    """Return when it was changed after its publication, if it was."""
    # feedparser answers for ``updated`` with ``published`` when only that is there, unless asked this way.
    said = entry["updated_parsed"] if dict.__contains__(entry, "updated_parsed") else None
    published, updated = _moment(entry.get("published_parsed")), _moment(said)
    return None if published and updated and updated <= published else updated


def _moment(said: struct_time | None) -> datetime | None:
    if said is None:
        return None
    try:
        return datetime.fromtimestamp(timegm(said), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _cause(parsed: Any) -> str:
    return " ".join(str(parsed.get("bozo_exception") or "").split())[:160]
