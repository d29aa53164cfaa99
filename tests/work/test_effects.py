"""What an edit of the config will do is told before it is saved, whichever file it is in."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.app import run
from publisher.settings.load import read
from publisher.settings.schema import Settings
from publisher.store import Store, choices, subscribers
from publisher.store.choices import Choice
from publisher.work.effects import Effect, Forecast, told
from tests.delivery.bureau import reader
from tests.settings.test_lint import SCHEDULE, SITE

NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
"""05:00 in Berlin, before the morning letter."""
CHOICES = (
    Choice("morning", (), None, 100),
    Choice("morning", ("sport",), 7, 20),
    Choice("morning", ("politics", "sport"), None, 3),
    Choice("week", (), None, 7),
)


def settings(site: str = SITE, schedule: str = SCHEDULE, calendar: str = "") -> Settings:
    reading = read(site.encode(), schedule.encode(), {}, calendar.encode())
    assert reading.settings, [str(problem) for problem in reading.problems]
    return reading.settings


def foretold(new: Settings, old: Settings | None = None, **known: object) -> list[Effect]:
    before = old or settings()
    found = Forecast(old=before, new=new, jobs=before.jobs, choices=CHOICES, now=NOW)
    return list(told(replace(found, **known)))  # type: ignore[arg-type]


def lines(effects: Iterable[Effect], kind: str) -> list[str]:
    return [str(one) for one in effects if one.kind == kind]


def test_nothing_edited_nothing_told() -> None:
    assert foretold(settings()) == []


def test_a_section_that_is_taken_out() -> None:
    site = SITE.replace("  sport: {title: {en: Sport}}\n", "")
    found = foretold(settings(site))
    assert lines(found, "readers") == [
        "morning carries sport no more: 23 subscribers chose it, 123 subscribers in all",
        "morning: 20 subscribers chose nothing but what goes, and get no letter any more",
        "week carries sport no more: 0 subscribers chose it, 7 subscribers in all",
    ]
    (feed,) = (one for one in found if one.kind == "feed")
    assert feed.sentence.startswith("the feed /feeds/sport vanishes; to lead its readers on")
    assert feed.weight == "loss"


def test_a_section_that_is_renamed_leads_its_readers_on() -> None:
    site = SITE.replace("  sport: {title: {en: Sport}}", "  games: {title: {en: Games}, was: [sport]}")
    found = foretold(settings(site))
    assert lines(found, "address") == ["the feed /feeds/sport is redirected to /feeds/games"]
    assert lines(found, "feed") == ["a new feed: /feeds/games (Games), in RSS, Atom and JSON"]
    gone = foretold(settings(), settings(site))
    assert "the old address" not in " ".join(map(str, gone))
    both = site.replace(", was: [sport]", "")
    assert lines(foretold(settings(both), settings(site)), "address") == [
        "the old address /feeds/sport.rss leads nowhere any more; readers of it get an error"
    ]


def test_a_digest_that_is_taken_out_or_new() -> None:
    site = SITE.replace("  week:\n    title: {en: Week}\n    slot: week\n    max_age: 8d\n", "")
    schedule = SCHEDULE.replace("  week: {run: send week, cron: 0 17 * * fri}\n", "")
    found = foretold(settings(site, schedule))
    assert lines(found, "readers") == [
        "the digest week is taken out: 7 subscribers of it get no letter any more"
    ]
    (letter,) = lines(found, "letter")
    assert letter.startswith("week 2026-W48: no letter any more; ")
    assert letter.endswith(" (7 subscribers)")
    back = foretold(settings(), settings(site, schedule))
    assert "the digest week is new; people can choose it when they subscribe" in lines(back, "readers")


def test_the_hour_is_moved_past_the_present_and_over_a_holiday() -> None:
    moved = foretold(settings(schedule=SCHEDULE.replace("30 6 * * *", "30 4 * * *")))
    assert lines(moved, "letter")[0].startswith("morning 2026-11-21: no letter any more")
    assert next(one.subscribers for one in moved if one.kind == "letter") == 123
    holiday = settings(
        schedule=SCHEDULE.replace("30 6 * * *}", "30 6 * * *, except: [fair]}"),
        calendar="calendar: {fair: {title: The fair, days: [2026-11-24]}}",
    )
    found = foretold(holiday)
    (letter,) = lines(found, "letter")
    assert letter.startswith("morning 2026-11-24: no letter any more; to send it by hand: publisher send")
    assert letter.endswith(" (123 subscribers)")
    assert "except The fair; it was: " in lines(found, "run")[0]
    assert lines(found, "setting") == ["calendar.fair: new: days [2026-11-24], title The fair"]


def test_a_day_added_to_the_calendar_moves_the_jobs_that_name_it() -> None:
    schedule = SCHEDULE.replace("30 6 * * *}", "30 6 * * *, except: [fair]}")
    old = settings(schedule=schedule, calendar="calendar: {fair: {days: [2026-11-24]}}")
    new = settings(schedule=schedule, calendar="calendar: {fair: {days: [2026-11-24, 2026-11-25]}}")
    assert [str(one)[:31] for one in foretold(new, old) if one.kind == "letter"] == [
        "morning 2026-11-25: no letter a"
    ]


def test_slots_counted_in_another_way_send_twice_today() -> None:
    site = SITE.replace("    max_age: 3d", "    max_age: 8d\n    slot: week")
    made = {("morning", "2026-11-21"): NOW}
    (twice,) = (one for one in foretold(settings(site), made=made) if one.weight == "risk")
    assert twice.sentence.startswith("morning 2026-W47: a second letter on one day: 2026-11-21 has gone")


def test_how_letters_leave_and_look() -> None:
    site = SITE.replace(
        "  sender: desk@hillpost.org",
        "  sender: news@hillpost.org\n  transport: smtp\n  smtp: {host: relay.hillpost.org}",
    )
    site = site.replace(
        "    max_age: 3d", "    max_age: 3d\n    look: {accent: '#123456'}\n    layout: brief"
    )
    found = foretold(settings(site))
    assert lines(found, "mail") == [
        "letters leave through relay.hillpost.org:587 (starttls); until now into var/outbox, to nobody",
        "mail.sender: letters carry news@hillpost.org; until now desk@hillpost.org",
    ]
    assert {one.weight for one in found if one.kind == "mail"} == {"risk"}
    assert lines(found, "look") == [
        "the letter morning looks different: layout brief, accent #123456; see: publisher preview morning"
    ]


def test_everything_else_is_told_key_by_key() -> None:
    site = SITE.replace("max_age: 3d", "max_age: 4d") + "web: {port: 8090}\n"
    found = [one for one in foretold(settings(site)) if one.kind == "setting"]
    assert [str(one) for one in found] == [
        "digests.morning.max_age: now 4d; it was 3d",
        "web.port: now 8090; it was 8080",
    ]
    assert found[1].details == ("counts when the programs are started again",)


def test_the_address_of_the_site() -> None:
    found = foretold(settings(SITE.replace("https://hillpost.org", "https://thehillpost.org")))
    (moves,) = lines(found, "address")
    assert moves.startswith("every address moves from https://hillpost.org to https://thehillpost.org; ")


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "var/inbox").mkdir(parents=True)
    (tmp_path / "config/site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "config/schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    assert run(["--site", str(tmp_path), "run", "--once"]) == 0
    return tmp_path


def test_the_command_takes_any_of_the_files_or_a_folder(
    site: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def diff(*words: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["--site", str(site), "diff", *words])
        said = capsys.readouterr()
        return code, said.out + said.err

    draft = tmp_path / "draft"
    draft.mkdir()
    (draft / "site.yaml").write_text(SITE.replace("  sport: {title: {en: Sport}}\n", ""), encoding="utf-8")
    code, said = diff(str(draft / "site.yaml"))
    assert code == 0
    assert said.startswith("morning carries sport no more: 0 subscribers chose it, 0 subscribers in all")
    (draft / "schedule.yaml").write_text(SCHEDULE.replace("30 6", "45 6"), encoding="utf-8")
    code, both = diff(str(draft))
    assert "every day at 06:45" in both
    assert "carries sport no more" in both
    (draft / "calendar.yaml").write_text("calendar: {fair: {days: [soon]}}\n", encoding="utf-8")
    code, said = diff(str(draft))
    assert code == 2
    assert f"{draft}/calendar.yaml:1:26: calendar.fair.days[0]: 'soon' is no date" in said
    assert diff(str(site / "var"))[0] == 2
    (site / "config/schedule.yaml").write_text(SCHEDULE.replace("30 6", "45 6"), encoding="utf-8")
    assert "every day at 06:45" in diff()[1]
    (site / "config/schedule.yaml").write_text("jobs: [", encoding="utf-8")
    assert diff()[0] == 2
    assert "every day at 06:45" in diff(str(draft / "schedule.yaml"))[1]


def test_choices_are_counted_in_the_store(store: Store) -> None:
    people = [reader(number, sections=("economy",) if number % 2 else (), hour=6) for number in range(5)]
    with store.write() as tx:
        subscribers.take(tx, [*people, reader(9), reader(8, active=False)], now=NOW)
    with store.read() as tx:
        found = choices.choices(tx)
    assert found == [
        Choice("daily", (), None, 1),
        Choice("daily", (), 6, 3),
        Choice("daily", ("economy",), 6, 2),
    ]
