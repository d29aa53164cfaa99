"""A published list of articles, before it takes a format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Literal

from publisher.model.article import Article

Format = Literal["rss", "atom", "json"]
FORMATS: tuple[Format, ...] = ("rss", "atom", "json")
MEDIA_TYPES: dict[Format, str] = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
Content = Literal["full", "summary", "both"]
OPML_PATH = "feeds.opml"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPlan:
    """One feed that the site publishes; the registry of these drives files, addresses, OPML and pages.

    Attributes:
        key: its name in addresses: ``all``, a section's key, or another registered name.
        kind: what it gathers.
        title: in the feed's language.
        language: of the feed's own words.
        sections: only these keys; empty for no such limit.
        tags: only articles with one of these, in case-folded spelling.
        authors: only articles by one of these, in case-folded spelling.
        only_language: only articles in this language.
        content: whether entries carry the full text, a summary or both.
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
    content: Content = "both"
    was: tuple[str, ...] = ()

    def path(self, form: Format, archive: str | None = None) -> str:
        """Return its file below ``public/`` and, with a slash before it, its address.

        Args:
            form: the format.
            archive: name of an archive document, such as ``2026-10``; None for the current feed.
        """
        return f"feeds/{self.key}.{form}" if archive is None else f"feeds/{self.key}/{archive}.{form}"

    @property
    def page(self) -> str:
        """Address of its page for people, without the leading slash; the file is ``index.html`` in it."""
        return f"feeds/{self.key}/"

    def holds(self, place: "Placement") -> bool:
        """Return whether an article that stands there belongs to this feed."""
        return (
            (not self.sections or place.section in self.sections)
            and (self.only_language is None or place.language == self.only_language)
            and (not self.tags or not place.tags.isdisjoint(self.tags))
            and (not self.authors or not place.authors.isdisjoint(self.authors))
        )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article stands: what decides which feeds hold it, and at which place.

    Attributes:
        section: its section's key.
        language: BCP 47.
        tags: in case-folded spelling.
        authors: names in case-folded spelling.
        date: as :attr:`publisher.model.article.Article.date`.
    """

    section: str | None
    language: str
    tags: frozenset[str]
    authors: frozenset[str]
    date: datetime


@dataclass(frozen=True, slots=True)
class Move:
    """One article's change and all the places that it concerns: where it stood, and where it stands."""

    number: int
    change: int
    places: tuple[Placement, ...]


Place = tuple[datetime, int]
"""Where an article stands in the order of recency: date, number."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An article as a feed lists it, without its words.

    Attributes:
        number: its number.
        change: the change number of its present content.
        date: its date.
        significant: as :attr:`publisher.model.article.Article.significant`.
        modified: when its content last changed here.
        letters: length of its body, where that was asked for.
    """

    number: int
    change: int
    date: datetime
    significant: datetime
    modified: datetime
    letters: int = 0

    @property
    def place(self) -> Place:
        """Where it stands in the order of recency."""
        return self.date, self.number


@dataclass(frozen=True)
class Kept:
    """An article's entry in every format, good while the article's change number is the same.

    Attributes:
        change: the article's change number when it was serialised.
        rss, atom, json: the bytes; empty when the article could not be written at all.
        rss_deflated, atom_deflated, json_deflated: the same as pieces of a gzip stream; empty until wanted.
        card: what a page shows of it.
        note: what could not be done as it should, for people.
    """

    change: int
    rss: bytes
    atom: bytes
    json: bytes
    rss_deflated: bytes
    atom_deflated: bytes
    json_deflated: bytes
    card: Mapping[str, str]
    note: str = ""

    @cached_property
    def digests(self) -> Mapping[Format, bytes]:
        """SHA-256 of its bytes in each format."""
        return {form: sha256(self.of(form)).digest() for form in FORMATS}

    @property
    def usable(self) -> bool:
        """Whether there is anything to publish."""
        return bool(self.rss)

    def of(self, form: Format) -> bytes:
        """Return the entry in that format."""
        return self.rss if form == "rss" else self.atom if form == "atom" else self.json

    def deflated(self, form: Format) -> bytes:
        """Return the entry in that format as a piece of a gzip stream."""
        if form == "rss":
            return self.rss_deflated
        return self.atom_deflated if form == "atom" else self.json_deflated


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How entries are written: all that an entry depends on but its article.

    Two feeds of one manner share the bytes of their entries, so nothing of a single feed is in here.

    Attributes:
        site_url: address of the site without a slash at the end.
        site_title: the paper's name.
        author: named where an article has no byline.
        authority: who mints ``tag:`` URIs; names the schemes of categories.
        content: whether entries carry the full text, a summary or both.
        section_titles: section key -> language -> title.
        correction_labels: language -> the words before a correction's note.
    """

    site_url: str
    site_title: str
    author: str
    authority: str
    content: Content
    section_titles: Mapping[str, Mapping[str, str]]
    correction_labels: Mapping[str, str]

    def section_title(self, section: str, language: str) -> str:
        """Return the section's title in that language, else in the first that it has one in."""
        titles = self.section_titles.get(section, {})
        return titles.get(language) or next(iter(titles.values()), section)

    @property
    def sections_scheme(self) -> str:
        """The URI that names our list of sections (the ``scheme`` or ``domain`` of a category)."""
        return f"tag:{self.authority}:sections"

    @property
    def tags_scheme(self) -> str:
        """The URI that names our free subject words."""
        return f"tag:{self.authority}:tags"


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A withdrawn article, as a feed announces it (RFC 6721).

    Attributes:
        uri: the id under which it was published.
        when: when it was withdrawn (UTC).
    """

    uri: str
    when: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """Where a document stands among the archives of its feed (RFC 5005 §4).

    Attributes:
        archive: this document's own name; None for the current feed.
        older: name of the archive document before it.
        newer: name of the archive document after it; None when the current feed comes next.
    """

    archive: str | None = None
    older: str | None = None
    newer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One document, all that a format needs; no format looks anywhere else, and none asks the time.

    Attributes:
        plan: which feed this is.
        id: ``tag:`` URI of the feed; minted once, whatever becomes of its key or the site's host.
        title: what readers list it under: the paper's name, and what the feed gathers.
        description: one sentence.
        manner: how its entries are written.
        articles: newest first; may be left empty where the entries' bytes are at hand.
        updated: the latest significant change among what is or was in it (UTC); grows only.
        email: the newsroom's address.
        rights: copyright statement.
        logo, icon: absolute addresses.
        hub: WebSub hub.
        refresh: how often to look again.
        tombstones: latest first.
        chain: its place among the archives.
    """

    plan: FeedPlan
    id: str
    title: str
    description: str
    manner: Manner
    updated: datetime
    articles: tuple[Article, ...] = ()
    email: str | None = None
    rights: str = ""
    logo: str | None = None
    icon: str | None = None
    hub: str | None = None
    refresh: timedelta = timedelta(minutes=15)
    tombstones: tuple[Tombstone, ...] = ()
    chain: Chain = Chain()

    @property
    def page_url(self) -> str:
        """Address of this feed's page for people."""
        return f"{self.manner.site_url}/{self.plan.page}"

    def self_url(self, form: Format) -> str:
        """Return the address at which readers find this document in that format."""
        return self.address(form, self.chain.archive)

    def address(self, form: Format, archive: str | None = None) -> str:
        """Return the address of the current feed, or of one of its archive documents."""
        return f"{self.manner.site_url}/{self.plan.path(form, archive)}"


@dataclass(frozen=True, slots=True)
class Frame:
    """A document without its entries: what comes before them, between two, and after them."""

    head: bytes
    between: bytes
    tail: bytes

    def around(self, entries: Sequence[bytes]) -> bytes:
        """Return the document with these entries."""
        return b"".join((self.head, self.between.join(entries), self.tail))


def folded(word: str) -> str:
    """Return a tag or a name as it is compared: capitals do not matter, nor what follows 200 letters."""
    return word.casefold()[:200]


def placement(article: Article) -> Placement:
    """Return where an article stands now."""
    return Placement(
        section=article.section,
        language=article.language,
        tags=frozenset(map(folded, article.tags)),
        authors=frozenset(folded(byline.name) for byline in article.bylines),
        date=article.date,
    )


def article_address(site_url: str, article: Article) -> str:
    """Return the article's own address, or that of the reading page we serve for it."""
    return article.url or f"{site_url}/articles/{article.id}"


def absolute(site_url: str, address: str) -> str:
    """Return an address below the site's own (``/media/...``) as an absolute one; others unchanged."""
    return f"{site_url}{address}" if address.startswith("/") else address
