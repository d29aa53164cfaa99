"""Workers killed at random moments while they send: nobody gets it twice, nobody is lost."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes
from functools import partial
from pathlib import Path
from time import monotonic, sleep

import pytest
from sqlalchemy import text

from publisher.clock import system_clock
from publisher.delivery.settle import settle_from_log
from publisher.model.delivery import State
from publisher.store import Store, deliveries
from publisher.work import queue, tasks
from tests.conftest import PostgreSQL
from tests.delivery.bureau import enrol, make_edition
from tests.delivery.postmaster import Postmaster, serving
from tests.delivery.test_settle import log
from tests.work.office import CONNECTIONS, PATIENCE, Host, wait_for

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

READERS = int(os.environ.get("PUBLISHER_TEST_READERS", "600"))
KILLS = int(os.environ.get("PUBLISHER_TEST_KILLS", "6"))
WORKERS = 4


class Gate:
    """Holds the mail server up when it is far ahead of the killing: each kill finds work under way."""

    def __init__(self) -> None:
        self.open_to, self.passed = READERS, 0

    def __call__(self, _recipient: str, _times: int) -> str:
        patience = monotonic() + PATIENCE
        while self.passed >= self.open_to and monotonic() < patience:
            sleep(0.001)
        self.passed += 1
        return "250 OK"


@pytest.fixture
def master() -> Postmaster:
    return Postmaster(plan=Gate())


@pytest.fixture
def host(postgresql: PostgreSQL, master: Postmaster, tmp_path: Path) -> Iterator[Host]:
    with serving(master) as port:
        found = Host(tmp_path / "here", postgresql.database(), port=port)
        yield found
        found.end()


def counts(store: Store, edition_id: int) -> dict[State, int]:
    with store.read() as tx:
        return deliveries.counts(tx, edition_id)


def is_over(store: Store, edition_id: int) -> bool:
    return not {State.PENDING, State.SENDING, State.DEFERRED} & set(counts(store, edition_id))


def test_killed_again_and_again_nobody_gets_it_twice(host: Host, master: Postmaster) -> None:
    chance = random.Random(5)
    desk = host.desk()
    store = desk.store
    queue.bring_up(store)
    enrol(store, READERS)
    edition = make_edition(store, due=system_clock())
    # The audience is frozen here; the jobs that were made with it call the workers.
    tasks.prepare(desk, edition.id)
    crew = [host.start(leads=False) for _ in range(WORKERS)]
    gate = master.plan
    assert isinstance(gate, Gate)
    for moment in sorted(chance.sample(range(READERS - 50), KILLS)):
        gate.open_to = moment + 40
        wait_for(partial(taken_more, master, moment), "nothing is sent any more")
        host.kill(crew.pop(chance.randrange(len(crew))))
        assert sum(counts(store, edition.id).values()) == READERS
        crew.append(host.start(leads=False))
    gate.open_to = READERS
    wait_for(lambda: is_over(store, edition.id), "the sending does not end")

    found = counts(store, edition.id)
    print(f"{READERS} readers, {KILLS} kills: {found}; the server accepted {len(master.recipients)}")
    assert max(Counter(master.recipients).values()) == 1
    assert sum(found.values()) == READERS
    assert set(found) <= {State.ACCEPTED, State.UNCERTAIN}
    assert found.get(State.UNCERTAIN, 0) <= KILLS * CONNECTIONS
    assert found[State.ACCEPTED] <= len(master.recipients)

    lines = [line for number, mark in enumerate(marks(master)) for line in log(mark, f"{number:010X}")]
    settle_from_log(store, lines, absent_again=True, now=system_clock())
    tasks.deliver(desk)
    assert counts(store, edition.id) == {State.ACCEPTED: READERS}
    assert sorted(master.recipients) == sorted(f"reader{number}@example.com" for number in range(READERS))
    store.close()


def test_every_connection_to_the_database_is_cut_and_the_work_goes_on(host: Host, master: Postmaster) -> None:
    desk = host.desk()
    queue.bring_up(desk.store)
    enrol(desk.store, 200)
    edition = make_edition(desk.store, due=system_clock())
    tasks.prepare(desk, edition.id)
    gate = master.plan
    assert isinstance(gate, Gate)
    gate.open_to = 60
    for leads in (True, False):
        host.start(leads=leads)
    wait_for(partial(taken_more, master, 40), "nothing is sent")
    # The connections that this test itself has used a moment ago are not what is looked at.
    desk.store.close()
    with desk.store.write() as tx:
        tx.execute(text(CUT))
    gate.open_to = READERS
    wait_for(lambda: is_over(desk.store, edition.id), "the sending does not go on")

    found = counts(desk.store, edition.id)
    assert max(Counter(master.recipients).values()) == 1
    assert sum(found.values()) == 200
    assert set(found) <= {State.ACCEPTED, State.UNCERTAIN}
    assert found.get(State.UNCERTAIN, 0) <= 2 * CONNECTIONS
    desk.store.close()


CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND datname = current_database()"
)


def taken_more(master: Postmaster, letters: int) -> bool:
    return len(master.accepted) >= letters


def marks(master: Postmaster) -> list[str]:
    """Return what Message-IDs of the accepted letters begin with."""
    ids = [str(message_from_bytes(content)["Message-ID"]) for _, content in master.accepted]
    return [one.strip("<>").partition("@")[0] for one in ids]
