"""Today: what ran, what runs next, what went out, and what wants a look."""

from publisher.web.console.address import reader
from publisher.web.console.visit import Visit, page
from publisher.web.reply import Reply
from publisher.work.overview import overview


def today(visit: Visit) -> Reply:
    """Answer with the day at a glance."""
    return page(visit, "console/today.html", found=overview(visit.desk, visit.now))


ADDRESSES = (reader("/", today),)
