"""Sessions of the console, and the passwords that it refused."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update

from publisher.model.session import LONGEST, Refused, Role, Session
from publisher.store.engine import Transaction
from publisher.store.tables import attempt, session

_QUEUE = 7_305_122_814


def begin(tx: Transaction, one: Session) -> None:
    """Keep a new session, and drop those whose time is over."""
    tx.execute(delete(session).where(session.c.created < one.created - LONGEST))
    tx.execute(
        insert(session).values(id=one.id, role=one.role, who=one.who, created=one.created, seen=one.seen)
    )


def find(tx: Transaction, session_id: str) -> Session | None:
    """Return a session, its time over or not; None when there is none."""
    row = tx.execute(select(session).where(session.c.id == session_id)).first()
    return None if row is None else Session(row.id, Role(row.role), row.who, row.created, row.seen)


def touch(tx: Transaction, session_id: str, *, now: datetime) -> None:
    """Note that a session asked for a page."""
    tx.execute(update(session).where(session.c.id == session_id).values(seen=now))


def end(tx: Transaction, session_id: str) -> None:
    """Forget a session; again without harm."""
    tx.execute(delete(session).where(session.c.id == session_id))


def queue_attempts(tx: Transaction) -> None:
    """Wait until no other transaction counts attempts: two at once must not both find room below a limit.

    SQLite's writers wait for each other anyway; on PostgreSQL a lock is held until the transaction ends.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _QUEUE})


def attempts(
    tx: Transaction, *, since: datetime, network: str | None = None, except_for: str | None = None
) -> tuple[int, datetime | None]:
    """Return how many attempts there were later than ``since``, and when the first of them was.

    Args:
        tx: any transaction.
        since: later than this.
        network: only from there.
        except_for: not from there.
    """
    query = select(func.count(), func.min(attempt.c.at)).where(attempt.c.at > since)
    if network is not None:
        query = query.where(attempt.c.network == network)
    if except_for is not None:
        query = query.where(attempt.c.network != except_for)
    count, first = tx.execute(query).one()
    return count, first


def refused(tx: Transaction, *, since: datetime) -> list[Refused]:
    """Return the attempts later than ``since`` by their network, the latest first."""
    last = func.max(attempt.c.at)
    query = (
        select(attempt.c.network, func.count(), func.min(attempt.c.at), last)
        .where(attempt.c.at > since)
        .group_by(attempt.c.network)
        .order_by(last.desc(), attempt.c.network)
    )
    return [Refused(*row) for row in tx.execute(query)]


def add_attempt(tx: Transaction, network: str, *, now: datetime) -> int:
    """Write an attempt down and return its number."""
    number: int | None = tx.scalar(insert(attempt).values(network=network, at=now).returning(attempt.c.id))
    assert number is not None
    return number


def forgive(tx: Transaction, number: int) -> None:
    """Take an attempt back: the password was right."""
    tx.execute(delete(attempt).where(attempt.c.id == number))


def prune_attempts(tx: Transaction, *, before: datetime) -> None:
    """Remove older attempts."""
    tx.execute(delete(attempt).where(attempt.c.at < before))
