"""A disk that fills, a database that goes away, a clock that jumps, a sender that is too slow: one line, and
nobody is lost or gets it twice."""

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery.message import Message
from publisher.delivery.send import LEASE
from publisher.delivery.transports.base import Result, Verdict
from publisher.delivery.transports.maildir import Maildir
from publisher.delivery.transports.smtp import Smtp
from publisher.errors import StoreError
from publisher.model.delivery import State
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import Store, deliveries, open_store
from publisher.work import editions
from publisher.work.desk import Desk
from tests.conftest import database_server
from tests.delivery.bureau import MORNING, settings
from tests.delivery.smtp.raw import Raw, serving
from tests.delivery.test_send import go, inbox, ready, states

READERS = 300
DAY = timedelta(days=1)


def relay(port: int) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)


def at(done: int, act: Callable[[], None]) -> Callable[[int], None]:
    """Return a tick that does something, once, when so many deliveries have ended."""
    left = [act]

    def tick(ended: int) -> None:
        if ended >= done and left:
            left.pop()()

    return tick


def everybody_once(raw: Raw, store: Store, edition_id: int, *, in_doubt: int) -> None:
    found = states(store, edition_id)
    uncertain = [who for who, (state, _) in found.items() if state is State.UNCERTAIN]
    assert {state for state, _ in found.values()} <= {State.ACCEPTED, State.UNCERTAIN}
    assert max(Counter(raw.recipients).values()) == 1
    assert len(uncertain) <= in_doubt
    assert set(found) - set(uncertain) <= {who.partition("@")[0] for who in raw.recipients}


@pytest.mark.parametrize(("people", "done"), [(READERS, 0), (1200, 100)])
def test_a_disk_that_fills_is_one_line_and_later_it_goes_on(sqlite: Store, people: int, done: int) -> None:
    edition_id = ready(sqlite, people)

    def room(pages: str) -> None:
        with sqlite.write() as tx:
            tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")

    def fill() -> None:
        with sqlite.write() as tx:
            have = tx.exec_driver_sql("PRAGMA page_count").scalar()
        room(str(have))

    if not done:
        fill()
    with serving(raw := Raw()) as port:
        with pytest.raises(
            StoreError, match="the disk is full; make room and run the same command again"
        ) as told:
            go(sqlite, relay(port), tick=at(done, fill) if done else at(people, fill))
        room("1000000")
        go(sqlite, relay(port))
        # What it had in hand when the disk was full and nothing could be noted.
        go(sqlite, relay(port), now=MORNING + LEASE + timedelta(minutes=1))

    assert "\n" not in str(told.value)
    everybody_once(raw, sqlite, edition_id, in_doubt=4)


@pytest.fixture
def database() -> Iterator[Any]:
    """A PostgreSQL server of this test's own, which may be stopped."""
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        database_server(Path(folder) / "data") as server,
    ):
        yield server
        server.ensure_postgres_running()


@pytest.mark.postgresql
@pytest.mark.slow
def test_a_database_that_goes_away_and_comes_back_loses_nobody(database: Any, tmp_path: Path) -> None:
    database.psql("CREATE DATABASE away")
    address = f"postgresql+psycopg://postgres:@/away?host={database.pgdata}"
    store = open_store(address, folder=tmp_path)
    edition_id = ready(store, READERS)
    rested: list[float] = []

    def rest(seconds: float) -> None:
        rested.append(seconds)
        database.ensure_postgres_running()

    with serving(raw := Raw()) as port:
        with pytest.raises(StoreError) as told:
            go(store, relay(port), tick=at(100, database.stop), rest=rest)
        assert "\n" not in str(told.value)
        assert rested
        with store.read() as tx:
            assert deliveries.counts(tx, edition_id).get(State.SENDING, 0) == 0
        go(store, relay(port))
    everybody_once(raw, store, edition_id, in_doubt=4)
    store.close()


class Jumping:
    """A clock that jumps once, when it has been read so often."""

    def __init__(self, reads: int, by: timedelta) -> None:
        self.left, self.by = reads, by

    def __call__(self) -> datetime:
        self.left -= 1
        return MORNING + (self.by if self.left < 0 else timedelta())


@pytest.mark.parametrize("reads", [1, 2, 3, 4, 6, 9, 14])
def test_a_clock_that_jumps_forwards_ends_what_can_be_begun_again(
    sqlite: Store, tmp_path: Path, reads: int
) -> None:
    edition_id = ready(sqlite, READERS)
    go(sqlite, Maildir(tmp_path), clock=Jumping(reads, DAY))
    go(sqlite, Maildir(tmp_path), now=MORNING + DAY)
    found = Counter(state for state, _ in states(sqlite, edition_id).values())
    assert set(found) <= {State.ACCEPTED, State.FAILED}

    # The clock is put right, and what was called too late goes out after all.
    later = MORNING + timedelta(minutes=5)
    desk = Desk(tmp_path, settings(), sqlite, lambda: later)
    assert editions.retry_failed(desk, "daily", "2026-11-21", who="lan").moved == found[State.FAILED]
    go(sqlite, Maildir(tmp_path), now=later)
    assert len(inbox(tmp_path)) == READERS
    assert len(set(inbox(tmp_path))) == READERS


@pytest.mark.parametrize("reads", [1, 2, 3, 4, 6, 9, 14])
def test_a_clock_that_jumps_backwards_only_makes_them_wait(sqlite: Store, tmp_path: Path, reads: int) -> None:
    edition_id = ready(sqlite, READERS)
    go(sqlite, Maildir(tmp_path), clock=Jumping(reads, -DAY))
    with sqlite.read() as tx:
        assert sum(deliveries.counts(tx, edition_id).values()) == READERS

    go(sqlite, Maildir(tmp_path), now=MORNING + timedelta(minutes=1))
    assert {state for state, _ in states(sqlite, edition_id).values()} == {State.ACCEPTED}
    assert len(inbox(tmp_path)) == len(set(inbox(tmp_path))) == READERS


class Slow(Maildir):
    """Is so slow that its lease ends, and another sender takes over, before it hears the answer."""

    name = "mail server"
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def take(self, message: Message, *, again: bool) -> None:
        self._taken.append(Result(message.mark, Verdict.ACCEPTED, "250 at last"))

    def results(self, *, wait: bool = True) -> list[Result]:
        self.meanwhile()
        done, self._taken = self._taken, []
        return done


class Elsewhere(Slow):
    """Another sender's way to the same server, which cannot be asked."""

    def arrived(self, mark: str) -> bool | None:
        return None


def test_a_late_answer_does_not_overwrite_what_was_found_meanwhile(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, 3)
    slow, other = Slow(tmp_path / "slow"), Elsewhere(tmp_path / "other")
    later = MORNING + LEASE + timedelta(seconds=1)
    seen = []
    slow.meanwhile = lambda: seen.append(go(store, other, now=later).settled)

    go(store, slow)

    assert seen[0] == {State.UNCERTAIN: 3}
    assert {state for state, _ in states(store, edition_id).values()} == {State.UNCERTAIN}
