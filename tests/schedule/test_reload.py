"""An edit of the config comes into force while everything runs; a mistake changes nothing."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from publisher.clock import system_clock
from publisher.errors import ConfigError
from publisher.model.job import Firing, Outcome, RunReport
from publisher.schedule.reload import CONFIG_ERROR, ConfigWatch, News
from publisher.schedule.service import Service
from publisher.settings.schema import Settings
from publisher.store import Store, counters, firings
from publisher.work.desk import Desk
from tests.schedule.conftest import settings_of


class Files:
    """Config files that hold the jobs as JSON, or something that is none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "site.yaml").write_text("", encoding="utf-8")
        self.loads = 0

    def save(self, jobs: dict[str, Any] | str) -> None:
        text = jobs if isinstance(jobs, str) else json.dumps(jobs)
        (self.folder / "schedule.yaml").write_text(text, encoding="utf-8")

    def load(self) -> Settings:
        self.loads += 1
        try:
            return settings_of(json.loads((self.folder / "schedule.yaml").read_text("utf-8")))
        except ValueError:
            raise ConfigError("schedule.yaml:1:1: no JSON\nand more") from None


PUBLISH = {"p": {"run": "publish", "every": "1h"}}
OFTEN = {"p": {"run": "publish", "every": "1s"}}


@pytest.fixture
def files(tmp_path: Path) -> Files:
    found = Files(tmp_path / "config")
    found.save(PUBLISH)
    return found


@pytest.fixture
def watch(files: Files) -> ConfigWatch:
    found = ConfigWatch(files.folder, files.load(), files.load)
    assert [found.look(), found.look()] == [News.NOTHING, News.SAME]
    return found


def test_nothing_edited_nothing_read(files: Files, watch: ConfigWatch) -> None:
    before = files.loads
    assert {watch.look() for _ in range(5)} == {News.NOTHING}
    assert files.loads == before


def test_an_edit_counts_when_it_was_seen_twice(files: Files, watch: ConfigWatch) -> None:
    files.save(OFTEN)
    assert watch.look() is News.NOTHING
    assert watch.look() is News.TAKEN
    assert watch.settings == settings_of(OFTEN)
    assert watch.look() is News.NOTHING


def test_a_half_written_file_is_no_mistake(files: Files, watch: ConfigWatch) -> None:
    for text in ('{"p"', '{"p": {"run": "publ', json.dumps(OFTEN)):
        files.save(text)
        assert watch.look() is News.NOTHING
    assert watch.look() is News.TAKEN
    assert watch.error == ""


def test_a_mistake_keeps_the_last_good_config(files: Files, watch: ConfigWatch) -> None:
    files.save("jobs: [")
    assert [watch.look(), watch.look(), watch.look()] == [News.NOTHING, News.REFUSED, News.NOTHING]
    assert watch.settings == settings_of(PUBLISH)
    assert "no JSON" in watch.error
    (files.folder / "schedule.yaml").unlink()
    files.save(PUBLISH)
    assert [watch.look(), watch.look()] == [News.NOTHING, News.SAME]
    assert watch.error == ""


def test_an_edit_that_says_the_same_is_silent(files: Files, watch: ConfigWatch) -> None:
    files.save(json.dumps(PUBLISH, indent=4))
    assert [watch.look(), watch.look()] == [News.NOTHING, News.SAME]


def test_told_that_the_file_is_whole_it_does_not_wait(files: Files, watch: ConfigWatch) -> None:
    files.save(OFTEN)
    assert watch.look(at_once=True) is News.TAKEN
    assert watch.look(at_once=True) is News.SAME


def test_an_edit_between_reading_and_watching_is_met(files: Files) -> None:
    settings = files.load()
    files.save(OFTEN)
    late = ConfigWatch(files.folder, settings, files.load)
    assert [late.look(), late.look()] == [News.NOTHING, News.TAKEN]


class Running:
    """A service at work in a thread, with tasks that answer what the test says."""

    def __init__(self, files: Files, store: Store) -> None:
        self.stop, self.ran, self.taken = Event(), [], []  # type: ignore[var-annotated]
        desk = Desk(site=files.folder.parent, settings=files.load(), store=store, clock=system_clock)
        self.service = Service(
            desk,
            load=files.load,
            stop=self.stop,
            runner=lambda _desk, _stop: self.run,
            taken=lambda desk: self.taken.append(desk.settings),
        )
        self.thread = Thread(target=self.service.run)
        self.thread.start()

    def run(self, firing: Firing) -> RunReport:
        self.ran.append(firing)
        return RunReport(Outcome.DONE, "done")

    def end(self) -> None:
        self.stop.set()
        self.thread.join(30)
        assert not self.thread.is_alive()


@pytest.fixture
def running(files: Files, sqlite: Store) -> Iterator[Running]:
    found = Running(files, sqlite)
    yield found
    found.end()


def wait(until: Any, seconds: float = 20) -> float:
    """Wait until something is true; return how long it took."""
    begun = monotonic()
    while not until():
        assert monotonic() - begun < seconds
        sleep(0.02)
    return monotonic() - begun


def error_of(store: Store) -> str:
    with store.read() as tx:
        return counters.fact(tx, CONFIG_ERROR) or ""


def test_a_saved_schedule_takes_effect_within_two_seconds(
    files: Files, running: Running, sqlite: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    wait(lambda: len(running.ran) == 1)
    files.save(OFTEN)
    assert wait(lambda: running.taken) < 2
    wait(lambda: len(running.ran) >= 3)

    files.save("jobs: [")
    wait(lambda: error_of(sqlite))
    assert json.loads(error_of(sqlite))["error"].startswith("schedule.yaml:1:1")
    before = len(running.ran)
    wait(lambda: len(running.ran) >= before + 2)

    files.save(json.dumps(OFTEN, indent=2))
    wait(lambda: not error_of(sqlite))
    running.end()
    said = capsys.readouterr().err
    assert said.count("is in force") == 1
    assert said.count("cannot be used") == 1
    assert len(running.taken) == 1


def test_a_signal_to_reload_is_heard(files: Files, running: Running) -> None:
    files.save(OFTEN)
    running.service.reload()
    assert wait(lambda: running.taken) < 1.5


def test_each_task_is_given_the_config_in_force(files: Files, sqlite: Store) -> None:
    seen: list[Settings] = []

    def runner(desk: Desk, _stop: Event | None) -> Any:
        seen.append(desk.settings)
        return lambda firing: RunReport(Outcome.DONE, "")

    stop = Event()
    desk = Desk(site=files.folder.parent, settings=files.load(), store=sqlite, clock=system_clock)
    service = Service(replace(desk), load=files.load, stop=stop, runner=runner)
    thread = Thread(target=service.run)
    thread.start()
    files.save(OFTEN)
    try:
        wait(lambda: seen and seen[-1] == settings_of(OFTEN))
    finally:
        stop.set()
        thread.join()


def test_a_long_letter_does_not_hold_the_feeds_up(files: Files, sqlite: Store) -> None:
    files.save(OFTEN | {"m": {"run": "send morning", "every": "1s"}})
    running = Running(files, sqlite)
    sending, free = Event(), Event()

    def run(firing: Firing) -> RunReport:
        if firing.job == "m":
            sending.set()
            free.wait(30)
        running.ran.append(firing)
        return RunReport(Outcome.DONE, "")

    running.run = run  # type: ignore[method-assign]
    try:
        wait(sending.is_set)
        before = len(running.ran)
        wait(lambda: len(running.ran) > before + 2)
        assert all(one.job == "p" for one in running.ran)
    finally:
        free.set()
        running.end()
    with sqlite.read() as tx:
        assert all(one.lease is None for one in firings.latest(tx, limit=50))
