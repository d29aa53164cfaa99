"""Bringing the tables up to date with Alembic; each step is a file in ``migrations/versions``."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from publisher.errors import StoreError

_LOCK = 7_305_122_811
"""Advisory lock under which one of several starting processes migrates a PostgreSQL store."""


def head() -> str:
    """Return the newest step that this program knows."""
    found = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise StoreError("this installation has no migrations; install the program again")
    return found


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
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(
                f"store {place}: it was made by a newer version of this program ({error}); upgrade the program"
            ) from error


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
