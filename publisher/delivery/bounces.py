"""Acting on what comes back: the delivery's state, and who is not mailed any more."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from publisher import addresses
from publisher.delivery.inbox import Waiting
from publisher.delivery.message import mark_of
from publisher.delivery.reports import read
from publisher.model.action import Action
from publisher.model.delivery import Delivery, State
from publisher.model.report import Kind, Report
from publisher.store import (
    Store,
    Transaction,
    actions,
    deliveries,
    editions,
    reports,
    subscribers,
    suppressions,
)
from publisher.tokens import Tokens

SOFT_LIMIT = 3
SOFT_SPAN = timedelta(days=30)
"""An address from which so many letters came back within that time is not mailed any more."""

_STATES = {Kind.HARD: State.BOUNCED, Kind.SOFT: State.BOUNCED, Kind.COMPLAINT: State.COMPLAINED}


@dataclass(slots=True)
class BounceReport:
    """What reading reports did.

    Attributes:
        kinds: new reports by what they mean.
        repeated: how many had been read before.
        unmatched: how many new ones name no letter of ours.
        suppressed: how many addresses are not mailed any more because of them.
        left: how many subscriptions ended because of them.
    """

    kinds: Counter[Kind] = field(default_factory=Counter)
    repeated: int = 0
    unmatched: int = 0
    suppressed: int = 0
    left: int = 0


def take_in(
    store: Store, messages: Iterable[bytes | Waiting], *, tokens: Tokens, now: datetime
) -> BounceReport:
    """Read reports; each is kept in the transaction that acts on it, so reading one twice changes nothing.

    A report is believed about a letter only when it carries a token of that letter: nobody who has not got
    it can have somebody else's letters stopped.

    Args:
        store: the ledger.
        messages: one report each, taken one after another: when the next is asked for, the last is stored.
        tokens: that the letters were made with.
        now: when.
    """
    done = BounceReport()
    for message in messages:
        content = message.content if isinstance(message, Waiting) else message
        found = read(content)
        with store.write() as tx:
            _take(tx, content, found, done, tokens=tokens, now=now)
        if isinstance(message, Waiting):
            message.stored(found.kind)
    return done


def _take(
    tx: Transaction, content: bytes, found: Report, done: BounceReport, *, tokens: Tokens, now: datetime
) -> None:
    about = _delivery(tx, found, tokens) if found.kind is not Kind.UNSUBSCRIBE else None
    mark = addresses.hashed(addresses.key(about.address)) if about and about.address else None
    fingerprint = sha256(content).hexdigest()
    number = about.id if about else None
    if not reports.add(tx, fingerprint, found, delivery_id=number, address_hash=mark, now=now):
        done.repeated += 1
        return
    done.kinds[found.kind] += 1
    if found.kind is Kind.UNSUBSCRIBE:
        _leave(tx, found, done, tokens, now)
        return
    if about is None:
        done.unmatched += 1
        return
    _settle(tx, about, found, now)
    if mark is not None and _is_over(tx, found, mark, now):
        reason = "complained" if found.kind is Kind.COMPLAINT else "bounced"
        detail = f"{found.status} {found.detail}".strip()
        done.suppressed += suppressions.add(tx, mark, reason=reason, detail=detail, now=now)


def _leave(tx: Transaction, found: Report, done: BounceReport, tokens: Tokens, now: datetime) -> None:
    """End the subscription whose token the address written to carries."""
    numbers = [tokens.read("unsubscribe", token) for token in found.unsubscribe_tokens]
    known = [one for number in numbers if number and (one := subscribers.of_subscription(tx, number))]
    if not known:
        done.unmatched += 1
    for _, choice in known:
        if subscribers.end(tx, choice.id, now=now):
            done.left += 1
            actions.record(tx, Action(now, "a subscriber", "left by mail", f"subscription {choice.id}"))


def _settle(tx: Transaction, about: Delivery, found: Report, now: datetime) -> None:
    state = _STATES.get(found.kind)
    if state is None:
        return
    reason = f"{found.status} {found.detail}".strip()
    if about.state is State.UNCERTAIN:
        # Something that came back had been taken before.
        deliveries.settle(tx, about.id, State.ACCEPTED, reason, now=now)
    deliveries.settle(tx, about.id, state, reason, now=now)


def _is_over(tx: Transaction, found: Report, mark: str, now: datetime) -> bool:
    """Return whether the address is not to be mailed any more."""
    if found.kind in {Kind.HARD, Kind.COMPLAINT}:
        return True
    return found.kind is Kind.SOFT and (reports.failed_letters(tx, mark, since=now - SOFT_SPAN) >= SOFT_LIMIT)


def _delivery(tx: Transaction, found: Report, tokens: Tokens) -> Delivery | None:
    """Return the letter that a report is about, by a token that only its recipient's server can know."""
    for token in found.tokens:
        number = tokens.read("message", token)
        if number is not None and (about := deliveries.get(tx, number)):
            return about
    for token in found.unsubscribe_tokens:
        subscription = tokens.read("unsubscribe", token)
        if subscription is not None:
            return _by_mark(tx, subscription, found.marks)
    return None


def _by_mark(tx: Transaction, subscription_id: int, marks: tuple[str, ...]) -> Delivery | None:
    for about in deliveries.to_subscription(tx, subscription_id):
        edition = editions.by_id(tx, about.edition_id)
        if edition is not None and mark_of(edition, about.id) in marks:
            return about
    return None
