"""Jobs of the schedule, and the ledger of their runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What became of a firing."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    PROBLEMS = "problems"
    FAILED = "failed"
    SKIPPED = "skipped"


ENDED = frozenset({Outcome.DONE, Outcome.PROBLEMS, Outcome.FAILED, Outcome.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One planned run of a job and what became of it.

    Attributes:
        job: the job's name.
        due: planned time (UTC).
        run: what it does, as it stood in the schedule when it was planned, e.g. ``send morning``.
        outcome: where it stands.
        owner: process that claimed it, ``host:pid:started``; empty before.
        lease: until when the claim holds (UTC).
        attempts: how often it was begun.
        started, ended: of the last attempt (UTC).
        reason: one line: what it made, or why it was skipped or failed.
    """

    job: str
    due: datetime
    run: str
    outcome: Outcome
    owner: str = ""
    lease: datetime | None = None
    attempts: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
