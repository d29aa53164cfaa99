"""``publisher worker`` as a person meets it: real processes, signals, what is refused."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from publisher.app import run
from publisher.cli import worker
from publisher.cli.signals import Asked
from publisher.store import Store
from publisher.work import queue
from publisher.work.queue import job
from tests.conftest import PostgreSQL
from tests.work.office import PATIENCE, Host, wait_for


def test_on_sqlite_it_says_why_not_and_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = Host(tmp_path / "site", "sqlite:///var/publisher.sqlite3").folder

    assert run(["--site", str(site), "worker"]) == 2

    said = capsys.readouterr().err
    assert said.startswith("publisher: store.url: a store on SQLite is worked on by `publisher run` alone")
    assert "docs/hosts.md" in said
    assert said.count("\n") == 1
    assert not (site / "var/publisher.sqlite3").exists()


@pytest.mark.parametrize(
    ("queues", "says"), [("feds", "'feds' is no queue"), (",", "there are feeds, letters, returns")]
)
def test_a_queue_that_is_none_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], queues: str, says: str
) -> None:
    site = Host(tmp_path / "site", "postgresql://nobody@127.0.0.1:1/none").folder

    assert run(["--site", str(site), "worker", "--queues", queues]) == 2
    assert says in capsys.readouterr().err


def test_a_database_that_is_away_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = Host(tmp_path / "site", "postgresql://nobody@127.0.0.1:1/none").folder

    assert run(["--site", str(site), "worker"]) == 3
    assert capsys.readouterr().err.count("\n") == 1


@pytest.fixture
def host(postgresql: PostgreSQL, tmp_path: Path) -> Host:
    return Host(tmp_path / "here", postgresql.database())


@pytest.fixture
def started(host: Host) -> Iterator["subprocess.Popen[bytes]"]:
    """The command with two processes; whatever of it still runs at the end is killed."""
    line = [sys.executable, "-m", "publisher", "--site", str(host.folder), "worker", "--processes", "2"]
    with (host.folder / "log").open("wb") as log:
        process = subprocess.Popen(line, stderr=log)
    yield process
    for one in [*children(process), process.pid]:
        if process.poll() is None:
            os.kill(one, signal.SIGKILL)
    process.wait()


def children(process: "subprocess.Popen[bytes]") -> list[int]:
    """Return the numbers of a process's children."""
    try:
        return [
            int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        ]
    except OSError:
        return []


def begun_again(process: "subprocess.Popen[bytes]", victim: int) -> bool:
    """Return whether another child stands in the place of the victim."""
    kin = children(process)
    return len(kin) == 2 and victim not in kin


def runs(number: int) -> bool:
    """Return whether a process runs; one that has ended may stay on record until somebody asks for it."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def at_work(store: Store) -> int:
    """Return how many processes stand ready to do jobs."""
    with store.read() as tx:
        standing = queue.standing(tx)
    return sum(standing.hosts.values()) if standing else 0


@pytest.fixture
def store(host: Host) -> Iterator[Store]:
    desk = host.desk()
    yield desk.store
    desk.store.close()


@pytest.mark.postgresql
@pytest.mark.slow
def test_a_process_that_dies_is_begun_again_and_all_end_in_good_order(
    host: Host, store: Store, started: "subprocess.Popen[bytes]"
) -> None:
    wait_for(lambda: at_work(store) == 2, "the two processes do not begin")
    victim, other = children(started)
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: at_work(store) == 2 and begun_again(started, victim), "it is not begun again")
    kin = children(started)
    assert other in kin

    started.terminate()

    assert started.wait(PATIENCE) == 0
    assert not [one for one in kin if runs(one)]
    assert at_work(store) == 0
    said = (host.folder / "log").read_text("utf-8")
    assert "a process ended and is begun again" in said
    assert "Traceback" not in said


def test_a_process_ends_with_the_command_that_began_it() -> None:
    asked = Asked()
    watching = Thread(target=worker.watch, args=(asked, os.getppid()), daemon=True)
    watching.start()
    assert not asked.stop.wait(0.5)

    worker.watch(orphan := Asked(), os.getpid())

    assert orphan.stop.is_set()
    asked.stop.set()
    watching.join(PATIENCE)
    assert not watching.is_alive()


@pytest.mark.postgresql
def test_status_says_who_is_at_work_and_what_waits(
    host: Host, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    queue.bring_up(store)
    with store.write() as tx:
        queue.offer(tx, [job.fire("publish"), *job.send(1, 900)])

    run(["--site", str(host.folder), "status"])

    said = capsys.readouterr().out
    assert "workers   none; jobs: 1 feeds waiting, 2 letters waiting" in said
    assert "3 jobs waiting and nobody at work; start: publisher run" in said
