"""Running what is due: plan, claim, run, record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from threading import Event

from publisher import logs
from publisher.errors import PublisherError
from publisher.model.job import KINDS, Firing, Outcome, RunReport
from publisher.schedule import ledger
from publisher.schedule.ledger import Plan
from publisher.store import Transaction, firings
from publisher.work.desk import Desk

Run = Callable[[Firing], RunReport]
"""Does what a firing says (``pull``, ``publish``, ``send DIGEST``); doing it again does no harm."""
Tell = Callable[[Firing], None]
"""Hears of each run as soon as it has ended."""

_log = logs.logger(__name__)


@dataclass(frozen=True, slots=True)
class TickReport:
    """What one look at the schedule did.

    Attributes:
        planned: runs put on record.
        skipped: runs that will not happen, each with its reason.
        ran: runs as they ended, or were given back, in the order in which they ran.
    """

    planned: tuple[Firing, ...] = ()
    skipped: tuple[Firing, ...] = ()
    ran: tuple[Firing, ...] = ()

    @property
    def problems(self) -> bool:
        """Whether any run failed or reported problems."""
        return any(one.outcome in {Outcome.FAILED, Outcome.PROBLEMS} for one in self.ran)


def note(ended: Firing) -> None:
    """Log a run's end; the ids of the run are bound already."""
    say = _log.warning if ended.outcome in {Outcome.FAILED, Outcome.PROBLEMS} else _log.info
    say("given back" if ended.outcome is Outcome.PLANNED else str(ended.outcome), made=ended.reason)


def tick(
    desk: Desk, run: Run, *, kinds: Sequence[str] = KINDS, stop: Event | None = None, tell: Tell = note
) -> TickReport:
    """Do what is due and has not been done: once each, whoever else is at it.

    A task that fails is a line in its row and in the log; the others go on.

    Args:
        desk: the open site; its clock is read before each step.
        run: does the work.
        kinds: only runs of these tasks.
        stop: set from outside to begin nothing more.
        tell: hears of each run that ended.

    Raises:
        StoreError: the store is away; what was claimed is taken up again later.
    """
    planned = plan(desk)
    ran = _work(desk, run, ledger.claimable(desk.store, kinds), stop, tell)
    return TickReport(planned=planned.planned, skipped=planned.skipped, ran=ran)


def plan(desk: Desk, also: Callable[[Transaction], None] = lambda _tx: None) -> Plan:
    """Put every run that is due on record, and log what is skipped.

    Args:
        desk: the open site.
        also: done in the transaction that puts runs on record.
    """
    now, revision = desk.clock(), desk.revision
    found = ledger.plan(desk.store, desk.settings.jobs, desk.zone, now, revision=revision, also=also)
    _tell_skipped(found.skipped)
    return found


def fire(desk: Desk, run: Run, task: str, *, stop: Event) -> tuple[Firing, ...]:
    """Do the runs on record of one task (``send morning``), as :func:`tick` does those of all."""
    return _work(desk, run, ledger.claimable(desk.store, KINDS, task), stop, note)


def next_wake(desk: Desk, now: datetime, kinds: Sequence[str] = KINDS) -> datetime | None:
    """Return when :func:`tick` may next have something to do (UTC); None when never."""
    return ledger.next_due(desk.store, desk.settings.jobs, desk.zone, now, kinds)


def _tell_skipped(skipped: Sequence[Firing]) -> None:
    """Log one line a job, however many runs an outage cost it."""
    for name, rows in groupby(sorted(skipped, key=lambda one: (one.job, one.due)), key=lambda one: one.job):
        runs = list(rows)
        _log.info("skipped", job=name, runs=len(runs), last=runs[-1].due.isoformat(), reason=runs[-1].reason)


def _work(
    desk: Desk, run: Run, found: Sequence[Firing], stop: Event | None, tell: Tell
) -> tuple[Firing, ...]:
    ran: list[Firing] = []
    for one in found:
        if stop is not None and stop.is_set():
            break
        claimed = ledger.claim(desk.store, one, desk.clock())
        if claimed is not None:
            ran += _run(desk, claimed, run, tell)
    return tuple(ran)


def _run(desk: Desk, claimed: Firing, run: Run, tell: Tell) -> list[Firing]:
    """Run what was claimed and record its end; return the row, or nothing when others had taken it over."""
    with logs.bound(job=claimed.job, run=f"{claimed.due:%Y%m%dT%H%M%SZ}.{claimed.attempts}"):
        with ledger.held(desk.store, claimed, desk.clock):
            report = _attempt(claimed, run)
        if not ledger.finish(desk.store, claimed, report, desk.clock()):
            _log.warning("ended, but another process had taken it over; its record stands", task=claimed.run)
            return []
        with desk.store.read() as tx:
            row = firings.get(tx, claimed.job, claimed.due)
        if row is not None:
            tell(row)
    return [row] if row else []


def _attempt(claimed: Firing, run: Run) -> RunReport:
    if claimed.attempts > ledger.ATTEMPTS:
        return RunReport(
            Outcome.FAILED,
            f"given up: its process died {ledger.ATTEMPTS} times while it ran; see the log of that time",
        )
    try:
        return run(claimed)
    except PublisherError as error:
        return RunReport(Outcome.FAILED, str(error))
    except Exception as error:  # noqa: BLE001 - one job's defect must not stop the others
        _log.exception("unexpected error")
        return RunReport(Outcome.FAILED, f"unexpected error: {type(error).__name__}: {error}")
