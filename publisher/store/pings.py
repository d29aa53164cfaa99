"""What hubs were told, one row for each document of a feed: the record, and what is still to be said."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, or_, select, update

from publisher.model.ping import Ping, PingState
from publisher.store.engine import Transaction
from publisher.store.tables import ping

_BATCH = 500


def untold(tx: Transaction, published: Mapping[str, str], hub: str) -> dict[str, str]:
    """Return which of the published documents the hub was never told of as they are now.

    Args:
        tx: the transaction.
        published: path -> fingerprint of each current document.
        hub: the hub of the config.
    """
    known = {
        row.path: (row.fingerprint, row.hub)
        for row in tx.execute(select(ping.c.path, ping.c.fingerprint, ping.c.hub))
    }
    return {path: made for path, made in published.items() if known.get(path) != (made, hub)}


def is_due(tx: Transaction, now: datetime) -> bool:
    """Return whether anything waits to be said by now."""
    found = select(func.count()).where(ping.c.state == "pending", ping.c.due <= now)
    return bool(tx.scalar(found))


def want(tx: Transaction, changed: Mapping[str, str], hub: str, *, now: datetime) -> None:
    """Put on record that the hub has to be told of these documents.

    One that is waiting for a hub in trouble goes on waiting: new bytes are no reason to press it.
    """
    for path, fingerprint in changed.items():
        known = tx.execute(select(ping.c.hub, ping.c.state).where(ping.c.path == path)).first()
        values = {"fingerprint": fingerprint, "hub": hub, "state": "pending"}
        if known is None:
            tx.execute(insert(ping).values(path=path, attempts=0, due=now, reason="", **values))
        elif known.state == "pending" and known.hub == hub:
            tx.execute(update(ping).where(ping.c.path == path).values(values))
        else:
            fresh = {"attempts": 0, "due": now, "lease": None}
            tx.execute(update(ping).where(ping.c.path == path).values(values | fresh))


def forget(tx: Transaction, published: Mapping[str, str]) -> None:
    """Drop the rows of documents that are published no more."""
    gone = [path for path in tx.scalars(select(ping.c.path)) if path not in published]
    for start in range(0, len(gone), _BATCH):
        tx.execute(delete(ping).where(ping.c.path.in_(gone[start : start + _BATCH])))


def claim(tx: Transaction, *, now: datetime, until: datetime) -> list[Ping]:
    """Take what is due; nobody else takes it until the lease is over."""
    free = or_(ping.c.lease.is_(None), ping.c.lease <= now)
    query = (
        select(ping)
        .where(ping.c.state == "pending", ping.c.due <= now, free)
        .order_by(ping.c.due, ping.c.path)
        .with_for_update(skip_locked=True)
    )
    rows = tx.execute(query).mappings().all()
    taken = [Ping(**{name: value for name, value in row.items() if name != "lease"}) for row in rows]
    for one in taken:
        tx.execute(update(ping).where(ping.c.path == one.path).values(lease=until))
    return taken


def settle(
    tx: Transaction, told: Ping, state: PingState, *, attempts: int, due: datetime, at: datetime, reason: str
) -> None:
    """Record what an attempt came to; bytes that changed meanwhile stay to be announced."""
    values = {"attempts": attempts, "due": due, "at": at, "reason": reason, "lease": None}
    same = ping.c.fingerprint == told.fingerprint
    tx.execute(update(ping).where(ping.c.path == told.path).values(values))
    tx.execute(update(ping).where(ping.c.path == told.path, same).values(state=state))


def every(tx: Transaction, paths: Sequence[str] = ()) -> list[Ping]:
    """Return the record, by path; only of these documents when any are named."""
    query = select(ping).order_by(ping.c.path)
    if paths:
        query = query.where(ping.c.path.in_(paths))
    return [
        Ping(**{name: value for name, value in row.items() if name != "lease"})
        for row in tx.execute(query).mappings()
    ]
