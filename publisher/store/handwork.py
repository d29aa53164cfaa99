"""What people do to the ledger by hand: look somebody up, send at once what waits for its hour."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from publisher.model.delivery import OPEN, Delivery, State
from publisher.store.deliveries import get, in_edition
from publisher.store.engine import Transaction
from publisher.store.tables import delivery


def found(tx: Transaction, edition_id: int, prefix: str, *, limit: int) -> list[Delivery]:
    """Return an edition's deliveries to addresses that begin with a text, in any capitals.

    Args:
        tx: any transaction.
        edition_id: which edition; all its rows are read.
        prefix: not empty.
        limit: at most so many.
    """
    begins = func.lower(delivery.c.address).startswith(prefix.lower(), autoescape=True)
    query = select(delivery.c.id).where(in_edition(edition_id), begins)
    ids = tx.scalars(query.order_by(delivery.c.address, delivery.c.id).limit(limit)).all()
    return [one for one in (get(tx, number) for number in ids) if one is not None]


def hasten(tx: Transaction, edition_id: int, *, now: datetime) -> int:
    """Let everything of an edition that waits for its hour or for another try be due now.

    Returns:
        How many deliveries that moved forward.
    """
    mine = (in_edition(edition_id), delivery.c.state.in_(list(OPEN)), delivery.c.due > now)
    return tx.execute(update(delivery).where(*mine).values(due=now)).rowcount


def of_edition(tx: Transaction, edition_id: int, ids: Sequence[int], state: State) -> list[int]:
    """Return which of these deliveries are of that edition and in that state."""
    query = select(delivery.c.id).where(
        in_edition(edition_id), delivery.c.id.in_(ids), delivery.c.state == state
    )
    return list(tx.scalars(query.order_by(delivery.c.id)))
