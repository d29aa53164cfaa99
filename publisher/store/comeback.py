"""What a store is told that was brought back from a backup: letters may have gone out since."""

from datetime import datetime

from sqlalchemy import update

from publisher.model.delivery import State
from publisher.store.engine import Transaction
from publisher.store.tables import delivery, edition, firing, job

_BEGUN = (State.PENDING, State.DEFERRED, State.SENDING)


def doubt(tx: Transaction, reason: str, *, now: datetime) -> int:
    """Turn deliveries that were due by now and not ended into uncertain ones.

    Nobody knows what became of them. This is no move of the ledger (``model.delivery.MOVES``): the rows are
    older than what they tell of.

    Returns:
        How many.
    """
    moved = tx.execute(
        update(delivery)
        .where(delivery.c.state.in_(_BEGUN), delivery.c.due <= now)
        .values(state=State.UNCERTAIN, reason=reason, owner="", lease=None, changed=now)
    )
    return moved.rowcount


def lose_unprepared(tx: Transaction, reason: str) -> int:
    """Turn editions whose audience was not frozen yet into lost ones: it may have been, and served, since.

    Returns:
        How many.
    """
    lost = update(edition).where(edition.c.state == "made", edition.c.prepared.is_(None))
    return tx.execute(lost.values(state="lost", reason=reason, content=None)).rowcount


def let_go(tx: Transaction) -> None:
    """Take away what processes held that worked on the store before; none of them works on this one."""
    tx.execute(
        update(firing).where(firing.c.outcome == "running").values(outcome="planned", owner="", lease=None)
    )
    tx.execute(update(delivery).where(delivery.c.owner != "").values(owner="", lease=None))


def plan_from(tx: Transaction, name: str, planned_to: datetime) -> None:
    """Let a job be planned from that moment on only."""
    tx.execute(update(job).where(job.c.name == name).values(planned_to=planned_to))
