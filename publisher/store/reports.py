"""Reports that came back: each kept once, before anything is done about it."""

from datetime import datetime

from sqlalchemy import func, insert, select

from publisher.model.report import Kind, Report
from publisher.store.engine import Transaction
from publisher.store.tables import report


def add(
    tx: Transaction,
    fingerprint: str,
    found: Report,
    *,
    delivery_id: int | None,
    address_hash: str | None,
    now: datetime,
) -> bool:
    """Keep a report.

    Args:
        tx: a writing transaction.
        fingerprint: SHA-256 (hex) of its bytes.
        found: what it says.
        delivery_id: which letter it is about, when that is known.
        address_hash: of that letter's recipient.
        now: when it was read.

    Returns:
        False when the same bytes were kept before; nothing is to be done about them again.
    """
    if tx.scalar(select(report.c.fingerprint).where(report.c.fingerprint == fingerprint)) is not None:
        return False
    tx.execute(
        insert(report).values(
            fingerprint=fingerprint,
            at=now,
            kind=found.kind,
            status=found.status,
            detail=found.detail,
            delivery_id=delivery_id,
            address_hash=address_hash,
        )
    )
    return True


def failed_letters(tx: Transaction, address_hash: str, *, since: datetime) -> int:
    """Return how many different letters to an address came back, softly or hard, since a moment."""
    query = select(func.count(report.c.delivery_id.distinct())).where(
        report.c.address_hash == address_hash,
        report.c.at >= since,
        report.c.kind.in_([Kind.SOFT, Kind.HARD]),
    )
    return tx.scalar(query) or 0


def counts(tx: Transaction) -> dict[Kind, int]:
    """Return how many reports of each kind there are."""
    query = select(report.c.kind, func.count()).group_by(report.c.kind)
    found = {Kind(row[0]): row[1] for row in tx.execute(query)}
    return {kind: found[kind] for kind in Kind if kind in found}
