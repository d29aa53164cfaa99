"""Preparing: the audience of an edition as rows, once."""

from datetime import timedelta

import pytest

from publisher.delivery.prepare import prepare
from publisher.model.delivery import State
from publisher.store import Store, audiences, deliveries, editions
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
    monkeypatch.setattr(audiences, "_STEP", {"sqlite": 4, "postgresql": 4})
    enrol(store, 25)

    report = prepare(store, make_edition(store), settings=settings(), now=MORNING)

    assert report.counts == {State.PENDING: 25}
