"""All connections of a process, driven by one selector, and what becomes of messages when one ends."""

import selectors
from collections import deque
from collections.abc import Callable, Iterator, Sequence

from publisher.delivery.transports.base import Result, Trouble, Verdict
from publisher.delivery.transports.smtp.connection import Line
from publisher.delivery.transports.smtp.relay import Relay
from publisher.delivery.transports.smtp.server import Server, Timeouts
from publisher.delivery.transports.smtp.talk import Errand, Talk
from publisher.delivery.transports.smtp.verdicts import Outcome, Step

_LOOK = 0.25
"""For how many seconds at most a late connection stays unnoticed while there is always something to hear."""


class Exchange:
    """The connections, and the messages on their way.

    Attributes:
        relays: by name, in the order of the config.
        named: announced messages by mark, with where they wait.
        homeless: messages whose connection ended before any of their content had left.
        results, troubles: what is to be told.
        under_way: how many messages were taken and have no result.
        has_news: a connection became ready since this was last put back.
    """

    def __init__(self, servers: Sequence[Server], timeouts: Timeouts, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.relays = {one.name: Relay(one, timeouts) for one in servers}
        self.named: dict[str, tuple[Relay, Talk, Errand]] = {}
        self.homeless: deque[Errand] = deque()
        self.results: list[Result] = []
        self.troubles: list[Trouble] = []
        self.under_way = 0
        self.has_news = False
        self._selector: selectors.BaseSelector | None = None
        self._expiry = 0.0
        """When connections that waited too long are looked for, while others keep us busy."""
        self._leaves = False
        """We let go of them, so that a connection's end is nobody's trouble."""

    def usable(self, now: float) -> Iterator[Relay]:
        """Yield the relays that may take messages now."""
        return (one for one in self.relays.values() if one.is_allowed and not one.rests(now))

    def call(self, relay: Relay, now: float) -> None:
        """Begin a connection to a relay."""
        before = relay.problem
        connection = relay.call(now)
        if connection is not None:
            self._add(relay, connection, now)
        elif relay.problem != before:
            self.troubles.append(Trouble(relay.name, relay.problem))

    def push(self) -> None:
        """Write what waits."""
        now = self.clock()
        for relay, connection in self._each():
            self._push(relay, connection, now)

    def turn(self, wait: float | None) -> None:
        """Write what waits, wait for something to happen, and do what follows from it.

        Args:
            wait: seconds at most; None for as long as something has a deadline.
        """
        selector = self._selector = self._selector or selectors.DefaultSelector()
        now = self.clock()
        for relay, connection in self._each():
            self._push(relay, connection, now)
            if connection.mask != connection.known_mask and not connection.closed:
                selector.modify(connection, connection.mask, (relay, connection))
                connection.known_mask = connection.mask
        ready = selector.select(0)
        if not ready and not self.results and wait != 0:
            ready = selector.select(self._patience(wait, now))
        now = self.clock()
        for key, mask in ready:
            relay, connection = key.data
            connection.handle(mask, now)
            self._settle(relay, connection, now)
        if not ready or now >= self._expiry:
            for relay, connection in self._each():
                connection.expire(now)
                self._settle(relay, connection, now)
            self._expiry = now + _LOOK

    def _patience(self, wait: float | None, now: float) -> float:
        """Return for how many seconds something may happen, until the next deadline at most."""
        deadlines = [one.deadline for _, one in self._each() if not one.closed and one.deadline is not None]
        if not deadlines:
            return wait or 0
        until = max(min(deadlines) - now, 0)
        return until if wait is None else min(wait, until)

    def leave(self, seconds: float) -> None:
        """Say goodbye everywhere, and let go of what does not answer in time."""
        until, self._leaves = self.clock() + seconds, True
        while (left := until - self.clock()) > 0 and any(self._each()):
            for _, connection in self._each():
                talk = connection.talk
                if talk is None:
                    connection.close("left")
                elif talk.current is None and talk.awaited is not Step.QUIT:
                    talk.quit()
            self.turn(left)
        now = self.clock()
        for relay, connection in self._each():
            connection.close("left")
            self._settle(relay, connection, now)
        self._leaves = False
        if self._selector is not None:
            self._selector.close()
            self._selector = None

    def _each(self) -> list[tuple[Relay, Line]]:
        return [(relay, one) for relay in self.relays.values() for one in relay.connections]

    def _add(self, relay: Relay, connection: Line, now: float) -> None:
        self._selector = self._selector or selectors.DefaultSelector()
        relay.connections.append(connection)
        if not connection.closed:
            connection.known_mask = connection.mask
            self._selector.register(connection, connection.mask, (relay, connection))
        self._settle(relay, connection, now)

    def _push(self, relay: Relay, connection: Line, now: float) -> None:
        talk = connection.talk
        if talk is not None and (talk.out or talk.over):
            connection.flush(now)
        elif talk is not None and connection.is_known_ready and not (talk.ended or connection.closed):
            return
        self._settle(relay, connection, now)

    def _settle(self, relay: Relay, connection: Line, now: float) -> None:
        """Take over what a connection decided, and what it leaves behind when it ended."""
        talk = connection.talk
        if talk is not None:
            if not connection.is_known_ready:
                connection.is_known_ready = self.has_news = True
                relay.heard = now
                relay.takes_utf8 = talk.offers.smtputf8
            ended, talk.ended = talk.ended, []
            for errand, outcome in ended:
                self._decided(relay, errand, outcome, now)
        if not connection.closed or connection not in relay.connections:
            return
        relay.connections.remove(connection)
        if connection.known_mask and self._selector is not None:
            self._selector.unregister(connection)
        if talk is None:
            if not self._leaves:
                self._unopened(relay, connection, now)
            return
        if talk.coming is not None:
            self._orphaned(relay, talk, talk.coming, now)
        elif not talk.served and not talk.was_used and not self._leaves:
            self._fail(relay, f"connection lost: {talk.over}", now)

    def _unopened(self, relay: Relay, connection: Line, now: float) -> None:
        following = relay.again(connection, now)
        if following is not None:
            self._add(relay, following, now)
        else:
            self._fail(relay, connection.problem, now)

    def _fail(self, relay: Relay, problem: str, now: float) -> None:
        relay.fail(problem, now)
        self.troubles.append(Trouble(relay.name, problem))

    def _orphaned(self, relay: Relay, talk: Talk, errand: Errand, now: float) -> None:
        """Keep a message for another connection; one that was taken moves on only once."""
        self.named.pop(errand.message.mark, None)
        if not errand.taken:
            self.homeless.append(errand)
        elif not errand.moved and (talk.served or any(one is not relay for one in self.usable(now))):
            errand.moved = True
            self.homeless.append(errand)
        else:
            why = f"connection lost before the letter: {talk.over}"
            self._decided(relay, errand, Outcome(Verdict.DEFERRED, why, relay_ails=True), now)

    def _decided(self, relay: Relay, errand: Errand, outcome: Outcome, now: float) -> None:
        message = errand.message
        if outcome.never_said:
            if not errand.moved and self.may_take_utf8(now):
                errand.moved = True
                self.homeless.append(errand)
                return
            if any(one.takes_utf8 is not False for one in self.relays.values()):
                outcome = Outcome(Verdict.DEFERRED, f"{outcome.text}; another one may, and is not at hand")
        self.under_way -= 1
        self.results.append(
            Result(message.mark, outcome.verdict, outcome.text, relay.name, outcome.relay_ails)
        )
        if outcome.verdict in (Verdict.ACCEPTED, Verdict.FAILED):
            relay.strikes = 0
            relay.worked(now)
            return
        relay.heard = now
        if relay.strike() and any(one is not relay for one in self.usable(now)):
            relay.rest(outcome.text, now)
            self.troubles.append(Trouble(relay.name, outcome.text))

    def may_take_utf8(self, now: float) -> bool:
        """Return whether a relay that is at hand takes addresses beyond ASCII, or has not said."""
        return any(one.takes_utf8 is not False for one in self.usable(now))
