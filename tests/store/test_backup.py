"""Taking the store along: nothing is missing, and no number comes back."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.errors import UsageError
from publisher.model.action import Action
from publisher.model.article import ArticleData
from publisher.store import Store, actions, articles, backup, counters, open_store
from publisher.store.tables import metadata

MORNING = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def fill(store: Store) -> None:
    with store.write() as tx:
        for number in range(3):
            title = f"Giá mạ số {number}"
            content = ArticleData(title=title, language="vi", tags=("chợ",), published=MORNING)
            articles.add(
                tx, content, source="desk", keys=[f"k{number}"], authority="courier.example,2026", now=MORNING
            )
            actions.record(tx, Action(MORNING, "lan", "paused", f"edition {number}"))
        counters.set_fact(tx, "words", "Nậm Lưa")


def everything(store: Store) -> dict[str, list[object]]:
    with store.read() as tx:
        return {
            table.name: sorted(map(tuple, tx.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A second, empty store on each database."""
    url = "sqlite:///second.sqlite3"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql").database()
    opened = open_store(url, folder=tmp_path)
    yield opened
    opened.close()


def test_a_copy_holds_every_row_on_whichever_database(store: Store, empty: Store) -> None:
    fill(store)

    copied = backup.copy(store, empty)

    assert everything(empty) == everything(store)
    assert copied["article"] == 3
    assert copied["action"] == 3


def test_numbers_of_rows_that_are_gone_do_not_come_back(store: Store, empty: Store) -> None:
    fill(store)
    with store.write() as tx:
        table = metadata.tables["action"]
        tx.execute(table.delete().where(table.c.id == 3))

    backup.copy(store, empty)

    with empty.write() as tx:
        actions.record(tx, Action(MORNING, "lan", "resumed", "edition 9"))
        assert tx.scalars(select(table.c.id).order_by(table.c.id)).all() == [1, 2, 4]


def test_a_store_with_something_in_it_is_not_written_to(store: Store, empty: Store) -> None:
    fill(store)
    with empty.write() as tx:
        counters.set_fact(tx, "words", "here first")

    with pytest.raises(UsageError, match="not empty"):
        backup.copy(store, empty)

    with empty.read() as tx:
        assert counters.fact(tx, "words") == "here first"
        assert articles.newest_change(tx) == 0


def test_a_snapshot_is_one_whole_file_taken_while_others_write(sqlite: Store, tmp_path: Path) -> None:
    fill(sqlite)
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            with sqlite.write() as tx:
                counters.set_fact(tx, "left", str(number))
                counters.set_fact(tx, "right", str(number))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        backup.snapshot(sqlite, tmp_path / "copy.sqlite3")
    finally:
        stop.set()
        writer.join()

    assert not list(tmp_path.glob("copy.sqlite3-*"))
    with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as copy:
        assert copy.execute("SELECT count(*) FROM article").fetchone() == (3,)
        facts = dict(copy.execute("SELECT name, value FROM meta").fetchall())
    assert facts.get("left") == facts.get("right")
