"""Freezing an edition's audience: rows of the ledger made by the store itself, all in one transaction.

SQLite writes what it finds with one statement. PostgreSQL's servers work on one statement at a time, and take
rows faster from COPY than from a question: there one connection finds people with their choices, as they were
when the transaction marked the edition, and the transaction's own takes the rows at the same time. They pass
through here as they are, a few at a time, and belong to the transaction like all that it writes.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Engine,
    MetaData,
    Select,
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

from publisher.model.delivery import State, number
from publisher.store.columns import UtcMoment
from publisher.store.engine import Transaction, cursor
from publisher.store.tables import delivery, edition, subscriber, subscription, suppression

_STEP = 50_000
"""Subscription numbers, or rows, after which the progress is told; what one statement takes on SQLite."""
_PIECE = 16_384
"""Bytes that are passed on at a time: neither of PostgreSQL's connections has to wait long for the other."""
_FINDING = ("work_mem = '64MB'", "enable_nestloop = off", "synchronize_seqscans = off")
"""PostgreSQL's 4 MB hold no table of subscribers; of both tables all rows are wanted, and each look-up by an
index costs more than a hash of them all; rows come in the order of the table, wherever others are reading."""
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

_Chosen = Select[tuple[Any, ...]]
_Tick = Callable[[int, int], None]

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
        otherwise: when those get it who chose another zone or hour after these were looked up.
        left_out: choice of sections -> why it gets none; choices that get one are not named.
        language: of those who chose none.
        weekly: only those who want one letter a week, only those who do not, or (None) everybody.
    """

    due: Mapping[_Zone, datetime]
    otherwise: datetime
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
    tick: _Tick = lambda _done, _of: None,
) -> bool:
    """Write down who gets an edition, and mark it prepared; both or neither.

    One row for each active subscription; suppressed ones get a row that says why. The rows are made by the
    store, so a million of them cost no memory here. On PostgreSQL people count as they were committed, not as
    this transaction may have changed them. With a week's audience, what people changed about how often they
    want the digest begins to count.

    Returns:
        False when it was prepared before; nothing is changed then.
    """
    on_sqlite = tx.dialect.name == "sqlite"
    if not on_sqlite:
        _get_to_know(tx.engine)
    marked = tx.execute(
        update(edition).where(edition.c.id == edition_id, edition.c.prepared.is_(None)).values(prepared=now)
    )
    if not marked.rowcount:
        return False
    last = tx.scalar(select(func.max(subscription.c.id))) or 0
    names, chosen = _chosen(edition_id, digest, audience, now)
    (_insert if on_sqlite else _pour)(tx, audience, names, chosen, last, tick)
    if audience.weekly:
        change = update(subscription).where(subscription.c.digest == digest)
        tx.execute(change.where(subscription.c.frequency_now.is_not(None)).values(frequency_now=None))
    return True


def _insert(
    tx: Transaction, audience: Audience, names: Sequence[str], chosen: _Chosen, last: int, tick: _Tick
) -> None:
    """Write the rows by statements that find them, each for a number of subscriptions."""
    # Of its own 2 MB pages go out half full and come in again.
    tx.exec_driver_sql("PRAGMA cache_size = -16384")
    with _decided(tx, audience):
        for after in range(0, last, _STEP):
            some = chosen.where(subscription.c.id > after, subscription.c.id <= after + _STEP)
            # The order in which it finds people with their choices, without sorting.
            tx.execute(insert(delivery).from_select(names, some.order_by(subscription.c.id)))
            tick(min(after + _STEP, last), last)


def _pour(
    tx: Transaction, audience: Audience, names: Sequence[str], chosen: _Chosen, last: int, tick: _Tick
) -> None:
    """Find the rows over a connection of their own, and write them over that of the transaction."""
    # The form of COPY that needs no reading converts nothing either: each value is of its column's type.
    values = zip(names, chosen.selected_columns, strict=True)
    typed = chosen.with_only_columns(*(cast(value, delivery.c[name].type) for name, value in values))
    with _beside(tx) as second, _decided(second, audience):
        # COPY takes no parameters; each "%" is doubled for a driver that is given some.
        compiled = typed.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True})
        words = str(compiled).replace("%%", "%")
        columns, rows, piece = ", ".join(names), 0, bytearray()
        with (
            cursor(second) as finder,
            cursor(tx) as writer,
            finder.copy(f"COPY ({words}) TO STDOUT (FORMAT BINARY)") as found,
            writer.copy(f"COPY {delivery.name} ({columns}) FROM STDIN (FORMAT BINARY)") as written,
        ):
            for row in found:
                piece += row
                if len(piece) >= _PIECE:
                    written.write(piece)
                    piece.clear()
                rows += 1
                if rows % _STEP == 0:
                    tick(min(rows, last), last)
            written.write(piece)
    tick(last, last)


@contextmanager
def _beside(tx: Transaction) -> Iterator[Transaction]:
    """Give a second transaction on PostgreSQL, which sees what this one found and changes nothing."""
    seen = tx.scalar(select(func.pg_export_snapshot()))
    with tx.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin() as second:
            connection.exec_driver_sql(f"SET TRANSACTION SNAPSHOT '{seen}'")
            for setting in _FINDING:
                connection.exec_driver_sql(f"SET LOCAL {setting}")
            yield connection
            second.rollback()


@contextmanager
def _decided(tx: Transaction, audience: Audience) -> Iterator[None]:
    """Give a transaction tables of what was decided about the kinds of subscriber."""
    _scratch.create_all(tx, checkfirst=False)
    if audience.due:
        rows = [{"habit": _habit(hour, zone), "due": due} for (zone, hour), due in audience.due.items()]
        tx.execute(insert(_due), rows)
    if audience.left_out:
        tx.execute(
            insert(_left_out),
            [{"sections": json.dumps(list(key)), "reason": why} for key, why in audience.left_out.items()],
        )
    yield
    _scratch.drop_all(tx, checkfirst=False)


def _get_to_know(engine: Engine) -> None:
    """Let PostgreSQL look at people and their choices, once in the life of a store.

    The server looks at tables by itself, but only some time after an import; until then it takes these for
    empty, and what it plans for empty tables takes a million rows twice as long.
    """
    with engine.begin() as tx:
        for table, columns in _LOOKED_FOR.items():
            if not tx.scalar(_LOOKED_AT, {"name": table}):
                tx.exec_driver_sql(f"ANALYZE {table} ({columns})")


def _chosen(edition_id: int, digest: str, audience: Audience, now: datetime) -> tuple[list[str], _Chosen]:
    """Return columns of the ledger, and what finds their values."""
    reason = func.coalesce(suppression.c.reason, _left_out.c.reason, "")
    hour = func.coalesce(cast(subscription.c.hour, String), "")
    habit = hour.concat(" ").concat(func.coalesce(subscriber.c.timezone, ""))
    due = func.coalesce(_due.c.due, literal(audience.otherwise, UtcMoment))
    state = case((reason != "", State.SUPPRESSED.value), else_=State.PENDING.value)
    values: dict[str, ColumnElement[Any]] = {
        "id": literal(number(edition_id, 0)) + subscription.c.id,
        "edition_id": literal(edition_id),
        "subscription_id": subscription.c.id,
        "address": subscriber.c.address,
        "language": func.coalesce(subscriber.c.language, audience.language),
        "sections": subscription.c.sections,
        "state": state,
        "planned": due,
        "due": due,
        "attempts": literal_column("0"),
        "owner": literal_column("''"),
        "reason": reason,
        "changed": literal(now, UtcMoment),
    }
    chosen = (
        select(*values.values())
        .select_from(subscription)
        .join(subscriber, subscriber.c.id == subscription.c.subscriber_id)
        .outerjoin(_due, _due.c.habit == habit)
        .outerjoin(_left_out, _left_out.c.sections == cast(subscription.c.sections, Text))
        .outerjoin(suppression, suppression.c.address_hash == subscriber.c.address_hash)
        .where(subscription.c.digest == digest, text("subscription.active"), _who(audience.weekly))
    )
    return list(values), chosen


def _who(weekly: bool | None) -> ColumnElement[bool]:
    counts = func.coalesce(subscription.c.frequency_now, subscription.c.frequency)
    return true() if weekly is None else (counts == "weekly") if weekly else (counts != "weekly")


def _habit(hour: int | None, zone: str | None) -> str:
    return f"{'' if hour is None else hour} {zone or ''}"
