"""The schedule at work: what is due runs once, what came too late leaves a row that says why."""

from datetime import datetime, timedelta
from threading import Event
from time import monotonic, sleep

import pytest

from publisher import owner
from publisher.errors import UnreachableError
from publisher.model.job import Firing, Outcome, RunReport
from publisher.schedule import catchup, ledger
from publisher.schedule.jobs import TickReport, next_wake, tick
from publisher.store import firings
from tests.schedule.conftest import Bench

MORNING = {"run": "send morning", "cron": "30 6 * * *"}
PUBLISH = {"run": "publish", "every": "15m"}
PULL = {"run": "pull", "every": "15m"}
ELSEWHERE = "elsewhere/0123456789ab:77:1"


def look(bench: Bench) -> TickReport:
    return tick(bench.desk, bench.hands)


def rows(bench: Bench) -> list[Firing]:
    with bench.store.read() as tx:
        return sorted(firings.latest(tx, limit=5000), key=lambda one: (one.due, one.job))


def outcomes(bench: Bench) -> list[tuple[str, str, str]]:
    """Return job, local time and outcome of every row."""
    return [
        (one.job, f"{one.due.astimezone(bench.desk.zone):%d %H:%M}", str(one.outcome)) for one in rows(bench)
    ]


def test_a_new_job_counts_from_now(bench: Bench) -> None:
    bench.schedule({"morning": MORNING})
    bench.local("2026-11-21T06:40")
    assert look(bench) == TickReport()
    bench.local("2026-11-22T06:29:59")
    assert look(bench).ran == ()
    bench.local("2026-11-22T06:30")
    report = look(bench)
    assert [(one.job, one.outcome, one.reason) for one in report.ran] == [
        ("morning", "done", "did send morning")
    ]
    assert not report.problems
    assert look(bench) == TickReport()


def test_a_newcomers_first_look_pulls_and_publishes_at_once_but_sends_nothing(bench: Bench) -> None:
    bench.schedule(
        {
            "publish": PUBLISH,
            "pull": PULL,
            "morning": MORNING,
            "often": {"run": "send evening", "every": "1h"},
        }
    )
    bench.local("2026-11-21T06:22")
    assert [one.run for one in look(bench).ran] == ["pull", "publish"]
    bench.local("2026-11-21T06:29")
    assert look(bench).ran == ()


def test_at_the_same_moment_an_article_goes_its_way(bench: Bench) -> None:
    bench.schedule(
        {
            "a": MORNING,
            "b": {"run": "publish", "cron": "30 6 * * *"},
            "c": {"run": "pull", "cron": "30 6 * * *"},
        }
    )
    bench.local("2026-11-21T06:29")
    look(bench)
    bench.later(minutes=1)
    look(bench)
    assert bench.hands.jobs == ["c", "b", "a"]


def test_with_nothing_due_nothing_is_written(small_bench: Bench) -> None:
    small_bench.schedule({"morning": MORNING, "publish": PUBLISH})
    look(small_bench)
    store = small_bench.folder / "var"
    before = {file.name: file.read_bytes() for file in store.iterdir()}
    small_bench.later(minutes=1)
    look(small_bench)
    assert {file.name: file.read_bytes() for file in store.iterdir()} == before


@pytest.mark.parametrize(
    ("policy", "done", "skipped"),
    [
        ({"catch_up": "latest"}, ["10:00"], ["07:00", "08:00", "09:00"]),
        ({"catch_up": "all"}, ["07:00", "08:00", "09:00", "10:00"], []),
        ({"catch_up": "none"}, [], ["07:00", "08:00", "09:00", "10:00"]),
        ({"catch_up": "all", "max_age": "2h"}, ["09:00", "10:00"], ["07:00", "08:00"]),
        ({"catch_up": "latest", "max_age": "10m"}, [], ["07:00", "08:00", "09:00", "10:00"]),
    ],
)
def test_after_an_outage(bench: Bench, policy: dict[str, str], done: list[str], skipped: list[str]) -> None:
    bench.schedule({"p": {"run": "publish", "cron": "0 * * * *"} | policy})
    bench.local("2026-11-21T06:30")
    look(bench)
    bench.local("2026-11-21T10:30")
    report = look(bench)
    assert [f"{one.due.astimezone(bench.desk.zone):%H:%M}" for one in report.ran] == done
    assert [f"{one.due.astimezone(bench.desk.zone):%H:%M}" for one in report.skipped] == skipped
    assert all("missed by" in one.reason for one in report.skipped)
    assert all(one.outcome in {Outcome.DONE, Outcome.SKIPPED} for one in rows(bench))
    assert len(rows(bench)) == 4


@pytest.mark.parametrize("policy", ["latest", "all", "none"])
def test_a_moments_delay_is_no_outage(bench: Bench, policy: str) -> None:
    bench.schedule({"p": {"run": "publish", "cron": "* * * * *", "catch_up": policy}})
    look(bench)
    bench.later(seconds=61)
    bench.later(seconds=catchup.GRACE.total_seconds() - 2)
    assert len(look(bench).ran) == 1


def test_of_runs_that_wait_together_the_latest_stands_for_all(bench: Bench) -> None:
    bench.schedule(
        {"p": {"run": "publish", "every": "5s"}, "q": {"run": "pull", "every": "5s", "catch_up": "all"}}
    )
    look(bench)
    bench.later(seconds=20)
    report = look(bench)
    assert [one.job for one in report.ran] == ["q", "q", "q", "q", "p"]
    assert [one.reason for one in report.skipped] == [
        f"missed by {late} seconds; the later run of 2026-11-21 06:30:20 stands for it (catch_up: latest)"
        for late in (15, 10, 5)
    ]


def test_a_send_is_not_caught_up_after_six_hours_unless_told_so(bench: Bench) -> None:
    bench.schedule({"m": MORNING, "e": {"run": "send evening", "cron": "30 6 * * *", "max_age": "1d"}})
    bench.local("2026-11-21T06:00")
    look(bench)
    bench.local("2026-11-21T13:00")
    report = look(bench)
    assert [one.job for one in report.ran] == ["e"]
    assert [one.reason for one in report.skipped] == ["missed by 6 hours, more than its max_age of 6 hours"]


def test_an_edit_counts_from_now_and_what_was_due_before_stays_due(bench: Bench) -> None:
    """07:00 is missed in an outage; the hour is moved to 06:00 before the program comes back at 07:30."""
    bench.schedule({"m": {"run": "send morning", "cron": "0 7 * * *"}})
    bench.local("2026-11-21T06:30")
    look(bench)
    bench.schedule({"m": {"run": "send morning", "cron": "0 6 * * *"}})
    bench.local("2026-11-21T07:30")
    look(bench)
    bench.local("2026-11-22T07:30")
    look(bench)
    assert outcomes(bench) == [("m", "21 07:00", "done"), ("m", "22 06:00", "done")]


def test_moving_an_hour_back_and_forth_plans_each_time_once(bench: Bench) -> None:
    bench.local("2026-11-21T06:00")
    for minute in range(100):
        hour = 7 if minute // 7 % 2 else 6
        bench.schedule({"m": {"run": "send morning", "cron": f"30 {hour} * * *"}})
        look(bench)
        bench.later(minutes=1)
    assert outcomes(bench) == [("m", "21 06:30", "done")]


def test_a_job_that_is_gone_or_off_leaves_its_reason(bench: Bench) -> None:
    jobs = {"gone": {"run": "publish", "cron": "0 7 * * *"}, "off": {"run": "pull", "cron": "0 7 * * *"}}
    bench.schedule(jobs)
    bench.local("2026-11-21T06:30")
    look(bench)
    bench.schedule({"off": jobs["off"] | {"enabled": False}})
    bench.local("2026-11-21T07:30")
    look(bench)
    assert {one.job: one.reason for one in rows(bench)} == {
        "gone": "the job was taken out of the schedule",
        "off": "the job was switched off (enabled: false)",
    }
    bench.schedule(jobs)
    bench.local("2026-11-21T09:00")
    assert look(bench) == TickReport()
    bench.local("2026-11-22T07:00")
    assert [one.job for one in look(bench).ran] == ["off", "gone"]


def test_a_year_of_seconds_is_recorded_in_one_row_and_the_last_thousand(small_bench: Bench) -> None:
    small_bench.schedule({"p": {"run": "publish", "every": "1s"}})
    look(small_bench)
    started = small_bench.now
    small_bench.later(days=365)
    assert len(look(small_bench).ran) >= 1
    first, *rest = [one for one in rows(small_bench) if one.due > started]
    assert first.due == started + timedelta(seconds=1)
    assert first.through is not None
    assert len(rest) == catchup.MOST
    assert rest[0].due - first.through <= timedelta(seconds=1)
    assert rest[-1].due == small_bench.now
    with small_bench.store.read() as tx:
        assert firings.standing_for(tx, "p", started + timedelta(days=100)) == first
        assert firings.standing_for(tx, "p", small_bench.now) is None


def test_a_failure_is_a_line_and_the_others_go_on(bench: Bench) -> None:
    def answer(firing: Firing) -> RunReport:
        if firing.job == "a":
            raise RuntimeError("lan.nguyen@example.org\nhas no room")
        if firing.job == "b":
            raise UnreachableError("the hub is away")
        return RunReport(Outcome.PROBLEMS, "2 articles rejected")

    bench.hands.answer = answer
    cron = {"cron": "30 6 * * *"}
    bench.schedule({"a": {"run": "pull"} | cron, "b": {"run": "publish"} | cron, "c": MORNING})
    bench.local("2026-11-21T06:29")
    look(bench)
    bench.later(minutes=1)
    report = look(bench)
    assert [(one.job, one.outcome, one.reason) for one in report.ran] == [
        ("a", "failed", "unexpected error: RuntimeError: (address) has no room"),
        ("b", "failed", "the hub is away"),
        ("c", "problems", "2 articles rejected"),
    ]
    assert report.problems
    assert all(one.ended == bench.now for one in report.ran)


def claimed_by(bench: Bench, who: str, *, attempts: int = 1) -> Firing:
    """Plan the morning's run and let a process have claimed it."""
    bench.schedule({"m": MORNING})
    bench.local("2026-11-21T06:29")
    look(bench)
    bench.later(minutes=1)
    ledger.plan(bench.store, bench.settings.jobs, bench.desk.zone, bench.now)
    for _ in range(attempts):
        with bench.store.write() as tx:
            (one,) = firings.unfinished(tx)
            taken = firings.claim(
                tx, one, owner=who, lease=bench.now + ledger.LEASE, dead=[who], now=bench.now
            )
    assert taken is not None
    return taken


def test_a_claim_holds_until_its_lease_is_over(bench: Bench) -> None:
    lost = claimed_by(bench, ELSEWHERE)
    bench.later(seconds=80)
    assert look(bench).ran == ()
    bench.later(seconds=11)
    (row,) = look(bench).ran
    assert (row.outcome, row.attempts, row.owner) == ("done", 2, owner.me())
    assert not ledger.finish(bench.store, lost, RunReport(Outcome.FAILED, "too late"), bench.now)
    assert rows(bench)[0].outcome is Outcome.DONE


def test_the_dead_are_taken_over_at_once(bench: Bench) -> None:
    host, pid, started = owner.me().split(":")
    claimed_by(bench, f"{host}:{pid}:{int(started) - 1}")
    assert [one.attempts for one in look(bench).ran] == [2]


def test_a_run_that_keeps_killing_its_process_is_given_up(bench: Bench) -> None:
    host, pid, started = owner.me().split(":")
    claimed_by(bench, f"{host}:{pid}:{int(started) - 1}", attempts=ledger.ATTEMPTS)
    (row,) = look(bench).ran
    assert row.outcome is Outcome.FAILED
    assert "died 5 times" in row.reason
    assert bench.hands.given == []


def test_a_lease_is_renewed_while_the_run_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "LEASE", timedelta(seconds=0.2))
    seen: list[datetime | None] = []

    def answer(firing: Firing) -> RunReport:
        for _ in range(2):
            before = rows(bench)[0].lease
            bench.later(minutes=5)
            patience = monotonic() + 120
            while rows(bench)[0].lease == before:
                assert monotonic() < patience, "it is not renewed"
                sleep(0.02)
            seen.append(rows(bench)[0].lease)
        return RunReport(Outcome.DONE, "at last")

    bench.hands.answer = answer
    bench.schedule({"p": PUBLISH})
    start = bench.now
    look(bench)
    assert [round((lease - start).total_seconds()) for lease in seen if lease] == [300, 600]


def test_what_is_stopped_on_the_way_is_given_back(bench: Bench) -> None:
    bench.schedule({"p": PUBLISH, "q": PULL})
    stop = Event()

    def answer(firing: Firing) -> RunReport:
        stop.set()
        return RunReport(Outcome.PLANNED, "stopped after 3 of 9 feeds")

    bench.hands.answer = answer
    report = tick(bench.desk, bench.hands, stop=stop)
    assert [(one.job, one.outcome, one.reason, one.owner) for one in report.ran] == [
        ("q", "planned", "stopped after 3 of 9 feeds", "")
    ]
    bench.hands = type(bench.hands)()
    assert [(one.job, one.outcome, one.attempts) for one in look(bench).ran] == [
        ("q", "done", 1),
        ("p", "done", 1),
    ]


def test_no_task_runs_beside_itself(bench: Bench) -> None:
    """A slow publish of 06:45 holds that of 07:00 back, and so does a pull of the same moment."""
    bench.schedule({"p": PUBLISH | {"catch_up": "all"}, "q": {"run": "pull", "cron": "0 7 * * *"}})
    look(bench)
    bench.later(minutes=30)
    ledger.plan(bench.store, bench.settings.jobs, bench.desk.zone, bench.now)
    early, late = ledger.claimable(bench.store, ["publish"])
    (pull,) = ledger.claimable(bench.store, ["pull"])
    assert ledger.claim(bench.store, late, bench.now) is None
    first = ledger.claim(bench.store, early, bench.now)
    assert first is not None
    assert ledger.claim(bench.store, late, bench.now) is None
    ledger.finish(bench.store, first, RunReport(Outcome.DONE, ""), bench.now)
    assert ledger.claim(bench.store, late, bench.now) is None
    second = ledger.claim(bench.store, pull, bench.now)
    assert second is not None
    assert ledger.claim(bench.store, late, bench.now) is None
    ledger.finish(bench.store, second, RunReport(Outcome.DONE, ""), bench.now)
    assert ledger.claim(bench.store, late, bench.now) is not None


def test_the_next_wake_is_the_next_thing_to_do(bench: Bench) -> None:
    bench.schedule({"m": MORNING})
    bench.local("2026-11-21T06:00")
    look(bench)
    assert next_wake(bench.desk, bench.now) == bench.now + timedelta(minutes=30)
    assert next_wake(bench.desk, bench.now, ["pull"]) is None
    lost = claimed_by(bench, ELSEWHERE)
    assert next_wake(bench.desk, bench.now) == lost.lease
    bench.later(minutes=2)
    assert next_wake(bench.desk, bench.now) == bench.now + timedelta(seconds=1)
