"""The moves that sending makes on the ledger, several thousand times a second.

These few statements are written out in each database's own words, once, and given to its driver as they are:
to put them together anew for each group of letters took four times as long as to run them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from publisher.model.delivery import Delivery, State
from publisher.store.columns import from_moment, to_moment
from publisher.store.engine import Transaction, cursor

_PARTS = {
    "{open}": "state IN ('pending', 'deferred')",
    # Word for word the condition of the index ix_delivery_open, or SQLite would not use it.
    "{indexed}": "(state = 'pending' OR state = 'deferred' OR state = 'sending')",
    # From the few holds to their editions; as a join SQLite would begin with all editions there ever were.
    "{held}": "SELECT coalesce((SELECT e.id FROM edition e "
    "WHERE e.digest = h.digest AND e.slot = h.slot), 0) FROM edition_hold h",
    "{columns}": "id, edition_id, subscription_id, address, language, CAST(sections AS TEXT), state, "
    "planned, due, attempts, reason, changed",
}
_DIALECTS = {
    "sqlite": {"{lock}": "", "{among}": "IN (SELECT value FROM json_each(?))"},
    "postgresql": {"{lock}": "FOR UPDATE SKIP LOCKED", "{among}": "= ANY(?::bigint[])", "?": "%s"},
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that is claimed, and why it must not be sent any more; empty when it may."""

    delivery: Delivery
    barred: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What became of one sending.

    Attributes:
        attempt: which one; an answer that belongs to an earlier one is not believed.
        due: when to try again, for a deferred one.
        spent: whether the attempt counts; False when nothing of it reached anybody.
    """

    id: int
    attempt: int
    state: State
    reason: str
    due: datetime | None = None
    spent: bool = True


def claim(
    tx: Transaction, owner: str, *, until: datetime, now: datetime, limit: int, edition_id: int | None = None
) -> list[Claim]:
    """Claim deliveries that are due; they stay open until :func:`begin`.

    Each edition gives its share, those due first first, so that a short edition need not wait for a long
    one. A held edition gives none.

    Args:
        tx: a writing transaction.
        owner: who claims.
        until: when the claim ends by itself.
        now: what is due by then.
        limit: at most so many.
        edition_id: only of this edition.

    Returns:
        The claims. One whose subscription ended since, or whose address is suppressed, says so.
    """
    found: list[Delivery] = []
    giving = _giving(tx, edition_id)
    for place, one in enumerate(giving):
        share = -(-(limit - len(found)) // (len(giving) - place))
        if share > 0:
            at = to_moment(now)
            values = (one, at, at, share, owner, to_moment(until))
            rows = _run(tx, _CLAIM, values)
            found += sorted(map(_delivery, rows), key=lambda one: (one.due, one.id))
    standing = _standing(tx, [one.subscription_id for one in found])
    return [Claim(one, standing.get(one.subscription_id, "erased")) for one in found]


def begin(
    tx: Transaction, owner: str, ids: Sequence[int], *, way: str, until: datetime, now: datetime
) -> set[int]:
    """Write down the intent to send these; commit it before the first byte of any of them leaves.

    Args:
        tx: a writing transaction.
        owner: who claimed them.
        ids: which.
        way: the way out they are about to take; stands as the reason until there is an answer.
        until: when the claim ends by itself.
        now: when.

    Returns:
        The ids that are begun. A claim that was lost to somebody else is not, nor one whose edition is held
        since; the latter is given back.
    """
    if not ids:
        return set()
    values = (to_moment(until), way, to_moment(now), _many(tx, ids), owner)
    begun = {row[0] for row in _run(tx, _BEGIN, values).fetchall()}
    if len(begun) < len(ids):
        tx.exec_driver_sql(_said(tx, _GIVE_BACK), (_many(tx, ids), owner))
    return begun


def finish(tx: Transaction, owner: str, endings: Sequence[Ending], *, now: datetime) -> int:
    """Write down what became of sendings.

    Returns:
        How many were still ours to end; a row that another process has taken over since stays as it is.
    """
    if not endings:
        return 0
    at = to_moment(now)
    rows = [
        (
            one.state.value,
            None if one.due is None else to_moment(one.due),
            one.reason,
            0 if one.spent else 1,
            one.id,
            one.attempt,
        )
        for one in endings
    ]
    if tx.dialect.name == "sqlite":
        ended = cursor(tx)
        ended.executemany(_FINISH["sqlite"], [(*row[:4], at, *row[4:], owner) for row in rows])
    else:
        ended = _run(tx, _FINISH["postgresql"], (at, *map(list, zip(*rows, strict=True)), owner))
    return int(ended.rowcount)


def close(tx: Transaction, owner: str, endings: Mapping[int, tuple[State, str]], *, now: datetime) -> None:
    """End claimed deliveries that are not sent at all: suppressed, or too late. Only open ones move."""
    if endings:
        at = to_moment(now)
        rows = [(state.value, reason, at, row, owner) for row, (state, reason) in endings.items()]
        tx.exec_driver_sql(_said(tx, _CLOSE), rows)


def put_off(tx: Transaction, owner: str, later: Mapping[int, tuple[datetime, str]]) -> None:
    """Give claims back with a later due time and the reason; no attempt is spent."""
    if later:
        rows = [(to_moment(due), reason, row, owner) for row, (due, reason) in later.items()]
        tx.exec_driver_sql(_said(tx, _PUT_OFF), rows)


def release(tx: Transaction, owner: str) -> None:
    """Give back the claims of an owner that were not begun."""
    tx.exec_driver_sql(_said(tx, _RELEASE), (owner,))


def next_due(tx: Transaction, edition_id: int | None = None) -> datetime | None:
    """Return when the next delivery is due that is not held and not under way."""
    found = [tx.exec_driver_sql(_said(tx, _NEXT_DUE), (one,)).scalar() for one in _giving(tx, edition_id)]
    due = [one for one in found if one is not None]
    return from_moment(min(due)) if due else None


def found_sending(tx: Transaction, owner: str) -> list[Delivery]:
    """Return, and lock, what an owner had begun and not ended."""
    return [_delivery(row) for row in tx.exec_driver_sql(_said(tx, _FOUND), (owner,))]


_CLAIM = """
WITH free AS MATERIALIZED (
    SELECT id AS free_id FROM delivery
    WHERE {indexed} AND edition_id = ? AND due <= ? AND state != 'sending' AND (owner = '' OR lease < ?)
    ORDER BY due, id LIMIT ? {lock}
)
UPDATE delivery SET owner = ?, lease = ? FROM free WHERE id = free_id
RETURNING {columns}
"""
"""Materialised: PostgreSQL may run a plain subquery again for each row, and so take more than it should."""
_BEGIN = """
UPDATE delivery SET state = 'sending', attempts = attempts + 1, lease = ?, reason = ?, changed = ?
WHERE id {among} AND owner = ? AND {open} AND edition_id NOT IN ({held})
RETURNING id
"""
_GIVE_BACK = "UPDATE delivery SET owner = '', lease = NULL WHERE id {among} AND owner = ? AND {open}"
_FINISH = {
    "sqlite": """
UPDATE delivery SET state = ?, due = COALESCE(?, due), reason = ?, attempts = attempts - ?, changed = ?,
    owner = '', lease = NULL
WHERE id = ? AND attempts = ? AND owner = ? AND state = 'sending'
""",
    "postgresql": """
UPDATE delivery SET state = done.state, due = COALESCE(done.due, delivery.due), reason = done.reason,
    attempts = delivery.attempts - done.unspent, changed = %s, owner = '', lease = NULL
FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::int[], %s::bigint[], %s::int[])
    AS done(state, due, reason, unspent, id, attempt)
WHERE delivery.id = done.id AND delivery.attempts = done.attempt AND delivery.owner = %s
    AND delivery.state = 'sending'
""",
}
_NEXT_DUE = "SELECT min(due) FROM delivery WHERE {indexed} AND edition_id = ? AND state != 'sending'"
_CLOSE = """
UPDATE delivery SET state = ?, reason = ?, changed = ?, owner = '', lease = NULL
WHERE id = ? AND owner = ? AND {open}
"""
_PUT_OFF = """
UPDATE delivery SET due = ?, reason = ?, owner = '', lease = NULL WHERE id = ? AND owner = ? AND {open}
"""
_RELEASE = "UPDATE delivery SET owner = '', lease = NULL WHERE owner != '' AND owner = ? AND {open}"
_FOUND = """
SELECT {columns} FROM delivery WHERE owner != '' AND owner = ? AND state = 'sending' ORDER BY id {lock}
"""
_GIVING = """
WITH RECURSIVE giving(id) AS (
    SELECT min(edition_id) FROM delivery WHERE {indexed}
    UNION ALL
    SELECT (SELECT min(edition_id) FROM delivery WHERE {indexed} AND edition_id > giving.id)
    FROM giving WHERE giving.id IS NOT NULL
)
SELECT id FROM giving WHERE id IS NOT NULL AND id NOT IN ({held}) ORDER BY id
"""
"""From one edition's first entry in the index to the next one's, whatever the number of their deliveries."""
_IS_HELD = """
SELECT 1 FROM edition e JOIN edition_hold h ON h.digest = e.digest AND h.slot = e.slot WHERE e.id = ?
"""
_STANDING = """
SELECT s.id, s.active, x.reason FROM subscription s JOIN subscriber p ON p.id = s.subscriber_id
LEFT JOIN suppression x ON x.address_hash = p.address_hash WHERE s.id {among}
"""


@lru_cache(maxsize=64)
def _in_words_of(dialect: str, statement: str) -> str:
    for mark, words in (_PARTS | _DIALECTS[dialect]).items():
        statement = statement.replace(mark, words)
    return statement


def _said(tx: Transaction, statement: str) -> str:
    return _in_words_of(tx.dialect.name, statement)


def _run(tx: Transaction, statement: str, values: Sequence[Any]) -> Any:
    found = cursor(tx)
    found.execute(_said(tx, statement), values)
    return found


def _many(tx: Transaction, ids: Sequence[int]) -> Any:
    return json.dumps(ids) if tx.dialect.name == "sqlite" else list(ids)


def _giving(tx: Transaction, edition_id: int | None) -> list[int]:
    """Return the editions with open deliveries that are not held, oldest first."""
    if edition_id is None:
        return [row[0] for row in tx.exec_driver_sql(_said(tx, _GIVING))]
    held = tx.exec_driver_sql(_said(tx, _IS_HELD), (edition_id,)).first()
    return [] if held else [edition_id]


def _standing(tx: Transaction, subscriptions: list[int]) -> dict[int, str]:
    """Return why each subscription gets no letters now, empty when it does; erased ones are not named."""
    if not subscriptions:
        return {}
    rows = _run(tx, _STANDING, (_many(tx, subscriptions),))
    return {number: reason or ("" if active else "unsubscribed") for number, active, reason in rows}


def _delivery(row: Any) -> Delivery:
    return Delivery(
        id=row[0],
        edition_id=row[1],
        subscription_id=row[2],
        address=row[3],
        language=row[4],
        sections=_sections(row[5]),
        state=State(row[6]),
        planned=from_moment(row[7]),
        due=from_moment(row[8]),
        attempts=row[9],
        reason=row[10],
        changed=from_moment(row[11]),
    )


@lru_cache(maxsize=4096)
def _sections(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))
