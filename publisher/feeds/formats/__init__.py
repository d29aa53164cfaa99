"""One module a format, all alike: ``entry`` from material, and the ``frame`` that stands around entries.

An entry depends on its article and on the manner of the feed, never on the feed itself, so its bytes can be
kept and put into every feed that holds the article.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from publisher.feeds.content import Material, material
from publisher.feeds.formats import atom, jsonfeed, rss
from publisher.model.feed import Feed, Format, Frame

_ENTRIES: Final[dict[Format, Callable[[Material], bytes]]] = {
    "rss": rss.entry,
    "atom": atom.entry,
    "json": jsonfeed.entry,
}
_FRAMES: Final[dict[Format, Callable[[Feed], Frame]]] = {
    "rss": rss.frame,
    "atom": atom.frame,
    "json": jsonfeed.frame,
}
_DATES: Final[dict[Format, Callable[[datetime], bytes]]] = {"rss": rss.date, "atom": atom.date}
"""The element that says when anything in a feed last changed; JSON Feed has none."""


def entry(form: Format, one: Material) -> bytes:
    """Return an article's entry in that format."""
    return _ENTRIES[form](one)


def frame(form: Format, feed: Feed) -> Frame:
    """Return what stands around the entries of a document."""
    return _FRAMES[form](feed)


def dated(form: Format, frame: Frame, before: datetime, now: datetime) -> Frame:
    """Return what stands around the entries of a feed that changed at another moment than before.

    No text of the feed can be taken for the element: in texts ``<`` is escaped.
    """
    element = _DATES.get(form)
    if element is None:
        return frame
    return replace(frame, head=frame.head.replace(element(before), element(now), 1))


def render(form: Format, feed: Feed) -> bytes:
    """Return the whole document of a feed whose articles are all in it."""
    return frame(form, feed).around(
        [entry(form, material(article, feed.manner)) for article in feed.articles]
    )
