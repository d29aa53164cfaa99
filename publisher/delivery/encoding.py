"""Body parts in a transfer encoding, cut open where a recipient's tokens go. Pure.

A part is encoded once for everyone. What comes out needs no change on its way: lines end with CRLF and have
at most 76 characters, none begins with a dot (so SMTP has nothing to stuff, RFC 5321 §4.5.2) or ``From``,
none ends with a space, and no space follows another: a body that is its own canonical form for DKIM
(RFC 6376 §3.4.4).
"""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_LINE = 76
_LONG = 2048
"""From so many bytes on, to copy them costs more than to hand over one piece more."""
_CUT = 71
"""Where a quoted-printable line is cut: five below 76, for ``=`` and an escaped first letter."""
_HIGH = bytes(range(128, 256))
_UNSAFE = re.compile(rb"[^ !-<>-~]| (?= )| \Z")
_ESCAPED = {bytes([code]): b"=%02X" % code for code in range(256)}


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of a recipient's value.

    Attributes:
        name: of the value.
        before, after: bytes that base64 encodes in one run with it; with ``raw`` there are none.
        raw: whether the value stands as it is.
    """

    name: str
    before: bytes = b""
    after: bytes = b""
    raw: bool = True

    def filled(self, value: bytes) -> bytes:
        """Return what stands in the place."""
        return value if self.raw else base64.b64encode(self.before + value + self.after)


Pieces = Sequence[bytes | Slot]
"""Bytes that are the same for everyone, and the places between them."""


def encoded(text: str, holders: Mapping[str, str]) -> tuple[str, Pieces]:
    """Encode a part in whichever way is smaller.

    Args:
        text: the part, lines ended by LF.
        holders: place holder as it stands in the text -> name of the value. A value is as long as its holder,
            and of letters and digits.

    Returns:
        ``quoted-printable`` or ``base64``, and the pieces.
    """
    plain = text.replace("\n", "\r\n").encode()
    # An escape costs two bytes more than the byte, base64 a third more than everything.
    escapes = len(plain) - len(plain.translate(None, _HIGH))
    in_base64 = _base64(plain, holders) if 2 * escapes > len(plain) // 3 else None
    return ("quoted-printable", _quoted(text, holders)) if in_base64 is None else ("base64", in_base64)


def fill(pieces: Pieces, values: Mapping[str, bytes]) -> bytes:
    """Return the pieces joined, with a recipient's values in their places."""
    return b"".join(filled(pieces, values))


def filled(pieces: Pieces, values: Mapping[str, bytes]) -> list[bytes]:
    """Return the pieces with a recipient's values in their places."""
    return [
        piece
        if isinstance(piece, bytes)
        else values[piece.name]
        if piece.raw
        else piece.filled(values[piece.name])
        for piece in pieces
    ]


def joined(pieces: Pieces) -> list[bytes | Slot]:
    """Return the pieces with neighbouring bytes put together."""
    merged: list[bytes | Slot] = []
    for piece in pieces:
        if isinstance(piece, bytes) and merged and isinstance(merged[-1], bytes):
            merged[-1] += piece
        elif piece:
            merged.append(piece)
    return merged


def gathered(pieces: Iterable[bytes]) -> list[bytes]:
    """Return bytes in few pieces: short ones are put together, a long one stays as it is, without a copy."""
    found: list[bytes] = []
    short: list[bytes] = []
    for piece in pieces:
        if len(piece) < _LONG:
            short.append(piece)
            continue
        if short:
            found.append(b"".join(short))
            short = []
        found.append(piece)
    if short:
        found.append(b"".join(short))
    return found


def _quoted(text: str, holders: Mapping[str, str]) -> Pieces:
    lines = [_quoted_line(line.encode(), holders) for line in text.rstrip("\n").split("\n")]
    return cut_open(b"\r\n".join(lines) + b"\r\n", holders)


def _quoted_line(line: bytes, holders: Mapping[str, str]) -> bytes:
    rest = _UNSAFE.sub(lambda found: _ESCAPED[found[0]], line)
    if len(rest) <= _CUT:
        return _safe_start(rest)
    cut: list[bytes] = []
    while len(rest) > _CUT:
        end = _end(rest, holders)
        cut.append(_safe_start(rest[:end]))
        rest = rest[end:]
    return b"=\r\n".join([*cut, _safe_start(rest)])


def _end(rest: bytes, holders: Mapping[str, str]) -> int:
    """Return where to cut, so that neither an escape nor a place holder is torn apart."""
    end = _CUT
    for holder in holders:
        at = rest.rfind(holder.encode(), 0, _CUT + len(holder))
        if 0 < at < end < at + len(holder):
            end = at
    # A hex pair may begin one or two bytes before the cut; "=" stands only at the start of one.
    escape = rest.rfind(b"=", end - 2, end)
    return escape if escape > 0 else end


def _safe_start(line: bytes) -> bytes:
    if line.startswith(b"."):
        return b"=2E" + line[1:]
    return b"=46rom " + line[5:] if line.startswith(b"From ") else line


def _base64(plain: bytes, holders: Mapping[str, str]) -> Pieces | None:
    """Return the pieces; each value is encoded with the bytes that share a group of three with it.

    None when two place holders stand so close that they share one.
    """
    pieces: list[bytes | Slot] = []
    start = 0
    for at, holder in _found(plain, holders):
        first = at - at % 3
        end = at + len(holder)
        last = min(end + -end % 3, len(plain))
        if first < start or any(other.encode() in plain[end : last + len(other) - 1] for other in holders):
            return None
        pieces += [
            _wrapped(plain[start:first]),
            Slot(holders[holder], plain[first:at], plain[end:last], raw=False),
            b"\r\n",
        ]
        start = last
    return joined([*pieces, _wrapped(plain[start:])])


def _wrapped(plain: bytes) -> bytes:
    text = base64.b64encode(plain)
    return b"".join(text[at : at + _LINE] + b"\r\n" for at in range(0, len(text), _LINE))


def cut_open(line: bytes, holders: Mapping[str, str]) -> Pieces:
    """Return bytes as pieces, cut at each place holder."""
    pieces: list[bytes | Slot] = []
    start = 0
    for at, holder in _found(line, holders):
        pieces += [line[start:at], Slot(holders[holder])]
        start = at + len(holder)
    return joined([*pieces, line[start:]])


def _found(plain: bytes, holders: Mapping[str, str]) -> Iterator[tuple[int, str]]:
    if not holders:
        return
    wanted = re.compile(b"|".join(re.escape(holder.encode()) for holder in holders))
    yield from ((found.start(), found[0].decode()) for found in wanted.finditer(plain))
