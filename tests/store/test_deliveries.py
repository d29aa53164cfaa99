"""The ledger: frozen once, always adding up, and no row is ever ended by somebody who lost it."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from sqlalchemy import Select, insert, select, text

from publisher import addresses
from publisher.errors import StoreError
from publisher.model.delivery import MOVES, State, number
from publisher.store import (
    Store,
    Transaction,
    audiences,
    claims,
    deliveries,
    open_store,
    subscribers,
    suppressions,
)
from publisher.store.audiences import Audience
from publisher.store.claims import Ending
from publisher.store.tables import delivery
from tests.conftest import PostgreSQL
from tests.delivery.bureau import MORNING, enrol, make_edition, reader

HOUR = timedelta(hours=1)
ALL_AT_ONCE = Audience(due={(None, None): MORNING}, otherwise=MORNING, left_out={}, language="vi")
END = text(
    "SELECT pg_terminate_backend(pid, 120000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND query LIKE :query"
)
"""Ends the connection whose latest statement is like this, and returns when it is gone."""


@pytest.fixture
def edition_id(store: Store) -> int:
    """An edition with ten readers, all due at once."""
    return filled(store)


def filled(store: Store, readers: int = 10) -> int:
    enrol(store, readers)
    return frozen(store)


def frozen(store: Store, **fields: Any) -> int:
    edition = make_edition(store, **fields)
    with store.write() as tx:
        assert audiences.freeze(tx, edition.id, "daily", ALL_AT_ONCE, now=MORNING)
    return edition.id


@pytest.mark.parametrize("wrong", ["id", "subscription_id"])
def test_there_is_one_delivery_for_an_edition_and_a_subscription(
    store: Store, edition_id: int, wrong: str
) -> None:
    with store.read() as tx:
        ids = {one.subscription_id: one.id for one in deliveries.each(tx, edition_id)}
    assert ids == {one: number(edition_id, one) for one in ids}
    assert number(3, 42) == 3_000_000_042

    again = select(delivery).where(delivery.c.edition_id == edition_id).limit(1)
    with store.read() as tx:
        row = tx.execute(again).mappings().one()
    with pytest.raises(StoreError), store.write() as tx:
        tx.execute(insert(delivery), [{**row}])
    with pytest.raises(StoreError, match="number"), store.write() as tx:
        tx.execute(insert(delivery), [{**row, wrong: row[wrong] + 1_000}])


def test_an_edition_s_deliveries_are_a_range_of_the_ledger(sqlite: Store) -> None:
    first, second = filled(sqlite, 3), frozen(sqlite, slot="2026-10-26")
    asked = select(delivery.c.state).where(deliveries.in_edition(second))
    with sqlite.read() as tx:
        plan = [row.detail for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {literal(tx, asked)}")]
        assert [len([*deliveries.each(tx, one)]) for one in (first, second)] == [3, 3]
        assert [one.edition_id for one in deliveries.to_subscription(tx, 1)] == [second, first]
    assert plan == ["SEARCH delivery USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]


def literal(tx: Transaction, query: Select[tuple[str]]) -> str:
    return str(query.compile(dialect=tx.dialect, compile_kwargs={"literal_binds": True}))


def claimed(store: Store, owner: str, limit: int = 10, minutes: int = 15) -> list[int]:
    with store.write() as tx:
        until = MORNING + timedelta(minutes=minutes)
        found = claims.claim(tx, owner, until=until, now=MORNING, limit=limit)
        return [one.delivery.id for one in found]


def begun(store: Store, owner: str, ids: list[int]) -> set[int]:
    with store.write() as tx:
        return claims.begin(tx, owner, ids, way="outbox", until=MORNING + HOUR, now=MORNING)


def ended(store: Store, owner: str, ids: list[int], attempt: int = 1, state: State = State.ACCEPTED) -> int:
    endings = [Ending(id=row, attempt=attempt, state=state, reason="250 ok") for row in ids]
    with store.write() as tx:
        return claims.finish(tx, owner, endings, now=MORNING)


def counts(store: Store, edition_id: int) -> dict[State, int]:
    with store.read() as tx:
        return deliveries.counts(tx, edition_id)


def test_the_audience_is_frozen_once(store: Store, edition_id: int) -> None:
    enrol(store, [reader(99)])

    with store.write() as tx:
        assert not audiences.freeze(tx, edition_id, "daily", ALL_AT_ONCE, now=MORNING)

    assert counts(store, edition_id) == {State.PENDING: 10}


def test_who_is_left_out_gets_a_row_that_says_why(store: Store) -> None:
    enrol(
        store,
        [
            reader(1),
            reader(2, sections=("culture",)),
            reader(3),
            reader(4, active=False),
            reader(5, timezone="Europe/Oslo", hour=7, language="en"),
            reader(6, digest="weekly"),
        ],
    )
    audience = Audience(
        due={(None, None): MORNING, ("Europe/Oslo", 7): MORNING + 6 * HOUR},
        otherwise=MORNING,
        left_out={("culture",): "nothing in the chosen sections"},
        language="vi",
    )
    edition = make_edition(store)
    with store.write() as tx:
        mark = addresses.hashed(addresses.key("reader3@example.com"))
        suppressions.add(tx, mark, reason="complained", detail="", now=MORNING)
    with store.write() as tx:
        audiences.freeze(tx, edition.id, "daily", audience, now=MORNING)

    with store.read() as tx:
        rows = list(deliveries.each(tx, edition.id))
    assert [(one.address[:7], one.state, one.reason, one.language) for one in rows] == [
        ("reader1", State.PENDING, "", "vi"),
        ("reader2", State.SUPPRESSED, "nothing in the chosen sections", "vi"),
        ("reader3", State.SUPPRESSED, "complained", "vi"),
        ("reader5", State.PENDING, "", "en"),
    ]
    assert [one.planned - MORNING for one in rows] == [0 * HOUR, 0 * HOUR, 0 * HOUR, 6 * HOUR]


def test_a_digest_without_subscribers_is_prepared_too(store: Store) -> None:
    edition = make_edition(store)
    with store.write() as tx:
        assert audiences.freeze(
            tx,
            edition.id,
            "daily",
            Audience(due={}, otherwise=MORNING, left_out={}, language="vi"),
            now=MORNING,
        )
    assert counts(store, edition.id) == {}


def test_somebody_who_chose_an_hour_a_moment_ago_is_not_left_out(store: Store) -> None:
    enrol(store, [reader(1), reader(2, hour=21)])
    edition = make_edition(store)
    audience = replace(ALL_AT_ONCE, otherwise=MORNING + HOUR)
    with store.write() as tx:
        audiences.freeze(tx, edition.id, "daily", audience, now=MORNING)

    with store.read() as tx:
        rows = {one.subscription_id: one for one in deliveries.each(tx, edition.id)}
    assert {number: (one.planned, one.due) for number, one in rows.items()} == {
        1: (MORNING, MORNING),
        2: (MORNING + HOUR, MORNING + HOUR),
    }


def test_signs_of_the_query_language_are_letters_like_others(store: Store) -> None:
    digest, language = "50% o'clock", "%s '' %% \\n"
    enrol(store, [reader(1, digest=digest), reader(2)])
    edition = make_edition(store)
    with store.write() as tx:
        audiences.freeze(tx, edition.id, digest, replace(ALL_AT_ONCE, language=language), now=MORNING)

    with store.read() as tx:
        rows = [(one.subscription_id, one.language) for one in deliveries.each(tx, edition.id)]
    assert rows == [(1, language)]


def test_freezing_is_whole_or_not_at_all(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(store, 5)
    edition = make_edition(store)

    def fail(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), store.write() as tx:
        audiences.freeze(tx, edition.id, "daily", ALL_AT_ONCE, now=MORNING, tick=fail)
    assert counts(store, edition.id) == {}

    with store.write() as tx:
        assert audiences.freeze(tx, edition.id, "daily", ALL_AT_ONCE, now=MORNING)
    assert counts(store, edition.id) == {State.PENDING: 5}


@pytest.mark.parametrize("lost", ["COPY (SELECT%", "COPY delivery%"])
def test_when_the_connection_that_finds_or_writes_is_lost_nothing_is_frozen_and_it_can_be_again(
    postgresql: PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    monkeypatch.setattr(audiences, "_STEP", 2)
    url = postgresql.store(tmp_path)
    with (
        closing(open_store(url, folder=tmp_path)) as store,
        closing(open_store(url, folder=tmp_path)) as other,
    ):
        enrol(store, 5)
        edition_id, ended = make_edition(store).id, []

        def end(_done: int, _of: int) -> None:
            with other.write() as tx:
                ended.append(tx.scalar(END, {"query": lost}))

        with pytest.raises(StoreError), store.write() as tx:
            audiences.freeze(tx, edition_id, "daily", ALL_AT_ONCE, now=MORNING, tick=end)
        assert ended[0]
        assert counts(store, edition_id) == {}

        with store.write() as tx:
            assert audiences.freeze(tx, edition_id, "daily", ALL_AT_ONCE, now=MORNING)
        assert counts(store, edition_id) == {State.PENDING: 5}


def test_two_owners_never_hold_the_same_row(store: Store, edition_id: int) -> None:
    one, other = claimed(store, "a", 4), claimed(store, "b", 4)

    assert len(one) == len(other) == 4
    assert set(one).isdisjoint(other)
    assert claimed(store, "c") == sorted(set(range(min(one), min(one) + 10)) - {*one, *other})


def test_nothing_is_claimed_before_it_is_due(store: Store, edition_id: int) -> None:
    with store.write() as tx:
        assert not claims.claim(tx, "a", until=MORNING, now=MORNING - HOUR, limit=10)
        assert deliveries.waiting(tx, edition_id) == (10, MORNING)


def test_a_lease_that_is_over_is_taken_by_the_next_and_the_first_cannot_begin(
    store: Store, edition_id: int
) -> None:
    ids = claimed(store, "slow", 3, minutes=-1)

    assert claimed(store, "next", 3) == ids

    assert begun(store, "slow", ids) == set()
    assert begun(store, "next", ids) == set(ids)


def test_an_answer_from_an_earlier_attempt_is_not_believed(store: Store, edition_id: int) -> None:
    ids = claimed(store, "a", 2)
    begun(store, "a", ids)
    ended(store, "a", ids, state=State.PENDING)
    again = claimed(store, "a", 2)
    begun(store, "a", again)

    assert ended(store, "a", ids, attempt=1, state=State.FAILED) == 0
    assert ended(store, "b", ids, attempt=2, state=State.FAILED) == 0
    assert ended(store, "a", ids, attempt=2) == 2


def test_what_was_claimed_and_not_begun_goes_back(store: Store, edition_id: int) -> None:
    ids = claimed(store, "a", 5)
    begun(store, "a", ids[:2])

    with store.write() as tx:
        assert set(deliveries.owners(tx)) == {"a"}
        claims.release(tx, "a")
        assert [one.id for one in claims.found_sending(tx, "a")] == ids[:2]

    assert len(claimed(store, "b")) == 8


@pytest.mark.parametrize("happening", ["unsubscribed", "erased", "complained"])
def test_who_left_since_the_audience_was_frozen_is_barred(
    store: Store, edition_id: int, happening: str
) -> None:
    with store.write() as tx:
        person, choice = next(iter(subscribers.each(tx)))
        if happening == "unsubscribed":
            subscribers.end(tx, choice.id, now=MORNING)
        elif happening == "erased":
            subscribers.erase(tx, person.address, now=MORNING)
        else:
            mark = addresses.hashed(addresses.key(person.address))
            suppressions.add(tx, mark, reason=happening, detail="", now=MORNING)

    with store.write() as tx:
        found = claims.claim(tx, "a", until=MORNING + HOUR, now=MORNING, limit=10)

    barred = {one.delivery.subscription_id: one.barred for one in found if one.barred}
    # An erased person's row is closed at once, so there is nothing left to claim.
    assert barred == ({} if happening == "erased" else {choice.id: happening})
    assert len(found) == (9 if happening == "erased" else 10)


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("to", list(State))
def test_settling_makes_only_legal_moves(sqlite: Store, state: State, to: State) -> None:
    edition_id = filled(sqlite, 1)
    with sqlite.write() as tx:
        tx.execute(text("UPDATE delivery SET state = :state"), {"state": state.value})
        row = next(deliveries.each(tx, edition_id)).id
        moved = deliveries.settle(tx, row, to, "by hand", now=MORNING)
        found = deliveries.get(tx, row)

    assert moved == (to in MOVES[state] and state is not State.SENDING)
    assert found is not None
    assert found.state == (to if moved else state)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["claim", "begin", "finish", "release", "close"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([State.ACCEPTED, State.DEFERRED, State.FAILED, State.UNCERTAIN, State.PENDING]),
        st.integers(1, 6),
    ),
    max_size=25,
)


@trials(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(ACTS)
def test_the_sum_holds_whatever_is_done(sqlite: Store, acts: list[tuple[str, str, State, int]]) -> None:
    """Invariant 6: recipients are the sum of the states, after every single commit."""
    with sqlite.write() as tx:
        for table in ("delivery", "edition", "subscription", "subscriber"):
            tx.execute(text(f"DELETE FROM {table}"))
    edition_id = filled(sqlite)
    for act, owner, state, size in acts:
        with sqlite.write() as tx:
            do(tx, edition_id, act, owner, state, size)
        assert sum(counts(sqlite, edition_id).values()) == 10


def do(tx: Transaction, edition_id: int, act: str, owner: str, state: State, size: int) -> None:
    rows = list(deliveries.each(tx, edition_id, limit=size))
    ids = [one.id for one in rows]
    if act == "claim":
        claims.claim(tx, owner, until=MORNING + HOUR, now=MORNING + HOUR, limit=size)
    elif act == "begin":
        claims.begin(tx, owner, ids, way="w", until=MORNING, now=MORNING)
    elif act == "finish":
        endings = [Ending(id=one.id, attempt=one.attempts, state=state, reason="") for one in rows]
        claims.finish(tx, owner, endings, now=MORNING)
    elif act == "release":
        claims.release(tx, owner)
    else:
        claims.close(tx, owner, dict.fromkeys(ids, (State.FAILED, "late")), now=MORNING)
