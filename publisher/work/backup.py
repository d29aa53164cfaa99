"""Taking a site along: its store, config, templates and key in one file."""

import gzip
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Literal

from publisher import __version__
from publisher.errors import UnreachableError, UsageError
from publisher.store import backup as stores
from publisher.store import pgtools
from publisher.work.desk import Desk

FORMAT = 1
STORES = {"sqlite": "store.sqlite3", "postgresql": "store.pgdump"}
"""The store's file in a backup, by its kind."""
MANIFEST = "manifest.json"
_FOLDERS = ("config", "templates")
_KEY = "var/secret"
_LARGEST_MANIFEST = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Backup:
    """What is known of a backup from its first page.

    Attributes:
        path: the file.
        taken: the moment at which the store is shown (UTC).
        program: version that made it.
        kind: of the store.
        files: name in it -> SHA-256.
    """

    path: Path
    taken: datetime
    program: str
    kind: Literal["sqlite", "postgresql"]
    files: Mapping[str, str]


def make(desk: Desk, to: Path | None = None, *, keep: int | None = None) -> Backup:
    """Write a backup: the file is there whole or not at all, and only its owner may read it.

    Articles, subscribers, editions and every ledger are in the store; with them go the config, the site's own
    templates and the key of the links in letters. ``public/`` is not in it: publishing makes it again.

    Args:
        desk: the open site; it may go on working.
        to: a file, or a folder that it goes into under the date's name; ``var/backups`` when left out.
        keep: remove all but so many of the folder's dated backups afterwards.

    Raises:
        UnreachableError: it cannot be written, or PostgreSQL's programs are not here.
        StoreError: the store cannot be read, or is damaged.
    """
    now = desk.clock()
    path = _place(desk, to, now)
    with (
        _explained(path, "no backup was written"),
        tempfile.TemporaryDirectory(dir=_made(path.parent), prefix=".backup-") as room,
    ):
        kind: Literal["sqlite", "postgresql"] = "sqlite" if desk.store.is_sqlite else "postgresql"
        store = Path(room) / STORES[kind]
        (stores.snapshot if desk.store.is_sqlite else pgtools.dump)(desk.store, store)
        files = {store.name: store, **_files(desk.site)}
        sums = {name: _sum(file) for name, file in files.items()}
        first = {
            "format": FORMAT,
            "program": __version__,
            "taken": now.isoformat(),
            "store": kind,
            "files": sums,
        }
        draft = Path(room) / "draft"
        _write(draft, files, json.dumps(first, ensure_ascii=False, indent=1).encode(), now)
        draft.replace(path)
    if keep is not None:
        _prune(path, keep)
    return Backup(path, now, __version__, kind, sums)


def read(path: Path) -> Backup:
    """Read what a backup says of itself.

    Raises:
        UsageError: it is no backup of this program.
        UnreachableError: it cannot be read.
    """
    with _opened(path) as archive:
        first = archive.next()
        stream = archive.extractfile(first) if first and first.name == MANIFEST else None
        if first is None or stream is None or first.size > _LARGEST_MANIFEST:
            raise UsageError(f"{path}: this is no backup of a site; make one with: publisher backup")
        return _backup(path, stream.read())


def unpack(backup: Backup, into: Path) -> None:
    """Unpack a backup and compare every file with its sum.

    Args:
        backup: as :func:`read` gave it.
        into: an empty folder.

    Raises:
        UsageError: a file is missing, damaged, or has no business in a backup.
        UnreachableError: it cannot be read or written.
    """
    seen = set()
    with _opened(backup.path) as archive, _explained(into, "nothing was changed"):
        for member in archive:
            if member.name == MANIFEST:
                continue
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or member.name not in backup.files or not _inside(member.name):
                raise UsageError(
                    f"{backup.path}: {member.name!r} has no business in a backup; nothing was changed"
                )
            target = into / member.name
            _made(target.parent)
            with target.open("xb") as out:
                os.fchmod(out.fileno(), 0o600 if member.name == _KEY else 0o644)
                while block := stream.read(1 << 20):
                    out.write(block)
            if _sum(target) != backup.files[member.name]:
                raise UsageError(
                    f"{backup.path}: {member.name} is damaged; take an older backup, nothing was changed"
                )
            seen.add(member.name)
    missing = sorted(set(backup.files) - seen)
    if missing:
        raise UsageError(f"{backup.path}: {missing[0]} is missing; take an older backup, nothing was changed")


def _place(desk: Desk, to: Path | None, now: datetime) -> Path:
    name = f"backup-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"
    if to is None:
        return desk.var / "backups" / name
    return to / name if to.is_dir() else to


def _files(site: Path) -> dict[str, Path]:
    found = {
        path.relative_to(site).as_posix(): path
        for folder in _FOLDERS
        for path in sorted((site / folder).rglob("*"))
        if path.is_file() and not path.name.endswith((".part", "~", ".swp"))
    }
    if (site / _KEY).is_file():
        found[_KEY] = site / _KEY
    return found


def _write(draft: Path, files: Mapping[str, Path], first: bytes, now: datetime) -> None:
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with (
        os.fdopen(handle, "wb") as out,
        gzip.GzipFile(
            filename="", fileobj=out, mode="wb", compresslevel=6, mtime=int(now.timestamp())
        ) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.addfile(_member(MANIFEST, len(first), now), io.BytesIO(first))
        for name, path in files.items():
            with path.open("rb") as stream:
                archive.addfile(_member(name, path.stat().st_size, now), stream)
    with draft.open("rb") as written:
        os.fsync(written.fileno())


def _member(name: str, size: int, now: datetime) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = size, int(now.timestamp()), 0o600
    return member


def _backup(path: Path, plain: bytes) -> Backup:
    try:
        said = json.loads(plain)
        number, kind = said["format"], said["store"]
        backup = Backup(
            path, datetime.fromisoformat(said["taken"]), said["program"], kind, dict(said["files"])
        )
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: its {MANIFEST} cannot be read: {error}") from None
    if number != FORMAT or kind not in STORES:
        raise UsageError(
            f"{path}: it was made by version {backup.program} of this program; use that or a newer one"
        )
    return backup


@contextmanager
def _opened(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, mode="r:gz") as archive:
            yield archive
    except (tarfile.TarError, EOFError, gzip.BadGzipFile) as error:
        raise UsageError(f"{path}: this is no whole backup of a site: {error}") from None
    except FileNotFoundError as error:
        if error.filename != str(path):
            raise
        raise UnreachableError(f"{path}: there is no such file") from None


@contextmanager
def _explained(place: Path, so: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UnreachableError(f"{error.filename or place}: {why}; {so}") from error


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _sum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _prune(path: Path, keep: int) -> None:
    dated = sorted(path.parent.glob("backup-????????T??????Z.tar.gz"))
    for old in dated[: max(len(dated) - max(keep, 1), 0)]:
        old.unlink(missing_ok=True)
