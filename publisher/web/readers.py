"""How often readers ask for each feed: counted where it is answered, written down twice a minute.

A count is one addition to a number in memory; nothing is kept of who asked. A process that is killed loses
what it counted since it wrote last.
"""

from threading import Lock, Timer

from publisher import logs
from publisher.errors import PublisherError
from publisher.store import pollcounts
from publisher.work.desk import Desk
from publisher.work.panels.days import day_of_site, days_back

SECONDS = 30
"""Between two writings, while anybody asks."""
KEPT_DAYS = 400

_STATUSES = (200, 226, 304, 406, 429)
_log = logs.logger(__name__)

Tally = dict[int, int]
"""Answers by status, since the process began. All statuses are there from the start, so it never grows."""


class Tallies:
    """The tallies of one server."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tallies: dict[str, Tally] = {}
        self._written: dict[tuple[str, int], int] = {}
        self._writing = Lock()
        self._timer: Timer | None = None
        self._pruned = ""

    def of(self, path: str) -> Tally:
        """Return the tally of a document, always the same one."""
        return self._tallies.setdefault(path, dict.fromkeys(_STATUSES, 0))

    def stir(self) -> None:
        """See to it that what is counted now will be written; costs nothing while that is so."""
        if self._timer is None:
            self._timer = Timer(SECONDS, self._write_and_come_back)
            self._timer.daemon = True
            self._timer.start()

    def write(self) -> bool:
        """Write down what is new; return whether there was anything. A store that is away loses nothing."""
        with self._writing:
            now = {
                (path, status): count
                for path, tally in self._tallies.copy().items()
                for status, count in tally.copy().items()
            }
            new = {key: count - self._written.get(key, 0) for key, count in now.items()}
            new = {key: count for key, count in new.items() if count}
            if not new:
                return False
            try:
                self._add(new)
            except PublisherError as error:
                _log.warning("polls are not counted yet", error=str(error))
            else:
                self._written |= now
            return True

    def close(self) -> None:
        """Write the rest."""
        if self._timer is not None:
            self._timer.cancel()
        self.write()

    def _write_and_come_back(self) -> None:
        # Before the look, so that whoever asks during it begins anew.
        self._timer = None
        if self.write():
            self.stir()

    def _add(self, new: dict[tuple[str, int], int]) -> None:
        now = self._desk.clock()
        today = day_of_site(now, self._desk.zone)
        with self._desk.store.write() as tx:
            pollcounts.add(tx, today, new)
            if today != self._pruned:
                pollcounts.prune(tx, days_back(now, self._desk.zone, KEPT_DAYS)[0])
        self._pruned = today
