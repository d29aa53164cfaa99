"""Newsrooms for the tests of ingest."""

from datetime import datetime
from pathlib import Path

import pytest

from publisher.store import Store
from tests.ingest.newsroom import Newsroom, settings_of


@pytest.fixture
def newsroom(sqlite: Store, tmp_path: Path, now: datetime) -> Newsroom:
    """A newsroom on SQLite."""
    return Newsroom(sqlite, tmp_path, now, settings_of())


@pytest.fixture
def either(store: Store, tmp_path: Path, now: datetime) -> Newsroom:
    """A newsroom on each database in turn."""
    return Newsroom(store, tmp_path, now, settings_of())
