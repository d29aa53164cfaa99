"""Files that are there whole or not at all."""

import glob
import os
import threading
from pathlib import Path

from publisher import owner

_SUFFIX = ".part"


def put(path: Path, data: bytes) -> None:
    """Write a file under another name, make sure that it is on the disk, and give it its own name then.

    What an earlier process left of the same file when it was killed is removed.

    Args:
        path: where to; its folder is made when it is missing.
        data: the bytes.

    Raises:
        OSError: the disk is full, or the folder cannot be written; nothing of the file is left.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path)
    # Two threads may write the same file at once, so each has a draft of its own.
    draft = path.with_name(f".{path.name}.{_plain(owner.me())}.{threading.get_ident()}{_SUFFIX}")
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)  # noqa: PTH105 - the name under which the tests of killed runs count it
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def put_once(path: Path, data: bytes) -> None:
    """Write a file that is named after its content, unless it is there: then it is the same."""
    if not path.exists():
        put(path, data)


def sync(folder: Path | str) -> None:
    """Make sure that the names in a folder are on the disk.

    Raises:
        OSError: that cannot be.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(path: Path) -> None:
    """Remove drafts of this file whose writer surely runs no more."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*{_SUFFIX}"):
        who, _, _thread = draft.name.removeprefix(f".{path.name}.").removesuffix(_SUFFIX).rpartition(".")
        if owner.is_dead(_owner(who)):
            draft.unlink(missing_ok=True)


def _plain(who: str) -> str:
    return who.replace("/", "+")


def _owner(said: str) -> str:
    return said.replace("+", "/")
