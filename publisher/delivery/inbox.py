"""Where reports wait: one message, an mbox, or a Maildir. Nothing is removed."""

import mailbox
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from publisher.errors import UnreachableError
from publisher.model.report import Kind

LARGEST = 10 * 1024 * 1024
"""A report is read up to here; what follows is the letter that it brings back."""

_SEEN = "S"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report in a place that wants to know what it was before it is put away there.

    Attributes:
        content: its bytes.
        stored: called when it is stored, with what it means.
    """

    content: bytes
    stored: Callable[[Kind], None]


def messages(place: Path) -> Iterator[bytes]:
    """Yield the messages of a place.

    Args:
        place: a Maildir (a message is marked as read only when the next one is asked for, so when it is
            stored), or a file with one message or many (mbox).

    Raises:
        UnreachableError: it cannot be read.
    """
    try:
        if place.is_dir():
            yield from _maildir(place)
            return
        with place.open("rb") as stream:
            start = stream.read(5)
        if start == b"From ":
            yield from _mbox(place)
        else:
            with place.open("rb") as stream:
                yield from one(stream)
    except OSError as error:
        raise UnreachableError(f"{place}: {(error.strerror or str(error)).lower()}") from error


def one(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the one message of a stream; an empty one has none."""
    content = stream.read(LARGEST)
    if content.strip():
        yield content


def _mbox(place: Path) -> Iterator[bytes]:
    box = mailbox.mbox(place, create=False)
    try:
        for key in box.iterkeys():
            yield box.get_bytes(key)[:LARGEST]
    finally:
        box.close()


def _maildir(place: Path) -> Iterator[bytes]:
    if not all((place / part).is_dir() for part in ("new", "cur")):
        raise UnreachableError(f"{place}: no Maildir, it has no folders new and cur")
    for part in ("new", "cur"):
        for file in sorted((place / part).iterdir()):
            name, _, flags = file.name.partition(":2,")
            if _SEEN in flags:
                continue
            with file.open("rb") as stream:
                content = stream.read(LARGEST)
            yield content
            file.rename(place / "cur" / f"{name}:2,{''.join(sorted({*flags, _SEEN}))}")
