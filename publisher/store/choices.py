"""What subscribers chose, counted."""

import json
from dataclasses import dataclass

from sqlalchemy import Text, cast, func, select

from publisher.store.engine import Transaction
from publisher.store.tables import subscription


@dataclass(frozen=True, slots=True)
class Choice:
    """How many active subscriptions of a digest made one choice of sections and hour.

    Attributes:
        digest: which.
        sections: keys; empty means all.
        hour: of their own clocks; None means when the digest goes.
        people: how many.
    """

    digest: str
    sections: tuple[str, ...]
    hour: int | None
    people: int


def choices(tx: Transaction) -> list[Choice]:
    """Return every choice that somebody made, with how many did."""
    sections = cast(subscription.c.sections, Text)
    query = select(subscription.c.digest, sections, subscription.c.hour, func.count())
    grouped = query.where(subscription.c.active).group_by(
        subscription.c.digest, sections, subscription.c.hour
    )
    found = [Choice(row[0], tuple(json.loads(row[1])), row[2], row[3]) for row in tx.execute(grouped)]
    return sorted(found, key=lambda one: (one.digest, one.sections, -1 if one.hour is None else one.hour))
