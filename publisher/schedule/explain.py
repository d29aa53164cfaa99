"""Why a run happened or did not: a true sentence for every time that a person can ask about."""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from publisher.model import wall
from publisher.model.job import Firing, Mark, Outcome, kind
from publisher.schedule import calendar, catchup
from publisher.schedule.calendar import in_words
from publisher.settings.days import Off
from publisher.settings.places import Places
from publisher.settings.schema import Job
from publisher.store import Transaction, firings

Span = tuple[datetime, datetime]
"""First and last moment (UTC)."""

_MOST = 1000
_TICK = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_CLOCK = re.compile(r"^\d{1,2}:\d{2}(:\d{2})?$")
_LATE = timedelta(seconds=5)
"""Less than this is the ordinary time between being due and beginning, and not worth a word."""


class Standing(StrEnum):
    """How a run stands, in one word for programs."""

    RAN = "ran"
    FAILED = "failed"
    SKIPPED = "skipped"
    RUNNING = "running"
    WAITING = "waiting"
    NOT_YET = "not yet"
    EXCEPTED = "excepted"
    DISABLED = "disabled"
    NEVER_PLANNED = "never planned"
    NOT_SEEN = "not seen"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became, or will become, of a job at a time.

    Attributes:
        due: the time (UTC) that it speaks of.
        standing: in one word.
        sentence: in one or more sentences, times on the job's clocks.
        revision: number of the config that it was, or would be, planned by; None where there is none.
    """

    due: datetime
    standing: Standing
    sentence: str
    revision: int | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that an answer is found from.

    Attributes:
        name: the job's name.
        job: as the config has it now; None when it names no such job.
        zone: on whose clocks the answer is.
        mark: how far it is planned; None when no process ever planned it.
        now: the present (UTC).
        places: where the config says what.
    """

    name: str
    job: Job | None
    zone: ZoneInfo
    mark: Mark | None
    now: datetime
    places: Places = Places()  # noqa: RUF009 - frozen and empty

    def shown(self, moment: datetime) -> str:
        """Return a moment on the job's clocks; the second time round of an hour is marked."""
        local = moment.astimezone(self.zone)
        again = " (the second time)" if local.fold else ""
        seconds = ":%S" if local.second else ""
        return local.strftime(f"%Y-%m-%d %H:%M{seconds}") + again

    @property
    def in_force(self) -> Job | None:
        """The rule by which the job was planned last; an edit counts from when a process meets it."""
        return catchup.job_of(self.mark.rule) if self.mark else None


def spans_of(text: str, zone: ZoneInfo, now: datetime) -> list[Span]:
    """Return the first and last moments (UTC) of what a person means.

    Args:
        text: a day (``2026-11-21``), a minute (``2026-11-21T06:30``; a repeated one means both times), or an
            hour of today (``06:30``).
        zone: on whose clocks, unless the text has an offset.
        now: the present.

    Raises:
        ValueError: one sentence about what could be written instead.
    """
    said = text.strip()
    try:
        if _CLOCK.match(said):
            said = f"{wall.clock(now, zone).date()}T{said:0>5}"
        if len(said) == 10:
            day = datetime.combine(date.fromisoformat(said), time())
            return [(wall.moment_of(day, zone), wall.moment_of(day + _DAY, zone) - _TICK)]
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise ValueError(
            f"{text!r} is no time; write a day (2026-11-21), a minute (2026-11-21T06:30) or 06:30 for today"
        ) from None
    whole = timedelta(seconds=1) if moment.second else timedelta(minutes=1)
    found = [moment] if moment.tzinfo else wall.moments([moment], zone, keep_skipped=True, keep_repeated=True)
    return [(one, one + whole - _TICK) for one in found]


def explain(tx: Transaction, question: Question, spans: Sequence[Span]) -> list[Explanation]:
    """Return what became, or will become, of every run due in these spans; never empty.

    Times by the rule of now and times on record are both told, earliest first; at most 1,000 of each span.
    Where there is neither, the one answer says that nothing is planned then, and what is.
    """
    found: list[Explanation] = []
    for first, last in spans:
        rows = {one.due: one for one in firings.between(tx, first, last, name=question.name)}
        dues = sorted({*rows, *_by_rules(question, first, last)})[:_MOST]
        found += [_answer(tx, question, due, rows.get(due)) for due in dues]
    return found or [_nothing(question, spans[0][0])]


def latest(tx: Transaction, question: Question) -> list[Explanation]:
    """Return what became of the job's last run, of the last that nobody looked at, and what of the next."""
    found = firings.latest(tx, name=question.name, until=question.now)
    answers = [_answer(tx, question, one.due, one) for one in found]
    force, mark = question.in_force, question.mark
    unseen = calendar.last_time(force, question.zone, question.now) if force else None
    if unseen is not None and mark is not None and unseen > mark.planned_to:
        answers.append(_answer(tx, question, unseen, None))
    due = calendar.next_time(question.job, question.zone, question.now) if question.job else None
    if due is not None:
        answers.append(_answer(tx, question, due, None))
    return answers or [_nothing(question, question.now)]


def _by_rules(question: Question, first: datetime, last: datetime) -> Iterator[datetime]:
    """Yield the times by the rule of the config, and those by the rule in force that nobody looked at yet."""
    if question.job is not None:
        yield from islice(calendar.by_rule(question.job, question.zone, first - _TICK, last), _MOST)
    force, mark = question.in_force, question.mark
    if force is not None and mark is not None:
        begin = max(first - _TICK, mark.planned_to)
        yield from islice(calendar.times(force, question.zone, begin, min(last, question.now)), _MOST)


def _is_due(job: Job, zone: ZoneInfo, due: datetime) -> bool:
    return next(calendar.by_rule(job, zone, due - _TICK, due), None) == due


def _answer(tx: Transaction, question: Question, due: datetime, row: Firing | None) -> Explanation:
    if row is None:
        row = firings.standing_for(tx, question.name, due)
    standing, sentence = _on_record(question, due, row) if row else _not_on_record(question, due)
    note = calendar.clock_change(question.job, question.zone, due) if question.job else ""
    revision = row.revision if row else question.mark.revision if question.mark else None
    by = f" (config revision {revision})" if revision and (row or due <= question.now) else ""
    return Explanation(due, standing, f"{sentence}{f'; {note}' if note else ''}{by}.", revision)


def _on_record(question: Question, due: datetime, row: Firing) -> tuple[Standing, str]:
    when = question.shown(due)
    if row.outcome is Outcome.SKIPPED:
        return Standing.SKIPPED, f"{when}: skipped: {row.reason}"
    if row.outcome is Outcome.PLANNED:
        return Standing.WAITING, f"{when}: planned, and not begun yet{_waits(question, row)}"
    if row.outcome is Outcome.RUNNING:
        return (
            Standing.RUNNING,
            f"{when}: has been running since {_of(question, row.started)}{_cut(question, row)}",
        )
    began = f"{when}: ran{_late(question, row)}{_again(row)}"
    if row.outcome is Outcome.FAILED:
        return Standing.FAILED, f"{began} and failed{_took(row)}: {row.reason}"
    said = "with problems" if row.outcome is Outcome.PROBLEMS else "well"
    return Standing.RAN, f"{began} and ended {said}{_took(row)}: {row.reason or 'it made nothing'}"


def _not_on_record(question: Question, due: datetime) -> tuple[Standing, str]:
    mark, force, when = question.mark, question.in_force, question.shown(due)
    never = f"{when}: never planned"
    if due > question.now:
        return _ahead(question, due)
    if mark is None:
        return Standing.NEVER_PLANNED, f"{never}: no publisher run has met this job yet"
    if force is None:
        gone = (
            f"when publisher run looked last, at {question.shown(mark.since)}, the schedule had no such job"
        )
        return Standing.NEVER_PLANNED, f"{never}: {gone}"
    if due <= mark.since:
        return Standing.NEVER_PLANNED, f"{never}: its rule counts only since {question.shown(mark.since)}"
    if not _is_due(force, question.zone, due):
        return (
            Standing.NEVER_PLANNED,
            f"{never}: the job was edited, and no publisher run has met the edit yet",
        )
    if not force.enabled:
        return Standing.DISABLED, f"{when}: did not run: the job is switched off (enabled: false)"
    if off := calendar.day_off(force, question.zone, due):
        return Standing.EXCEPTED, f"{when}: did not run: {_left_out(question, force, off)}"
    if due > mark.planned_to:
        fate = _fate(question, due)
        return Standing.NOT_SEEN, f"{when}: due, but no publisher run has been at work since; {fate}"
    return Standing.NEVER_PLANNED, f"{never}, though all up to {question.shown(mark.planned_to)} should be"


def _left_out(question: Question, job: Job, off: Off) -> str:
    """Return which day off it is and where that stands: ``no letter: Tết (config/calendar.yaml line 4)``."""
    what = "no letter" if kind(job.run) == "send" else "no run"
    path = f"calendar.{off.name}.days" if off.name else f"jobs.{question.name}.except"
    numbers = [number for number, one in enumerate(job.excepted) if one == off]
    place = question.places.find(f"{path}[{numbers[0]}]" if numbers else path)
    where = f" ({place.file} line {place.line})" if place else ""
    return f"{what}: {calendar.off_words(off)}{where}"


def _ahead(question: Question, due: datetime) -> tuple[Standing, str]:
    job, when = question.job, question.shown(due)
    assert job is not None  # by which other rule could a time be due that is still to come
    if not job.enabled:
        return Standing.DISABLED, f"{when}: will not run: the job is switched off (enabled: false)"
    if off := calendar.day_off(job, question.zone, due):
        return Standing.EXCEPTED, f"{when}: will not run: {_left_out(question, job, off)}"
    rule = calendar.rule(job, question.zone)
    return (
        Standing.NOT_YET,
        f"{when}: not yet; it is due in {in_words(due - question.now)}, by its rule {rule}",
    )


def _fate(question: Question, due: datetime) -> str:
    """Return what becomes of a run that nobody has looked at, should one look now."""
    job, force = question.job, question.in_force
    if job is None or not job.enabled:
        return f"it will be skipped: the job was {'switched off' if job else 'taken out of the schedule'}"
    later = calendar.times(force or job, question.zone, due - _TICK, question.now)
    dues = list(deque(later, maxlen=catchup.MOST))
    reason = catchup.too_late(job, question.zone, [due, *dues], question.now).get(due)
    return f"it would now be skipped: {reason}" if reason else "it would still run now"


def _nothing(question: Question, moment: datetime) -> Explanation:
    """Return the answer for a time at which nothing is planned."""
    when = question.shown(moment)
    if question.job is None:
        gone = f"{when}: nothing is on record, and the schedule has no job {question.name} any more."
        return Explanation(moment, Standing.NEVER_PLANNED, gone)
    job, zone = question.job, question.zone
    before = calendar.last_time(job, zone, moment)
    after = calendar.next_time(job, zone, moment)
    around = [f"the one before is {question.shown(before)}"] if before else []
    around += [f"the next is {question.shown(after)}"] if after else ["there is no next"]
    sentence = (
        f"{when}: nothing is planned then; its rule is {calendar.rule(job, zone)}, {', '.join(around)}."
    )
    return Explanation(moment, Standing.NEVER_PLANNED, sentence)


def _cut(question: Question, row: Firing) -> str:
    if row.lease is not None and row.lease >= question.now:
        return ""
    return f"; no sign of life since {_of(question, row.lease)}, so another process takes it over"


def _waits(question: Question, row: Firing) -> str:
    late = question.now - row.due
    reason = f" ({row.reason})" if row.reason else ""
    if late <= catchup.GRACE:
        return reason
    return f"{reason}: it waits since {in_words(late)} for a process, or for the run before it to end"


def _late(question: Question, row: Firing) -> str:
    late = (row.started or row.due) - row.due
    at = f" at {_of(question, row.started)}"
    return f"{at}, {in_words(late)} late," if late > _LATE else at


def _again(row: Firing) -> str:
    return f" on attempt {row.attempts}, after its process had died," if row.attempts > 1 else ""


def _took(row: Firing) -> str:
    if row.started is None or row.ended is None:
        return ""
    return f" in {in_words(row.ended - row.started)}"


def _of(question: Question, moment: datetime | None) -> str:
    return f"{moment.astimezone(question.zone):%H:%M:%S}" if moment else "an unknown time"
