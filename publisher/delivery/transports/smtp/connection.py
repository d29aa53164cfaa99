"""One connection to a server: octets to replies, replies to the conversation, and the time it may take."""

import ssl
from collections.abc import Callable
from contextlib import suppress
from selectors import EVENT_READ, EVENT_WRITE
from typing import Protocol

from publisher.delivery.transports.smtp.opening import Opening, RefusedError
from publisher.delivery.transports.smtp.replies import GarbledError, Reply, ReplyReader
from publisher.delivery.transports.smtp.server import Server, Timeouts
from publisher.delivery.transports.smtp.talk import Talk
from publisher.delivery.transports.smtp.verdicts import Step, said
from publisher.delivery.transports.smtp.wire import Address, Wire

_HUNG_UP = "it hung up"


class LostError(Exception):
    """The connection is of no use any more; ``str()`` of it says why."""


class Line(Protocol):
    """What drives connections needs of one, and of the question for its address that comes before it."""

    talk: Talk | None
    problem: str
    closed: bool
    mask: int
    known_mask: int
    is_known_ready: bool
    rest: list[Address]

    def fileno(self) -> int:
        """Return the number that the selector knows it by."""

    @property
    def reached(self) -> bool:
        """Whether there was a server at the address."""

    @property
    def deadline(self) -> float | None:
        """When waiting ends."""

    def handle(self, mask: int, now: float) -> None:
        """Do what the selector says can be done."""

    def flush(self, now: float) -> None:
        """Write what there is to say."""

    def expire(self, now: float) -> None:
        """End it when it waited too long."""

    def close(self, why: str) -> None:
        """End it now."""


class Connection:
    """One connection, from the first packet to the last.

    Attributes:
        talk: what is said over it; None until a message can be sent.
        problem: why it ended before that.
        closed: whether it has ended.
        mask: the events that the selector is to wait for.
        known_mask: those that it waits for; kept by whoever has the selector.
        is_known_ready: its readiness was noted; kept by whoever drives it.
        rest: further addresses of the server, for when this one does not answer.
    """

    def __init__(
        self,
        server: Server,
        context: ssl.SSLContext | None,
        addresses: list[Address],
        timeouts: Timeouts,
        now: float,
    ) -> None:
        self._server, self._context, self._timeouts = server, context, timeouts
        self._patience = {Step.DATA: timeouts.data, Step.DOT: timeouts.dot, Step.QUIT: timeouts.leave}
        self.rest = addresses[1:]
        self.talk: Talk | None = None
        self.problem = ""
        self.closed = self.is_known_ready = False
        self.mask = EVENT_WRITE
        self.known_mask = 0
        self._since = self._now = now
        self._opening: Opening | None = None
        self._reader = ReplyReader()
        self._go: Callable[[int], None] = self._connected
        self.wire = Wire(addresses[0])
        self._guard(self.wire.connect)

    def fileno(self) -> int:
        """Return the number that the selector knows it by."""
        return self.wire.fileno()

    @property
    def reached(self) -> bool:
        """Whether there was a server at the address."""
        return self._opening is not None

    @property
    def deadline(self) -> float | None:
        """When waiting ends, on the clock that the transport was given; None when nothing is awaited."""
        waits = self._waits()
        return None if waits is None else self._since + waits[0]

    def handle(self, mask: int, now: float) -> None:
        """Do what the selector says can be done."""
        self._guard(self._handle, mask, now)

    def flush(self, now: float) -> None:
        """Write what the conversation has to say."""
        self._guard(self._flush, now)

    def expire(self, now: float) -> None:
        """End it when it waited too long."""
        deadline = self.deadline
        waits = self._waits()
        if not self.closed and deadline is not None and waits is not None and now >= deadline:
            self._end(f"no answer to {waits[1]} within {waits[0]:g} s")

    def close(self, why: str) -> None:
        """End it now."""
        self._end(why)

    def _waits(self) -> tuple[float, str] | None:
        """Return for how long what is awaited."""
        limits = self._timeouts
        if self.talk is None:
            if self._opening is None or self._opening.wants_tls:
                return limits.connect, "our call" if self._opening is None else "STARTTLS"
            greeting = self._opening.step == "greeting"
            return (limits.greeting, "our call") if greeting else (limits.command, self._opening.step)
        if self.wire.pending:
            return limits.block, "a part of the letter"
        awaited = self.talk.awaited
        if awaited is None:
            return None
        return self._patience.get(awaited, limits.command), awaited.value

    def _handle(self, mask: int, now: float) -> None:
        if self.talk is None:
            self._now = now
            self._go(mask)
            return
        if mask & EVENT_READ:
            self._read(self.talk.heard, now)
        self._flush(now)

    def _read(self, heard: Callable[[Reply], None], now: float) -> None:
        while (data := self.wire.read()) is not None:
            if not data:
                raise LostError(_HUNG_UP)
            for reply in self._reader.feed(data):
                self._since = now
                heard(reply)
            if not self.wire.may_hold_more:
                break

    def _flush(self, now: float) -> None:
        talk = self.talk
        if talk is None:
            return
        if talk.over:
            # What is decided by now stays so: nothing more may leave, least of all a dot.
            self._end(talk.over)
            return
        if talk.out:
            if not self.wire.pending:
                self._since = now
            pieces, talk.out = talk.out, []
            self.wire.queue(pieces)
        if self.wire.pending:
            if count := self.wire.write():
                self._since = now
                talk.wrote(count)
            self.mask = self.wire.mask

    # -- before the conversation

    def _connected(self, mask: int) -> None:  # noqa: ARG002 - that the socket can be written is all there is
        self.wire.arrived()
        self._since = self._now
        self.mask = EVENT_READ
        self._opening = Opening(self._server.wanted(self.wire.own_address))
        if self._server.settings.tls == "tls":
            self._encrypt()
        else:
            self._go = self._open

    def _encrypt(self) -> None:
        assert self._context is not None, "encryption is wanted"
        self.wire.encrypt(self._context, self._server.settings.host)
        self._go = self._shake
        self._shake(0)

    def _shake(self, mask: int) -> None:  # noqa: ARG002 - it tries, and sees
        self.mask = self.wire.shake() or EVENT_READ
        if self.wire.is_secure:
            assert self._opening is not None, "it began with the connection"
            self._since = self._now
            self._go = self._open
            if self._opening.wants_tls:
                self._opening.secured()
            self._say()
            # The greeting may have come together with the end of the handshake.
            self._open(EVENT_READ)

    def _open(self, mask: int) -> None:
        opening = self._opening
        assert opening is not None, "it began with the connection"
        if mask & EVENT_READ:
            self._read(opening.heard, self._now)
        self._say()
        if opening.wants_tls:
            if not self._reader.is_empty:
                # What came in the open must not be taken for an encrypted answer (CVE-2011-0411).
                raise RefusedError("it says more before encryption than it should")
            self._encrypt()
        elif opening.done:
            self.talk = Talk(opening.offers)

    def _say(self) -> None:
        opening = self._opening
        if opening and opening.out:
            pieces, opening.out = opening.out, []
            self.wire.queue(pieces)
        self.wire.write()
        self.mask = self.wire.mask

    # -- the end

    def _guard(self, act: Callable[..., object], *values: object) -> None:
        """Do something over the wire, and end the connection when that fails."""
        if self.closed:
            return
        try:
            act(*values)
        except ssl.SSLCertVerificationError as error:
            self._end(f"its certificate is not valid: {said(error.verify_message)}")
        except (LostError, RefusedError, GarbledError) as error:
            self._end(str(error))
        except OSError as error:
            self._last_words()
            self._end(_reason(error, reached=self._opening is not None))

    def _last_words(self) -> None:
        """Hear what the server said before it went: it may be the answer that decides."""
        if self.talk is not None:
            with suppress(OSError, LostError, GarbledError):
                self._read(self.talk.heard, self._since)

    def _end(self, why: str) -> None:
        if self.closed:
            return
        self.closed = True
        if self.talk is not None:
            self.talk.end(why)
        else:
            self.problem = why if self._opening is None or self._opening.done else _during(self._opening, why)
        self.wire.close()


def _during(opening: Opening, why: str) -> str:
    """Say when it was that a server left before a message could be sent."""
    if why != _HUNG_UP:
        return why
    return "it hung up before its greeting" if opening.step == "greeting" else f"it hung up at {opening.step}"


def _reason(error: OSError, *, reached: bool) -> str:
    if isinstance(error, ssl.SSLError):
        return f"encryption failed: {said((error.reason or 'no reason given').lower().replace('_', ' '))}"
    words = said(error.strerror or str(error))
    return f"connection lost: {words}" if reached else f"cannot be reached: {words}"
