"""Slots: what a person may write, and when each is due."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.model.slot import Slot, SlotKind, begins, day_of, parse_when, slot_at

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "kind", "key", "due"),
    [
        ("2026-11-21", "day", "2026-11-21", "2026-11-21T16:59:59Z"),
        ("2026-11-21", "week", "2026-W47", "2026-11-21T16:59:59Z"),
        ("2026-W47", "week", "2026-W47", "2026-11-22T16:59:59Z"),
        ("2026-W47", "day", "2026-11-16", "2026-11-16T16:59:59Z"),
        ("2026-11-21T06:30", "day", "2026-11-21", "2026-11-20T23:30:00Z"),
        ("2026-11-21 06:30", "day", "2026-11-21", "2026-11-20T23:30:00Z"),
        ("2026-11-20T23:30Z", "day", "2026-11-21", "2026-11-20T23:30:00Z"),
        (" 2026-12-31T20:00-05:00 ", "week", "2026-W53", "2027-01-01T01:00:00Z"),
        ("2027-01-01", "week", "2026-W53", "2027-01-01T16:59:59Z"),
    ],
)
def test_a_date_a_week_or_a_time_names_a_slot(text: str, kind: SlotKind, key: str, due: str) -> None:
    assert parse_when(text, kind, HANOI) == Slot(key, datetime.fromisoformat(due))


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-02-30", "2026-W60", "21.11.2026", "2026-11-21T25:00"])
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="write a date") as caught:
        parse_when(text, "day", HANOI)
    assert "\n" not in str(caught.value)


def test_a_day_that_is_not_over_is_due_now() -> None:
    noon = datetime(2026, 11, 21, 5, tzinfo=UTC)

    assert parse_when("2026-11-21", "day", HANOI, now=noon) == Slot("2026-11-21", noon)
    assert parse_when("2026-W47", "week", HANOI, now=noon) == Slot("2026-W47", noon)
    assert parse_when("2026-11-20", "day", HANOI, now=noon).due < noon
    assert parse_when("2026-11-22", "day", HANOI, now=noon).due > noon + timedelta(days=1)
    # A time that was written out is taken at its word.
    assert parse_when("2026-11-21T18:00", "day", HANOI, now=noon).due == noon + timedelta(hours=6)


def test_a_day_has_as_many_hours_as_its_clocks_show() -> None:
    shortest = parse_when("2026-03-29", "day", BERLIN)

    assert shortest.due - begins(shortest, BERLIN) == timedelta(hours=23) - timedelta(seconds=1)


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@given(moments, st.sampled_from(["day", "week"]), st.sampled_from([HANOI, BERLIN, ZoneInfo("UTC")]))
def test_a_moment_lies_in_its_slot(moment: datetime, kind: SlotKind, zone: ZoneInfo) -> None:
    slot = slot_at(moment, kind, zone)

    assert slot.due == moment
    first = day_of(slot.key)
    assert first <= moment.astimezone(zone).date() < first + timedelta(days=7 if kind == "week" else 1)
    assert begins(slot, zone) <= moment
    assert parse_when(moment.isoformat(), kind, zone) == slot


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_slots_name_is_read_back(day: date) -> None:
    for kind in ("day", "week"):
        key = parse_when(day.isoformat(), kind, HANOI).key
        assert parse_when(key, kind, HANOI).key == key
