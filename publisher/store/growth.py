"""How many people came, left, and sent letters back, in quarters of an hour: charts make days of them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Column, ColumnElement, func, select, type_coerce

from publisher.model.report import Kind
from publisher.store.engine import Transaction
from publisher.store.tables import report, signup, subscriber, subscription, suppression

_QUARTER = 900_000_000
"""Microseconds. No zone's midnight lies anywhere else than on a quarter."""

Counted = list[tuple[datetime, int]]
"""When a quarter began (UTC), and how many."""


def languages(tx: Transaction) -> dict[str | None, int]:
    """Return how many people with a subscription asked for each language; None: as each letter is made."""
    mine = select(subscription.c.id).where(
        subscription.c.subscriber_id == subscriber.c.id, subscription.c.active
    )
    query = select(subscriber.c.language, func.count()).where(mine.exists())
    return {row[0]: row[1] for row in tx.execute(query.group_by(subscriber.c.language))}


def hours(tx: Transaction) -> dict[int | None, int]:
    """Return how many active subscriptions asked for each hour; None: when the letter is made."""
    query = select(subscription.c.hour, func.count()).where(subscription.c.active)
    return {row[0]: row[1] for row in tx.execute(query.group_by(subscription.c.hour))}


def agreed(tx: Transaction, since: datetime) -> Counted:
    """Return when people agreed to the letters that they get now."""
    return _by_quarter(tx, subscription.c.consent_at, since, [subscription.c.active])


def ended(tx: Transaction, since: datetime) -> Counted:
    """Return when subscriptions ended that are still ended; who came back or was erased is not among them."""
    return _by_quarter(tx, subscription.c.changed, since, [~subscription.c.active])


def returned(tx: Transaction, since: datetime, kinds: Sequence[Kind]) -> Counted:
    """Return when reports of these kinds were read."""
    return _by_quarter(tx, report.c.at, since, [report.c.kind.in_(list(kinds))])


def suppressed(tx: Transaction, since: datetime) -> Counted:
    """Return when addresses were suppressed that still are."""
    return _by_quarter(tx, suppression.c.at, since, [])


def sign_ups(tx: Transaction) -> dict[str, int]:
    """Return how many sign-ups that nobody has confirmed stand in each state."""
    query = select(signup.c.state, func.count()).where(signup.c.confirmed.is_(None))
    return {row[0]: row[1] for row in tx.execute(query.group_by(signup.c.state).order_by(signup.c.state))}


def _by_quarter(
    tx: Transaction, at: Column[datetime], since: datetime, only: Iterable[ColumnElement[bool]]
) -> Counted:
    quarter = (type_coerce(at, BigInteger) // _QUARTER).label("quarter")
    query = select(quarter, func.count()).where(at >= since, *only).group_by(quarter).order_by(quarter)
    return [
        (datetime.fromtimestamp(int(row[0]) * _QUARTER // 1_000_000, UTC), row[1])
        for row in tx.execute(query)
    ]
