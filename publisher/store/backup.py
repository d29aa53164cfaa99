"""Taking the store along: a consistent copy of the embedded one, and a move to another database."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from sqlalchemy import BigInteger, Connection, Table, func, insert, select, text

from publisher.errors import StoreError, UsageError
from publisher.store.engine import Store
from publisher.store.tables import metadata

_ROWS = 5_000


def snapshot(store: Store, to: Path) -> None:
    """Write the embedded store as it stands at one moment to a file of its own, while others go on writing.

    Args:
        store: an SQLite store.
        to: a file that is not there yet.

    Raises:
        StoreError: the copy cannot be written, or is not whole.
    """
    try:
        with store.engine.connect() as connection, closing(sqlite3.connect(to)) as copy:
            source = connection.connection.driver_connection
            assert isinstance(source, sqlite3.Connection)
            # In one step: it reads one moment of the write-ahead log and holds nobody up. In several steps it
            # would begin anew after each commit of somebody else.
            source.backup(copy, pages=-1)
            # The copy stands alone: without a log beside it, it is one file to carry.
            copy.execute("PRAGMA journal_mode=DELETE")
            found = copy.execute("PRAGMA quick_check").fetchone()[0]
    except sqlite3.Error as error:
        raise StoreError(f"{to}: the store cannot be copied: {error}") from error
    if found != "ok":
        raise StoreError(f"{store.place}: it is damaged: {found}; restore the last good backup")


def copy(
    source: Store, target: Store, tick: Callable[[str, int, int | None], None] = lambda *_: None
) -> dict[str, int]:
    """Copy every row of a store into another, empty one, of whichever kind; row numbers stay.

    Args:
        source: read in one transaction, as it stands at one moment.
        target: with its tables made and nothing in them; written in one transaction.
        tick: told the table, the rows copied so far, and None.

    Returns:
        How many rows of each table.

    Raises:
        UsageError: something is in the target already.
        StoreError: one of the two is away.
    """
    copied: dict[str, int] = {}
    with source.read() as reading, target.write() as writing:
        for table in metadata.sorted_tables:
            if writing.execute(select(table).limit(1)).first() is not None:
                raise UsageError(
                    f"store {target.place}: it is not empty ({table.name}); name an empty database"
                )
        for table in metadata.sorted_tables:
            copied[table.name] = _copy_table(reading, writing, table, tick)
            _go_on_counting(reading, writing, table)
    return {name: rows for name, rows in copied.items() if rows}


def _copy_table(
    reading: Connection, writing: Connection, table: Table, tick: Callable[[str, int, int | None], None]
) -> int:
    done = 0
    query = select(table).execution_options(yield_per=_ROWS)
    for rows in reading.execute(query).mappings().partitions():
        writing.execute(insert(table), [dict(row) for row in rows])
        done += len(rows)
        tick(table.name, done, None)
    return done


def _go_on_counting(reading: Connection, writing: Connection, table: Table) -> None:
    """Let the target's next row number be that of the source: a number of an erased row never comes back."""
    column = table.autoincrement_column
    if column is None or not isinstance(column.type, BigInteger):
        return
    last = _last_number(reading, table, column.name)
    if writing.dialect.name == "postgresql":
        name = writing.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if name is not None and last:
            writing.execute(select(func.setval(name, last)))
        return
    if not table.dialect_options["sqlite"]["autoincrement"]:
        return
    writing.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    writing.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"),
        {"name": table.name, "last": last},
    )


def _last_number(reading: Connection, table: Table, column: str) -> int:
    used = reading.scalar(select(func.max(table.c[column]))) or 0
    if reading.dialect.name == "postgresql":
        name = reading.scalar(select(func.pg_get_serial_sequence(table.name, column)))
        given = reading.scalar(text(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {name}"))  # noqa: S608 - the name is the database's own
    elif table.dialect_options["sqlite"]["autoincrement"]:
        given = reading.scalar(
            text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name}
        )
    else:
        given = 0
    return max(used, given or 0)
