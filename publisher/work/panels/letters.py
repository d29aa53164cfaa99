"""Editions as people look at them: what is planned, what is in one and why, and who got it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

from publisher.digest import issue as issuing
from publisher.digest.issue import Preview
from publisher.model.delivery import OPEN, Delivery, State
from publisher.model.edition import Choice, Issue
from publisher.model.hold import Hold, HoldKind
from publisher.model.slot import Slot, begins, day_of, slot_at
from publisher.schedule import calendar
from publisher.settings.base import wording
from publisher.settings.schema import Settings
from publisher.store import Transaction, deliveries, editions, holds
from publisher.work.desk import Desk

AHEAD = timedelta(days=8)
BAD = (State.FAILED, State.UNCERTAIN, State.BOUNCED, State.COMPLAINED)
MISSED = tuple(state for state in State if state is not State.ACCEPTED)
"""States of those who have not got it, or did not want it."""
PAGE = 100
_MOST_RUNS = 400

Stage = Literal["planned", "skipped", "lost", "made", "sending", "sent", "paused", "cancelled"]


@dataclass(frozen=True, slots=True)
class Coming:
    """An edition that is planned.

    Attributes:
        digest, slot: which.
        title: of the digest.
        job: that makes it.
        due: when (UTC).
        hold: how it is held already; None when it is not.
    """

    digest: str
    slot: str
    title: str
    job: str
    due: datetime
    hold: Hold | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One edition, made or planned.

    Attributes:
        digest, slot: which.
        title: of the digest.
        issue: what became of the slot; None when nobody dealt with it yet.
        hold: how it is held.
        counts: its deliveries by state.
        coming: the run that makes it; None when it is made, or none is planned.
        due: its slot's time, for whoever wants to see what it holds.
        is_now: whether its slot is the present one, so that a run of now makes it.
        next_due: when the next of its deliveries is due (UTC).
    """

    digest: str
    slot: Slot
    title: str
    issue: Issue | None
    hold: Hold | None
    counts: Mapping[State, int]
    coming: Coming | None
    is_now: bool
    next_due: datetime | None

    @property
    def waiting(self) -> int:
        """How many deliveries are still to be sent."""
        return sum(self.counts.get(state, 0) for state in OPEN)

    @property
    def stage(self) -> Stage:
        """Where it stands, in one word."""
        return stage_of(self.issue, self.hold, self.counts)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in an edition and what is not, with every reason."""

    picked: tuple[Choice, ...]
    left: tuple[tuple[str, tuple[Choice, ...]], ...]


def stage_of(issue: Issue | None, hold: Hold | None, counts: Mapping[State, int]) -> Stage:
    """Return where an edition stands."""
    if hold is not None:
        return "cancelled" if hold.kind is HoldKind.CANCELLED else "paused"
    if issue is None:
        return "planned"
    if issue.state != "made":
        return issue.state
    if issue.prepared is None:
        return "made"
    return "sending" if any(counts.get(state) for state in (*OPEN, State.SENDING)) else "sent"


def title_of(settings: Settings, digest: str, language: str) -> str:
    """Return a digest's title; its key when the config has it no more."""
    rule = settings.digests.get(digest)
    return wording(rule.title, language) if rule else digest


def coming(tx: Transaction, desk: Desk, language: str, now: datetime) -> tuple[Coming, ...]:
    """Return the editions that the schedule makes within the next days, soonest first, each slot once."""
    found: dict[tuple[str, str], Coming] = {}
    for name, job in desk.settings.jobs.items():
        task, _, digest = job.run.partition(" ")
        rule = desk.settings.digests.get(digest)
        if task != "send" or rule is None:
            continue
        ahead = calendar.times(job, calendar.zone_of(job, desk.zone), now, now + AHEAD)
        for due in islice(ahead, _MOST_RUNS):
            slot = slot_at(due, rule.slot, desk.zone).key
            one = Coming(digest, slot, title_of(desk.settings, digest, language), name, due, None)
            found[digest, slot] = min(found.get((digest, slot), one), one, key=lambda one: one.due)
    dealt = [key for key in found if editions.issue(tx, *key) is not None]
    held = {key: holds.get(tx, *key) for key in found}
    left = [
        Coming(one.digest, one.slot, one.title, one.job, one.due, held[key])
        for key, one in found.items()
        if key not in dealt
    ]
    return tuple(sorted(left, key=lambda one: (one.due, one.digest)))


def sheet(desk: Desk, digest: str, slot: str, language: str, now: datetime) -> Sheet | None:
    """Return an edition; None when neither the config nor the store knows it.

    Args:
        desk: the open site.
        digest: key of the digest.
        slot: a date or a week, as the store writes it.
        language: of the title.
        now: the present.
    """
    rule = desk.settings.digests.get(digest)
    with desk.store.read() as tx:
        found = editions.issue(tx, digest, slot)
        if found is None and not (rule and _is_slot(slot, rule.slot)):
            return None
        hold = holds.get(tx, digest, slot)
        counts = deliveries.counts(tx, found.id) if found else {}
        _, next_due = deliveries.waiting(tx, found.id) if found else (0, None)
        planned = {(one.digest, one.slot): one for one in coming(tx, desk, language, now)}
    ahead = planned.get((digest, slot))
    is_now = rule is not None and slot_at(now, rule.slot, desk.zone).key == slot
    due = found.due if found else ahead.due if ahead else _end(slot, desk, now)
    title = title_of(desk.settings, digest, language)
    return Sheet(digest, Slot(slot, due), title, found, hold, counts, ahead, is_now, next_due)


def seen(desk: Desk, one: Sheet) -> Preview | None:
    """Return what an edition holds, or would hold as things stand; None when its digest is gone.

    Raises:
        ConfigError: a template or the editor's note cannot be used.
    """
    if one.digest not in desk.settings.digests:
        return None
    return issuing.preview(
        desk.store, settings=desk.settings, site=desk.site, digest=one.digest, slot=one.slot
    )


def contents(choices: Sequence[Choice]) -> Contents:
    """Return what is in, in order, and what is left out, by reason, the most frequent last."""
    left = [choice for choice in choices if not choice.picked]
    reasons = sorted(Counter(choice.reason for choice in left).items(), key=lambda pair: (pair[1], pair[0]))
    return Contents(
        picked=tuple(choice for choice in choices if choice.picked),
        left=tuple((name, tuple(one for one in left if one.reason == name)) for name, _ in reasons),
    )


def rows(tx: Transaction, issue: Issue, states: Sequence[State], after: int) -> list[Delivery]:
    """Return a page of an edition's deliveries, and one more where there is another page."""
    return list(deliveries.each(tx, issue.id, states=states, after=after, limit=PAGE + 1))


def _is_slot(slot: str, kind: str) -> bool:
    try:
        day = day_of(slot)
    except ValueError:
        return False
    if "W" in slot:
        year, week, _ = day.isocalendar()
        return kind == "week" and slot == f"{year}-W{week:02d}"
    return kind == "day" and slot == day.isoformat()


def _end(slot: str, desk: Desk, now: datetime) -> datetime:
    """Return the time at which to look at a slot that no run is planned for: now, or its end."""
    begun = begins(Slot(slot, now), desk.zone)
    length = timedelta(days=7) if "W" in slot else timedelta(days=1)
    return min(max(now, begun), begun + length - timedelta(seconds=1))
