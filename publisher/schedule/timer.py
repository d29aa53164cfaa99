"""The timer: the only home of APScheduler.

It only says when to look. What is due, and whether it was done, stands in the store: the timer keeps nothing,
so that it may be late, early or killed without harm.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from publisher import logs
from publisher.clock import Clock
from publisher.errors import PublisherError

IDLE = timedelta(seconds=10)
"""Looked at least this often: other processes and people also make work."""
RETRY = timedelta(seconds=5)
"""When the store could not be asked."""
_SOONEST = timedelta(milliseconds=20)

Work = Callable[[], None]
NextWake = Callable[[datetime], datetime | None]
"""Given the present (UTC), when there may be work again; None: nobody knows."""

_log = logs.logger(__name__)


class Timer:
    """Calls pieces of work when they may have something to do; none ever runs beside itself."""

    def __init__(self, clock: Clock, *, threads: int) -> None:
        # A look that finds the last one still at work is no mishap here, and no business of the log.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._clock = clock
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(threads)},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    def add(self, name: str, work: Work, next_wake: NextWake) -> None:
        """Add a piece of work; it is called once at the start."""
        self._scheduler.add_job(_calm(name, work), _NextDue(next_wake), id=name, next_run_time=self._clock())

    def start(self) -> None:
        """Begin; returns at once."""
        self._scheduler.start()

    def wake(self) -> None:
        """Look at once, because something changed."""
        for job in self._scheduler.get_jobs():
            job.modify(next_run_time=self._clock())

    def stop(self) -> None:
        """Begin nothing more, and wait until all that runs has ended."""
        self._scheduler.shutdown(wait=True)


class _NextDue(BaseTrigger):  # type: ignore[misc]
    """Asks anew for the next time whenever one has passed."""

    def __init__(self, next_wake: NextWake) -> None:
        self._next_wake = next_wake

    def get_next_fire_time(self, previous_fire_time: Any, now: datetime) -> datetime:  # noqa: ARG002
        """Return a time that is always later than now, or APScheduler would count for ever."""
        try:
            due = self._next_wake(now)
        except PublisherError:
            due = now + RETRY
        return max(now + _SOONEST, min(due or now + IDLE, now + IDLE))


def _calm(name: str, work: Work) -> Work:
    """Return the work such that a store that is away is a line in the log; the next look tries again."""

    def look() -> None:
        try:
            work()
        except PublisherError as error:
            _log.warning("could not look", work=name, error=str(error))

    return look
