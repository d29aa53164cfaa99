"""An answer, whole: made once, sent many times."""

from dataclasses import dataclass, field
from http import HTTPStatus

from publisher.web.headers import Header

_WITHOUT_LENGTH = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer.

    Attributes:
        status: of HTTP.
        headers: without a length; it is added.
        body: what a GET gets; a HEAD gets its length.
        wire: status line and headers as they go over the wire, but for Date and the empty line.
        start: the same as an ASGI message.
    """

    status: int
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    wire: bytes = field(init=False, repr=False)
    start: dict[str, object] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        length = (b"content-length", str(len(self.body)).encode())
        every = self.headers if self.status in _WITHOUT_LENGTH else (*self.headers, length)
        phrase = HTTPStatus(self.status).phrase
        lines = [
            f"HTTP/1.1 {self.status} {phrase}".encode(),
            *(name + b": " + value for name, value in every),
        ]
        object.__setattr__(self, "wire", b"\r\n".join(lines) + b"\r\n")
        object.__setattr__(
            self, "start", {"type": "http.response.start", "status": self.status, "headers": every}
        )
