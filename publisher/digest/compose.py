"""From a selection to a letter: every picked article laid out, nothing left to look up. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from publisher.digest.firstwords import opening_words
from publisher.digest.pictures import NO_PICTURES, Illustrations
from publisher.model.article import Article
from publisher.model.edition import Choice, Selection
from publisher.model.feed import article_address
from publisher.model.letter import Letter, LetterSection, Story
from publisher.model.slot import day_of
from publisher.settings.schema import Digest, Settings, wording


def languages_of(digest: Digest, settings: Settings) -> tuple[str, ...]:
    """Return a digest's languages; the first is that of its own words."""
    return digest.languages or settings.site.languages


def compose(
    selection: Selection,
    articles: Mapping[str, Article],
    *,
    settings: Settings,
    note: str = "",
    pictures: Illustrations = NO_PICTURES,
) -> Letter:
    """Return the letter of a selection.

    Args:
        selection: what is in, in order.
        articles: the picked ones, by id.
        settings: of the site; they hold the digest.
        note: the editor's, as sanitised HTML.
        pictures: fitted for their places.
    """
    site = settings.site
    digest = settings.digests[selection.digest]
    language, *further = languages_of(digest, settings)

    def story(choice: Choice) -> Story:
        return _story(choice, articles[choice.article_id], settings, digest.pins, language, pictures)

    lead = next((choice for choice in selection.picked if choice.reason == "lead"), None)
    rest = [choice for choice in selection.picked if choice is not lead]
    return Letter(
        digest=selection.digest,
        slot=selection.slot,
        title=wording(digest.title, language),
        day=_day(selection, ZoneInfo(site.timezone)),
        language=language,
        site_title=site.title_in(language),
        site_url=site.url,
        web_url=f"{site.url}/editions/{selection.digest}/{selection.slot}",
        lead=story(lead) if lead else None,
        sections=tuple(
            LetterSection(
                key=key,
                title=_section_title(key, settings, language),
                stories=tuple(story(choice) for choice in some),
                also=_also_titled(key, settings, language, further),
            )
            for key, some in groupby(rest, key=lambda choice: choice.section)
        ),
        note=note,
        postal_address=site.postal_address,
        feeds_url=f"{site.url}/feeds/",
        logo=pictures.logo,
    )


def may_lead(selection: Selection) -> frozenset[str]:
    """Return the articles that need the large picture: the lead, and the first of each section.

    The latter lead the letters of those who did not choose the lead's section.
    """
    found: dict[str | None, str] = {}
    for choice in selection.picked:
        if choice.reason == "lead":
            continue
        found.setdefault(choice.section, choice.article_id)
    leads = {choice.article_id for choice in selection.picked if choice.reason == "lead"}
    return frozenset({*found.values(), *leads})


def _story(
    choice: Choice,
    article: Article,
    settings: Settings,
    pins: tuple[str, ...],
    language: str,
    pictures: Illustrations,
) -> Story:
    leads = choice.reason == "lead"
    large = pictures.large.get(article.id)
    return Story(
        article_id=article.id,
        section=choice.section,
        section_title=_section_title(choice.section, settings, language),
        title=article.title,
        lede=article.lede or opening_words(article.body),
        url=article_address(settings.site.url, article),
        language=article.language,
        picture=large if leads else pictures.small.get(article.id),
        large=large,
        byline=", ".join(byline.name for byline in article.bylines),
        correction=article.correction,
        pinned=article.id in pins or article.url in pins,
    )


def _section_title(key: str | None, settings: Settings, language: str) -> str:
    section = settings.sections.get(key) if key else None
    return wording(section.title, language) if section else ""


def _also_titled(
    key: str | None, settings: Settings, language: str, further: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    own = _section_title(key, settings, language)
    titles = [(other, _section_title(key, settings, other)) for other in further]
    return tuple((other, title) for other, title in titles if title and title != own)


def _day(selection: Selection, zone: ZoneInfo) -> date:
    """Return the date on the masthead: the slot's day; of a week, the day on which it is due."""
    day = day_of(selection.slot)
    return selection.until.astimezone(zone).date() if "W" in selection.slot else day
