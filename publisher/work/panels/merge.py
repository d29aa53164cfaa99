"""Two edits of one text put together, line by line; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines [first, last) of the old text that give way to others."""

    first: int
    last: int
    lines: tuple[str, ...]

    def meets(self, other: "_Hunk") -> bool:
        """Whether both change the same place; two that only touch may mean it, so they count as well."""
        return self.first <= other.last and other.first <= self.last


def merged(base: str, mine: str, theirs: str) -> str | None:
    """Return their text with my edit of the old one in it; None where both changed the same place.

    Args:
        base: what both began with.
        mine, theirs: what each made of it.
    """
    old = base.splitlines(keepends=True)
    ours, others = (_hunks(old, text.splitlines(keepends=True)) for text in (mine, theirs))
    if any(one.meets(other) and one != other for one in ours for other in others):
        return None
    lines = list(old)
    for hunk in sorted({*ours, *others}, key=lambda one: one.first, reverse=True):
        lines[hunk.first : hunk.last] = hunk.lines
    return "".join(lines)


def difference(before: str, after: str, *, around: int = 2) -> tuple[str, ...]:
    """Return the lines of a unified diff without its two heading lines; empty when there is none."""
    found = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=around)
    return tuple(found)[2:]


def _hunks(old: Sequence[str], new: Sequence[str]) -> list[_Hunk]:
    found = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [_Hunk(i, j, tuple(new[k:m])) for kind, i, j, k, m in found if kind != "equal"]
