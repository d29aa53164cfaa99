"""The question where a relay can be reached, asked beside the loop: the system's answer may take long.

To whoever drives connections it is one on its way that ends without having been one, with addresses to try.
"""

import contextlib
import socket
from selectors import EVENT_READ
from threading import Thread

from publisher.delivery.transports.smtp.talk import Talk
from publisher.delivery.transports.smtp.verdicts import unreachable
from publisher.delivery.transports.smtp.wire import Address, addresses


class Lookup:
    """One question to the system.

    Attributes:
        talk, mask, known_mask, is_known_ready, reached: as a connection has them that never was one.
        closed: whether it has ended.
        problem: why there are no addresses.
        rest: the addresses that were found, in the system's order.
        deadline: when waiting ends, on the clock that the transport was given.
    """

    talk: Talk | None = None
    reached = False

    def __init__(self, host: str, port: int, seconds: float, now: float) -> None:
        self.closed = self.is_known_ready = False
        self.problem = ""
        self.mask, self.known_mask = EVENT_READ, 0
        self.rest: list[Address] = []
        self.deadline: float | None = now + seconds
        self._seconds, self._found = seconds, list[Address]()
        self._why = ""
        self._here, self._there = socket.socketpair()
        self._number = self._here.fileno()
        # Nobody can be made to stop waiting for the system, so a process that ends does not wait for it.
        Thread(target=self._ask, args=(host, port), name=f"address of {host}", daemon=True).start()

    def fileno(self) -> int:
        """Return the number that the selector knows it by."""
        return self._number

    def handle(self, _mask: int, _now: float) -> None:
        """Take the answer."""
        self.rest = self._found
        self.close(self._why)

    def flush(self, _now: float) -> None:
        """Write nothing, for there is nobody yet to write to."""

    def expire(self, now: float) -> None:
        """End it when it waited too long."""
        if not self.closed and self.deadline is not None and now >= self.deadline:
            self.close(f"cannot be reached: its address was not found within {self._seconds:g} s")

    def close(self, why: str) -> None:
        """End it now."""
        if not self.closed:
            self.closed, self.problem = True, why
            self._here.close()

    def _ask(self, host: str, port: int) -> None:
        try:
            self._found = addresses(host, port)
        except (OSError, UnicodeError) as error:
            self._why = unreachable(error)
        with contextlib.suppress(OSError):
            self._there.send(b".")
        self._there.close()
