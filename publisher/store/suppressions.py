"""Addresses that are never mailed, known only by their hash."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from publisher.model.subscriber import Suppression
from publisher.store.engine import Transaction
from publisher.store.lists import among
from publisher.store.tables import suppression


def add(tx: Transaction, address_hash: str, *, reason: str, detail: str, now: datetime) -> bool:
    """Suppress an address; one that is suppressed already keeps its first reason.

    Args:
        address_hash: from ``addresses.hashed``.
        reason: one word, as in :class:`~publisher.model.subscriber.Suppression`.
        detail: what a server said or an operator noted.
        now: when.

    Returns:
        Whether it was not suppressed before.
    """
    if find(tx, [address_hash]):
        return False
    tx.execute(insert(suppression).values(address_hash=address_hash, reason=reason, detail=detail, at=now))
    return True


def find(tx: Transaction, hashes: Iterable[str]) -> dict[str, Suppression]:
    """Return why each of these addresses is suppressed; those that are not are left out."""
    query = select(suppression).where(among(tx, suppression.c.address_hash, hashes))
    return {
        row.address_hash: Suppression(reason=row.reason, detail=row.detail, at=row.at)
        for row in tx.execute(query)
    }


def lift(tx: Transaction, address_hash: str) -> bool:
    """Let an address be mailed again, because its owner asked for it; False when it was not suppressed."""
    gone = tx.execute(delete(suppression).where(suppression.c.address_hash == address_hash))
    return bool(gone.rowcount)


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many addresses are suppressed for each reason."""
    query = select(suppression.c.reason, func.count()).group_by(suppression.c.reason)
    return {row[0]: row[1] for row in tx.execute(query.order_by(suppression.c.reason))}
