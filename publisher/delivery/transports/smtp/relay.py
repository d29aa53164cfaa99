"""One relay: its connections, how many of them it bears, and whether it is left out for the moment."""

import ssl
from collections.abc import Iterator

from publisher.delivery.transports.smtp.connection import Connection, Line
from publisher.delivery.transports.smtp.lookup import Lookup
from publisher.delivery.transports.smtp.server import Server, Timeouts
from publisher.delivery.transports.smtp.talk import Talk
from publisher.delivery.transports.smtp.verdicts import unreachable
from publisher.delivery.transports.smtp.wire import Address, literal
from publisher.errors import UnreachableError

_FIRST_REST, _LONGEST_REST = 1.0, 60.0
_ADDRESSES_KEPT = 60.0
_STRIKES = 5
"""Letters in a row that ended in trouble, after which a relay rests while others work."""


class Relay:
    """What is known of one relay.

    Attributes:
        name: its key in the config.
        label: how a person knows it.
        weight: its share.
        connections: those that are open or about to be.
        quota: how many more messages it may take; None for any number.
        shut_since: since when it may take none; None while it may.
        problem: why it could not be used when it was last tried.
        rests_until: when it is tried again, on the transport's clock.
        heard: when it last answered.
        is_slow: it missed its turn, so it takes what it can and nobody waits for it.
        strikes: letters in a row that ended in trouble.
        takes_utf8: whether it takes addresses beyond ASCII; None while it has not said.
    """

    def __init__(self, server: Server, timeouts: Timeouts) -> None:
        self._server, self._timeouts = server, timeouts
        self.name, self.label = server.name, server.label
        self.weight = server.settings.weight
        self.connections: list[Line] = []
        self.quota: int | None = None
        self.shut_since: float | None = None
        self.problem = ""
        self.rests_until = self.heard = 0.0
        self.is_slow = False
        self.takes_utf8: bool | None = None
        self.strikes = 0
        self._failures = 0
        self._most = server.settings.connections
        self._most_until = 0.0
        self._context: ssl.SSLContext | None = None
        self._addresses: list[Address] = []
        self._asked = float("-inf")
        self._lookup: Lookup | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the sender lets it take messages."""
        return self.quota is None or self.quota > 0

    def rests(self, now: float) -> bool:
        """Return whether it is left out for the moment."""
        return now < self.rests_until

    def opening(self) -> Iterator[Line]:
        """Yield connections that are on their way."""
        return (one for one in self.connections if one.talk is None)

    def free(self) -> Iterator[Talk]:
        """Yield conversations with nothing under way and nothing announced."""
        return (talk for talk in self._talks() if talk.coming is None and talk.is_free)

    def nameable(self) -> Iterator[Talk]:
        """Yield conversations that are at work and take one more envelope."""
        return (talk for talk in self._talks() if talk.can_name and talk.current is not None)

    def _talks(self) -> Iterator[Talk]:
        return (one.talk for one in self.connections if one.talk is not None)

    def left(self) -> int:
        """Return how many messages it may be given, counting those that were announced there."""
        if self.quota is None:
            return 1 << 30
        named = sum(
            1 for one in self.connections if one.talk and one.talk.coming and not one.talk.coming.taken
        )
        return max(self.quota - named, 0)

    def most(self, now: float) -> int:
        """Return how many connections it bears."""
        if now >= self._most_until:
            self._most = self._server.settings.connections
        return self._most

    def call(self, now: float) -> Line | None:
        """Begin a connection, or ask where to; None when that is being asked, or with a problem noted.

        Raises:
            UnreachableError: its file of certificates cannot be read.
        """
        if self._context is None:
            self._context = self._server.context()
        settings, asks = self._server.settings, self._lookup is not None and not self._lookup.closed
        try:
            if not asks and now >= self._asked + _ADDRESSES_KEPT:
                if not (found := literal(settings.host, settings.port)):
                    self._lookup = Lookup(settings.host, settings.port, self._timeouts.connect, now)
                    return self._lookup
                self._addresses, self._asked = found, now
            return self._begin(self._addresses, now)
        except (OSError, RuntimeError) as error:
            self.fail(unreachable(error), now)
        return None

    def again(self, connection: Line, now: float) -> Line | None:
        """Try the next address of one that did not answer, or the first that was found."""
        addresses = [] if connection.reached else connection.rest
        if connection is self._lookup:
            # Where it was a minute ago is better than nowhere.
            addresses = self._addresses = addresses or self._addresses
            self._asked = now if addresses else self._asked
        try:
            return self._begin(addresses, now)
        except OSError as error:
            connection.problem = unreachable(error)
        return None

    def worked(self, now: float) -> None:
        """Note an answer."""
        self.heard, self._failures, self.problem = now, 0, ""

    def fail(self, problem: str, now: float) -> None:
        """Note that it could not be used; while others of its connections work, it only bears fewer."""
        working = sum(1 for one in self.connections if one.talk is not None)
        self.problem = problem
        if working:
            self._most, self._most_until = working, now + _LONGEST_REST
        else:
            self.rest(problem, now)

    def rest(self, problem: str, now: float) -> None:
        """Leave it out for a while, each time longer."""
        self.problem, self.strikes = problem, 0
        self.rests_until = now + min(_FIRST_REST * 2**self._failures, _LONGEST_REST)
        self._failures = min(self._failures + 1, 10)

    def strike(self) -> bool:
        """Note a letter that ended in trouble; return whether it is time to rest."""
        self.strikes += 1
        return self.strikes >= _STRIKES

    def _begin(self, addresses: list[Address], now: float) -> Line | None:
        if not addresses:
            return None
        return Connection(self._server, self._context, addresses, self._timeouts, now)


def every_reason(relays: list[Relay]) -> UnreachableError:
    """Return the one line that names each relay and why it cannot be used."""
    return UnreachableError("; ".join(f"{one.label}: {one.problem or 'is not to be used'}" for one in relays))
