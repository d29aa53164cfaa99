"""A connection's octets: a socket that never waits, encrypted or not."""

import contextlib
import os
import socket
import ssl
from collections import deque
from itertools import islice
from selectors import EVENT_READ, EVENT_WRITE

from publisher.delivery.encoding import gathered

_CHUNK = 65536
_ROOM = 1 << 19
"""Octets that the system may hold for us: a letter and the next envelope go in one call."""
_MOST_PIECES = 64

Address = tuple[socket.AddressFamily, tuple[object, ...]]


class Wire:
    """One connection of the system's.

    Attributes:
        is_secure: whether everything is encrypted from here on.
    """

    def __init__(self, address: Address) -> None:
        family, self._address = address
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ROOM)
        self._secure: ssl.SSLSocket | None = None
        self.is_secure = False
        self._out: deque[bytes | memoryview] = deque()
        self._number = self._socket.fileno()

    def fileno(self) -> int:
        """Return the number that the selector knows it by; it stays the same when encryption begins."""
        return self._number

    @property
    def pending(self) -> bool:
        """Whether octets wait to be written."""
        return bool(self._out)

    @property
    def mask(self) -> int:
        """The events to wait for."""
        return EVENT_READ | EVENT_WRITE if self._out else EVENT_READ

    def connect(self) -> None:
        """Begin to connect; it is there when the socket can be written.

        Raises:
            OSError: that cannot be.
        """
        with contextlib.suppress(BlockingIOError):
            self._socket.connect(self._address)

    def arrived(self) -> None:
        """Note that connecting came to an end.

        Raises:
            OSError: in failure.
        """
        if number := self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(number, os.strerror(number))

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """Begin to encrypt; :meth:`shake` goes on with it."""
        self._secure = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)

    def shake(self) -> int:
        """Go on with the handshake; return the event to wait for, 0 when it is done.

        Raises:
            OSError: the other side cannot be trusted, or went away.
        """
        assert self._secure is not None, "encrypt() comes before"
        try:
            self._secure.do_handshake()
        except ssl.SSLWantReadError:
            return EVENT_READ
        except ssl.SSLWantWriteError:
            return EVENT_WRITE
        self.is_secure = True
        return 0

    def queue(self, pieces: list[bytes]) -> None:
        """Have octets written in their turn; what is long is not copied unless it has to be encrypted."""
        self._out.extend(gathered(pieces) if self._secure is None else [b"".join(pieces)])

    def write(self) -> int:
        """Write what can be written; return how many octets left.

        Raises:
            OSError: the connection is lost.
        """
        total = 0
        while self._out:
            try:
                count = self._write_some()
            except (BlockingIOError, ssl.SSLWantWriteError, ssl.SSLWantReadError):
                break
            except OSError:
                if not total:
                    raise
                # What left has to be known; the next attempt tells of the loss again.
                break
            total += count
            self._drop(count)
        return total

    def read(self) -> bytes | None:
        """Return octets that came, empty at the end of the connection, None when there are none now.

        Raises:
            OSError: the connection is lost.
        """
        try:
            return (self._secure or self._socket).recv(_CHUNK)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return None

    @property
    def may_hold_more(self) -> bool:
        """Whether octets may have come that the selector does not tell of."""
        return self._secure is not None

    @property
    def own_address(self) -> str:
        """Our address as EHLO takes it (RFC 5321 §4.1.3)."""
        address = str((self._secure or self._socket).getsockname()[0])
        return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"

    def close(self) -> None:
        """Let go of it."""
        with contextlib.suppress(OSError):
            (self._secure or self._socket).close()

    def _write_some(self) -> int:
        if self._secure is not None:
            return self._secure.send(self._out[0])
        if len(self._out) == 1:
            return self._socket.send(self._out[0])
        return self._socket.sendmsg(list(islice(self._out, _MOST_PIECES)))

    def _drop(self, count: int) -> None:
        while count:
            first = self._out[0]
            if count < len(first):
                self._out[0] = memoryview(first)[count:]
                return
            count -= len(first)
            self._out.popleft()


def addresses(host: str, port: int, flags: int = 0) -> list[Address]:
    """Return where a host can be reached, in the system's order; may take long.

    Raises:
        OSError: it has no address.
        UnicodeError: that is no name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(family, address) for family, _, _, _, address in found]


def literal(host: str, port: int) -> list[Address]:
    """Return the address that is written there as such, which nobody has to be asked for; else none."""
    try:
        return addresses(host, port, socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        return []
