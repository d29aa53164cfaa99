"""A job's day as a strip, drawn here as SVG: a stroke a run, whose height says what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.model import wall
from publisher.model.job import Outcome
from publisher.templating import markup
from publisher.work.panels.today import Row, Tick, Today

_WIDE, _TALL = 1440, 28
_STEP = 5
"""Strokes nearer to each other than this would run into one; the worst of them is drawn."""
_EVERY = 3

_TOP = {
    "ahead": 18,
    "skipped": 18,
    "done": 10,
    "running": 10,
    "planned": 10,
    "problems": 4,
    "failed": 0,
}
"""Class of a stroke -> where it begins, from the top; in the order of what is worth less seeing."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One job's day, drawn."""

    row: Row
    svg: str


def strips(day: Today, now: datetime, zone: ZoneInfo) -> list[Strip]:
    """Return each job's strip, hidden from those who hear the page: the same stands in words beside it."""
    return [Strip(row, _strip(row, day, now, zone)) for row in day.rows]


def hours(day: Today, zone: ZoneInfo) -> list[str]:
    """Return the scale: for each of the day's 23 to 25 hours what stands below its begin, mostly nothing."""
    marked = {moment: f"{wall.clock(moment, zone):%H}" for moment in _marked(day, zone)}
    return [marked.get(moment, "") for moment in _hours(day)]


def _strip(row: Row, day: Today, now: datetime, zone: ZoneInfo) -> str:
    grid = "".join(f"M{_x(moment, day)} 0V{_TALL}" for moment in _marked(day, zone))
    drawn = [f'<path class="grid" d="{grid}"/>']
    worst = _buckets(row.ticks, day)
    for name, top in _TOP.items():
        path = "".join(f"M{x} {top}V{_TALL}" for x, found in sorted(worst.items()) if found == name)
        drawn += [f'<path class="{name}" d="{path}"/>'] if path else []
    drawn.append(f'<path class="now" d="M{_x(now, day)} 0V{_TALL}"/>')
    return markup(
        f'<svg class="strip" viewBox="0 0 {_WIDE} {_TALL}" width="100%" height="{_TALL}" '
        f'preserveAspectRatio="none" aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )


def _buckets(ticks: Sequence[Tick], day: Today) -> dict[int, str]:
    order = list(_TOP)
    found: dict[int, str] = {}
    for one in ticks:
        x = _x(one.due, day) // _STEP * _STEP
        found[x] = max(found.get(x, "ahead"), _name(one.outcome), key=order.index)
    return found


def _name(outcome: Outcome | None) -> str:
    return "ahead" if outcome is None else outcome.value


def _hours(day: Today) -> list[datetime]:
    count = round((day.ends - day.begins) / timedelta(hours=1))
    return [day.begins + number * timedelta(hours=1) for number in range(count)]


def _marked(day: Today, zone: ZoneInfo) -> list[datetime]:
    return [moment for moment in _hours(day)[1:] if wall.clock(moment, zone).hour % _EVERY == 0]


def _x(moment: datetime, day: Today) -> int:
    return round(_share(moment, day) * _WIDE)


def _share(moment: datetime, day: Today) -> float:
    return (moment - day.begins) / (day.ends - day.begins)
