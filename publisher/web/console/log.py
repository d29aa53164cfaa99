"""Who did what."""

from publisher.web.console.address import reader
from publisher.web.console.visit import Visit, page
from publisher.web.reply import Reply
from publisher.work.panels import log as panel

_MOST = 1000
"""Pages; there are no more actions on record."""


def show(visit: Visit) -> Reply:
    """Answer with a page of the log, of one subject when the address names it."""
    number = visit.query.get("page", "1")
    found = panel.log(
        visit.desk,
        visit.query.get("about", "")[:200],
        min(_MOST, max(1, int(number))) if number.isdecimal() and len(number) < 6 else 1,
    )
    return page(visit, "console/log.html", log=found)


ADDRESSES = (reader("/log", show),)
