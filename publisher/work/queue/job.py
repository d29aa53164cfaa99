"""What jobs there are: their queues, their order, and what must not run beside itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from publisher.model.job import kind

FEEDS, LETTERS, RETURNS = "feeds", "letters", "returns"
QUEUES = (FEEDS, LETTERS, RETURNS)
"""A process works on one job of each at a time: a long sending never holds the feeds up, nor does a mailbox
for bounces that does not answer."""

SHARES = 8
"""At most so many processes are called to one sending; each takes rows until none is left."""
_SHARE = 500

_FIRE = {"pull": (FEEDS, 50), "publish": (FEEDS, 40), "bounces": (RETURNS, 0), "send": (LETTERS, 20)}
"""Queues, and priorities: what comes first on an article's way comes first, and feeds before letters."""
_PING, _PREPARE, _SEND, _DELIVER = 30, 15, 10, 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One job.

    Attributes:
        task: name of what does it.
        queue: one of :data:`QUEUES`.
        priority: a higher one is taken first.
        args: what it is given.
        lock: jobs with the same one never run beside each other.
        once: of jobs with the same one only one waits; a further one is not taken in.
        wait: seconds until it may be taken.
    """

    task: str
    queue: str
    priority: int
    args: Mapping[str, str | int] = field(default_factory=dict)
    lock: str | None = None
    once: str | None = None
    wait: int = 0


def fire(run: str) -> Job:
    """Do the planned runs of that task (``publish``, ``send morning``) that are due."""
    queue, priority = _FIRE[kind(run)]
    return Job(task="fire", queue=queue, priority=priority, args={"run": run}, lock=run, once=run)


def prepare(edition_id: int) -> Job:
    """Freeze the audience of an edition that was just made."""
    return Job(task="prepare", queue=LETTERS, priority=_PREPARE, args={"edition_id": edition_id})


def send(edition_id: int, recipients: int) -> list[Job]:
    """Send an edition whose audience was just frozen, by as many processes as are worth calling."""
    args = [{"edition_id": edition_id, "share": share} for share in range(shares(recipients))]
    return [Job(task="send", queue=LETTERS, priority=_SEND, args=one) for one in args]


def deliver(waiting: int) -> list[Job]:
    """Send whatever is due, of any edition: what is tried again, and what waited for its hour."""
    return [
        Job(task="deliver", queue=LETTERS, priority=_DELIVER, args={"share": share}, once=f"deliver {share}")
        for share in range(shares(waiting))
    ]


def ping(wait: int) -> Job:
    """Tell the hub what it does not know yet."""
    return Job(task="ping", queue=FEEDS, priority=_PING, lock="ping", once="ping", wait=wait)


def shares(letters: int) -> int:
    """Return how many jobs a sending is worth."""
    return min(SHARES, letters // _SHARE + 1)
