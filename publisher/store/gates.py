"""What relays and recipient domains may take, shared by all senders."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, or_, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from publisher.store.engine import Transaction
from publisher.store.tables import gate

Kind = Literal["relay", "domain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One relay or recipient domain.

    Attributes:
        level, at: letters that could go, and when that was so.
        queued: until when the coming room is promised.
        failures, opens, reason: in a row; when it is tried again; the last one.
    """

    kind: Kind
    name: str
    level: float
    at: datetime
    queued: datetime | None = None
    failures: int = 0
    opens: datetime | None = None
    reason: str = ""


def known(tx: Transaction, wanted: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Gate]:
    """Return those of the gates that have a row, and keep others from changing them meanwhile."""
    return _found(tx, wanted, lock=True)


def seen(tx: Transaction, wanted: Iterable[tuple[Kind, str]]) -> dict[tuple[Kind, str], Gate]:
    """Return those of the gates that have a row, as they stand now."""
    return _found(tx, wanted, lock=False)


def troubled(tx: Transaction) -> list[Gate]:
    """Return those that failed lately."""
    query = select(gate).where(or_(gate.c.failures > 0, gate.c.opens.is_not(None)))
    return [_gate(row) for row in tx.execute(query.order_by(gate.c.kind, gate.c.name))]


def keep(tx: Transaction, one: Gate) -> None:
    """Write a gate down, new or not."""
    values: dict[str, Any] = {
        "kind": one.kind,
        "name": one.name,
        "level": one.level,
        "at": one.at,
        "queued": one.queued,
        "failures": one.failures,
        "opens": one.opens,
        "reason": one.reason,
    }
    insert = (sqlite if tx.dialect.name == "sqlite" else postgresql).insert
    keys = ["kind", "name"]
    changed = {name: value for name, value in values.items() if name not in keys}
    tx.execute(insert(gate).values(values).on_conflict_do_update(index_elements=keys, set_=changed))


def _found(
    tx: Transaction, wanted: Iterable[tuple[Kind, str]], *, lock: bool
) -> dict[tuple[Kind, str], Gate]:
    keys = sorted(wanted)
    if not keys:
        return {}
    # Always in the same order, or two senders would wait for each other.
    query = select(gate).where(tuple_(gate.c.kind, gate.c.name).in_(keys)).order_by(gate.c.kind, gate.c.name)
    return {
        (row.kind, row.name): _gate(row) for row in tx.execute(query.with_for_update() if lock else query)
    }


def _gate(row: Row[Any]) -> Gate:
    return Gate(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
