"""When each subscriber gets an edition: in their own zone, through both changes of the clocks."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.audience import LATE, NOTHING_CHOSEN, due_at, omission
from tests.delivery.bureau import MORNING, rendered

ZONES = [
    "Asia/Ho_Chi_Minh",
    "America/Los_Angeles",
    "Pacific/Auckland",
    "Europe/Berlin",
    "Africa/Accra",
    "Asia/Kolkata",
]


@pytest.mark.parametrize(
    ("zone", "hour", "local"),
    [
        ("Asia/Ho_Chi_Minh", None, "2026-11-21T06:30"),
        ("Asia/Ho_Chi_Minh", 6, "2026-11-21T06:30"),
        ("Asia/Ho_Chi_Minh", 4, "2026-11-21T06:30"),
        ("Asia/Ho_Chi_Minh", 7, "2026-11-21T07:00"),
        ("Asia/Ho_Chi_Minh", 3, "2026-11-22T03:00"),
        ("Asia/Tokyo", 9, "2026-11-21T09:00"),
        ("America/Los_Angeles", 6, "2026-11-21T06:00"),
        ("Pacific/Auckland", 7, "2026-11-22T07:00"),
        ("Europe/Oslo", 0, "2026-11-21T00:30"),
        ("Europe/Oslo", 23, "2026-11-21T00:30"),
    ],
)
def test_the_hour_is_on_their_own_clocks(zone: str, hour: int | None, local: str) -> None:
    there = ZoneInfo(zone)
    assert due_at(MORNING, hour, there) == datetime.fromisoformat(local).replace(tzinfo=there)


def test_a_skipped_hour_is_the_one_after_and_a_doubled_hour_the_first() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    spring, autumn = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)

    assert due_at(spring, 2, berlin) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert due_at(autumn, 2, berlin) == datetime(2026, 10, 25, 0, tzinfo=UTC)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
def test_nobody_waits_longer_than_a_day_and_nobody_gets_it_early(
    moment: datetime, hour: int, zone: str
) -> None:
    made_for = moment.replace(tzinfo=UTC)
    due = due_at(made_for, hour, ZoneInfo(zone))

    assert timedelta() <= due - made_for <= timedelta(hours=25) - LATE
    local = due.astimezone(ZoneInfo(zone))
    # At the wanted hour, or at once because it has just passed; one hour off where clocks change.
    assert local.hour == hour or due == made_for or (local.hour - hour) % 24 == 1


def test_who_chose_only_what_is_not_in_it_gets_no_letter() -> None:
    content = rendered()

    assert (
        omission(content, ())
        == omission(content, ("politics",))
        == omission(content, ("economy", "sport"))
        == ""
    )
    assert omission(content, ("sport",)) == NOTHING_CHOSEN
