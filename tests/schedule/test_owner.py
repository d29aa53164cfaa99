"""A claim may be taken from a process only when it is surely gone."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from publisher import owner

SAY_WHO = "import time; from publisher import owner; print(owner.me(), flush=True); time.sleep(60)"


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    with subprocess.Popen([sys.executable, "-c", SAY_WHO], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
        process.kill()


def test_this_process_lives() -> None:
    assert not owner.is_dead(owner.me())
    assert owner.me() == owner.me()


def test_another_process_lives_until_it_is_killed(other: tuple[subprocess.Popen[str], str]) -> None:
    process, name = other
    assert name != owner.me()
    assert not owner.is_dead(name)
    process.send_signal(signal.SIGKILL)
    # Before wait() it is a zombie: dead, though its number still stands in the table.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert owner.is_dead(name)
    process.wait()
    assert owner.is_dead(name)


def test_a_number_given_out_again_is_another_process() -> None:
    host, pid, started = owner.me().split(":")
    assert owner.is_dead(f"{host}:{pid}:{int(started) - 1}")


def test_a_forked_child_is_not_its_parent() -> None:
    parent = owner.me()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, owner.me().encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reading, 200).decode() != parent


@pytest.mark.parametrize(
    "name",
    [
        "",
        "elsewhere/0123456789ab:1:1",
        "no owner at all",
        "a:b:c",
    ],
)
def test_nothing_is_certain_about_other_hosts(name: str) -> None:
    assert not owner.is_dead(name)


def test_another_boot_of_the_same_host_is_left_to_the_lease() -> None:
    host, _, _ = owner.me().partition("/")
    assert not owner.is_dead(f"{host}/ffffffffffff:4000000:1")


def test_it_fits_its_column() -> None:
    assert len(owner.me()) <= 120
