"""Subscribers in numbers, and what is on record of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from publisher import addresses
from publisher.model.delivery import State
from publisher.model.report import Kind
from publisher.model.signup import SignUp
from publisher.model.subscriber import Subscriber, Subscription, Suppression
from publisher.store import growth, reports, signups, subscribers, suppressions
from publisher.work.desk import Desk
from publisher.work.panels.days import days_back, midnight, summed

DAYS = 28
_BOUNCES = (Kind.HARD, Kind.SOFT)


@dataclass(frozen=True, slots=True)
class Numbers:
    """All subscribers in numbers; series have one number a day.

    Attributes:
        digests: active subscriptions of each digest.
        hours: active subscriptions of each hour, from ``00``; empty: when the letter is made.
        languages: people with a subscription by the language that they asked for; empty: as letters are made.
        days: oldest first, the last is today.
        agreed: subscriptions in force by the day on which they were agreed to.
        ended: subscriptions that are ended, by the day on which that happened.
        bounces, complaints: reports by the day on which they were read.
        suppressed: addresses by the day on which they were barred.
        reasons: how many addresses are barred for each reason.
        waiting: sign-ups that nobody has confirmed, by the state of their mail.
        reports: everything that ever came back, by kind.
    """

    digests: Mapping[str, int]
    hours: Mapping[str, int]
    languages: Mapping[str, int]
    days: tuple[str, ...]
    agreed: tuple[int, ...]
    ended: tuple[int, ...]
    bounces: tuple[int, ...]
    complaints: tuple[int, ...]
    suppressed: tuple[int, ...]
    reasons: Mapping[str, int]
    waiting: Mapping[str, int]
    reports: Mapping[Kind, int]

    @property
    def people(self) -> int:
        """Everybody with at least one active subscription."""
        return sum(self.languages.values())

    @property
    def total(self) -> int:
        """Active subscriptions."""
        return sum(self.digests.values())


@dataclass(frozen=True, slots=True)
class Person:
    """What is on record of an address.

    Attributes:
        subscriber: None for one that never confirmed, or is only barred.
        subscriptions: ended ones included.
        letters: (digest, slot, state, when it last changed), the latest first.
        asked: the last sign-up that is kept.
        barred: why it is never mailed.
    """

    subscriber: Subscriber | None
    subscriptions: tuple[Subscription, ...]
    letters: tuple[tuple[str, str, State, datetime], ...]
    asked: SignUp | None
    barred: Suppression | None

    @property
    def is_known(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.subscriber or self.asked or self.barred)


def numbers(desk: Desk, now: datetime) -> Numbers:
    """Return the subscribers of the site in numbers."""
    zone, days = desk.zone, days_back(now, desk.zone, DAYS)
    since = midnight(days[0], zone)
    with desk.store.read() as tx:
        return Numbers(
            digests=subscribers.counts(tx),
            hours=_named(growth.hours(tx), "{:02}"),
            languages=_named(growth.languages(tx), "{}"),
            days=days,
            agreed=summed(days, growth.agreed(tx, since), zone),
            ended=summed(days, growth.ended(tx, since), zone),
            bounces=summed(days, growth.returned(tx, since, _BOUNCES), zone),
            complaints=summed(days, growth.returned(tx, since, [Kind.COMPLAINT]), zone),
            suppressed=summed(days, growth.suppressed(tx, since), zone),
            reasons=suppressions.counts(tx),
            waiting=growth.sign_ups(tx),
            reports=reports.counts(tx),
        )


def person(desk: Desk, address: str) -> Person:
    """Return what is on record of an address.

    Raises:
        ValueError: it is none; what is wrong with it, without repeating it.
    """
    key = addresses.key(addresses.of_person(address))
    found_by = addresses.hashed(key)
    with desk.store.read() as tx:
        found = subscribers.find(tx, key)
        return Person(
            subscriber=found,
            subscriptions=tuple(subscribers.subscriptions_of(tx, found.id)) if found else (),
            letters=tuple(reversed(subscribers.letters_to(tx, found.id))) if found else (),
            asked=signups.of_address(tx, found_by),
            barred=suppressions.find(tx, [found_by]).get(found_by),
        )


def _named(counts: Mapping[int | None, int] | Mapping[str | None, int], form: str) -> dict[str, int]:
    """Return counts by name, those without one first."""
    return dict(sorted(("" if key is None else form.format(key), count) for key, count in counts.items()))
