"""The log of who did what."""

from sqlalchemy import delete, insert, select

from publisher.model.action import Action
from publisher.store.engine import Transaction
from publisher.store.tables import action

KEPT = 100_000
"""How many are kept; the oldest go first."""


def record(tx: Transaction, done: Action) -> None:
    """Write an action down, in the transaction that does it."""
    number = tx.scalar(
        insert(action)
        .values(at=done.at, who=done.who, what=done.what, about=done.about, detail=done.detail)
        .returning(action.c.id)
    )
    assert number is not None
    tx.execute(delete(action).where(action.c.id <= number - KEPT))


def latest(tx: Transaction, *, limit: int, about: str | None = None) -> list[Action]:
    """Return the latest actions, newest first; only those about one thing when it is named."""
    query = select(action).order_by(action.c.id.desc()).limit(limit)
    if about is not None:
        query = query.where(action.c.about == about)
    return [Action(row.at, row.who, row.what, row.about, row.detail) for row in tx.execute(query)]


def subjects(tx: Transaction, *, among: int = 1000) -> list[str]:
    """Return what the last actions were about, each once, in the order of the alphabet."""
    last = select(action.c.about).order_by(action.c.id.desc()).limit(among).subquery()
    return list(tx.scalars(select(last.c.about).distinct().order_by(last.c.about)))
