"""Days on the site's calendar, as charts count them."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from publisher.model import wall

_DAY = timedelta(days=1)


def day_of_site(moment: datetime, zone: ZoneInfo) -> str:
    """Return the day on which a moment lies, such as ``2026-11-21``."""
    return wall.clock(moment, zone).date().isoformat()


def days_back(now: datetime, zone: ZoneInfo, count: int) -> tuple[str, ...]:
    """Return that many days, oldest first, of which today is the last."""
    today = wall.clock(now, zone).date()
    return tuple((today - back * _DAY).isoformat() for back in reversed(range(count)))


def midnight(day: str, zone: ZoneInfo) -> datetime:
    """Return when a day begins (UTC)."""
    return wall.moment_of(datetime.combine(datetime.fromisoformat(day), time()), zone)


def summed(days: tuple[str, ...], counted: Iterable[tuple[datetime, int]], zone: ZoneInfo) -> tuple[int, ...]:
    """Return how many fall on each of the days; what falls on none is left out."""
    found = dict.fromkeys(days, 0)
    for moment, count in counted:
        day = day_of_site(moment, zone)
        if day in found:
            found[day] += count
    return tuple(found.values())
