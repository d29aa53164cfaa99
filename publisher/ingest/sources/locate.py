"""Documents on this machine: a file, a folder in the order of names, a pattern, or standard input."""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from publisher.ingest.document import Document, Located, Unreachable, Validators
from publisher.ingest.normalise.text import one_line

LARGEST = 50_000_000
_PATTERN = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Files:
    """What a path names.

    Attributes:
        path: as given: a file, a folder (the files right in it, but hidden ones), or a pattern (``**`` too).
        inside: where a relative path begins.
        may_be_empty: whether a folder without files is nothing to speak of.
    """

    path: str
    inside: Path
    may_be_empty: bool = False

    def documents(self, known: Callable[[str], Validators]) -> Iterator[Located]:  # noqa: ARG002
        """Yield the files in the order of their names."""
        whole = self.inside / self.path
        try:
            files = self._files(whole)
        except (OSError, ValueError) as error:
            yield Unreachable(one_line(self.path), _cause(error))
            return
        if isinstance(files, str):
            yield Unreachable(one_line(self.path), files)
            return
        for file in files:
            yield self._document(file, self._named(file, whole))

    def _files(self, whole: Path) -> list[Path] | str:
        if whole.is_dir():
            inside = [
                file for file in sorted(whole.iterdir()) if file.is_file() and not file.name.startswith(".")
            ]
            return inside if inside or self.may_be_empty else "the folder has no files in it"
        if whole.is_file():
            return [whole]
        if whole.exists():
            return "neither a file nor a folder; use - for standard input"
        if _PATTERN & set(self.path):
            matching = sorted(file for file in self._root().glob(self._pattern()) if file.is_file())
            return matching or "no file has a name like this"
        return "there is no such file or folder"

    def _root(self) -> Path:
        return Path(Path(self.path).anchor) if Path(self.path).is_absolute() else self.inside

    def _pattern(self) -> str:
        path = Path(self.path)
        return str(path.relative_to(path.anchor)) if path.is_absolute() else self.path

    def _named(self, file: Path, whole: Path) -> str:
        """Return the name for reports, on one line: what was given, a file's own name behind a folder's."""
        name = self.path
        if whole.is_dir():
            name = str(Path(self.path) / file.name)
        elif file != whole:
            name = str(file if Path(self.path).is_absolute() else file.relative_to(self.inside))
        return one_line(name)

    def _document(self, file: Path, where: str) -> Document | Unreachable:
        try:
            place = str(file.resolve())
            with file.open("rb"):
                pass
        except OSError as error:
            return Unreachable(where, _cause(error))
        return Document(where, place, lambda: file.open("rb"), folder=file.parent)


@dataclass(frozen=True, slots=True)
class StandardInput:
    """One document from standard input, kept aside so that it can be read twice."""

    stream: BinaryIO | None = None

    def documents(self, known: Callable[[str], Validators]) -> Iterator[Located]:  # noqa: ARG002
        """Yield the document, or why there is none."""
        with tempfile.SpooledTemporaryFile(max_size=4_000_000) as kept:
            stream = self.stream or sys.stdin.buffer
            size = 0
            while part := stream.read(65_536):
                size += len(part)
                if size > LARGEST:
                    yield Unreachable("-", f"more than {LARGEST // 1_000_000} MB; give a file instead")
                    return
                kept.write(part)
            yield Document("-", "-", rewound(kept))


def rewound(kept: "tempfile.SpooledTemporaryFile[bytes]") -> Callable[[], AbstractContextManager[BinaryIO]]:
    """Return an opener of what was kept aside, from its beginning; closing it keeps it."""

    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        kept.seek(0)
        yield cast("BinaryIO", kept)

    return opened


def _cause(error: OSError | ValueError) -> str:
    said = error.strerror if isinstance(error, OSError) else str(error)
    return f"it cannot be read: {(said or type(error).__name__).lower()}"
