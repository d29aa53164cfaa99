"""What an edit will do is told before it is saved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher import app
from publisher.schedule.forecast import letters, shifts
from tests.schedule.conftest import settings_of
from tests.schedule.processes import SITE
from tests.schedule.test_cli import SCHEDULE

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
NOW = datetime(2026, 11, 21, 9, 55, tzinfo=UTC)
"""16:55 in Việt Nam, five minutes before the evening's letter."""
UNTIL = NOW + timedelta(days=7)
EVENING = {"run": "send evening", "cron": "0 17 * * *"}


def foretold(
    before: dict[str, Any], after: dict[str, Any], made: dict[tuple[str, str], datetime] | None = None
) -> list[str]:
    old, new = settings_of(before), settings_of(after)
    found = letters(old.jobs, new.jobs, new.digests, made or {}, VIETNAM, NOW, UNTIL)
    return [f"{one.kind} {one.slot}" for one in found]


def shift(before: dict[str, Any], after: dict[str, Any]) -> tuple[int, int, int, int]:
    (one,) = shifts(settings_of(before).jobs, settings_of(after).jobs, VIETNAM, NOW, UNTIL)
    return one.kept, len(one.moved), len(one.added), len(one.dropped)


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ({"e": EVENING}, {"e": EVENING | {"cron": "30 17 * * *"}}, (0, 7, 0, 0)),
        ({"e": EVENING}, {"e": EVENING | {"cron": "0 16 * * *"}}, (0, 6, 1, 1)),
        ({"e": EVENING}, {"e": EVENING | {"cron": "0 17 * * 1-5"}}, (5, 0, 0, 2)),
        ({"e": EVENING}, {"e": EVENING | {"except": ["2026-11-24"]}}, (6, 0, 0, 1)),
        ({"e": EVENING}, {"e": EVENING | {"enabled": False}}, (0, 0, 0, 7)),
        ({"e": EVENING}, {"e": EVENING | {"catch_up": "all"}}, (7, 0, 0, 0)),
        ({"e": EVENING}, {}, (0, 0, 0, 7)),
        ({}, {"e": EVENING}, (0, 0, 7, 0)),
    ],
)
def test_runs_that_stay_move_come_and_go(
    before: dict[str, Any], after: dict[str, Any], counts: tuple[int, int, int, int]
) -> None:
    assert shift(before, after) == counts


def test_an_edit_that_changes_nothing() -> None:
    jobs = settings_of({"e": EVENING}).jobs
    named = settings_of({"e": EVENING | {"timezone": "Asia/Ho_Chi_Minh"}}).jobs
    assert shifts(jobs, named, VIETNAM, NOW, UNTIL) == []


def test_moved_past_its_hour_todays_letter_is_missing() -> None:
    assert foretold({"e": EVENING}, {"e": EVENING | {"cron": "0 16 * * *"}}) == [
        "missing 2026-11-21",
        "added 2026-11-28",
    ]


def test_moved_later_nothing_is_missing() -> None:
    assert foretold({"e": EVENING}, {"e": EVENING | {"cron": "30 17 * * *"}}) == []


def test_moved_after_it_went_it_does_not_go_again() -> None:
    jobs = {"e": EVENING | {"cron": "30 16 * * *"}}
    assert "again 2026-11-21" in foretold(
        jobs, {"e": EVENING}, {("evening", "2026-11-21"): NOW - timedelta(minutes=25)}
    )
    assert foretold(jobs, {"e": EVENING})[0] == "added 2026-11-21"


def test_two_runs_for_one_slot() -> None:
    found = foretold({"e": EVENING}, {"e": EVENING, "f": EVENING | {"cron": "0 20 * * *"}})
    assert found == [f"again 2026-11-{day}" for day in range(21, 28)]


def test_slots_counted_by_weeks_send_a_second_letter_on_the_day_of_the_edit() -> None:
    old = settings_of({"e": EVENING | {"cron": "30 16 * * *"}})
    new = settings_of({"e": EVENING | {"cron": "0 17 * * *"}})
    weekly = {"evening": new.digests["evening"].model_copy(update={"slot": "week"})}
    made = {("evening", "2026-11-21"): NOW - timedelta(minutes=25)}
    found = letters(old.jobs, new.jobs, weekly, made, VIETNAM, NOW, UNTIL, was_digests=old.digests)
    (twice,) = (one for one in found if one.kind == "twice")
    assert twice.sentence == (
        "evening 2026-W47: a second letter on one day: 2026-11-21 has gone, "
        "and one more goes at 2026-11-21 17:00"
    )
    missing = [one.slot for one in found if one.kind == "missing"]
    assert missing == [f"2026-11-{day}" for day in (22, 24, 25, 26, 27, 28)]


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Which letters move depends on the hour.
    monkeypatch.setattr(app, "system_clock", lambda: NOW)
    (tmp_path / "config").mkdir()
    (tmp_path / "config/site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "config/schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    assert app.run(["--site", str(tmp_path), "run", "--once"]) == 0
    return tmp_path


def ask(site: Path, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = app.run(["--site", str(site), "diff", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(site, capsys)[:2] == (0, "nothing changes: this is what runs now\n")
    file = site / "new.yaml"
    file.write_text(SCHEDULE.replace("cron: 30 6 * * *", "cron: 45 6 * * *"), encoding="utf-8")
    code, said, _ = ask(site, capsys, str(file))
    assert code == 0
    lines = said.splitlines()
    assert lines[0] == (
        "morning: now send morning, every day at 06:45 Asia/Ho_Chi_Minh; "
        "it was: send morning, every day at 06:30 Asia/Ho_Chi_Minh"
    )
    assert lines[1].startswith("  moved    ")
    assert "06:30 to 06:45, and " in lines[1]
    assert ask(site, capsys)[:2] == (0, "nothing changes: this is what runs now\n")


def test_a_mistake_is_named_in_the_file_that_has_it(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = site / "new.yaml"
    file.write_text(SCHEDULE.replace("morning, cron", "mornin, cron"), encoding="utf-8")
    code, said, error = ask(site, capsys, str(file))
    assert (code, said) == (2, "")
    assert f"{file}:3:" in error
    code, _, error = ask(site, capsys, str(site / "none.yaml"))
    assert code == 2
    assert "no such file" in error
