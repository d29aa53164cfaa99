"""The newsroom that the tests of this room share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.newsroom import Newsroom


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    """A site with seven articles that are not published yet."""
    made = Newsroom.open(tmp_path / "site")
    for number in range(7, 0, -1):
        made.add(number)
    yield made
    made.store.close()
