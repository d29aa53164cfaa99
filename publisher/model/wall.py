"""Times on a zone's clocks: what moments they are when daylight saving skips or repeats them."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

WIDEST_SHIFT = timedelta(hours=3)
"""No zone moves its clocks by more than this at once."""


class Oddity(StrEnum):
    """What daylight saving does to a time on the clocks."""

    SKIPPED = "skipped"
    REPEATED = "repeated"


def oddity(wall: datetime, zone: ZoneInfo) -> Oddity | None:
    """Return whether the clocks skip or repeat that naive local time; None on every other day."""
    first, second = _both(wall, zone)
    if first.astimezone(zone).replace(tzinfo=None) != wall:
        return Oddity.SKIPPED
    return Oddity.REPEATED if first != second else None


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks show that naive local time (UTC).

    A repeated time means the first time round; a skipped one means the moment at which the clocks jump.
    """
    if oddity(wall, zone) is Oddity.SKIPPED:
        return _jump(wall, zone)
    return _both(wall, zone)[0]


def moments(
    walls: Iterable[datetime], zone: ZoneInfo, *, keep_skipped: bool, keep_repeated: bool
) -> Iterator[datetime]:
    """Yield the moments (UTC) of naive local times, in order and each once.

    Args:
        walls: naive local times, ascending.
        zone: whose clocks.
        keep_skipped: whether a skipped time counts at the moment of the jump; else it is left out.
        keep_repeated: whether a repeated time counts both times round; else only the first.
    """
    for day, times in groupby(walls, key=datetime.date):
        if _is_calm(day, zone):
            yield from (_both(wall, zone)[0] for wall in times)
        else:
            yield from _rough(times, zone, keep_skipped=keep_skipped, keep_repeated=keep_repeated)


def begin(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return from which naive local time on walls must be counted to meet all that come after the moment."""
    shown, utc = clock(moment, zone), moment.astimezone(UTC)
    before, after = (utc - WIDEST_SHIFT).astimezone(zone), (utc + WIDEST_SHIFT).astimezone(zone)
    return shown if before.utcoffset() == after.utcoffset() else shown - WIDEST_SHIFT


def clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the zone's clocks show at that moment, as a naive time."""
    return moment.astimezone(zone).replace(tzinfo=None)


def _rough(
    walls: Iterable[datetime], zone: ZoneInfo, *, keep_skipped: bool, keep_repeated: bool
) -> Iterator[datetime]:
    """Yield the moments of a day on or beside which the clocks change."""
    again: list[datetime] = []
    jumped: datetime | None = None
    for wall in walls:
        first, second = _both(wall, zone)
        odd = oddity(wall, zone)
        if odd is Oddity.SKIPPED:
            jumped = _jump(wall, zone) if keep_skipped else None
            continue
        if odd is Oddity.REPEATED:
            yield first
            again += [second] if keep_repeated else []
            continue
        # The second time round of a repeated hour comes when all of the first is over.
        yield from again
        again = []
        if jumped is not None and jumped != first:
            yield jumped
        jumped = None
        yield first
    yield from again
    if jumped is not None:
        yield jumped


def _is_calm(day: date, zone: ZoneInfo) -> bool:
    """Return whether the clocks do not change on that day or right beside it."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    before, after = midnight - WIDEST_SHIFT, midnight + timedelta(days=1) + WIDEST_SHIFT
    return before.utcoffset() == after.utcoffset()


def _both(wall: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return the moment with the offset before, and with that after, the nearest change of the clocks."""
    return (
        wall.replace(tzinfo=zone, fold=0).astimezone(UTC),
        wall.replace(tzinfo=zone, fold=1).astimezone(UTC),
    )


def _jump(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clocks jump over a skipped time (PEP 495: fold 1 lies before it)."""
    after, before = _both(wall, zone)
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after.replace(microsecond=0)
