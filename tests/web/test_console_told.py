"""What the ledgers say in English, on a page in Vietnamese."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from babel.messages.pofile import read_po

from publisher.delivery.bounces import BounceReport
from publisher.i18n import words
from publisher.model.hold import Hold, HoldKind
from publisher.model.job import Mark, Outcome
from publisher.model.report import Kind
from publisher.resources import builtin
from publisher.schedule import calendar, catchup, explain
from publisher.schedule.explain import Question
from publisher.settings.schema import Job
from publisher.store import Store
from publisher.web.console import reasons
from publisher.web.console.told import told
from publisher.work import returns
from tests.digest.newsroom import article, picture
from tests.digest.test_select import pick

VI, EN = words("vi"), words("en")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HANOI, BERLIN = ZoneInfo("Asia/Ho_Chi_Minh"), ZoneInfo("Europe/Berlin")
ENGLISH = '<span lang="en">'


def test_every_message_has_its_vietnamese_with_the_same_fields() -> None:
    with (builtin("templates") / "locale" / "vi.po").open("rb") as stream:
        known = {one.id: one.string for one in read_po(stream, abort_invalid=True) if one.string}

    assert set(reasons.EVERY) - set(known) == set()
    for message in reasons.EVERY:
        assert sorted(re.findall(r"{\w+}", message)) == sorted(re.findall(r"{\w+}", str(known[message])))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("3 new, 0 changed, 1205 unchanged, 0 rejected", "3 mới, 0 đã sửa, 1.205 không đổi, 0 bị loại"),
        (
            "missed by 3 hours; the later run of 2026-11-21 06:30 stands for it (catch_up: latest)",
            "trễ 3 giờ; lần chạy sau lúc 06:30 21 thg 11, 2026 thay cho nó (catch_up: latest)",
        ),
        ("edition morning 2026-11-21: made; 12 accepted", "số morning 2026-11-21: đã làm; 12 đã nhận"),
        ("nothing new (3 sent before, 2 too old)", "không có gì mới (3 đã gửi trước đó, 2 quá cũ)"),
        ("edition cancelled by lan: <b>sai</b>", "số báo thư do lan huỷ: &lt;b&gt;sai&lt;/b&gt;"),
        ("bounced", "trả lại vĩnh viễn"),
        ("due at once: 40", "đến hạn ngay: 40"),
        ("0.7 s", "0,7 giây"),
        ("console operator", "người điều hành ở bảng điều khiển"),
    ],
)
def test_known_reasons_are_in_the_readers_words(stored: str, shown: str) -> None:
    assert told(VI, stored) == shown
    assert told(EN, stored) == stored.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;")


def test_what_nobody_knows_stays_english_and_is_marked_so() -> None:
    assert told(VI, "550 <lan> unknown; made") == f"{ENGLISH}550 &lt;lan&gt; unknown</span>; đã làm"
    assert told(VI, "connection lost: timed out") == f"mất kết nối: {ENGLISH}timed out</span>"


def test_a_rule_is_said_as_the_page_says_it() -> None:
    answer = "2026-11-21 06:30: not yet; it is due in 3 h 5 min, by its rule every day (config revision 2)."
    rule = {"every day": "mỗi ngày"}

    assert told(VI, answer, rule) == (
        "06:30 21 thg 11, 2026: chưa; đến hạn sau 3 giờ 5 phút, theo quy tắc mỗi ngày (cấu hình bản 2)."
    )


def said_of_late_runs() -> Iterator[str]:
    dues = [NOW - timedelta(hours=one) for one in (30, 3, 1)]
    for rule in ({"catch_up": "latest"}, {"catch_up": "none"}, {"max_age": "2h"}):
        job = Job.model_validate({"run": "publish", "every": "1h"} | rule)
        yield from catchup.too_late(job, HANOI, dues, NOW).values()
    job = Job.model_validate({"run": "publish", "every": "1s", "catch_up": "all"})
    long_ago = Mark(
        job="publish", planned_to=NOW - timedelta(hours=2), since=NOW, rule=catchup.rule_of(job, HANOI)
    )
    yield next(catchup.missed(long_ago, job, HANOI, NOW)).reason


def said_of_clocks() -> Iterator[str]:
    for rule, day in (("30 2 * * *", 28), ("*/30 * * * *", 28)):
        job = Job.model_validate({"run": "publish", "cron": rule})
        for begin in (datetime(2027, 3, day, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)):
            dues = calendar.times(job, BERLIN, begin - timedelta(hours=2), begin + timedelta(hours=4))
            yield from filter(None, (calendar.clock_change(job, BERLIN, due) for due in dues))


def said_of_editions() -> Iterator[str]:
    for kind in HoldKind:
        hold = Hold(digest="daily", slot="2026-11-21", kind=kind, at=NOW, who="lan on desk2")
        yield hold.reason
        yield replace(hold, why="sai tin chính").reason


def said_of_returns() -> Iterator[str]:
    yield returns.in_words(BounceReport())
    report = BounceReport(repeated=2, suppressed=1, left=1, unmatched=3)
    report.kinds.update(Kind)
    yield returns.in_words(report)


def said_of_choices() -> Iterator[str]:
    for lead in ("newest", "pictured"):
        many = [article(number, number) for number in range(1, 9)]
        odd = [article(10, 2, pictures=(picture(),)), article(11, 400), article(12, 1, language="de")]
        for candidates in (many, [*many, *odd]):
            found = pick(candidates, lead=lead, per_section=3, limit=4, exclude=("a3",), pins=("a5",))
            # What a rule is told by, such as a tag or a key, is the newsroom's own word.
            yield from (choice.detail for choice in found.choices if choice.reason != "section not in digest")


@pytest.mark.parametrize(
    "speaker", [said_of_choices, said_of_late_runs, said_of_clocks, said_of_editions, said_of_returns]
)
def test_what_the_program_says_is_known(speaker: Callable[[], Iterator[str]]) -> None:
    found = list(speaker())

    assert found
    assert [one for one in found if ENGLISH in told(VI, one)] == []


def test_answers_to_why_are_known(sqlite: Store) -> None:
    job = Job.model_validate({"run": "publish", "cron": "30 6 * * *", "except": ["2026-11-23"]})
    off = job.model_copy(update={"enabled": False})
    mark = Mark(
        job="feeds",
        planned_to=NOW,
        since=NOW - timedelta(days=2),
        rule=catchup.rule_of(job, HANOI),
        revision=3,
    )
    due = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    row = catchup.planned("feeds", job, due)
    rule = {calendar.rule(one, HANOI): "quy tắc" for one in (job, off)}
    states = [
        replace(row, outcome=Outcome.SKIPPED, reason="the job was taken out of the schedule"),
        replace(row, outcome=Outcome.RUNNING, started=due, lease=due),
        *(
            replace(
                row, outcome=one, started=due + late, ended=due + late, attempts=tries, reason="2 written"
            )
            for one in (Outcome.DONE, Outcome.PROBLEMS, Outcome.FAILED)
            for late in (timedelta(), timedelta(minutes=5))
            for tries in (1, 2)
        ),
        row,
    ]
    question = Question("feeds", job, HANOI, mark, NOW)
    questions = [question, *(replace(question, job=one) for one in (off, None)), replace(question, mark=None)]
    days = [f"2026-11-{day}" for day in range(18, 25)]
    answers: list[str] = []
    with sqlite.read() as tx:
        for one in questions:
            for day in [*days, "2026-11-22T09:00"]:
                spans = explain.spans_of(day, HANOI, NOW)
                answers += [found.sentence for found in explain.explain(tx, one, spans)]
    for state in states:
        answers += [explain._on_record(question, due, state)[1] + "."]

    unknown = [one for one in answers if ENGLISH in told(VI, one, rule)]

    assert len(set(answers)) > 20
    assert unknown == []
