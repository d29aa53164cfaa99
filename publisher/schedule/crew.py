"""Sharing the schedule's work: processes on one PostgreSQL call each other to it and do it.

What there is to do stands in the rows: planned runs, editions without an audience, deliveries that are due,
feeds of which the hub was not told. Jobs are made with those rows, and made again by :func:`call` when rows
say that there is work which nobody is at.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from threading import Event, Thread

from publisher import logs, owner
from publisher.schedule import jobs, ledger
from publisher.schedule.timer import Timer
from publisher.store import Transaction, deliveries, firings
from publisher.work import folders, queue, tasks, together
from publisher.work.desk import Desk
from publisher.work.folders import Word
from publisher.work.queue import job

Runner = Callable[[Desk, Event | None], jobs.Run]

FOLLOW = timedelta(seconds=2)
"""How often a host looks whether another one published."""
CALL_AGAIN = timedelta(seconds=15)
"""While letters are due and others are at them, or no relay takes any."""

_log = logs.logger(__name__)


class Crew:
    """What one process does of the work that many share."""

    def __init__(
        self, desk: Callable[[], Desk], *, runner: Runner, stop: Event, queues: Sequence[str], leads: bool
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            desk: gives the site with the config that is in force.
            runner: does firings.
            stop: set from outside to end.
            queues: whose jobs to do.
            leads: also plan and call, and keep this host's public folder up with the others.
        """
        self._desk, self._leads = desk, leads
        self._followed: Word | None = None
        self._called: datetime | None = None
        hands = handlers(desk, runner, stop)
        self._hands = Thread(
            target=lambda: queue.work(desk().store, hands, queues=queues, stop=stop), name="jobs"
        )

    def join(self, timer: Timer) -> None:
        """Begin; what has to be looked at is left to the timer.

        Raises:
            ConfigError: the task engine is not installed, or this host's keys are not those of the others.
            StoreError: the store is away, or does not allow it.
        """
        desk = self._desk()
        together.check_keys(desk.store, tasks.tokens(desk))
        queue.bring_up(desk.store)
        if self._leads:
            timer.add("call", self._call, self._next_call)
            timer.add("folder", self._follow, lambda now: now + FOLLOW)
        self._hands.start()

    def leave(self) -> None:
        """Wait until the jobs that are being done have ended."""
        if self._hands.is_alive():
            self._hands.join()

    def _call(self) -> None:
        desk = self._desk()
        now = desk.clock()
        if call(desk, letters=self._called is None or abs(now - self._called) >= CALL_AGAIN):
            self._called = now

    def _next_call(self, now: datetime) -> datetime | None:
        desk = self._desk()
        with desk.store.read() as tx:
            due = deliveries.waiting(tx)[1]
        moments = [jobs.next_wake(desk, now), due and max(due, now + CALL_AGAIN)]
        return min((one for one in moments if one), default=None)

    def _follow(self) -> None:
        """Write what another host published and this host's folder does not have."""
        desk = self._desk()
        with desk.store.read() as tx:
            word = folders.last(tx)
        if word.at is None or word == self._followed:
            return
        written = tasks.follow(desk, word.at)
        self._followed = word
        if written:
            _log.info("followed what another host published", written=len(written))


def call(desk: Desk, *, letters: bool = True) -> bool:
    """Plan what is due, and call for every piece of work that waits; with none, nothing is written.

    Args:
        desk: the open site.
        letters: also for deliveries that are due.

    Returns:
        Whether deliveries were called for.
    """
    jobs.plan(desk, also=lambda tx: _call_for_runs(tx, desk.clock()))
    now = desk.clock()
    with desk.store.read() as tx:
        runs = ledger.free(firings.unfinished(tx), now)
        waiting = deliveries.waiting(tx)[0] if letters and letters_wait(tx, now) else None
    if runs or waiting is not None:
        with desk.store.write() as tx:
            _call_for_runs(tx, now)
            queue.offer(tx, job.deliver(waiting) if waiting is not None else [])
    return waiting is not None


def handlers(desk: Callable[[], Desk], runner: Runner, stop: Event) -> Mapping[str, Callable[..., None]]:
    """Return what does each kind of job.

    Args:
        desk: gives the site with the config that is in force.
        runner: does firings.
        stop: set from outside to begin nothing more.
    """

    def fire(run: str) -> None:
        here = desk()
        if jobs.fire(here, runner(here, stop), run, stop=stop):
            # What waited for these runs is free now.
            with here.store.write() as tx:
                _call_for_runs(tx, here.clock())

    def prepare(edition_id: int) -> None:
        tasks.prepare(desk(), edition_id)

    def send(edition_id: int, share: int) -> None:  # noqa: ARG001 - it only tells the jobs apart
        tasks.deliver(desk(), edition_id=edition_id, stop=stop)

    def deliver(share: int) -> None:  # noqa: ARG001 - as above
        tasks.deliver(desk(), stop=stop)

    def ping() -> None:
        tasks.ping(desk())

    return {one.__name__: one for one in (fire, prepare, send, deliver, ping)}


def letters_wait(tx: Transaction, now: datetime) -> bool:
    """Return whether a delivery is due, or was left in the middle by a process that is gone."""
    due, holders = deliveries.waiting(tx)[1], deliveries.owners(tx)
    left = any(lease < now or owner.is_dead(name) for name, lease in holders.items())
    return left or (due is not None and due <= now)


def _call_for_runs(tx: Transaction, now: datetime) -> None:
    free: Sequence[str] = ledger.free(firings.unfinished(tx), now)
    queue.offer(tx, [job.fire(run) for run in free])
