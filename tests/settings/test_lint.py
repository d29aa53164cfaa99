"""What is valid and probably wrong, and that a sensible config is left alone."""

from datetime import UTC, datetime

import pytest

from publisher.settings.lint import Counts, lints
from publisher.settings.load import read
from publisher.settings.schema import Settings

NOW = datetime(2026, 11, 21, tzinfo=UTC)

SITE = """\
site:
  title: {en: The Hill Post}
  url: https://hillpost.org
  languages: [en]
  timezone: Europe/Berlin
  tag_authority: hillpost.org,2026
  postal_address: 1 Hill Street
sections:
  politics: {title: {en: Politics}}
  sport: {title: {en: Sport}}
sources:
  inbox: {path: var/inbox}
digests:
  morning:
    title: {en: Morning}
    max_age: 3d
  week:
    title: {en: Week}
    slot: week
    max_age: 8d
mail:
  sender: desk@hillpost.org
"""
SCHEDULE = """\
jobs:
  pull: {run: pull, every: 15m}
  publish: {run: publish, cron: "*/5 * * * *"}
  morning: {run: send morning, cron: 30 6 * * *}
  week: {run: send week, cron: 0 17 * * fri}
"""


def settings(site: str = SITE, schedule: str = SCHEDULE) -> Settings:
    reading = read(site.encode(), schedule.encode(), {})
    assert reading.settings, [str(problem) for problem in reading.problems]
    return reading.settings


def found(site: str = SITE, schedule: str = SCHEDULE, counts: Counts | None = None) -> list[str]:
    return [str(problem) for problem in lints(settings(site, schedule), NOW, counts)]


def job(line: str) -> str:
    """Return a schedule with a further job, on line 6."""
    return f"{SCHEDULE}  extra: {line}\n"


def test_a_sensible_config_is_left_alone() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("https://hillpost.org\n", "http://hillpost.org\n", 3, "write https://hillpost.org"),
        (
            "https://hillpost.org\n",
            "https://courier.example\n",
            3,
            "https://courier.example is a placeholder",
        ),
        ("desk@hillpost.org", "desk@example.com", 22, "mail.sender: desk@example.com is a placeholder"),
        ("hillpost.org,2026", "hillpost.test,2026", 6, "site.tag_authority: hillpost.test,2026 is a place"),
        ("  postal_address: 1 Hill Street\n", "", 1, "site: letters carry no postal address"),
        (
            "title: {en: Morning}",
            "title: {vi: Buổi sáng}",
            15,
            "digests.morning.title: has no wording for en",
        ),
        (
            "{title: {en: Sport}}",
            "{title: {vi: Thể thao}}",
            10,
            "sections.sport.title: has no wording for en",
        ),
        ("    slot: week", "    slot: week\n    per_section: 30", 20, "per_section: is more than limit, 25"),
        (
            "sender: desk@hillpost.org",
            "sender: desk@hillpost.org\n  smtp: {host: mail.hillpost.org}",
            23,
            "mail.smtp: this server is not used",
        ),
        (
            "sender: desk@hillpost.org",
            "sender: desk@hillpost.org\n  transport: smtp\n  smtp: {host: mail.hillpost.org, tls: none}",
            24,
            "mail.smtp.tls: letters and addresses go over the network in the open",
        ),
        (
            "max_age: 3d",
            "max_age: 6h",
            16,
            "is shorter than the time between two editions, 1d: articles are lost; write at least 1d",
        ),
        (
            "max_age: 8d",
            "max_age: 5d",
            20,
            "digests.week.max_age: is shorter than the time between two editions",
        ),
        (
            "Europe/Berlin",
            "Etc/GMT-7",
            5,
            "Etc/GMT-7 is 7 hours ahead of UTC: its sign is the other way round",
        ),
    ],
)
def test_of_the_site(old: str, new: str, line: int, said: str) -> None:
    assert old in SITE
    (one,) = found(SITE.replace(old, new, 1))
    assert one.startswith(f"config/site.yaml:{line}:")
    assert said in one


def test_a_place_holder_is_a_whole_label_of_the_name() -> None:
    assert found(SITE.replace("hillpost.org", "example-hills.org").replace("desk@", "example@")) == []


def test_a_section_that_no_digest_carries_and_a_digest_that_no_job_sends() -> None:
    site = SITE.replace("    max_age: 3d", "    sections: [{section: politics}]").replace(
        "    slot: week", "    slot: week\n    sections: [{section: politics}]"
    )
    assert found(site) == [
        "config/site.yaml:10:3: sections.sport: no digest carries this section; add it to the sections of one"
    ]
    assert (
        "digests.week: no job sends this digest"
        in found(schedule=SCHEDULE.replace("send week", "publish"))[0]
    )
    off = SCHEDULE.replace("cron: 0 17 * * fri", "cron: 0 17 * * fri, enabled: false")
    assert "digests.week: no job sends this digest" in found(schedule=off)[0]


def test_sources_without_a_job_and_a_job_without_sources() -> None:
    assert "no job reads the sources" in found(schedule=SCHEDULE.replace("run: pull", "run: publish"))[0]
    assert (
        "there is no source to pull from"
        in found(SITE.replace("{path: var/inbox}", "{path: x, enabled: no}"))[0]
    )
    assert (
        "no job keeps the feeds up to date"
        in found(schedule=SCHEDULE.replace("run: publish", "run: pull"))[0]
    )


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "{run: publish, cron: 30 2 * * *}",
            "on 2027-03-28 the clocks of Europe/Berlin skip 02:30: it runs at 03:00 instead",
        ),
        (
            "{run: publish, cron: 30 2 * * *}",
            "on 2027-10-31 the clocks of Europe/Berlin show 02:30 twice: it runs the first time only",
        ),
        (
            "{run: publish, cron: 30 1 * * *, timezone: America/New_York}",
            "on 2027-11-07 the clocks of America/New_York show 01:30 twice",
        ),
        (
            "{run: publish, cron: 15 2 * * *, timezone: Australia/Lord_Howe}",
            "on 2027-10-03 the clocks of Australia/Lord_Howe skip 02:15: it runs at 02:30 instead",
        ),
        ("{run: publish, cron: 1 12 29 2 *}", "extra.cron: is not due before 2028-02-29"),
        (
            "{run: publish, cron: 1 12 1 * mon}",
            "runs on day 1 of the month and also on every weekday mon; cron joins the two with or",
        ),
        ('{run: publish, cron: "*/45 3 * * *"}', "*/45 begins anew with each hour"),
        (
            "{run: publish, cron: 1 12 24 12 *, except: [2026-12-01..2028-01-31]}",
            "extra.except: leaves no day in the next 13 months on which it runs",
        ),
        ("{run: publish, cron: 1 12 * * *, except: [2026-01-01]}", "extra.except[0]: 2026-01-01 is over"),
        (
            "{run: publish, cron: 1 12 * * *, catch_up: none, max_age: 1h}",
            "extra.max_age: has no effect: with catch_up none no missed run is made up for",
        ),
        (
            '{run: publish, cron: "*/30 * * * *"}',
            "does the same as publish at the same minute, first on 2026-11-21",
        ),
        ("{run: pull, every: 1h}", "does the same as pull at the same minute, midnight"),
        (
            '{run: pull, cron: "*/30 * * * *"}',
            "does the same as pull at the same minute, first on 2026-11-21 01:30",
        ),
        (
            "{run: send morning, cron: 0 18 * * *}",
            "morning sends the same digest, once a day; both are due in 2026-11-21",
        ),
        (
            "{run: send week, cron: 0 9 * * *}",
            "extra: runs more than once a week, and week has one edition a week",
        ),
        ("{run: publish, at: 2026-01-28 18:00}", "extra.at[0]: 2026-01-28 18:00 is over: it never runs then"),
        (
            "{run: publish, at: [2027-01-28 18:01, 2026-01-28 18:01]}",
            "extra.at[1]: 2026-01-28 18:01 is over: it never runs then; take it out",
        ),
        (
            "{run: publish, at: 2027-01-28 18:01, except: [2027-01-20..2027-01-30]}",
            "extra.at[0]: falls on a day that is left out, 2027-01-20..2027-01-30; take one of them out",
        ),
        (
            "{run: publish, at: 2027-03-28 02:31}",
            "extra.at[0]: on 2027-03-28 the clocks of Europe/Berlin skip 02:31: it runs at 03:00 instead",
        ),
        (
            "{run: send morning, at: 2027-01-28 06:30}",
            "extra: does the same as morning at the same minute, first on 2027-01-28 05:30 UTC",
        ),
        (
            "{run: send morning, at: 2027-01-28 18:00}",
            "extra: morning sends the same digest, once a day; both are due in 2027-01-28",
        ),
    ],
)
def test_of_the_schedule(line: str, said: str) -> None:
    about = [one for one in found(schedule=job(line)) if "jobs.extra" in one]
    assert any(said in one for one in about), about
    assert all(one.startswith("config/schedule.yaml:6:") for one in about)


@pytest.mark.parametrize(
    "line",
    [
        "{run: publish, cron: 33 4 * * *}",
        "{run: publish, cron: 3 2 * * *, timezone: Asia/Ho_Chi_Minh}",
        "{run: pull, cron: 7 * * * *}",
        "{run: send morning, cron: 30 6 * * *, enabled: false}",
    ],
)
def test_a_sensible_job_is_left_alone(line: str) -> None:
    assert found(schedule=job(line)) == []


def test_two_jobs_may_share_a_digest_when_they_share_no_day() -> None:
    apart = SCHEDULE.replace("cron: 30 6 * * *", "cron: 30 6 * * mon-fri")
    assert (
        found(
            SITE.replace("max_age: 3d", "max_age: 7d"),
            f"{apart}  sunday: {{run: send morning, cron: 0 8 * * sun}}\n",
        )
        == []
    )


def test_of_the_calendar() -> None:
    calendar = """\
calendar:
  tet: {title: Tết, days: [2027-02-05..2027-02-11]}
  old: {days: [2025-02-05, 2026-01-01..2026-11-19]}
  unused: {days: [yearly 05-01]}
"""
    schedule = SCHEDULE.replace("cron: 30 6 * * *}", "cron: 30 6 * * *, except: [tet, old]}")
    reading = read(SITE.encode(), schedule.encode(), {}, calendar.encode())
    assert reading.settings is not None
    told = [str(one) for one in lints(reading.settings, NOW) if "calendar.yaml" in one.file]
    assert told[0].startswith("config/calendar.yaml:3:9: calendar.old.days: all of these days are over; ")
    assert len(told) == 2
    assert told[1].startswith("config/calendar.yaml:4:3: calendar.unused: no job leaves these days out; ")


def test_of_the_store() -> None:
    counts = Counts(subscribers={"morning": 3}, labels={"SPORT NEWS": 2, "WEATHER": 1})
    week, sport, weather = sorted(found(counts=counts), key=lambda one: "sections:" in one)
    assert week.startswith("config/site.yaml:17:3: digests.week: nobody has subscribed to this digest")
    assert "2 articles have the label 'SPORT NEWS'" in sport
    assert 'sections.sport.aliases: add "SPORT NEWS"' in sport
    assert "1 article has the label 'WEATHER'" in weather
