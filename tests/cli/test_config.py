"""`publisher config`, as a person at the keyboard meets it."""

import json
from pathlib import Path
from typing import Any

import pytest

from publisher.app import run
from tests import stores
from tests.settings.test_lint import SCHEDULE, SITE

LATER = SCHEDULE.replace("30 6 * * *", "45 6 * * *")


class Keyboard:
    def __init__(self, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.capsys = site, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        self.capsys.readouterr()
        code = run(["--site", str(self.site), *words])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json")[1])

    def edit(self, schedule: str) -> None:
        (self.site / "config/schedule.yaml").write_text(schedule, encoding="utf-8")
        assert self("run", "--once")[0] == 0


def site_of(folder: Path, capsys: pytest.CaptureFixture[str]) -> Keyboard:
    (folder / "config").mkdir()
    (folder / "var/inbox").mkdir(parents=True)
    (folder / "config/site.yaml").write_text(SITE, encoding="utf-8")
    stores.place(folder / "var/publisher.sqlite3")
    return Keyboard(folder, capsys)


@pytest.fixture
def publisher(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Keyboard:
    """A site with two revisions: the morning letter was moved."""
    found = site_of(tmp_path, capsys)
    found.edit(SCHEDULE)
    found.edit(LATER)
    return found


def test_before_anything_ran(publisher: Keyboard, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    fresh = Keyboard(tmp_path / "new", publisher.capsys)
    assert fresh("init", str(fresh.site))[0] == 0
    assert fresh("config", "history")[0] == 3
    assert fresh("publish")[0] == 0
    assert fresh("config", "history")[:2] == (
        0,
        "there is no revision yet; publisher run makes the first\n",
    )
    assert fresh("config", "rollback", "1")[0] == 2
    assert "no revision yet" in fresh("status")[1]


def test_history(publisher: Keyboard) -> None:
    code, said, _ = publisher("config", "history")
    lines = said.splitlines()
    assert code == 0
    assert lines[0].startswith("   2  ")
    assert lines[1] == "      jobs.morning.cron: now 45 6 * * *; it was 30 6 * * *"
    assert lines[3] == "      the first one"
    found = publisher.json("config", "history")
    assert [(one["number"], one["how"]) for one in found] == [(2, "start"), (1, "start")]
    assert len(publisher.json("config", "history", "-n", "1")) == 1


def test_show(publisher: Keyboard) -> None:
    code, said, _ = publisher("config", "show", "1")
    assert code == 0
    assert SITE in said
    assert SCHEDULE in said
    assert publisher.json("config", "show", "2")["files"]["config/schedule.yaml"] == LATER
    code, _, error = publisher("config", "show", "7")
    assert (code, error) == (2, "publisher: there is no config revision 7; there are 1 to 2\n")


@pytest.mark.parametrize("words", [("show",), ("diff",), ("diff", "1"), ("rollback",)])
def test_a_number_that_no_store_holds_is_one_line(publisher: Keyboard, words: tuple[str, ...]) -> None:
    code, out, said = publisher("config", *words, "9" * 20)
    assert (code, out, said.count("\n")) == (2, "", 1)
    assert "is not in the range" in said


def test_diff(publisher: Keyboard) -> None:
    change = "  jobs.morning.cron: now 45 6 * * *; it was 30 6 * * *"
    assert publisher("config", "diff")[1].splitlines() == ["from revision 1 to 2:", change]
    assert publisher("config", "diff", "1", "2")[1].splitlines() == ["from revision 1 to 2:", change]
    said = publisher("config", "diff", "1")[1]
    assert "Going back to revision 1 (publisher config rollback 1) would mean:" in said
    assert "morning: now send morning, every day at 06:30 Europe/Berlin; it was" in said
    found = publisher.json("config", "diff", "2", "1")
    assert [(one["path"], one["after"]) for one in found["changes"]] == [("jobs.morning.cron", "30 6 * * *")]


def test_of_the_first_revision_nothing_differs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    publisher = site_of(tmp_path, capsys)
    publisher.edit(SCHEDULE)

    assert publisher("config", "diff")[1] == "revision 1 is the first: nothing was in force before it\n"


def test_a_digest_that_is_none_is_named(publisher: Keyboard) -> None:
    said = "publisher: there is no digest 'mornign'; did you mean 'morning'?\n"
    assert publisher("subscribers", "list", "--digest", "mornign") == (2, "", said)


def test_an_edition_that_nobody_waits_for(publisher: Keyboard) -> None:
    code, said, _ = publisher("editions", "pause", "morning", "2999-01-01")
    assert (code, said.partition(" by ")[2].count(";")) == (0, 0)
    assert publisher("editions", "resume", "morning", "2999-01-01")[1] == "morning 2999-01-01: resumed\n"


def test_rollback(publisher: Keyboard) -> None:
    code, said, _ = publisher("config", "rollback", "1", "--why", "too late for the first bus")
    assert code == 0
    assert said.startswith("revision 3 is in force since ")
    assert (publisher.site / "config/schedule.yaml").read_text("utf-8") == SCHEDULE
    newest = publisher.json("config", "history")[0]
    assert (newest["number"], newest["how"]) == (3, "rollback")
    assert " on " in newest["who"]
    assert publisher("diff")[1].count("every day at 06:30") == 1
    assert publisher("run", "--once")[0] == 0
    assert publisher("diff")[1] == "nothing changes: this is what runs now\n"


def test_rollback_to_what_cannot_be_used_today(publisher: Keyboard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLISHER_WEB_PORT", "99999")
    code, _, error = publisher("config", "rollback", "1")
    assert code == 2
    assert "PUBLISHER_WEB_PORT" in error
    assert (publisher.site / "config/schedule.yaml").read_text("utf-8") == LATER


def test_why_names_the_revision(publisher: Keyboard) -> None:
    publisher.edit(LATER.replace("*/5", "*/1"))
    (_, following) = publisher.json("why", "pull")
    assert following["standing"] == "not yet"
    last = publisher.json("why", "pull")[0]
    assert (last["standing"], last["revision"]) == ("ran", 1)
    assert last["sentence"].endswith(" (config revision 1).")
