"""The firing ledger: how far each job is planned, every planned run, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    case,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from publisher.model.job import KINDS, Firing, Mark, Outcome
from publisher.store.engine import Transaction
from publisher.store.tables import firing, job

_OPEN = "firing.outcome IN ('planned', 'running')"
_SUMS = "firing.through IS NOT NULL"
"""Word for word the conditions of two indexes, or SQLite would not use these."""


def marks(tx: Transaction, *, lock: bool = False) -> dict[str, Mark]:
    """Return how far each job is planned, by name.

    Args:
        tx: transaction.
        lock: keep others from planning until the transaction ends.
    """
    query = select(job).order_by(job.c.name)
    return {row.name: _mark(row) for row in tx.execute(query.with_for_update() if lock else query)}


def set_mark(tx: Transaction, mark: Mark) -> None:
    """Keep how far a job is planned; a mark never moves back."""
    row = {
        "planned_to": mark.planned_to,
        "since": mark.since,
        "rule": mark.rule,
        "revision": mark.revision,
    }
    tx.execute(update(job).where(job.c.name == mark.job, job.c.planned_to <= mark.planned_to).values(row))


def begin_mark(tx: Transaction, mark: Mark) -> bool:
    """Keep the mark of a job that is met for the first time; False when another process was first."""
    row = asdict(mark)
    row["name"] = row.pop("job")
    made = tx.execute(_dialect(tx).insert(job).values(row).on_conflict_do_nothing().returning(job.c.name))
    return made.first() is not None


def add(tx: Transaction, firings: Iterable[Firing]) -> list[Firing]:
    """Put runs on record; one that is there already stays as it is.

    Returns:
        Those that were new, in the order given.
    """
    rows = {(one.job, one.due): one for one in firings}
    if not rows:
        return []
    statement = _dialect(tx).insert(firing).on_conflict_do_nothing().returning(firing.c.job, firing.c.due)
    made = {(row.job, row.due) for row in tx.execute(statement, [asdict(one) for one in rows.values()])}
    return [one for key, one in rows.items() if key in made]


def skip(tx: Transaction, firings: Sequence[Firing], *, now: datetime) -> None:
    """Record that planned runs do not happen, each with its own ``reason``."""
    for one in firings:
        tx.execute(
            update(firing)
            .where(_is(one.job, one.due), firing.c.outcome == Outcome.PLANNED)
            .values(outcome=Outcome.SKIPPED, reason=one.reason, ended=now)
        )


def unfinished(tx: Transaction) -> list[Firing]:
    """Return every run that is planned or running, earliest first."""
    # Sorted here: asked for an order, SQLite would read the whole ledger along its index.
    return sorted(_many(tx, select(firing).where(text(_OPEN))), key=lambda one: (one.due, one.job))


def claim(
    tx: Transaction, one: Firing, *, owner: str, lease: datetime, dead: Sequence[str], now: datetime
) -> Firing | None:
    """Take a run on, or return None: it is taken, ended, or others have to end before it.

    A run is free while it is planned, and again when its owner's lease is over or its owner is dead. It waits
    for earlier runs of the same task, so that no task ever runs beside itself, and for tasks of the same
    moment that come before it on an article's way.

    Args:
        tx: transaction.
        one: the run, as :func:`unfinished` gave it.
        owner: who takes it.
        lease: until when (UTC).
        dead: owners that are surely gone.
        now: when.
    """
    free = or_(
        firing.c.outcome == Outcome.PLANNED,
        and_(
            firing.c.outcome == Outcome.RUNNING,
            or_(firing.c.lease < now, firing.c.owner.in_(list(dead))),
        ),
    )
    query = select(firing).where(_is(one.job, one.due), free, ~_earlier_of_same_task(), ~_before_on_the_way())
    row = tx.execute(query.with_for_update(skip_locked=True, of=firing)).first()
    if row is None:
        return None
    taken = replace(
        _firing(row),
        outcome=Outcome.RUNNING,
        owner=owner,
        lease=lease,
        attempts=row.attempts + 1,
        started=now,
        ended=None,
        reason="",
    )
    tx.execute(update(firing).where(_is(one.job, one.due)).values(asdict(taken)))
    return taken


def renew(tx: Transaction, one: Firing, *, lease: datetime) -> bool:
    """Hold on to a run for longer; False when it was taken over meanwhile."""
    return _as_owner(tx, one, lease=lease)


def finish(tx: Transaction, one: Firing, *, outcome: Outcome, reason: str, now: datetime) -> bool:
    """Record what became of a run; False, and nothing recorded, when it was taken over meanwhile."""
    return _as_owner(tx, one, outcome=outcome, reason=reason, ended=now, lease=None)


def release(tx: Transaction, one: Firing, *, reason: str) -> bool:
    """Give a run back that was stopped on the way; False when it was taken over meanwhile.

    An attempt that ended in good order does not count as one.
    """
    attempts = one.attempts - 1
    return _as_owner(tx, one, outcome=Outcome.PLANNED, reason=reason, owner="", lease=None, attempts=attempts)


def get(tx: Transaction, name: str, due: datetime) -> Firing | None:
    """Return the run of a job at exactly that time."""
    return _first(tx, select(firing).where(_is(name, due)))


def standing_for(tx: Transaction, name: str, due: datetime) -> Firing | None:
    """Return the skipped run that stands for all of the job's runs around that time, if there is one."""
    query = (
        select(firing)
        .where(text(_SUMS), firing.c.job == name, firing.c.due <= due, firing.c.through >= due)
        .order_by(firing.c.due.desc())
    )
    return _first(tx, query)


def latest(
    tx: Transaction, *, name: str | None = None, until: datetime | None = None, limit: int = 1
) -> list[Firing]:
    """Return the last runs on record, latest first.

    Args:
        tx: transaction.
        name: of this job only.
        until: due at this time or earlier.
        limit: at most so many.
    """
    query = select(firing)
    if name is not None:
        query = query.where(firing.c.job == name)
    if until is not None:
        query = query.where(firing.c.due <= until)
    return _many(tx, query.order_by(firing.c.due.desc(), firing.c.job).limit(limit))


def between(tx: Transaction, since: datetime, until: datetime, *, name: str | None = None) -> list[Firing]:
    """Return the runs due in [since, until], earliest first."""
    query = select(firing).where(firing.c.due >= since, firing.c.due <= until)
    if name is not None:
        query = query.where(firing.c.job == name)
    return _many(tx, query.order_by(firing.c.due, firing.c.job))


def last_of_each(tx: Transaction) -> dict[str, Firing]:
    """Return the latest run of each job that ended, skipped ones left out, by name."""
    ran = firing.c.outcome.in_([Outcome.DONE, Outcome.PROBLEMS, Outcome.FAILED])
    found: dict[str, Firing] = {}
    # One step down the primary key a job, where a single query would read the whole ledger.
    for name in tx.scalars(select(job.c.name).order_by(job.c.name)).all():
        last = _first(tx, select(firing).where(firing.c.job == name, ran).order_by(firing.c.due.desc()))
        if last is not None:
            found[name] = last
    return found


def _earlier_of_same_task() -> ColumnElement[bool]:
    other = firing.alias("other")
    return exists().where(
        text(_OPEN.replace("firing.", "other.")),
        other.c.run == firing.c.run,
        tuple_(other.c.due, other.c.job) < tuple_(firing.c.due, firing.c.job),
    )


def _before_on_the_way() -> ColumnElement[bool]:
    other = firing.alias("before")
    return exists().where(
        text(_OPEN.replace("firing.", "before.")),
        other.c.due == firing.c.due,
        _rank(other.c.run) < _rank(firing.c.run),
    )


def _rank(run: ColumnElement[str]) -> ColumnElement[int]:
    return case(*((run.startswith(kind), place) for place, kind in enumerate(KINDS)), else_=len(KINDS))


def _as_owner(tx: Transaction, one: Firing, **values: Any) -> bool:
    """Change a run only while the claim of ``one`` still stands; the number of attempts fences it."""
    mine = and_(
        _is(one.job, one.due),
        firing.c.outcome == Outcome.RUNNING,
        firing.c.owner == one.owner,
        firing.c.attempts == one.attempts,
    )
    return tx.execute(update(firing).where(mine).values(values)).rowcount == 1


def _is(name: str, due: datetime) -> ColumnElement[bool]:
    return and_(firing.c.job == name, firing.c.due == due)


def _dialect(tx: Transaction) -> Any:
    """Return where the insert that knows ON CONFLICT is; both databases write it alike."""
    return sqlite if tx.dialect.name == "sqlite" else postgresql


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        job=row.name, planned_to=row.planned_to, since=row.since, rule=row.rule, revision=row.revision
    )


def _firing(row: Row[Any]) -> Firing:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Firing(**(values | {"outcome": Outcome(row.outcome)}))


def _first(tx: Transaction, query: Select[Any]) -> Firing | None:
    row = tx.execute(query.limit(1)).first()
    return None if row is None else _firing(row)


def _many(tx: Transaction, query: Select[Any]) -> list[Firing]:
    return [_firing(row) for row in tx.execute(query)]
