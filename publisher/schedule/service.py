"""The schedule of a site at work in one process, until it is told to stop."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event

from publisher import logs
from publisher.schedule import jobs
from publisher.schedule.crew import Crew, Runner, letters_wait
from publisher.schedule.timer import Timer
from publisher.store import deliveries
from publisher.work import tasks
from publisher.work.desk import Desk
from publisher.work.following import LOOK_SECONDS, Following, News
from publisher.work.queue.job import QUEUES

LOOK_AT_CONFIG = timedelta(seconds=LOOK_SECONDS)
TRY_DELIVERIES = timedelta(seconds=30)

FEEDS, LETTERS, RETURNS = ("pull", "publish"), ("send",), ("bounces",)
"""A long sending, or a full mailbox, must not hold the feeds up, so each has a thread of its own."""

_log = logs.logger(__name__)


class Service:
    """Plans and runs jobs, sends what is due, and takes edits of the config into force.

    Any number of these may work on one store. On PostgreSQL they share the work, over many hosts.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        stop: Event,
        runner: Runner = tasks.runner,
        taken: Callable[[Desk], None] = lambda _desk: None,
        leads: bool = True,
        queues: Sequence[str] = QUEUES,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            desk: the open site.
            stop: set from outside to end: nothing more begins, and tasks end as soon as they can.
            runner: does firings.
            taken: hears of each edit of the config that came into force.
            leads: plan and call others to work; without it only take part, on PostgreSQL.
            queues: where work is shared, whose jobs to do.
        """
        self._desk, self._stop, self._runner, self._taken = desk, stop, runner, taken
        self._following = Following(desk)
        self._reload, self._caught_up = Event(), Event()
        self._timer = Timer(desk.clock, threads=4)
        self._crew = Crew(lambda: self.desk, runner=runner, stop=stop, queues=queues, leads=leads)

    @property
    def desk(self) -> Desk:
        """The site with the config that is in force now."""
        return self._following.desk

    def reload(self) -> None:
        """Read the config files at the next look, edited or not; may be called by a signal handler."""
        self._reload.set()

    def run(self) -> None:
        """Work until the stop event is set; returns when all that ran has ended."""
        self._look_at_config(at_once=True)
        self._timer.add("config", self._look_at_config, lambda now: now + LOOK_AT_CONFIG)
        if self._desk.store.is_sqlite:
            self._timer.add("feeds", self._feeds, lambda now: jobs.next_wake(self.desk, now, FEEDS))
            self._timer.add("letters", self._letters, self._next_letters)
            self._timer.add("returns", lambda: self._do(RETURNS), self._next_returns)
        else:
            self._crew.join(self._timer)
        self._timer.start()
        self._stop.wait()
        self._timer.stop()
        self._crew.leave()

    def _next_returns(self, now: datetime) -> datetime | None:
        return jobs.next_wake(self.desk, now, RETURNS)

    def _feeds(self) -> None:
        try:
            self._do(FEEDS)
        finally:
            self._caught_up.set()

    def _letters(self) -> None:
        # After an outage the feeds catch up first, so that a late letter has the news that was missed.
        while not self._caught_up.wait(0.1):
            if self._stop.is_set():
                return
        self._do(LETTERS)
        if not self._stop.is_set():
            self._deliver()

    def _do(self, kinds: Sequence[str]) -> None:
        """Do what is due until nothing is; what became due meanwhile included."""
        while not self._stop.is_set():
            desk = self.desk
            if not jobs.tick(desk, self._runner(desk, self._stop), kinds=kinds, stop=self._stop).ran:
                return

    def _deliver(self) -> None:
        desk = self.desk
        if not self._has_deliveries(desk.clock()):
            return
        report = tasks.deliver(desk, stop=self._stop)
        if report.ended:
            made = ", ".join(f"{count} {state}" for state, count in report.ended.items())
            _log.info("sent what was due", made=made, waiting=report.waiting)

    def _has_deliveries(self, now: datetime) -> bool:
        """Return whether any is due, or was left in the middle by a process that is gone."""
        with self._desk.store.read() as tx:
            return letters_wait(tx, now)

    def _next_letters(self, now: datetime) -> datetime | None:
        due = self._next_delivery()
        moments = [jobs.next_wake(self.desk, now, LETTERS), due and max(due, now + TRY_DELIVERIES)]
        if due is not None and due > now:
            moments.append(due)
        return min((one for one in moments if one), default=None)

    def _next_delivery(self) -> datetime | None:
        with self._desk.store.read() as tx:
            return deliveries.waiting(tx)[1]

    def _look_at_config(self, *, at_once: bool = False) -> None:
        at_once = at_once or self._reload.is_set()
        self._reload.clear()
        if self._following.look(at_once=at_once) is News.TAKEN:
            self._taken(self.desk)
            self._timer.wake()
