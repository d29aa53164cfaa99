"""`next`, `why` and `diff` on a site whose files and config in force differ."""

import shutil
from pathlib import Path

import pytest

from tests.cli.test_config import LATER, Keyboard, publisher
from tests.settings.test_lint import SCHEDULE

LATEST = SCHEDULE.replace("30 6 * * *", "50 6 * * *")
__all__ = ["publisher"]
NOT_YET = "the files here were edited and are not in force yet; revision 2 is"


def times(publisher: Keyboard) -> tuple[str, str]:
    """Return the hour of the next morning letter, and what is said of the files."""
    code, said, note = publisher("next", "morning", "-n", "1")
    assert code == 0
    return said.splitlines()[1].split("  ")[0].split()[-1], note


def test_in_force_nothing_is_said(publisher: Keyboard) -> None:
    assert times(publisher) == ("06:45", "")


def test_edited_files_count_and_are_said_not_to_be_in_force(publisher: Keyboard) -> None:
    (publisher.site / "config/schedule.yaml").write_text(LATEST, encoding="utf-8")

    assert times(publisher) == ("06:50", f"{NOT_YET}; the times are those of the edited files\n")
    assert publisher("why", "morning")[2] == f"{NOT_YET}\n"
    assert "every day at 06:50" in publisher("diff")[1]


def test_files_that_cannot_be_used_give_way(publisher: Keyboard) -> None:
    (publisher.site / "config/schedule.yaml").write_text("jobs: [", encoding="utf-8")

    hour, note = times(publisher)

    assert hour == "06:45"
    assert note == "the edited files here cannot be used; revision 2 stays in force\n"
    assert publisher("diff")[0] == 2


def test_files_that_are_behind_give_way(
    publisher: Keyboard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Keyboard(tmp_path / "other", capsys)
    shutil.copytree(publisher.site / "config", other.site / "config")
    publisher.edit(LATEST)
    assert LATER in (other.site / "config/schedule.yaml").read_text("utf-8")
    monkeypatch.setenv("PUBLISHER_STORE_URL", f"sqlite:///{publisher.site}/var/publisher.sqlite3")

    older = "the files here are older than revision 3, which is in force\n"
    assert times(other) == ("06:50", older)
    assert other("diff")[1:] == ("nothing changes: this is what runs now\n", older)


def test_without_the_store_the_files_count(publisher: Keyboard) -> None:
    (publisher.site / "var/publisher.sqlite3").write_bytes(b"no database, but long enough to be read as one")

    hour, note = times(publisher)

    assert hour == "06:45"
    assert note.endswith("; these are the times by the files here, whatever is in force\n")
    assert note.count("\n") == 1
