"""How often readers asked for the documents of feeds, day by day."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from publisher.store.engine import Transaction
from publisher.store.tables import poll_count


@dataclass(frozen=True, slots=True)
class PollRow:
    """Requests for one document on one day that were answered with one status.

    Attributes:
        path: below ``public/``.
        day: ``2026-11-21``, on the site's calendar.
        status: of HTTP: 200 all of it, 226 only what is new, 304 nothing new, 429 asked to wait.
        count: how many.
    """

    path: str
    day: str
    status: int
    count: int


def add(tx: Transaction, day: str, counted: Mapping[tuple[str, int], int]) -> None:
    """Add requests to what is on record of a day.

    Args:
        tx: a writing transaction.
        day: on the site's calendar.
        counted: (path, status) -> how many more.
    """
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(poll_count)
    summed = statement.on_conflict_do_update(
        index_elements=["path", "day", "status"],
        set_={"count": poll_count.c.count + statement.excluded.count},
    )
    # In the order of the key, so that two processes that add at once do not wait for each other in a circle.
    rows = [
        {"path": path, "day": day, "status": status, "count": count}
        for (path, status), count in sorted(counted.items())
    ]
    if rows:
        tx.execute(summed, rows)


def since(tx: Transaction, day: str) -> list[PollRow]:
    """Return what was counted on that day and later, by path, day and status."""
    query = select(poll_count).where(poll_count.c.day >= day)
    order = (poll_count.c.path, poll_count.c.day, poll_count.c.status)
    return [PollRow(**row) for row in tx.execute(query.order_by(*order)).mappings()]


def prune(tx: Transaction, before: str) -> None:
    """Remove the days before that one."""
    tx.execute(delete(poll_count).where(poll_count.c.day < before))
