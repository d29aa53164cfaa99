"""What an entry says: its summary, and its full text as HTML.

The full text begins with the declared correction, if there is one, so that whoever reads the article again
sees first what is different; then the lead picture, the lede as first paragraph with the agency's prefix as
it is printed (``ĐBP – ...``), the body, and the pictures that the body does not show itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from publisher.feeds.clean import absolute_links, line, plain, text_of, uri
from publisher.model.article import Article, Picture
from publisher.model.feed import Manner, absolute, article_address


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture whose address is known."""

    url: str
    caption: str
    credit: str
    alt: str
    width: int | None
    height: int | None
    media_type: str | None
    length: int | None

    @property
    def words(self) -> str:
        """Its caption; without one it is named by what it shows."""
        return self.caption or self.alt


@dataclass(frozen=True, slots=True)
class Material:
    """All that an entry says, worked out once for every format: clean, absolute, and as plain as it can be.

    Attributes:
        id: the ``tag:`` URI.
        title: one line.
        link: of the article.
        language: BCP 47.
        summary: plain text; None where the manner has none.
        html: the full text; None where the manner has none.
        published, updated: in UTC.
        authors: at least one name.
        categories: (scheme, term, label).
        pictures: whose addresses are known, the lead picture first.
        comments: address of the readers' comments.
    """

    id: str
    title: str
    link: str
    language: str
    summary: str | None
    html: str | None
    published: datetime
    updated: datetime
    authors: tuple[str, ...]
    categories: tuple[tuple[str, str, str], ...]
    pictures: tuple[Shown, ...]
    comments: str | None


SUMMARY_LETTERS = 400
"""Where there is no lede, the summary is the beginning of the body, cut at a word before so many letters."""


def material(article: Article, manner: Manner) -> Material:
    """Return what an article's entries say."""
    pictures = tuple(_shown(picture, manner) for picture in article.pictures if picture.url)
    return Material(
        id=article.uri,
        title=line(article.title),
        link=link(article, manner),
        language=article.language,
        summary=None if manner.content == "full" else summary(article),
        html=None if manner.content == "summary" else full(article, manner, pictures),
        published=published(article),
        updated=updated(article),
        authors=authors(article, manner),
        categories=categories(article, manner),
        pictures=pictures,
        comments=uri(article.comments) if article.comments else None,
    )


def link(article: Article, manner: Manner) -> str:
    """Return the entry's address as a URI."""
    return uri(article_address(manner.site_url, article))


def summary(article: Article) -> str:
    """Return the summary as plain text on one line: the lede without the agency's prefix."""
    lede = line(article.lede)
    return lede or _shortened(text_of(plain(article.body)))


def full(article: Article, manner: Manner, pictures: Sequence[Shown]) -> str:
    """Return the whole article as HTML in which every address is absolute.

    Args:
        article: which.
        manner: how.
        pictures: of the article, those whose address is known.
    """
    body = plain(article.body)
    addresses = [picture.url for picture in article.pictures if picture.url]
    figures = [_figure(one) for one, said in zip(pictures, addresses, strict=True) if said not in body]
    parts = [
        _correction(article, manner),
        *figures[:1],
        _lede(article),
        absolute_links(body, article_address(manner.site_url, article)),
        *figures[1:],
    ]
    return "\n".join(part for part in parts if part)


def published(article: Article) -> datetime:
    """Return when readers should take it to be published; it never changes (RFC 4287 §4.2.9)."""
    return article.date.replace(microsecond=0)


def updated(article: Article) -> datetime:
    """Return when it last changed significantly (RFC 4287 §4.2.15), with its place in the second.

    Articles of one page arrive in one moment; the fraction of the second, made from the order of arrival,
    keeps their dates apart and in order wherever a format has room for it.
    """
    return article.significant.replace(microsecond=article.number % 1_000_000)


def picture_url(picture: Picture, manner: Manner) -> str:
    """Return a picture's absolute address as a URI; empty when only its caption is known."""
    return uri(absolute(manner.site_url, picture.url)) if picture.url else ""


def authors(article: Article, manner: Manner) -> tuple[str, ...]:
    """Return the names of the byline, each once; the newsroom's where nobody signed."""
    names = dict.fromkeys(name for byline in article.bylines if (name := line(byline.name)))
    return tuple(names) or (line(manner.author),)


def categories(article: Article, manner: Manner) -> tuple[tuple[str, str, str], ...]:
    """Return (scheme, term, label) of the section and of each tag, each once."""
    found: dict[tuple[str, str], str] = {}
    if article.section:
        title = line(manner.section_title(article.section, article.language))
        found[manner.sections_scheme, article.section] = title
    for tag in article.tags:
        if word := line(tag):
            found.setdefault((manner.tags_scheme, word), word)
    return tuple((scheme, term, label) for (scheme, term), label in found.items())


def _shown(picture: Picture, manner: Manner) -> Shown:
    return Shown(
        url=picture_url(picture, manner),
        caption=line(picture.caption),
        credit=line(picture.credit),
        alt=line(picture.alt),
        width=picture.width,
        height=picture.height,
        media_type=picture.media_type,
        length=picture.length,
    )


def _correction(article: Article, manner: Manner) -> str:
    note = line(article.correction)
    if not note:
        return ""
    label = manner.correction_labels.get(article.language) or next(iter(manner.correction_labels.values()))
    return f"<p><strong>{escape(label)}:</strong> {escape(note)}</p>"


def _lede(article: Article) -> str:
    lede, agency = line(article.lede), line(article.agency)
    if not lede:
        return ""
    return f"<p>{escape(f'{agency} – {lede}' if agency else lede)}</p>"


def _figure(picture: Shown) -> str:
    width = f' width="{picture.width}"' if picture.width else ""
    height = f' height="{picture.height}"' if picture.height else ""
    image = f'<img src="{escape(picture.url)}" alt="{escape(picture.alt)}"{width}{height}>'
    words = [picture.caption and escape(picture.caption), picture.credit and _small(picture.credit)]
    caption = " ".join(part for part in words if part)
    return f"<figure>{image}{f'<figcaption>{caption}</figcaption>' if caption else ''}</figure>"


def _small(credit: str) -> str:
    return f"<small>{escape(credit)}</small>"


def _shortened(text: str) -> str:
    if len(text) <= SUMMARY_LETTERS:
        return text
    return text[:SUMMARY_LETTERS].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"
