"""What the newsroom wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from hashlib import sha256
from typing import Any


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an article; a saved page may leave only its caption.

    Attributes:
        url: absolute address, or a path below the site's own that begins with ``/media/``; None when only
            the caption is known.
        caption: what is printed under it, without the credit.
        credit: who made it.
        alt: what it shows, for those who cannot see it; empty when nobody said.
        width: pixels, when known.
        height: pixels, when known.
        media_type: such as ``image/jpeg``, when known.
        length: bytes, when known.
    """

    url: str | None = None
    caption: str = ""
    credit: str = ""
    alt: str = ""
    width: int | None = None
    height: int | None = None
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Byline:
    """One author as the page names them, e.g. ``Trần Văn A``, ``Colonel``, ``Commander of the garrison``."""

    name: str
    rank: str = ""
    office: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleData:
    """An article's content: all that a reader could notice a change of.

    Attributes:
        title: plain text, one line.
        language: BCP 47.
        section: a section's stable key; None when it names none or an unknown one.
        label: the section label as the source gave it, kept so that a later alias can place the article.
        agency: the agency prefix of the lede, such as ``ĐBP``, without its dash.
        lede: plain text without the prefix.
        body: sanitised HTML that follows the lede (never repeats it); empty when only the lede is known.
        pictures: in the order of the article, the first is the lead picture.
        bylines: in the order of the page.
        tags: free subject words.
        url: the article's own absolute address; None when we serve its reading page.
        comments: absolute address of the readers' comments.
        published: when the newsroom says it published it (UTC); None when nobody said.
        updated: when the newsroom says it last changed it (UTC).
        correction: note of a declared correction.
        corrected: when that correction was declared (UTC).
    """

    title: str
    language: str
    section: str | None = None
    label: str = ""
    agency: str = ""
    lede: str = ""
    body: str = ""
    pictures: tuple[Picture, ...] = ()
    bylines: tuple[Byline, ...] = ()
    tags: tuple[str, ...] = ()
    url: str | None = None
    comments: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    correction: str = ""
    corrected: datetime | None = None

    def revision(self) -> str:
        """Return the SHA-256 (hex) over the content: equal content, equal hash, on any host.

        Fields at their default are left out, so that a field added in a later version changes no hash.
        """
        digest = sha256()
        for part in fields(ArticleData):
            value = getattr(self, part.name)
            if value != part.default:
                digest.update(f"{part.name}={value!r}\n".encode())
        return digest.hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article(ArticleData):
    """An article as the store keeps it.

    Attributes:
        id: short, opaque, for addresses (``/articles/ID``); minted once, never reused.
        uri: the ``tag:`` URI of RFC 4151 that feeds carry; minted once with the id.
        number: place in the order of arrival; a later arrival has the larger number.
        source: name of the source it first came from.
        first_seen: when it first came in (UTC).
        modified: when its content last changed here (UTC).
        change: the store's change number at its last change; grows over all articles.
        withdrawn: when it was taken back (UTC); None while it stands.
    """

    id: str
    uri: str
    number: int
    source: str
    first_seen: datetime
    modified: datetime
    change: int
    withdrawn: datetime | None = None

    @property
    def date(self) -> datetime:
        """When readers should take it to be published: what the newsroom said, else its arrival."""
        return self.published or self.first_seen

    @property
    def significant(self) -> datetime:
        """When it last changed in a way that readers should be told of (RFC 4287 §4.2.15).

        A declared correction, or the newsroom's own ``updated``; a silent edit moves nothing.
        """
        return max(moment for moment in (self.date, self.updated, self.corrected) if moment)

    @property
    def order(self) -> tuple[datetime, int]:
        """Sort key of recency: date, then arrival (a list's order is kept as arrival)."""
        return self.date, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An article as one source document gives it, before the store has been asked.

    A field left None was not said by this source and leaves the stored value alone: a list of recent news
    knows title, label and lede, and must not wipe a body that came in with a full page.

    Attributes:
        keys: what the source recognises it by, strongest first; each is unique within ``source``.
        where: for reports, such as ``news.jsonl:17``.
        withdrawn: when it was taken back; None while nothing of the kind is said.
        restored: whether it says that it stands again.
    """

    source: str
    keys: tuple[str, ...]
    where: str
    title: str
    language: str | None = None
    section: str | None = None
    label: str | None = None
    agency: str | None = None
    lede: str | None = None
    body: str | None = None
    pictures: tuple[Picture, ...] | None = None
    bylines: tuple[Byline, ...] | None = None
    tags: tuple[str, ...] | None = None
    url: str | None = None
    comments: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    correction: str | None = None
    corrected: datetime | None = None
    withdrawn: datetime | None = None
    restored: bool = False
    notes: tuple[str, ...] = field(default=(), compare=False)

    def over(self, stored: ArticleData | None, *, language: str) -> ArticleData:
        """Return the content that results from laying this draft over what is stored.

        Args:
            stored: the content so far, or None for a new article.
            language: used when neither the draft nor the store knows one.
        """
        said: dict[str, Any] = {
            name: value for name in CONTENT_FIELDS if (value := getattr(self, name)) is not None
        }
        if stored is None:
            return ArticleData(**({"language": language} | said))
        return replace(content_of(stored), **said)


CONTENT_FIELDS: Sequence[str] = tuple(part.name for part in fields(ArticleData))
"""Names of the fields of :class:`ArticleData`."""


def content_of(article: ArticleData) -> ArticleData:
    """Return only the content of an article, without what the store adds."""
    values: Mapping[str, Any] = {name: getattr(article, name) for name in CONTENT_FIELDS}
    return ArticleData(**values)
