"""The task engine's own tables, in a PostgreSQL schema of their own beside ours.

Procrastinate brings its tables and every later change of them as files of SQL and keeps no record of which
were run. The record is a table here. Of several processes that start at once one does it, the others wait.
"""

from pathlib import Path
from typing import Any

import psycopg
from procrastinate.schema import SchemaManager

from publisher.errors import StoreError

SCHEMA = "procrastinate"
_LOCK = 7_305_122_812
"""Advisory lock under which the tables are made and changed."""

OURS = """
CREATE TABLE step (name text PRIMARY KEY);
CREATE TABLE worker_owner (
    worker_id bigint PRIMARY KEY REFERENCES procrastinate_workers (id) ON DELETE CASCADE,
    owner text NOT NULL
);
"""
"""``step``: which of Procrastinate's changes were made. ``worker_owner``: which process a worker lives in."""


def bring_up(address: dict[str, Any], *, place: str) -> None:
    """Make the engine's tables, or bring them up to date; when they are, one row is read.

    Args:
        address: of the database, for its driver.
        place: where the store is, for people.

    Raises:
        StoreError: it cannot be reached, its user may not make a schema, or a newer program was here.
    """
    steps = _steps()
    try:
        with psycopg.connect(**address, autocommit=True) as connection:
            connection.execute(f"SET search_path TO {SCHEMA}")
            if _done(connection, place, steps) == set(steps):
                return
            # It ends with the connection, also when this process is killed.
            connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            _run(connection, _done(connection, place, steps), steps)
    except psycopg.Error as error:
        raise StoreError(f"store {place}: {' '.join(str(error).split())}") from error


def exists(connection: "psycopg.Connection[Any]") -> bool:
    """Return whether any process that shares its work has ever run on this store."""
    with connection.cursor(row_factory=psycopg.rows.tuple_row) as cursor:
        found = cursor.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.step"]).fetchone()
    return found is not None and found[0] is not None


def _steps() -> dict[str, Path]:
    folder = Path(SchemaManager.get_migrations_path())
    return {file.name: file for file in sorted(folder.glob("*.sql"))}


def _done(connection: "psycopg.Connection[Any]", place: str, steps: dict[str, Path]) -> set[str]:
    if not exists(connection):
        return set()
    done = {row[0] for row in connection.execute("SELECT name FROM step")}
    if done - set(steps):
        raise StoreError(
            f"store {place}: a newer version of Procrastinate has worked here; upgrade this host: "
            "pip install -U 'newsroom-publisher[postgresql]'"
        )
    return done


def _run(connection: "psycopg.Connection[Any]", done: set[str], steps: dict[str, Path]) -> None:
    if not done:
        with connection.transaction():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            connection.execute(SchemaManager.get_schema().encode())
            connection.execute(OURS.encode())
            _record(connection, list(steps))
        return
    for name in (name for name in steps if name not in done):
        with connection.transaction():
            connection.execute(steps[name].read_bytes())
            _record(connection, [name])


def _record(connection: "psycopg.Connection[Any]", names: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO step (name) VALUES (%s)", [(name,) for name in names])
