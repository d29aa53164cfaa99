"""The ledger: one row for each edition and subscription; the moves that sending makes are in ``claims``."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    func,
    select,
    text,
    update,
)

from publisher.model.delivery import MOVES, SUBSCRIPTIONS, Delivery, State, number
from publisher.store.engine import Transaction
from publisher.store.holds import held_ids
from publisher.store.tables import delivery, edition

_PAGE = 2_000
_UNDONE = text("(delivery.state = 'pending' OR delivery.state = 'deferred' OR delivery.state = 'sending')")
"""Word for word the condition of the index ``ix_delivery_open``, or SQLite would not use it."""
_OWNED = text("delivery.owner != ''")


def in_edition(edition_id: int, *, after: int = 0) -> ColumnElement[bool]:
    """Return the condition for an edition's deliveries; to subscriptions numbered above ``after``."""
    return delivery.c.id.between(number(edition_id, after + 1), number(edition_id, SUBSCRIPTIONS - 1))


def to_subscriptions(subscription_id: int | ColumnElement[int]) -> Select[tuple[int]]:
    """Return the query for the ids of all deliveries to a subscription, or to several, that there may be."""
    return select(edition.c.id * SUBSCRIPTIONS + subscription_id).select_from(edition)


def counts(tx: Transaction, edition_id: int) -> dict[State, int]:
    """Return how many deliveries of an edition stand in each state; states without any are left out."""
    query = select(delivery.c.state, func.count()).where(in_edition(edition_id)).group_by(delivery.c.state)
    found = {State(row[0]): row[1] for row in tx.execute(query)}
    return {state: found[state] for state in State if state in found}


def each(
    tx: Transaction,
    edition_id: int,
    *,
    states: Iterable[State] = (),
    after: int = 0,
    limit: int | None = None,
) -> Iterator[Delivery]:
    """Yield the deliveries of an edition in the order of their subscriptions, read page by page.

    Args:
        tx: a transaction that stays open while this is read.
        edition_id: which edition.
        states: only in these; all when empty.
        after: only with a subscription id above this.
        limit: at most so many.
    """
    wanted = [state.value for state in states]
    left = limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        query = (
            select(delivery).where(in_edition(edition_id, after=after)).order_by(delivery.c.id).limit(size)
        )
        rows = tx.execute(query.where(delivery.c.state.in_(wanted)) if wanted else query).all()
        yield from map(_delivery, rows)
        if len(rows) < size:
            return
        after = rows[-1].subscription_id
        left = None if left is None else left - len(rows)


def get(tx: Transaction, delivery_id: int) -> Delivery | None:
    """Return a delivery, or None when there is none of that number."""
    row = tx.execute(select(delivery).where(delivery.c.id == delivery_id)).first()
    return None if row is None else _delivery(row)


def to_subscription(tx: Transaction, subscription_id: int) -> list[Delivery]:
    """Return all deliveries to a subscription, the latest edition's first."""
    query = select(delivery).where(delivery.c.id.in_(to_subscriptions(subscription_id)))
    return [_delivery(row) for row in tx.execute(query.order_by(delivery.c.id.desc()))]


def waiting(tx: Transaction, edition_id: int | None = None) -> tuple[int, datetime | None]:
    """Return how many deliveries are still to be sent, and when the next of them is due.

    Those of a held edition count, but none of them is due.
    """
    goes = case((delivery.c.edition_id.not_in(held_ids()), delivery.c.due))
    query = select(func.count(), func.min(goes)).where(_UNDONE, delivery.c.state != State.SENDING)
    if edition_id is not None:
        query = query.where(delivery.c.edition_id == edition_id)
    count, due = tx.execute(query).one()
    return count, due


def owners(tx: Transaction) -> dict[str, datetime]:
    """Return who holds claims, and when the last of each one's ends by itself."""
    query = select(delivery.c.owner, func.max(delivery.c.lease).label("lease")).where(_OWNED)
    return {row.owner: row.lease for row in tx.execute(query.group_by(delivery.c.owner))}


def uncertain(tx: Transaction) -> list[Delivery]:
    """Return every delivery of which nobody knows whether it arrived."""
    query = select(delivery).where(delivery.c.state == State.UNCERTAIN).order_by(delivery.c.id)
    return [_delivery(row) for row in tx.execute(query)]


def settle(tx: Transaction, delivery_id: int, to: State, reason: str, *, now: datetime) -> bool:
    """Move a delivery by knowledge from elsewhere: a relay's log, a report, an operator.

    Returns:
        False when its state does not allow the move; nothing is changed then. One that is under way is left
        to its sender.
    """
    allowed = [state.value for state in State if to in MOVES[state] and state is not State.SENDING]
    moved = tx.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id, delivery.c.state.in_(allowed))
        .values(state=to, reason=reason, owner="", lease=None, changed=now)
    )
    return bool(moved.rowcount)


def again(tx: Transaction, edition_id: int, *, planned_after: datetime, now: datetime) -> int:
    """Put the failed deliveries of an edition back among those to be sent, at once; return how many.

    Args:
        tx: a writing transaction.
        edition_id: of this edition.
        planned_after: only those planned after this time; the deadline of the others has passed.
        now: when.
    """
    return tx.execute(
        update(delivery)
        .where(
            in_edition(edition_id),
            delivery.c.state == State.FAILED,
            delivery.c.planned > planned_after,
        )
        .values(state=State.PENDING, reason="", due=now, owner="", lease=None, changed=now)
    ).rowcount


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        edition_id=row.edition_id,
        subscription_id=row.subscription_id,
        address=row.address,
        language=row.language,
        sections=tuple(row.sections),
        state=State(row.state),
        planned=row.planned,
        due=row.due,
        attempts=row.attempts,
        reason=row.reason,
        changed=row.changed,
    )
