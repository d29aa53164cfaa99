"""A server's replies, out of whatever pieces the network brings (RFC 5321 §4.2). Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST_LINE = 4096
"""RFC 5321 §4.5.3.1.5 says 512; nobody needs more than this."""
_MOST_LINES = 128
_CODES = {str(code).encode(): code for code in range(200, 600)}
_SIGNS = frozenset({b" ", b"-", b""})


class GarbledError(Exception):
    """What came is no reply; ``str()`` of it says why."""


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply.

    Attributes:
        code: 200 to 599.
        lines: what stands behind the code, as it came.
    """

    code: int
    lines: tuple[bytes, ...]

    @property
    def text(self) -> str:
        """All lines as one."""
        return b" ".join(self.lines).decode("utf-8", "replace")


class ReplyReader:
    """Puts replies together."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._code = b""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of what was fed."""
        return not self._rest and not self._lines

    def feed(self, data: bytes) -> Iterator[Reply]:
        """Yield each reply that is whole now.

        Raises:
            GarbledError: what follows is no reply; those before it were yielded.
        """
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            code = _CODES.get(line[:3])
            if code and line[3:4] == b" " and not self._lines and len(line) <= _LONGEST_LINE:
                # As nearly all are: one line.
                yield Reply(code, (line[4:].removesuffix(b"\r"),))
            elif reply := self._line(line):
                yield reply
        if len(self._rest) > _LONGEST_LINE:
            raise GarbledError("it sends lines without end")

    def _line(self, line: bytes) -> Reply | None:
        line = line.removesuffix(b"\r")
        code, sign = line[:3], line[3:4]
        if len(line) > _LONGEST_LINE:
            raise GarbledError("it sends lines without end")
        if code not in _CODES or sign not in _SIGNS:
            raise GarbledError("it does not speak SMTP")
        if self._lines and code != self._code:
            raise GarbledError("it mixes two replies")
        if len(self._lines) >= _MOST_LINES:
            raise GarbledError("it sends a reply without end")
        if sign != b"-" and not self._lines:
            return Reply(_CODES[code], (line[4:],))
        self._code = code
        self._lines.append(line[4:])
        if sign == b"-":
            return None
        lines, self._lines = tuple(self._lines), []
        return Reply(_CODES[code], lines)
