"""Slots: the date or week that an edition stands for.

An edition is keyed by its slot and not by the time at which it is due, so that moving the hour of a digest
never makes a second edition of the same day.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

SlotKind = Literal["day", "week"]

WEEK_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_WEEK = re.compile(r"^(\d{4})-W(\d{2})$")


@dataclass(frozen=True, slots=True)
class Slot:
    """A date such as ``2026-11-21`` or an ISO week such as ``2026-W47``, and when it is due (UTC)."""

    key: str
    due: datetime


def slot_at(moment: datetime, kind: SlotKind, zone: ZoneInfo) -> Slot:
    """Return the slot in which the moment falls on the zone's calendar, due at that moment."""
    local = moment.astimezone(zone).date()
    return Slot(_key(local, kind), moment.astimezone(UTC))


def parse_when(text: str, kind: SlotKind, zone: ZoneInfo, *, now: datetime | None = None) -> Slot:
    """Return the slot that a person named.

    Args:
        text: a date (``2026-11-21``), a week (``2026-W47``) or a date with a time (``2026-11-21T06:30``,
            local to the zone unless it carries an offset).
        kind: of the digest; a date also names the week that it falls in.
        zone: of the digest.
        now: the present; a day or week that is not over is due then and not at its end, so that what comes in
            later still belongs to the next edition.

    Raises:
        ValueError: one sentence about what could be written instead.
    """
    said = text.strip()
    try:
        if week := _WEEK.match(said):
            first = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return _whole(first + timedelta(days=6) if kind == "week" else first, kind, zone, now)
        if _DAY.match(said):
            return _whole(date.fromisoformat(said), kind, zone, now)
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise ValueError(
            f"{said!r} is no slot; write a date (2026-11-21), a week (2026-W47) or a time (2026-11-21T06:30)"
        ) from None
    return slot_at(moment if moment.tzinfo else moment.replace(tzinfo=zone), kind, zone)


def day_of(key: str) -> date:
    """Return the date of a day's slot, or the Monday of a week's."""
    if week := _WEEK.match(key):
        return date.fromisocalendar(int(week[1]), int(week[2]), 1)
    return date.fromisoformat(key)


def is_week(key: str) -> bool:
    """Return whether a slot's key, or what a person wrote for one, names a week."""
    return _WEEK.match(key.strip()) is not None


def week_before(day: date, weekday: int) -> tuple[str, date]:
    """Return the week that was over last on a day, by its key and by the day that ended it.

    Args:
        day: that day itself counts.
        weekday: on which a week's letter is made; Monday is 0.
    """
    end = day - timedelta(days=(day.weekday() - weekday) % 7)
    return _key(end, "week"), end


def begins(slot: Slot, zone: ZoneInfo) -> datetime:
    """Return when the slot's day or week begins on the zone's calendar (UTC)."""
    return datetime.combine(day_of(slot.key), time(), tzinfo=zone).astimezone(UTC)


def _whole(day: date, kind: SlotKind, zone: ZoneInfo, now: datetime | None) -> Slot:
    """Return the slot of a day named without a time: due as the day ends on the zone's clocks."""
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)
    slot = Slot(_key(day, kind), end - timedelta(seconds=1))
    if now is not None and begins(slot, zone) <= now < slot.due:
        return Slot(slot.key, now.astimezone(UTC))
    return slot


def _key(day: date, kind: SlotKind) -> str:
    if kind == "day":
        return day.isoformat()
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"
