"""How often readers ask: counted by feed, day and answer, and nothing about who they are."""

from datetime import timedelta

import pytest

from publisher.errors import StoreError
from publisher.store import pollcounts
from publisher.store.engine import Store
from publisher.web.readers import Tallies
from tests.web.newsroom import Newsroom


def counted(newsroom: Newsroom) -> dict[tuple[str, str, int], int]:
    with newsroom.store.read() as tx:
        return {(row.path, row.day, row.status): row.count for row in pollcounts.since(tx, "2026-01-01")}


def test_each_answer_counts_once_by_feed_day_and_status(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        tag = client.get("/feeds/all.rss").headers["etag"]
        for _ in range(3):
            assert client.get("/feeds/all.rss", headers={"if-none-match": tag}).status_code == 304
        client.head("/feeds/culture.atom")
        client.get("/feeds/")
        client.get("/feeds.opml")
        client.get("/feeds/none.rss")

    today = "2026-11-21"
    assert counted(newsroom) == {
        ("feeds/all.rss", today, 200): 1,
        ("feeds/all.rss", today, 304): 3,
        ("feeds/culture.atom", today, 200): 1,
    }


def test_later_answers_add_to_what_is_on_record_and_days_follow_the_site_s_clocks(
    newsroom: Newsroom,
) -> None:
    newsroom.publish()
    for _ in range(2):
        with newsroom.serving() as client:
            client.get("/feeds/all.rss")
    newsroom.now += timedelta(hours=18)  # midnight in Việt Nam has passed, in UTC it has not
    with newsroom.serving() as client:
        client.get("/feeds/all.rss")

    assert counted(newsroom) == {
        ("feeds/all.rss", "2026-11-21", 200): 2,
        ("feeds/all.rss", "2026-11-22", 200): 1,
    }


def test_a_store_that_is_away_loses_nothing(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    tallies = Tallies(newsroom.desk)
    tally = tallies.of("feeds/all.rss")
    tally[304] += 2

    def away(_store: Store) -> None:
        raise StoreError("the store is away")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write", away)
        assert tallies.write()
    assert counted(newsroom) == {}
    tally[304] += 1
    assert tallies.write()

    assert counted(newsroom) == {("feeds/all.rss", "2026-11-21", 304): 3}
    assert not tallies.write(), "the same is not written twice"


def test_counts_are_written_while_the_server_runs(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.web.readers.SECONDS", 0.01)
    newsroom.publish()
    with newsroom.serving() as client:
        for _ in range(1000):
            client.get("/feeds/all.json")
            if counted(newsroom):
                break

        assert ("feeds/all.json", "2026-11-21", 200) in counted(newsroom)


def test_old_days_are_forgotten(newsroom: Newsroom) -> None:
    with newsroom.store.write() as tx:
        pollcounts.add(tx, "2025-01-01", {("feeds/all.rss", 200): 5})
        pollcounts.add(tx, "2026-11-20", {("feeds/all.rss", 200): 7})
    tallies = Tallies(newsroom.desk)
    tallies.of("feeds/all.rss")[200] += 1
    tallies.close()

    with newsroom.store.read() as tx:
        days = [row.day for row in pollcounts.since(tx, "0000")]
    assert days == ["2026-11-20", "2026-11-21"]
