"""People and what they subscribed to; whoever is erased leaves only a hash."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, true, update

from publisher import addresses
from publisher.model.delivery import OPEN, State
from publisher.model.subscriber import Consent, Enrolment, Frequency, Subscriber, Subscription
from publisher.store import signups, suppressions
from publisher.store.deliveries import to_subscriptions
from publisher.store.engine import Transaction
from publisher.store.lists import add_all, among
from publisher.store.tables import delivery, edition, subscriber, subscription

_PAGE = 2_000
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the rows of one batch, by number."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    suppressed: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.suppressed + other.suppressed,
        )


def take(tx: Transaction, enrolments: Sequence[Enrolment], *, now: datetime, overrule: bool = False) -> Taken:
    """Bring people in, a batch at a time.

    A person's later word wins: a subscription that is on record is replaced only when the row's consent is
    later than its last change, so bringing an old file in again neither undoes what people chose since nor
    brings back those who left. A suppressed address is left out.

    Args:
        tx: a writing transaction.
        enrolments: rows; of two for one person and digest the later consent wins.
        now: when.
        overrule: replace what is on record whatever its age (an operator's own hand).
    """
    latest: dict[tuple[str, str], Enrolment] = {}
    for one in enrolments:
        # An enrolment's address is in its normal form already.
        known = latest.get(where := (one.address.casefold(), one.digest))
        if known is None or one.consent.at > known.consent.at:
            latest[where] = one
    repeated = len(enrolments) - len(latest)
    hashes = {key: addresses.hashed(key) for key, _ in latest}
    shut = suppressions.find(tx, set(hashes.values()))
    wanted = {where: one for where, one in latest.items() if hashes[where[0]] not in shut}
    ids = _people(tx, wanted, hashes, now)
    taken = _subscribe(tx, {(ids[key], digest): one for (key, digest), one in wanted.items()}, now, overrule)
    return taken + Taken(unchanged=repeated, suppressed=len(latest) - len(wanted))


def find(tx: Transaction, address: str) -> Subscriber | None:
    """Return the person of that address, in any of its spellings."""
    row = tx.execute(select(subscriber).where(subscriber.c.address_key == addresses.key(address))).first()
    return None if row is None else _subscriber(row, row.id)


def of_subscription(tx: Transaction, subscription_id: int) -> tuple[Subscriber, Subscription] | None:
    """Return a subscription with its person, or None when it is not on record (any more)."""
    row = tx.execute(_both().where(subscription.c.id == subscription_id)).first()
    return None if row is None else (_subscriber(row, row.subscriber_id), _subscription(row))


def subscriptions_of(tx: Transaction, subscriber_id: int) -> list[Subscription]:
    """Return what a person subscribed to, ended ones included."""
    query = _both().where(subscription.c.subscriber_id == subscriber_id).order_by(subscription.c.digest)
    return [_subscription(row) for row in tx.execute(query)]


def each(
    tx: Transaction, *, digest: str | None = None, after: int = 0, limit: int | None = None
) -> Iterator[tuple[Subscriber, Subscription]]:
    """Yield subscriptions with their persons in order of arrival, read page by page.

    Args:
        tx: a transaction that stays open while this is read.
        digest: only of this digest.
        after: only with a subscription id above this.
        limit: at most so many.
    """
    left = limit
    while left is None or left > 0:
        size = _PAGE if left is None else min(_PAGE, left)
        query = _both().where(subscription.c.id > after).order_by(subscription.c.id).limit(size)
        rows = tx.execute(query.where(subscription.c.digest == digest) if digest else query).all()
        yield from ((_subscriber(row, row.subscriber_id), _subscription(row)) for row in rows)
        if len(rows) < size:
            return
        after = rows[-1].subscription_id
        left = None if left is None else left - len(rows)


def counts(tx: Transaction) -> dict[str, int]:
    """Return how many active subscriptions each digest has."""
    query = select(subscription.c.digest, func.count()).where(subscription.c.active)
    return {row[0]: row[1] for row in tx.execute(query.group_by(subscription.c.digest).order_by("digest"))}


def activate(tx: Transaction, subscription_id: int, *, consent: Consent, now: datetime) -> bool:
    """Let a subscription be mailed, with the consent that it rests on; lifts a suppression of the address.

    Returns:
        Whether anything changed.
    """
    found = of_subscription(tx, subscription_id)
    if found is None or found[1].active:
        return False
    suppressions.lift(tx, addresses.hashed(addresses.key(found[0].address)))
    _set(tx, subscription_id, active=True, changed=now, **_consent(consent))
    return True


def end(tx: Transaction, subscription_id: int, *, now: datetime) -> bool:
    """End a subscription; its letters that are still to be sent are found ended when their turn comes.

    Returns:
        Whether it was active.
    """
    changed = tx.execute(
        update(subscription)
        .where(subscription.c.id == subscription_id, subscription.c.active)
        .values(active=False, changed=now)
    )
    return bool(changed.rowcount)


def choose(
    tx: Transaction,
    old: Subscription,
    *,
    sections: Sequence[str],
    hour: int | None,
    frequency: Frequency,
    now: datetime,
) -> None:
    """Change a subscription's sections, hour and frequency; the latter counts as :func:`_frequency` says."""
    often = _frequency(old.frequency, old.frequency_now, frequency)
    _set(tx, old.id, sections=list(sections), hour=hour, changed=now, **often)


def settle(tx: Transaction, subscriber_id: int, *, language: str | None, timezone: str | None) -> None:
    """Change a person's language and time zone; None: the letter's own language, the site's zone."""
    tx.execute(
        update(subscriber)
        .where(subscriber.c.id == subscriber_id)
        .values(language=language, timezone=timezone)
    )


def erase(tx: Transaction, address: str, *, now: datetime) -> bool:
    """Forget a person: only the hash of the address stays, so that no import brings them back.

    The rows of the ledger stay, because every edition's sum must hold, but without the address; what was
    still to be sent to them is not sent.

    Returns:
        Whether the person was on record.
    """
    key = addresses.key(address)
    suppressions.add(tx, addresses.hashed(key), reason=ERASED, detail="", now=now)
    signups.forget(tx, addresses.hashed(key))
    person = tx.scalar(select(subscriber.c.id).where(subscriber.c.address_key == key))
    if person is None:
        return False
    theirs = delivery.c.id.in_(_letters(person))
    tx.execute(
        update(delivery)
        .where(theirs, delivery.c.state.in_(OPEN))
        .values(state=State.SUPPRESSED, reason=ERASED, owner="", lease=None, changed=now)
    )
    tx.execute(update(delivery).where(theirs).values(address=""))
    tx.execute(delete(subscription).where(subscription.c.subscriber_id == person))
    tx.execute(delete(subscriber).where(subscriber.c.id == person))
    return True


def letters_to(tx: Transaction, subscriber_id: int) -> list[tuple[str, str, State, datetime]]:
    """Return (digest, slot, state, when it last changed) of every letter to a person, oldest first."""
    query = (
        select(edition.c.digest, edition.c.slot, delivery.c.state, delivery.c.changed)
        .join_from(edition, delivery, delivery.c.edition_id == edition.c.id)
        .where(delivery.c.id.in_(_letters(subscriber_id)))
        .order_by(delivery.c.id)
    )
    return [(row.digest, row.slot, State(row.state), row.changed) for row in tx.execute(query)]


def _letters(subscriber_id: int) -> Select[tuple[int]]:
    """Return the query for the ids of all deliveries to a person that there may be."""
    every = to_subscriptions(subscription.c.id).join(subscription, true())
    return every.where(subscription.c.subscriber_id == subscriber_id)


def _people(
    tx: Transaction, wanted: dict[tuple[str, str], Enrolment], hashes: dict[str, str], now: datetime
) -> dict[str, int]:
    """Return the ids of the people by address key; those who are not on record yet are added."""
    first: dict[str, Enrolment] = {}
    for (key, _), one in wanted.items():
        first.setdefault(key, one)
    mine = among(tx, subscriber.c.address_key, first)
    query = select(subscriber.c.address_key, subscriber.c.id).where(mine)
    known: dict[str, int] = {row.address_key: row.id for row in tx.execute(query)}
    fresh = [
        {
            "address": one.address,
            "address_key": key,
            "address_hash": hashes[key],
            "language": one.language,
            "timezone": one.timezone,
            "created": now,
        }
        for key, one in first.items()
        if key not in known
    ]
    if fresh:
        add_all(tx, subscriber, fresh)
        known |= {row.address_key: row.id for row in tx.execute(query)}
    return known


def _subscribe(
    tx: Transaction, wanted: dict[tuple[int, str], Enrolment], now: datetime, overrule: bool
) -> Taken:
    people = {person for person, _ in wanted}
    query = _both().where(among(tx, subscription.c.subscriber_id, people))
    stored = {(row.subscriber_id, row.digest): row for row in tx.execute(query)}
    fresh, changed = [], []
    for where, one in wanted.items():
        old = stored.get(where)
        values = {"sections": list(one.sections), "hour": one.hour, "active": one.active, "changed": now}
        values |= _consent(one.consent)
        if old is None:
            mine = {"subscriber_id": where[0], "digest": where[1], "frequency": one.frequency or "each"}
            fresh.append(values | mine)
        elif _differs(old, one) and (overrule or one.consent.at > max(old.changed, old.consent_at)):
            changed.append((old, one, values))
    if fresh:
        add_all(tx, subscription, fresh)
    for old, one, values in changed:
        often = _frequency(old.frequency, old.frequency_now, one.frequency or old.frequency)
        _set(tx, old.subscription_id, **values, **often)
        _settle_person(tx, old, one)
    return Taken(len(fresh), len(changed), len(wanted) - len(fresh) - len(changed))


def _differs(old: Row[Any], new: Enrolment) -> bool:
    mine = (tuple(old.sections), old.hour, old.frequency, old.active)
    wanted = (new.sections, new.hour, new.frequency or old.frequency, new.active)
    return mine != wanted or bool(_said_of_person(old, new))


def _frequency(chosen: Frequency, counts: Frequency | None, wanted: Frequency) -> dict[str, Frequency | None]:
    """Return what to keep when somebody wants a digest that often from now on.

    What counted so far counts until the next week's letter, where both kinds of letter have carried the same
    news: a change in the middle would repeat what somebody has had, or leave out what they have not. Changed
    back before that, nothing was changed.
    """
    until_then = counts or chosen
    changes = (until_then == "weekly") != (wanted == "weekly")
    return {"frequency": wanted, "frequency_now": until_then if changes else None}


def _settle_person(tx: Transaction, old: Row[Any], new: Enrolment) -> None:
    if said := _said_of_person(old, new):
        tx.execute(update(subscriber).where(subscriber.c.id == old.subscriber_id).values(said))


def _said_of_person(old: Row[Any], new: Enrolment) -> dict[str, str]:
    """Return what a row says about the person that differs; what it leaves empty stays as it was."""
    said = {"language": new.language, "timezone": new.timezone}
    return {name: value for name, value in said.items() if value and value != getattr(old, name)}


def _set(tx: Transaction, subscription_id: int, **values: Any) -> None:
    tx.execute(update(subscription).where(subscription.c.id == subscription_id).values(values))


def _consent(consent: Consent) -> dict[str, Any]:
    return {"consent_at": consent.at, "consent_where": consent.where, "consent_text": consent.text}


def _both() -> Select[Any]:
    return select(
        subscriber.c.address,
        subscriber.c.language,
        subscriber.c.timezone,
        subscriber.c.created,
        subscription,
        subscription.c.id.label("subscription_id"),
    ).join_from(subscriber, subscription, subscription.c.subscriber_id == subscriber.c.id)


def _subscriber(row: Row[Any], number: int) -> Subscriber:
    return Subscriber(
        id=number, address=row.address, language=row.language, timezone=row.timezone, created=row.created
    )


def _subscription(row: Row[Any]) -> Subscription:
    return Subscription(
        id=row.subscription_id,
        subscriber_id=row.subscriber_id,
        digest=row.digest,
        sections=tuple(row.sections),
        hour=row.hour,
        frequency=row.frequency,
        frequency_now=row.frequency_now,
        active=row.active,
        consent=Consent(at=row.consent_at, where=row.consent_where, text=row.consent_text),
        changed=row.changed,
    )
