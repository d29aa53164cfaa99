"""The ledger: one row for each edition and subscription, and the moves that sending makes on it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Row,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    update,
)

from publisher.model.delivery import MOVES, OPEN, Delivery, State
from publisher.store.columns import UtcMoment
from publisher.store.engine import Transaction
from publisher.store.holds import held_ids
from publisher.store.tables import delivery, edition, subscriber, subscription, suppression

_PAGE = 2_000
_UNDONE = text("delivery.state IN ('pending', 'deferred', 'sending')")
"""Word for word the condition of the index ``ix_delivery_open``, or SQLite would not use it."""
_OWNED = text("delivery.owner != ''")


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is claimed, and why it must not be sent any more; empty when it may."""

    delivery: Delivery
    barred: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of one sending.

    Attributes:
        attempt: which one; an answer that belongs to an earlier one is not believed.
        due: when to try again, for a deferred one.
    """

    id: int
    attempt: int
    state: State
    reason: str
    due: datetime | None = None


def counts(tx: Transaction, edition_id: int) -> dict[State, int]:
    """Return how many deliveries of an edition stand in each state; states without any are left out."""
    query = (
        select(delivery.c.state, func.count())
        .where(delivery.c.edition_id == edition_id)
        .group_by(delivery.c.state)
    )
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
            select(delivery)
            .where(delivery.c.edition_id == edition_id, delivery.c.subscription_id > after)
            .order_by(delivery.c.subscription_id)
            .limit(size)
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
    # The list of editions makes the unique index (edition, subscription) usable; there is no other.
    query = select(delivery).where(
        delivery.c.edition_id.in_(select(edition.c.id)), delivery.c.subscription_id == subscription_id
    )
    return [_delivery(row) for row in tx.execute(query.order_by(delivery.c.edition_id.desc()))]


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


def claim(
    tx: Transaction, owner: str, *, until: datetime, now: datetime, limit: int, edition_id: int | None = None
) -> list[Claim]:
    """Claim deliveries that are due; they stay open until :func:`begin`.

    Each edition gives its share, those due first first, so that a short edition need not wait for a long
    one. A held edition gives none.

    Args:
        tx: a writing transaction.
        owner: who claims.
        until: when the claim ends by itself.
        now: what is due by then.
        limit: at most so many.
        edition_id: only of this edition.

    Returns:
        The claims. One whose subscription ended since, or whose address is suppressed, says so.
    """
    found: list[Delivery] = []
    giving = _giving(tx, edition_id)
    for place, one in enumerate(giving):
        share = -(-(limit - len(found)) // (len(giving) - place))
        found += _claimed(tx, owner, one, until=until, now=now, limit=share)
    standing = _standing(tx, [one.subscription_id for one in found])
    return [Claim(one, standing.get(one.subscription_id, "erased")) for one in found]


def begin(
    tx: Transaction, owner: str, ids: Sequence[int], *, way: str, until: datetime, now: datetime
) -> set[int]:
    """Write down the intent to send these; commit it before the first byte of any of them leaves.

    Args:
        tx: a writing transaction.
        owner: who claimed them.
        ids: which.
        way: the way out they are about to take; stands as the reason until there is an answer.
        until: when the claim ends by itself.
        now: when.

    Returns:
        The ids that are begun. A claim that was lost to somebody else is not, nor one whose edition is held
        since; the latter is given back.
    """
    if not ids:
        return set()
    mine = (delivery.c.id.in_(ids), delivery.c.owner == owner, delivery.c.state.in_(OPEN))
    begun = set(
        tx.scalars(
            update(delivery)
            .where(*mine, delivery.c.edition_id.not_in(held_ids()))
            .values(
                state=State.SENDING, attempts=delivery.c.attempts + 1, lease=until, reason=way, changed=now
            )
            .returning(delivery.c.id)
        )
    )
    if len(begun) < len(ids):
        tx.execute(update(delivery).where(*mine).values(owner="", lease=None))
    return begun


def finish(tx: Transaction, owner: str, endings: Sequence[Ending], *, now: datetime) -> int:
    """Write down what became of sendings.

    Returns:
        How many were still ours to end; a row that another process has taken over since stays as it is.
    """
    if not endings:
        return 0
    move = (
        update(delivery)
        .where(
            delivery.c.id == bindparam("row"),
            delivery.c.owner == owner,
            delivery.c.state == State.SENDING,
            delivery.c.attempts == bindparam("attempt"),
        )
        .values(
            state=bindparam("to"),
            due=func.coalesce(bindparam("again", type_=UtcMoment), delivery.c.due),
            reason=bindparam("why"),
            owner="",
            lease=None,
            changed=now,
        )
    )
    rows = [
        {"row": one.id, "attempt": one.attempt, "to": one.state, "again": one.due, "why": one.reason}
        for one in endings
    ]
    return tx.execute(move, rows).rowcount


def close(tx: Transaction, owner: str, endings: Mapping[int, tuple[State, str]], *, now: datetime) -> None:
    """End claimed deliveries that are not sent at all: suppressed, or too late. Only open ones move."""
    for row, (state, reason) in endings.items():
        tx.execute(
            update(delivery)
            .where(delivery.c.id == row, delivery.c.owner == owner, delivery.c.state.in_(OPEN))
            .values(state=state, reason=reason, owner="", lease=None, changed=now)
        )


def release(tx: Transaction, owner: str) -> None:
    """Give back the claims of an owner that were not begun."""
    tx.execute(
        update(delivery)
        .where(_OWNED, delivery.c.owner == owner, delivery.c.state.in_(OPEN))
        .values(owner="", lease=None)
    )


def owners(tx: Transaction) -> dict[str, datetime]:
    """Return who holds claims, and when the last of each one's ends by itself."""
    query = select(delivery.c.owner, func.max(delivery.c.lease).label("lease")).where(_OWNED)
    return {row.owner: row.lease for row in tx.execute(query.group_by(delivery.c.owner))}


def found_sending(tx: Transaction, owner: str) -> list[Delivery]:
    """Return, and lock, what an owner had begun and not ended."""
    query = (
        select(delivery)
        .where(_OWNED, delivery.c.owner == owner, delivery.c.state == State.SENDING)
        .order_by(delivery.c.id)
        .with_for_update(skip_locked=True)
    )
    return [_delivery(row) for row in tx.execute(query)]


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
            delivery.c.edition_id == edition_id,
            delivery.c.state == State.FAILED,
            delivery.c.planned > planned_after,
        )
        .values(state=State.PENDING, reason="", due=now, owner="", lease=None, changed=now)
    ).rowcount


def _giving(tx: Transaction, edition_id: int | None) -> list[int]:
    """Return the editions with open deliveries that are not held, oldest first."""
    if edition_id is not None:
        held = tx.scalar(held_ids().where(edition.c.id == edition_id))
        return [] if held else [edition_id]
    # From one edition's first entry in the index to the next one's, whatever the number of their deliveries.
    first = select(func.min(delivery.c.edition_id).label("id")).where(_UNDONE)
    found = first.cte("giving", recursive=True)
    following = select(first.where(delivery.c.edition_id > found.c.id).scalar_subquery())
    found = found.union_all(following.where(found.c.id.is_not(None)))
    query = select(found.c.id).where(found.c.id.is_not(None), found.c.id.not_in(held_ids()))
    return list(tx.scalars(query.order_by(found.c.id)))


def _claimed(
    tx: Transaction, owner: str, edition_id: int, *, until: datetime, now: datetime, limit: int
) -> list[Delivery]:
    if limit <= 0:
        return []
    free = (
        select(delivery.c.id)
        .where(_UNDONE, delivery.c.edition_id == edition_id, delivery.c.due <= now)
        .where(delivery.c.state != State.SENDING, or_(delivery.c.owner == "", delivery.c.lease < now))
        .order_by(delivery.c.due, delivery.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(
        update(delivery)
        .where(delivery.c.id.in_(free))
        .values(owner=owner, lease=until)
        .returning(*delivery.c)
    )
    return sorted(map(_delivery, rows), key=lambda one: (one.due, one.id))


def _standing(tx: Transaction, subscriptions: list[int]) -> dict[int, str]:
    """Return why each subscription gets no letters now, empty when it does; erased ones are not named."""
    if not subscriptions:
        return {}
    query = (
        select(subscription.c.id, subscription.c.active, suppression.c.reason)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .outerjoin(suppression, suppression.c.address_hash == subscriber.c.address_hash)
        .where(subscription.c.id.in_(subscriptions))
    )
    return {row.id: row.reason or ("" if row.active else "unsubscribed") for row in tx.execute(query)}


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
