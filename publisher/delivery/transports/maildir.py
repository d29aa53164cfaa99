"""The outbox of the embedded installation: a Maildir in which each delivery is one file, however often sent.

A file is written whole and synced under ``tmp/`` and then renamed into ``new/``, so a reader never sees half
a letter. Its name comes from the delivery: after a crash it tells by itself whether the letter arrived.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from publisher import wholefile
from publisher.delivery.message import Message
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.errors import UnreachableError

_ROOM = 50
_FLAGS = ":"


class Maildir(Transport):
    """A transport into a Maildir."""

    name = "outbox"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: list[Result] = []
        self._seen: tuple[int, frozenset[str]] = (-1, frozenset())
        try:
            for part in ("tmp", "new", "cur"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            self._sweep()
        except OSError as error:
            raise UnreachableError(f"outbox {folder}: {error.strerror}") from error

    def room(self) -> int:
        """Return how many messages one group has; files in doubt are looked up, so it may be many."""
        return _ROOM

    def take(self, message: Message, *, again: bool) -> None:
        """Write a message; one that is there already, read or unread, is not written a second time."""
        if again and self.arrived(message.mark):
            self._taken.append(Result(message.mark, Verdict.ACCEPTED, "in the outbox"))
            return
        try:
            self._write(message)
        except OSError as error:
            self._taken.append(Result(message.mark, Verdict.DEFERRED, f"outbox: {error.strerror}"))
        else:
            self._taken.append(Result(message.mark, Verdict.ACCEPTED, "in the outbox"))

    def results(self, *, wait: bool = True) -> Sequence[Result]:  # noqa: ARG002 - everything is done by then
        """Return the outcome of everything taken, once the names themselves are on the disk."""
        done, self._taken = self._taken, []
        if done:
            wholefile.sync(self._folder / "new")
        return done

    def arrived(self, mark: str) -> bool | None:
        """Return whether the message lies in the outbox, wherever a mail program has moved it."""
        return (self._folder / "new" / mark).exists() or mark in self._read_ones()

    def close(self) -> None:
        """Nothing is held."""

    def _write(self, message: Message) -> None:
        draft = self._folder / "tmp" / f"{message.mark}.{os.getpid()}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(handle, "wb") as stream:
                # Files of a Maildir have the line ends of the system, messages on the wire have CRLF.
                stream.write(message.content.replace(b"\r\n", b"\n"))
                stream.flush()
                os.fsync(stream.fileno())
            draft.rename(self._folder / "new" / message.mark)
        except OSError:
            draft.unlink(missing_ok=True)
            raise

    def _read_ones(self) -> frozenset[str]:
        """Return the names in ``cur/`` without the flags that mail programs put behind them."""
        folder = self._folder / "cur"
        changed = folder.stat().st_mtime_ns
        if self._seen[0] != changed:
            self._seen = changed, frozenset(entry.name.split(_FLAGS)[0] for entry in os.scandir(folder))
        return self._seen[1]

    def _sweep(self) -> None:
        """Remove what killed processes of this machine left half written."""
        for file, pid in self._drafts():
            if not _runs(pid):
                file.unlink(missing_ok=True)

    def _drafts(self) -> Iterator[tuple[Path, int]]:
        for file in (self._folder / "tmp").iterdir():
            _, _, pid = file.name.rpartition(".")
            if pid.isdigit():
                yield file, int(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
