"""Revisions of the config: each that came into force, as it was written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

How = Literal["start", "file", "console", "rollback"]
"""How a revision came: found by a process as it started, an edited file, the console, a rollback."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One config; the one with the highest number is in force.

    Attributes:
        number: 1, 2, 3 ...
        fingerprint: of the files, byte for byte.
        at: when it came into force (UTC).
        who: account and host, such as ``anna on desk2``.
        how: it came.
        files: name (``config/site.yaml``) -> text as it was written.
        changes: against the one before, in words; empty where only comments or layout changed.
    """

    number: int
    fingerprint: str
    at: datetime
    who: str
    how: How
    files: Mapping[str, str]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """What a site's folder on one host makes of the revision in force, as its processes said last.

    Attributes:
        host: its name.
        revision: number of the one that it runs; None before there was any.
        at: when it said so (UTC).
        error: why its edited files, or the newest revision, cannot be used; one line each, empty while all
            is well.
        note: how its files differ from the revision, in one sentence; empty while they do not.
    """

    host: str
    revision: int | None
    at: datetime
    error: str = ""
    note: str = ""
