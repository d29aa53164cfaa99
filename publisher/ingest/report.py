"""What bringing articles in came to."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Problem(NamedTuple):
    """Where something was, and what was wrong with it or noticed about it."""

    where: str
    what: str


@dataclass(slots=True)
class Tally:
    """One document: how many of its articles became what.

    Attributes:
        where: the document.
        format: what it was recognised as; empty when it was not read.
        unread: why it was not read, when that is no problem.
    """

    where: str
    format: str = ""
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: int = 0
    unread: str = ""


@dataclass(slots=True)
class IngestReport:
    """All documents of a run.

    Attributes:
        documents: in the order in which they were read.
        rejected: articles and documents that were not taken, and why; those out of reach among them.
        notes: what was noticed about articles that were taken.
        unreachable: how many places could not be reached.
        placed: how many stored articles moved to another section because the config names it now.
    """

    documents: list[Tally] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    unreachable: int = 0
    placed: int = 0

    @property
    def new(self) -> int:
        """Articles that came in for the first time."""
        return sum(one.new for one in self.documents)

    @property
    def changed(self) -> int:
        """Stored articles that changed."""
        return sum(one.changed for one in self.documents)

    @property
    def unchanged(self) -> int:
        """Articles that were read and are as they were."""
        return sum(one.unchanged for one in self.documents)

    @property
    def withdrawn(self) -> int:
        """Articles that were taken back."""
        return sum(one.withdrawn for one in self.documents)

    @property
    def nothing_reached(self) -> bool:
        """Whether no place at all could be reached."""
        return self.unreachable > 0 and not self.documents

    def note(self, where: str, notes: Iterable[str]) -> None:
        """Add notes about one article."""
        self.notes += [Problem(where, note) for note in notes]

    def reject(self, where: str, reason: str) -> None:
        """Add an article or a document that was not taken."""
        self.rejected.append(Problem(where, reason))
