"""Jobs: made with the rows they are about, once, in order, and taken up again when a process dies."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from publisher import logs, owner
from publisher.clock import system_clock
from publisher.errors import StoreError, UnreachableError
from publisher.settings.schema import Settings
from publisher.store import Store, counters, open_store
from publisher.store.engine import driver
from publisher.store.tables import metadata
from publisher.work import queue
from publisher.work.desk import Desk
from publisher.work.metrics import metrics
from publisher.work.queue import engine, job, schema
from publisher.work.queue.job import FEEDS, LETTERS, Job
from tests.conftest import REPOSITORY, PostgreSQL
from tests.web.newsroom import config
from tests.work.office import PATIENCE, wait_for

pytestmark = pytest.mark.postgresql


@pytest.fixture
def store(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(postgresql.database(), folder=tmp_path)
    queue.bring_up(opened)
    yield opened
    opened.close()


class Hands:
    """Stands in for what does the jobs: notes them in their order."""

    def __init__(self, then: Callable[[], None] = lambda: None) -> None:
        self.done: list[str] = []
        self._then = then

    def handlers(self) -> dict[str, Callable[..., None]]:
        return {name: self._noting(name) for name in ("fire", "prepare", "send", "deliver", "ping")}

    def _noting(self, name: str) -> Callable[..., None]:
        def do(**args: object) -> None:
            self.done.append(" ".join([name, *(str(one) for _, one in sorted(args.items()))]))
            self._then()

        return do


@contextmanager
def at_work(store: Store, hands: Hands, *queues: str) -> Iterator[None]:
    """Do jobs while the block runs."""
    stop = Event()
    doing = Thread(
        target=lambda: queue.work(store, hands.handlers(), queues=queues or (FEEDS, LETTERS), stop=stop)
    )
    doing.start()
    try:
        yield
    finally:
        stop.set()
        doing.join(PATIENCE)
    assert not doing.is_alive()


def offer(store: Store, *jobs: Job) -> int:
    with store.write() as tx:
        return queue.offer(tx, jobs)


def standing(store: Store) -> queue.Standing:
    with store.read() as tx:
        found = queue.standing(tx)
    assert found is not None
    return found


def is_empty(store: Store) -> bool:
    found = standing(store)
    return not (found.waiting or found.running or found.stalled)


def test_a_job_is_there_when_its_rows_are_and_only_then(store: Store) -> None:
    with suppress(ZeroDivisionError), store.write() as tx:
        counters.set_fact(tx, "row", "1")
        assert queue.offer(tx, [job.prepare(7)]) == 1
        raise ZeroDivisionError
    assert is_empty(store)

    with store.write() as tx:
        queue.offer(tx, [job.prepare(7)])
        counters.set_fact(tx, "row", "2")
        assert is_empty(store), "nobody else sees it before its rows are there"
    assert standing(store).waiting == {LETTERS: 1}
    with store.read() as tx:
        assert counters.fact(tx, "row") == "2"


def test_the_same_job_waits_once_whoever_offers_it(store: Store) -> None:
    assert offer(store, job.fire("publish"), job.fire("publish"), job.fire("pull")) == 2
    assert offer(store, job.fire("publish"), job.ping(0)) == 1
    with store.write() as first:
        queue.offer(first, [job.fire("send morning")])
        with ThreadPoolExecutor(1) as other:
            second = other.submit(offer, store, job.fire("send morning"), *job.deliver(0))
            # It waits for this transaction's end, and then takes in only what is new.
            assert not second.done()
            counters.set_fact(first, "row", "1")
            first.commit()
            assert second.result(PATIENCE) == 1
    assert standing(store).waiting == {FEEDS: 3, LETTERS: 2}


def test_jobs_are_done_in_the_order_of_an_articles_way_and_then_forgotten(store: Store) -> None:
    hands = Hands()
    offer(store, *job.deliver(0), *job.send(3, 0), job.prepare(3), job.fire("send morning"))
    offer(store, job.ping(0), job.fire("publish"), job.fire("pull"))

    with at_work(store, hands, FEEDS):
        wait_for(lambda: not standing(store).waiting.get(FEEDS), "the feeds are not done")
    assert hands.done == ["fire pull", "fire publish", "ping"]
    assert standing(store).waiting == {LETTERS: 4}, "a process for feeds leaves letters alone"
    with at_work(store, hands):
        wait_for(lambda: is_empty(store), "the letters are not done")
    assert hands.done[3:] == ["fire send morning", "prepare 3", "send 3 0", "deliver 0"]
    with store.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM procrastinate.procrastinate_jobs")) == 0


def test_a_task_never_runs_beside_itself_and_a_long_letter_does_not_hold_the_feeds_up(store: Store) -> None:
    began, go_on = Event(), Event()

    def hold() -> None:
        began.set()
        go_on.wait(PATIENCE)

    slow = Hands(then=hold)
    quick = Hands()
    offer(store, job.fire("publish"))
    with at_work(store, slow, FEEDS), ExitStack() as second:
        assert began.wait(PATIENCE)
        # Only now: were both there before, either might have taken the first job.
        second.enter_context(at_work(store, quick))
        offer(store, job.fire("publish"), job.fire("pull"), *job.send(1, 0))
        wait_for(lambda: len(quick.done) == 2, "the other process does nothing")
        assert sorted(quick.done) == ["fire pull", "send 1 0"]
        assert standing(store).waiting == {FEEDS: 1}
        go_on.set()
        wait_for(lambda: is_empty(store), "the second publish is not done")
    assert sorted(slow.done + quick.done).count("fire publish") == 2


def test_an_error_leaves_a_line_and_what_nobody_would_make_again_is_tried_again(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    def away() -> None:
        raise UnreachableError("mail server mx.example:25: cannot be reached")

    logs.configure()
    hands = Hands(then=away)
    offer(store, *job.deliver(0), *job.send(1, 0))
    with at_work(store, hands):
        wait_for(lambda: len(hands.done) >= 2 and not standing(store).running, "the jobs are not done")
        wait_for(lambda: hands.done.count("send 1 0") == 2, "it is not tried again")
    assert hands.done.count("deliver 0") == 1
    said = capsys.readouterr().err
    assert "a job could not be done now task=deliver" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("same_waits", [False, True])
def test_what_a_dead_process_was_at_is_taken_up_again(
    store: Store, monkeypatch: pytest.MonkeyPatch, same_waits: bool
) -> None:
    hands = Hands()
    offer(store, job.fire("publish"), *job.send(1, 0))
    dead = "a-host/0123456789ab:1:1"
    with store.write() as tx:
        tx.execute(text("SET LOCAL search_path TO procrastinate"))
        worker = tx.scalar(text("SELECT worker_id FROM procrastinate_register_worker_v1()"))
        tx.execute(text("INSERT INTO worker_owner VALUES (:id, :owner)"), {"id": worker, "owner": dead})
        for name in (FEEDS, LETTERS):
            tx.execute(
                text("SELECT procrastinate_fetch_job_v2(ARRAY[:queue]::varchar[], :id)"),
                {"queue": name, "id": worker},
            )
    assert standing(store).running == {FEEDS: 1, LETTERS: 1}
    if same_waits:
        assert offer(store, job.fire("publish")) == 1

    monkeypatch.setattr(owner, "is_dead", lambda name: name == dead)
    assert standing(store).stalled == 2
    with at_work(store, hands):
        wait_for(lambda: is_empty(store), "nobody takes it up")
    assert sorted(hands.done) == ["fire publish", "send 1 0"]


def test_a_monitor_is_told_what_waits_for_how_long_and_what_failed(store: Store, tmp_path: Path) -> None:
    offer(store, job.fire("publish"), *job.send(1, 0), job.ping(3600))
    with store.write() as tx:
        tx.execute(text("SET LOCAL search_path TO procrastinate"))
        tx.execute(text("UPDATE procrastinate_events SET at = at - interval '1 hour'"))
        tx.execute(text("UPDATE procrastinate_jobs SET attempts = 2 WHERE task_name = 'send'"))

    desk = Desk(tmp_path, Settings.model_validate(config()), store, system_clock)
    told = {one.name: one.samples for one in metrics(desk, desk.clock())}

    by_queue = {labels["queue"]: seconds for labels, seconds in told["queue_oldest_seconds"]}
    assert by_queue[FEEDS] >= 3600
    assert by_queue[LETTERS] >= 3600
    assert by_queue["returns"] == 0
    jobs = {(labels["queue"], labels["state"]): count for labels, count in told["queue_jobs"]}
    assert jobs[(FEEDS, "waiting")] == 1, "what is put off does not wait yet"
    assert jobs[(LETTERS, "waiting")] == jobs[(LETTERS, "again")] == 1
    assert jobs[(FEEDS, "again")] == jobs[(FEEDS, "running")] == 0
    assert told["queue_processes"] == told["queue_stalled_jobs"] == (({}, 0),)


def test_workers_are_known_by_their_hosts_and_leave_in_good_order(store: Store) -> None:
    assert standing(store).hosts == {}
    with at_work(store, Hands()):
        wait_for(lambda: standing(store).hosts, "nobody is at work")
        assert list(standing(store).hosts.values()) == [1]
    assert standing(store).hosts == {}


def test_a_process_that_the_others_took_for_dead_begins_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_AWAY_SECONDS", 0.2)
    hands = Hands()
    with at_work(store, hands):
        wait_for(lambda: standing(store).hosts, "nobody is at work")
        with store.write() as tx:
            tx.execute(text("DELETE FROM procrastinate.procrastinate_workers"))
        offer(store, job.fire("pull"), *job.send(1, 0))
        wait_for(lambda: is_empty(store), "it does nothing any more")
        assert sorted(hands.done) == ["fire pull", "send 1 0"]


def test_several_that_start_at_once_make_the_tables_once(postgresql: PostgreSQL, tmp_path: Path) -> None:
    opened = open_store(postgresql.database(), folder=tmp_path)
    with opened.read() as tx:
        assert queue.standing(tx) is None
    assert offer(opened, job.ping(0)) == 0, "nobody shares the work, so there is nobody to call"

    with ThreadPoolExecutor(4) as several:
        list(several.map(lambda _: queue.bring_up(opened), range(4)))

    assert offer(opened, job.ping(0)) == 1
    with opened.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == [], "its tables are not among ours"
    opened.close()


def test_a_later_procrastinate_brings_its_tables_up_to_date(postgresql: PostgreSQL, tmp_path: Path) -> None:
    """The tables of an older one, made by its own files, have waiting jobs in them; then the rest is run."""
    opened = open_store(postgresql.database(), folder=tmp_path)
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    older = [file for file in files if file.name < "03.03"]
    assert 0 < len(older) < len(files)
    with opened.write() as tx:
        plain = driver(tx)
        assert plain is not None
        plain.execute("CREATE SCHEMA procrastinate; SET LOCAL search_path TO procrastinate")
        for file in older:
            plain.execute(file.read_bytes())
        plain.execute(schema.OURS)
        for file in older:
            plain.execute("INSERT INTO step VALUES (%s)", [file.name])
    offer(opened, job.ping(0))

    queue.bring_up(opened)

    hands = Hands()
    with at_work(opened, hands):
        wait_for(lambda: is_empty(opened), "the job of before is not done")
    assert hands.done == ["ping"]
    with opened.read() as tx:
        assert tx.scalar(text("SELECT count(*) FROM procrastinate.step")) == len(files)
        assert tx.scalar(text("SELECT to_regproc('procrastinate.procrastinate_retry_job_v2')"))
    opened.close()


def test_tables_of_a_newer_procrastinate_are_left_alone(store: Store) -> None:
    with store.write() as tx:
        tx.execute(text("INSERT INTO procrastinate.step VALUES ('99.00.00_01_pre_more.sql')"))
    with pytest.raises(StoreError, match="newer version"):
        queue.bring_up(store)


def test_on_sqlite_nothing_is_called_and_procrastinate_is_not_imported(tmp_path: Path) -> None:
    lines = [
        "import sys",
        "from pathlib import Path",
        "from publisher.store import open_store",
        "from publisher.schedule.service import Service",
        "from publisher.work import queue, tasks",
        "from publisher.work.queue import job",
        "store = open_store('sqlite:///s.sqlite3', folder=Path(sys.argv[1]))",
        "with store.write() as tx: print(queue.offer(tx, [job.ping(0)]), queue.standing(tx))",
        "print([one for one in sys.modules if one.startswith(('procrastinate', 'psycopg'))])",
    ]
    said = subprocess.run(
        [sys.executable, "-c", "\n".join(lines), str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=REPOSITORY,
    )
    assert said.stdout.split("\n") == ["0 None", "[]", ""]
