"""The schedule of a site at work in one process, until it is told to stop."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Event

from publisher import logs, owner
from publisher.schedule import jobs
from publisher.schedule.reload import CONFIG_ERROR, ConfigWatch, News
from publisher.schedule.timer import Timer
from publisher.settings.compare import compare
from publisher.settings.schema import Settings
from publisher.store import counters, deliveries
from publisher.work import tasks
from publisher.work.desk import Desk

LOOK_AT_CONFIG = timedelta(milliseconds=400)
TRY_DELIVERIES = timedelta(seconds=30)

FEEDS, LETTERS = ("pull", "publish"), ("send",)
"""A long sending must not hold the feeds up, so each has a thread of its own."""

Runner = Callable[[Desk, Event | None], jobs.Run]
_log = logs.logger(__name__)


class Service:
    """Plans and runs jobs, sends what is due, and takes edits of the config into force.

    Any number of these may work on one store, in one process or on many hosts.
    """

    def __init__(
        self,
        desk: Desk,
        *,
        load: Callable[[], Settings],
        stop: Event,
        runner: Runner = tasks.runner,
        taken: Callable[[Desk], None] = lambda _desk: None,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            desk: the open site.
            load: reads the config again.
            stop: set from outside to end: nothing more begins, and tasks end as soon as they can.
            runner: does firings.
            taken: hears of each edit of the config that came into force.
        """
        self._desk, self._stop, self._runner, self._taken = desk, stop, runner, taken
        self._watch = ConfigWatch(desk.site / "config", desk.settings, load)
        self._reload, self._caught_up = Event(), Event()
        self._timer = Timer(desk.clock, threads=3)

    @property
    def desk(self) -> Desk:
        """The site with the config that is in force now."""
        return replace(self._desk, settings=self._watch.settings)

    def reload(self) -> None:
        """Read the config files at the next look, edited or not; may be called by a signal handler."""
        self._reload.set()

    def run(self) -> None:
        """Work until the stop event is set; returns when all that ran has ended."""
        self._timer.add("config", self._look_at_config, lambda now: now + LOOK_AT_CONFIG)
        self._timer.add("feeds", self._feeds, lambda now: jobs.next_wake(self.desk, now, FEEDS))
        self._timer.add("letters", self._letters, self._next_letters)
        self._timer.start()
        self._stop.wait()
        self._timer.stop()

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
            due, holders = deliveries.waiting(tx)[1], deliveries.owners(tx)
        left = any(lease < now or owner.is_dead(name) for name, lease in holders.items())
        return left or (due is not None and due <= now)

    def _next_letters(self, now: datetime) -> datetime | None:
        due = self._next_delivery()
        moments = [jobs.next_wake(self.desk, now, LETTERS), due and max(due, now + TRY_DELIVERIES)]
        if due is not None and due > now:
            moments.append(due)
        return min((one for one in moments if one), default=None)

    def _next_delivery(self) -> datetime | None:
        with self._desk.store.read() as tx:
            return deliveries.waiting(tx)[1]

    def _look_at_config(self) -> None:
        at_once = self._reload.is_set()
        self._reload.clear()
        before, had_error = self._watch.settings, bool(self._watch.error)
        news = self._watch.look(at_once=at_once)
        if news is News.TAKEN:
            self._tell_taken(before)
        if news is News.REFUSED:
            first, *more = self._watch.error.splitlines()
            _log.error(
                "the config was edited and cannot be used; the last good one stays",
                error=first,
                more=len(more),
            )
            self._note(json.dumps({"at": self._desk.clock().isoformat(), "error": self._watch.error}))
        elif news is not News.NOTHING and had_error:
            self._note("")

    def _tell_taken(self, before: Settings) -> None:
        changes = [str(change) for change in compare(before, self._watch.settings)]
        _log.info("the config was edited and is in force", changes="; ".join(changes))
        if before.store != self._watch.settings.store:
            _log.warning("store.url was edited: it counts when this program is started again")
        self._taken(self.desk)
        self._timer.wake()

    def _note(self, value: str) -> None:
        with self._desk.store.write() as tx:
            counters.set_fact(tx, CONFIG_ERROR, value)
