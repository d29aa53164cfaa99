"""What a page says about its article to machines: schema.org NewsArticle as JSON-LD; pure."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from publisher.feeds import content
from publisher.feeds.clean import line
from publisher.model.article import Article, Picture
from publisher.model.feed import Manner, article_address

_HEADLINE_LETTERS = 110
"""Longer headlines are cut where Google shows them; the page itself has all of it."""


def news_article(
    article: Article, way: Manner, *, section: str, logo: str | None, zone: ZoneInfo
) -> dict[str, Any]:
    """Return the description of an article; what nobody knows is left out.

    Args:
        article: what it describes.
        way: names the site.
        section: the section's title; empty without one.
        logo: the paper's picture.
        zone: whose clocks dates are given on.
    """
    url = article_address(way.site_url, article)
    publisher = {"@type": "NewsMediaOrganization", "name": way.site_title, "url": f"{way.site_url}/"}
    if logo:
        publisher["logo"] = logo
    said = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": article.uri,
        "url": url,
        "mainEntityOfPage": url,
        "headline": _cut(line(article.title)),
        "description": content.summary(article),
        "inLanguage": article.language,
        "datePublished": article.date.astimezone(zone).isoformat(timespec="seconds"),
        "dateModified": article.significant.astimezone(zone).isoformat(timespec="seconds"),
        "author": _authors(article, publisher),
        "publisher": publisher,
        "articleSection": section,
        "keywords": [word for tag in article.tags if (word := line(tag))],
        "image": [_image(picture, way) for picture in article.pictures if picture.url],
        "correction": line(article.correction),
        "isAccessibleForFree": True,
    }
    return {name: value for name, value in said.items() if value not in ("", [])}


def embedded(data: dict[str, Any]) -> str:
    """Return JSON that may stand inside a script element.

    ``<``, ``>`` and ``&`` are written as escapes, so that no text of an article can end the element, begin a
    comment in it, or be read as a reference; U+2028 and U+2029 are line ends to old scripts.
    """
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for letter in "<>&\u2028\u2029":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text


def _authors(article: Article, publisher: dict[str, str]) -> list[dict[str, str]]:
    people = []
    for byline in article.bylines:
        title = line(", ".join(filter(None, (byline.rank, byline.office))))
        person = {"@type": "Person", "name": line(byline.name), "jobTitle": title}
        people.append({name: value for name, value in person.items() if value})
    people = [person for person in people if "name" in person]
    return people or [{"@type": "Organization", "name": publisher["name"], "url": publisher["url"]}]


def _image(picture: Picture, way: Manner) -> dict[str, Any]:
    said = {
        "@type": "ImageObject",
        "url": content.picture_url(picture, way),
        "width": picture.width,
        "height": picture.height,
        "caption": line(picture.caption),
        "creditText": line(picture.credit),
    }
    return {name: value for name, value in said.items() if value}


def _cut(title: str) -> str:
    if len(title) <= _HEADLINE_LETTERS:
        return title
    return title[: _HEADLINE_LETTERS - 1].rsplit(" ", 1)[0] + "…"
