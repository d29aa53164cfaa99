"""Documents on their way to the disk, while others are still being built.

Each is written beside its place, with its gzip and Brotli forms, and brought to the disk; it is renamed when
it is there and all that appear with it are on record, so that nothing half written is ever served. The forms
are made here once and carry the document's own time, which is its Last-Modified, on every host.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

from publisher import wholefile
from publisher.errors import UnreachableError
from publisher.feeds.codings import brotlied, gzipped
from publisher.feeds.threads import threads

CODED = (".gz", ".br")
TEMPORARY = ".part"
_FORMS = (*CODED, "")
"""The document itself comes last: when it is in its place, its coded forms are."""


@dataclass(frozen=True, slots=True)
class Output:
    """A document to write.

    Attributes:
        path: below ``public/``.
        body: its bytes.
        modified: its Last-Modified; whole seconds.
        pieces: makes the whole of it as pieces of a gzip stream, where it is made of such.
        lasts: whether it is worth compressing with care, because it hardly ever changes.
    """

    path: str
    body: bytes
    modified: datetime
    pieces: Callable[[], Sequence[bytes]] = tuple
    lasts: bool = True


class Drafts:
    """What one run writes below ``public/``; what it does not put into its place it takes away again."""

    def __init__(self, public: Path) -> None:
        self._public = public
        self._begun: dict[str, tuple[Output, Future[None]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        for output, done in self._begun.values():
            done.exception()
            for draft, _ in _places(self._public, output.path):
                # What cannot be removed now, as on a disk that became read-only, the next run writes over.
                with suppress(OSError):
                    os.unlink(draft)  # noqa: PTH108 - as below

    def begin(self, output: Output) -> None:
        """Compress a document and bring it to the disk beside its place; returns at once."""
        if output.path in self._begun:
            self._begun[output.path][1].exception()
        self._begun[output.path] = output, threads().submit(_write, self._public, output)

    def place(self, outputs: Sequence[Output]) -> None:
        """Put documents into their places, begun before or not: each when it is on the disk, in this order.

        One that cannot be written keeps none of the others back.

        Raises:
            UnreachableError: the disk is full, or the folder cannot be written.
        """
        for output in outputs:
            begun = self._begun.get(output.path)
            if begun is None or begun[0].modified != output.modified or begun[0].body is not output.body:
                self.begin(output)
        failed: OSError | None = None
        folders: set[str] = set()
        with explained(self._public):
            for output in outputs:
                try:
                    self._rename(output)
                except OSError as error:
                    failed = failed or error
                else:
                    folders.add(_folder(self._public, output.path))
            list(threads().map(wholefile.sync, sorted(folders)))
            if failed:
                raise failed

    def _rename(self, output: Output) -> None:
        self._begun[output.path][1].result()
        for draft, place in _places(self._public, output.path):
            os.replace(draft, place)  # noqa: PTH105 - called for every file
        del self._begun[output.path]


def write(public: Path, outputs: Sequence[Output]) -> None:
    """Write documents with their coded forms.

    Raises:
        UnreachableError: the disk is full, or the folder cannot be written.
    """
    with Drafts(public) as drafts:
        drafts.place(outputs)


@contextmanager
def explained(place: Path) -> Iterator[None]:
    """Say where something cannot be written, in words for people."""
    try:
        yield
    except OSError as error:
        where = error.filename or place
        raise UnreachableError(f"{where}: cannot be written: {error.strerror or error}") from error


def _folder(public: Path, path: str) -> str:
    # As text: a Path takes longer to be made than all else that is asked of it here.
    return f"{public}/{path}".rpartition("/")[0]


def _places(public: Path, path: str) -> list[tuple[str, str]]:
    """Return where each form of a document is written and where it belongs."""
    folder, _, name = f"{public}/{path}".rpartition("/")
    return [(f"{folder}/.{name}{suffix}{TEMPORARY}", f"{folder}/{name}{suffix}") for suffix in _FORMS]


def _write(public: Path, output: Output) -> None:
    time = int(output.modified.timestamp()) * 1_000_000_000
    os.makedirs(_folder(public, output.path), exist_ok=True)  # noqa: PTH103 - a Path would take longer
    forms = (gzipped(output.body, output.pieces()), brotlied(output.body, lasts=output.lasts), output.body)
    for (draft, _), body in zip(_places(public, output.path), forms, strict=True):
        _write_form(draft, body, time)


def _write_form(draft: str, body: bytes, time: int) -> None:
    # A Path and a buffer for each would cost more than the writing.
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        left = memoryview(body)
        while left:
            left = left[os.write(handle, left) :]
        os.utime(handle, ns=(time, time))
        os.fsync(handle)
    finally:
        os.close(handle)
