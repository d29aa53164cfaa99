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

_ENOUGH = 48
"""More letters would only be out of the processor's cache by the time that they go."""


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
        refuse: told of a delivery whose address cannot stand in a letter, and why.
    """

    transport: Transport
    tokens: Tokens
    refuse: Callable[[Delivery, str], None]
    _queue: deque[tuple[Delivery, Letter]] = field(default_factory=deque)
    _made: deque[Ready] = field(default_factory=deque)
    _waiting: dict[str, Ready] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        """Whether there is anything left to send."""
        return bool(self._waiting or self._made or self._queue)

    def add(self, letters: Iterable[tuple[Delivery, Letter]]) -> None:
        """Take in what may be sent."""
        self._queue.extend(letters)

    def group(self) -> list[Ready]:
        """Return as many letters as there is room for; those named ahead come first."""
        room = self.transport.room()
        waiting = self._waiting
        group = [waiting.pop(mark) for mark in self.transport.announced()[:room] if mark in waiting]
        unnamed = [mark for mark in waiting if mark not in self._named]
        group.extend(waiting.pop(mark) for mark in unnamed[: room - len(group)])
        while len(group) < room and (made := self._next()):
            group.append(made)
        return group

    def name_ahead(self) -> None:
        """Name the next letters to servers that are still busy with another."""
        for one in list(self._waiting.values()):
            if one.message.mark not in self._named and not self._name(one):
                return
        while made := self._next():
            self._waiting[made.message.mark] = made
            if not self._name(made):
                return

    def fill(self, wanted: int, stop: Callable[[], bool]) -> None:
        """Make so many letters that no server has been told of, unless asked to stop."""
        while len(self._waiting) - len(self._named) < wanted and not stop() and (made := self._next()):
            self._waiting[made.message.mark] = made

    def one_more(self) -> bool:
        """Make a few letters more, while there is nothing better to do; return whether any were made."""
        if len(self._waiting) + len(self._made) >= _ENOUGH or not (made := self._next()):
            return False
        self._waiting[made.message.mark] = made
        return True

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
        for held in (self._named, self._waiting, self._made, self._queue):
            held.clear()

    def _name(self, one: Ready) -> bool:
        if not self.transport.announce(one.message):
            return False
        self._named.add(one.message.mark)
        return True

    def _next(self) -> Ready | None:
        """Return the next letter with everything in it; None when there is none."""
        while self._queue and not self._made:
            drafts: list[tuple[Delivery, Draft]] = []
            while self._queue and len(drafts) < LANES:
                one, letter = self._queue.popleft()
                try:
                    drafts.append((one, letter.draft(one, self.tokens)))
                except ValueError as error:
                    self.refuse(one, f"address: {error}")
            messages = signed([draft for _, draft in drafts])
            self._made.extend(Ready(one, made) for (one, _), made in zip(drafts, messages, strict=True))
        return self._made.popleft() if self._made else None
