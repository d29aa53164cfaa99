from publisher.settings.compare import Change, compare
from publisher.settings.load import fingerprint, read
from publisher.settings.schema import Settings
from tests.settings.mistakes_in_schedule import VALID as SCHEDULE
from tests.settings.mistakes_in_site import VALID as SITE


def settings(site: str = SITE, schedule: str = SCHEDULE) -> Settings:
    found = read(site.encode(), schedule.encode(), {})
    assert found.settings, [str(problem) for problem in found.problems]
    return found.settings


def changes(site: str = SITE, schedule: str = SCHEDULE) -> list[str]:
    return [str(change) for change in compare(settings(), settings(site, schedule))]


def test_the_same_said_another_way_is_no_change() -> None:
    assert (
        changes(f"# note\n{SITE}".replace("3d", "72h"), SCHEDULE.replace("every: 15m", "every:   900s")) == []
    )


def test_a_moved_hour_is_one_change_in_words() -> None:
    assert changes(schedule=SCHEDULE.replace("30 6 * * *", "0 7 * * *")) == [
        "jobs.morning.cron: now 0 7 * * *; it was 30 6 * * *"
    ]


def test_what_was_left_out_is_said_so() -> None:
    assert changes(schedule=SCHEDULE.replace("    max_age: 1h\n", "")) == [
        "jobs.publish.max_age: now left out; it was 1h"
    ]
    assert changes(
        SITE.replace("  transport: maildir", "  transport: maildir\n  reply_to: a@hillpost.org")
    ) == ["mail.reply_to: now a@hillpost.org; it was left out"]


def test_a_job_that_comes_or_goes_is_one_change() -> None:
    schedule = f"{SCHEDULE}  evening:\n    run: send morning\n    cron: 0 18 * * *\n"
    assert compare(settings(), settings(schedule=schedule)) == [
        Change(
            "jobs.evening",
            "added",
            after="run send morning, cron 0 18 * * *, catch_up latest, enabled true",
        )
    ]
    (gone,) = compare(settings(schedule=schedule), settings())
    assert (gone.kind, gone.path) == ("removed", "jobs.evening")
    assert str(gone).startswith("jobs.evening: taken out; it was run send morning")


def test_lists_and_dates_are_written_as_in_the_file() -> None:
    assert changes(SITE.replace("[BUSINESS]", "[BUSINESS, MONEY]"), SCHEDULE.replace("02-11]", "02-12]")) == [
        "sections.economy.aliases: now [BUSINESS, MONEY]; it was [BUSINESS]",
        "jobs.morning.except: now [2027-02-05..2027-02-12]; it was [2027-02-05..2027-02-11]",
    ]


def test_another_order_of_sections_is_a_change_and_of_jobs_is_none() -> None:
    head, politics, rest = SITE.partition(
        "  politics:\n    title: {en: Politics, vi: Chính trị}\n    aliases: [NEWS - POLITICS]\n"
    )
    moved = head + rest.replace("sources:", f"{politics}sources:", 1)
    assert changes(moved) == ["sections: the order is now economy, politics; it was politics, economy"]
    head, pull, rest = SCHEDULE.partition("  pull:\n    run: pull\n    every: 15m\n")
    assert changes(schedule=head + rest + pull) == []


def test_what_is_compared_and_what_is_fingerprinted_is_the_same() -> None:
    twice = f"{SCHEDULE}  evening:\n    run: publish\n    every: 2h\n"
    swapped = SITE.replace("{en: Hills, vi: Đồi}", "{vi: Đồi, en: Hills}")
    for site, schedule in ((SITE, twice), (swapped, SCHEDULE), (SITE.replace("3d", "72h"), SCHEDULE)):
        new = settings(site, schedule)
        assert bool(compare(settings(), new)) == (fingerprint(settings()) != fingerprint(new))
