"""Freezing an edition's audience as rows, before its first message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.delivery.audience import due_at, omission
from publisher.model.delivery import State
from publisher.model.edition import Edition
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, audiences, deliveries
from publisher.store.audiences import Audience


@dataclass(frozen=True, slots=True)
class PrepareReport:
    """What preparing did.

    Attributes:
        fresh: whether the audience was frozen now; False when it had been before.
        counts: deliveries by state.
    """

    fresh: bool
    counts: dict[State, int] = field(default_factory=dict)

    @property
    def recipients(self) -> int:
        """How many rows the edition has."""
        return sum(self.counts.values())


def prepare(
    store: Store,
    edition: Edition,
    *,
    settings: Settings,
    now: datetime,
    tick: Callable[[int, int], None] = lambda _done, _of: None,
    also: Callable[[Transaction, int], None] = lambda _tx, _recipients: None,
) -> PrepareReport:
    """Freeze who gets an edition, each with a due time in their own zone; a second time does nothing.

    Args:
        store: where subscriptions and suppressions are.
        edition: as stored.
        settings: for the newsroom's time zone.
        now: when.
        tick: told how many subscriptions have been looked at, and of how many.
        also: done in the transaction that freezes the audience, told how many recipients are to be sent to.
    """
    if edition.prepared is None:
        with store.write() as tx:
            audience = _audience(edition, *audiences.habits(tx, edition.digest), settings=settings)
            fresh = audiences.freeze(tx, edition.id, edition.digest, audience, now=now, tick=tick)
            if fresh:
                also(tx, deliveries.counts(tx, edition.id).get(State.PENDING, 0))
    else:
        fresh = False
    with store.read() as tx:
        return PrepareReport(fresh, deliveries.counts(tx, edition.id))


def _audience(
    edition: Edition,
    hours: list[tuple[str | None, int | None]],
    choices: list[tuple[str, ...]],
    *,
    settings: Settings,
) -> Audience:
    reasons = {choice: omission(edition.content, choice) for choice in choices}
    return Audience(
        due={
            (zone, hour): due_at(edition.due, hour, ZoneInfo(zone or settings.site.timezone))
            for zone, hour in hours
        },
        left_out={choice: reason for choice, reason in reasons.items() if reason},
        language=edition.content.language,
    )
