"""Freezing an edition's audience: rows of the ledger made inside the store, all in one transaction."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    MetaData,
    String,
    Table,
    Text,
    case,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    text,
    true,
    update,
)

from publisher.model.delivery import State
from publisher.store.columns import UtcMoment
from publisher.store.engine import Transaction
from publisher.store.tables import delivery, edition, subscriber, subscription, suppression

_STEP = {"sqlite": 50_000, "postgresql": 500_000}
"""Subscription numbers that one statement takes; between two of them the progress is told."""

_MEMORY = {"sqlite": "PRAGMA cache_size = -16384", "postgresql": "SET LOCAL work_mem = '64MB'"}
"""Of its own 2 MB SQLite's pages go out half full and come in again; PostgreSQL's 4 MB hold no step."""
_ORDER = {"sqlite": subscription.c.id, "postgresql": subscription.c.subscriber_id}
"""In which order rows are made: the one in which each finds people with their choices, without sorting."""
_LOOKED_FOR = {
    "subscriber": "id, timezone",
    "subscription": "id, subscriber_id, digest, active, frequency, frequency_now",
}
"""What PostgreSQL has to know of them to plan well; to look at every column takes twice as long."""
_LOOKED_AT = text(
    "SELECT EXISTS (SELECT FROM pg_stats "
    "WHERE tablename = :name AND schemaname = ANY (current_schemas(false)))"
)

_Zone = tuple[str | None, int | None]

_scratch = MetaData()
_due = Table(
    "audience_due",
    _scratch,
    Column("habit", String(80), primary_key=True),
    Column("due", UtcMoment, nullable=False),
    prefixes=["TEMPORARY"],
)
"""``habit`` is hour and zone in one: of two keys PostgreSQL would pair every subscriber with every hour."""
_left_out = Table(
    "audience_left_out",
    _scratch,
    Column("sections", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What was decided about the kinds of subscriber that a digest has.

    Attributes:
        due: (time zone, hour) that a subscriber may have -> when they get the edition.
        left_out: choice of sections -> why it gets none; choices that get one are not named.
        language: of those who chose none.
        weekly: only those who want one letter a week, only those who do not, or (None) everybody.
    """

    due: Mapping[_Zone, datetime]
    left_out: Mapping[tuple[str, ...], str]
    language: str
    weekly: bool | None = None


def habits(tx: Transaction, digest: str) -> tuple[list[_Zone], list[tuple[str, ...]]]:
    """Return each (time zone, hour) that a digest's subscribers may have, and their choices of sections.

    Zones and hours are looked up apart, since to join all people with their choices costs more than the due
    times of some pairs that nobody has.
    """
    mine = (subscription.c.digest == digest, text("subscription.active"))
    zones = tx.scalars(select(subscriber.c.timezone).distinct()).all()
    hours = tx.scalars(select(subscription.c.hour).distinct().where(*mine)).all()
    choices = tx.scalars(select(cast(subscription.c.sections, Text)).distinct().where(*mine))
    return list(product(zones, hours)), [tuple(json.loads(found)) for found in choices]


def freeze(
    tx: Transaction,
    edition_id: int,
    digest: str,
    audience: Audience,
    *,
    now: datetime,
    tick: Callable[[int, int], None] = lambda _done, _of: None,
) -> bool:
    """Write down who gets an edition, and mark it prepared; both or neither.

    One row for each active subscription; suppressed ones get a row that says why. The rows are made inside
    the store, so a million of them cost no memory here. With a week's audience, what people changed about
    how often they want the digest begins to count.

    Returns:
        False when it was prepared before; nothing is changed then.
    """
    # Before the row is locked: another edition's audience, which waits for the same, may want that row.
    _make_ready(tx)
    marked = tx.execute(
        update(edition).where(edition.c.id == edition_id, edition.c.prepared.is_(None)).values(prepared=now)
    )
    if not marked.rowcount:
        return False
    _scratch.create_all(tx, checkfirst=False)
    if audience.due:
        rows = [{"habit": _habit(hour, zone), "due": due} for (zone, hour), due in audience.due.items()]
        tx.execute(insert(_due), rows)
    if audience.left_out:
        tx.execute(
            insert(_left_out),
            [{"sections": json.dumps(list(key)), "reason": why} for key, why in audience.left_out.items()],
        )
    last, step = tx.scalar(select(func.max(subscription.c.id))) or 0, _STEP[tx.dialect.name]
    for after in range(0, last, step):
        tx.execute(_rows_of(edition_id, digest, audience, after, after + step, now, _ORDER[tx.dialect.name]))
        tick(min(after + step, last), last)
    _scratch.drop_all(tx, checkfirst=False)
    if audience.weekly:
        change = update(subscription).where(subscription.c.digest == digest)
        tx.execute(change.where(subscription.c.frequency_now.is_not(None)).values(frequency_now=None))
    return True


def _make_ready(tx: Transaction) -> None:
    """Let this one transaction have the memory and the knowledge that a million rows ask for."""
    tx.exec_driver_sql(_MEMORY[tx.dialect.name])
    if tx.dialect.name != "postgresql":
        return
    # All rows of both tables are wanted, so each look-up by an index costs more than a hash of them all.
    tx.exec_driver_sql("SET LOCAL enable_nestloop = off")
    for table, columns in _LOOKED_FOR.items():
        # The server looks at tables by itself, but only some time after an import; until then it takes these
        # for empty, and what it plans for empty tables takes a million rows twice as long.
        if not tx.scalar(_LOOKED_AT, {"name": table}):
            tx.exec_driver_sql(f"ANALYZE {table} ({columns})")


def _rows_of(
    edition_id: int,
    digest: str,
    audience: Audience,
    after: int,
    upto: int,
    now: datetime,
    order: ColumnElement[Any],
) -> Any:
    reason = func.coalesce(suppression.c.reason, _left_out.c.reason, "")
    hour = func.coalesce(cast(subscription.c.hour, String), "")
    habit = hour.concat(" ").concat(func.coalesce(subscriber.c.timezone, ""))
    state = case((reason != "", State.SUPPRESSED.value), else_=State.PENDING.value)
    values: dict[str, ColumnElement[Any]] = {
        "edition_id": literal(edition_id),
        "subscription_id": subscription.c.id,
        "address": subscriber.c.address,
        "language": func.coalesce(subscriber.c.language, audience.language),
        "sections": subscription.c.sections,
        "state": state,
        "planned": _due.c.due,
        "due": _due.c.due,
        "attempts": literal_column("0"),
        "owner": literal_column("''"),
        "reason": reason,
        "changed": literal(now, UtcMoment),
    }
    chosen = (
        select(*values.values())
        .select_from(subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .join(_due, _due.c.habit == habit)
        .outerjoin(_left_out, _left_out.c.sections == cast(subscription.c.sections, Text))
        .outerjoin(suppression, suppression.c.address_hash == subscriber.c.address_hash)
        .where(subscription.c.digest == digest, text("subscription.active"), _who(audience.weekly))
        .where(subscription.c.id > after, subscription.c.id <= upto)
        .order_by(order)
    )
    return insert(delivery).from_select(list(values), chosen)


def _who(weekly: bool | None) -> ColumnElement[bool]:
    counts = func.coalesce(subscription.c.frequency_now, subscription.c.frequency)
    return true() if weekly is None else (counts == "weekly") if weekly else (counts != "weekly")


def _habit(hour: int | None, zone: str | None) -> str:
    return f"{'' if hour is None else hour} {zone or ''}"
