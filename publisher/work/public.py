"""The folder that readers fetch from, brought up to date: feeds, reading pages and sitemaps."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from publisher.feeds import publish
from publisher.feeds.prints import prints
from publisher.feeds.publish import PublishReport
from publisher.ingest.placing import place_sections
from publisher.settings.schema import Settings
from publisher.store import Store, articles
from publisher.work import webpages
from publisher.work.webpages import PagesReport

Step = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""


def _silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


def bring_up_to_date(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    now: datetime,
    thorough: bool = False,
    at_once: bool = True,
    progress: Step = _silent,
) -> tuple[PublishReport, PagesReport]:
    """Place articles by the config as it stands, and write what changed.

    Most runs find nothing to do. They ask the store one question, and look at what stands beside the folder.

    Args:
        store: open.
        settings: the config as it stands.
        site: the site's folder.
        now: decides what is dated in the future.
        thorough: look at every published file, not only at the current documents.
        at_once: whether to write all reading pages, however many; else the next run goes on.
        progress: told what is being done.

    Raises:
        StoreError: the store is away.
        UnreachableError: the folder cannot be written.
        ConfigError: two feeds have one key, or a template is wrong.
    """
    if not thorough and (untouched := _standing(store, settings, site, now)) is not None:
        return untouched, PagesReport()
    place_sections(store, settings, now)
    feeds = publish.publish(
        store, settings=settings, site=site, now=now, thorough=thorough, progress=progress
    )
    pages = webpages.write_pages(
        store, settings=settings, site=site, now=now, at_once=at_once, progress=progress
    )
    return feeds, pages


def _standing(store: Store, settings: Settings, site: Path, now: datetime) -> PublishReport | None:
    """Return the report of a run that has nothing to do; None when there may be something.

    Sections were placed by this very config when the feeds were written by it; articles that came or moved
    since then would have another change number.
    """
    whole = prints(settings, site).whole
    found = publish.standing(whole, site, now)
    if found is None or webpages.standing(whole, site, now) != found[0]:
        return None
    with store.read() as tx:
        return found[1] if articles.newest_change(tx) == found[0] else None
