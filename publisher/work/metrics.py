"""What a monitoring system is told of a site: figures computed from the ledgers each time it asks.

Nothing is counted in memory, so every process of every host says the same, and a restart resets nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from publisher import __version__
from publisher.model.delivery import OPEN, State
from publisher.model.job import Outcome
from publisher.schedule import calendar
from publisher.store import (
    articles,
    deliveries,
    editions,
    feedfiles,
    firings,
    pings,
    reports,
    subscribers,
    suppressions,
)
from publisher.work import configs, queue, signin
from publisher.work.desk import Desk
from publisher.work.queue.job import QUEUES

EDITIONS = 3
"""Of how many of each digest's latest editions the deliveries are told."""
_DAY = timedelta(days=1)
_BAD = (Outcome.FAILED, Outcome.PROBLEMS)

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True, slots=True)
class Family:
    """One figure, for each of its labels.

    Attributes:
        name: as Prometheus has it, without ``publisher_``.
        kind: all but facts about the program are gauges: the ledgers may also lose rows.
        about: one sentence.
        samples: labels and value; moments are seconds since 1970.
    """

    name: str
    about: str
    samples: tuple[Sample, ...]
    kind: Literal["gauge"] = "gauge"


def metrics(desk: Desk, now: datetime) -> tuple[Family, ...]:
    """Return the figures of a site; writes nothing.

    Args:
        desk: the open site.
        now: the present.

    Raises:
        StoreError: the store is away.
    """
    return (
        _family("info", "Version of the program.", [({"version": __version__}, 1)]),
        *_config(desk),
        *_jobs(desk, now),
        *_feeds(desk),
        *_letters(desk, now),
        *_people(desk),
        *_shared(desk),
        _refused(desk, now),
    )


def _family(name: str, about: str, samples: Iterable[Sample]) -> Family:
    return Family(name, about, tuple(samples))


def _by(label: str, name: str, about: str, counted: Mapping[str, int]) -> Family:
    return _family(name, about, [({label: key}, count) for key, count in sorted(counted.items())])


def _one(name: str, about: str, value: float) -> Family:
    return _family(name, about, [({}, value)])


def _config(desk: Desk) -> list[Family]:
    state = configs.state(desk)
    return [
        _one(
            "config_revision",
            "Number of the config revision in force; 0 before the first.",
            state.revision or 0,
        ),
        _one(
            "config_reload_success",
            "1 while the config as it stands in the files is in force, 0 while an edit is refused.",
            0 if state.error else 1,
        ),
        _family(
            "config_since_timestamp_seconds",
            "Since when the revision in force is.",
            [({}, state.since.timestamp())] if state.since else [],
        ),
    ]


def _jobs(desk: Desk, now: datetime) -> list[Family]:
    with desk.store.read() as tx:
        last = firings.last_of_each(tx)
        waiting = [one for one in firings.unfinished(tx) if one.due <= now]
        day = Counter((one.job, one.outcome) for one in firings.between(tx, now - _DAY, now))
    waits = {
        name: max((now - one.due for one in waiting if one.job == name), default=timedelta())
        for name in desk.settings.jobs
    }
    begun = [(name, one) for name, one in last.items() if one.started and name in desk.settings.jobs]
    ended = [(name, one) for name, one in last.items() if one.ended and name in desk.settings.jobs]
    coming = [
        (name, calendar.next_time(job, calendar.zone_of(job, desk.zone), now))
        for name, job in desk.settings.jobs.items()
    ]
    return [
        _family(
            "job_late_seconds",
            "For how long the oldest run of the job that is due has been waiting or running.",
            [({"job": name}, wait.total_seconds()) for name, wait in waits.items()],
        ),
        _family(
            "job_last_lateness_seconds",
            "How long after its time the job's last run began.",
            [({"job": name}, (one.started - one.due).total_seconds()) for name, one in begun if one.started],
        ),
        _family(
            "job_last_duration_seconds",
            "How long the job's last run took.",
            [
                ({"job": name}, (one.ended - one.started).total_seconds())
                for name, one in ended
                if one.ended and one.started
            ],
        ),
        _family(
            "job_last_end_timestamp_seconds",
            "When the job's last run ended.",
            [({"job": name}, one.ended.timestamp()) for name, one in ended if one.ended],
        ),
        _family(
            "job_last_success",
            "1 when the job's last run ended well, 0 when it failed or ended with problems.",
            [({"job": name}, 0 if one.outcome in _BAD else 1) for name, one in ended],
        ),
        _family(
            "job_next_due_timestamp_seconds",
            "When the job is due next.",
            [({"job": name}, due.timestamp()) for name, due in coming if due],
        ),
        _family(
            "job_runs_last_day",
            "Runs that were due within the last 24 hours, by what became of them.",
            [({"job": job, "outcome": outcome}, count) for (job, outcome), count in sorted(day.items())],
        ),
    ]


def _feeds(desk: Desk) -> list[Family]:
    with desk.store.read() as tx:
        rows, files = feedfiles.feeds(tx), feedfiles.files_below(tx, "feeds/")
        told = Counter(one.state for one in pings.every(tx))
        counted = articles.counts(tx)
    newest = max((one.modified for one in files.values()), default=None)
    return [
        _by("section", "articles", "Live articles.", {key or "": count for key, count in counted.items()}),
        _one("feed_documents", "Published feed documents.", len(files)),
        _family(
            "feed_updated_timestamp_seconds",
            "When anything of significance changed in the feed last.",
            [({"feed": key}, row.updated.timestamp()) for key, row in rows.items()],
        ),
        _family(
            "feeds_newest_timestamp_seconds",
            "Last-Modified of the feed document that changed last.",
            [({}, newest.timestamp())] if newest else [],
        ),
        _one(
            "feed_problems",
            "What could not be published as it should.",
            sum(len(r.problems) for r in rows.values()),
        ),
        _family(
            "pings",
            "What hubs were or have to be told.",
            [({"state": s}, n) for s, n in sorted(told.items())],
        ),
    ]


def _letters(desk: Desk, now: datetime) -> list[Family]:
    counted: list[Sample] = []
    with desk.store.read() as tx:
        for digest in desk.settings.digests:
            for one in editions.listed(tx, digest=digest, limit=EDITIONS, made_only=True):
                found = deliveries.counts(tx, one.id)
                about = {"digest": digest, "slot": one.slot}
                counted += [({**about, "state": state}, found.get(state, 0)) for state in State]
        waiting, due = deliveries.waiting(tx)
    late = (now - due).total_seconds() if due and due < now else 0
    return [
        _family(
            "deliveries",
            f"Deliveries of each digest's last {EDITIONS} editions, by state; they add up to the recipients.",
            counted,
        ),
        _one("deliveries_waiting", f"Deliveries still to be sent ({' or '.join(sorted(OPEN))}).", waiting),
        _one(
            "deliveries_late_seconds", "For how long the oldest delivery that is due has been waiting.", late
        ),
    ]


def _refused(desk: Desk, now: datetime) -> Family:
    with desk.store.read() as tx:
        found = signin.refused(tx, now, _DAY)
    return _one(
        "console_passwords_refused_last_day",
        "Passwords that the console refused within 24 hours.",
        sum(one.count for one in found),
    )


def _people(desk: Desk) -> list[Family]:
    with desk.store.read() as tx:
        active, barred, came = subscribers.counts(tx), suppressions.counts(tx), reports.counts(tx)
    return [
        _family(
            "subscriptions", "Subscriptions in force.", [({"digest": key}, n) for key, n in active.items()]
        ),
        _family(
            "suppressions", "Addresses never mailed.", [({"reason": key}, n) for key, n in barred.items()]
        ),
        _family(
            "reports", "Bounces, complaints and replies.", [({"kind": key}, n) for key, n in came.items()]
        ),
    ]


def _shared(desk: Desk) -> list[Family]:
    """Return how the shared work stands; on SQLite, where nothing is shared, no figure has a value."""
    with desk.store.read() as tx:
        standing, waits = queue.standing(tx), queue.waits(tx)
    found = standing or queue.Standing()
    jobs = {"waiting": found.waiting, "running": found.running, "again": waits.again}
    queues = sorted({name for counts in jobs.values() for name in counts} | set(QUEUES if standing else ()))
    return [
        _family(
            "queue_jobs",
            "Shared jobs: waiting to be taken, running, or (again) failed or cut off and waiting for "
            "another try.",
            [
                ({"queue": name, "state": state}, counts.get(name, 0))
                for name in queues
                for state, counts in jobs.items()
            ],
        ),
        _family(
            "queue_oldest_seconds",
            "For how long the oldest job that may be taken has been waiting.",
            [({"queue": name}, waits.oldest.get(name, 0)) for name in queues],
        ),
        _family(
            "queue_stalled_jobs",
            "Jobs that were begun by a process that is gone; others take them up again.",
            [({}, found.stalled)] if standing else [],
        ),
        _family(
            "queue_processes",
            "Processes that take jobs, on all hosts.",
            [({}, sum(found.hosts.values()))] if standing else [],
        ),
    ]
