"""Bringing the tables up to date with Alembic; each step is a file in ``migrations/versions``.

Alembic is imported only when there is a step to run: every command opens the store, and importing takes
longer than most of them.
"""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from publisher.errors import StoreError

_FOLDER = Path(__file__).parent / "migrations"

_LOCK = 7_305_122_811
"""Advisory lock under which one of several starting processes migrates a PostgreSQL store."""


def head() -> str:
    """Return the newest step that this program knows: the files are numbered in their order."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / "versions").glob("[0-9]*_*.py"))


def is_current(engine: Engine) -> bool:
    """Return whether the store has seen every step that this program knows."""
    with engine.connect().execution_options(publisher_write=False) as connection, connection.begin():
        return _current(connection) == head()


def upgrade(engine: Engine, *, place: str) -> None:
    """Run the steps that the store has not seen; at the newest one this reads one row and writes nothing.

    Raises:
        StoreError: the store was made by a newer program.
    """
    newest = head()
    with engine.connect().execution_options(publisher_write=False) as connection, connection.begin():
        if _current(connection) == newest:
            return
    with engine.connect().execution_options(publisher_write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _current(connection) == newest:
            return
        _run_steps(connection, place)


def _run_steps(connection: Connection, place: str) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(
            f"store {place}: it was made by a newer version of this program ({error}); upgrade the program"
        ) from error


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found
