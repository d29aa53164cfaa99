"""Who gets an edition, when, and why others do not. Pure."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from publisher.model.edition import Rendered
from publisher.model.variant import variant

LATE = timedelta(hours=3)
"""An hour that passed no longer ago than this still counts: late today is better than on time tomorrow."""

NOTHING_CHOSEN = "nothing in the chosen sections"


def due_at(made_for: datetime, hour: int | None, zone: ZoneInfo) -> datetime:
    """Return when a subscriber is to get an edition (UTC).

    Args:
        made_for: the time for which the edition is made (UTC); nobody gets it earlier.
        hour: wanted hour, 0 to 23 on the clocks of the zone; None for at once.
        zone: of the subscriber.

    An hour that a change to summer time skips is an hour later that day; one that comes twice is the first.
    """
    if hour is None:
        return made_for
    today = made_for.astimezone(zone).date()
    for days in (-1, 0, 1):
        local = datetime.combine(today + timedelta(days=days), time(hour), tzinfo=zone)
        wanted = local.astimezone(made_for.tzinfo)
        if wanted >= made_for - LATE:
            break
    return max(wanted, made_for)


def omission(content: Rendered, sections: Sequence[str]) -> str:
    """Return why a choice of sections gets no letter of an edition; empty when it gets one."""
    return "" if variant(content, sections) else NOTHING_CHOSEN
