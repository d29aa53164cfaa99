"""One edition on its way to one subscription: its states and the moves between them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    """Where a delivery stands. *accepted* means a mail server took it; it is not "delivered"."""

    PENDING = "pending"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    SUPPRESSED = "suppressed"


MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.SENDING, State.SUPPRESSED, State.FAILED}),
    State.SENDING: frozenset({State.ACCEPTED, State.DEFERRED, State.FAILED, State.UNCERTAIN, State.PENDING}),
    State.DEFERRED: frozenset({State.SENDING, State.SUPPRESSED, State.FAILED}),
    State.UNCERTAIN: frozenset({State.ACCEPTED, State.FAILED, State.PENDING}),
    State.ACCEPTED: frozenset({State.BOUNCED, State.COMPLAINED}),
    State.FAILED: frozenset({State.PENDING}),
    State.BOUNCED: frozenset(),
    State.COMPLAINED: frozenset(),
    State.SUPPRESSED: frozenset(),
}
"""Legal moves. From *sending* back to *pending* only when it is certain that nothing was handed over, from
*failed* only when a person asks for it.
"""

OPEN = frozenset({State.PENDING, State.DEFERRED})
"""States from which a delivery is still to be sent."""


SUBSCRIPTIONS = 1_000_000_000
"""Subscription numbers stay below this."""


def number(edition_id: int, subscription_id: int) -> int:
    """Return the id of an edition's delivery to a subscription: 3 and 42 make 3000000042.

    So one key says that there is one for each edition and subscription, and finds it.
    """
    return edition_id * SUBSCRIPTIONS + subscription_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the ledger.

    Attributes:
        id: :func:`number` of it; Message-ID and the outbox's file name derive from it.
        planned: when it was first due (UTC); never moves, the letter's Date and deadline count from it.
        due: not before this time (UTC); moves on when deferred.
        attempts: how often its sending began.
        reason: last answer of a server or why it is not sent; never holds an address or a token.
    """

    id: int
    edition_id: int
    subscription_id: int
    address: str
    language: str
    sections: tuple[str, ...]
    state: State
    planned: datetime
    due: datetime
    attempts: int
    reason: str
    changed: datetime
