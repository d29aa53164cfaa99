"""What operators do by hand at the console: start a job, send at once, settle what is uncertain.

Nothing here waits for letters to leave: a wish is put on record, and the schedule's own processes do it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from publisher import logs
from publisher.errors import UsageError
from publisher.model.action import Action
from publisher.model.delivery import State
from publisher.model.job import Firing
from publisher.model.slot import slot_at
from publisher.schedule import catchup
from publisher.store import actions, deliveries, editions, firings, handwork, holds
from publisher.work import queue
from publisher.work.desk import Desk
from publisher.work.queue import job as calls

Verdict = Literal["accepted", "failed", "again"]
_SETTLED: dict[Verdict, State] = {
    "accepted": State.ACCEPTED,
    "failed": State.FAILED,
    "again": State.PENDING,
}


@dataclass(frozen=True, slots=True)
class AtOnce:
    """What became of a wish to send at once: so many letters are due now, or a run that makes them is."""

    hastened: int = 0
    run: Firing | None = None


def start(desk: Desk, name: str, *, who: str) -> Firing:
    """Put a run of a job on record that is due now; whatever process does the schedule does it.

    Args:
        desk: the open site.
        name: of the job.
        who: asks for it, for the log of who did what; an account or a role.

    Raises:
        UsageError: there is no such job, or it is switched off.
        StoreError: the store is away.
    """
    job = desk.settings.jobs.get(name)
    if job is None:
        raise UsageError(f"the schedule has no job {name!r}")
    if not job.enabled:
        raise UsageError(f"the job {name} is switched off; a run of it would be skipped")
    now = desk.clock()
    run = catchup.planned(name, job, now.replace(microsecond=0))
    with desk.store.write() as tx:
        if firings.add(tx, [run]):
            queue.offer(tx, [calls.fire(run.run)])
            actions.record(tx, Action(now, who, "started job", name, job.run))
    return run


def send_now(desk: Desk, digest: str, slot: str, *, who: str) -> AtOnce:
    """Let an edition go out at once: what waits for its hour is due now; one that is not made is made.

    Args:
        desk: the open site.
        digest, slot: which edition, as the store writes them.
        who: asks for it.

    Raises:
        UsageError: it is held, or is not made and its slot is not the present one, or no job sends it.
        StoreError: the store is away.
    """
    now = desk.clock()
    with desk.store.write() as tx:
        if (hold := holds.get(tx, digest, slot)) is not None:
            raise UsageError(f"edition {digest} {slot} is {hold.kind} by {hold.who}")
        issue = editions.issue(tx, digest, slot)
        if issue is not None and issue.state == "made" and issue.prepared is not None:
            hastened = handwork.hasten(tx, issue.id, now=now)
            if hastened:
                queue.offer(tx, calls.deliver(hastened))
                detail = f"due at once: {hastened}"
                actions.record(tx, Action(now, who, "sent edition at once", f"{digest} {slot}", detail))
            return AtOnce(hastened)
    rule = desk.settings.digests.get(digest)
    if rule is None or slot_at(now, rule.slot, desk.zone).key != slot:
        raise UsageError(f"{digest} {slot} is not the edition of now; only that one can be made at once")
    name = job_of(desk, digest)
    if name is None:
        raise UsageError(f"no job of the schedule sends {digest}; by hand: publisher send {digest}")
    return AtOnce(run=start(desk, name, who=who))


def job_of(desk: Desk, digest: str) -> str | None:
    """Return the first job that sends a digest and is switched on."""
    jobs = desk.settings.jobs.items()
    return next((name for name, job in jobs if job.run == f"send {digest}" and job.enabled), None)


def settle(
    desk: Desk, digest: str, slot: str, numbers: Sequence[int], verdict: Verdict, *, because: str, who: str
) -> int:
    """Settle deliveries of an edition of which nobody knows whether they arrived.

    Args:
        desk: the open site.
        digest, slot: which edition, as the store writes them.
        numbers: of the deliveries; what is not uncertain, or of another edition, stays as it is.
        verdict: accepted: it arrived; failed: it did not; again: send it once more.
        because: how they know; kept with each.
        who: says so.

    Returns:
        How many were settled.
    """
    now = desk.clock()
    said = str(logs.redacted(" ".join(because.split())))[:200]
    with desk.store.write() as tx:
        issue = editions.issue(tx, digest, slot)
        mine = handwork.of_edition(tx, issue.id, numbers, State.UNCERTAIN) if issue else []
        done = sum(
            deliveries.settle(tx, one, _SETTLED[verdict], f"settled by {who}: {said}", now=now)
            for one in mine
        )
        if done:
            queue.offer(tx, calls.deliver(done) if verdict == "again" else [])
            detail = f"{verdict}: {done}; {said}"
            actions.record(tx, Action(now, who, "settled deliveries", f"{digest} {slot}", detail))
    return done
