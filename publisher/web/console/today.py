"""Today: what ran, what runs next, what went out, and what wants a look."""

from publisher.web.console import bar, timeline
from publisher.web.console.address import Address, reader
from publisher.web.console.visit import Visit, page
from publisher.web.reply import Reply
from publisher.work.panels import today as panel


def today(visit: Visit) -> Reply:
    """Answer with the day at a glance."""
    return _day(visit, "console/today.html")


def now(visit: Visit) -> Reply:
    """Answer with the part of that page that moves, for the script that renews it."""
    return _day(visit, "console/now.html")


def _day(visit: Visit, name: str) -> Reply:
    day, zone = panel.today(visit.desk, visit.language, visit.now), visit.desk.zone
    return page(
        visit,
        name,
        day=day,
        strips=timeline.strips(day, visit.now, zone),
        hours=timeline.hours(day, zone),
        bar=bar.bar,
        parts=bar.parts,
    )


ADDRESSES = (reader("/", today), Address("/now", now, is_visit=False))
