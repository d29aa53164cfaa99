"""Jobs whose process is gone: others take them up again.

Procrastinate knows a dead worker by its heartbeat, after half a minute. Here each worker is also on record
with the process that it lives in, so that one which was killed on this host is missed within seconds.
"""

from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status

from publisher import logs, owner

_REGISTER = "INSERT INTO worker_owner (worker_id, owner) VALUES (%(worker_id)s, %(owner)s)"
_OWNERS = "SELECT worker_id, owner FROM worker_owner"

_log = logs.logger(__name__)


async def register(app: App, worker_id: int) -> None:
    """Put on record that a worker lives in this process."""
    await app.connector.execute_query_async(_REGISTER, worker_id=worker_id, owner=owner.me())


async def reap(app: App, stalled_seconds: float) -> None:
    """Give every job whose worker is gone to others; any number of processes may do so at once.

    Args:
        app: open.
        stalled_seconds: a worker on another host is gone when it has said nothing for so long.
    """
    rows = await app.connector.execute_query_all_async(_OWNERS)
    for worker_id in [row["worker_id"] for row in rows if owner.is_dead(row["owner"])]:
        for job in await app.job_manager.list_jobs_async(worker_id=worker_id, status=Status.DOING.value):
            await _again(app, job)
        await app.job_manager.unregister_worker(worker_id)
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_seconds):
        await _again(app, job)


async def _again(app: App, job: Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:
        # The same job waits already: this one is not needed, and would hold its lock for ever.
        await _drop(app, job)
    except ConnectorException:
        # Another process was first, or its worker lives after all and has just ended it.
        return
    _log.info("a job whose process is gone is taken up again", task=job.task_name)


async def _drop(app: App, job: Job) -> None:
    try:
        await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    except ConnectorException:
        return
