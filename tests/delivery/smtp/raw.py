"""A mail server of plain sockets that fails where a plan says so, and a sender that keeps the rules."""

import socket
import socketserver
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.errors import UnreachableError

Plan = Callable[[str, str, int], str]
"""(moment, recipient, how often it came to that moment before) -> what happens; empty for the usual.

Moments: ``banner``, ``dot``, and commands by their names. What happens: a reply of one or more lines,
``close``, ``hang``; at a dot also ``take and close``, ``take and hang``, and at DATA ``354 and close``.
"""

PIPELINING = ("PIPELINING", "SIZE 9000000", "8BITMIME", "DSN")


class HangUpError(Exception):
    """The server goes away without a word."""


def as_usual(_moment: str, _recipient: str, _times: int) -> str:
    return ""


@dataclass
class Raw:
    """What one server does, and what it saw.

    Attributes:
        plan: where it fails.
        offers: extensions in its reply to EHLO; None for a server that knows only HELO.
        drip: every octet is sent on its own.
        waits_anyway: it says 354 also without a recipient (RFC 2920 §3.1 warns of that).
        accepted: (recipient, content) of each message it took, in order.
        said: every line that it heard.
        hangs: how often it fell silent for good.
    """

    plan: Plan = as_usual
    offers: Sequence[str] | None = PIPELINING
    drip: bool = False
    waits_anyway: bool = False
    context: ssl.SSLContext | None = None
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    times: Counter[tuple[str, str]] = field(default_factory=Counter)
    connections: int = 0
    hangs: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def recipients(self) -> list[str]:
        """Who got a message; somebody named twice got two."""
        return [recipient for recipient, _ in self.accepted]


class Handler(socketserver.BaseRequestHandler):
    server: "Server"

    def handle(self) -> None:
        self.raw = self.server.raw
        self.wire: socket.socket = self.request
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.recipient = ""
        self.agreed = False
        with self.raw.lock:
            self.raw.connections += 1
        with suppress(HangUpError, OSError):
            self.moment("banner", "220 mx.example")
            while True:
                self.command(self.line().decode())

    def command(self, line: str) -> None:
        with self.raw.lock:
            self.raw.said.append(line)
        verb = line.split(":", maxsplit=1)[0].split(" ", maxsplit=1)[0].upper()
        if verb == "EHLO":
            offers = self.raw.offers
            lines = ["mx.example", *(offers or ())]
            usual = "\r\n".join(f"250-{one}" for one in lines[:-1]) + f"\r\n250 {lines[-1]}"
            self.moment(verb, usual.lstrip() if offers is not None else "502 5.5.1 EHLO not known here")
        elif verb == "RCPT":
            self.recipient = line.partition("<")[2].partition(">")[0]
            self.agreed = self.moment(verb, "250 2.1.5 ok").startswith("250")
        elif verb == "DATA":
            if not self.agreed and not self.raw.waits_anyway:
                self.say("503 5.5.1 no valid recipients")
            elif self.moment(verb, "354 go on").startswith("354"):
                self.content()
        elif verb == "STARTTLS":
            assert self.raw.context is not None
            if self.moment(verb, "220 go on").startswith("220"):
                self.wire = self.raw.context.wrap_socket(self.wire, server_side=True)
                self.buffer = b""
        elif verb == "QUIT":
            self.moment(verb, "221 bye")
            raise HangUpError
        elif verb in ("HELO", "MAIL", "RSET"):
            self.moment(verb, "250 2.0.0 ok")
        else:
            self.say("500 5.5.2 what?")

    def content(self) -> None:
        lines = []
        while (line := self.line()) != b".":
            lines.append(line.removeprefix(b".") if line.startswith(b".") else line)
        content = b"".join(line + b"\r\n" for line in lines)
        if self.agreed:
            self.moment("dot", "250 2.0.0 taken", content)
        else:
            assert not lines, "a letter for nobody"
            self.say("554 5.5.1 no valid recipients")
        self.agreed = False

    def moment(self, what: str, usual: str, content: bytes | None = None) -> str:
        """Do what is planned for a moment; return what was said."""
        with self.raw.lock:
            times = self.raw.times[what, self.recipient]
            self.raw.times[what, self.recipient] += 1
            planned = self.raw.plan(what, self.recipient, times) or usual
            if content is not None and planned.startswith(("2", "take")):
                self.raw.accepted.append((self.recipient, content))
        if planned.endswith("hang"):
            self.hang()
        if planned == "354 and close":
            self.say("354 go on")
            raise HangUpError
        if planned.endswith("close"):
            raise HangUpError
        self.say(planned)
        if planned.startswith("421"):
            raise HangUpError
        return planned

    def hang(self) -> None:
        with self.raw.lock:
            self.raw.hangs += 1
        while self.wire.recv(65536):
            pass
        raise HangUpError

    def say(self, text: str) -> None:
        data = text.encode() + b"\r\n"
        for piece in [data[at : at + 1] for at in range(len(data))] if self.raw.drip else [data]:
            self.wire.sendall(piece)

    def line(self) -> bytes:
        while b"\n" not in self.buffer:
            more = self.wire.recv(65536)
            if not more:
                raise HangUpError
            self.buffer += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        assert line.endswith(b"\r"), "a line that does not end with CRLF"
        return line[:-1]


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 50

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        super().__init__(("127.0.0.1", 0), Handler)


@contextmanager
def serving(raw: Raw) -> Iterator[int]:
    """Run the server; give its port."""
    with Server(raw) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(120)


@dataclass
class Clock:
    """A clock that stands still, so that no slow machine makes anything time out; or one that moves."""

    moves: bool = False
    ahead: float = 0.0

    def __call__(self) -> float:
        return self.ahead + (time.monotonic() if self.moves else 0.0)


def letters(count: int, size: int = 300) -> list[Message]:
    line = b"N\xc3\xa0y".hex().encode() * 8 + b"\r\n"
    return [
        Message(
            mark=f"{number:x}".rjust(24, "a"),
            sender="news@courier.example",
            recipient=f"r{number}@example.com",
            utf8=False,
            parts=[b"Subject: %d\r\n\r\n" % number, line * (size // len(line) + 1)],
            canonical=True,
        )
        for number in range(count)
    ]


@dataclass
class Sender:
    """Sends as the ledger's sender does: what is uncertain or decided is never handed over again.

    Attributes:
        verdicts: of each message, in order.
        most: how many messages were in doubt at once, at most.
    """

    way: Transport
    clock: Clock
    announces: bool = True
    tries: int = 6
    most: int = 0
    verdicts: dict[str, list[Result]] = field(default_factory=dict)
    unreachable: list[str] = field(default_factory=list)

    def send(self, messages: Sequence[Message]) -> None:
        waiting = list(messages)
        self.verdicts |= {one.mark: [] for one in messages}
        for _ in range(self.tries):
            self._round(waiting)
            waiting = [one for one in messages if self._is_open(one.mark)]
        self.way.close()

    def last(self, message: Message) -> Verdict:
        return self.verdicts[message.mark][-1].verdict

    def count(self, verdict: Verdict) -> int:
        return sum(1 for found in self.verdicts.values() if found and found[-1].verdict is verdict)

    def _is_open(self, mark: str) -> bool:
        found = self.verdicts[mark]
        return not found or found[-1].verdict is Verdict.DEFERRED

    def _round(self, messages: Sequence[Message]) -> None:
        queue, named, under_way = list(messages), dict[str, Message](), set[str]()
        until = time.monotonic() + 120
        while queue or named or under_way:
            assert time.monotonic() < until, "it does not come to an end"
            try:
                room = self.way.room() if queue or named else 0
            except UnreachableError as error:
                self.unreachable.append(str(error))
                self.clock.ahead += 100
                if len(self.unreachable) > max(20, self.tries):
                    return
                continue
            group = [named.pop(mark) for mark in self.way.announced()[:room]]
            while queue and len(group) < room:
                group.append(queue.pop(0))
            for one in group:
                under_way.add(one.mark)
                self.way.take(one, again=bool(self.verdicts[one.mark]))
            while self.announces and queue and self.way.announce(queue[0]):
                one = queue.pop(0)
                named[one.mark] = one
            self.most = max(self.most, len(under_way))
            for result in self.way.results():
                under_way.remove(result.mark)
                self.verdicts[result.mark].append(result)
