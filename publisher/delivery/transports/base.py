"""What sending asks of a way out.

The round of a sender, as small as it may be::

    while there is something to send:
        group = the next transport.room() messages        # 0 only while others are under way: ask for results
        commit the intent to send the group
        for each: transport.take(message, again=...)
        commit what transport.results() returns           # may be nothing: then ask for room again

What a sender may use beyond that (a way out that has no use for it inherits what does nothing):

* ``announce(message)`` names sender and recipient of a coming message while another is still under way.
  Nothing of its content leaves, so no intent is needed, and it can be taken back with ``withdraw``. Once its
  place is free, its mark stands in ``announced()``: these are to be taken before any other, and they count
  in ``room()``. What a server says to the envelope is told as the result of the message, after it was taken.
* ``relays()``, ``allow(relay, messages)`` and ``troubles()`` are for limits and circuit breakers, which the
  sender keeps: how many more messages a relay may take, none, or any number; and what went wrong with a relay
  as such. Each result names its relay, and says whether the relay is to blame rather than the message.
* ``results(wait=False)`` moves what can be moved, and returns at once.
* ``Message.canonical`` spares looking through the content, ``Message.envelope_id`` comes back in reports.

At any moment at most one message for each open connection was taken and has no result. When the sender is
killed, no other can be in doubt.
"""

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
    """The outcome of one message.

    Attributes:
        mark: of the message.
        verdict: what became of it.
        text: a server's answer without the recipient's address, on one line.
        relay: which relay answered, or should have; empty for a way out that is none.
        relay_ails: whether it tells of the relay (lost, silent, closing, refuses us) and not of the message.
    """

    mark: str
    verdict: Verdict
    text: str
    relay: str = ""
    relay_ails: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """A relay that could not be used, with one line that says why."""

    relay: str
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
            UnreachableError: nothing can be handed over at present, and nothing is under way.
        """

    def take(self, message: Message, *, again: bool) -> None:
        """Hand a message over; ``again`` when an earlier attempt may have left a trace."""

    def push(self) -> None:
        """Let what was handed over and announced leave now; answers are heard in :meth:`results` only."""
        return

    def results(self, *, wait: bool = True) -> Sequence[Result]:
        """Return the outcomes that are known, each once.

        Args:
            wait: until there is one, or until there may be more room than before. Then, and when nothing is
                under way, nothing may be returned.
        """

    def arrived(self, mark: str) -> bool | None:
        """Return whether a message of an earlier process arrived; None when that cannot be found out here."""

    def close(self) -> None:
        """Finish what is under way, as far as that goes, and let go of everything; never raises."""

    def announce(self, message: Message) -> bool:  # noqa: ARG002 - a way out without envelopes
        """Name a coming message ahead; return whether there was a place for it."""
        return False

    def announced(self) -> Sequence[str]:
        """Return the marks of announced messages that can be taken now."""
        return ()

    def withdraw(self, mark: str) -> None:  # noqa: ARG002
        """Forget an announced message that is not to be sent after all."""
        return

    def relays(self) -> Sequence[str]:
        """Return the names of the relays, in the order of the config."""
        return ()

    def allow(self, relay: str, messages: int | None) -> None:  # noqa: ARG002
        """Say how many messages, counted from now, a relay may take: 0 for none, None for any number.

        When none may take any, there is no room, and that is no error.
        """
        return

    def troubles(self) -> Sequence[Trouble]:
        """Return what went wrong with relays as such since the last time this was asked."""
        return ()
