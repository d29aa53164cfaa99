"""Entries of a run: those that are kept are taken from the store, the others are written now."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

from publisher.feeds import build, content, formats
from publisher.feeds.clean import line
from publisher.feeds.codings import deflated
from publisher.feeds.content import Material
from publisher.feeds.threads import threads
from publisher.model.article import Article
from publisher.model.feed import FORMATS, FeedPlan, Kept, Listed, Manner
from publisher.settings.schema import Settings
from publisher.store import Transaction, articles, feedentries

ARTICLE_LIMIT = 1_000_000
"""Google's: an article larger than this stands in the feeds as its summary with a link."""


@dataclass(slots=True)
class Entries:
    """Gives entries, each serialised once per revision of its article and manner of its feed.

    Attributes:
        settings: the config.
        own: the site's own templates, for its own wording.
        fresh: (fingerprint of the manner, number) -> entry, of those that were written in this run.
    """

    settings: Settings
    own: Path | None = None
    fresh: dict[tuple[str, int], Kept] = field(default_factory=dict)
    _known: dict[tuple[str, int], Kept] = field(default_factory=dict)
    _deflating: dict[tuple[str, int], Future[Kept]] = field(default_factory=dict)
    _manners: dict[str, tuple[Manner, str]] = field(default_factory=dict)

    def manner(self, plan: FeedPlan) -> tuple[Manner, str]:
        """Return the manner of a feed's entries with its fingerprint."""
        if plan.content not in self._manners:
            made = build.manner(self.settings, plan.content, self.own)
            self._manners[plan.content] = made, build.fingerprint(made)
        return self._manners[plan.content]

    def of(self, tx: Transaction, plan: FeedPlan, listed: Sequence[Listed], *, keep: bool) -> dict[int, Kept]:
        """Return the entries of articles by number; those that are gone meanwhile are left out.

        Args:
            tx: the transaction.
            plan: the feed, for its manner.
            listed: the articles.
            keep: whether to keep what is written now; archives are not worth it.
        """
        manner, key = self.manner(plan)
        known = {one.number: self._known.get((key, one.number)) for one in listed}
        unknown = [one for one in listed if not _good(known[one.number], one)]
        known |= feedentries.kept(tx, key, unknown)
        stale = [one.number for one in listed if not _good(known[one.number], one)]
        for number, article in articles.by_numbers(tx, stale).items():
            one = known[number] = written(article, manner)
            if keep:
                self.fresh[key, number] = one
                self._deflating[key, number] = threads().submit(_deflated, one)
        found = {number: one for number, one in known.items() if one is not None}
        if keep:
            self._known |= {(key, number): one for number, one in found.items()}
        return found

    def known(self, plan: FeedPlan, numbers: Sequence[int]) -> list[Kept]:
        """Return entries that were given before with ``keep``."""
        _, key = self.manner(plan)
        return [self._known[key, number] for number in numbers]

    def deflate(self) -> None:
        """Wait for the pieces of gzip streams of what was written in this run."""
        done = {key: one.result() for key, one in self._deflating.items()}
        self._deflating.clear()
        self.fresh |= done
        self._known |= done

    def store(self, tx: Transaction) -> None:
        """Keep what was written in this run; call :meth:`deflate` first."""
        by_manner: dict[str, list[tuple[int, Kept]]] = {}
        for (key, number), one in self.fresh.items():
            by_manner.setdefault(key, []).append((number, one))
        for key, entries in by_manner.items():
            feedentries.keep(tx, key, entries)
        self.fresh.clear()


def written(article: Article, manner: Manner) -> Kept:
    """Return an article's entries; one that cannot be written never stops a feed, its note says why."""
    try:
        one = _written(article, manner)
        if max(len(one.rss), len(one.atom), len(one.json)) <= ARTICLE_LIMIT:
            return one
        size = max(len(one.rss), len(one.atom), len(one.json)) / 1_000_000
        note = f"{_named(article)}: {size:.1f} MB is more than readers take; its summary stands in the feeds"
        return replace(_written(article, replace(manner, content="summary")), note=note)
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError) as error:
        note = f"{_named(article)}: left out of the feeds: {' '.join(str(error).split())}"
        return Kept(article.change, b"", b"", b"", b"", b"", b"", {}, note)


def _written(article: Article, manner: Manner) -> Kept:
    said = content.material(article, manner)
    if not said.title:
        raise ValueError("it has no title")
    made = {form: formats.entry(form, said) for form in FORMATS}
    card = _card(said, content.summary(article) if said.summary is None else said.summary)
    return Kept(article.change, made["rss"], made["atom"], made["json"], b"", b"", b"", card)


def _deflated(one: Kept) -> Kept:
    return replace(
        one,
        rss_deflated=deflated(one.rss),
        atom_deflated=deflated(one.atom),
        json_deflated=deflated(one.json),
    )


def _card(said: Material, summary: str) -> Mapping[str, str]:
    """Return what a page for people shows of an article."""
    return {
        "title": said.title,
        "url": said.link,
        "summary": summary,
        "date": said.published.isoformat(),
        "language": said.language,
    }


def _good(one: Kept | None, listed: Listed) -> bool:
    return one is not None and one.change == listed.change


def _named(article: Article) -> str:
    return f"article {article.id} ({line(article.title)[:80] or 'without a title'})"
