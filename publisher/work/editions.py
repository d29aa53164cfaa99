"""What people do to one edition: hold it back, let it go on, end it, send what failed once more.

The edition need not be made yet: it is named by its digest and slot. What is under way when an edition is
paused or cancelled ends in order; nothing more of it begins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from publisher.errors import UsageError
from publisher.model.action import Action
from publisher.model.delivery import OPEN, State
from publisher.model.edition import Issue
from publisher.model.hold import Hold, HoldKind, Wish, refusal
from publisher.model.plural import number_of
from publisher.model.slot import parse_when
from publisher.settings.schema import Digest
from publisher.store import Transaction, actions, deliveries, editions, holds
from publisher.work import queue
from publisher.work.desk import Desk
from publisher.work.queue import job

_DONE = {Wish.PAUSE: "paused", Wish.RESUME: "resumed", Wish.CANCEL: "cancelled"}
_KINDS = {Wish.PAUSE: HoldKind.PAUSED, Wish.CANCEL: HoldKind.CANCELLED}


@dataclass(frozen=True, slots=True)
class EditionReport:
    """How an edition stands after something was asked of it.

    Attributes:
        digest, slot: which.
        changed: whether anything was done; False when it was so already.
        moved: how many deliveries were ended by cancelling, or put back by trying again.
        hold: how it is held now; None when it is not.
        counts: its deliveries by state; empty when it is not made, or its audience not frozen.
    """

    digest: str
    slot: str
    changed: bool
    moved: int = 0
    hold: Hold | None = None
    counts: Mapping[State, int] = field(default_factory=dict)

    @property
    def waiting(self) -> int:
        """How many of its deliveries are still to be sent."""
        return sum(self.counts.get(state, 0) for state in OPEN)


@dataclass(frozen=True, slots=True)
class Standing:
    """One edition as the list shows it; ``issue`` is None for one that is held before it is made."""

    digest: str
    slot: str
    issue: Issue | None
    hold: Hold | None
    counts: Mapping[State, int]


def pause(desk: Desk, digest: str, slot: str, *, who: str, why: str = "") -> EditionReport:
    """Hold an edition until it is resumed.

    Args:
        desk: the open site.
        digest: key of the digest.
        slot: a date or week, as a person writes it.
        who: asks for it, for the log of who did what; an account or a role.
        why: in their words.

    Raises:
        UsageError: there is no such digest or slot, or the edition was cancelled.
        StoreError: the store is away.
    """
    return _grant(desk, digest, slot, Wish.PAUSE, who, why)


def resume(desk: Desk, digest: str, slot: str, *, who: str, why: str = "") -> EditionReport:
    """Let a paused edition go on; as :func:`pause`."""
    return _grant(desk, digest, slot, Wish.RESUME, who, why)


def cancel(desk: Desk, digest: str, slot: str, *, who: str, why: str = "") -> EditionReport:
    """End an edition for good; what has not begun becomes *suppressed*. Otherwise as :func:`pause`."""
    report = _grant(desk, digest, slot, Wish.CANCEL, who, why)
    moved = 0
    # A sender does the same when this is killed half-way.
    while ended := _end_some(desk):
        moved += ended
    with desk.store.read() as tx:
        counts = _counts(tx, report.digest, report.slot)
    return EditionReport(report.digest, report.slot, report.changed, moved, report.hold, counts)


def retry_failed(desk: Desk, digest: str, slot: str, *, who: str, why: str = "") -> EditionReport:
    """Put the failed deliveries of an edition back among those to be sent, unless their deadline has passed.

    Args and errors as :func:`pause`.
    """
    now = desk.clock()
    key = _slot(desk, digest, slot)
    rule = desk.settings.digests.get(digest)
    deadline = rule.deadline if rule else Digest.model_fields["deadline"].default
    with desk.store.write() as tx:
        issue = editions.issue(tx, digest, key)
        if issue is None or issue.state != "made":
            raise UsageError(f"there is no edition of {digest} for {key}")
        hold = holds.get(tx, digest, key)
        if hold is not None and hold.kind is HoldKind.CANCELLED:
            raise UsageError(f"edition {digest} {key}: {refusal(hold, Wish.RESUME)}")
        moved = deliveries.again(tx, issue.id, planned_after=now - deadline, now=now)
        if moved:
            queue.offer(tx, job.deliver(moved))
            detail = f"{number_of(moved, 'delivery', 'deliveries')}{f': {why}' if why else ''}"
            actions.record(tx, Action(now, who, "retried failed deliveries", f"{digest} {key}", detail))
        counts = deliveries.counts(tx, issue.id)
    return EditionReport(digest, key, bool(moved), moved, hold, counts)


def standings(desk: Desk, *, limit: int = 20) -> Sequence[Standing]:
    """Return the latest editions and whatever is held, latest first; those held before they are made lead."""
    with desk.store.read() as tx:
        issues = editions.listed(tx, limit=limit)
        held = {(one.digest, one.slot): one for one in holds.listed(tx, limit=limit)}
        made = [
            Standing(
                one.digest,
                one.slot,
                one,
                held.pop((one.digest, one.slot), None),
                deliveries.counts(tx, one.id),
            )
            for one in issues
        ]
        early = [_early(tx, hold) for hold in held.values()]
    return [*early, *made]


def _early(tx: Transaction, hold: Hold) -> Standing:
    issue = editions.issue(tx, hold.digest, hold.slot)
    return Standing(hold.digest, hold.slot, issue, hold, _counts(tx, hold.digest, hold.slot))


def _grant(desk: Desk, digest: str, slot: str, wish: Wish, who: str, why: str) -> EditionReport:
    now = desk.clock()
    key = _slot(desk, digest, slot)
    with desk.store.write() as tx:
        before = holds.get(tx, digest, key)
        if no := refusal(before, wish):
            raise UsageError(f"edition {digest} {key}: {no}")
        changed = before is None or before.kind is not _KINDS.get(wish)
        hold = before
        if changed:
            hold = _held(
                tx, digest, key, wish, Action(now, who, f"{_DONE[wish]} edition", f"{digest} {key}", why)
            )
        counts = _counts(tx, digest, key)
    return EditionReport(digest, key, changed, 0, hold, counts)


def _held(tx: Transaction, digest: str, slot: str, wish: Wish, done: Action) -> Hold | None:
    """Write the wish down, and who had it; return how the edition is held then."""
    actions.record(tx, done)
    kind = _KINDS.get(wish)
    if kind is None:
        holds.lift(tx, digest, slot)
        queue.offer(tx, job.deliver(0))
        return None
    hold = Hold(digest=digest, slot=slot, kind=kind, at=done.at, who=done.who, why=done.detail)
    holds.place(tx, hold)
    return hold


def _end_some(desk: Desk) -> int:
    with desk.store.write() as tx:
        return holds.end_cancelled(tx, now=desk.clock())


def _counts(tx: Transaction, digest: str, slot: str) -> Mapping[State, int]:
    issue = editions.issue(tx, digest, slot)
    return deliveries.counts(tx, issue.id) if issue else {}


def _slot(desk: Desk, digest: str, slot: str) -> str:
    """Return the key of a slot as a person names it; one on record counts whatever the config says now."""
    rule = desk.settings.digests.get(digest)
    if rule is None:
        with desk.store.read() as tx:
            if editions.issue(tx, digest, slot) is not None:
                return slot
        near = get_close_matches(digest, list(desk.settings.digests), n=1, cutoff=0.5)
        raise UsageError(f"there is no digest {digest!r}{f'; did you mean {near[0]!r}?' if near else ''}")
    try:
        return parse_when(slot, rule.slot_kind(slot), desk.zone, now=desk.clock()).key
    except ValueError as error:
        raise UsageError(f"SLOT: {error}") from None
