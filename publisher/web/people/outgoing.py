"""Sending confirmation mails behind the answers.

So no answer waits for a mail server, and none tells by its time whether a mail was due.
"""

from contextlib import suppress
from datetime import datetime, timedelta
from threading import Lock, Timer

from publisher import logs
from publisher.errors import PublisherError
from publisher.work import people
from publisher.work.desk import Desk

_AGAIN = timedelta(seconds=30)
_LONGEST = timedelta(minutes=5)
"""How long a timer waits at most: the clock may have been set meanwhile."""

_log = logs.logger(__name__)


class Outgoing:
    """Sends what is due, one run at a time, and comes back for what has to wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._running = Lock()
        self._timer: Timer | None = None

    def begin(self) -> None:
        """Take up what an earlier process has left."""
        with suppress(PublisherError):
            self._come_back(people.next_confirmation(self._desk))

    def send(self) -> None:
        """Send what is due; whoever comes while that is going on leaves it to the run that is at it."""
        if not self._running.acquire(blocking=False):
            # The other run may have looked already.
            self._come_back(self._desk.clock() + timedelta(seconds=1))
            return
        try:
            due = people.next_confirmation(self._desk)
            if due is not None and due <= self._desk.clock():
                due = people.send_confirmations(self._desk)
        except PublisherError as error:
            _log.warning("confirmation mails wait", error=str(error))
            due = self._desk.clock() + _AGAIN
        finally:
            self._running.release()
        self._come_back(due)

    def _come_back(self, due: datetime | None) -> None:
        if due is None:
            return
        seconds = min(due - self._desk.clock(), _LONGEST).total_seconds()
        if self._timer is not None:
            self._timer.cancel()
        self._timer = Timer(max(0.1, seconds), self.send)
        self._timer.daemon = True
        self._timer.start()
