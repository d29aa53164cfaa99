"""Real processes that run the schedule, to be killed; what they did is appended to a file, line by line."""

import os
import random
import signal
from datetime import UTC, datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from threading import Event
from time import sleep

from publisher.cli.signals import apart
from publisher.clock import system_clock
from publisher.model.job import Firing, Outcome, RunReport
from publisher.schedule import jobs
from publisher.schedule.service import Service
from publisher.settings.load import fingerprint, read_site
from publisher.store import Store, open_store
from publisher.work.configs import in_force
from publisher.work.desk import Desk
from tests.forkserver import SPAWN

SITE = """\
site:
  title: {en: The Courier}
  url: https://courier.example
  languages: [en]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
digests:
  morning: {title: {en: Morning}}
mail: {sender: news@courier.example}
"""


class Site:
    """A site's folder, the schedule in it, and the notes of the processes that work on it."""

    def __init__(self, folder: Path, store_url: str, schedule: str) -> None:
        self.folder, self.store_url = folder, store_url
        (folder / "config").mkdir(parents=True)
        (folder / "config/site.yaml").write_text(SITE, encoding="utf-8")
        self.edit(schedule)

    @property
    def notes(self) -> list[list[str]]:
        """What was noted so far, as words."""
        file = self.folder / "notes"
        return [line.split() for line in file.read_text("utf-8").splitlines()] if file.exists() else []

    @property
    def schedule(self) -> str:
        """What the file says now."""
        return (self.folder / "config/schedule.yaml").read_text("utf-8")

    def edit(self, schedule: str) -> None:
        """Save the schedule as editors do: a new file takes the place of the old."""
        fresh = self.folder / "config/.schedule.yaml.new"
        fresh.write_text(schedule, encoding="utf-8")
        fresh.replace(self.folder / "config/schedule.yaml")

    def start(self, *, leads: bool = True) -> BaseProcess:
        """Start one more process that runs the schedule, or that only takes part in its work."""
        process = SPAWN.Process(target=work, args=(self.folder, self.store_url, leads), daemon=True)
        process.start()
        return process


def work(folder: Path, store_url: str, leads: bool) -> None:
    """Run the schedule until killed, or in good order until SIGTERM."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: apart(stop.set))
    desk = desk_of(folder, open_store(store_url, folder=folder))
    note(folder, "started", fingerprint(desk.settings), str(desk.revision))
    service = Service(
        desk,
        stop=stop,
        leads=leads,
        runner=lambda desk, stop: hands(folder),
        taken=lambda desk: note(folder, "taken", fingerprint(desk.settings), str(desk.revision)),
    )
    service.run()
    note(folder, "stopped")


def hands(folder: Path) -> jobs.Run:
    """Return what does firings: note, take a moment, note."""
    chance = random.Random(os.getpid())

    def run(firing: Firing) -> RunReport:
        note(folder, "begin", firing.job, f"{firing.due.timestamp():.0f}", str(firing.attempts))
        sleep(chance.random() * 0.06)
        note(folder, "end", firing.job, f"{firing.due.timestamp():.0f}", str(firing.attempts))
        return RunReport(Outcome.DONE, f"by {os.getpid()}")

    return run


def note(folder: Path, *words: str) -> None:
    """Append a line; writes of this size to a file opened for appending are whole (POSIX write)."""
    line = " ".join([*words, str(os.getpid()), f"{datetime.now(UTC).timestamp():.3f}"]) + "\n"
    file = os.open(folder / "notes", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())
    os.close(file)


def desk_of(folder: Path, store: Store) -> Desk:
    """Open the site as commands do; as a service manager does, again and again until that works."""
    while True:
        settings, revision = in_force(folder, store, {}, read_site(folder, {}).settings)
        if settings is not None:
            return Desk(folder, settings, store, system_clock, {}, revision)
        sleep(0.1)
