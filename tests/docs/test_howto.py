"""Every how-to is done as it stands: its edits are made, its commands run, what they print is compared."""

import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from publisher import app
from tests.conftest import REPOSITORY, postgresql_programs
from tests.docs.howto import Clock, Command, Edit, steps

FOLDER = REPOSITORY / "docs" / "how-to"
PAGES = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=ZONE)
ELSEWHERE = re.compile(r"^(sudo systemctl|/opt/publisher/bin/pip install|scp|createdb|cd) ")
"""Commands of the machine, which a test does not run."""


class Watch:
    """A clock that stands where a page sets it."""

    def __init__(self) -> None:
        self.now = WEDNESDAY

    def __call__(self) -> datetime:
        return self.now.astimezone(UTC)


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The sample newsroom as `publisher demo` leaves it on a Wednesday morning."""
    folder = tmp_path_factory.mktemp("how-to") / "demo"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "system_clock", Watch())
        assert app.run(["demo", str(folder)]) == 0
        assert app.run(["--site", str(folder), "run", "--once"]) == 0
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_how_to_does_what_it_says(
    page: Path,
    newsroom: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    text = page.read_text(encoding="utf-8")
    watch, site = Watch(), tmp_path / "site"
    shutil.copytree(newsroom, site)
    monkeypatch.setattr(app, "system_clock", watch)
    monkeypatch.chdir(site)
    if DATABASE in text:
        text = text.replace(DATABASE, _database(request, monkeypatch))
    done = 0
    for step in steps(text):
        if isinstance(step, Clock):
            watch.now = datetime.fromisoformat(step.moment).replace(tzinfo=ZONE)
        elif isinstance(step, Edit):
            step.make(site)
        elif not ELSEWHERE.match(step.line):
            done += 1
            _run(step)
    assert done, "a how-to shows at least one command"


DATABASE = "postgresql://publisher@localhost/courier"


def _database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a real, empty database in the place of the page's; its programs are on the path."""
    url: str = request.getfixturevalue("postgresql").database()
    programs = postgresql_programs()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return url.replace("+psycopg", "")


def _run(step: Command) -> None:
    words = step.words
    assert words[0] == "publisher", f"a how-to shows commands of ours: {step.line}"
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = app.run(words[1:])
    step.check(said.getvalue(), code)


def test_every_how_to_is_in_the_list() -> None:
    named = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert [page.name for page in PAGES if f"({page.name})" not in named] == []
