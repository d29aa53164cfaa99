"""What the console's panels are made of: days, rules in words, two edits put together, counts by day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.i18n import words
from publisher.model.report import Kind, Report
from publisher.model.subscriber import Consent, Enrolment
from publisher.settings.schema import Job
from publisher.store import Store, growth, pollcounts, reports, subscribers
from publisher.work.panels import merge, rules
from publisher.work.panels.days import day_of_site, days_back, midnight, summed

HANOI, KATHMANDU, BERLIN = (
    ZoneInfo(f"{name}") for name in ("Asia/Ho_Chi_Minh", "Asia/Kathmandu", "Europe/Berlin")
)
LINES = st.lists(st.sampled_from(["a\n", "b\n", "c\n", "d\n"]), max_size=8).map("".join)


def job(**values: object) -> Job:
    return Job.model_validate({"run": "publish"} | values)


@pytest.mark.parametrize(
    ("rule", "english", "vietnamese"),
    [
        ({"cron": "30 6 * * *"}, "every day at 06:30", "06:30 mỗi ngày"),
        ({"cron": "0 17 * * fri"}, "Friday at 17:00", "17:00 Thứ Sáu"),
        ({"cron": "5 8 * * 0,sat"}, "Sunday, Saturday at 08:05", "08:05 Chủ Nhật, Thứ Bảy"),
        ({"cron": "0 17 * * mon-fri"}, "Monday to Friday at 17:00", "17:00 Thứ Hai đến Thứ Sáu"),
        ({"cron": "0 8 1 * *"}, "on day 1 of each month at 08:00", "08:00 ngày 1 hằng tháng"),
        ({"cron": "*/10 * * * *"}, "every 10 minutes", "10 phút một lần"),
        ({"every": "1h"}, "every hour", "mỗi giờ"),
        ({"every": "2d"}, "every 2 days", "2 ngày một lần"),
        (
            {"at": ["2027-01-28 18:00", "2027-02-01 06:00"]},
            "at these times: Thu, Jan 28, 18:00; Mon, Feb 1, 06:00",
            "vào các lúc: Th 5, 28 thg 1, 18:00; Th 2, 1 thg 2, 06:00",
        ),
        (
            {"cron": "30 6 * * *", "except": ["2027-02-05..2027-02-06"]},
            "every day at 06:30, except Feb 5, 2027 – Feb 6, 2027",
            "06:30 mỗi ngày, trừ 5 thg 2, 2027 – 6 thg 2, 2027",
        ),
    ],
)
def test_usual_rules_are_said_in_the_page_s_language(
    rule: dict[str, object], english: str, vietnamese: str
) -> None:
    said = [rules.in_words(job(**rule), HANOI, words(language)) for language in ("en", "vi")]

    assert [one.text for one in said] == [english, vietnamese]
    assert [one.language for one in said] == ["en", "vi"]


def test_an_unusual_rule_is_said_in_english_and_marked_as_that() -> None:
    said = rules.in_words(job(cron="0 8 1-7 * mon"), HANOI, words("vi"))

    assert said.language == "en"
    assert said.text


@pytest.mark.parametrize(
    ("rule", "time"),
    [
        ({"cron": "30 6 * * *"}, "06:30"),
        ({"cron": "5 17 * * fri"}, "17:05"),
        ({"cron": "0 6,18 * * *"}, ""),
        ({"cron": "*/5 6 * * *"}, ""),
        ({"every": "1d"}, ""),
    ],
)
def test_only_a_single_time_of_day_can_be_moved(rule: dict[str, object], time: str) -> None:
    assert rules.time_of_day(job(**rule)) == time


def test_days_follow_the_site_s_clocks_through_a_change() -> None:
    now = datetime(2026, 10, 26, 12, tzinfo=UTC)
    days = days_back(now, BERLIN, 3)

    assert days == ("2026-10-24", "2026-10-25", "2026-10-26")
    assert midnight("2026-10-26", BERLIN) - midnight("2026-10-25", BERLIN) == timedelta(hours=25)
    late = datetime(2026, 10, 25, 22, 59, tzinfo=UTC)
    assert day_of_site(late, BERLIN) == "2026-10-25"
    assert summed(days, [(late, 2), (now, 1), (now - timedelta(days=9), 5)], BERLIN) == (0, 2, 1)


@given(base=LINES, mine=LINES)
def test_an_edit_put_together_with_none_is_itself(base: str, mine: str) -> None:
    assert merge.merged(base, mine, base) == mine
    assert merge.merged(base, base, mine) == mine
    assert merge.merged(base, mine, mine) == mine


@given(base=LINES, mine=LINES, theirs=LINES)
def test_who_comes_first_makes_no_difference(base: str, mine: str, theirs: str) -> None:
    assert merge.merged(base, mine, theirs) == merge.merged(base, theirs, mine)


def test_edits_of_different_places_are_put_together_and_of_one_place_are_not() -> None:
    base = "".join(f"line {number}\n" for number in range(9))
    mine, theirs = base.replace("line 1\n", "mine\n"), base.replace("line 7", "theirs") + "more\n"

    assert merge.merged(base, mine, theirs) == theirs.replace("line 1\n", "mine\n")
    assert merge.merged(base, mine, base.replace("line 1", "theirs")) is None
    assert merge.difference(base, mine)[-4:] == (" line 0", "-line 1", "+mine", " line 2", " line 3")[-4:]


def test_people_and_reports_are_counted_by_day(store: Store, now: datetime) -> None:
    day = timedelta(days=1)
    rows = [
        Enrolment(
            address=f"reader{number}@example.com",
            digest="daily",
            hour=7 if number else None,
            consent=Consent(at=now - number * day, where="form", text="Yes."),
        )
        for number in range(3)
    ]
    with store.write() as tx:
        subscribers.take(tx, rows, now=now)
        reports.add(tx, "1", Report(kind=Kind.HARD), delivery_id=None, address_hash=None, now=now - day)
        person = subscribers.find(tx, "reader2@example.com")
        assert person is not None
        [one] = subscribers.subscriptions_of(tx, person.id)
        subscribers.end(tx, one.id, now=now)
    days = days_back(now, KATHMANDU, 3)
    with store.read() as tx:
        since = midnight(days[0], KATHMANDU)
        came = summed(days, growth.agreed(tx, since), KATHMANDU)
        left = summed(days, growth.ended(tx, since), KATHMANDU)
        back = summed(days, growth.returned(tx, since, [Kind.HARD]), KATHMANDU)
        hours, languages = growth.hours(tx), growth.languages(tx)

    assert (came, left, back) == ((0, 1, 1), (0, 0, 1), (0, 1, 0))
    assert hours == {None: 1, 7: 1}
    assert languages == {None: 2}


def test_polls_of_two_servers_add_up(store: Store) -> None:
    for _server in range(2):
        with store.write() as tx:
            pollcounts.add(tx, "2026-11-21", {("feeds/all.rss", 304): 5, ("feeds/all.rss", 200): 1})
    with store.read() as tx:
        rows = pollcounts.since(tx, "2026-11-21")

    assert [(one.status, one.count) for one in rows] == [(200, 2), (304, 10)]
