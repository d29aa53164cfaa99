"""What calls processes to work: rows that say that there is some; and what they do then."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import text

from publisher import logs
from publisher.clock import system_clock
from publisher.delivery.send import SendReport
from publisher.errors import ConfigError
from publisher.model.delivery import State
from publisher.model.job import KINDS, Firing, Outcome, RunReport
from publisher.model.slot import slot_at
from publisher.schedule import crew, ledger
from publisher.settings.schema import Digest
from publisher.store import Store, audiences, deliveries, firings
from publisher.tokens import tokens_of
from publisher.work import editions as held
from publisher.work import handwork, queue, tasks, together
from publisher.work.desk import Desk
from publisher.work.queue import job
from publisher.work.queue.job import FEEDS, LETTERS, QUEUES
from tests.conftest import PostgreSQL
from tests.delivery.bureau import enrol, make_edition
from tests.delivery.postmaster import Postmaster, serving
from tests.work.office import Host, wait_for

postgresql_only = pytest.mark.postgresql
NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
ELSEWHERE = "elsewhere/0123456789ab:77:1"


def firing(run: str, minutes: int = 0, **values: object) -> Firing:
    plain = Firing(
        job=run.replace(" ", "-"), due=NOON + timedelta(minutes=minutes), run=run, outcome=Outcome.PLANNED
    )
    return replace(plain, **values)  # type: ignore[arg-type]


def running(run: str, minutes: int = 0, *, since: int) -> Firing:
    """Return a run that a process on another host took on so many minutes before noon."""
    return firing(
        run,
        minutes,
        outcome=Outcome.RUNNING,
        owner=ELSEWHERE,
        lease=NOON + timedelta(minutes=1),
        started=NOON - timedelta(minutes=since),
    )


@pytest.mark.parametrize(
    ("unfinished", "free"),
    [
        ([], []),
        ([firing("publish"), firing("pull")], ["pull", "publish"]),
        ([firing("publish", -15), firing("publish")], ["publish"]),
        ([firing("send daily")], ["send daily"]),
        ([firing("send daily"), firing("send weekly", 1)], ["send daily", "send weekly"]),
        # A letter has the news that was due before it, after an outage too, but not that of later.
        ([firing("send daily"), firing("publish", -15)], ["publish"]),
        ([firing("send daily"), firing("publish", 15)], ["publish", "send daily"]),
        ([firing("send daily"), running("pull", since=1)], []),
        ([firing("send daily"), firing("bounces", -15)], ["bounces", "send daily"]),
        # What may never end holds nobody up.
        ([firing("send daily"), running("pull", since=6)], ["send daily"]),
        # Whose process is gone is taken on by another; whose lives is not.
        ([running("publish", since=1)], []),
        ([replace(running("publish", since=3), lease=NOON - timedelta(seconds=1))], ["publish"]),
    ],
)
def test_which_runs_are_free(unfinished: list[Firing], free: list[str]) -> None:
    assert ledger.free(unfinished, NOON) == free


@pytest.fixture
def host(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Host]:
    found = Host(tmp_path / "here", postgresql.database(), schedule=OFTEN)
    yield found
    found.end()


@pytest.fixture
def desk(host: Host) -> Iterator[Desk]:
    found = host.desk()
    queue.bring_up(found.store)
    yield found
    found.store.close()


OFTEN = """\
jobs:
  pull: {run: pull, every: 15m}
  publish: {run: publish, every: 15m}
"""


def waiting(store: Store) -> dict[str, int]:
    with store.read() as tx:
        found = queue.standing(tx)
    assert found is not None
    return dict(found.waiting)


def lose(store: Store) -> None:
    """Lose every job."""
    with store.write() as tx:
        tx.execute(text("SET LOCAL search_path TO procrastinate"))
        tx.execute(text("DELETE FROM procrastinate.procrastinate_jobs"))


@postgresql_only
def test_planned_runs_call_and_call_again_when_the_call_is_lost(desk: Desk) -> None:
    crew.call(desk)
    assert waiting(desk.store) == {FEEDS: 2}
    crew.call(desk)
    assert waiting(desk.store) == {FEEDS: 2}, "one call is enough"
    lose(desk.store)
    crew.call(desk)
    assert waiting(desk.store) == {FEEDS: 2}


@postgresql_only
def test_planning_and_calling_are_one_transaction(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr(queue, "offer", away)
    with pytest.raises(ZeroDivisionError):
        crew.call(desk)
    with desk.store.read() as tx:
        assert firings.unfinished(tx) == []


@postgresql_only
def test_with_nothing_to_do_nobody_is_called(desk: Desk) -> None:
    calm = replace(desk, settings=desk.settings.model_copy(update={"jobs": {}}))
    assert not crew.call(calm)
    assert waiting(desk.store) == {}


@postgresql_only
def test_a_job_does_the_runs_on_record_and_calls_for_what_they_held_up(desk: Desk) -> None:
    done: list[str] = []

    def note(one: Firing) -> RunReport:
        done.append(one.run)
        return RunReport(Outcome.DONE, "noted")

    hands = crew.handlers(lambda: desk, lambda _desk, _stop: note, Event())
    crew.call(desk)
    lose(desk.store)
    hands["fire"](run="publish")
    assert done == [], "publish waits for the pull of the same moment"
    hands["fire"](run="pull")
    assert (done, waiting(desk.store)) == (["pull"], {FEEDS: 1})
    hands["fire"](run="publish")
    hands["fire"](run="publish")
    assert done == ["pull", "publish"]


@postgresql_only
def test_a_new_edition_calls_and_its_frozen_audience_calls_several(desk: Desk) -> None:
    enrol(desk.store, 1200)
    edition = make_edition(desk.store, due=system_clock())
    tasks.prepare(desk, edition.id)
    assert waiting(desk.store) == {LETTERS: job.shares(1200)} == {LETTERS: 3}
    tasks.prepare(desk, edition.id)
    assert waiting(desk.store) == {LETTERS: 3}, "it is frozen once"

    lose(desk.store)
    empty = replace(
        desk,
        settings=desk.settings.model_copy(
            update={"digests": {"weekly": Digest(title={"en": "W"}, empty="send")}}
        ),
    )
    tasks.send(empty, "weekly", slot_at(desk.clock(), "day", desk.zone))
    # To freeze it is a job of its own until it is frozen; then there is a share of the sending.
    assert waiting(desk.store) == {LETTERS: 2}


@postgresql_only
def test_what_people_wish_calls_at_once(desk: Desk) -> None:
    handwork.start(desk, "publish", who="lan")
    assert waiting(desk.store) == {FEEDS: 1}
    enrol(desk.store, 3)
    edition = make_edition(desk.store, due=system_clock() + timedelta(hours=3))
    held.pause(desk, edition.digest, edition.slot, who="lan", why="a name is wrong")
    tasks.prepare(desk, edition.id)
    lose(desk.store)
    held.resume(desk, edition.digest, edition.slot, who="lan")
    assert waiting(desk.store) == {LETTERS: 1}
    lose(desk.store)
    assert handwork.send_now(desk, edition.digest, edition.slot, who="lan").hastened == 3
    assert waiting(desk.store) == {LETTERS: 1}


@postgresql_only
def test_an_audience_that_cannot_be_frozen_calls_nobody(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    enrol(desk.store, 3)
    edition = make_edition(desk.store, due=system_clock())
    kept = audiences.freeze

    def dies(*args: object, **values: object) -> bool:
        kept(*args, **values)  # type: ignore[arg-type]
        raise ZeroDivisionError

    monkeypatch.setattr(audiences, "freeze", dies)
    with pytest.raises(ZeroDivisionError):
        tasks.prepare(desk, edition.id)
    assert waiting(desk.store) == {}
    with desk.store.read() as tx:
        assert deliveries.counts(tx, edition.id) == {}


@postgresql_only
def test_the_hub_is_told_when_the_other_hosts_had_time_to_follow(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "_PING_AFTER", 3600)
    assert tasks.publish(desk).pings.accepted == ()
    assert waiting(desk.store) == {}
    with desk.store.write() as tx:
        tx.execute(text("SET LOCAL search_path TO procrastinate"))
        tx.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
    assert waiting(desk.store) == {FEEDS: 1}


@postgresql_only
@pytest.mark.slow
def test_alone_it_does_everything_itself_lost_calls_included(postgresql: PostgreSQL, tmp_path: Path) -> None:
    master = Postmaster()
    with serving(master) as port:
        host = Host(tmp_path / "here", postgresql.database(), port=port, schedule=OFTEN)
        desk = host.desk()
        queue.bring_up(desk.store)
        enrol(desk.store, 20)
        edition = make_edition(desk.store, due=system_clock())
        tasks.prepare(desk, edition.id)
        lose(desk.store)
        host.start(leads=True)
        wait_for(partial(all_went, desk.store, edition.id), "the letters do not go")
        wait_for((host.folder / "public/feeds/all.rss").exists, "nothing is published")
        host.end()
        desk.store.close()
    assert len(set(master.recipients)) == len(master.recipients) == 20


def all_went(store: Store, edition_id: int) -> bool:
    return set(counts(store, edition_id)) == {State.ACCEPTED}


def counts(store: Store, edition_id: int) -> dict[State, int]:
    with store.read() as tx:
        return deliveries.counts(tx, edition_id)


@postgresql_only
def test_what_all_sent_counts_when_the_others_have_ended(desk: Desk) -> None:
    enrol(desk.store, 5)
    edition = make_edition(desk.store, due=system_clock())
    tasks.prepare(desk, edition.id)
    before = counts(desk.store, edition.id)
    with desk.store.write() as tx:
        for one in list(deliveries.each(tx, edition.id))[:4]:
            deliveries.settle(tx, one.id, State.FAILED, "550 no such user", now=desk.clock())

    found = together.sent_by_all(desk.store, edition.id, before, SendReport())

    assert (found.ended, found.waiting) == ({State.FAILED: 4}, 1)


@postgresql_only
def test_a_host_with_another_key_is_refused_while_others_are_at_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure()
    one, two = "one-key-that-is-good-for-tests", "two-key-that-is-good-for-tests"
    together.check_keys(desk.store, tokens_of(one))
    together.check_keys(desk.store, tokens_of(f"{two} {one}"))
    together.check_keys(desk.store, tokens_of(two))
    monkeypatch.setattr(queue, "standing", lambda _tx: queue.Standing(hosts={"alpha": 2}))
    with pytest.raises(ConfigError, match="PUBLISHER_SECRET") as refused:
        together.check_keys(desk.store, tokens_of(one))
    assert "docs/hosts.md" in str(refused.value)
    monkeypatch.setattr(queue, "standing", lambda _tx: queue.Standing())
    together.check_keys(desk.store, tokens_of(one))
    assert "another key than before" in capsys.readouterr().err


def test_every_task_of_the_schedule_has_a_queue() -> None:
    fires = [job.fire(kind) for kind in KINDS]
    assert {one.queue for one in fires} <= set(QUEUES)
    assert all(one.lock == one.once == one.args["run"] for one in fires)
