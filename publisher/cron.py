"""Cron lines: the only home of cronsim.

cronsim follows Vixie cron: weekday OR day of month where neither begins with a star, 0 and 7 are Sunday. It
is asked for times on the clocks only. What those are on a night on which the clocks change is decided here,
by the rule of Debian's cron(8), because cronsim 2.8 itself loses 02:00 to 02:20 of ``*/10 2 * * *`` when Lord
Howe's clocks go back, runs wildcards at a midnight that is skipped, and steps back an hour when it is asked
from within a repeated one:

- Lines with a fixed minute and hour (neither field begins with a star) run once a day however the clocks go:
  for a skipped time when the clocks jump, at a repeated time only the first time round.
- Lines with a star go by the clocks as they pass: a skipped time is left out, a repeated one runs twice.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from publisher.model import wall

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
    daily = is_fixed(line)
    times = walls(line, wall.begin(moment, zone))
    found = wall.moments(times, zone, keep_skipped=daily, keep_repeated=not daily)
    return (due for due in found if due > moment)


def walls(line: str, begin: datetime) -> Iterator[datetime]:
    """Yield the line's times on the clocks, naive, at ``begin`` or later."""
    return iter(CronSim(line, begin.replace(microsecond=0) - timedelta(seconds=1)))


def is_fixed(line: str) -> bool:
    """Return whether the line names a time of day, not a rhythm: minute and hour begin with no star."""
    minute, hour, *_ = line.split()
    return not minute.startswith("*") and not hour.startswith("*")


def in_words(line: str) -> str:
    """Return the line in English words, such as ``At 06:30 every day``."""
    return CronSim(line, _ANY_TIME).explain()
