"""Work for other processes: jobs on the store's own PostgreSQL, done by Procrastinate's workers.

A job says that there may be work and nothing more; what there is to do stands in the rows. So a job that is
done twice does no harm, and one that is lost is made again by the schedule. On SQLite there are no jobs: the
work is done in the process that finds it, and Procrastinate is not even imported.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Event

from publisher.errors import ConfigError
from publisher.store import Store, Transaction
from publisher.store.engine import driver
from publisher.work.queue.job import Job

Handlers = Mapping[str, Callable[..., None]]
"""Name of a task -> what does it; called with the arguments of the job."""

_MISSING = "sharing work needs Procrastinate: pip install 'newsroom-publisher[postgresql]'"


@dataclass(frozen=True, slots=True)
class Standing:
    """How the shared work stands.

    Attributes:
        hosts: host -> how many of its processes take jobs.
        waiting: queue -> how many jobs wait to be taken; those put off until later do not count.
        running: queue -> how many are being done.
        stalled: how many were begun by a process that is gone; they are taken up again by themselves.
    """

    hosts: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    running: Mapping[str, int] = field(default_factory=dict)
    stalled: int = 0


@dataclass(frozen=True, slots=True)
class Waits:
    """For how long jobs wait, and which are not done at the first try.

    Attributes:
        oldest: queue -> for how many seconds the oldest job that may be taken has been waiting.
        again: queue -> how many failed, or lost their process, and wait for another try.
    """

    oldest: Mapping[str, float] = field(default_factory=dict)
    again: Mapping[str, int] = field(default_factory=dict)


def bring_up(store: Store) -> None:
    """Make the task engine's tables on a PostgreSQL store, or bring them up to date.

    Raises:
        ConfigError: the engine is not installed.
        StoreError: the store is away, or does not allow it.
    """
    try:
        from publisher.work.queue import schema
    except ModuleNotFoundError as error:
        raise ConfigError(f"store.url: {_MISSING}") from error
    schema.bring_up(store.address, place=store.place)


def is_shared(tx: Transaction) -> bool:
    """Return whether processes on this store call each other to work."""
    return standing(tx) is not None


def offer(tx: Transaction, jobs: Iterable[Job]) -> int:
    """Call other processes to work; they see the jobs when the transaction commits.

    Args:
        tx: the transaction that writes the rows that the jobs are about.
        jobs: none is lost and none is seen when the transaction is rolled back.

    Returns:
        How many were taken in: none on SQLite, or where no process ever shared its work.

    Raises:
        StoreError: the store is away.
    """
    connection = driver(tx)
    if connection is None:
        return 0
    try:
        from publisher.work.queue import engine
    except ModuleNotFoundError as error:
        raise ConfigError(f"store.url: {_MISSING}") from error
    return engine.offer(connection, list(jobs))


def work(store: Store, handlers: Handlers, *, queues: Sequence[str], stop: Event) -> None:
    """Do jobs until told to stop; returns when the job that is being done has ended.

    A store that is away is a line in the log, and waited for.

    Args:
        store: on PostgreSQL, brought up.
        handlers: what does which job. One that raises an error of ours is called again later, a few times,
            when nobody else would make its job again.
        queues: whose jobs; one of each at a time.
        stop: set from outside.
    """
    from publisher.work.queue import engine

    engine.work(store, handlers, queues=queues, stop=stop)


def standing(tx: Transaction) -> Standing | None:
    """Return how the shared work stands; None on SQLite, or where none was ever shared."""
    connection = driver(tx)
    if connection is None:
        return None
    try:
        from publisher.work.queue import engine
    except ModuleNotFoundError:
        return None
    return engine.standing(connection)


def waits(tx: Transaction) -> Waits:
    """Return for how long jobs wait; nothing does on SQLite, or where work was never shared."""
    connection = driver(tx)
    if connection is None:
        return Waits()
    try:
        from publisher.work.queue import engine
    except ModuleNotFoundError:
        return Waits()
    return engine.waits(connection)
