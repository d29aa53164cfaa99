"""The folder that readers fetch from: what it holds, as it is there and as it was recorded beside it.

How documents come into it is the matter of :mod:`publisher.feeds.drafts`.
"""

import fcntl
import json
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from publisher.feeds.drafts import CODED, TEMPORARY, explained

_STATE = "feeds.json"


@dataclass(frozen=True, slots=True)
class State:
    """What this host's folder holds; beside it, not in the store, because every host has its own.

    Attributes:
        settings: fingerprint of the config that it was built from.
        change: up to which change of articles.
        as_of: the moment at which dates were last compared (ISO 8601).
        due: when something has to change although no article does (ISO 8601).
        prints: feed key -> fingerprint of what it was built from.
        titles: section key -> its titles in the entries.
        archives: feed key -> how many archive documents are complete.
        files: path of a current document -> its size and time.
        folders: path of a folder -> its time.
    """

    settings: str = ""
    change: int = 0
    as_of: str = ""
    due: str = ""
    prints: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    archives: Mapping[str, int] = field(default_factory=dict)
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    folders: Mapping[str, int] = field(default_factory=dict)


@contextmanager
def locked(var: Path) -> Iterator[None]:
    """Let one process at a time write the folder.

    Raises:
        UnreachableError: the folder for locks cannot be made.
    """
    with explained(var):
        var.mkdir(parents=True, exist_ok=True)
        handle = os.open(var / "publish.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def read_state(var: Path) -> State | None:
    """Return what the folder holds; None when nobody knows."""
    place = f"{var}/{_STATE}"
    try:
        found = os.stat(place)  # noqa: PTH116 - asked on every tick
        return _state(place, (found.st_ino, found.st_mtime_ns, found.st_size))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


@lru_cache(maxsize=4)
def _state(place: str, _stamp: Hashable) -> State:
    said = json.loads(Path(place).read_bytes())
    return State(**said | {"files": {path: tuple(stat) for path, stat in said["files"].items()}})


def write_state(var: Path, state: State) -> None:
    """Record what the folder holds; called last, when all of it is there."""
    said = {one.name: getattr(state, one.name) for one in fields(state)}
    with explained(var / _STATE):
        temporary = var / (_STATE + TEMPORARY)
        temporary.write_text(json.dumps(said, separators=(",", ":")), encoding="utf-8")
        temporary.replace(var / _STATE)


def remove(public: Path, paths: Iterable[str]) -> None:
    """Remove documents that are published no more, their coded forms, and folders left empty."""
    with explained(public):
        folders = set()
        for path in paths:
            for suffix in ("", *CODED):
                (public / (path + suffix)).unlink(missing_ok=True)
            folders.add((public / path).parent)
        for folder in sorted(folders, reverse=True):
            if folder.is_dir() and folder != public and not any(folder.iterdir()):
                folder.rmdir()


def sweep(public: Path, folders: Iterable[str]) -> None:
    """Remove what a killed run left half written."""
    for folder in folders:
        for left in (public / folder).glob(f".*{TEMPORARY}"):
            left.unlink(missing_ok=True)


def measure(place: str) -> tuple[int, int] | None:
    """Return a file's size and time in whole seconds; None when it is not there."""
    try:
        found = os.stat(place)  # noqa: PTH116 - called for every file
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns // 1_000_000_000


def folder_time(public: Path, folder: str) -> int:
    """Return the time of a folder's last change in nanoseconds; 0 when it is not there."""
    try:
        return os.stat(f"{public}/{folder}").st_mtime_ns  # noqa: PTH116 - as above
    except OSError:
        return 0


def stands(public: Path, state: State, settings: str, now: datetime) -> bool:
    """Return whether nothing but a change of articles can ask for a build; asked on every tick.

    Args:
        public: the folder.
        state: what it holds.
        settings: fingerprint of the config as it is now.
        now: decides whether something is due that time alone brings.
    """
    is_due = bool(state.due) and now >= datetime.fromisoformat(state.due)
    return state.settings == settings and not is_due and _intact(public, state)


def _intact(public: Path, state: State) -> bool:
    """Return whether the current documents and the folders are as the state has them."""
    place, stat = f"{public}/", os.stat
    try:
        for path, (size, time) in state.files.items():
            found = stat(place + path)
            if found.st_size != size or found.st_mtime != time:
                return False
        return all(stat(place + name).st_mtime_ns == time for name, time in state.folders.items())
    except OSError:
        return False


def sound(public: Path, path: str, size: int, modified: datetime) -> bool:
    """Return whether a document and its coded forms are there as they were written."""
    time = int(modified.timestamp())
    place = f"{public}/{path}"
    if measure(place) != (size, time):
        return False
    coded = (measure(place + suffix) for suffix in CODED)
    return all(found is not None and found[0] > 0 and found[1] == time for found in coded)
