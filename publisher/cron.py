"""Cron lines: the only home of cronsim.

cronsim follows Vixie cron (weekday OR day of month, 0 and 7 are Sunday) and daylight-saving changes as Debian's
cron does: a job at a skipped time runs once right after the change, one at a repeated time runs once.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

_ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)


def normal(line: str) -> str:
    """Return the line with single spaces.

    Raises:
        ValueError: one sentence about what is wrong with it.
    """
    fields = line.split()
    if len(fields) != 5:
        raise ValueError(
            f"a cron line has five fields (minute hour day-of-month month weekday), this has {len(fields)}"
        )
    try:
        CronSim(" ".join(fields), _ANY_TIME)
    except CronSimError as error:
        raise ValueError(f"{line!r} is no cron line: {str(error).lower()}") from None
    return " ".join(fields)


def after(line: str, moment: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Yield the times in UTC, later than the moment, at which the line is due on the zone's clocks.

    The iterator ends when nothing is due in the next 50 years.
    """
    for local in CronSim(line, moment.astimezone(zone)):
        yield local.astimezone(UTC)


def in_words(line: str) -> str:
    """Return the line in English words, such as ``At 06:30 every day``."""
    return CronSim(line, _ANY_TIME).explain()
