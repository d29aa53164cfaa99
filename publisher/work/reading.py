"""The reading page of an article that has no address of its own; the same bytes on every host.

``publish`` writes it below ``public/``, and the web server makes it where it is not written yet.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.feeds import content
from publisher.feeds.build import manner
from publisher.feeds.clean import absolute_links, line, plain, uri
from publisher.feeds.registry import ALL, Discovery, autodiscovery, plans
from publisher.i18n import Words, words
from publisher.model.article import Article, Byline, Picture
from publisher.model.feed import Manner, article_address
from publisher.settings.schema import Settings
from publisher.templating import Templates, markup, render
from publisher.work.newsarticle import embedded, news_article


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the template shows.

    Attributes:
        url: its own address.
        site_title: the paper's name in its language.
        title, summary, agency, lede: plain text.
        section: the section's title; empty without one.
        section_page: address of the page of the section's feed; empty without one.
        authors: as the byline names them.
        date: in the reader's language.
        published, updated: as RFC 3339.
        correction: note of a declared correction.
        corrected, corrected_date: when it was declared, for machines and people; empty when nobody said.
        lead: the first picture that can be shown and that the body does not show itself.
        pictures: the others of that kind.
        captions: of pictures that did not come with the text.
        body: sanitised HTML with absolute addresses.
        tags: subject words.
        comments: address of the readers' comments, or None.
        data: schema.org description, ready to be embedded.
    """

    url: str
    site_title: str
    title: str
    summary: str
    agency: str
    lede: str
    section: str
    section_page: str
    authors: tuple[Byline, ...]
    date: str
    published: str
    updated: str
    correction: str
    corrected: str
    corrected_date: str
    lead: Picture | None
    pictures: tuple[Picture, ...]
    captions: tuple[Picture, ...]
    body: str
    tags: tuple[str, ...]
    comments: str | None
    data: str


def page_path(article_id: str) -> str:
    """Return the page's file below ``public/``; any web server answers its folder's address with it."""
    return f"articles/{article_id}/index.html"


def article_page(
    article: Article, settings: Settings, templates: Templates, own: Path | None = None
) -> bytes:
    """Return the page's bytes.

    Args:
        article: one that stands and has no address of its own.
        settings: the config.
        templates: the site's first, then ours.
        own: the site's ``templates/``, for its words.

    Raises:
        ConfigError: a template is wrong, with file and line.
    """
    said = words(article.language, own)
    return render(
        templates,
        "web/article.html",
        page=_page(article, settings, said),
        words=said,
        site=settings.site,
        discovery=_announced(article, settings),
    ).encode()


def own_address(url: str) -> str:
    """Return an article's own address as a URI, fit for a header."""
    return uri(url).encode("ascii", "ignore").decode()


def message_page(
    settings: Settings, templates: Templates, title: str, text: str, *, language: str, own: Path | None = None
) -> bytes:
    """Return a page with one thing to say; title and text are looked up in the language's words."""
    said = words(language, own)
    return render(
        templates,
        "web/message.html",
        notice={"title": said(title), "text": said(text)},
        words=said,
        site=settings.site,
        discovery=autodiscovery(settings, language),
    ).encode()


def _page(article: Article, settings: Settings, said: Words) -> Page:
    way = manner(settings, "both")
    zone = ZoneInfo(settings.site.timezone)
    body = plain(article.body)
    url = article_address(way.site_url, article)
    shown = tuple(_shown(one, way) for one in article.pictures if one.url and one.url not in body)
    section = line(way.section_title(article.section, article.language)) if article.section else ""
    return Page(
        url=url,
        site_title=settings.site.title_in(article.language),
        title=line(article.title),
        summary=content.summary(article),
        agency=line(article.agency),
        lede=line(article.lede),
        section=section,
        section_page=_section_page(article.section, settings),
        authors=tuple(_clean_byline(one) for one in article.bylines if line(one.name)),
        date=said.date(article.date, zone),
        published=rfc3339(article.date, zone),
        updated=rfc3339(article.significant, zone),
        correction=line(article.correction),
        corrected=rfc3339(article.corrected, zone) if article.corrected else "",
        corrected_date=said.date(article.corrected, zone, "long") if article.corrected else "",
        lead=shown[0] if shown else None,
        pictures=shown[1:],
        captions=tuple(_worded(one) for one in article.pictures if not one.url and _is_missing(one, body)),
        body=markup(absolute_links(body, url)),
        tags=tuple(dict.fromkeys(filter(None, map(line, article.tags)))),
        comments=article.comments,
        data=markup(
            embedded(news_article(article, way, section=section, logo=settings.site.logo, zone=zone))
        ),
    )


def rfc3339(moment: datetime, zone: ZoneInfo) -> str:
    """Return a moment as RFC 3339 on the zone's clocks, in whole seconds."""
    return moment.astimezone(zone).isoformat(timespec="seconds")


def _announced(article: Article, settings: Settings) -> tuple[Discovery, ...]:
    """Return the feeds that the page announces: of everything, of its section and of its language."""
    wanted = {ALL, article.section, f"language-{article.language.lower()}"}
    return tuple(one for one in autodiscovery(settings, article.language) if one.key in wanted)


def _section_page(section: str | None, settings: Settings) -> str:
    wanted = next((one for one in plans(settings) if one.kind == "section" and one.key == section), None)
    return f"{settings.site.url}/{wanted.page}" if wanted else ""


def _shown(picture: Picture, way: Manner) -> Picture:
    return replace(_worded(picture), url=content.picture_url(picture, way))


def _is_missing(picture: Picture, body: str) -> bool:
    """Return whether a caption stands nowhere in the text; a saved page's captions are in their places."""
    return bool(line(picture.caption)) and escape(picture.caption, quote=False) not in body


def _worded(picture: Picture) -> Picture:
    return replace(picture, caption=line(picture.caption), credit=line(picture.credit), alt=line(picture.alt))


def _clean_byline(byline: Byline) -> Byline:
    return Byline(line(byline.name), line(byline.rank), line(byline.office))
