"""Sign-ups that wait for their confirmation, and the mail that asks for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, text, update

from publisher.model.signup import Choice, SignUp, Wish
from publisher.store.engine import Transaction
from publisher.store.tables import signup

WAITING, SENDING, SENT, FAILED, UNCERTAIN = "waiting", "sending", "sent", "failed", "uncertain"
BARRED = "suppressed: "
"""How the reason begins why no mail goes to an address that must not be written to."""
_QUEUE = 7_305_122_813
_OPEN = text("state IN ('waiting', 'sending')")
"""Word for word the condition of the index ``ix_signup_open``, or SQLite would not use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one mail: its new state, why, and when to try again if it waits."""

    id: int
    state: str
    reason: str = ""
    due: datetime | None = None


def queue(tx: Transaction) -> None:
    """Wait until no other transaction adds a sign-up: two at once must not both find room below a limit.

    SQLite's writers wait for each other anyway; on PostgreSQL a lock is held until the transaction ends.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _QUEUE})


def add(
    tx: Transaction, wish: Wish, *, address_hash: str, network: str, barred: str = "", now: datetime
) -> int:
    """Put a wish on record, with its mail to be sent; return its number, which is never given out again.

    Args:
        tx: a writing transaction.
        wish: what is asked for.
        address_hash: from ``addresses.hashed``.
        network: where it came from.
        barred: why no mail goes to this address; empty when one does.
        now: when.
    """
    values = _values(wish) | {
        "address_hash": address_hash,
        "network": network,
        "created": now,
        "state": FAILED if barred else WAITING,
        "attempts": 0,
        "due": now,
        "owner": "",
        "reason": barred,
    }
    key = tx.execute(insert(signup).values(values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def amend(tx: Transaction, signup_id: int, wish: Wish) -> None:
    """Put a later wish of the same address in the place of one that is not confirmed yet."""
    tx.execute(
        update(signup).where(signup.c.id == signup_id, signup.c.confirmed.is_(None)).values(_values(wish))
    )


def get(tx: Transaction, signup_id: int) -> SignUp | None:
    """Return a sign-up, or None when it is not on record (any more)."""
    row = tx.execute(select(signup).where(signup.c.id == signup_id)).first()
    return None if row is None else _signup(row)


def of_address(tx: Transaction, address_hash: str, *, since: datetime | None = None) -> SignUp | None:
    """Return the last sign-up of an address that is not older, or None."""
    query = select(signup).where(signup.c.address_hash == address_hash)
    if since is not None:
        query = query.where(signup.c.created > since)
    row = tx.execute(query.order_by(signup.c.id.desc()).limit(1)).first()
    return None if row is None else _signup(row)


def count_from(tx: Transaction, network: str, *, since: datetime) -> int:
    """Return how many sign-ups came from a network."""
    mine = (signup.c.network == network, signup.c.created > since)
    return tx.scalar(select(func.count()).select_from(signup).where(*mine)) or 0


def confirm(tx: Transaction, signup_id: int, *, now: datetime) -> bool:
    """Mark a sign-up as confirmed; False when it was before. Of two at once, one gets True."""
    changed = tx.execute(
        update(signup).where(signup.c.id == signup_id, signup.c.confirmed.is_(None)).values(confirmed=now)
    )
    return bool(changed.rowcount)


def forget(tx: Transaction, address_hash: str) -> None:
    """Remove everything about an address."""
    tx.execute(delete(signup).where(signup.c.address_hash == address_hash))


def prune(tx: Transaction, *, before: datetime) -> None:
    """Remove what is older."""
    tx.execute(delete(signup).where(signup.c.created < before))


def next_due(tx: Transaction) -> datetime | None:
    """Return when the next mail is to be sent, or the claim of one under way ends; None without either."""
    waiting = select(func.min(signup.c.due)).where(_OPEN, signup.c.state == WAITING)
    claimed = select(func.min(signup.c.lease)).where(_OPEN, signup.c.state == SENDING)
    return min(filter(None, (tx.scalar(waiting), tx.scalar(claimed))), default=None)


def claim(
    tx: Transaction, owner: str, *, way: str, until: datetime, now: datetime, limit: int
) -> list[SignUp]:
    """Take mails that are due, and note the intent to send them.

    Args:
        tx: a writing transaction; once it is committed, the mails may leave.
        owner: who sends them.
        way: through what.
        until: how long the claim holds.
        now: what is due by then.
        limit: at most so many.
    """
    due = select(signup.c.id).where(_OPEN, signup.c.state == WAITING, signup.c.due <= now)
    ids = list(
        tx.scalars(due.order_by(signup.c.due, signup.c.id).limit(limit).with_for_update(skip_locked=True))
    )
    tx.execute(
        update(signup)
        .where(signup.c.id.in_(ids))
        .values(state=SENDING, owner=owner, lease=until, reason=way, attempts=signup.c.attempts + 1)
    )
    rows = tx.execute(select(signup).where(signup.c.id.in_(ids)).order_by(signup.c.id))
    return [_signup(row) for row in rows]


def unsent(tx: Transaction, *, since: datetime) -> list[tuple[str, str, int]]:
    """Return (state, reason, how many) of mails that did not go out, or perhaps not, the most first.

    Those that were not to go because the address is barred, and those whose link was opened, do not count.
    """
    gone = (signup.c.state.in_((FAILED, UNCERTAIN)), signup.c.confirmed.is_(None), signup.c.created > since)
    count = func.count().label("count")
    query = (
        select(signup.c.state, signup.c.reason, count)
        .where(*gone, signup.c.reason.not_like(f"{BARRED}%"))
        .group_by(signup.c.state, signup.c.reason)
        .order_by(count.desc(), signup.c.state, signup.c.reason)
    )
    return [(row[0], row[1], row[2]) for row in tx.execute(query)]


def under_way(tx: Transaction) -> Mapping[tuple[str, datetime], list[SignUp]]:
    """Return the mails that somebody is sending, by who and until when the claim holds."""
    found: dict[tuple[str, datetime], list[SignUp]] = {}
    query = select(signup).where(_OPEN, signup.c.state == SENDING).order_by(signup.c.id)
    for row in tx.execute(query):
        found.setdefault((row.owner, row.lease), []).append(_signup(row))
    return found


def finish(tx: Transaction, owner: str, outcomes: Collection[Outcome]) -> None:
    """Note what became of mails; those that ``owner`` does not hold (any more) stay as they are."""
    for one in outcomes:
        values: dict[str, Any] = {"state": one.state, "reason": one.reason, "owner": "", "lease": None}
        if one.due is not None:
            values["due"] = one.due
        tx.execute(
            update(signup)
            .where(signup.c.id == one.id, signup.c.owner == owner, signup.c.state == SENDING)
            .values(values)
        )


def _values(wish: Wish) -> dict[str, Any]:
    return {
        "address": wish.address,
        "language": wish.language,
        "choices": [
            {
                "digest": one.digest,
                "sections": list(one.sections),
                "hour": one.hour,
                "frequency": one.frequency,
            }
            for one in wish.choices
        ],
        "consent_where": wish.where,
        "consent_text": wish.text,
    }


def _signup(row: Row[Any]) -> SignUp:
    return SignUp(
        id=row.id,
        wish=Wish(
            address=row.address,
            language=row.language,
            choices=tuple(
                Choice(
                    digest=one["digest"],
                    sections=tuple(one["sections"]),
                    hour=one["hour"],
                    frequency=one.get("frequency", "each"),
                )
                for one in row.choices
            ),
            where=row.consent_where,
            text=row.consent_text,
        ),
        created=row.created,
        confirmed=row.confirmed,
        attempts=row.attempts,
        way=row.reason,
    )
