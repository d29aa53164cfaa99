"""Opening the store, and the transactions that everything else works in."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    InvalidatePoolError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.pool import ConnectionPoolEntry

from publisher.errors import ConfigError, StoreError
from publisher.store import migrate

Transaction = Connection
"""What a store function works in. Other rooms pass it on and never look inside."""

BUSY_SECONDS = 30
_FRESH_SECONDS = 1.0
_WAITS, _WAITS_NOT = f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}", "PRAGMA busy_timeout=0"
_WAITING, _HAS_LOG = "publisher_waiting", "publisher_has_log"
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0002, 0.005
_KIND = 0xFF
"""The part of an extended error code that says of which kind the error is."""


@dataclass(frozen=True, slots=True)
class Store:
    """An open store. ``read`` and ``write`` are the only ways in."""

    engine: Engine
    _idle: dict[bool, Connection] = field(default_factory=dict, repr=False, compare=False)
    """By whether it writes: the connection to SQLite that is kept for the next transaction."""

    @property
    def is_sqlite(self) -> bool:
        """Whether it is the embedded one."""
        return self.engine.dialect.name == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, for people; never with a password."""
        url = self.engine.url
        if self.is_sqlite:
            return str(url.database)
        bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        return bare.render_as_string()

    @property
    def address(self) -> dict[str, Any]:
        """What PostgreSQL's driver needs to open a connection of its own, password included; never shown."""
        _, words = self.engine.dialect.create_connect_args(self.engine.url)
        # SQLAlchemy's own way of reading values is of no use to others.
        return {name: value for name, value in words.items() if name != "context"}

    @property
    def is_current(self) -> bool:
        """Whether its tables are those of this program.

        Raises:
            StoreError: the store cannot be reached.
        """
        with self._wrapped():
            return migrate.is_current(self.engine)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Give a transaction that sees one consistent state and writes nothing.

        Raises:
            StoreError: the store is away or cannot be read.
        """
        with self._wrapped(), self._connection(writes=False) as connection, connection.begin() as transaction:
            yield connection
            transaction.rollback()

    @contextmanager
    def write(self, meanwhile: Callable[[], bool] | None = None) -> Iterator[Transaction]:
        """Give a transaction that is committed at the end, or rolled back whole on an error.

        On SQLite writers queue for the file from the start (BEGIN IMMEDIATE), so none fails half-way.

        Args:
            meanwhile: does a little useful work while another process writes, and says whether there was any.

        Raises:
            StoreError: the store is away, full, or was locked for longer than half a minute.
        """
        with self._wrapped(), self._connection(writes=True) as connection:
            connection = connection.execution_options(publisher_meanwhile=meanwhile)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Close all connections; another may be opened later."""
        while self._idle:
            self._idle.popitem()[1].close()
        self.engine.dispose()

    @contextmanager
    def _connection(self, *, writes: bool) -> Iterator[Connection]:
        """Give a connection for one transaction.

        To take one from SQLAlchemy's pool and to give it back takes several times as long as a small
        transaction of SQLite's. A server's connection has to be asked now and then whether it is still there,
        so there the pool keeps them.
        """
        connection = self._idle.pop(writes, None)
        if connection is None:
            connection = self.engine.connect().execution_options(publisher_write=writes)
        is_kept = False
        try:
            yield connection
            # Of threads that end at once the first keeps its connection.
            is_kept = self.is_sqlite and self._idle.setdefault(writes, connection) is connection
        finally:
            if not is_kept:
                connection.close()

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as error:
            raise StoreError(f"store {self.place}: {_cause(error)}") from error


def cursor(tx: Transaction) -> Any:
    """Return a cursor of the driver's own: for what happens thousands of times a second, or only there.

    SQLAlchemy's takes ten times as long to run a small statement.
    """
    return tx.connection.cursor()


def driver(tx: Transaction) -> Any | None:
    """Return the driver's connection that a transaction on PostgreSQL runs on; None on SQLite.

    For the task engine, whose jobs become visible when the rows do that they are about.
    """
    return None if tx.dialect.name == "sqlite" else tx.connection.driver_connection


def open_store(
    url: str, *, folder: Path, create: bool = True, upgrade: bool = True, password: str | None = None
) -> Store:
    """Open the store and bring its tables up to date.

    Args:
        url: as in ``store.url`` of the config; a relative SQLite path is taken from ``folder``.
        folder: the site.
        create: make the file and tables when there are none.
        upgrade: bring the tables up to date; without it nothing is written, see :attr:`Store.is_current`.
        password: for PostgreSQL, when it is not in the URL.

    Raises:
        ConfigError: the address makes no sense.
        StoreError: it cannot be reached, or is newer than this program.
    """
    place = _resolve(url, folder, password)
    if place.get_backend_name() == "sqlite":
        _sqlite_folder(place, create=create)
    store = Store(_engine(place))
    with store._wrapped():  # noqa: SLF001 - the same module
        if upgrade:
            migrate.upgrade(store.engine, place=store.place)
    return store


def _resolve(url: str, folder: Path, password: str | None) -> URL:
    try:
        place = make_url(url)
    except ArgumentError:
        raise ConfigError(
            "store.url: no store address; write sqlite:///var/publisher.sqlite3 or postgresql://user@host/database"
        ) from None
    backend = place.get_backend_name()
    if backend == "sqlite":
        if place.database and place.database != ":memory:":
            place = place.set(database=str(folder / place.database))
        return place
    if backend != "postgresql":
        raise ConfigError(f"store.url: {backend} is not supported; use sqlite or postgresql")
    if password and place.password is None:
        place = place.set(password=password)
    return place.set(drivername="postgresql+psycopg")


def _sqlite_folder(place: URL, *, create: bool) -> None:
    if not place.database or place.database == ":memory:":
        return
    path = Path(place.database)
    if not create and not path.exists():
        raise StoreError(f"store {path}: there is none yet; bring articles in with: publisher ingest PATH")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"store {path}: cannot make its folder: {error.strerror}") from error


def _engine(place: URL) -> Engine:
    if place.get_backend_name() == "sqlite":
        engine = create_engine(place, connect_args={"timeout": BUSY_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(place, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError:
        raise ConfigError(
            "store.url: PostgreSQL needs its driver: pip install 'newsroom-publisher[postgresql]'"
        ) from None
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_ask_if_idle, engine))
    return engine


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used"] = time.monotonic()


def _ask_if_idle(engine: Engine, connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
    """Ask whether the server is still there before a connection is used that was idle for a while.

    To ask each time, as ``pool_pre_ping`` does, costs a sender a third of its questions.
    """
    used = record.info.get("used")
    if used is None or time.monotonic() < used + _FRESH_SECONDS:
        return
    try:
        there = engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error:
        there = False
    if not there:
        # The pool opens others, and forgets all that it has.
        raise InvalidatePoolError


def _prepare_sqlite(connection: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    # The driver's own transaction handling would begin late and silently lose updates between threads;
    # _begin_sqlite says BEGIN itself.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(_WAITS)
    record.info[_HAS_LOG] = _uses_wal(cursor)
    # NORMAL lets a power failure take back what was committed last: an intent, after its letter left.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _uses_wal(cursor: sqlite3.Cursor) -> bool:
    """Switch to the write-ahead log, once in the life of a file; return whether there is one.

    Of two connections that switch at once SQLite refuses one at once, without its busy timeout: each holds
    what the other waits for.
    """
    _when_free(lambda: cursor.execute("PRAGMA journal_mode=WAL"))
    return bool(cursor.fetchone()[0] == "wal")


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    opened: Any = connection.connection.driver_connection
    writes = options.get("publisher_write", True)
    # With a write-ahead log a writer waits for nothing once it has begun. SQLite translates these words anew
    # each time, so they are said only when a connection begins to do the other kind of work.
    waits = not (writes and connection.info[_HAS_LOG])
    if connection.info.get(_WAITING, True) is not waits:
        opened.execute(_WAITS if waits else _WAITS_NOT)
        connection.info[_WAITING] = waits
    if writes:
        _when_free(lambda: opened.execute("BEGIN IMMEDIATE"), options.get("publisher_meanwhile"))
    else:
        opened.execute("BEGIN")


def _when_free(act: Callable[[], object], meanwhile: Callable[[], bool] | None = None) -> None:
    """Do something as soon as nobody else keeps the file locked.

    SQLite's own waiting sleeps longer each time, up to a tenth of a second, while a commit takes a
    millisecond: of two senders one was always asleep for a tenth of its time.

    Args:
        act: what is to be done.
        meanwhile: does a little useful work, and says whether there was any.

    Raises:
        sqlite3.Error: it failed, or was locked for too long.
    """
    deadline, pause = time.monotonic() + BUSY_SECONDS, _FIRST_PAUSE
    while True:
        try:
            act()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & _KIND != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        else:
            return
        if meanwhile is None or not meanwhile():
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


def _cause(error: Exception) -> str:
    said = " ".join(str(error.orig if isinstance(error, DBAPIError) else error).split())
    if isinstance(error, OperationalError | sqlite3.OperationalError) and "locked" in said:
        return f"another process kept it locked for {BUSY_SECONDS} seconds; try again"
    if "disk is full" in said:
        return "the disk is full; make room and run the same command again, nothing is half done"
    return said
