"""A site's config folder as one that follows: how its files stand to the revision in force.

``var/config.json`` notes what the files were when they last agreed with a revision. Files that are still so
were not edited here, whatever came into force since; anything else is an edit. All that writes here does it
while it holds the store's lock for the config, so a note that says *writing* and is met under that lock was
left by a process that died on the way.
"""

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from publisher import wholefile
from publisher.settings import files
from publisher.store import Transaction, configs

NOTE = "var/config.json"
KEPT = "var/config-kept"


class Standing(StrEnum):
    """How a folder's files stand to the revision in force."""

    SAME = "same"
    BEHIND = "behind"
    EDITED = "edited"


@dataclass(frozen=True, slots=True)
class Note:
    """What is noted of a folder.

    Attributes:
        revision: with which its files agreed last, or which it follows without being able to write them.
        fingerprint: of the files at that time.
        writing: the files are being written, or were when the writer died.
    """

    revision: int
    fingerprint: str
    writing: bool = False


def standing(tx: Transaction, site: Path, fingerprint: str, newest: tuple[int, str] | None) -> Standing:
    """Return how the files stand, given their fingerprint and the revision in force."""
    if newest is not None and newest[1] == fingerprint:
        return Standing.SAME
    note = noted(site)
    if newest is None or (note is not None and note.revision > newest[0]):
        # A note of another store: of a backup that was put back, or from before a move.
        return Standing.EDITED
    if note is None:
        return Standing.EDITED if configs.known(tx, fingerprint) is None else Standing.BEHIND
    if note.writing or note.fingerprint == fingerprint:
        return Standing.BEHIND
    # What became a revision since, made by a process of this folder that has not come to noting it.
    return Standing.BEHIND if (configs.known(tx, fingerprint) or 0) > note.revision else Standing.EDITED


def noted(site: Path) -> Note | None:
    """Return the note, or None when there is none that can be read."""
    try:
        said = json.loads((site / NOTE).read_bytes())
        return Note(int(said["revision"]), str(said["fingerprint"]), bool(said["writing"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def note(site: Path, revision: int, fingerprint: str, *, writing: bool = False) -> None:
    """Keep a note; under the config's lock only.

    Raises:
        OSError: var cannot be written.
    """
    fresh = Note(revision, fingerprint, writing)
    if noted(site) != fresh:
        wholefile.put(site / NOTE, json.dumps(asdict(fresh)).encode())


def put(site: Path, number: int, wanted: Mapping[str, str]) -> str:
    """Write a revision's files; under the config's lock only.

    Returns:
        Why they cannot be written, in a few words; empty when they are.
    """
    found, fresh = files.in_folder(site), files.contents(wanted)
    before = files.fingerprint(found)
    try:
        if found == fresh:
            note(site, number, before)
            return ""
        note(site, number, before, writing=True)
        for name in files.FILES:
            if found.get(name) != fresh.get(name):
                _put(site / name, fresh.get(name))
        note(site, number, files.fingerprint(fresh))
    except OSError as error:
        said = (error.strerror or str(error)).lower()
        if files.fingerprint(files.in_folder(site)) == before:
            with suppress(OSError):
                note(site, number, before)
        return f"{_below(site, error.filename)} cannot be written: {said}"
    return ""


def keep(site: Path, now: datetime) -> Path | None:
    """Copy the files as they are to where nothing removes them; return where, None when that fails."""
    folder = site / KEPT / f"{now:%Y%m%dT%H%M%S.%fZ}"
    try:
        for name, content in files.in_folder(site).items():
            wholefile.put(folder / Path(name).name, content)
    except OSError:
        return None
    return folder


def _put(path: Path, content: bytes | None) -> None:
    """Write or remove a file, leaving to people what is theirs.

    A file of this account is replaced in one step. One that is somebody else's, or a link, is written in
    place: a new file would not be theirs to edit any more. Should that be cut off, the note says so.
    """
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.is_symlink() and (not path.exists() or path.stat().st_uid == os.geteuid()):
        mode = path.stat().st_mode & 0o7777 if path.exists() else 0o644
        if path.exists() and not mode & 0o200:
            raise PermissionError(13, "read-only file", str(path))
        wholefile.put(path, content)
        path.chmod(mode)
    else:
        with path.open("r+b") as stream:
            stream.write(content)
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())


def _below(site: Path, name: object) -> str:
    with suppress(TypeError, ValueError):
        found = Path(str(name)).relative_to(site)
        return str(found.parent if found.name.startswith(".") else found)
    return "config"
