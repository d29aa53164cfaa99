"""What passes between the steps of ingest: documents, what readers yield, and the port to where they lie."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from publisher.model.article import Draft


@dataclass(frozen=True, slots=True)
class Rejected:
    """An article, or a whole document, that could not be taken, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A document that could not be opened, and why."""

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Validators:
    """What a web server said about a document's state (RFC 9110 §8.8): empty when it said nothing."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that can be opened.

    Attributes:
        where: as people name it: the path as it was given, or the address.
        place: the same for the same document on every run, to remember it by.
        open: opens its bytes for reading; a context manager.
        base: absolute address of the document, when it came from the web.
        folder: where relative names of pictures lead, when it is a local file.
        validators: what its server said.
    """

    where: str
    place: str
    open: Callable[[], AbstractContextManager[BinaryIO]]
    base: str | None = None
    folder: Path | None = None
    validators: Validators = Validators()


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A document whose server says that nothing changed since the validators that it was asked with."""

    where: str


Located = Document | Unchanged | Unreachable


class ArticleSource(Protocol):
    """Where documents lie: files, or an address."""

    def documents(self, known: Callable[[str], Validators]) -> Iterator[Located]:
        """Yield the documents, in the order in which they are to be read.

        Args:
            known: place -> what its server said when it was last read.
        """


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reader may know about where its bytes came from.

    Attributes:
        source: whose keys its articles are recognised by.
        where: the document, for reports.
        language: of articles that do not say, when the source is configured with one.
        base: address that links are relative to, when the document has one.
        now: when it is read.
    """

    source: str
    where: str
    now: datetime
    language: str | None = None
    base: str | None = None


Read = Draft | Rejected
Reader = Callable[[BinaryIO, Origin], Iterator[Read]]
"""Reads one format: pure apart from the stream, oldest article first."""
