"""The transport to mail servers: which message goes to which, and how many may go now."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Result, Transport, Trouble, Verdict
from publisher.delivery.transports.smtp.connection import Line
from publisher.delivery.transports.smtp.exchange import Exchange
from publisher.delivery.transports.smtp.relay import Relay, every_reason
from publisher.delivery.transports.smtp.server import Server, Timeouts
from publisher.delivery.transports.smtp.shares import Shares
from publisher.delivery.transports.smtp.talk import Errand, Talk

Place = tuple[Relay, Talk]
"""A relay, and the conversation with it that takes a message."""

_FOREVER = float("inf")
_SHUT = 1.0
"""For so many seconds letters stay announced to a relay that may take nothing: its limit may soon let it."""


class Relays(Transport):
    """A transport to one or several servers, with connections that are kept open."""

    def __init__(
        self,
        servers: Sequence[Server],
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        names = ", ".join(one.name for one in servers)
        self.name = servers[0].label if len(servers) == 1 else f"mail relays {names}"
        self._exchange = Exchange(servers, timeouts, clock)
        self._relays = self._exchange.relays
        self._shares = Shares({one.name: one.weight for one in self._relays.values()})
        self._only = next(iter(self._relays.values())) if len(servers) == 1 else None
        self._timeouts = timeouts
        self._clock = clock
        self._held_until = _FOREVER
        self._offered = 0
        """What room() said last, less what was taken since."""
        self._wants_more = False
        """There is more to send than there are places."""

    def room(self) -> int:
        """Return the places that are free now, with at least one connection open or a letter under way."""
        exchange = self._exchange
        if not exchange.under_way:
            # Where something is, answers are heard in results() only: an answer that came and was not told
            # leaves a message in doubt, and its place must not be given to another one meanwhile.
            exchange.turn(0)
            self._move_from_shut(after=0)
            self._house()
        self._call_more()
        while not (places := self._places()) and not exchange.under_way and not exchange.results:
            now = self._clock()
            usable = list(exchange.usable(now))
            if not any(any(one.opening()) for one in self._relays.values()):
                if not any(one.is_allowed for one in self._relays.values()):
                    break
                if not usable:
                    raise every_reason([one for one in self._relays.values() if one.is_allowed])
            exchange.turn(None)
            self._house()
            self._call_more()
        exchange.has_news = False
        self._offered = places
        return places

    def take(self, message: Message, *, again: bool) -> None:  # noqa: ARG002 - a server keeps no trace for us
        """Hand a message to the connection where it was announced, or to one whose turn it is."""
        self._exchange.under_way += 1
        self._offered -= 1
        self._wants_more = self._wants_more or self._offered <= 0
        found = self._exchange.named.pop(message.mark, None)
        if found is not None:
            relay, talk, errand = found
            errand.message = message
            talk.take(errand)
            _spend(relay)
            return
        errand = Errand(message, taken=True)
        if not self._place(errand):
            self._exchange.homeless.append(errand)

    def push(self) -> None:
        """Write what waits to be written."""
        self._exchange.push()

    def results(self, *, wait: bool = True) -> Sequence[Result]:
        """Return the answers that came."""
        exchange = self._exchange
        self._move_from_shut(after=_SHUT)
        self._house()
        idle = not wait
        while True:
            idle = idle or not exchange.under_way or bool(exchange.results) or exchange.has_news
            left = 0.0 if idle else self._held_until - self._clock()
            exchange.turn(max(left, 0) if left < _FOREVER else None)
            self._house()
            if idle or left <= 0 or exchange.results:
                break
        self._held_until, exchange.has_news = _FOREVER, False
        done, exchange.results = exchange.results, []
        return done

    def arrived(self, mark: str) -> bool | None:  # noqa: ARG002 - SMTP has no such question
        """Return None: only the server's log knows."""
        return None

    def close(self) -> None:
        """Finish, as far as that goes within a moment, and say goodbye."""
        self._exchange.leave(self._timeouts.leave)

    def announce(self, message: Message) -> bool:
        """Name a message ahead on a connection that is at work."""
        self._wants_more = True
        place = self._turn_of(Relay.nameable, message)
        if place is not None:
            self._name(place, Errand(message))
        return place is not None

    def announced(self) -> Sequence[str]:
        """Return the marks whose place is free now, in the order in which they were announced."""
        return [
            mark
            for mark, (relay, talk, _) in self._exchange.named.items()
            if talk.is_free and relay.is_allowed
        ]

    def withdraw(self, mark: str) -> None:
        """Forget an announced message."""
        exchange = self._exchange
        found = exchange.named.pop(mark, None)
        if found is not None:
            _, talk, errand = found
            talk.forget(errand)
        for errand in [one for one in exchange.homeless if one.message.mark == mark and not one.taken]:
            exchange.homeless.remove(errand)

    def relays(self) -> Sequence[str]:
        """Return the relays' keys in the config."""
        return list(self._relays)

    def allow(self, relay: str, messages: int | None) -> None:
        """Set how many more messages a relay may take."""
        one = self._relays[relay]
        one.quota = messages
        if one.is_allowed:
            one.shut_since = None
        elif one.shut_since is None:
            one.shut_since = self._clock()

    def troubles(self) -> Sequence[Trouble]:
        """Return what went wrong with relays as such."""
        found, self._exchange.troubles = self._exchange.troubles, []
        return found

    # -- how many, and where

    def _places(self) -> int:
        """Return how many messages can be taken, holding back while it is the turn of a relay at work."""
        now = self._clock()
        usable = [one for one in self._exchange.usable(now) if any(_open(one))]
        free = {one.name: min(sum(1 for _ in one.free()), one.left()) for one in usable}
        count = len(self.announced())
        for one in usable:
            one.is_slow = one.is_slow and 2 * free[one.name] < len(one.connections)
        count += sum(free[one.name] for one in usable if one.is_slow)
        among = {one.name: one for one in usable if not one.is_slow and one.left()}
        ahead = self._shares.copy()
        while any(free[name] for name in among):
            name = ahead.next(among)
            assert name is not None, "one of them has a place"
            if free[name]:
                free[name] -= 1
                ahead.give(name, among)
                count += 1
            elif not self._misses_its_turn(among[name], now):
                break
            else:
                del among[name]
        return count

    def _misses_its_turn(self, relay: Relay, now: float) -> bool:
        """Return whether a relay without a free place has kept others waiting for long enough."""
        until = relay.heard + self._timeouts.patience
        relay.is_slow = now >= until
        if not relay.is_slow:
            self._held_until = min(self._held_until, until)
        return relay.is_slow

    def _turn_of(self, places: Callable[[Relay], Iterator[Talk]], message: Message) -> Place | None:
        """Return where it is a message's turn, or None when there is no place."""
        now = self._clock()
        if self._only is not None:
            usable_now = self._only.is_allowed and not self._only.rests(now) and self._only.left()
            return _place_in([self._only] if usable_now else [], places)
        usable = [one for one in self._exchange.usable(now) if any(_open(one)) and one.left()]
        if message.utf8 and any(one.takes_utf8 for one in usable):
            return _place_in([one for one in usable if one.takes_utf8], places)
        found = _place_in([one for one in usable if one.is_slow and any(one.free())], places)
        if found is None:
            among = {one.name: one for one in usable if not one.is_slow}
            name = self._shares.next(among)
            found = _place_in([among[name]] if name is not None else [], places)
            if name is not None and found is not None:
                self._shares.give(name, among)
        return found

    def _place(self, errand: Errand) -> bool:
        """Give a message that was taken to a free connection, if there is one."""
        now, exchange = self._clock(), self._exchange
        usable = list(exchange.usable(now))
        if errand.moved and errand.message.utf8 and exchange.may_take_utf8(now):
            # Refused where it was; it waits for a relay that takes it, or that has not said.
            found = _place_in([one for one in usable if one.takes_utf8], Relay.free)
        else:
            found = self._turn_of(Relay.free, errand.message) or _place_in(usable, Relay.free)
        if found is not None:
            relay, talk = found
            talk.take(errand)
            _spend(relay)
        return found is not None

    def _name(self, place: Place, errand: Errand) -> None:
        relay, talk = place
        self._exchange.named[errand.message.mark] = relay, talk, errand
        talk.name(errand)

    def _house(self) -> None:
        """Find places for messages whose connection ended; without any relay left they are put off."""
        exchange = self._exchange
        for _ in range(len(exchange.homeless)):
            errand = exchange.homeless.popleft()
            if not errand.taken:
                if not self._name_anywhere(errand):
                    exchange.homeless.append(errand)
            elif not self._place(errand):
                exchange.homeless.append(errand)
        if any(one.taken for one in exchange.homeless):
            self._put_off_or_call()

    def _move_from_shut(self, *, after: float) -> None:
        """Take back what was announced to relays that may take nothing, for so long, where others may."""
        now, exchange = self._clock(), self._exchange
        since = [one.shut_since for one in self._relays.values() if one.shut_since is not None]
        if not since or now < min(since) + after or not any(exchange.usable(now)):
            return
        for relay, talk, errand in list(exchange.named.values()):
            if relay.shut_since is not None and now >= relay.shut_since + after:
                del exchange.named[errand.message.mark]
                talk.forget(errand)
                exchange.homeless.append(errand)

    def _name_anywhere(self, errand: Errand) -> bool:
        usable = [one for one in self._exchange.usable(self._clock()) if one.left()]
        place = _place_in(usable, lambda one: chain(one.free(), one.nameable()))
        if place is not None:
            self._name(place, errand)
        return place is not None

    def _put_off_or_call(self) -> None:
        exchange, now = self._exchange, self._clock()
        usable = list(exchange.usable(now))
        for relay in usable:
            if not relay.connections:
                exchange.call(relay, now)
        if any(one.connections for one in usable):
            return
        why = str(every_reason(list(self._relays.values())))
        for errand in [one for one in exchange.homeless if one.taken]:
            exchange.homeless.remove(errand)
            exchange.under_way -= 1
            exchange.results.append(
                Result(errand.message.mark, Verdict.DEFERRED, why, next(iter(self._relays)), relay_ails=True)
            )

    def _call_more(self) -> None:
        """Open a first connection to each relay, and twice as many when there is more to send than places."""
        now = self._clock()
        for relay in list(self._exchange.usable(now)):
            have = len(relay.connections)
            more = min(max(have, 1) if self._wants_more else 0, relay.most(now) - have)
            for _ in range(more if have else 1):
                if not relay.rests(now):
                    self._exchange.call(relay, now)
        self._wants_more = False


def _place_in(relays: Iterable[Relay], places: Callable[[Relay], Iterator[Talk]]) -> Place | None:
    return next(((one, talk) for one in relays for talk in places(one)), None)


def _open(relay: Relay) -> list[Line]:
    return [one for one in relay.connections if one.talk is not None]


def _spend(relay: Relay) -> None:
    if relay.quota is not None:
        relay.quota -= 1
