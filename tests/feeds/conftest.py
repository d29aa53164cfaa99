"""Newsrooms to test feeds with."""

from pathlib import Path

import pytest

from publisher.store import Store
from tests.feeds.newsroom import Newsroom


@pytest.fixture
def newsroom(sqlite: Store, tmp_path: Path) -> Newsroom:
    """A newsroom on SQLite, where the database makes no difference."""
    return Newsroom(sqlite, tmp_path)


@pytest.fixture
def any_newsroom(store: Store, tmp_path: Path) -> Newsroom:
    """A newsroom on each database in turn."""
    return Newsroom(store, tmp_path)
