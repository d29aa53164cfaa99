"""A tick costs what changed, not what exists: counted in the steps that SQLite takes, not in time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from publisher.store import open_store
from tests.feeds.newsroom import NOW, Newsroom, settings

FEW = settings(feeds={"entries": 5})
MONTH = timedelta(days=31)


@contextmanager
def counted(newsroom: Newsroom) -> Iterator[list[int]]:
    """Count the steps of SQLite's machine."""
    steps = [0]

    def one_more() -> int:
        steps[0] += 1
        return 0

    def count(driver: Any, _record: object) -> None:
        driver.set_progress_handler(one_more, 1)

    newsroom.store.close()
    event.listen(newsroom.store.engine, "connect", count)
    try:
        yield steps
    finally:
        event.remove(newsroom.store.engine, "connect", count)


def steps_of_a_tick(site: Path, months: int) -> int:
    """Return the steps of a tick with one new article on a site that has published for so many months."""
    newsroom = Newsroom(open_store("sqlite:///store.sqlite3", folder=site), site, FEW)
    for number in range(months):
        newsroom.write(number, published=NOW - (months - number) * MONTH)
    newsroom.publish()
    newsroom.write(months, published=NOW)
    newsroom.publish()
    newsroom.write(months + 1, published=NOW)
    with counted(newsroom) as steps:
        report = newsroom.publish()
    newsroom.store.close()
    assert "feeds/all.rss" in report.written
    assert not any("/2" in path for path in report.written)
    return steps[0]


def test_a_tick_takes_no_more_steps_after_years_of_archives(tmp_path: Path) -> None:
    young, old = (steps_of_a_tick(tmp_path / str(months), months) for months in (15, 90))
    assert young > 1_000
    assert old < young * 1.1
