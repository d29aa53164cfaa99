"""``publisher worker``: take part in the work of a site on PostgreSQL, by several processes of this host."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from threading import Thread
from time import monotonic

import click

from publisher import logs
from publisher.cli.common import Session, pass_session
from publisher.cli.queues import queues_option
from publisher.cli.signals import Asked, signals
from publisher.errors import ConfigError
from publisher.schedule.service import Service
from publisher.settings.load import read_site
from publisher.work import queue
from publisher.work.desk import Desk

_ALONE = (
    "store.url: a store on SQLite is worked on by `publisher run` alone; to share the work among processes "
    "and hosts name a PostgreSQL database there, see docs/hosts.md"
)
_LOOK_SECONDS = 0.2
_SHORT_LIFE_SECONDS = 5.0
_PAUSE_SECONDS = 5.0
_log = logs.logger(__name__)


@click.command(name="worker")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    help="How many processes; one for each processor when left out.",
)
@queues_option
@click.option("--under", type=int, hidden=True, help="End when this process does.")
@pass_session
def command(session: Session, processes: int | None, queues: Sequence[str], under: int | None) -> None:
    """Do what `publisher run` on this host or another calls for: pull, publish, prepare and send.

    Any number of these may run on any number of hosts with one PostgreSQL store. Ctrl-C ends them in good
    order, a second Ctrl-C at once.
    """
    count = processes or os.cpu_count() or 1
    reading = read_site(session.site, os.environ)
    if reading.settings is not None and reading.settings.store.url.startswith("sqlite"):
        raise ConfigError(_ALONE)
    with session.desk(create=False, lenient=True) as desk, signals(aloud=under is None) as asked:
        if desk.store.is_sqlite:
            raise ConfigError(_ALONE)
        if under is not None or count == 1:
            _work(desk, asked, queues, under)
            return
        queue.bring_up(desk.store)
    with signals() as asked:
        _Gang(session, queues, count, asked).run()


def _work(desk: Desk, asked: Asked, queues: Sequence[str], under: int | None) -> None:
    service = Service(desk, stop=asked.stop, leads=False, queues=queues)
    asked.reload.append(service.reload)
    if under is None:
        _log.info("working; Ctrl-C ends it", queues=", ".join(queues))
    else:
        Thread(target=watch, args=(asked, under), name="parent", daemon=True).start()
    service.run()
    if under is None:
        _log.info("stopped")


def watch(asked: Asked, parent: int) -> None:
    """Wait for the end of the process that began this one, and ask for this one's end then."""
    while os.getppid() == parent:
        if asked.stop.wait(_LOOK_SECONDS):
            return
    asked.stop.set()


class _Gang:
    """Several processes of the same command, each begun again when it dies."""

    def __init__(self, session: Session, queues: Sequence[str], count: int, asked: Asked) -> None:
        self._asked, self._queues = asked, queues
        self._line = [sys.executable, "-m", "publisher", *_as_we_were_told(), "--site", str(session.site)]
        self._line += ["worker", "--queues", ",".join(queues), "--under", str(os.getpid())]
        self._running: list[tuple[subprocess.Popen[bytes], float]] = []
        self._count = count
        asked.reload.append(lambda: self._tell_all(signal.SIGHUP))
        asked.at_once.append(lambda: self._tell_all(signal.SIGKILL))

    def run(self) -> None:
        """Keep them running until told to stop, and wait until the last has ended."""
        stop = self._asked.stop
        for _ in range(self._count):
            self._start()
        _log.info("working; Ctrl-C ends it", processes=self._count, queues=", ".join(self._queues))
        while not stop.wait(_LOOK_SECONDS):
            for one, began in [pair for pair in self._running if pair[0].poll() is not None]:
                self._running.remove((one, began))
                _log.warning("a process ended and is begun again", code=one.returncode)
                if monotonic() - began < _SHORT_LIFE_SECONDS and stop.wait(_PAUSE_SECONDS):
                    break
                self._start()
        self._tell_all(signal.SIGTERM)
        for one, _ in self._running:
            one.wait()
        _log.info("stopped")

    def _start(self) -> None:
        # In a session of its own, so that a Ctrl-C at the terminal comes to it once, from here.
        self._running.append((subprocess.Popen(self._line, start_new_session=True), monotonic()))  # noqa: S603

    def _tell_all(self, number: signal.Signals) -> None:
        for one, _ in self._running:
            one.send_signal(number)


def _as_we_were_told() -> list[str]:
    """Return the options of the program itself that its further processes need too."""
    given = click.get_current_context().find_root().params
    return ["--log", str(given["log"]), *(["--verbose"] if given["verbose"] else [])]
