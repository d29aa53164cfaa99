"""Jobs of the schedule, and the ledger of their runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

KINDS = ("pull", "publish", "bounces", "send")
"""What jobs do, in the order in which those due at the same moment run: an article's way."""


class Outcome(StrEnum):
    """What became of a firing."""

    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    PROBLEMS = "problems"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One planned run of a job and what became of it.

    Attributes:
        job: the job's name.
        due: planned time (UTC).
        run: what it does, as it stood in the schedule when it was planned, e.g. ``send morning``.
        outcome: where it stands.
        through: a skipped firing with this stands for every run of the job up to this time (UTC).
        owner: process that claimed it, ``host:pid:started``; empty before.
        lease: until when the claim holds (UTC).
        attempts: how often it was begun.
        started, ended: of the last attempt (UTC).
        reason: one line: what it made, or why it was skipped or failed.
        revision: number of the config that it was planned by; None where there is none on record.
    """

    job: str
    due: datetime
    run: str
    outcome: Outcome
    through: datetime | None = None
    owner: str = ""
    lease: datetime | None = None
    attempts: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    reason: str = ""
    revision: int | None = None

    @property
    def rank(self) -> int:
        """Place among firings of the same moment."""
        return rank(self.run)


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a task says of its run.

    Attributes:
        outcome: done, problems or failed; *planned* when it was told to stop and has to be taken up again.
        reason: one line: what it made, or why it could not. No addresses, no tokens.
    """

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a job is planned, and by what.

    Attributes:
        job: the job's name.
        planned_to: every run up to here (UTC) is on record.
        since: when the rule came into force (UTC).
        rule: the job as the schedule had it, in that file's own keys; None while it has no such job.
        revision: number of the config that said so last; None where there is none on record.
    """

    job: str
    planned_to: datetime
    since: datetime
    rule: Mapping[str, Any] | None
    revision: int | None = None


def rank(run: str) -> int:
    """Return the place of a task among those of the same moment."""
    return KINDS.index(kind(run))


def kind(run: str) -> str:
    """Return which of :data:`KINDS` a task is."""
    return run.partition(" ")[0]
