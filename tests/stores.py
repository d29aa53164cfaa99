"""Stores of the tests' own, made without running the migrations each time."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher.store import Store, open_store

_SQLITE = "sqlite:///"


@cache
def _empty() -> bytes:
    with TemporaryDirectory() as folder:
        open_store(f"{_SQLITE}store.sqlite3", folder=Path(folder)).close()
        return Path(folder, "store.sqlite3").read_bytes()


def place(file: Path) -> None:
    """Put an empty SQLite store there."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(_empty())


def make(site: Path, url: str = "sqlite:///var/publisher.sqlite3") -> Store:
    """Open a new store of a site; on SQLite it is there at once."""
    if url.startswith(_SQLITE):
        place(site / url.removeprefix(_SQLITE))
    return open_store(url, folder=site)
