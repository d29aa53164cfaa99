"""`publisher why` says the truth about every run: what was, what is, and what is to come."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher import owner
from publisher.model.job import Firing, Outcome, RunReport
from publisher.schedule import calendar, catchup, ledger
from publisher.schedule.calendar import in_words
from publisher.schedule.explain import Explanation, Question, Standing, explain, latest, spans_of
from publisher.schedule.jobs import next_wake, tick
from publisher.settings.load import read
from publisher.store import firings
from tests.schedule.conftest import Bench, settings_of
from tests.schedule.processes import SITE as WHOLE_SITE

MORNING = {"run": "send morning", "cron": "30 6 * * *"}
NEW_YORK = ZoneInfo("America/New_York")


def why(bench: Bench, job: str, when: str | None = None) -> list[Explanation]:
    desk = bench.desk
    with bench.store.read() as tx:
        one = desk.settings.jobs.get(job)
        zone = calendar.zone_of(one, desk.zone) if one else desk.zone
        places = desk.settings.places
        question = Question(job, one, zone, firings.marks(tx).get(job), bench.now, places)
        return explain(tx, question, spans_of(when, zone, bench.now)) if when else latest(tx, question)


def said(bench: Bench, job: str, when: str) -> tuple[str, str]:
    (found,) = why(bench, job, when)
    return str(found.standing), found.sentence


def look(bench: Bench) -> None:
    tick(bench.desk, bench.hands)


def test_before_anything_ran(small_bench: Bench) -> None:
    small_bench.schedule({"m": MORNING})
    small_bench.local("2026-11-21T12:00")
    assert said(small_bench, "m", "06:30") == (
        "never planned",
        "2026-11-21 06:30: never planned: no publisher run has met this job yet.",
    )
    assert [one.standing for one in why(small_bench, "m")] == [Standing.NOT_YET]


def test_a_day_off_is_named_with_the_line_that_says_so(small_bench: Bench) -> None:
    schedule = "jobs:\n  m: {run: send morning, cron: 30 6 * * *, except: [tet, 2027-06-01]}\n"
    holidays = "# Âm lịch\ncalendar:\n  tet:\n    title: Tết\n    days: [2027-02-05..2027-02-11]\n"
    settings = read(WHOLE_SITE.encode(), schedule.encode(), {}, holidays.encode()).settings
    assert settings is not None
    small_bench.settings = settings
    assert said(small_bench, "m", "2027-02-06") == (
        "excepted",
        "2027-02-06 06:30: will not run: no letter: Tết (config/calendar.yaml line 5).",
    )
    assert said(small_bench, "m", "2027-06-01") == (
        "excepted",
        "2027-06-01 06:30: will not run: no letter: 2027-06-01 (config/schedule.yaml line 2).",
    )
    small_bench.local("2027-02-04T12:00")
    look(small_bench)
    small_bench.local("2027-02-07T12:00")
    assert said(small_bench, "m", "2027-02-06")[1].startswith(
        "2027-02-06 06:30: did not run: no letter: Tết ("
    )


def test_what_is_to_come(small_bench: Bench) -> None:
    small_bench.schedule(
        {
            "m": MORNING | {"except": ["2026-11-23"]},
            "off": MORNING | {"enabled": False},
            "u": MORNING | {"timezone": "Europe/Berlin"},
        }
    )
    small_bench.local("2026-11-21T12:00")
    assert said(small_bench, "m", "2026-11-22T06:30") == (
        "not yet",
        (
            "2026-11-22 06:30: not yet; it is due in 18 h, by its rule every day at 06:30 Asia/Ho_Chi_Minh, "
            "except 2026-11-23."
        ),
    )
    assert said(small_bench, "m", "2026-11-23")[0] == "excepted"
    assert said(small_bench, "off", "2026-11-22")[0] == "disabled"
    assert said(small_bench, "m", "2026-11-22T07:00") == (
        "never planned",
        (
            "2026-11-22 07:00: nothing is planned then; its rule is every day at 06:30 Asia/Ho_Chi_Minh, "
            "except 2026-11-23, the one before is 2026-11-22 06:30, the next is 2026-11-24 06:30."
        ),
    )
    assert said(small_bench, "u", "2026-11-22T06:30")[0] == "not yet"


def test_what_ran(small_bench: Bench) -> None:
    def answer(firing: Firing) -> RunReport:
        small_bench.later(seconds=3)
        if firing.job == "bad":
            raise RuntimeError("no room")
        return RunReport(Outcome.PROBLEMS if firing.job == "odd" else Outcome.DONE, "4 accepted")

    small_bench.hands.answer = answer
    small_bench.schedule(
        {"m": MORNING, "odd": MORNING | {"run": "pull"}, "bad": MORNING | {"run": "publish"}}
    )
    small_bench.local("2026-11-21T12:00")
    look(small_bench)
    small_bench.local("2026-11-22T06:30")
    look(small_bench)
    at = "2026-11-22 06:30: ran at 06:30:0"
    assert said(small_bench, "odd", "06:30") == (
        "ran",
        f"{at}0 and ended with problems in 3.0 s: 4 accepted.",
    )
    assert said(small_bench, "bad", "06:30") == (
        "failed",
        f"{at}3 and failed in 3.0 s: unexpected error: RuntimeError: no room.",
    )
    assert said(small_bench, "m", "06:30") == (
        "ran",
        "2026-11-22 06:30: ran at 06:30:06, 6.0 s late, and ended well in 3.0 s: 4 accepted.",
    )
    assert [one.standing for one in why(small_bench, "bad")] == [Standing.FAILED, Standing.NOT_YET]


def test_what_nobody_looked_at(small_bench: Bench) -> None:
    small_bench.schedule({"m": MORNING, "n": MORNING | {"catch_up": "none"}})
    small_bench.local("2026-11-21T12:00")
    look(small_bench)
    small_bench.local("2026-11-22T07:00")
    begin = "2026-11-22 06:30: due, but no publisher run has been at work since; it would "
    assert said(small_bench, "m", "06:30") == ("not seen", f"{begin}still run now.")
    assert said(small_bench, "n", "06:30") == (
        "not seen",
        f"{begin}now be skipped: missed by 30 minutes, and its catch_up is none.",
    )
    assert [one.standing for one in why(small_bench, "m")] == [Standing.NOT_SEEN, Standing.NOT_YET]
    small_bench.schedule({})
    assert said(small_bench, "m", "06:30") == (
        "not seen",
        (
            "2026-11-22 06:30: due, but no publisher run has been at work since; it will be skipped: the job "
            "was taken out of the schedule."
        ),
    )
    look(small_bench)
    assert said(small_bench, "m", "06:30") == (
        "skipped",
        "2026-11-22 06:30: skipped: the job was taken out of the schedule.",
    )
    assert said(small_bench, "m", "08:30")[1] == (
        "2026-11-22 08:30: nothing is on record, and the schedule has no job m any more."
    )


def test_an_edit_counts_from_when_it_is_met(small_bench: Bench) -> None:
    small_bench.schedule({"m": MORNING})
    small_bench.local("2026-11-21T05:00")
    look(small_bench)
    small_bench.schedule({"m": MORNING | {"cron": "0 5,6 * * *"}})
    small_bench.local("2026-11-21T06:10")
    assert said(small_bench, "m", "06:00") == (
        "never planned",
        "2026-11-21 06:00: never planned: the job was edited, and no publisher run has met the edit yet.",
    )
    look(small_bench)
    assert said(small_bench, "m", "06:00") == (
        "never planned",
        "2026-11-21 06:00: never planned: its rule counts only since 2026-11-21 06:10.",
    )


def test_a_run_on_its_way_and_one_that_was_cut_off(small_bench: Bench) -> None:
    small_bench.schedule({"m": MORNING})
    small_bench.local("2026-11-21T06:00")
    look(small_bench)
    small_bench.local("2026-11-21T06:30")
    ledger.plan(small_bench.store, small_bench.settings.jobs, small_bench.desk.zone, small_bench.now)
    assert said(small_bench, "m", "06:30") == ("waiting", "2026-11-21 06:30: planned, and not begun yet.")
    (one,) = ledger.claimable(small_bench.store, ["send"])
    with small_bench.store.write() as tx:
        firings.claim(
            tx,
            one,
            owner="elsewhere/0:1:1",
            lease=small_bench.now + ledger.LEASE,
            dead=[],
            now=small_bench.now,
        )
    assert said(small_bench, "m", "06:30") == (
        "running",
        "2026-11-21 06:30: has been running since 06:30:00.",
    )
    small_bench.later(minutes=2)
    assert "no sign of life since 06:31:30" in said(small_bench, "m", "06:30")[1]
    look(small_bench)
    assert "ran at 06:32:00, 2 min late, on attempt 2" in said(small_bench, "m", "06:30")[1].replace(
        "120 s", "2 min"
    )
    assert owner.me() == small_bench.hands.given[-1].owner


def test_a_run_inside_a_long_outage_is_explained_by_the_row_that_stands_for_it(small_bench: Bench) -> None:
    small_bench.schedule({"p": {"run": "publish", "cron": "*/10 * * * *"}})
    look(small_bench)
    small_bench.later(days=30)
    look(small_bench)
    with small_bench.store.read() as tx:
        assert len(firings.latest(tx, limit=5000)) == catchup.MOST + 1
    standing, sentence = said(small_bench, "p", "2026-11-25T10:20")
    assert standing == "skipped"
    assert sentence.startswith("2026-11-25 10:20: skipped: missed, as was every run up to 2026-12-14")


@pytest.mark.parametrize(
    ("text", "first", "span"),
    [
        ("2026-11-21", "2026-11-20T17:00", timedelta(days=1)),
        ("2026-11-21T06:30", "2026-11-20T23:30", timedelta(minutes=1)),
        ("2026-11-21 06:30", "2026-11-20T23:30", timedelta(minutes=1)),
        ("2026-11-21T06:30:05", "2026-11-20T23:30:05", timedelta(seconds=1)),
        ("2026-11-21T06:30+00:00", "2026-11-21T06:30", timedelta(minutes=1)),
        ("6:30", "2026-11-20T23:30", timedelta(minutes=1)),
    ],
)
def test_how_a_time_may_be_written(text: str, first: str, span: timedelta, now: datetime) -> None:
    ((begin, end),) = spans_of(text, ZoneInfo("Asia/Ho_Chi_Minh"), now)
    assert begin == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert end - begin == span - timedelta(microseconds=1)


def test_a_repeated_minute_means_both(now: datetime) -> None:
    first, second = spans_of("2026-11-01T01:30", NEW_YORK, now)
    assert second[0] - first[0] == timedelta(hours=1)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "25:00", "2026-11-21T6"])
def test_what_is_no_time_is_answered_with_what_is(text: str, now: datetime) -> None:
    with pytest.raises(ValueError, match="2026-11-21T06:30"):
        spans_of(text, NEW_YORK, now)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=0.42), "0.4 s"),
        (timedelta(seconds=61), "61 s"),
        (timedelta(minutes=5), "5 min"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(hours=30, minutes=5), "30 h"),
        (timedelta(days=9, hours=3), "9 days"),
    ],
)
def test_spans_in_words(span: timedelta, words: str) -> None:
    assert in_words(span) == words


FORTNIGHT: dict[str, dict[str, Any]] = {
    "pull": {"run": "pull", "every": "1h"},
    "publish": {"run": "publish", "cron": "20 * * * *", "catch_up": "all", "max_age": "3h"},
    "night": {"run": "send morning", "cron": "30 1 * * *"},
    "noon": {
        "run": "send evening",
        "cron": "0 12 * * 1-5",
        "catch_up": "none",
        "except": ["2026-10-28", "2026-11-03"],
    },
    "far": {"run": "send evening", "cron": "15 2 * * *", "timezone": "Europe/Berlin", "max_age": "2d"},
    "off": {"run": "publish", "cron": "0 9 * * *", "enabled": False},
    "once": {
        "run": "send evening",
        "at": [
            "2026-10-24 09:00",
            "2026-10-29 15:30",
            "2026-10-31 09:00",
            "2026-11-01 01:30",
            "2026-11-06 21:00",
            "2026-11-08 09:00",
        ],
        "except": ["halloween"],
        "max_age": "2h",
    },
    "dawn": {"run": "send morning", "cron": "0 5 * * *", "except": ["halloween", "saints"]},
}
HOLIDAYS = {
    "halloween": {"title": "Halloween", "days": ["yearly 10-31"]},
    "saints": {"days": ["2026-11-01..2026-11-02"]},
}
LEFT_OUT = {"dawn": {"2026-10-31", "2026-11-01", "2026-11-02"}, "once": {"2026-10-31"}}
BEGIN, END = datetime(2026, 10, 24, 4, tzinfo=UTC), datetime(2026, 11, 7, 5, tzinfo=UTC)
OUTAGES = [
    (datetime(2026, 10, 25, 0, 10, tzinfo=UTC), datetime(2026, 10, 25, 3, 20, tzinfo=UTC)),
    (datetime(2026, 10, 29, 15, 0, tzinfo=UTC), datetime(2026, 10, 30, 20, 0, tzinfo=UTC)),
    (datetime(2026, 11, 1, 5, 10, tzinfo=UTC), datetime(2026, 11, 1, 6, 40, tzinfo=UTC)),
]
"""Over the change in Berlin, for a day, and over the change in New York."""


@dataclass
class Witness:
    """Sees every run with its own eyes."""

    clock: Callable[[], datetime]
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    ran: dict[tuple[str, datetime], tuple[datetime, str, str]] = field(default_factory=dict)

    def __call__(self, firing: Firing) -> RunReport:
        assert (firing.job, firing.due) not in self.ran
        outcome = self.chance.choices([Outcome.DONE, Outcome.PROBLEMS, Outcome.FAILED], [8, 1, 1])[0]
        made = f"run {len(self.ran) + 1}"
        self.ran[firing.job, firing.due] = (self.clock(), str(outcome), made)
        return RunReport(outcome, made)


def test_a_fortnight_with_a_change_of_the_clocks_and_three_outages(small_bench: Bench) -> None:
    bench = small_bench
    bench.settings, bench.now = settings_of(FORTNIGHT, HOLIDAYS, timezone="America/New_York"), BEGIN
    witness = Witness(lambda: bench.now)
    unseen = 0
    while bench.now < END:
        tick(bench.desk, witness)
        bench.now = (next_wake(bench.desk, bench.now) or END) + timedelta(seconds=witness.chance.random() * 2)
        for begin, end in OUTAGES:
            if begin <= bench.now < end:
                bench.now = end
                unseen += _check_unseen(bench, begin, end)
    bench.now = END
    tick(bench.desk, witness)

    asked = 0
    for name, job in bench.settings.jobs.items():
        zone = calendar.zone_of(job, NEW_YORK)
        for due in calendar.by_rule(job, zone, BEGIN, END + timedelta(days=2)):
            (answer,) = why(bench, name, due.isoformat())
            assert answer.due == due
            _check(bench, witness, name, due, answer)
            asked += 1
    assert asked > 700
    assert unseen > 10
    for name, due in witness.ran:
        zone = calendar.zone_of(bench.settings.jobs[name], NEW_YORK)
        before = due - timedelta(seconds=1)
        assert due == BEGIN or due in calendar.times(bench.settings.jobs[name], zone, before, due)


def _check(bench: Bench, witness: Witness, name: str, due: datetime, answer: Explanation) -> None:
    """Hold an answer against what was seen, and against the rules read independently."""
    job = bench.settings.jobs[name]
    zone = calendar.zone_of(job, NEW_YORK)
    local = due.astimezone(zone)
    assert f"{local:%Y-%m-%d %H:%M}" in answer.sentence
    seen = witness.ran.get((name, due))
    outage = next(((begin, end) for begin, end in OUTAGES if begin <= due <= end), None)
    if not job.enabled:
        assert answer.standing is Standing.DISABLED
    elif local.date().isoformat() in {"2026-10-28", "2026-11-03"} and name == "noon":
        assert answer.standing is Standing.EXCEPTED
        assert seen is None
    elif local.date().isoformat() in LEFT_OUT.get(name, ()):
        assert answer.standing is Standing.EXCEPTED
        assert f"run: no letter: {'Halloween' if local.day == 31 else 'saints'}" in answer.sentence
        assert seen is None
    elif due > END:
        assert answer.standing is Standing.NOT_YET
        assert seen is None
    elif seen is not None:
        at, outcome, made = seen
        assert answer.standing == ("failed" if outcome == "failed" else "ran")
        assert made in answer.sentence
        assert f"ran at {at.astimezone(zone):%H:%M:%S}" in answer.sentence
        assert (" late," in answer.sentence) == (at - due > timedelta(seconds=5))
    else:
        assert outage, f"{name} {due} was neither run nor in an outage: {answer.sentence}"
        assert answer.standing is Standing.SKIPPED
        _check_skip(job.catch_up, catchup.max_age_of(job), outage[1] - due, answer.sentence)
    if name == "night" and due == datetime(2026, 11, 1, 5, 30, tzinfo=UTC):
        assert "01:30 twice" in answer.sentence


def _check_skip(policy: str, max_age: timedelta, late: timedelta, sentence: str) -> None:
    if late > max_age:
        assert "max_age" in sentence
    elif policy == "latest":
        assert "catch_up: latest" in sentence
    else:
        assert policy == "none"
        assert "catch_up is none" in sentence


def _check_unseen(bench: Bench, begin: datetime, end: datetime) -> int:
    """Ask at the end of an outage, before anything has caught up."""
    asked = 0
    for name, job in bench.settings.jobs.items():
        for due in calendar.times(job, calendar.zone_of(job, NEW_YORK), begin, end):
            (answer,) = why(bench, name, due.isoformat())
            assert answer.standing is Standing.NOT_SEEN
            asked += 1
    return asked
