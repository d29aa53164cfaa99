"""Freezing an edition's audience as rows, before its first message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.delivery.audience import due_at, omission
from publisher.model.delivery import State
from publisher.model.edition import Edition
from publisher.model.slot import is_week
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, audiences, deliveries, editions
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
            if _weekly(edition, settings):
                # Who still gets the days' letters is settled by their rows before a change of mind counts.
                for day in editions.unprepared(tx, edition.digest):
                    _freeze(tx, day, settings, now)
            if _freeze(tx, edition, settings, now, tick):
                counts = deliveries.counts(tx, edition.id)
                also(tx, counts.get(State.PENDING, 0))
                return PrepareReport(fresh=True, counts=counts)
    with store.read() as tx:
        return PrepareReport(fresh=False, counts=deliveries.counts(tx, edition.id))


def _freeze(
    tx: Transaction,
    edition: Edition,
    settings: Settings,
    now: datetime,
    tick: Callable[[int, int], None] = lambda _done, _of: None,
) -> bool:
    habits = audiences.habits(tx, edition.digest)
    audience = _audience(edition, *habits, settings=settings)
    return audiences.freeze(tx, edition.id, edition.digest, audience, now=now, tick=tick)


def _weekly(edition: Edition, settings: Settings) -> bool | None:
    """Return whether an edition is for those who want one letter a week; None when it is for everybody."""
    rule = settings.digests.get(edition.digest)
    return is_week(edition.slot) if rule and rule.gathers_weeks else None


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
        otherwise=edition.due,
        left_out={choice: reason for choice, reason in reasons.items() if reason},
        language=edition.content.language,
        weekly=_weekly(edition, settings),
    )
