"""When jobs are due, through both changes of the clocks in a year."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim
from hypothesis import example, given, settings
from hypothesis import strategies as st

from publisher import cron
from publisher.model import wall
from publisher.schedule import calendar, catchup
from publisher.settings.schema import Job
from tests.schedule.conftest import settings_of

NEW_YORK = "America/New_York"
BERLIN = "Europe/Berlin"
LORD_HOWE = "Australia/Lord_Howe"
LOS_ANGELES = "America/Los_Angeles"
VIETNAM = "Asia/Ho_Chi_Minh"
CAIRO = "Africa/Cairo"
SANTIAGO = "America/Santiago"
ZONES = [NEW_YORK, BERLIN, LORD_HOWE, LOS_ANGELES, VIETNAM, CAIRO, SANTIAGO, "Asia/Beirut", "America/Havana"]


def job(**keys: Any) -> Job:
    return Job.model_validate({"run": "publish"} | keys)


def on(day: str, zone: str, **keys: Any) -> str:
    """Return a day's runs as the zone's clocks show them, with the offset where it is not the morning's."""
    place, one = ZoneInfo(zone), job(**keys)
    start = wall.moment_of(datetime.combine(date.fromisoformat(day), datetime.min.time()), place)
    after = start - timedelta(seconds=1)
    shown = [due.astimezone(place) for due in calendar.times(one, place, after, start + timedelta(hours=30))]
    return " ".join(f"{due:%H:%M}{'+' if due.fold else ''}" for due in shown if f"{due:%Y-%m-%d}" == day)


# "+" marks the second time round. Days: forward, then back.
TABLE = [
    (NEW_YORK, "2026-03-08", "0 0 * * *", "00:00"),
    (NEW_YORK, "2026-03-08", "30 2 * * *", "03:00"),
    (NEW_YORK, "2026-03-08", "0 2,3 * * *", "03:00"),
    (NEW_YORK, "2026-03-08", "*/30 1-3 * * *", "01:00 01:30 03:00 03:30"),
    (NEW_YORK, "2026-11-01", "30 1 * * *", "01:30"),
    (NEW_YORK, "2026-11-01", "*/30 1 * * *", "01:00 01:30 01:00+ 01:30+"),
    (NEW_YORK, "2026-11-01", "0 2 * * *", "02:00"),
    (BERLIN, "2026-03-29", "15 2 * * *", "03:00"),
    (BERLIN, "2026-03-29", "15 * * * SUN", " ".join(f"{h:02}:15" for h in range(24) if h != 2)),
    (BERLIN, "2026-10-25", "15 2 * * *", "02:15"),
    (
        BERLIN,
        "2026-10-25",
        "0 */2 * * *",
        "00:00 02:00 02:00+ " + " ".join(f"{h:02}:00" for h in range(4, 24, 2)),
    ),
    (LORD_HOWE, "2026-10-04", "15 2 * * *", "02:30"),
    (LORD_HOWE, "2026-10-04", "*/10 2 * * *", "02:30 02:40 02:50"),
    (LORD_HOWE, "2026-04-05", "45 1 * * *", "01:45"),
    (LORD_HOWE, "2026-04-05", "15 1 * * *", "01:15"),
    (LORD_HOWE, "2026-04-05", "*/10 2 * * *", "02:00 02:10 02:20 02:30 02:40 02:50"),
    (LORD_HOWE, "2026-04-05", "*/20 1 * * *", "01:00 01:20 01:40 01:40+"),
    (LOS_ANGELES, "2026-03-08", "59 2 * * *", "03:00"),
    (LOS_ANGELES, "2026-03-09", "0 0 * * *", "00:00"),
    (LOS_ANGELES, "2026-11-01", "0 1 * * *", "01:00"),
    (CAIRO, "2026-04-24", "0 0 * * *", "01:00"),
    (CAIRO, "2026-04-24", "*/30 0 * * *", ""),
    (CAIRO, "2026-10-29", "30 23 * * *", "23:30"),
    (CAIRO, "2026-10-29", "*/30 23 * * *", "23:00 23:30 23:00+ 23:30+"),
    (CAIRO, "2026-10-30", "0 0 * * *", "00:00"),
    (SANTIAGO, "2026-09-06", "30 0 * * *", "01:00"),
    (SANTIAGO, "2026-04-04", "0 23 * * *", "23:00"),
    (VIETNAM, "2026-03-08", "30 6 * * *", "06:30"),
    (VIETNAM, "2026-11-01", "*/30 1 * * *", "01:00 01:30"),
]


@pytest.mark.parametrize(("zone", "day", "line", "runs"), TABLE)
def test_cron_on_the_nights_on_which_clocks_change(zone: str, day: str, line: str, runs: str) -> None:
    assert on(day, zone, cron=line) == runs


EVERY = [
    (NEW_YORK, "2026-03-08", "6h", "00:00 06:00 12:00 18:00"),
    (NEW_YORK, "2026-03-08", "2h", "00:00 03:00 04:00 " + " ".join(f"{h:02}:00" for h in range(6, 24, 2))),
    (NEW_YORK, "2026-11-01", "6h", "00:00 06:00 12:00 18:00"),
    (NEW_YORK, "2026-11-01", "1h", "00:00 01:00 01:00+ " + " ".join(f"{h:02}:00" for h in range(2, 24))),
    (CAIRO, "2026-04-24", "1d", "01:00"),
    (CAIRO, "2026-10-30", "1d", "00:00"),
    ("America/Havana", "2026-11-01", "1d", "00:00"),
    (VIETNAM, "2026-11-21", "5h", "00:00 05:00 10:00 15:00 20:00"),
    (VIETNAM, "2026-11-23", "1w", "00:00"),
    (VIETNAM, "2026-11-24", "1w", ""),
]


@pytest.mark.parametrize(("zone", "day", "span", "runs"), EVERY)
def test_every_is_counted_on_the_clocks_from_midnight(zone: str, day: str, span: str, runs: str) -> None:
    assert on(day, zone, every=span) == runs


@pytest.mark.parametrize("zone", [NEW_YORK, BERLIN, CAIRO, VIETNAM])
@pytest.mark.parametrize("span", ["10s", "15m", "30m"])
def test_short_spans_keep_their_distance_over_a_year(zone: str, span: str) -> None:
    one, place = job(every=span), ZoneInfo(zone)
    assert one.every is not None
    for day in (
        datetime(2026, 3, 8, tzinfo=UTC),
        datetime(2026, 3, 29, tzinfo=UTC),
        datetime(2026, 4, 24, tzinfo=UTC),
        datetime(2026, 10, 25, tzinfo=UTC),
        datetime(2026, 10, 29, 20, tzinfo=UTC),
        datetime(2026, 11, 1, tzinfo=UTC),
    ):
        found = list(calendar.times(one, place, day, day + timedelta(hours=8)))
        assert found == [day + one.every * (n + 1) for n in range(timedelta(hours=8) // one.every)]


def test_cron_agrees_with_a_count_of_every_minute_of_the_year() -> None:
    """The rhythm of a wildcard line is each real minute whose reading on the clocks matches."""
    for zone in (NEW_YORK, LORD_HOWE, CAIRO):
        place = ZoneInfo(zone)
        begin, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
        for line, minutes, hours in (
            ("*/20 0-2 * * *", range(0, 60, 20), range(3)),
            ("*/30 23 * * *", (0, 30), (23,)),
        ):
            wanted = []
            for step in range(int((end - begin) / timedelta(minutes=10))):
                moment = begin + step * timedelta(minutes=10)
                shown = moment.astimezone(place)
                if shown.minute in minutes and shown.hour in hours:
                    wanted.append(moment)
            due = cron.after(line, begin - timedelta(seconds=1), place)
            assert [next(due) for _ in wanted] == wanted
            assert next(due) >= end


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("line", ["30 2 * * *", "0 0 * * *", "30 23 * * *", "45 1 * * 0,3", "5 0 1,15 * 5"])
def test_fixed_lines_agree_with_cronsim_over_a_year(zone: str, line: str) -> None:
    place, begin = ZoneInfo(zone), datetime(2026, 1, 1, tzinfo=UTC)
    ours, theirs = cron.after(line, begin, place), CronSim(line, begin.astimezone(place))
    for _ in range(400):
        assert next(ours) == next(theirs).astimezone(UTC)


@settings(deadline=None)
@example(zone=BERLIN, line="*/30 0-3 * * *", moment=datetime(2026, 10, 23, tzinfo=UTC))
@given(
    zone=st.sampled_from(ZONES),
    line=st.sampled_from(
        ["30 2 * * *", "*/10 * * * *", "0 0 * * *", "*/30 0-3 * * *", "50 1 * * *", "59 23 L * *"]
    ),
    moment=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
)
def test_times_are_later_ascend_and_do_not_depend_on_where_the_count_begins(
    zone: str, line: str, moment: datetime
) -> None:
    place = ZoneInfo(zone)
    due = cron.after(line, moment, place)
    found = [next(due) for _ in range(20)]
    assert found == sorted(set(found))
    assert found[0] > moment
    for before, after in pairwise(found):
        assert next(cron.after(line, before, place)) == after


@pytest.mark.parametrize("moment", ["2026-11-01T05:45:00+00:00", "2026-11-01T06:45:00+00:00"])
def test_asked_from_within_a_repeated_hour_it_never_goes_back(moment: str) -> None:
    start = datetime.fromisoformat(moment)
    assert next(cron.after("50 1 * * *", start, ZoneInfo(NEW_YORK))) > start


def test_days_that_are_excepted_are_left_out_on_the_jobs_own_calendar() -> None:
    tet = job(cron="30 6 * * *", **{"except": ["2026-02-14..2026-02-20", "2026-02-22"]})
    start = datetime(2026, 2, 12, 23, 30, tzinfo=UTC)
    found = calendar.times(tet, ZoneInfo(VIETNAM), start, start + timedelta(days=11))
    assert [due.astimezone(ZoneInfo(VIETNAM)).day for due in found] == [21, 23, 24]


def test_a_job_that_is_not_enabled_is_never_due(now: datetime) -> None:
    off = job(every="1s", enabled=False)
    assert calendar.next_time(off, ZoneInfo(VIETNAM), now) is None
    assert next(calendar.by_rule(off, ZoneInfo(VIETNAM), now)) == now + timedelta(seconds=1)


def test_years_of_excepted_days_cost_nothing(now: datetime) -> None:
    pause = job(every="1s", **{"except": ["2026-01-01..2089-12-31"]})
    assert calendar.next_time(pause, ZoneInfo("UTC"), now) == datetime(2090, 1, 1, tzinfo=UTC)


def test_days_that_are_left_out_for_ever_end(now: datetime) -> None:
    for days in ("yearly 01-01..12-31", "2026-01-01..9999-12-31"):
        assert calendar.next_time(job(every="1d", **{"except": [days]}), ZoneInfo(VIETNAM), now) is None


@pytest.mark.parametrize(
    ("days", "left_out"),
    [
        ("yearly 12-30..01-02", ["12-30", "12-31", "01-01", "01-02"]),
        ("yearly 01-01", ["01-01"]),
        ("2026-12-31..2027-01-01", ["12-31", "01-01"]),
    ],
)
@pytest.mark.parametrize("zone", [VIETNAM, NEW_YORK])
def test_days_of_every_year_are_left_out(zone: str, days: str, left_out: list[str]) -> None:
    one = job(cron="30 6 * * *", **{"except": [days]})
    start = datetime(2026, 12, 28, 12, tzinfo=UTC)
    times = calendar.by_rule(one, ZoneInfo(zone), start, start + timedelta(days=8))
    gone = [due for due in times if calendar.is_excepted(one, ZoneInfo(zone), due)]
    assert [f"{due.astimezone(ZoneInfo(zone)):%m-%d}" for due in gone] == left_out
    assert not set(gone) & set(calendar.times(one, ZoneInfo(zone), start, start + timedelta(days=8)))


def test_29_february_in_a_common_year() -> None:
    one = job(cron="0 9 * * *", **{"except": ["yearly 02-29"]})
    gone = [due for due in leap_and_common(one) if calendar.is_excepted(one, ZoneInfo(VIETNAM), due)]
    assert [f"{due:%Y-%m-%d}" for due in gone] == ["2028-02-29"]
    whole = job(cron="0 9 * * *", **{"except": ["yearly 02-28..02-29"]})
    gone = [due for due in leap_and_common(whole) if calendar.is_excepted(whole, ZoneInfo(VIETNAM), due)]
    assert [f"{due:%Y-%m-%d}" for due in gone] == ["2027-02-28", "2028-02-28", "2028-02-29"]


def leap_and_common(one: Job) -> list[datetime]:
    start = datetime(2027, 2, 20, tzinfo=UTC)
    return list(calendar.by_rule(one, ZoneInfo(VIETNAM), start, start + timedelta(days=380)))


@pytest.mark.parametrize(
    ("zone", "shown", "runs"),
    [
        (VIETNAM, "2026-10-25 02:30", "02:30"),
        (BERLIN, "2026-03-29 02:30", "03:00"),
        (BERLIN, "2026-10-25 02:30", "02:30"),
        (NEW_YORK, "2026-03-08 02:00", "03:00"),
        (NEW_YORK, "2026-11-01 01:30", "01:30"),
        (LORD_HOWE, "2026-10-04 02:15", "02:30"),
        (LORD_HOWE, "2026-04-05 01:45", "01:45"),
        (CAIRO, "2026-04-24 00:00", "01:00"),
        (SANTIAGO, "2026-09-06 00:30", "01:00"),
    ],
)
def test_once_whatever_the_clocks_do(zone: str, shown: str, runs: str) -> None:
    assert on(shown[:10], zone, at=shown) == runs
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert len(list(calendar.times(job(at=[shown, shown]), ZoneInfo(zone), start))) == 1


def test_a_few_times_in_any_order_and_none_after_the_last() -> None:
    one, zone = job(at=["2027-02-12 09:00", "2027-01-28 18:00"]), ZoneInfo(VIETNAM)
    found = list(calendar.times(one, zone, datetime(2027, 1, 1, tzinfo=UTC)))
    assert [f"{due.astimezone(zone):%d %H:%M}" for due in found] == ["28 18:00", "12 09:00"]
    assert calendar.next_time(one, zone, found[-1]) is None
    assert calendar.last_time(one, zone, found[-1]) == found[-1]
    assert calendar.rule(one, zone) == "at 2027-01-28 18:00 and 2027-02-12 09:00 Asia/Ho_Chi_Minh"
    assert calendar.rule(job(at="2027-01-28 18:00"), zone) == "once, at 2027-01-28 18:00 Asia/Ho_Chi_Minh"


def test_names_of_the_calendar_are_said_and_kept_with_the_rule() -> None:
    holidays = {"tet": {"title": "Tết", "days": ["2027-02-05..2027-02-11", "yearly 01-01"]}}
    jobs = {"m": {"run": "send morning", "cron": "30 6 * * *", "except": ["tet", "2027-06-01"]}}
    one, zone = settings_of(jobs, calendar=holidays).jobs["m"], ZoneInfo(VIETNAM)
    assert calendar.rule(one, zone).endswith(", except Tết, 2027-06-01")
    again = catchup.job_of(catchup.rule_of(one, zone))
    assert again is not None
    assert again.off == (*(day for day in one.off if not day.name), *(day for day in one.off if day.name))
    start = datetime(2027, 1, 1, tzinfo=UTC)
    until = start + timedelta(days=400)
    assert list(calendar.times(again, zone, start, until)) == list(calendar.times(one, zone, start, until))
    assert catchup.rule_of(again, zone) == catchup.rule_of(one, zone)


def test_a_line_that_never_comes_ends(now: datetime) -> None:
    assert calendar.next_time(job(cron="0 7 */31 * MON#5"), ZoneInfo(VIETNAM), now) is None


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"cron": "30 6 * * *"}, "every day at 06:30 Asia/Ho_Chi_Minh"),
        ({"cron": "0 7,18 * * *"}, "every day at 07:00 and 18:00 Asia/Ho_Chi_Minh"),
        ({"cron": "*/15 * * * *"}, "every 15 minutes Asia/Ho_Chi_Minh"),
        ({"cron": "2-59/15 * * * *"}, "every 15 minutes from minute 2 of each hour Asia/Ho_Chi_Minh"),
        ({"cron": "0 7 * * 1-5"}, "at 07:00 on Monday through Friday Asia/Ho_Chi_Minh"),
        ({"every": "15m"}, "every 15 minutes"),
        ({"every": "1h"}, "every hour"),
        ({"every": "90s"}, "every 90 seconds"),
        ({"every": "6h"}, "every 6 hours from midnight Asia/Ho_Chi_Minh"),
        ({"every": "2w"}, "every 2 weeks counted from a Monday Asia/Ho_Chi_Minh"),
        ({"every": "15m", "enabled": False}, "every 15 minutes (not enabled)"),
        (
            {"cron": "30 6 * * *", "except": ["2026-02-14..2026-02-20", "2026-04-30"]},
            "every day at 06:30 Asia/Ho_Chi_Minh, except 2026-02-14 to 2026-02-20, 2026-04-30",
        ),
    ],
)
def test_the_rule_in_words(keys: dict[str, Any], words: str) -> None:
    assert calendar.rule(job(**keys), ZoneInfo(VIETNAM)) == words


@pytest.mark.parametrize(
    ("zone", "keys", "day", "says"),
    [
        (NEW_YORK, {"cron": "30 2 * * *"}, "2026-03-08", "over 02:30 on 2026-03-08, so it runs at 03:00"),
        (NEW_YORK, {"cron": "30 2 * * *"}, "2026-03-09", ""),
        (NEW_YORK, {"cron": "0 3 * * *"}, "2026-03-08", ""),
        (
            NEW_YORK,
            {"cron": "30 1 * * *"},
            "2026-11-01",
            "01:30 twice on 2026-11-01; it runs only the first time",
        ),
        (NEW_YORK, {"cron": "30 1 * * *"}, "2026-11-02", ""),
        (BERLIN, {"cron": "*/30 2 * * *"}, "2026-10-25", "02:00 twice on 2026-10-25; this is the first time"),
        (LORD_HOWE, {"cron": "15 2 * * *"}, "2026-10-04", "over 02:15 on 2026-10-04, so it runs at 02:30"),
        (CAIRO, {"every": "1d"}, "2026-04-24", "over 00:00 on 2026-04-24, so it runs at 01:00"),
        (VIETNAM, {"cron": "30 2 * * *"}, "2026-03-08", ""),
    ],
)
def test_what_daylight_saving_does_is_said(zone: str, keys: dict[str, Any], day: str, says: str) -> None:
    place, one = ZoneInfo(zone), job(**keys)
    start = datetime.fromisoformat(day).replace(tzinfo=place) - timedelta(seconds=1)
    due = calendar.next_time(one, place, start)
    assert due is not None
    said = calendar.clock_change(one, place, due)
    assert says in said
    assert bool(says) == bool(said)
