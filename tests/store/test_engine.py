"""The store's promises: writers queue, readers see one state, errors are one line."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import QueuePool

from publisher.errors import ConfigError, StoreError
from publisher.store import Store, counters, engine, open_store
from publisher.store.columns import UtcMoment
from publisher.store.tables import metadata
from tests.conftest import PostgreSQL


def test_a_writer_may_do_something_else_while_another_writes(sqlite: Store) -> None:
    done: list[str] = []
    enough = threading.Event()

    def meanwhile() -> bool:
        done.append("something else")
        if len(done) == 3:
            enough.set()
        return len(done) < 3

    def write_too() -> None:
        with sqlite.write(meanwhile=meanwhile) as tx:
            counters.advance(tx, "n")

    second = threading.Thread(target=write_too)
    with sqlite.write() as tx:
        counters.advance(tx, "n")
        second.start()
        assert enough.wait(30)
        assert second.is_alive(), "it waits although there is nothing else to do"
    second.join()

    with sqlite.read() as tx:
        assert counters.current(tx, "n") == 2


def test_a_writer_that_nobody_waits_for_does_nothing_else(store: Store) -> None:
    with store.write(meanwhile=lambda: pytest.fail("nobody else writes")) as tx:
        counters.advance(tx, "n")


def test_a_lock_that_is_kept_too_long_is_named(sqlite: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.05)

    with (
        sqlite.write(),
        pytest.raises(StoreError, match=r"another process kept it locked for 0\.05 seconds; try again"),
        sqlite.write(),
    ):
        pytest.fail("two write at once")

    with sqlite.read() as tx:
        assert tx.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000, "other waits are as long as ever"


def test_a_file_that_is_spoilt_while_it_is_open_is_one_line(tmp_path: Path) -> None:
    with closing(open_store("sqlite:///store.sqlite3", folder=tmp_path)) as store:
        with store.write() as tx:
            counters.advance(tx, "n")
        for file in tmp_path.glob("store.sqlite3*"):
            file.write_bytes(b"no database " * 4000)

        for transaction in (store.read, store.write):
            with (
                pytest.raises(StoreError, match=r"^store .*: (file is not a database|.*malformed)"),
                transaction() as tx,
            ):
                counters.current(tx, "n")


def test_what_is_committed_outlives_a_power_failure(sqlite: Store) -> None:
    """In the write-ahead log only FULL (2) brings each commit to the disk before it is said to be done."""
    for transaction in (sqlite.read, sqlite.write):
        with transaction() as tx:
            assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
            assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_no_increment_is_lost_between_threads(store: Store) -> None:
    def add_fifty() -> None:
        for _ in range(50):
            with store.write() as tx:
                counters.advance(tx, "n")

    with store.write() as tx:
        counters.advance(tx, "n")
    threads = [threading.Thread(target=add_fifty) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with store.read() as tx:
        assert counters.current(tx, "n") == 201


def test_two_may_meet_at_the_first_number(store: Store) -> None:
    got: list[int] = []
    together = threading.Barrier(4)

    def take() -> None:
        together.wait()
        with store.write() as tx:
            got.append(counters.advance(tx, "new"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == [1, 2, 3, 4]


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.write() as tx:
            counters.advance(tx, "n")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with store.read() as tx:
        assert counters.current(tx, "n") == 0


def test_numbers_become_visible_in_order(store: Store) -> None:
    """A reader that has seen number n will never find a smaller one later."""
    with store.write() as tx:
        counters.advance(tx, "n")
    seen: list[int] = []
    started = threading.Event()

    def second() -> None:
        started.set()
        with store.write() as tx:
            seen.append(counters.advance(tx, "n"))

    with store.write() as tx:
        first = counters.advance(tx, "n")
        other = threading.Thread(target=second)
        other.start()
        started.wait()
        other.join(timeout=0.3)
        assert seen == [], "the second writer must wait until the first has ended"
    other.join()

    assert seen == [first + 1]


def test_facts_are_kept(store: Store) -> None:
    with store.write() as tx:
        assert counters.fact(tx, "config") is None
        counters.set_fact(tx, "config", "a")
        counters.set_fact(tx, "config", "b")
    with store.read() as tx:
        assert counters.fact(tx, "config") == "b"


def test_migrations_make_what_the_tables_say(store: Store) -> None:
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_opening_again_writes_nothing(tmp_path: Path) -> None:
    url = "sqlite:///var/publisher.sqlite3"
    open_store(url, folder=tmp_path).close()
    before = (tmp_path / "var/publisher.sqlite3").read_bytes()

    opened = open_store(url, folder=tmp_path)
    with opened.read() as tx:
        counters.current(tx, "n")
    opened.close()

    assert (tmp_path / "var/publisher.sqlite3").read_bytes() == before
    assert [path.name for path in (tmp_path / "var").iterdir()] == ["publisher.sqlite3"]


def test_a_store_of_a_newer_program_is_left_alone(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url, folder=tmp_path)
    with store.write() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()

    with pytest.raises(StoreError, match="newer version"):
        open_store(store_url, folder=tmp_path)


def test_two_processes_may_start_at_once(store_url: str, tmp_path: Path) -> None:
    problems: list[Exception] = []

    def start() -> None:
        try:
            open_store(store_url, folder=tmp_path).close()
        except Exception as error:
            problems.append(error)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert problems == []


def test_a_file_that_another_is_writing_for_the_first_time_is_waited_for(tmp_path: Path) -> None:
    # SQLite refuses the switch to the write-ahead log at once, whatever the busy timeout, while another
    # connection holds the file for writing.
    other = sqlite3.connect(tmp_path / "publisher.sqlite3", isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE elsewhere (x)")
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.rollback)
    done.start()

    open_store("sqlite:///publisher.sqlite3", folder=tmp_path).close()

    done.join()
    other.close()
    with closing(sqlite3.connect(tmp_path / "publisher.sqlite3")) as after:
        assert after.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no store address"),
        ("mysql://a/b", "mysql is not supported"),
    ],
)
def test_a_wrong_address_is_one_line(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says) as caught:
        open_store(url, folder=tmp_path)
    assert "\n" not in str(caught.value)


def test_a_store_that_is_away_is_one_line_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://paper@127.0.0.1:1/paper", folder=tmp_path, password="hunter2")

    assert "\n" not in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


def test_a_connection_that_was_lost_while_idle_is_replaced(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.store(tmp_path)
    with (
        closing(open_store(url, folder=tmp_path)) as store,
        closing(open_store(url, folder=tmp_path)) as other,
    ):

        def ours() -> int:
            with store.read() as tx:
                return int(tx.scalar(text("SELECT pg_backend_pid()")))

        def end(pid: int) -> None:
            with other.write() as tx:
                # It is gone when this says so, and has told its client.
                assert tx.scalar(text(f"SELECT pg_terminate_backend({pid}, 120000)"))

        lost = ours()
        end(lost)
        monkeypatch.setattr(engine, "_FRESH_SECONDS", 0.0)
        assert ours() != lost

        lost = ours()
        end(lost)
        monkeypatch.setattr(engine, "_FRESH_SECONDS", 3600.0)
        with pytest.raises(StoreError):
            ours()
        assert ours() != lost


def test_a_file_that_is_no_store_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_text("This is a shopping list, not a database.\n" * 40)

    with pytest.raises(StoreError, match=r"x\.sqlite3"):
        open_store("sqlite:///x.sqlite3", folder=tmp_path)


def test_reading_commands_do_not_make_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="publisher ingest"):
        open_store("sqlite:///var/x.sqlite3", folder=tmp_path, create=False)
    assert not (tmp_path / "var").exists()


def test_a_full_disk_is_named(sqlite: Store) -> None:
    def fill() -> None:
        with sqlite.write() as tx:
            tx.exec_driver_sql("PRAGMA max_page_count = 1")
            tx.execute(text("INSERT INTO meta VALUES ('x', :value)"), {"value": "x" * 10_000_000})

    with pytest.raises(StoreError, match="disk is full"):
        fill()

    with sqlite.read() as tx:
        assert counters.fact(tx, "x") is None


def test_a_torn_reader_never_sees_half_a_write(tmp_path: Path) -> None:
    opened = open_store("sqlite:///x.sqlite3", folder=tmp_path)
    with opened.write() as tx:
        counters.set_fact(tx, "a", "1")
    with opened.read() as reader:
        assert counters.fact(reader, "a") == "1"
        with opened.write() as tx:
            counters.set_fact(tx, "a", "2")
            counters.set_fact(tx, "b", "2")
        assert (counters.fact(reader, "a"), counters.fact(reader, "b")) == ("1", None)
    opened.close()
    with sqlite3.connect(tmp_path / "x.sqlite3") as plain:
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@given(
    st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),
    st.integers(-14, 14),
)
def test_moments_come_back_exactly(moment: datetime, hours: int) -> None:
    column, dialect = UtcMoment(), sqlite.dialect()
    read = column.result_processor(dialect, None)
    local = moment.astimezone(timezone(timedelta(hours=hours)))

    back = read(column.process_bind_param(local, dialect))

    assert back == moment
    assert back.utcoffset() == timedelta(0)
    assert read(None) is None


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        UtcMoment().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())


def test_an_embedded_store_keeps_a_connection_for_the_next_transaction(sqlite: Store) -> None:
    used = []
    for transaction in (sqlite.write, sqlite.read, sqlite.write, sqlite.read):
        with transaction() as tx:
            used.append(tx.connection.driver_connection)
    assert used[0] is used[2]
    assert used[1] is used[3]
    assert used[0] is not used[1]

    sqlite.close()
    for one in used:
        assert isinstance(one, sqlite3.Connection)
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            one.execute("SELECT 1")
    with sqlite.write() as tx:
        assert counters.advance(tx, "n") == 1


def test_many_at_once_do_not_all_keep_their_connection(sqlite: Store) -> None:
    together = threading.Barrier(8)

    def look() -> None:
        with sqlite.read() as tx:
            counters.current(tx, "n")
            together.wait()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # The others went back to the pool, where anybody finds them.
    assert isinstance(sqlite.engine.pool, QueuePool)
    assert sqlite.engine.pool.checkedout() == 1


def test_without_a_write_ahead_log_a_writer_waits_as_long_as_a_reader(sqlite: Store) -> None:
    with sqlite.write() as tx:
        assert tx.exec_driver_sql("PRAGMA busy_timeout").scalar() == 0
        tx.info["publisher_has_log"] = False
    with sqlite.write() as tx:
        assert tx.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
