"""Sitemaps and robots.txt: what search engines are told of.

The articles' sitemap is cut by the order of arrival, which never changes, so that a new article touches one
document and no other. Only addresses on the site's own host stand in it, as the protocol asks.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from publisher.feeds.clean import line, uri

PER_FILE = 500
"""Arrivals in one document."""
NEWS_DAYS = timedelta(days=2)
NEWS_MOST = 1000
"""Google's limits for a news sitemap."""
INDEX, NEWS, ROBOTS = "sitemap.xml", "sitemaps/news.xml", "robots.txt"

_PART = re.compile(r"articles-([0-9]+)\.xml")
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@dataclass(frozen=True, slots=True)
class Listing:
    """An article as a sitemap names it.

    Attributes:
        url: absolute.
        title: plain text.
        language: BCP 47.
        date: when readers should take it to be published.
        modified: when it last changed.
    """

    url: str
    title: str
    language: str
    date: datetime
    modified: datetime


def part_of(number: int) -> int:
    """Return in which document an article stands, by its place in the order of arrival."""
    return (number - 1) // PER_FILE + 1


def numbers_of(part: int) -> tuple[int, int]:
    """Return the first and last place of arrival of a document."""
    return (part - 1) * PER_FILE + 1, part * PER_FILE


def part_path(part: int) -> str:
    """Return a document's file below ``public/``."""
    return f"sitemaps/articles-{part}.xml"


def parts_in(public: Path) -> list[str]:
    """Return the documents of articles that are there, in the order of arrival."""
    try:
        names = os.listdir(public / "sitemaps")  # noqa: PTH208 - names are all that is wanted
    except FileNotFoundError:
        return []
    return [
        part_path(part) for part in sorted(int(found[1]) for found in map(_PART.fullmatch, names) if found)
    ]


def own(listings: Iterable[Listing], site_url: str) -> list[Listing]:
    """Return those whose address lies on the site's own host and scheme."""
    here = urlsplit(site_url)[:2]
    return [one for one in listings if urlsplit(one.url)[:2] == here]


def articles_sitemap(listings: Iterable[Listing]) -> bytes:
    """Return one document of articles."""
    parts = [
        f"<url><loc>{escape(uri(one.url))}</loc><lastmod>{_moment(one.modified)}</lastmod></url>\n"
        for one in listings
    ]
    return f'{_XML}<urlset xmlns="{_SITEMAP}">\n{"".join(parts)}</urlset>\n'.encode()


def news_sitemap(listings: Iterable[Listing], paper: str) -> bytes:
    """Return the news sitemap.

    Args:
        listings: articles of the last two days, newest first, at most :data:`NEWS_MOST`.
        paper: the paper's name.
    """
    parts = [
        f"<url><loc>{escape(uri(one.url))}</loc><news:news><news:publication>"
        f"<news:name>{escape(line(paper))}</news:name><news:language>{_language(one.language)}</news:language>"
        f"</news:publication><news:publication_date>{_moment(one.date)}</news:publication_date>"
        f"<news:title>{escape(line(one.title))}</news:title></news:news></url>\n"
        for one in listings
    ]
    return f'{_XML}<urlset xmlns="{_SITEMAP}" xmlns:news="{_NEWS}">\n{"".join(parts)}</urlset>\n'.encode()


@lru_cache(maxsize=2)
def sitemap_index(site_url: str, parts: tuple[str, ...]) -> bytes:
    """Return the list of all sitemaps; it is the same for hundreds of ticks."""
    entries = [f"<sitemap><loc>{escape(uri(f'{site_url}/{path}'))}</loc></sitemap>\n" for path in parts]
    return f'{_XML}<sitemapindex xmlns="{_SITEMAP}">\n{"".join(entries)}</sitemapindex>\n'.encode()


def robots(site_url: str) -> bytes:
    """Return robots.txt: the pages of single persons and of operators are nobody's business."""
    closed = ("/console/", "/confirm/", "/preferences/", "/u/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "", f"Sitemap: {site_url}/{INDEX}"]
    return ("\n".join(lines) + "\n").encode()


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _language(tag: str) -> str:
    """Return a language as Google's news sitemaps name it: without country, but for Chinese scripts."""
    return {"zh-hans": "zh-cn", "zh-hant": "zh-tw"}.get(tag.lower()[:7], tag.split("-", 1)[0].lower())
