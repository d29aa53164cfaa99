"""Write what readers fetch besides feeds: reading pages, sitemaps, robots.txt; and where old addresses lead.

Only what changed since the last time is read and written. Where nobody knows what changed, or too much did, a
pass over everything goes through the articles in the order of arrival, a sitemap's length at a time. How far
this host's folder is stands beside it, in ``var/pages.json``; the store knows only articles.
"""

import hashlib
import json
import os
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
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
from publisher.templating import Templates, templates
from publisher.work import sitemaps
from publisher.work.moved import MOVED, write_moved
from publisher.work.reading import article_page, page_path
from publisher.work.sitemaps import Listing

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""

MANY_CHANGES = 10_000
"""After more changes than this everything is looked at, instead of each change."""
_STATE = "pages.json"
_EDITION = 1
"""Raised when the program writes pages differently, so that every one is written again."""
_BATCH = 200
_ENOUGH_WRITTEN, _ENOUGH_PARTS = 1_000, 50
"""After so much a run that need not do all at once leaves the rest to the next: a few seconds' work."""
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
        part: of a pass over everything, the sitemap that comes next; 0 when none is under way.
        due: when something has to change although no article does (ISO 8601).
        again: ids of articles whose page could not be made.
        waiting: ids of articles that are dated in the future.
    """

    made_of: str = ""
    change: int = 0
    part: int = 0
    due: str = ""
    again: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()


@dataclass(slots=True)
class _Run:
    """One run, as it goes.

    Attributes:
        settings, site, now, progress: as :func:`write_pages` has them.
        templates: the site's first, then ours.
        written, removed, problems: as they are reported.
        failed, waiting: as they are recorded.
    """

    settings: Settings
    site: Path
    now: datetime
    progress: Progress
    templates: Templates
    written: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)

    @property
    def public(self) -> Path:
        """What readers may fetch."""
        return self.site / "public"


def _silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


def write_pages(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    now: datetime,
    at_once: bool = True,
    progress: Progress = _silent,
) -> PagesReport:
    """Bring reading pages and sitemaps up to date with the articles; run again, it does nothing.

    Args:
        store: read only.
        settings: the config.
        site: the site's folder.
        now: the present: articles dated later wait, and the news sitemap holds two days.
        at_once: whether to go on until all is done, however much it is; else the next run goes on.
        progress: told how many pages are done.

    Raises:
        UnreachableError: the folder cannot be written.
    """
    with files.locked(site / "var"):
        whole = prints(settings, site).whole
        change = standing(whole, site, now)
        with store.read() as tx:
            newest = articles.newest_change(tx)
        if change == newest:
            return PagesReport()
        state = _begin(whole, site, newest)
        run = _Run(settings, site, now, progress, templates(site / "templates"))
        run.failed, run.waiting = list(state.again), list(state.waiting)
        everything = state.part > 0
        if everything:
            state = _pass(store, run, state, at_once=at_once)
        if not everything or (not state.part and state.change < newest):
            state = _changes(store, run, state, newest, at_once=at_once)
        with store.read() as tx:
            due = _lists(tx, run)
            gone = listings.withdrawn(tx)
        run.written += write_moved(site, moved(settings), gone)
        _write(site / "var", replace(state, due=due))
    return PagesReport(tuple(run.written), tuple(run.removed), tuple(dict.fromkeys(run.problems)))


def standing(whole: str, site: Path, now: datetime) -> int | None:
    """Return up to which change of articles the pages are written; None when there is more to do.

    Args:
        whole: fingerprint of all that feeds depend on but articles.
        site: the site's folder.
        now: decides what comes due.
    """
    before = _read(site / "var")
    if before.part or before.again or not before.due or now.isoformat() >= before.due:
        return None
    return before.change if before.made_of == _fingerprint(whole, site) and _is_there(site) else None


def _begin(whole: str, site: Path, newest: int) -> _State:
    """Return what the folder holds, or where a pass over everything begins."""
    before, made_of = _read(site / "var"), _fingerprint(whole, site)
    if before.made_of == made_of and before.part:
        return before
    if before.made_of != made_of or not _is_there(site) or newest - before.change > MANY_CHANGES:
        return _State(made_of, newest, part=1)
    return before


def _is_there(site: Path) -> bool:
    return os.path.exists(f"{site}/public/{sitemaps.INDEX}") and os.path.exists(f"{site}/var/{MOVED}")  # noqa: PTH110


def _pass(store: Store, run: _Run, state: _State, *, at_once: bool) -> _State:
    """Go through the articles in the order of arrival, from where the last run stopped."""
    with store.read() as tx:
        last = sitemaps.part_of(counters.current(tx, articles.NUMBER) or 1)
    for part in range(state.part, last + 1):
        if not at_once and (part >= state.part + _ENOUGH_PARTS or len(run.written) >= _ENOUGH_WRITTEN):
            return _recorded(run, state, part=part)
        run.progress("writing pages", part, last)
        with store.read() as tx:
            stretch = sitemaps.numbers_of(part)
            listed, taken_back = listings.arrived(tx, *stretch), listings.withdrawn_between(tx, *stretch)
            wanted = articles.by_ids(tx, [one.id for one in listed if not one.url and one.date <= run.now])
        run.waiting += [one.id for one in listed if one.date > run.now]
        others = [one.id for one in listed if one.id not in wanted] + taken_back
        _drop(run, [page_path(one) for one in others])
        _pages(run, [wanted[one.id] for one in listed if one.id in wanted])
        _sitemap(run, part, listed)
        _write(run.site / "var", _recorded(run, state, part=part + 1))
    return _recorded(run, state, part=0)


def _changes(store: Store, run: _Run, state: _State, newest: int, *, at_once: bool) -> _State:
    """Go through the articles that changed, and those that an earlier run left."""
    with store.read() as tx:
        found = list(articles.by_ids(tx, sorted({*run.failed, *run.waiting})).values())
        run.failed, run.waiting = [], []
        parts: set[int] = set()
        upto, changed = state.change, articles.changed_since(tx, state.change)
        while batch := [*found, *islice(changed, _BATCH)]:
            found = []
            upto = max(upto, *(article.change for article in batch))
            parts |= {sitemaps.part_of(article.number) for article in batch}
            _batch(run, batch)
            if not at_once and len(run.written) >= _ENOUGH_WRITTEN:
                break
        else:
            upto = max(upto, newest)
        for part in sorted(parts):
            _sitemap(run, part, listings.arrived(tx, *sitemaps.numbers_of(part)))
    return _recorded(run, state, change=upto)


def _recorded(run: _Run, state: _State, *, change: int | None = None, part: int = 0) -> _State:
    return replace(
        state,
        change=state.change if change is None else change,
        part=part,
        again=tuple(run.failed[:_BATCH]),
        waiting=tuple(dict.fromkeys(run.waiting)),
    )


def _batch(run: _Run, batch: Sequence[Article]) -> None:
    wanted, gone = [], []
    for article in batch:
        later = article.date > run.now
        if later and not article.withdrawn:
            run.waiting.append(article.id)
        if article.withdrawn or article.url or later:
            gone.append(page_path(article.id))
        else:
            wanted.append(article)
    _pages(run, wanted)
    _drop(run, gone)
    run.progress("writing pages", len(run.written), None)


def _pages(run: _Run, wanted: Sequence[Article]) -> None:
    """Write reading pages; one that cannot be made stops no other."""
    outputs = []
    for article in wanted:
        try:
            body = article_page(article, run.settings, run.templates, run.site / "templates")
        except ConfigError as error:
            run.failed.append(article.id)
            run.problems.append(f"{article.title} ({article.id}): its page cannot be made: {error}")
            continue
        outputs.append(Output(page_path(article.id), body, article.modified))
    _put(run, outputs)


def _sitemap(run: _Run, part: int, listed: Iterable[Listed]) -> None:
    named = _own([one for one in listed if one.date <= run.now], run.settings.site.url)
    if named:
        newest = max(one.modified for one in named)
        _put(run, [Output(sitemaps.part_path(part), sitemaps.articles_sitemap(named), newest)])
    else:
        _drop(run, [sitemaps.part_path(part)])


def _lists(tx: Transaction, run: _Run) -> str:
    """Write the news sitemap, the index and robots.txt; return when the news sitemap is due again."""
    url, now = run.settings.site.url, run.now
    recent = _own(listings.dated(tx, now - sitemaps.NEWS_DAYS, now, sitemaps.NEWS_MOST), url)
    paper = run.settings.site.title_in(run.settings.site.languages[0])
    rest = {
        sitemaps.NEWS: sitemaps.news_sitemap(recent, paper),
        sitemaps.INDEX: sitemaps.sitemap_index(url, (sitemaps.NEWS, *sitemaps.parts_in(run.public))),
        sitemaps.ROBOTS: sitemaps.robots(url),
    }
    _put(run, [Output(path, body, now) for path, body in rest.items()])
    coming = [one.date + sitemaps.NEWS_DAYS + timedelta(microseconds=1) for one in recent[-1:]]
    coming += [date for date in [listings.next_date(tx, now)] if date]
    return min(coming, default=now + timedelta(days=3650)).isoformat()


def _own(found: Iterable[Listed], site_url: str) -> list[Listing]:
    named = (
        Listing(one.url or f"{site_url}/articles/{one.id}", one.title, one.language, one.date, one.modified)
        for one in found
    )
    return sitemaps.own(named, site_url)


def _put(run: _Run, outputs: Sequence[Output]) -> None:
    """Write what differs from what is there."""
    fresh = [output for output in outputs if not _same(run.public / output.path, output.body)]
    if fresh:
        drafts.write(run.public, fresh)
        run.written += [output.path for output in fresh]


def _drop(run: _Run, paths: Iterable[str]) -> None:
    there = [path for path in paths if os.path.exists(f"{run.site}/public/{path}")]  # noqa: PTH110
    if there:
        files.remove(run.public, there)
        run.removed += there


def _same(file: Path, body: bytes) -> bool:
    try:
        return file.stat().st_size == len(body) and file.read_bytes() == body
    except OSError:
        return False


def _fingerprint(whole: str, site: Path) -> str:
    """Return what stands for all that a page depends on besides its article; host by host."""
    own = f"{site}/templates"
    try:
        # A tick asks this: a Path for each of a few names would take a tenth of its time.
        locales = sorted(name for name in os.listdir(f"{own}/locale") if name.endswith(".po"))  # noqa: PTH208
    except OSError:
        locales = []
    places = [f"{folder}/{name}" for folder in (own, builtin("templates")) for name in _TEMPLATES]
    stamps = [files.measure(place) for place in (*places, *(f"{own}/locale/{name}" for name in locales))]
    said = (_EDITION, whole, stamps, locales)
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
