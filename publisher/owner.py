"""Who holds a claim: the identity of a process, and whether another one is surely gone.

An owner reads ``host:pid:started``, with ``:run`` behind it where the runs of one process must not be taken
for each other. The first part names the machine's present boot and the process and time name spaces as
well, because two containers may share a host's name and its process numbers.
"""

import getpass
import os
import re
import socket
from functools import lru_cache
from hashlib import sha256
from itertools import count
from pathlib import Path

_PROC = Path("/proc")
_OWNER = re.compile(r"^(?P<host>[^:]+):(?P<pid>\d+):(?P<started>\d+)(?::\d+)?$")
_UNKNOWN = "0"
"""Start time where the system does not tell it."""
_runs = count(1)


def me() -> str:
    """Return the identity of this process; no other process, before or after, ever has the same."""
    return _identity(os.getpid())


def this_run() -> str:
    """Return the identity of one run in this process; no other run ever has the same."""
    return f"{me()}:{next(_runs)}"


def account() -> str:
    """Return the account that this process runs under, for the log of who did what."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # In a container the number may have no name.
        return f"uid {os.getuid()}"


def is_dead(owner: str) -> bool:
    """Return True only when it is certain that the process of that identity runs no more.

    Certain means: it ran on this very boot of this host, and there is no process of its number now, or one
    that started at another time. For any other host the answer is False, and the claim's lease decides.
    """
    found = _OWNER.match(owner)
    if found is None or found["host"] != _host():
        return False
    pid = int(found["pid"])
    if not _exists(pid):
        return True
    state, started = _stat(pid)
    # A zombie has ended; only its parent has not asked for its exit code yet.
    return state in {"Z", "X"} or (
        _UNKNOWN not in {started, found["started"]} and started != found["started"]
    )


# Keyed by the process number, so that a forked child does not pass for its parent.
@lru_cache(maxsize=4)
def _identity(pid: int) -> str:
    return f"{_host()}:{pid}:{_stat(pid)[1]}"


@lru_cache(maxsize=1)
def _host() -> str:
    marks = [_read(_PROC / "sys/kernel/random/boot_id"), _space("pid"), _space("time")]
    name = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:60] or "localhost"
    return f"{name}/{sha256('|'.join(marks).encode()).hexdigest()[:12]}"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _stat(pid: int) -> tuple[str, str]:
    """Return the state letter and the start time (ticks since boot), proc(5); empty and 0 where not known."""
    # The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    fields = _read(_PROC / str(pid) / "stat").rpartition(")")[2].split()
    return (fields[0], fields[19]) if len(fields) > 19 else ("", _UNKNOWN)


def _space(kind: str) -> str:
    try:
        return str((_PROC / "self/ns" / kind).readlink())
    except OSError:
        return ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
