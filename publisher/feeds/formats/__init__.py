"""One module a format, all alike: ``entry``, ``document``, and ``render`` which is both together.

An entry depends on its article and on the manner of the feed, never on the feed itself, so its bytes can be
kept and put into every feed that holds the article.
"""

from collections.abc import Callable, Sequence
from typing import Final

from publisher.feeds.formats import atom, jsonfeed, rss
from publisher.model.article import Article
from publisher.model.feed import Feed, Format, Manner

_ENTRIES: Final[dict[Format, Callable[[Article, Manner], bytes]]] = {
    "rss": rss.entry,
    "atom": atom.entry,
    "json": jsonfeed.entry,
}
_DOCUMENTS: Final[dict[Format, Callable[[Feed, Sequence[bytes]], bytes]]] = {
    "rss": rss.document,
    "atom": atom.document,
    "json": jsonfeed.document,
}


def entry(form: Format, article: Article, manner: Manner) -> bytes:
    """Return an article's entry in that format.

    Raises:
        ValueError: the article lacks what the format cannot do without, such as a title.
    """
    return _ENTRIES[form](article, manner)


def document(form: Format, feed: Feed, entries: Sequence[bytes]) -> bytes:
    """Return the document around entries that are written already, newest first."""
    return _DOCUMENTS[form](feed, entries)


def render(form: Format, feed: Feed) -> bytes:
    """Return a feed whose articles are all in it."""
    return document(form, feed, [entry(form, article, feed.manner) for article in feed.articles])
