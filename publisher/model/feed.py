"""A published list of articles, before it takes a format."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from publisher.model.article import Article

Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
MEDIA_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """One feed that the site publishes; the registry of these drives files, addresses, OPML and pages.

    Attributes:
        key: its name in addresses: ``all``, a section's key, or another registered name.
        kind: what it gathers.
        title: per language.
        language: of the feed's own words.
        sections: only these keys; empty for no such limit.
        tags: only articles with one of these.
        authors: only articles by one of these.
        only_language: only articles in this language.
        was: keys under which it was published before.
    """

    key: str
    kind: Literal["all", "section", "language", "tag", "author", "named"]
    title: str
    language: str
    sections: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    only_language: str | None = None
    was: tuple[str, ...] = ()

    def path(self, form: Format) -> str:
        """Return its file below ``public/`` and, with a slash before it, its address."""
        return f"feeds/{self.key}.{form}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Everything that a format needs; no format looks anywhere else, and none asks the time.

    Attributes:
        plan: which feed this is.
        id: ``tag:`` URI of the feed; never changes while its key does not.
        site_title: the paper's name.
        site_url: address of the site without a slash at the end.
        page_url: HTML page of this feed, for people.
        description: one sentence.
        articles: newest first.
        updated: the latest significant change among what is in it (UTC); grows only.
        author: named where an article has no byline.
        email: the newsroom's address.
        rights: copyright statement.
        logo, icon: absolute addresses.
        hub: WebSub hub.
        refresh: how often to look again.
        content: whether entries carry the full text, a summary or both.
        section_titles: section key -> title in the feed's language.
    """

    plan: FeedPlan
    id: str
    site_title: str
    site_url: str
    page_url: str
    description: str
    articles: tuple[Article, ...]
    updated: datetime
    author: str
    email: str | None = None
    rights: str = ""
    logo: str | None = None
    icon: str | None = None
    hub: str | None = None
    refresh: timedelta = timedelta(minutes=15)
    content: Literal["full", "summary", "both"] = "full"
    section_titles: tuple[tuple[str, str], ...] = ()

    def self_url(self, form: Format) -> str:
        """Return the address at which readers find this feed in that format."""
        return f"{self.site_url}/{self.plan.path(form)}"


def article_address(site_url: str, article: Article) -> str:
    """Return the article's own address, or that of the reading page we serve for it."""
    return article.url or f"{site_url}/articles/{article.id}"


def absolute(site_url: str, address: str) -> str:
    """Return an address below the site's own (``/media/...``) as an absolute one; others unchanged."""
    return f"{site_url}{address}" if address.startswith("/") else address
