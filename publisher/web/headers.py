"""What is said about each file: type, lifetime, who may embed it. Pure: only path and config decide."""

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

Header = tuple[bytes, bytes]

TYPES: dict[str, str] = {
    ".rss": "application/rss+xml; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".opml": "text/x-opml; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".pdf": "application/pdf",
    ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4",
    ".mp4": "video/mp4",
}
FEED_SUFFIXES = frozenset({".rss", ".atom", ".json"})

PAGE_SECONDS = 300
"""For pages, lists and sitemaps; no longer than the feeds' own time."""
MEDIA_SECONDS = 86_400
"""For what an operator has put beside the pictures, such as a logo."""
FOR_EVER_SECONDS = 31_536_000
_NAMED_BY_HASH = re.compile(r"media/[0-9a-f]{16}[-.]")
"""Our own pictures are named after their content, so one address never has other bytes (RFC 8246)."""

SECURITY: tuple[Header, ...] = (
    (
        b"content-security-policy",
        (
            b"default-src 'none'; img-src 'self' https: http: data:; media-src 'self' https: http:; "
            b"style-src 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
    ),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""For every page: no script runs, only pictures are fetched; the style of letters stands in attributes."""

CORS: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Last-Modified, Link, IM, Retry-After"),
)
"""Readers that run in a browser may fetch feeds from any page; nothing in them is private."""

PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD, OPTIONS"),
    (b"access-control-allow-headers", b"If-None-Match, If-Modified-Since, A-IM, Accept, Cache-Control"),
    (b"access-control-max-age", b"86400"),
    (b"vary", b"Origin"),
)


@dataclass(frozen=True, slots=True)
class Manners:
    """What the config says about answers.

    Attributes:
        site_url: address of the site without a slash at the end.
        refresh: seconds after which readers look again.
        hub: WebSub hub, or None.
    """

    site_url: str
    refresh: int
    hub: str | None = None


def is_feed(path: str) -> bool:
    """Return whether a path below ``public/`` is a feed's or an archive document's."""
    return path.startswith("feeds/") and PurePosixPath(path).suffix in FEED_SUFFIXES


def media_type(path: str) -> str:
    """Return the Content-Type of a path below ``public/``."""
    suffix = PurePosixPath(path).suffix.lower()
    if suffix == ".json" and is_feed(path):
        return "application/feed+json; charset=utf-8"
    return TYPES.get(suffix, "application/octet-stream")


def is_immutable(path: str) -> bool:
    """Return whether a path names its content and can never have another."""
    return _NAMED_BY_HASH.match(path) is not None


def lifetime(path: str, manners: Manners) -> int:
    """Return how many seconds an answer may be kept: a feed's is what its ttl and sy:update* say."""
    if is_feed(path):
        return manners.refresh
    if path.startswith("media/"):
        return FOR_EVER_SECONDS if is_immutable(path) else MEDIA_SECONDS
    return min(PAGE_SECONDS, manners.refresh)


def _cache_control(path: str, manners: Manners) -> bytes:
    ever = ", immutable" if is_immutable(path) else ""
    return f"public, max-age={lifetime(path, manners)}{ever}".encode()


def link(path: str, manners: Manners) -> str | None:
    """Return the Link header of a feed: itself, and its hub when there is one (WebSub §4)."""
    if not is_feed(path):
        return None
    own = f'<{manners.site_url}/{path}>; rel="self"'
    return f'{own}, <{manners.hub}>; rel="hub"' if manners.hub else own


def kept(path: str, manners: Manners) -> tuple[Header, ...]:
    """Return the headers that a 304 repeats (RFC 9110 §15.4.5), besides ETag and Last-Modified."""
    return (
        (b"cache-control", _cache_control(path, manners)),
        *(((b"vary", b"Accept-Encoding"),) if is_text(path) else ()),
        *(CORS[:1] if is_public_data(path) else ()),
    )


def described(path: str, manners: Manners) -> tuple[Header, ...]:
    """Return the further headers of a 200."""
    found: list[Header] = [
        (b"content-type", media_type(path).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"accept-ranges", b"none"),
    ]
    if (said := link(path, manners)) is not None:
        found.append((b"link", said.encode("ascii", "replace")))
    if is_public_data(path):
        found += CORS[1:]
    if path.endswith((".html", ".svg")):
        found += SECURITY
    return tuple(found)


def is_text(path: str) -> bool:
    """Return whether the file may stand in compressed codings."""
    return "charset" in media_type(path)


def is_public_data(path: str) -> bool:
    """Return whether pages of other sites may read the file: feeds and their list."""
    return is_feed(path) or path.endswith(".opml")
