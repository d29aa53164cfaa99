"""Real processes that share the work of a site on one PostgreSQL, to be killed."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from time import monotonic, sleep

from publisher import logs
from publisher.app import open_desk
from publisher.cli.signals import apart
from publisher.clock import system_clock
from publisher.schedule.service import Service
from publisher.work.desk import Desk
from tests.forkserver import SPAWN

SITE = """\
site:
  title: {{en: The Courier, vi: Báo Mường Lưa}}
  url: https://courier.example
  languages: [en, vi]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
sections:
  politics: {{title: {{en: Politics, vi: Chính trị}}}}
  economy: {{title: {{en: Economy, vi: Kinh tế}}}}
sources:
  inbox: {{path: var/inbox}}
digests:
  daily: {{title: {{en: The Morning}}}}
mail:
  sender: news@courier.example
  transport: smtp
  smtp: {{host: 127.0.0.1, port: {port}, tls: none, connections: {connections}}}
store:
  url: {store}
"""
CONNECTIONS = 2
PATIENCE = 240
"""Seconds; only a test that fails waits so long."""


class Host:
    """A site's folder on one of several hosts that share a store, and the processes that work there."""

    def __init__(self, folder: Path, store_url: str, *, port: int = 25, schedule: str = "jobs: {}\n") -> None:
        self.folder = folder
        self.crew: list[BaseProcess] = []
        (folder / "config").mkdir(parents=True)
        # So that links made on one host are read on another.
        (folder / "var").mkdir()
        (folder / "var/secret").write_text("a-key-that-is-only-good-for-tests\n", encoding="ascii")
        site = SITE.format(port=port, connections=CONNECTIONS, store=store_url.replace("+psycopg", ""))
        (folder / "config/site.yaml").write_text(site, encoding="utf-8")
        (folder / "config/schedule.yaml").write_text(schedule, encoding="utf-8")

    def desk(self) -> Desk:
        """Open the site in this process."""
        return open_desk(self.folder, clock=system_clock)

    def start(self, *, leads: bool) -> BaseProcess:
        """Start one more process: ``publisher run`` without web pages, or ``publisher worker``."""
        process = SPAWN.Process(target=work, args=(self.folder, leads), daemon=True)
        process.start()
        self.crew.append(process)
        return process

    def kill(self, one: BaseProcess) -> None:
        """Kill a process with SIGKILL."""
        self.crew.remove(one)
        one.kill()
        one.join()

    def end(self) -> None:
        """Kill whatever still runs."""
        for one in list(self.crew):
            self.kill(one)


def work(folder: Path, leads: bool) -> None:
    """Take part until killed, or in good order until SIGTERM."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: apart(stop.set))
    logs.configure()
    with suppress(KeyboardInterrupt):
        Service(open_desk(folder, clock=system_clock), stop=stop, leads=leads).run()
    os._exit(0)


def wait_for(what: Callable[[], object], why: str) -> None:
    """Wait until it is true."""
    patience = monotonic() + PATIENCE
    while not what():
        assert monotonic() < patience, why
        sleep(0.05)
