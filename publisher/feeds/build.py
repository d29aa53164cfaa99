"""From articles and the config to a feed; pure."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from publisher.feeds.registry import title_of
from publisher.i18n import words
from publisher.model.article import Article
from publisher.model.feed import Chain, Content, Feed, FeedPlan, Manner, Tombstone
from publisher.settings.schema import Settings, wording

EDITION = 1
"""Raised when the program writes feeds differently, so that every file is built again."""


def manner(settings: Settings, content: Content, own: Path | None = None) -> Manner:
    """Return how entries of that content are written on this site.

    Args:
        settings: the config.
        content: full text, summary or both.
        own: the site's own templates, for its own wording.
    """
    site = settings.site
    return Manner(
        site_url=site.url,
        site_title=site.title_in(site.languages[0]),
        author=site.author or site.title_in(site.languages[0]),
        authority=site.tag_authority,
        content=content,
        section_titles={key: dict(section.title) for key, section in settings.sections.items()},
        correction_labels={language: words(language, own)("Correction") for language in site.languages},
    )


def feed(
    plan: FeedPlan,
    settings: Settings,
    *,
    feed_id: str,
    updated: datetime,
    articles: Sequence[Article] = (),
    tombstones: Sequence[Tombstone] = (),
    chain: Chain = Chain(),  # noqa: B008 - frozen
    way: Manner | None = None,
) -> Feed:
    """Return a feed or one of its archive documents.

    Args:
        plan: which feed.
        settings: the config.
        feed_id: its stored ``tag:`` URI.
        updated: the latest significant change, never earlier than was published before.
        articles: newest first; none where the entries' bytes are at hand.
        tombstones: latest first.
        chain: the document's place among the archives.
        way: how its entries are written; worked out from the config when it is left out.
    """
    site, feeds = settings.site, settings.feeds
    return Feed(
        plan=plan,
        id=feed_id,
        title=title_of(settings, plan),
        description=_description(plan, settings),
        manner=way or manner(settings, plan.content),
        updated=updated,
        articles=tuple(articles),
        email=site.email,
        rights=site.copyright,
        logo=site.logo,
        icon=site.icon,
        hub=feeds.hub,
        refresh=feeds.refresh,
        tombstones=tuple(tombstones),
        chain=chain,
    )


def mint(plan: FeedPlan, settings: Settings) -> str:
    """Return the id of a feed that is published for the first time (RFC 4151)."""
    return f"tag:{settings.site.tag_authority}:feeds/{plan.key}"


def fingerprint(*parts: object) -> str:
    """Return a short hash of what something was made from.

    The parts are values whose ``repr`` says all and keeps its order: strings, numbers, frozen models.
    """
    return sha256(repr((EDITION, *parts)).encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _description(plan: FeedPlan, settings: Settings) -> str:
    about = wording(settings.site.description, plan.language)
    if plan.kind == "all":
        return about or title_of(settings, plan)
    return f"{title_of(settings, plan)}. {about}".strip() if about else title_of(settings, plan)
