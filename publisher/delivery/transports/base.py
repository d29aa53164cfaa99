"""What sending asks of a way out."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from publisher.delivery.message import Message


class Verdict(StrEnum):
    """What became of one message.

    ``deferred`` also when it is certain that nothing was handed over; ``uncertain`` when it left here whole
    and no answer came.
    """

    ACCEPTED = "accepted"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of one message; ``text`` is a server's answer without the recipient's address."""

    mark: str
    verdict: Verdict
    text: str


class Transport(Protocol):
    """Takes messages a few at a time.

    The sender asks for room, commits the intent to send as many messages, hands them over, and commits the
    results. Whatever happens in between, at most that many messages are in doubt.

    Attributes:
        name: which way out it is, for the ledger.
    """

    name: str

    def room(self) -> int:
        """Return how many messages can be handed over now; 0 only while others are under way.

        Raises:
            UnreachableError: nothing can be handed over at present.
        """

    def take(self, message: Message, *, again: bool) -> None:
        """Hand a message over; ``again`` when an earlier attempt may have left a trace."""

    def results(self) -> Sequence[Result]:
        """Wait for and return the outcome of at least one message taken; empty when none is under way."""

    def arrived(self, mark: str) -> bool | None:
        """Return whether a message of an earlier process arrived; None when that cannot be found out here."""

    def close(self) -> None:
        """Let go of everything; never raises."""
