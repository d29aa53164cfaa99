"""The firing ledger as the scheduler uses it: plan what is due, skip what came too late, claim and finish.

The store is the authority. Any number of processes may call these functions at any time on one store, and
each of them may die anywhere: every planned run is on record once, and is run by one process at a time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Event, Thread
from zoneinfo import ZoneInfo

from publisher import logs, owner
from publisher.clock import Clock
from publisher.errors import PublisherError
from publisher.model.job import Firing, Mark, Outcome, RunReport, kind
from publisher.schedule import calendar, catchup
from publisher.settings.schema import Job
from publisher.store import Store, Transaction, firings

LEASE = timedelta(seconds=90)
"""How long a claim holds without a sign of life; a process on this host is missed at once."""
NEWS = ("pull", "publish")
"""What a letter waits for, so that it has the news that was due before it."""
PATIENCE = timedelta(minutes=5)
"""A letter does not wait for a pull or publish that has run for longer."""
ATTEMPTS = 5
"""A run whose process died so often is not tried again."""

Jobs = Mapping[str, Job]
_log = logs.logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What planning put on record."""

    planned: tuple[Firing, ...] = ()
    skipped: tuple[Firing, ...] = ()


def plan(
    store: Store,
    jobs: Jobs,
    site: ZoneInfo,
    now: datetime,
    *,
    revision: int | None = None,
    also: Callable[[Transaction], None] = lambda _tx: None,
) -> Plan:
    """Put every run up to now on record, and skip those that must not happen any more.

    A rule counts from the moment at which it is first met here: up to then its job is planned by the rule
    before, so an edit plans nothing backwards. With nothing due and nothing edited, nothing is written.

    Args:
        store: open.
        jobs: the schedule as it stands.
        site: the site's zone.
        now: planned up to here (UTC).
        revision: number of the config that the schedule is part of; None where there is none on record.
        also: done in the transaction that puts runs on record.
    """
    with store.read() as tx:
        known, waiting = firings.marks(tx), _waiting(tx)
        if not _work(known, jobs, site, now) and not _skips(waiting, jobs, site, now):
            return Plan()
    with store.write() as tx:
        fresh = _meet(tx, jobs, site, now, revision)
        for mark in firings.marks(tx, lock=True).values():
            fresh += _advance(tx, mark, jobs.get(mark.job), site, now, revision)
        added = firings.add(tx, fresh)
        late = _skips(_waiting(tx), jobs, site, now)
        firings.skip(tx, late, now=now)
        also(tx)
    gone = {(one.job, one.due) for one in late}
    return Plan(
        planned=tuple(
            one for one in added if (one.job, one.due) not in gone and one.outcome is Outcome.PLANNED
        ),
        skipped=tuple(one for one in added if one.outcome is Outcome.SKIPPED) + tuple(late),
    )


def claimable(store: Store, kinds: Sequence[str], run: str | None = None) -> list[Firing]:
    """Return the runs that may be free for the taking, in the order in which to try them.

    Args:
        store: open.
        kinds: of these tasks.
        run: of exactly this one (``send morning``).
    """
    with store.read() as tx:
        found = [one for one in firings.unfinished(tx) if kind(one.run) in kinds]
    return _in_order(one for one in found if run is None or one.run == run)


def free(unfinished: Sequence[Firing], now: datetime) -> list[str]:
    """Return the tasks of which a run may be taken on, in the order of an article's way.

    A letter waits for every pull and publish that was due before it, so that after an outage it has the news
    that was missed; not for one that has run for so long that it may never end.

    Args:
        unfinished: every run that is planned or running.
        now: the present (UTC).
    """
    under_way = [one.due for one in unfinished if kind(one.run) in NEWS and not _hangs(one, now)]
    earliest = min(under_way, default=None)
    found = [
        one.run
        for one in _in_order(unfinished)
        if (one.outcome is Outcome.PLANNED or _is_abandoned(one, now))
        and not (kind(one.run) == "send" and earliest is not None and earliest <= one.due)
    ]
    return list(dict.fromkeys(found))


def claim(store: Store, one: Firing, now: datetime) -> Firing | None:
    """Take a run on in this process's name, or return None when it is not to be had."""
    if one.outcome is Outcome.RUNNING and not _is_abandoned(one, now):
        return None
    dead = [one.owner] if one.owner and owner.is_dead(one.owner) else []
    with store.write() as tx:
        return firings.claim(tx, one, owner=owner.me(), lease=now + LEASE, dead=dead, now=now)


def finish(store: Store, one: Firing, report: RunReport, now: datetime) -> bool:
    """Record a run's end, or give it back when it was stopped; False when others had taken it over."""
    reason = str(logs.redacted(" ".join(report.reason.split())))
    with store.write() as tx:
        if report.outcome is Outcome.PLANNED:
            return firings.release(tx, one, reason=reason)
        return firings.finish(tx, one, outcome=report.outcome, reason=reason, now=now)


@contextmanager
def held(store: Store, one: Firing, clock: Clock) -> Iterator[None]:
    """Keep the lease of a claimed run alive for as long as the block runs."""
    ended = Event()

    def beat() -> None:
        while not ended.wait(LEASE.total_seconds() / 4):
            try:
                with store.write() as tx:
                    kept = firings.renew(tx, one, lease=clock() + LEASE)
            except PublisherError as error:
                _log.warning("the claim could not be renewed", job=one.job, error=str(error))
                continue
            if not kept:
                _log.warning("the run was taken over by another process", job=one.job)
                return

    thread = Thread(target=beat, name=f"lease of {one.job}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def next_due(
    store: Store, jobs: Jobs, site: ZoneInfo, now: datetime, kinds: Sequence[str]
) -> datetime | None:
    """Return when there may next be something to do (UTC, later than now); None when never.

    Args:
        store: open.
        jobs: the schedule as it stands.
        site: the site's zone.
        now: the present.
        kinds: of these tasks only.
    """
    soon = now + timedelta(seconds=1)
    with store.read() as tx:
        known = firings.marks(tx)
        waiting = [one for one in firings.unfinished(tx) if kind(one.run) in kinds]
    moments = [one.lease if one.lease and one.lease > now else soon for one in waiting]
    for name, job in jobs.items():
        if kind(job.run) in kinds:
            planned_to = known[name].planned_to if name in known else now
            due = calendar.next_time(job, calendar.zone_of(job, site), planned_to)
            moments += [due if due > now else soon] if due else []
    return min(moments, default=None)


def _work(known: Mapping[str, Mark], jobs: Jobs, site: ZoneInfo, now: datetime) -> bool:
    """Return whether any job is new, edited, gone or due."""
    for name, job in jobs.items():
        mark, zone = known.get(name), calendar.zone_of(job, site)
        if mark is None or mark.rule != catchup.rule_of(job, zone):
            return True
        due = calendar.next_time(job, zone, mark.planned_to)
        if due is not None and due <= now:
            return True
    return any(mark.rule is not None and name not in jobs for name, mark in known.items())


def _meet(tx: Transaction, jobs: Jobs, site: ZoneInfo, now: datetime, revision: int | None) -> list[Firing]:
    """Begin the marks of new jobs; pull and publish by `every` have their first run at once."""
    known, found = firings.marks(tx), []
    for name, job in jobs.items():
        if name in known:
            continue
        zone = calendar.zone_of(job, site)
        new = Mark(job=name, planned_to=now, since=now, rule=catchup.rule_of(job, zone), revision=revision)
        at_once = now.replace(microsecond=0)
        starts = job.enabled and job.every and kind(job.run) != "send"
        if firings.begin_mark(tx, new) and starts and not calendar.is_excepted(job, zone, at_once):
            found.append(replace(catchup.planned(name, job, at_once), revision=revision))
    return found


def _advance(
    tx: Transaction, mark: Mark, job: Job | None, site: ZoneInfo, now: datetime, revision: int | None
) -> list[Firing]:
    """Move a job's mark to now and return what was due since, by the rule that was in force."""
    before = catchup.job_of(mark.rule)
    rule = catchup.rule_of(job, calendar.zone_of(job, site)) if job else None
    if mark.planned_to > now:
        return []
    due = list(catchup.missed(mark, before, site, now)) if before else []
    same, latest = rule == mark.rule, revision or mark.revision
    if due or not same:
        since = mark.since if same else now
        firings.set_mark(tx, replace(mark, planned_to=now, since=since, rule=rule, revision=latest))
    # What was due before an edit was planned by the config before it.
    return [replace(one, revision=latest if same else mark.revision) for one in due]


def _skips(waiting: Sequence[Firing], jobs: Jobs, site: ZoneInfo, now: datetime) -> list[Firing]:
    """Return the waiting runs that must not happen any more, each with its reason."""
    found: list[Firing] = []
    for name in sorted({one.job for one in waiting}):
        mine = [one for one in waiting if one.job == name]
        job = jobs.get(name)
        if job is None:
            found += [replace(one, reason="the job was taken out of the schedule") for one in mine]
        elif not job.enabled:
            found += [replace(one, reason="the job was switched off (enabled: false)") for one in mine]
        else:
            reasons = catchup.too_late(job, calendar.zone_of(job, site), [one.due for one in mine], now)
            found += [replace(one, reason=reasons[one.due]) for one in mine if one.due in reasons]
    return [replace(one, outcome=Outcome.SKIPPED, ended=now) for one in found]


def _waiting(tx: Transaction) -> list[Firing]:
    return [one for one in firings.unfinished(tx) if one.outcome is Outcome.PLANNED]


def _in_order(found: Iterable[Firing]) -> list[Firing]:
    return sorted(found, key=lambda one: (one.rank, one.due, one.job))


def _hangs(one: Firing, now: datetime) -> bool:
    return one.outcome is Outcome.RUNNING and one.started is not None and one.started < now - PATIENCE


def _is_abandoned(one: Firing, now: datetime) -> bool:
    return one.lease is None or one.lease < now or owner.is_dead(one.owner)
