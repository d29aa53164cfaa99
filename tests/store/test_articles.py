import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from publisher.model.article import Article, ArticleData, Byline, Picture, content_of
from publisher.store import Store, Transaction, articles, open_store, sources
from publisher.store.sources import SourceState
from publisher.store.tables import article_revision

AUTHORITY = "courier.example,2026"
NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)


def data(title: str = "Ferry returns", **said: Any) -> ArticleData:
    return ArticleData(**({"title": title, "language": "en"} | said))


def add(tx: Transaction, key: str, *, source: str = "pages", now: datetime = NOW, **said: Any) -> Article:
    return articles.add(tx, data(**said), source=source, keys=[key], authority=AUTHORITY, now=now)


def test_an_article_comes_back_as_it_went_in(store: Store) -> None:
    whole = data(
        "Chợ phiên Bến Đá",
        section="economy",
        label="BUSINESS",
        agency="BML",
        lede="Đường tốt – “hay”.",
        body="<p>Ô, ữ, ặ 🚚</p>",
        pictures=(Picture("/media/1.jpg", "A.", "Lan", "alt", 6, 4, "image/jpeg", 9), Picture(caption="B.")),
        bylines=(Byline("Vừ Lan", "Dr.", "Museum"),),
        tags=("chợ", "Lúa"),
        url="https://e.example/1",
        comments="https://e.example/1#c",
        published=datetime(2026, 11, 1, 12, 5, 0, 123456, tzinfo=UTC),
        updated=NOW,
        correction="c",
        corrected=NOW,
    )
    with store.write() as tx:
        added = articles.add(tx, whole, source="pages", keys=["k"], authority=AUTHORITY, now=NOW)

    with store.read() as tx:
        found = articles.get(tx, added.id)
    assert found == added
    assert content_of(found) == whole
    assert found.uri == f"tag:{AUTHORITY}:{found.id}"
    assert (found.first_seen, found.modified, found.source) == (NOW, NOW, "pages")


def test_an_id_is_the_same_on_every_host_and_survives_every_change(store: Store, tmp_path: Path) -> None:
    with store.write() as tx:
        first = add(tx, "k")
        other = add(tx, "other")
        changed = articles.change(tx, first, data("New", section="s", url="https://x.example/"), now=NOW)
    assert (changed.id, changed.uri, changed.number) == (first.id, first.uri, first.number)
    assert first.id != other.id

    elsewhere = open_store(f"sqlite:///{tmp_path}/elsewhere.sqlite3", folder=tmp_path)
    with elsewhere.write() as tx:
        assert add(tx, "other").id == other.id
    elsewhere.close()


def test_an_id_is_never_used_again(store: Store) -> None:
    """The same key, known no more: the article that had it keeps its id, and the next one gets another."""
    with store.write() as tx:
        first = add(tx, "k")
        articles.withdraw(tx, first, when=NOW, now=NOW)
        second = articles.add(tx, data(), source="pages", keys=["k"], authority=AUTHORITY, now=NOW)
        third = articles.add(tx, data(), source="pages", keys=["k"], authority=AUTHORITY, now=NOW)
        found = articles.find(tx, "pages", ["k"])

    assert len({first.id, second.id, third.id}) == 3
    assert [one.number for one in (first, second, third)] == [1, 2, 3]
    assert found is not None
    assert found.id == first.id


def test_articles_are_found_by_the_keys_of_their_source(store: Store) -> None:
    with store.write() as tx:
        one = add(tx, "a")
        two = add(tx, "b")
        abroad = add(tx, "a", source="wire")
        articles.add_keys(tx, one.number, "pages", ["c", "b", "c"])

        assert articles.find(tx, "pages", ["zzz", "c"]) == one
        assert articles.find(tx, "pages", ["b", "a"]) == two
        assert articles.find(tx, "wire", ["a"]) == abroad
        assert articles.find(tx, "wire", ["b"]) is None
        assert sources.known(tx, "pages", ["a", "b", "c", "d"]) == {"a": one, "b": two, "c": one}


def test_what_changed_since_comes_in_order_and_once(store: Store) -> None:
    with store.write() as tx:
        one, two, three = (add(tx, key) for key in "abc")
    with store.read() as tx:
        seen = articles.newest_change(tx)
        assert [found.id for found in articles.changed_since(tx, 0)] == [one.id, two.id, three.id]
        assert list(articles.changed_since(tx, seen)) == []
    with store.write() as tx:
        articles.change(tx, two, data("New"), now=NOW)
        articles.withdraw(tx, one, when=NOW, now=NOW)
    with store.read() as tx:
        assert [found.id for found in articles.changed_since(tx, seen)] == [two.id, one.id]


def test_many_changes_are_read_page_by_page(sqlite: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "_PAGE", 3)
    with sqlite.write() as tx:
        for key in range(10):
            add(tx, str(key))
    with sqlite.read() as tx:
        assert [one.change for one in articles.changed_since(tx, 2)] == list(range(3, 11))


@pytest.mark.slow
def test_change_numbers_become_visible_in_order(store: Store) -> None:
    """A reader who remembers the last number that it saw misses nothing, however many write at once."""
    writers, each = 4, 15
    with store.write() as tx:
        add(tx, "first")
    failed: list[BaseException] = []

    def write(name: int) -> None:
        try:
            for count in range(each):
                with store.write() as tx:
                    add(tx, f"{name}-{count}")
                    add(tx, f"{name}-{count}-b")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(writers)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    last = 0
    for alive in _while_alive(threads):
        with store.read() as tx:
            page = list(articles.changed_since(tx, last))
        seen += [one.id for one in page]
        last = page[-1].change if page else last
        if not alive:
            break

    assert not failed
    assert len(seen) == len(set(seen)) == 1 + writers * each * 2
    with store.read() as tx:
        assert [one.change for one in articles.changed_since(tx, 0)] == list(range(1, len(seen) + 1))
        assert sorted(one.number for one in articles.changed_since(tx, 0)) == list(range(1, len(seen) + 1))


def _while_alive(threads: list[threading.Thread]) -> Iterator[bool]:
    """Yield True while any thread runs, then False once."""
    while any(thread.is_alive() for thread in threads):
        yield True
    yield False


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    with store.write() as tx:
        add(tx, "a")

    def fail() -> None:
        with store.write() as tx:
            add(tx, "b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with store.write() as tx:
        again = add(tx, "b")

    assert (again.number, again.change) == (2, 2)


def test_every_change_is_a_revision_with_what_moved(store: Store) -> None:
    with store.write() as tx:
        one = add(tx, "a", lede="L.")
        two = articles.change(tx, one, data("New", lede="L.", body="<p>x</p>"), now=NOW + timedelta(hours=1))
        articles.withdraw(tx, two, when=NOW, now=NOW)
        articles.withdraw(tx, two, when=None, now=NOW)
        rows = tx.execute(
            select(article_revision.c.what, article_revision.c.revision).order_by(article_revision.c.change)
        ).all()

    assert [row.what for row in rows] == ["new", "title, body", "withdrawn", "restored"]
    assert [row.revision for row in rows] == [one.revision(), two.revision(), two.revision(), two.revision()]
    assert one.revision() != two.revision()
    assert two.modified == NOW + timedelta(hours=1)
    assert two.first_seen == NOW


def test_equal_content_has_one_hash_and_any_difference_another() -> None:
    assert data().revision() == data(tags=()).revision()
    different = [
        data(),
        data("Other"),
        data(section="s"),
        data(pictures=(Picture("u"),)),
        data(published=NOW),
        data(body="x"),
    ]
    assert len({one.revision() for one in different}) == len(different)


def test_withdrawn_articles_are_announced_and_not_listed(store: Store) -> None:
    with store.write() as tx:
        one, two = add(tx, "a"), add(tx, "b")
        articles.withdraw(tx, one, when=NOW + timedelta(hours=1), now=NOW + timedelta(hours=1))

        assert [found.id for found in articles.recent(tx, limit=9)] == [two.id]
        assert [found.id for found in articles.withdrawn_since(tx, NOW)] == [one.id]
        assert articles.withdrawn_since(tx, NOW + timedelta(hours=2)) == []
        assert articles.counts(tx) == {None: 1}
        gone = articles.get(tx, one.id)
        assert gone is not None
        assert gone.withdrawn == NOW + timedelta(hours=1)

        articles.withdraw(tx, gone, when=None, now=NOW)
        assert [found.id for found in articles.recent(tx, limit=9)] == [two.id, one.id]


def test_newest_first_is_by_date_and_then_by_arrival(store: Store) -> None:
    with store.write() as tx:
        old = add(tx, "a", title="old", published=NOW - timedelta(days=9))
        first = add(tx, "b", title="first")
        second = add(
            tx, "c", title="second", language="vi", section="s", tags=("Chợ",), bylines=(Byline("Lan"),)
        )
        new = add(tx, "d", title="new", published=NOW + timedelta(hours=1))

        def titles(**asked: Any) -> list[str]:
            return [one.title for one in articles.recent(tx, limit=9, **asked)]

        assert titles() == ["new", "second", "first", "old"]
        assert titles(since=NOW) == ["new", "second", "first"]
        assert titles(until=NOW) == ["second", "first", "old"]
        assert titles(before=second.order) == ["first", "old"]
        assert titles(language="vi") == titles(sections=["s"]) == ["second"]
        assert titles(tags=["CHỢ"]) == titles(authors=["lan"]) == ["second"]
        assert titles(tags=["none"]) == []
        articles.change(tx, second, data("second"), now=NOW)
        assert titles(tags=["chợ"]) == []
        assert {old.id, first.id, new.id} <= set(articles.by_ids(tx, [old.id, first.id, new.id, "none"]))


def test_articles_move_to_where_the_config_puts_them(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(articles, "_PAGE", 2)
    with store.write() as tx:
        moved = [add(tx, f"m{n}", label="BUSINESS") for n in range(5)]
        renamed = add(tx, "r", section="trade")
        others = [
            add(tx, "x", label="GARDENS"),
            add(tx, "y", section="sport", label="BUSINESS"),
            add(tx, "z"),
        ]
        before = articles.newest_change(tx)
        assert articles.unplaced_labels(tx) == {"BUSINESS": 5, "GARDENS": 1}

        later = NOW + timedelta(days=1)
        assert articles.place(tx, {"trade": "economy"}, {"BUSINESS": "economy"}, now=later) == 6
        assert articles.place(tx, {"trade": "economy"}, {"BUSINESS": "economy"}, now=later) == 0

        assert articles.counts(tx) == {"economy": 6, "sport": 1, None: 2}
        assert {one.id for one in articles.changed_since(tx, before)} == {one.id for one in (*moved, renamed)}
        assert articles.by_ids(tx, [one.id for one in others]) == {one.id: one for one in others}
        assert articles.place(tx, {}, {}, now=later) == 0


def test_what_a_source_answered_last_is_kept(store: Store) -> None:
    found = SourceState('"1"', "Sun, 01 Nov 2026 00:00:00 GMT", "f" * 64)
    with store.write() as tx:
        assert sources.state(tx, "wire", "https://e.example/" + "x" * 3000) == SourceState()
        sources.set_state(tx, "wire", "https://e.example/" + "x" * 3000, found)
        sources.set_state(tx, "wire", "https://e.example/2", SourceState(fingerprint="2"))
    with store.write() as tx:
        assert sources.state(tx, "wire", "https://e.example/" + "x" * 3000) == found
        assert sources.state(tx, "other", "https://e.example/2") == SourceState()
        sources.set_state(tx, "wire", "https://e.example/2", found)
        assert sources.state(tx, "wire", "https://e.example/2") == found


def test_the_newest_arrival_of_a_source_in_a_language(store: Store) -> None:
    with store.write() as tx:
        assert sources.newest_number(tx, "pages", "en") == 0
        add(tx, "a")
        two = add(tx, "b")
        add(tx, "c", language="vi")
        add(tx, "d", source="wire")

        assert sources.newest_number(tx, "pages", "en") == two.number


def test_long_keys_and_many_of_them(store: Store) -> None:
    keys = [f"id:{'k' * 480}{n}" for n in range(1500)]
    with store.write() as tx:
        one = articles.add(tx, data(), source="s" * 120, keys=keys, authority=AUTHORITY, now=NOW)

        assert set(sources.known(tx, "s" * 120, keys)) == set(keys)
        assert articles.find(tx, "s" * 120, keys[-1:]) == one
