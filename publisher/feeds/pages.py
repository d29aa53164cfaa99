"""What people see: the list of all feeds, and a page for each; and the OPML list."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.feeds import registry
from publisher.feeds.formats import opml
from publisher.feeds.press import Current, Sheet, beginning
from publisher.i18n import Words, words
from publisher.model.feed import FORMATS, MEDIA_TYPES, OPML_PATH, FeedPlan
from publisher.settings.schema import Settings, wording
from publisher.templating import Templates, markup, render, templates

SHOWN = 20
"""Articles on a feed's page."""
_REMEMBERED = 4_000
_KINDS = ("all", "section", "language", "tag", "author", "named")
_FORMAT_NAMES = {"rss": "RSS", "atom": "Atom", "json": "JSON Feed"}


@dataclass(frozen=True, slots=True)
class Card:
    """An article on a feed's page.

    Attributes:
        title, url, summary, date, language: as its entry was kept.
        day: the date in the page's language.
        shown: all of it as HTML.
    """

    title: str
    url: str
    summary: str
    date: str
    day: str
    language: str
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """What pages are made with.

    Attributes:
        templates: the site's own first, then ours.
        own: the folder of the site's own, for its own wording.
    """

    templates: Templates
    own: Path
    _words: dict[str, Words] = field(default_factory=dict)
    _cards: dict[Hashable, Card] = field(default_factory=dict)

    def words(self, language: str) -> Words:
        """Return the words of a language."""
        if language not in self._words:
            self._words[language] = words(language, self.own)
        return self._words[language]

    def card(self, kept: Mapping[str, str], language: str, zone: ZoneInfo) -> Card:
        """Return an article as a page in that language shows it; most stand on several pages for long."""
        key = (language, zone.key, *kept.values())
        if key not in self._cards:
            if len(self._cards) > _REMEMBERED:
                self._cards.clear()
            self._cards[key] = self._made(kept, self.words(language), zone)
        return self._cards[key]

    def _made(self, kept: Mapping[str, str], said: Words, zone: ZoneInfo) -> Card:
        day = said.date(datetime.fromisoformat(kept["date"]).astimezone(zone).date(), length="long")
        card = Card(**kept, day=day)
        return replace(card, shown=markup(render(self.templates, "web/card.html", card=card, words=said)))


@lru_cache(maxsize=4)
def look(own: Path, _stamps: Hashable) -> Look:
    """Return what pages are made with; compiled again when a file of the site's own has another stamp."""
    return Look(templates(own), own)


def feed_sheet(current: Current, settings: Settings, look: Look) -> Sheet:
    """Return a feed's page: what it holds, and how to subscribe."""
    plan, said = current.plan, look.words(current.plan.language)
    zone = ZoneInfo(settings.site.timezone)
    cards = [look.card(one.card, plan.language, zone) for one in current.entries[:SHOWN]]
    body = render(
        look.templates,
        "web/feed.html",
        site=settings.site,
        words=said,
        discovery=registry.announced(settings, plan),
        title=registry.title_of(settings, plan),
        heading=plan.title,
        addresses=_addresses(settings, plan),
        cards=cards,
    )
    return Sheet(f"{plan.page}index.html", body.encode(), current.stamp, lasts=False)


def site_sheets(settings: Settings, look: Look) -> Iterator[Sheet]:
    """Yield the OPML list and the page of all feeds, in each language of the site."""
    stamp = beginning(settings)
    yield Sheet(OPML_PATH, _opml(settings, look), stamp)
    for language in settings.site.languages:
        yield Sheet(index_path(settings, language), _index(settings, language, look), stamp)


def site_paths(settings: Settings) -> list[str]:
    """Return the paths of :func:`site_sheets`."""
    return [OPML_PATH, *(index_path(settings, language) for language in settings.site.languages)]


def index_path(settings: Settings, language: str) -> str:
    """Return the file of the page of all feeds; the site's first language has the short name."""
    first = language == settings.site.languages[0]
    return "feeds/index.html" if first else f"feeds/index.{language.lower()}.html"


def _index(settings: Settings, language: str, look: Look) -> bytes:
    said = look.words(language)
    groups = [
        (heading, [_entry(settings, plan, language) for plan in plans])
        for heading, plans in _groups(settings, said)
    ]
    body = render(
        look.templates,
        "web/feeds.html",
        site=settings.site,
        words=said,
        discovery=registry.autodiscovery(settings),
        groups=groups,
        opml=f"{settings.site.url}/{OPML_PATH}",
        others=[
            (words(other).own_name, other, f"/{index_path(settings, other)}")
            for other in settings.site.languages
            if other != language
        ],
    )
    return body.encode()


def _opml(settings: Settings, look: Look) -> bytes:
    site, said = settings.site, look.words(settings.site.languages[0])
    name = site.author or site.title_in(site.languages[0])
    outlines = (
        (
            heading,
            {
                "type": "rss",
                "text": registry.title_of(settings, plan),
                "title": registry.title_of(settings, plan),
                "language": plan.language,
                "htmlUrl": f"{site.url}/{plan.page}",
                "xmlUrl": f"{site.url}/{plan.path('atom')}",
            },
        )
        for heading, plans in _groups(settings, said)
        for plan in plans
    )
    return opml.render(site.title_in(site.languages[0]), (name, site.email, site.url), outlines)


def _groups(settings: Settings, said: Words) -> list[tuple[str, Sequence[FeedPlan]]]:
    every = registry.plans(settings)
    headings = {
        "all": said("Everything"),
        "section": said("Sections"),
        "language": said("Languages"),
        "tag": said("Subjects"),
        "author": said("Authors"),
        "named": said("More feeds"),
    }
    groups = [(headings[kind], [plan for plan in every if plan.kind == kind]) for kind in _KINDS]
    return [(heading, plans) for heading, plans in groups if plans]


def _entry(settings: Settings, plan: FeedPlan, language: str) -> dict[str, object]:
    """Return a feed as the list of all feeds shows it, titled in the page's language where it can be."""
    title = plan.title
    if plan.kind == "section":
        title = wording(settings.sections[plan.key].title, language, plan.title)
    elif plan.kind == "named":
        title = wording(settings.feeds.named[plan.key].title, language, plan.title)
    elif plan.kind == "all":
        title = settings.site.title_in(language)
    return {
        "title": title,
        "language": plan.only_language or "",
        "page": f"/{plan.page}",
        "addresses": _addresses(settings, plan),
    }


def _addresses(settings: Settings, plan: FeedPlan) -> list[tuple[str, str, str]]:
    """Return (name of the format, media type, address)."""
    return [
        (_FORMAT_NAMES[form], MEDIA_TYPES[form], f"{settings.site.url}/{plan.path(form)}") for form in FORMATS
    ]
