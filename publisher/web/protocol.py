"""The shortest way from a request to an answer that is ready.

uvicorn makes a task, a scope and an event for every request, which costs more than a poll's whole answer.
Where the door has the answer at hand, it is written at once; every other request goes uvicorn's way. The
parser, and with it what counts as one request, is the same for both.
"""

from urllib.parse import unquote

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from publisher.web.door import Door
from publisher.web.reply import Reply

_METHODS = {b"GET": "GET", b"HEAD": "HEAD"}


class DoorProtocol(HttpToolsProtocol):
    """uvicorn's protocol with a door in front of it."""

    _answered = False

    def on_message_begin(self) -> None:
        """Begin a request; what only an application needs is made when there is one to ask."""
        self.url, self.headers, self.expect_100_continue = b"", [], False

    def on_headers_complete(self) -> None:
        """Answer at once, or let the application do it."""
        if self.transport.is_closing():
            # The answer before this one was the connection's last.
            self._answered = True
            return
        method = _METHODS.get(self.parser.get_method())
        reply = self._reply(method) if method is not None and self._is_plain() else None
        self._answered = reply is not None
        if reply is None:
            url, headers, expects = self.url, self.headers, self.expect_100_continue
            super().on_message_begin()
            self.headers += headers
            self.url, self.expect_100_continue = url, expects
            super().on_headers_complete()
        else:
            self._write(reply, with_body=method == "GET")

    def on_body(self, body: bytes) -> None:
        """Drop what was sent along with a request that is answered."""
        if not self._answered:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        if not self._answered:
            super().on_message_complete()

    def _is_plain(self) -> bool:
        """Whether nothing is under way, the peer keeps up, and the request wants no more than an answer."""
        cycle: RequestResponseCycle | None = self.cycle
        busy = cycle is not None and not cycle.response_complete
        return not (
            busy or self.flow.write_paused or self.expect_100_continue or self.parser.should_upgrade()
        )

    def _reply(self, method: str) -> Reply | None:
        url = self.url.partition(b"?")[0]
        if not url.startswith(b"/") or not url.isascii():
            return None
        path = url.decode("ascii")
        door = self.app
        if not isinstance(door, Door):
            return None
        return door.reply(method, unquote(path) if "%" in path else path, self.headers, self.client)

    def _write(self, reply: Reply, *, with_body: bool) -> None:
        pieces = [reply.wire]
        for name, value in self.server_state.default_headers:
            pieces += [name, b": ", value, b"\r\n"]
        keep = self.parser.get_http_version() != "1.0" and self.parser.should_keep_alive()
        pieces.append(b"\r\n" if keep else b"connection: close\r\n\r\n")
        if with_body and reply.body:
            pieces.append(reply.body)
        self.transport.writelines(pieces)
        self.server_state.total_requests += 1
        if not keep:
            self.transport.close()
            return
        self._unset_keepalive_if_required()
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )
