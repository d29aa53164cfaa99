"""An edit of the config comes into force while everything runs; a mistake changes nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any

import pytest

from publisher.clock import system_clock
from publisher.model.job import Firing, Outcome, RunReport
from publisher.schedule.service import Service
from publisher.settings.load import load
from publisher.settings.schema import Settings
from publisher.settings.values import span_text
from publisher.store import Store, firings
from publisher.work import configs
from publisher.work.desk import Desk
from publisher.work.following import Following, News
from tests.schedule.processes import SITE

PUBLISH = {"p": {"run": "publish", "every": "1h"}}
OFTEN = {"p": {"run": "publish", "every": "1s"}}


class Files:
    """A site's config files, the jobs written as JSON, which is YAML too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "config").mkdir(parents=True)
        (folder / "config/site.yaml").write_text(SITE, encoding="utf-8")

    def save(self, jobs: dict[str, Any] | str, **style: Any) -> None:
        text = jobs if isinstance(jobs, str) else json.dumps({"jobs": jobs}, **style)
        fresh = self.folder / "config/.schedule.yaml.new"
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(self.folder / "config/schedule.yaml")

    def load(self) -> Settings:
        return load(self.folder, {})

    def desk(self, store: Store) -> Desk:
        return Desk(site=self.folder, settings=self.load(), store=store, clock=system_clock)


@pytest.fixture
def files(tmp_path: Path) -> Files:
    found = Files(tmp_path / "site")
    found.save(PUBLISH)
    return found


@pytest.fixture
def watch(files: Files, sqlite: Store) -> Following:
    found = Following(files.desk(sqlite))
    assert [found.look(at_once=True), found.look()] == [News.SAME, News.SAME]
    return found


def of(jobs: dict[str, Any], following: Following) -> bool:
    """Return whether these jobs are in force."""
    return {name: span_text(job.every) for name, job in following.settings.jobs.items() if job.every} == {
        name: job["every"] for name, job in jobs.items()
    }


def test_nothing_edited_nothing_read(watch: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr("publisher.work.following.read_files", never)
    assert {watch.look() for _ in range(5)} == {News.NOTHING}


def test_an_edit_counts_when_it_was_seen_twice(files: Files, watch: Following) -> None:
    files.save(OFTEN)
    assert watch.look() is News.NOTHING
    assert watch.look() is News.TAKEN
    assert of(OFTEN, watch)
    assert watch.desk.revision == 2
    assert [watch.look(), watch.look()] == [News.SAME, News.NOTHING]


def test_a_half_written_file_is_no_mistake(files: Files, watch: Following) -> None:
    for text in ('{"jobs"', '{"jobs": {"p": {"run": "publ', json.dumps({"jobs": OFTEN})):
        files.save(text)
        assert watch.look() is News.NOTHING
    assert watch.look() is News.TAKEN
    assert watch.error == ""


def test_a_mistake_keeps_the_last_good_config(files: Files, watch: Following) -> None:
    files.save("jobs: [")
    assert [watch.look(), watch.look(), watch.look()] == [News.NOTHING, News.REFUSED, News.NOTHING]
    assert of(PUBLISH, watch)
    assert watch.error.startswith("config/schedule.yaml:1:8:")
    (files.folder / "config/schedule.yaml").unlink()
    files.save(PUBLISH)
    assert [watch.look(), watch.look()] == [News.SAME, News.NOTHING]
    assert watch.error == ""


def test_an_edit_that_says_the_same_is_silent_and_still_a_revision(
    files: Files, watch: Following, sqlite: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    files.save(PUBLISH, indent=4)
    assert [watch.look(), watch.look()] == [News.NOTHING, News.SAME]
    assert watch.desk.revision == 2
    assert configs.history(watch.desk)[0].changes == ()
    assert capsys.readouterr().err == ""


def test_told_that_the_file_is_whole_it_does_not_wait(files: Files, watch: Following) -> None:
    files.save(OFTEN)
    assert watch.look(at_once=True) is News.TAKEN
    assert watch.look(at_once=True) is News.SAME


def test_an_edit_between_reading_and_watching_is_met(files: Files, sqlite: Store) -> None:
    desk = files.desk(sqlite)
    files.save(OFTEN)
    late = Following(desk)
    assert late.look(at_once=True) is News.TAKEN
    assert of(OFTEN, late)


class Running:
    """A service at work in a thread, with tasks that answer what the test says."""

    def __init__(self, files: Files, store: Store) -> None:
        self.stop, self.ran, self.taken = Event(), [], []  # type: ignore[var-annotated]
        self.desk = files.desk(store)
        self.service = Service(
            self.desk,
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
        self.thread.join(120)
        assert not self.thread.is_alive()


@pytest.fixture
def running(files: Files, sqlite: Store) -> Iterator[Running]:
    found = Running(files, sqlite)
    yield found
    found.end()


def wait(until: Any, seconds: float = 120) -> None:
    """Wait until something is true."""
    begun = monotonic()
    while not until():
        assert monotonic() - begun < seconds
        sleep(0.02)


def error_of(running: Running) -> str:
    return next((one.error for one in configs.state(running.desk).followers), "")


def test_a_saved_schedule_takes_effect_while_it_runs(
    files: Files, running: Running, sqlite: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    wait(lambda: len(running.ran) == 1)
    files.save(OFTEN)
    wait(lambda: running.taken)
    wait(lambda: len(running.ran) >= 3)

    files.save("jobs: [")
    wait(lambda: error_of(running))
    assert error_of(running).startswith("config/schedule.yaml:1:8")
    before = len(running.ran)
    wait(lambda: len(running.ran) >= before + 2)

    files.save(OFTEN, indent=2)
    wait(lambda: not error_of(running))
    running.end()
    said = capsys.readouterr().err
    assert said.count("is in force") == 1
    assert said.count("cannot be used") == 1
    assert len(running.taken) == 1


def test_each_run_is_planned_by_a_numbered_config(files: Files, running: Running, sqlite: Store) -> None:
    wait(lambda: len(running.ran) == 1)
    files.save(OFTEN)
    wait(lambda: len(running.ran) >= 4)
    running.end()
    with sqlite.read() as tx:
        rows = sorted(firings.latest(tx, limit=100), key=lambda one: one.due)
        mark = firings.marks(tx)["p"]
    assert rows[0].revision == 1
    assert rows[-1].revision == mark.revision == 2


def test_a_signal_to_reload_is_heard(files: Files, running: Running) -> None:
    files.save(OFTEN)
    running.service.reload()
    wait(lambda: running.taken)


def test_each_task_is_given_the_config_in_force(files: Files, sqlite: Store) -> None:
    seen: list[Settings] = []

    def runner(desk: Desk, _stop: Event | None) -> Any:
        seen.append(desk.settings)
        return lambda firing: RunReport(Outcome.DONE, "")

    stop = Event()
    service = Service(files.desk(sqlite), stop=stop, runner=runner)
    thread = Thread(target=service.run)
    thread.start()
    files.save(OFTEN)
    try:
        wait(lambda: seen and str(seen[-1].jobs["p"].every) == "0:00:01")
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
            free.wait(240)
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
