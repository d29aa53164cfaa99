"""A run of the schedule that finds nothing to do, and the many reasons for which there is something."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event

from publisher.errors import PublisherError
from publisher.store import Store, Transaction
from publisher.work import sitemaps, webpages
from publisher.work.public import bring_up_to_date
from tests.web.newsroom import MORNING, Newsroom


def settle(newsroom: Newsroom) -> None:
    newsroom.publish()
    feeds, pages = newsroom.publish()
    assert (feeds.written, feeds.removed, pages.written, pages.removed) == ((), (), (), ())


def test_nothing_new_is_one_question(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    settle(newsroom)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    def refuse(_store: Store) -> AbstractContextManager[Transaction]:
        raise AssertionError("a run with nothing to do wrote to the store")

    monkeypatch.setattr(Store, "write", refuse)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        feeds, pages = newsroom.publish(timedelta(minutes=15))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    assert len(asked) == 1
    assert feeds.untouched > 0
    assert (feeds.written, pages.written) == ((), ())


def _damaged(newsroom: Newsroom) -> None:
    (newsroom.site / "public" / "feeds" / "all.rss").write_bytes(b"half")


REASONS: dict[str, Callable[[Newsroom], object]] = {
    "a new article": lambda one: one.add(8),
    "an article that came due": lambda one: None,
    "an edited article": lambda one: one.edit(1, lede="Khác."),
    "a withdrawn article": lambda one: one.withdraw(2),
    "another title of the site": lambda one: one.configure(site={"title": {"en": "The Post", "vi": "Báo"}}),
    "a damaged feed": _damaged,
    "a lost index": lambda one: (one.site / "public" / sitemaps.INDEX).unlink(),
    "news that are two days old": lambda one: setattr(one, "now", one.now + timedelta(days=2)),
}


@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_is_seen(newsroom: Newsroom, reason: str) -> None:
    newsroom.add(30, published=MORNING + timedelta(hours=1))
    settle(newsroom)
    later = timedelta(hours=1) if reason == "an article that came due" else timedelta(minutes=1)

    REASONS[reason](newsroom)
    feeds, pages = newsroom.publish(later)

    assert feeds.written or pages.written, reason
    settle(newsroom)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sitemaps be of two articles, and a run stop after two sitemaps."""
    monkeypatch.setattr(sitemaps, "PER_FILE", 2)
    monkeypatch.setattr(webpages, "_ENOUGH_PARTS", 2)


def run(newsroom: Newsroom) -> int:
    """Do what the schedule does; return how many pages were written."""
    _, pages = bring_up_to_date(
        newsroom.store, settings=newsroom.settings, site=newsroom.site, now=newsroom.now, at_once=False
    )
    return len(pages.written)


def everything(newsroom: Newsroom) -> dict[str, bytes]:
    public = newsroom.site / "public"
    return {str(file.relative_to(public)): file.read_bytes() for file in public.rglob("*") if file.is_file()}


@pytest.mark.usefixtures("short")
def test_a_first_run_over_much_goes_on_in_the_next(newsroom: Newsroom) -> None:
    newsroom.publish()
    wanted = everything(newsroom)
    (newsroom.site / "var" / "pages.json").unlink()
    for pattern in ("sitemap.xml", "sitemaps/articles-*"):
        for file in (newsroom.site / "public").glob(pattern):
            file.unlink()

    run(newsroom)
    begun = everything(newsroom)
    assert "sitemaps/articles-2.xml" in begun
    assert "sitemaps/articles-3.xml" not in begun
    assert b"articles-2.xml" in begun["sitemap.xml"], "what is there is announced"

    newsroom.withdraw(7)
    newsroom.add(9)
    for _ in range(3):
        run(newsroom)
    assert run(newsroom) == 0
    newsroom.publish()

    fresh = Newsroom(newsroom.site.parent / "fresh", newsroom.store, newsroom.settings, newsroom.now)
    fresh.publish()
    assert everything(newsroom) == everything(fresh)
    assert everything(newsroom).keys() != wanted.keys()


@pytest.mark.usefixtures("short")
def test_a_run_that_dies_goes_on_where_it_was(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third sitemap cannot be written; the first two are not looked at again."""
    put = webpages._sitemap
    done: list[int] = []

    def fails(run: webpages._Run, part: int, *arguments: object) -> None:
        if part == 3 and not done.count(3):
            done.append(3)
            raise PublisherError("the disk is full")
        done.append(part)
        put(run, part, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(webpages, "_sitemap", fails)
    with pytest.raises(PublisherError):
        newsroom.publish()
    newsroom.publish()

    assert done == [1, 2, 3, 3, 4]
    settle(newsroom)


def test_many_changes_are_looked_at_in_the_order_of_arrival(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(newsroom)
    monkeypatch.setattr(webpages, "MANY_CHANGES", 3)
    for number in range(1, 6):
        newsroom.edit(number, lede="Mới.")

    _, pages = newsroom.publish()

    assert len([path for path in pages.written if path.startswith("articles/")]) == 5
    settle(newsroom)


def test_no_question_of_a_tick_goes_through_every_article(newsroom: Newsroom) -> None:
    settle(newsroom)
    asked: dict[str, Any] = {}

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        asked[statement] = parameters

    newsroom.add(8)
    newsroom.withdraw(2)
    event.listen(Engine, "before_cursor_execute", note)
    try:
        newsroom.publish(timedelta(minutes=15))
    finally:
        event.remove(Engine, "before_cursor_execute", note)

    with newsroom.store.read() as tx:
        plans = {
            statement: [row[3] for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            for statement, parameters in asked.items()
            if statement.startswith("SELECT")
        }
    assert len(plans) > 10
    assert [
        statement
        for statement, plan in plans.items()
        if any(step.startswith(("SCAN article", "SCAN feed_entry", "SCAN feed_file")) for step in plan)
    ] == []
