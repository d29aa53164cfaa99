"""The firing ledger stays quick however long it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from publisher.model.job import Firing, Mark, Outcome
from publisher.store import Store, firings


@contextmanager
def plans(store: Store) -> Iterator[list[str]]:
    """Collect how SQLite goes about each query on the ledger."""
    found: list[str] = []

    def explain(connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "FROM firing" in statement:
            cursor = connection.connection.cursor()
            cursor.execute("EXPLAIN QUERY PLAN " + statement, parameters)
            found.extend(row[3] for row in cursor.fetchall())
            cursor.close()

    event.listen(store.engine, "before_cursor_execute", explain)
    yield found
    event.remove(store.engine, "before_cursor_execute", explain)


def test_no_question_reads_the_whole_ledger(sqlite: Store, now: datetime) -> None:
    rows = [
        Firing(
            job=f"j{n % 3}",
            due=now + timedelta(minutes=n),
            run="publish",
            outcome=Outcome.DONE,
            reason="made",
        )
        for n in range(3000)
    ]
    late = Firing(job="j0", due=now - timedelta(days=1), run="publish", outcome=Outcome.PLANNED)
    with sqlite.write() as tx:
        firings.add(tx, [*rows, late])
        for name in ("j0", "j1", "j2"):
            firings.begin_mark(tx, Mark(job=name, planned_to=now, since=now, rule=None))
    with plans(sqlite) as found, sqlite.write() as tx:
        assert firings.unfinished(tx) == [late]
        assert firings.claim(tx, late, owner="me", lease=now, dead=[], now=now) is not None
        assert firings.standing_for(tx, "j1", now + timedelta(days=1)) is None
        assert len(firings.latest(tx, limit=5)) == 5
        assert len(firings.between(tx, now, now + timedelta(minutes=9))) == 10
        assert {one.due for one in firings.last_of_each(tx).values()} == {one.due for one in rows[-3:]}
    assert found
    assert not [plan for plan in found if plan == "SCAN firing" or "B-TREE FOR ORDER" in plan], found


def test_what_is_on_record_stays(store: Store, now: datetime) -> None:
    one = Firing(job="p", due=now, run="publish", outcome=Outcome.PLANNED)
    other = Firing(job="p", due=now, run="pull", outcome=Outcome.PLANNED)
    with store.write() as tx:
        assert firings.add(tx, [one]) == [one]
        assert firings.add(tx, [other]) == []
        assert firings.get(tx, "p", now) == one


@pytest.mark.parametrize("back", [1, 3600])
def test_a_mark_never_moves_back(store: Store, now: datetime, back: int) -> None:
    mark = Mark(job="p", planned_to=now, since=now, rule={"run": "publish", "every": "60s"})
    early = Mark(job="p", planned_to=now - timedelta(seconds=back), since=now, rule=None)
    with store.write() as tx:
        assert firings.begin_mark(tx, mark)
        assert not firings.begin_mark(tx, early)
        firings.set_mark(tx, early)
        assert firings.marks(tx) == {"p": mark}
