"""A line between sender and server that breaks at the worst moments."""

import contextlib
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Broken(socketserver.ThreadingTCPServer):
    """Passes everything on, but for every n-th final dot.

    Attributes:
        swallow: every so many dots, the answer is lost.
        cut: every so many dots, the dot itself is lost.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, onwards: int, swallow: int, cut: int) -> None:
        self.onwards, self.swallow, self.cut = onwards, swallow, cut
        self.dots = 0
        self.swallowed = 0
        self.lost = 0
        self.lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), Line)

    def fate(self) -> str:
        with self.lock:
            self.dots += 1
            if self.dots % self.swallow == 0:
                self.swallowed += 1
                return "swallow"
            if self.dots % self.cut == 0:
                self.lost += 1
                return "cut"
        return "pass"


class Line(socketserver.BaseRequestHandler):
    server: Broken

    def handle(self) -> None:
        self.quiet = False
        with socket.create_connection(("127.0.0.1", self.server.onwards)) as far:
            back = threading.Thread(target=self.pass_back, args=(far,), daemon=True)
            back.start()
            with contextlib.suppress(OSError):
                self.pass_on(far)
            far.shutdown(socket.SHUT_WR)
            back.join(30)

    def pass_on(self, far: socket.socket) -> None:
        within = False
        for line in self.request.makefile("rb"):
            if within and line == b".\r\n":
                within = False
                fate = self.server.fate()
                self.quiet = fate != "pass"
                if fate == "cut":
                    return
                far.sendall(line)
                if fate == "swallow":
                    return
                continue
            within = within or line == b"DATA\r\n"
            far.sendall(line)

    def pass_back(self, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := far.recv(65536):
                if not self.quiet:
                    self.request.sendall(data)
            self.request.shutdown(socket.SHUT_RDWR)


@contextmanager
def breaking(onwards: int, *, swallow: int, cut: int) -> Iterator[Broken]:
    with Broken(onwards, swallow, cut) as line:
        thread = threading.Thread(target=line.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            line.shutdown()
            thread.join(10)
