"""`publisher run`, `next` and `why`, as a person at the keyboard meets them."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from publisher import app
from tests.ports import free_port
from tests.schedule.processes import SITE

SCHEDULE = """\
jobs:
  publish: {run: publish, every: 15m}
  morning: {run: send morning, cron: 30 6 * * *}
  berlin: {run: publish, cron: 30 2 * * *, timezone: Europe/Berlin}
  off: {run: publish, every: 1m, enabled: false}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "config/schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    return tmp_path


class Keyboard:
    def __init__(self, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.site, self.capsys = site, capsys

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Type a command; return exit code, output and errors."""
        code = app.run(["--site", str(self.site), *words])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json")[1])


@pytest.fixture
def publisher(
    site: Path, capsys: pytest.CaptureFixture[str], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> Keyboard:
    # Where the clock moves, another run may be due from one command to the next.
    monkeypatch.setattr(app, "system_clock", lambda: now)
    return Keyboard(site, capsys)


def test_next_needs_no_store_and_makes_none(publisher: Keyboard, site: Path) -> None:
    code, said, _ = publisher("next", "-n", "200")
    assert code == 0
    assert said.startswith("times of Asia/Ho_Chi_Minh\n")
    assert len(said.splitlines()) == 201
    assert " UTC  morning  send morning: every day at 06:30\n" in said
    assert " UTC  berlin   publish: every day at 02:30 Europe/Berlin\n" in said, "a zone of its own is named"
    assert "off" not in said
    assert not (site / "var").exists()


def test_next_for_programs(publisher: Keyboard) -> None:
    found = publisher.json("next", "-n", "150")
    assert [one["utc"] for one in found] == sorted(one["utc"] for one in found)
    morning = next(one for one in found if one["job"] == "morning")
    assert morning["local"].endswith("T06:30:00+07:00")
    assert morning["utc"].endswith("T23:30:00+00:00")
    assert morning["rule"] == "every day at 06:30 Asia/Ho_Chi_Minh"


def test_next_shows_at_least_one_run_of_each_job_in_the_order_in_which_they_run(
    publisher: Keyboard, site: Path
) -> None:
    rules = """\
jobs:
  b: {run: publish, every: 1m}
  c: {run: pull, every: 1m}
  a: {run: send morning, cron: 0 0 1 1 *}
"""
    (site / "config/schedule.yaml").write_text(rules, encoding="utf-8")

    said = publisher("next", "-n", "3")[1].splitlines()

    assert [line.split(" UTC  ")[1].split()[0] for line in said if " UTC  " in line] == ["c", "b", "c", "a"]
    assert said[4] == "and later"


def test_next_of_one_job(publisher: Keyboard) -> None:
    said = publisher("next", "morning", "-n", "2")[1].splitlines()
    assert len(said) == 3
    assert all("  morning  " in line for line in said[1:])
    code, _, error = publisher("next", "morming")
    assert (code, error) == (2, "publisher: there is no job 'morming'; did you mean 'morning'?\n")


def test_next_of_an_empty_schedule(publisher: Keyboard, site: Path) -> None:
    (site / "config/schedule.yaml").write_text("jobs: {}\n", encoding="utf-8")
    assert publisher("next")[:2] == (0, "nothing is scheduled; add jobs to config/schedule.yaml\n")


def test_next_of_a_job_that_is_switched_off(publisher: Keyboard) -> None:
    assert publisher("next", "off")[:2] == (0, "off is never due: every minute (not enabled)\n")


def test_once_then_why(publisher: Keyboard) -> None:
    code, said, _ = publisher("run", "--once")
    assert code == 0
    assert "  publish  done: " in said
    code, said, _ = publisher("run", "--once")
    assert (code, said.startswith("nothing was due; next: ")) == (0, True)

    last, following = publisher.json("why", "publish")
    assert (last["standing"], following["standing"]) == ("ran", "not yet")
    code, said, _ = publisher("why", "morning")
    assert code == 0
    assert "06:30: not yet; it is due in " in said


def test_once_for_programs(publisher: Keyboard) -> None:
    found = publisher.json("run", "--once")
    assert [(one["job"], one["outcome"]) for one in found["ran"]] == [("publish", "done")]
    assert found["skipped"] == []


def test_a_job_that_does_not_exist(publisher: Keyboard) -> None:
    publisher("run", "--once")
    code, _, error = publisher("why", "mornign")
    assert (code, error) == (2, "publisher: there is no job 'mornign'; did you mean 'morning'?\n")
    code, _, error = publisher("why", "zzzzzz")
    assert (code, error) == (
        2,
        "publisher: there is no job 'zzzzzz'; known: publish, morning, berlin, off\n",
    )
    code, _, error = publisher("why", "morning", "soon")
    assert code == 2
    assert error.startswith("publisher: 'soon' is no time; write a day")
    assert error.count("\n") == 1


class Serving:
    """`publisher run` in a process of its own."""

    def __init__(self, site: Path, *options: str, log: str = "log") -> None:
        self.log = site / log
        command = [sys.executable, "-m", "publisher", "--site", str(site), "run", *options]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(command, stderr=file, env=environment, start_new_session=True)

    def wait(self, words: str) -> None:
        self.until(lambda: words in self.said)

    def until(self, truth: Callable[[], bool]) -> None:
        end = monotonic() + 120
        while not truth():
            assert monotonic() < end, self.said
            assert self.process.poll() is None, self.said
            sleep(0.05)

    @property
    def said(self) -> str:
        return self.log.read_text("utf-8")


@pytest.fixture
def serving(site: Path) -> Iterator[Serving]:
    found = Serving(site, "--no-web")
    yield found
    found.process.kill()
    found.process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_in_good_order(serving: Serving, number: int) -> None:
    serving.wait("done job=publish")
    os.killpg(serving.process.pid, number)
    assert serving.process.wait(120) == 0
    assert serving.said.splitlines()[-1].endswith("stopped")


def test_an_edit_and_a_mistake_while_it_runs(serving: Serving, site: Path) -> None:
    file = site / "config/schedule.yaml"
    serving.wait("done job=publish")
    file.write_text(SCHEDULE.replace("15m", "1s"), encoding="utf-8")
    serving.wait('is in force changes="jobs.publish.every: now 1s; it was 15m"')
    file.write_text(SCHEDULE.replace("15m", "1 s?"), encoding="utf-8")
    serving.wait("cannot be used; the last good one stays")
    os.kill(serving.process.pid, signal.SIGHUP)
    before = serving.said.count("done job=publish")
    serving.until(lambda: serving.said.count("done job=publish") > before + 1)
    assert "Traceback" not in serving.said


def test_pages_are_served_by_the_config_in_force(site: Path) -> None:
    port = free_port()
    file = site / "config/site.yaml"
    file.write_text(f"{SITE}web: {{port: {port}}}\n", encoding="utf-8")
    first, second = Serving(site), None
    try:
        first.wait("done job=publish")
        assert "The Courier" in page_of_nothing(port)
        second = Serving(site, log="second")
        second.wait("running without web pages")
        file.write_text(file.read_text("utf-8").replace("The Courier", "The Herald"), encoding="utf-8")
        first.wait("is in force")
        first.until(lambda: "The Herald" in page_of_nothing(port))
        first.process.terminate()
        assert first.process.wait(120) == 0
    finally:
        for one in (first, second):
            if one is not None:
                one.process.kill()
                one.process.wait()


def page_of_nothing(port: int) -> str:
    """Return the page that stands where there is none; it bears the paper's name."""
    try:
        urlopen(f"http://127.0.0.1:{port}/nothing/here", timeout=120).close()
    except HTTPError as error:
        return error.read().decode()
    raise AssertionError("there is a page")
