"""Tell the hub of each feed that really changed (WebSub): once, after the swap, and again when it was away.

What has to be said follows from rows: a document whose hash is not the one that the hub was told of. So a run
that was killed says it later, a second run says nothing, and of two hosts only one speaks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.feeds.registry import plans
from publisher.http import Said, post_form
from publisher.model.feed import FORMATS
from publisher.model.ping import Ping, settled
from publisher.settings.schema import Settings
from publisher.store import Store, feedfiles, pings

_SECONDS = 3.0
_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class PingReport:
    """What a hub was told.

    Attributes:
        accepted: addresses of the feeds that it took.
        waiting: addresses that are tried again later.
        failed: addresses that it refused, or that were tried long enough.
        problems: what went wrong, one line for each hub.
    """

    accepted: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Told:
    """A run as it goes."""

    outcomes: dict[str, list[str]] = field(
        default_factory=lambda: {"accepted": [], "pending": [], "failed": []}
    )
    away: dict[str, str] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)


def ping(store: Store, *, settings: Settings, now: datetime) -> PingReport:
    """Tell the hub what it does not know yet; to be called when feeds have been published.

    A hub that does not answer costs one wait of a few seconds, however many feeds changed: the others are
    put off along with the first.

    Args:
        store: open.
        settings: the config; without a hub nothing happens.
        now: decides what is due, and is recorded.

    Raises:
        StoreError: the store is away.
    """
    hub = settings.feeds.hub
    if hub is None:
        return PingReport()
    paths = [plan.path(form) for plan in plans(settings) for form in FORMATS]
    with store.read() as tx:
        published = {path: row.fingerprint for path, row in feedfiles.files(tx, paths).items()}
        if not pings.untold(tx, published, hub) and not pings.is_due(tx, now):
            return PingReport()
    with store.write() as tx:
        pings.forget(tx, published)
        pings.want(tx, pings.untold(tx, published, hub), hub, now=now)
        due = pings.claim(tx, now=now, until=now + _LEASE)
    told = _Told()
    for one in due:
        _tell(store, one, settings.site.url, told, now)
    outcomes = {state: tuple(sorted(addresses)) for state, addresses in told.outcomes.items()}
    return PingReport(
        outcomes["accepted"], outcomes["pending"], outcomes["failed"], tuple(told.problems.values())
    )


def _tell(store: Store, one: Ping, site_url: str, told: _Told, now: datetime) -> None:
    topic = f"{site_url}/{one.path}"
    said = Said(None, told.away[one.hub]) if one.hub in told.away else _post(one.hub, topic, site_url)
    attempts = one.attempts + 1
    state, due = settled(attempts, said.status, now)
    with store.write() as tx:
        pings.settle(tx, one, state, attempts=attempts, due=due, at=now, reason=said.reason)
    told.outcomes[state].append(topic)
    if said.status is None:
        told.away[one.hub] = said.reason
    if state != "accepted":
        what = "will be tried again" if state == "pending" else "is not tried again until the feed changes"
        told.problems.setdefault(one.hub, f"feeds.hub: {one.hub}: {said.reason}; {what}")


def _post(hub: str, topic: str, site_url: str) -> Said:
    # What a publisher says to its hub is left open by WebSub §6; hubs in use read hub.url, some hub.topic.
    fields = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
    return post_form(hub, fields, seconds=_SECONDS, reader=site_url)


def record(store: Store, paths: Sequence[str] = ()) -> list[Ping]:
    """Return what the hub was told of each document, for ``publisher status``."""
    with store.read() as tx:
        return pings.every(tx, paths)
