"""Editions that people hold back, and the end of the deliveries of cancelled ones."""

from datetime import datetime

from sqlalchemy import Row, Select, delete, insert, select, text, update

from publisher.model.delivery import State
from publisher.model.hold import Hold, HoldKind
from publisher.store.engine import Transaction
from publisher.store.tables import delivery, edition, edition_hold

CHUNK = 20_000
"""Deliveries that one transaction ends, so that other senders never wait long."""

_OPEN = text("(delivery.state = 'pending' OR delivery.state = 'deferred' OR delivery.state = 'sending')")


def get(tx: Transaction, digest: str, slot: str) -> Hold | None:
    """Return how an edition is held; None when it is not."""
    row = tx.execute(
        select(edition_hold).where(edition_hold.c.digest == digest, edition_hold.c.slot == slot)
    ).first()
    return None if row is None else _hold(row)


def listed(tx: Transaction, *, limit: int = 50) -> list[Hold]:
    """Return the holds, latest first."""
    query = select(edition_hold).order_by(
        edition_hold.c.at.desc(), edition_hold.c.digest, edition_hold.c.slot
    )
    return [_hold(row) for row in tx.execute(query.limit(limit))]


def place(tx: Transaction, hold: Hold) -> None:
    """Hold an edition from now on; what held it before is replaced."""
    lift(tx, hold.digest, hold.slot)
    tx.execute(
        insert(edition_hold).values(
            digest=hold.digest, slot=hold.slot, kind=hold.kind, at=hold.at, who=hold.who, why=hold.why
        )
    )


def lift(tx: Transaction, digest: str, slot: str) -> None:
    """Hold an edition no more."""
    tx.execute(delete(edition_hold).where(edition_hold.c.digest == digest, edition_hold.c.slot == slot))


def held_ids() -> Select[tuple[int]]:
    """Return the query for the numbers of all editions that are held."""
    return select(edition.c.id).join(
        edition_hold, (edition_hold.c.digest == edition.c.digest) & (edition_hold.c.slot == edition.c.slot)
    )


def end_cancelled(tx: Transaction, *, now: datetime) -> int:
    """End a chunk of the deliveries of cancelled editions that have not begun; call it until it returns 0.

    A claimed one ends too: whoever claimed it finds that it cannot begin. One under way ends by itself, and
    when it comes back deferred the next call ends it.
    """
    for row in tx.execute(_cancelled_with_open()).all():
        some = (
            select(delivery.c.id)
            .where(_OPEN, delivery.c.edition_id == row.id, delivery.c.state != State.SENDING)
            .limit(CHUNK)
        )
        ended = tx.execute(
            update(delivery)
            .where(delivery.c.id.in_(some))
            .values(state=State.SUPPRESSED, reason=_hold(row).reason, owner="", lease=None, changed=now)
        ).rowcount
        if ended:
            return ended
    return 0


def _cancelled_with_open() -> Select[tuple[object, ...]]:
    some_open = select(delivery.c.id).where(_OPEN, delivery.c.edition_id == edition.c.id).exists()
    together = (edition_hold.c.digest == edition.c.digest) & (edition_hold.c.slot == edition.c.slot)
    return (
        select(edition.c.id, edition_hold)
        .join(edition_hold, together)
        .where(edition_hold.c.kind == HoldKind.CANCELLED, some_open)
        .order_by(edition.c.id)
    )


def _hold(row: Row[tuple[object, ...]]) -> Hold:
    return Hold(
        digest=row.digest,
        slot=row.slot,
        kind=HoldKind(row.kind),
        at=row.at,
        who=row.who,
        why=row.why,
    )
