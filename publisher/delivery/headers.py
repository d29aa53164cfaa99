"""Header fields that every reader reads back whole, and that nobody can slip another field into. Pure.

Text beyond ASCII becomes encoded words (RFC 2047) made here: the standard library's ``EmailMessage`` loses
spaces of folded Vietnamese subjects, and writes long addresses in List-Unsubscribe as encoded words.
"""

import base64
import re
import unicodedata

_LINE = 76
"""RFC 2047 §2: no line with an encoded word is longer."""
_PIECE = 45
"""Bytes in one encoded word: 60 letters of base64 and 12 around them, below the 75 of RFC 2047 §2."""
_LONGEST_WORD = 200
_AROUND = len("=?utf-8?b??=")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


def one_line(text: str) -> str:
    """Return text without control characters and line ends: nothing in it can begin a new field."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(" " if _breaks(letter) else letter for letter in text).split())


def text_field(name: str, text: str) -> bytes:
    """Return an unstructured field, such as Subject, folded and ended by CRLF."""
    return f"{name}: {_words(one_line(text), len(name) + 2)}\r\n".encode("ascii")


def mailbox_field(name: str, phrase: str, address: str) -> bytes:
    """Return a field of one mailbox, ``"The Courier" <news@example.com>``.

    Args:
        name: of the field.
        phrase: name of whoever it is; may be empty.
        address: as on the wire; its letters beyond ASCII stand as UTF-8 (RFC 6532).
    """
    place = f"<{one_line(address)}>"
    said = _phrase(one_line(phrase), len(name) + 2)
    if not said:
        return f"{name}: {one_line(address)}\r\n".encode()
    last = len(said.rpartition("\n")[2]) + (0 if "\n" in said else len(name) + 2)
    gap = " " if last + 1 + len(place) <= _LINE else "\r\n "
    return f"{name}: {said}{gap}{place}\r\n".encode()


def plain_field(name: str, value: str) -> bytes:
    """Return a field whose value is ours and short: a token, a date, a keyword."""
    return f"{name}: {one_line(value)}\r\n".encode()


def list_field(name: str, *addresses: str) -> bytes:
    """Return a field of addresses in angle brackets (RFC 2369), each on its own line and never encoded."""
    said = ",\r\n ".join(f"<{one_line(one)}>" for one in addresses)
    return f"{name}: {said}\r\n".encode()


def _breaks(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Zl", "Zp", "Cs"}


def _phrase(text: str, used: int) -> str:
    if _ATOMS.fullmatch(text) and "=?" not in text and len(text) + used < _LINE:
        return text
    if text.isascii() and "=?" not in text and len(text) + used < _LINE - 2:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _encoded(text, used)


def _words(text: str, used: int) -> str:
    longest = max(map(len, text.split(" ")), default=0)
    if text.isascii() and "=?" not in text and longest < _LONGEST_WORD:
        return _folded(text, used)
    return _encoded(text, used)


def _folded(text: str, used: int) -> str:
    lines, line = [], ""
    for word in text.split(" "):
        if line and used + len(line) + 1 + len(word) > _LINE:
            lines.append(line)
            line, used = word, 1
        else:
            line = f"{line} {word}" if line else word
    return "\r\n ".join([*lines, line])


def _encoded(text: str, used: int) -> str:
    """Return encoded words, cut between characters; readers drop the folds between them and nothing else."""
    words: list[str] = []
    piece = b""
    room = min(_PIECE, (_LINE - used - _AROUND) // 4 * 3)
    for letter in text:
        encoded = letter.encode()
        if len(piece) + len(encoded) > room:
            words.append(_word(piece))
            piece, room = b"", _PIECE
        piece += encoded
    return "\r\n ".join([*words, _word(piece)])


def _word(piece: bytes) -> str:
    return f"=?utf-8?b?{base64.b64encode(piece).decode('ascii')}?="
