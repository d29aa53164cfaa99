"""The log of who did what."""

from datetime import UTC, datetime, timedelta

import pytest

from publisher.model.action import Action
from publisher.store import Store, actions

MORNING = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)


def test_actions_come_back_newest_first(store: Store) -> None:
    paused = Action(MORNING, "operator", "paused", "morning 2026-03-02", "a wrong picture")
    resumed = Action(MORNING + timedelta(minutes=5), "lan", "resumed", "morning 2026-03-02")
    elsewhere = Action(MORNING + timedelta(minutes=6), "lan", "rolled back", "config 3")
    with store.write() as tx:
        for one in (paused, resumed, elsewhere):
            actions.record(tx, one)

    with store.read() as tx:
        assert actions.latest(tx, limit=2) == [elsewhere, resumed]
        assert actions.latest(tx, limit=9, about="morning 2026-03-02") == [resumed, paused]


def test_the_oldest_go_when_there_are_too_many(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "KEPT", 2)
    with store.write() as tx:
        for number in range(4):
            actions.record(tx, Action(MORNING, "lan", "paused", f"edition {number}"))

    with store.read() as tx:
        assert [one.about for one in actions.latest(tx, limit=9)] == ["edition 3", "edition 2"]
