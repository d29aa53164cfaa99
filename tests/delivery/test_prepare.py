"""Preparing: the audience of an edition as rows, once."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from publisher import addresses
from publisher.delivery.audience import NOTHING_CHOSEN, due_at
from publisher.delivery.prepare import prepare
from publisher.model.delivery import State
from publisher.model.subscriber import Enrolment
from publisher.store import Store, audiences, claims, deliveries, editions, subscribers, suppressions
from tests.delivery.bureau import MORNING, enrol, make_edition, reader, settings


def test_an_audience_is_frozen_with_due_times_and_reasons(store: Store) -> None:
    enrol(
        store,
        [
            reader(1),
            reader(2, sections=("economy",), hour=7),
            reader(3, sections=("culture",)),
            reader(4, timezone="America/Los_Angeles", hour=6),
        ],
    )
    edition = make_edition(store)
    seen: list[tuple[int, int]] = []

    report = prepare(
        store, edition, settings=settings(), now=MORNING, tick=lambda done, of: seen.append((done, of))
    )

    assert report.fresh
    assert report.recipients == 4
    assert report.counts == {State.PENDING: 3, State.SUPPRESSED: 1}
    assert seen == [(4, 4)]
    with store.read() as tx:
        rows = list(deliveries.each(tx, edition.id))
        stored = editions.by_id(tx, edition.id)
    assert [one.planned - MORNING for one in rows] == [
        timedelta(),
        timedelta(minutes=30),
        timedelta(),
        timedelta(hours=14, minutes=30),
    ]
    assert [one.sections for one in rows] == [(), ("economy",), ("culture",), ()]
    assert stored is not None
    assert stored.prepared == MORNING


def test_preparing_again_changes_nothing_whoever_came_since(store: Store) -> None:
    enrol(store, 3)
    edition = make_edition(store)
    prepare(store, edition, settings=settings(), now=MORNING)
    enrol(store, [reader(7)])

    with store.read() as tx:
        prepared = editions.by_id(tx, edition.id)
    assert prepared is not None
    # The value read before the first run says "not prepared"; the row decides.
    for stale in (edition, prepared):
        again = prepare(store, stale, settings=settings(), now=MORNING + timedelta(hours=1))
        assert not again.fresh
        assert again.counts == {State.PENDING: 3}


def test_many_pages_of_subscribers_are_all_taken(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audiences, "_STEP", 4)
    enrol(store, 25)

    report = prepare(store, make_edition(store), settings=settings(), now=MORNING)

    assert report.counts == {State.PENDING: 25}


def test_each_kind_of_letter_has_its_own_audience_and_a_change_counts_from_the_weeks_on(store: Store) -> None:
    both = settings(frequencies=["each", "weekly"])
    enrol(store, [reader(1), reader(2, frequency="weekly"), reader(3), reader(4, frequency="weekly")])
    with store.write() as tx:
        people = {choice.id: choice for _, choice in subscribers.each(tx)}
        subscribers.choose(tx, people[3], sections=(), hour=None, frequency="weekly", now=MORNING)
        subscribers.choose(tx, people[4], sections=(), hour=None, frequency="each", now=MORNING)

    def audience(slot: str) -> list[int]:
        edition = make_edition(store, slot=slot)
        prepare(store, edition, settings=both, now=MORNING)
        with store.read() as tx:
            return [one.subscription_id for one in deliveries.each(tx, edition.id)]

    forgotten = make_edition(store, slot="2026-11-20")
    assert audience("2026-11-21") == [1, 3]
    assert audience("2026-W47") == [2, 4]
    # The week's audience was frozen behind those of all days before it.
    with store.read() as tx:
        assert [one.subscription_id for one in deliveries.each(tx, forgotten.id)] == [1, 3]
    assert audience("2026-11-22") == [1, 4]
    assert audience("2026-W48") == [2, 3]


ZONES = (None, "Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York", "Pacific/Auckland")
WITHOUT_NEWS = ("culture",)
NIGHT_OF_THE_CHANGE = datetime(2026, 10, 24, 23, 30, tzinfo=UTC)
"""An hour and a half before the clocks of Paris go back."""


def anybody(number: int, random: Random) -> Enrolment:
    """Return a reader who chose whatever one can choose."""
    return reader(
        number,
        digest=random.choice(("daily", "daily", "daily", "weekly")),
        timezone=random.choice(ZONES),
        hour=random.choice((None, *range(24))),
        sections=random.choice(((), ("politics",), ("economy",), WITHOUT_NEWS, ("economy", "culture"))),
        language=random.choice((None, "en", "vi")),
        frequency=random.choice(("each", "each", "weekly")),
        active=random.random() < 0.9,
    )


@pytest.mark.parametrize("step", [400, 37])
def test_rows_made_inside_the_store_are_those_that_the_rules_name_one_by_one(
    store: Store, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audiences, "_STEP", step)
    random = Random(20261024)
    people = [anybody(number, random) for number in range(300)]
    barred = {one.address: random.choice(("bounced", "erased")) for one in people if random.random() < 0.1}
    enrol(store, people)
    with store.write() as tx:
        for address, reason in barred.items():
            key = addresses.hashed(addresses.key(address))
            suppressions.add(tx, key, reason=reason, detail="", now=MORNING)
    edition = make_edition(store, slot="2026-10-25", due=NIGHT_OF_THE_CHANGE)

    prepare(store, edition, settings=settings(frequencies=["each", "weekly"]), now=NIGHT_OF_THE_CHANGE)

    expected = []
    for one in people:
        if one.digest != "daily" or one.frequency == "weekly" or not one.active:
            continue
        reason = barred.get(one.address) or (NOTHING_CHOSEN if one.sections == WITHOUT_NEWS else "")
        due = due_at(NIGHT_OF_THE_CHANGE, one.hour, ZoneInfo(one.timezone or "Asia/Ho_Chi_Minh"))
        state = State.SUPPRESSED if reason else State.PENDING
        expected.append((one.address, one.language or "vi", one.sections, due, due, state, reason))
    with store.read() as tx:
        made = [
            (one.address, one.language, one.sections, one.planned, one.due, one.state, one.reason)
            for one in deliveries.each(tx, edition.id)
        ]
    assert made == expected


def test_sqlite_makes_no_table_of_its_own_for_each_row_of_the_ledger(sqlite: Store) -> None:
    written = "INSERT INTO delivery (state) SELECT reason FROM edition"
    asked = "SELECT min(due) FROM delivery WHERE edition_id = 1 AND " + claims._PARTS["{indexed}"]

    with sqlite.read() as tx:
        steps = [row.opcode for row in tx.exec_driver_sql(f"EXPLAIN {written}")]
        plan = [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]

    assert "OpenEphemeral" not in steps
    assert plan == ["SEARCH delivery USING INDEX ix_delivery_open (edition_id=?)"]
