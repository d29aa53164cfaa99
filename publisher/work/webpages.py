"""Write what readers fetch besides feeds: reading pages, sitemaps, robots.txt; and where old addresses lead.

Only what changed since the last time is read and written. How far this host's folder is stands beside it, in
``var/pages.json``; the store knows only articles.
"""

import hashlib
import json
import os
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice
from pathlib import Path

from publisher.errors import ConfigError, UnreachableError
from publisher.feeds import drafts, files
from publisher.feeds.drafts import Output
from publisher.feeds.prints import prints
from publisher.feeds.registry import Discovery, autodiscovery, redirects
from publisher.model.article import Article
from publisher.resources import builtin
from publisher.settings.schema import Settings
from publisher.store import Store, articles, counters, listings
from publisher.store.engine import Transaction
from publisher.store.listings import Listed
from publisher.templating import templates
from publisher.work import sitemaps
from publisher.work.moved import MOVED, write_moved
from publisher.work.reading import article_page, page_path
from publisher.work.sitemaps import Listing

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""

_STATE = "pages.json"
_EDITION = 1
"""Raised when the program writes pages differently, so that every one is written again."""
_BATCH = 200
_TEMPLATES = ("web/base.html", "web/style.css", "web/article.html", "web/article.css")


@dataclass(frozen=True, slots=True)
class PagesReport:
    """What became of the pages.

    Attributes:
        written: paths below ``public/`` that were written.
        removed: paths that are there no more.
        problems: what could not be written, by name, and why.
    """

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _State:
    """What this host's folder holds.

    Attributes:
        made_of: fingerprint of config and templates.
        change: up to which change of articles.
        due: when something has to change although no article does (ISO 8601).
        again: ids of articles whose page could not be made.
        waiting: ids of articles that are dated in the future.
    """

    made_of: str = ""
    change: int = 0
    due: str = ""
    again: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(slots=True)
class _Found:
    """What one run did, as it goes."""

    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    parts: set[int] = field(default_factory=set)
    change: int = 0


def _silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


def write_pages(
    store: Store, *, settings: Settings, site: Path, now: datetime, progress: Progress = _silent
) -> PagesReport:
    """Bring reading pages and sitemaps up to date with the articles; run again, it does nothing.

    Args:
        store: read only.
        settings: the config.
        site: the site's folder.
        now: the present: articles dated later wait, and the news sitemap holds two days.
        progress: told how many pages are done.

    Raises:
        UnreachableError: the folder cannot be written.
    """
    public, var = site / "public", site / "var"
    made_of = _fingerprint(settings, site)
    with files.locked(var):
        before = _read(var)
        there = (public / sitemaps.INDEX).is_file() and (var / MOVED).is_file()
        if before.made_of != made_of or not there:
            before = _State(made_of)
        with store.read() as tx:
            newest = articles.newest_change(tx)
            if before.change == newest and not before.again and before.due and now.isoformat() < before.due:
                return PagesReport()
            found = _Found(change=before.change)
            changed = _changed(tx, before)
            _articles(changed, found, settings, site, now, progress)
            due = _sitemaps(tx, found, settings, public, now, everything=before.change == 0)
            gone = listings.withdrawn(tx)
        found.written += write_moved(site, moved(settings), gone)
        last = max(found.change, newest)
        _write(var, _State(made_of, last, due, tuple(found.failed[:_BATCH]), tuple(found.waiting)))
    return PagesReport(tuple(found.written), tuple(found.removed), tuple(found.problems))


def _changed(tx: Transaction, before: _State) -> Iterator[Article]:
    yield from articles.by_ids(tx, sorted({*before.again, *before.waiting})).values()
    yield from articles.changed_since(tx, before.change)


def _articles(
    changed: Iterator[Article],
    found: _Found,
    settings: Settings,
    site: Path,
    now: datetime,
    progress: Progress,
) -> None:
    environment = templates(site / "templates")
    while batch := list(islice(changed, _BATCH)):
        outputs, gone = [], []
        for article in batch:
            found.change = max(found.change, article.change)
            found.parts.add(sitemaps.part_of(article.number))
            if article.date > now and not article.withdrawn and article.id not in found.waiting:
                found.waiting.append(article.id)
            if article.withdrawn or article.url or article.date > now:
                gone.append(page_path(article.id))
                continue
            try:
                body = article_page(article, settings, environment, site / "templates")
            except ConfigError as error:
                found.failed.append(article.id)
                found.problems.append(f"{article.title} ({article.id}): its page cannot be made: {error}")
                continue
            outputs.append(Output(page_path(article.id), body, article.modified))
        _put(site / "public", outputs, found)
        _drop(site / "public", gone, found)
        progress("writing pages", len(found.written), None)


def _sitemaps(
    tx: Transaction, found: _Found, settings: Settings, public: Path, now: datetime, *, everything: bool
) -> str:
    """Write the sitemaps that are concerned; return when the news sitemap is due again."""
    last = sitemaps.part_of(counters.current(tx, articles.NUMBER) or 1)
    url = settings.site.url
    for part in range(1, last + 1) if everything else sorted(found.parts):
        named = _own(listings.arrived(tx, *sitemaps.numbers_of(part), now), url)
        if named:
            newest = max(one.modified for one in named)
            _put(public, [Output(sitemaps.part_path(part), sitemaps.articles_sitemap(named), newest)], found)
        else:
            _drop(public, [sitemaps.part_path(part)], found)
    recent = _own(listings.dated(tx, now - sitemaps.NEWS_DAYS, now, sitemaps.NEWS_MOST), url)
    there = [sitemaps.part_path(part) for part in range(1, last + 1)]
    index = [sitemaps.NEWS, *(path for path in there if (public / path).is_file())]
    rest = {
        sitemaps.NEWS: sitemaps.news_sitemap(recent, settings.site.title_in(settings.site.languages[0])),
        sitemaps.INDEX: sitemaps.sitemap_index(url, index),
        sitemaps.ROBOTS: sitemaps.robots(url),
    }
    _put(public, [Output(path, body, now) for path, body in rest.items()], found)
    coming = [one.date + sitemaps.NEWS_DAYS + timedelta(microseconds=1) for one in recent[-1:]]
    coming += [date for date in [listings.next_date(tx, now)] if date]
    return min(coming, default=now + timedelta(days=3650)).isoformat()


def _own(found: Iterable[Listed], site_url: str) -> list[Listing]:
    named = (
        Listing(one.url or f"{site_url}/articles/{one.id}", one.title, one.language, one.date, one.modified)
        for one in found
    )
    return sitemaps.own(named, site_url)


def _put(public: Path, outputs: list[Output], found: _Found) -> None:
    """Write what differs from what is there."""
    fresh = [output for output in outputs if not _same(public / output.path, output.body)]
    if fresh:
        drafts.write(public, fresh)
        found.written += [output.path for output in fresh]


def _drop(public: Path, paths: list[str], found: _Found) -> None:
    there = [path for path in paths if (public / path).exists()]
    files.remove(public, there)
    found.removed += there


def _same(file: Path, body: bytes) -> bool:
    try:
        return file.stat().st_size == len(body) and file.read_bytes() == body
    except OSError:
        return False


def _fingerprint(settings: Settings, site: Path) -> str:
    """Return what stands for all that a page depends on besides its article; host by host."""
    own = site / "templates"
    locales = sorted((own / "locale").glob("*.po"), key=lambda file: file.name)
    places = [f"{folder}/{name}" for folder in (own, builtin("templates")) for name in _TEMPLATES]
    stamps = [files.measure(place) for place in (*places, *map(str, locales))]
    said = (_EDITION, prints(settings, site).whole, stamps, [file.name for file in locales])
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _read(var: Path) -> _State:
    place = f"{var}/{_STATE}"
    try:
        found = os.stat(place)  # noqa: PTH116 - asked on every tick
        return _known(place, (found.st_ino, found.st_mtime_ns, found.st_size))
    except (OSError, ValueError, TypeError, KeyError):
        return _State()


@lru_cache(maxsize=4)
def _known(place: str, _stamp: Hashable) -> _State:
    said = json.loads(Path(place).read_bytes())
    return _State(**said | {name: tuple(said[name]) for name in ("again", "waiting")})


def _write(var: Path, state: _State) -> None:
    temporary = var / (_STATE + ".part")
    try:
        temporary.write_text(json.dumps(asdict(state)), encoding="utf-8")
        temporary.replace(var / _STATE)
    except OSError as error:
        raise UnreachableError(f"{var / _STATE}: cannot be written: {error.strerror or error}") from error


def moved(settings: Settings) -> dict[str, str]:
    """Return old feed addresses -> new ones; a key that ends in a slash stands for everything below it."""
    return redirects(settings)


def announced(settings: Settings, language: str) -> tuple[Discovery, ...]:
    """Return the feeds that a page in that language announces."""
    return autodiscovery(settings, language)
