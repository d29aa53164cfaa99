"""Numbers that only grow, and single facts."""

from sqlalchemy import delete, insert, select, update

from publisher.store.engine import Transaction
from publisher.store.tables import counter, meta


def advance(tx: Transaction, name: str) -> int:
    """Return the next number of that name.

    The row stays locked until the transaction ends, so a number that can be seen never follows one that is
    still on its way: "what changed since" misses nothing.
    """
    changed = tx.execute(update(counter).where(counter.c.name == name).values(value=counter.c.value + 1))
    if not changed.rowcount:
        tx.execute(insert(counter).values(name=name, value=1))
    return current(tx, name)


def hold(tx: Transaction, name: str) -> None:
    """Lock the row of that name until the transaction ends; the number stays as it is."""
    held = tx.execute(update(counter).where(counter.c.name == name).values(value=counter.c.value))
    if not held.rowcount:
        tx.execute(insert(counter).values(name=name, value=0))


def current(tx: Transaction, name: str) -> int:
    """Return the last number given out under that name; 0 when none was."""
    return tx.scalar(select(counter.c.value).where(counter.c.name == name)) or 0


def fact(tx: Transaction, name: str) -> str | None:
    """Return a single fact about the site, or None."""
    return tx.scalar(select(meta.c.value).where(meta.c.name == name))


def set_fact(tx: Transaction, name: str, value: str) -> None:
    """Keep a single fact about the site."""
    tx.execute(delete(meta).where(meta.c.name == name))
    tx.execute(insert(meta).values(name=name, value=value))
