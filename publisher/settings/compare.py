"""What changed between two configs, key by key, in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from publisher.settings.schema import Settings

_GROUPS = ("sections", "sources", "digests", "jobs", "feeds.named", "calendar")
"""Maps whose entries come and go as a whole."""
UNORDERED = ("sources", "jobs", "calendar")
"""Maps whose order says nothing; that of sections, digests and titles is what readers see."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change; ``str()`` of it is a sentence.

    Attributes:
        path: dotted path of the key, e.g. ``jobs.morning.cron``.
        kind: ``order`` means that the entries of a map stand in another order.
        before, after: what it said and says, as one would write it; empty for what was not there.
    """

    path: str
    kind: Literal["added", "removed", "changed", "order"]
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        if self.kind == "added":
            return f"{self.path}: new: {self.after}"
        if self.kind == "removed":
            return f"{self.path}: taken out; it was {self.before}"
        if self.kind == "order":
            return f"{self.path}: the order is now {self.after}; it was {self.before}"
        return f"{self.path}: now {self.after or 'left out'}; it was {self.before or 'left out'}"


def compare(old: Settings, new: Settings) -> list[Change]:
    """Return the changes from one config to another, in the order of the keys.

    Args:
        old: what was.
        new: what is.

    Returns:
        One entry a key; a section, source, digest, job or named feed that came or went is one as a whole.
        Empty when both say the same.
    """
    return list(_maps(_plain(old), _plain(new), ""))


def _plain(settings: Settings) -> dict[str, Any]:
    return settings.model_dump(mode="json", by_alias=True)


def _maps(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    yield from _order(old, new, path)
    for key in [*old, *(key for key in new if key not in old)]:
        here = f"{path}.{key}".lstrip(".")
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _maps(before, after, here)
        elif path in _GROUPS and key not in old:
            yield Change(here, "added", after=_words(after))
        elif path in _GROUPS and key not in new:
            yield Change(here, "removed", before=_words(before))
        elif before != after:
            yield Change(here, "changed", _words(before), _words(after))


def _order(old: Mapping[str, Any], new: Mapping[str, Any], path: str) -> Iterator[Change]:
    before, after = [key for key in old if key in new], [key for key in new if key in old]
    if before != after and path not in UNORDERED:
        yield Change(path, "order", ", ".join(before), ", ".join(after))


def _words(value: Any) -> str:
    """Return a value as one would write it on one line; what is empty or left out is not mentioned."""
    if isinstance(value, dict):
        return ", ".join(
            f"{key} {_words(part)}" for key, part in value.items() if part not in (None, [], {}, "")
        )
    if isinstance(value, list):
        return f"[{', '.join(map(_words, value))}]" if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
