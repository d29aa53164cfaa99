"""The letters that are made before their turn comes.

Making one, its signatures above all, takes longer than handing it over. So it is done while servers answer,
and for several at once, because several signatures together cost less than each by itself.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from publisher.delivery.message import Draft, Letter, Message, signed
from publisher.delivery.multibuffer import LANES
from publisher.delivery.transports.base import Transport
from publisher.model.delivery import Delivery
from publisher.tokens import Tokens

_ENOUGH = 96
"""So many letters may be made ahead; with fewer than that left to make, it is time for the next."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A letter that is made and may go."""

    delivery: Delivery
    message: Message

    @property
    def attempt(self) -> int:
        """Which attempt this is going to be."""
        return self.delivery.attempts + 1


@dataclass(slots=True)
class Stock:
    """What is still to be made, what is made, and what of that servers have been told of.

    Attributes:
        transport: the way out.
        tokens: for the links in the letters.
        refuse: told of a delivery that there cannot be a letter for, and why.
    """

    transport: Transport
    tokens: Tokens
    refuse: Callable[[Delivery, str], None]
    _queue: deque[tuple[Delivery, Letter]] = field(default_factory=deque)
    _made: dict[str, Ready] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether there is anything left to send."""
        return bool(self._made or self._queue)

    def add(self, letters: Iterable[tuple[Delivery, Letter]]) -> None:
        """Take in what may be sent."""
        self._queue.extend(letters)

    def group(self) -> list[Ready]:
        """Return as many letters as there is room for; those named ahead come first."""
        room = self.transport.room()
        announced = self.transport.announced()[:room]
        group = [self._made.pop(mark) for mark in announced if mark in self._made]
        while len(group) < room and (one := self._unnamed()):
            group.append(self._made.pop(one.message.mark))
        return group

    def name_ahead(self) -> None:
        """Name the next letters that are made to servers that are still busy with another."""
        for mark, one in self._made.items():
            if mark not in self._named:
                if not self.transport.announce(one.message):
                    return
                self._named.add(mark)

    @property
    def is_low(self) -> bool:
        """Whether it is time to take in more."""
        return len(self._queue) < _ENOUGH

    def fill(self, wanted: int) -> None:
        """Make so many letters that no server has been told of, all at one go and a few more at most."""
        lacking = wanted + len(self._named) - len(self._made)
        if lacking > 0:
            self._make(-(-lacking // LANES) * LANES)

    def make_more(self) -> bool:
        """Make a few more while there is nothing better to do; return whether any were made."""
        return len(self._made) < _ENOUGH and self._make(LANES)

    def taken(self, one: Ready) -> None:
        """Note that a letter goes now."""
        self._named.discard(one.message.mark)

    def forget(self, one: Ready) -> None:
        """Let go of a letter that is not to be sent after all."""
        mark = one.message.mark
        if mark in self._named:
            self._named.remove(mark)
            self.transport.withdraw(mark)

    def clear(self) -> None:
        """Let go of everything."""
        for mark in self._named:
            self.transport.withdraw(mark)
        for held in (self._named, self._made, self._queue):
            held.clear()

    def _unnamed(self) -> Ready | None:
        """Return the next letter that no server has been told of; None when there is none."""
        while True:
            for mark, one in self._made.items():
                if mark not in self._named:
                    return one
            if not self._make(LANES):
                return None

    def _make(self, count: int) -> bool:
        """Make the next few letters; return whether there were any."""
        drafts: list[tuple[Delivery, Draft]] = []
        while self._queue and len(drafts) < count:
            one, letter = self._queue.popleft()
            try:
                drafts.append((one, letter.draft(one, self.tokens)))
            except ValueError as error:
                self.refuse(one, str(error))
        for (one, _), made in zip(drafts, signed([draft for _, draft in drafts]), strict=True):
            self._made[made.mark] = Ready(one, made)
        return bool(drafts)
