"""The only home of Procrastinate's workers: jobs go in with our transactions and come out here."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event
from typing import Any

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.worker import Worker
from psycopg.rows import tuple_row

from publisher import logs, owner
from publisher.errors import PublisherError, StoreError
from publisher.store import Store
from publisher.work.queue import Handlers, Standing, Waits, reaper
from publisher.work.queue.job import Job
from publisher.work.queue.schema import SCHEMA, exists

HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 30.0
"""A worker without a heartbeat for so long is gone; one on this host is missed at once."""

_AGAIN = RetryStrategy(max_attempts=6, exponential_wait=4, retry_exceptions={PublisherError})
"""For jobs that are made once, with the rows they are about: after 4, 16, 64 seconds … an hour."""
_MADE_ONCE = frozenset({"prepare", "send"})

_POLL_SECONDS = 2.0
"""How late a job that was put off may be taken; new ones are heard of at once."""
_LOOK_SECONDS = 0.2
_LOOKS_A_REAP = 10
_AWAY_SECONDS = 5.0

_PATH = f"SET search_path TO {SCHEMA}"
_INTO = "SELECT set_config('search_path', current_setting('search_path') || ', ' || %s, true)"
"""Ours stays the first of the path, so that this changes nothing for the rest of the transaction."""
_WAITING = """
SELECT queueing_lock FROM procrastinate.procrastinate_jobs WHERE status = 'todo' AND queueing_lock IS NOT NULL
"""
_ALIVE = """
SELECT DISTINCT owner FROM procrastinate.worker_owner
JOIN procrastinate.procrastinate_workers ON id = worker_id
WHERE last_heartbeat > now() - make_interval(secs => %s)
"""
_JOBS = """
SELECT queue_name, job.status::text, last_heartbeat > now() - make_interval(secs => %s), owner, count(*)
FROM procrastinate.procrastinate_jobs job
LEFT JOIN procrastinate.procrastinate_workers worker ON worker.id = job.worker_id
LEFT JOIN procrastinate.worker_owner ON worker_owner.worker_id = worker.id
WHERE job.status = 'doing' OR job.status = 'todo' AND coalesce(scheduled_at <= now(), true)
GROUP BY 1, 2, 3, 4 ORDER BY 1
"""
_WAITS = """
SELECT queue_name, extract(epoch FROM max(now() - begun) FILTER (WHERE begun <= now()))::float,
       count(*) FILTER (WHERE attempts > 0)
FROM (
    SELECT queue_name, attempts, coalesce(scheduled_at, (
        SELECT min(at) FROM procrastinate.procrastinate_events event WHERE event.job_id = job.id
    ), now()) AS begun
    FROM procrastinate.procrastinate_jobs job WHERE status = 'todo'
) AS waiting
GROUP BY 1 ORDER BY 1
"""

_log = logs.logger(__name__)
_into = App(connector=SyncPsycopgConnector())
"""Puts jobs in; it never opens a connection, because each job takes the one of its transaction."""


def offer(connection: "psycopg.Connection[Any]", jobs: Sequence[Job]) -> int:
    """Put jobs in, as :func:`publisher.work.queue.offer` says."""
    try:
        if not jobs or not exists(connection):
            return 0
        with connection.cursor(row_factory=tuple_row) as cursor:
            waiting = {row[0] for row in cursor.execute(_WAITING)}
            cursor.execute(_INTO, [SCHEMA])
        # In one order everywhere: two transactions that offer the same jobs wait for each other only one way.
        fresh = sorted((one for one in jobs if one.once not in waiting), key=lambda one: one.once or "")
        return sum(_offered(connection, one) for one in fresh)
    except (psycopg.Error, ProcrastinateException) as error:
        raise StoreError(f"store: a job could not be made: {_said(error)}") from error


def _offered(connection: "psycopg.Connection[Any]", job: Job) -> bool:
    make = _into.configure_task(
        job.task,
        queue=job.queue,
        priority=job.priority,
        lock=job.lock,
        queueing_lock=job.once,
        schedule_in={"seconds": job.wait} if job.wait else None,
        connection=connection,
    )
    try:
        # A savepoint: when another process was first with the same job, the rest of the transaction stands.
        with connection.transaction():
            make.defer(**job.args)
    except AlreadyEnqueued:
        return False
    return True


def work(store: Store, handlers: Handlers, *, queues: Sequence[str], stop: Event) -> None:
    """Do jobs, as :func:`publisher.work.queue.work` says."""
    # It logs each job and each failure with a traceback; what a person has to know is said by us.
    logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    while not stop.is_set():
        said = "a worker could not go on"
        try:
            asyncio.run(_crew(store, handlers, queues, stop))
        except (ProcrastinateException, psycopg.Error, OSError) as error:
            said = _said(error)
        except Exception as error:  # noqa: BLE001 - whoever plans goes on, so whoever works has to as well
            said = f"unexpected error: {type(error).__name__}: {error}"
        if not stop.is_set():
            _log.warning("the store cannot be asked for jobs; trying again", error=said)
            stop.wait(_AWAY_SECONDS)


async def _crew(store: Store, handlers: Handlers, queues: Sequence[str], stop: Event) -> None:
    """Run one worker for each queue until told to stop, or until one of them cannot go on."""
    asyncio.get_running_loop().set_exception_handler(_unheard)
    connector = PsycopgConnector(
        kwargs=store.address | {"connect_timeout": 10}, configure=_ours, min_size=1, max_size=4
    )
    app = App(connector=connector)
    for name, handler in handlers.items():
        app.task(name=name, retry=_AGAIN if name in _MADE_ONCE else False)(_calm(name, handler))
    async with app.open_async():
        workers = [_worker(app, queue) for queue in queues]
        running = [asyncio.create_task(one.run()) for one in workers]  # type: ignore[no-untyped-call]
        minding = asyncio.create_task(_mind(app, workers, stop))
        await asyncio.wait([*running, minding], return_when=asyncio.FIRST_COMPLETED)
        for one in workers:
            one.stop()  # type: ignore[no-untyped-call]
        minding.cancel()
        for ended in await asyncio.gather(*running, minding, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


def _worker(app: App, queue: str) -> Worker:
    return Worker(
        app,
        queues=[queue],
        name=queue,
        concurrency=1,
        delete_jobs="always",
        fetch_job_polling_interval=_POLL_SECONDS,
        install_signal_handlers=False,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
    )


async def _ours(connection: "psycopg.AsyncConnection[Any]") -> None:
    await connection.execute(_PATH)
    await connection.commit()


def _calm(name: str, handler: Callable[..., None]) -> Callable[..., None]:
    """Return the handler such that what goes wrong is a line in the log."""

    def do(**args: Any) -> None:
        try:
            handler(**args)
        except PublisherError as error:
            _log.warning("a job could not be done now", task=name, error=str(error))
            if name in _MADE_ONCE:
                raise
        except Exception:  # noqa: BLE001 - one job's defect must not stop the others
            _log.exception("unexpected error", task=name)

    return do


async def _mind(app: App, workers: Sequence[Worker], stop: Event) -> None:
    """Say which process the workers live in, take up what others left, and hear the wish to stop."""
    named: set[int] = set()
    looks = 0
    while not stop.is_set():
        # What cannot be done now is done at a later look; whether the workers can go on is theirs to find.
        with suppress(ProcrastinateException, psycopg.Error):
            for worker_id in {one.worker_id for one in workers if one.worker_id is not None} - named:
                await reaper.register(app, worker_id)
                named.add(worker_id)
            if looks % _LOOKS_A_REAP == 0:
                await reaper.reap(app, STALLED_SECONDS)
        looks += 1
        await asyncio.sleep(_LOOK_SECONDS)


def standing(connection: "psycopg.Connection[Any]") -> Standing | None:
    """Return how the shared work stands, as :func:`publisher.work.queue.standing` says."""
    try:
        if not exists(connection):
            return None
        with connection.cursor(row_factory=tuple_row) as cursor:
            alive = [row[0] for row in cursor.execute(_ALIVE, [STALLED_SECONDS])]
            rows = cursor.execute(_JOBS, [STALLED_SECONDS]).fetchall()
    except psycopg.Error as error:
        raise StoreError(f"store: its jobs cannot be read: {_said(error)}") from error
    hosts = Counter(_host(one) for one in alive if not owner.is_dead(one))
    waiting, running, stalled = Counter[str](), Counter[str](), 0
    for queue, status, beats, name, count in rows:
        if status == "todo":
            waiting[queue] += count
        elif beats and not (name and owner.is_dead(name)):
            running[queue] += count
        else:
            stalled += count
    return Standing(dict(sorted(hosts.items())), dict(waiting), dict(running), stalled)


def waits(connection: "psycopg.Connection[Any]") -> Waits:
    """Return for how long jobs wait, as :func:`publisher.work.queue.waits` says."""
    try:
        if not exists(connection):
            return Waits()
        with connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(_WAITS).fetchall()
    except psycopg.Error as error:
        raise StoreError(f"store: its jobs cannot be read: {_said(error)}") from error
    return Waits(
        {queue: oldest for queue, oldest, _ in rows if oldest is not None},
        {queue: again for queue, _, again in rows if again},
    )


def _unheard(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Say in one line what nobody waited for: a worker that could not write down a job's end."""
    error = context.get("exception")
    _log.warning("a job's end could not be written down", error=_said(error) if error else "")


def _said(error: BaseException) -> str:
    """Return what the database said, where the engine hides it behind a word of its own."""
    cause = error.__cause__ or error
    return " ".join(str(cause).split()) or type(cause).__name__


def _host(name: str) -> str:
    """Return a host's name for people, of an owner as :mod:`publisher.owner` writes it."""
    return name.partition(":")[0].partition("/")[0]
