"""Numbers that only grow, and single facts."""

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from publisher.store.engine import Transaction
from publisher.store.tables import counter, meta

# Made once: a run with nothing to do asks this and hardly anything else.
_CURRENT = select(counter.c.value).where(counter.c.name == bindparam("named"))
_STEP = update(counter).where(counter.c.name == bindparam("named")).values(value=counter.c.value + 1)


def advance(tx: Transaction, name: str) -> int:
    """Return the next number of that name.

    The row stays locked until the transaction ends, so a number that can be seen never follows one that is
    still on its way: "what changed since" misses nothing.
    """
    if not tx.execute(_STEP, {"named": name}).rowcount:
        _begin(tx, name)
        tx.execute(_STEP, {"named": name})
    return current(tx, name)


def hold(tx: Transaction, name: str) -> None:
    """Lock the row of that name until the transaction ends; the number stays as it is."""
    lock = update(counter).where(counter.c.name == name).values(value=counter.c.value)
    if not tx.execute(lock).rowcount:
        _begin(tx, name)
        tx.execute(lock)


def _begin(tx: Transaction, name: str) -> None:
    """Put the row there; of two transactions that meet at its beginning, the second waits for the first."""
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    tx.execute(dialect.insert(counter).values(name=name, value=0).on_conflict_do_nothing())


def current(tx: Transaction, name: str) -> int:
    """Return the last number given out under that name; 0 when none was."""
    return tx.scalar(_CURRENT, {"named": name}) or 0


def fact(tx: Transaction, name: str) -> str | None:
    """Return a single fact about the site, or None."""
    return tx.scalar(select(meta.c.value).where(meta.c.name == name))


def set_fact(tx: Transaction, name: str, value: str) -> None:
    """Keep a single fact about the site."""
    tx.execute(delete(meta).where(meta.c.name == name))
    tx.execute(insert(meta).values(name=name, value=value))
