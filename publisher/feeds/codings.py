"""The coded forms of a document; the same bytes on every host and in every run.

A current feed changes with every new article and keeps almost all its entries. Its gzip form is therefore put
together from pieces that were deflated once per revision (RFC 1951 lets blocks follow one another once they
are flushed to a byte and refer to nothing before them), and its Brotli form is made at a quick setting. What
lasts, such as an archive, is compressed with more care.
"""

import zlib
from collections.abc import Sequence
from functools import lru_cache

import brotli

from publisher.model.feed import Frame

# RFC 1952 §2.3: no name, no time, no flags; system unknown, so that the bytes are the same everywhere.
_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LAST_BLOCK = b"\x03\x00"
_LEVEL = 6
_SHORT_BITS, _SHORT_MEMORY = 13, 6
_QUICK, _CAREFUL = 0, 5


def deflated(data: bytes) -> bytes:
    """Return data as blocks that may stand anywhere in a gzip stream but at its end."""
    # To lay out the largest window takes longer than to compress what is short.
    window, memory = (_SHORT_BITS, _SHORT_MEMORY) if len(data) <= 1 << _SHORT_BITS else (zlib.MAX_WBITS, 8)
    stream = zlib.compressobj(_LEVEL, zlib.DEFLATED, -window, memory)
    return stream.compress(data) + stream.flush(zlib.Z_FULL_FLUSH)


def gzipped(body: bytes, pieces: Sequence[bytes] = ()) -> bytes:
    """Return the gzip form of a document.

    Args:
        body: the document.
        pieces: the whole of it in pieces from :func:`deflated`; none to compress it as one.
    """
    blocks = b"".join(pieces) if pieces else deflated(body)
    tail = zlib.crc32(body).to_bytes(4, "little") + (len(body) & 0xFFFFFFFF).to_bytes(4, "little")
    return b"".join((_GZIP_HEAD, blocks, _LAST_BLOCK, tail))


def framed(frame: Frame, entries: Sequence[bytes]) -> list[bytes]:
    """Return the pieces of a document whose entries are deflated already."""
    between = _constant(frame.between)
    pieces = [deflated(frame.head)]
    for position, entry in enumerate(entries):
        pieces += [between, entry] if position else [entry]
    return [*pieces, _constant(frame.tail)]


def brotlied(body: bytes, *, lasts: bool) -> bytes:
    """Return the Brotli form of a document; one that lasts is worth more time."""
    quality = _CAREFUL if lasts else _QUICK
    return bytes(brotli.compress(body, mode=brotli.MODE_TEXT, quality=quality))


@lru_cache(maxsize=16)
def _constant(data: bytes) -> bytes:
    return deflated(data)
