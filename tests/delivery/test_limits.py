"""Rates and circuit breakers: nobody is sent too much, nobody is hammered, and no attempt is wasted."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from publisher.delivery import breaker, pace
from publisher.delivery.breaker import FAILURES, FIRST, LONGEST, Breaker
from publisher.delivery.limits import held
from publisher.delivery.pace import Bucket
from publisher.delivery.transports.smtp import Smtp
from publisher.errors import UnreachableError
from publisher.model.delivery import State
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import Store, deliveries, gates
from tests.delivery.bureau import MORNING, reader, settings
from tests.delivery.postmaster import Postmaster, serving
from tests.delivery.test_send import go, ready, states

SECOND = timedelta(seconds=1)


class Hours:
    """A clock that only moves when somebody rests."""

    def __init__(self) -> None:
        self.now = MORNING
        self.rested = 0.0

    def __call__(self) -> datetime:
        return self.now

    def rest(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.rested += seconds


def relay(port: int) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)


def rules(port: int, *, rate: int | None = None, rates: dict[str, int] | None = None) -> Any:
    server = {"host": "127.0.0.1", "port": port, "tls": "none", "rate": rate}
    return settings({"transport": "smtp", "smtp": server, "rates": rates or {}})


def test_a_bucket_fills_at_its_rate_and_never_above_a_seconds_worth() -> None:
    empty = Bucket(0, MORNING)
    assert pace.taken(empty, 20, MORNING, 5)[0] == 0
    assert pace.taken(empty, 20, MORNING + SECOND / 2, 50)[0] == 10
    assert pace.taken(empty, 20, MORNING + 1000 * SECOND, 50)[0] == 20
    assert pace.taken(empty, 0.1, MORNING + 1000 * SECOND, 50)[0] == 1
    assert pace.taken(Bucket(3, MORNING), 20, MORNING - 1000 * SECOND, 50)[0] == 3


def test_letters_that_are_put_off_stand_in_line() -> None:
    one = Bucket(0, MORNING)
    times = []
    for _ in range(3):
        again, one = pace.put_off(one, 2, MORNING)
        times.append((again - MORNING) / SECOND)
    assert times == [0.5, 1.0, 1.5]
    assert pace.put_off(one, 2, MORNING + 60 * SECOND)[0] == MORNING + 60.5 * SECOND


def test_a_breaker_opens_for_longer_each_time_and_tries_with_one() -> None:
    state = Breaker()
    for _ in range(FAILURES - 1):
        state = breaker.failed(state, MORNING, "451 later")
    assert breaker.barred_until(state, MORNING) is None
    waits = []
    now = MORNING
    for _ in range(7):
        state = breaker.failed(state, now, "451 later")
        until = breaker.barred_until(state, now)
        assert until is not None
        waits.append(until - now)
        now = until
        assert breaker.is_on_trial(state, now)
        state = breaker.tried(state, now)
        assert not breaker.is_on_trial(state, now)
    assert waits == [min(FIRST * 2**doublings, LONGEST) for doublings in range(7)]
    # A clock that went back a year does not bar it for a year.
    assert breaker.barred_until(state, MORNING - timedelta(days=365)) is None


@pytest.fixture
def office() -> Iterator[tuple[Postmaster, int]]:
    """A mail server that takes everything, and its port."""
    master = Postmaster()
    with serving(master) as port:
        yield master, port


def test_with_nothing_configured_and_nothing_wrong_no_gate_is_kept(
    store: Store, office: tuple[Postmaster, int]
) -> None:
    ready(store, 20)
    go(store, relay(office[1]), rules=rules(office[1]))

    with store.read() as tx:
        assert gates.seen(tx, [("relay", "smtp"), ("domain", "example.com")]) == {}


def test_a_domain_gets_its_rate_and_another_does_not_wait_for_it(
    store: Store, office: tuple[Postmaster, int]
) -> None:
    ready(store, [*(reader(number) for number in range(12)), reader(99, address="lan@other.example")])
    clock = Hours()
    times: dict[str, datetime] = {}
    master, port = office

    def taken(who: str, _: int) -> str:
        times[who] = clock.now
        return "250 OK"

    master.plan = taken

    report = go(
        store, relay(port), clock=clock, rest=clock.rest, rules=rules(port, rates={"example.com": 120})
    )

    assert report.ended == {State.ACCEPTED: 13}
    assert times["lan@other.example"] == MORNING
    slow = sorted(when for who, when in times.items() if who != "lan@other.example")
    assert sum(1 for when in slow if when == MORNING) == 2
    assert all(sum(1 for one in slow if start <= one < start + SECOND) <= 4 for start in slow)
    assert slow[-1] - MORNING >= 4 * SECOND


def test_who_is_put_off_is_told_why_and_loses_no_attempt(
    sqlite: Store, office: tuple[Postmaster, int]
) -> None:
    edition_id = ready(sqlite, 5)
    report = go(sqlite, relay(office[1]), rules=rules(office[1], rates={"*": 60}))

    assert (report.ended, report.waiting) == ({State.ACCEPTED: 1}, 4)
    with sqlite.read() as tx:
        put_off = [one for one in deliveries.each(tx, edition_id) if one.state is State.PENDING]
    assert {(one.reason, one.attempts) for one in put_off} == {("example.com takes 60 letters a minute", 0)}
    assert sorted(one.due > MORNING for one in put_off) == [True] * 4


def test_a_relays_rate_holds_over_restarts(store: Store, office: tuple[Postmaster, int]) -> None:
    ready(store, 90)
    port = office[1]
    sent = [
        go(store, relay(port), now=MORNING + seconds * SECOND, rules=rules(port, rate=600)).ended
        for seconds in (0, 0, 1, 1, 3)
    ]
    assert [one.get(State.ACCEPTED, 0) for one in sent] == [10, 0, 10, 0, 10]


def test_a_relays_rate_is_waited_for(sqlite: Store, office: tuple[Postmaster, int]) -> None:
    ready(sqlite, 45)
    clock, port = Hours(), office[1]

    report = go(sqlite, relay(port), clock=clock, rest=clock.rest, rules=rules(port, rate=600))

    assert report.ended == {State.ACCEPTED: 45}
    assert 3 <= clock.rested <= 8


def test_a_domain_that_refuses_again_and_again_is_left_in_peace(
    store: Store, office: tuple[Postmaster, int]
) -> None:
    edition_id = ready(
        store, [*(reader(number) for number in range(60)), reader(99, address="lan@other.example")]
    )
    master, port = office
    master.on_rcpt = lambda who, _: "451 4.7.1 not now" if who.endswith("@example.com") else "250 OK"
    way = relay(port)

    first = go(store, way, rules=rules(port))
    tried = sum(master.asked.values())
    second = go(store, way, now=MORNING + FIRST / 2, rules=rules(port))

    assert first.ended[State.ACCEPTED] == 1
    assert FAILURES <= first.ended[State.DEFERRED] <= FAILURES + 61
    assert second.ended == {}
    assert sum(master.asked.values()) == tried
    with store.read() as tx:
        (one,) = held(tx, MORNING + FIRST / 2)
    assert (one.kind, one.name) == ("domain", "example.com")
    assert "451 4.7.1 not now" in one.sentence

    master.on_rcpt = lambda _who, _: "250 OK"
    later = MORNING + timedelta(hours=1)
    for minutes in range(0, 90, 10):
        go(store, way, now=later + timedelta(minutes=minutes), rules=rules(port))
    way.close()
    assert {state for state, _ in states(store, edition_id).values()} == {State.ACCEPTED}
    assert max(map(master.recipients.count, master.recipients)) == 1
    with store.read() as tx:
        assert gates.troubled(tx) == []


def test_a_relay_that_is_away_is_left_in_peace_and_tried_again(sqlite: Store) -> None:
    ready(sqlite, 3)
    with serving(Postmaster()) as port:
        pass
    said = ""
    for _ in range(FAILURES + 2):
        with pytest.raises(UnreachableError) as caught:
            go(sqlite, relay(port), rules=rules(port))
        said = str(caught.value)
    assert said.startswith("relay smtp is not tried before 2026-11-20 23:30:30 UTC: 10 failures in a row")

    with serving(master := Postmaster(), listen={"reuse_address": True}) as again:
        assert go(sqlite, relay(again), now=MORNING + FIRST, rules=rules(again)).ended[State.ACCEPTED] >= 1
        go(sqlite, relay(again), now=MORNING + 2 * FIRST, rules=rules(again))
    assert len(master.recipients) == 3
