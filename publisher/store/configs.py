"""Revisions of the config, and which of them each host runs."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select

from publisher.model.revision import Follower, How, Revision
from publisher.settings.places import SCHEDULE_FILE, SITE_FILE
from publisher.store import counters
from publisher.store.engine import Transaction
from publisher.store.tables import config_revision, meta

_LOCK = "config"
_HOST = "config.host."


def hold(tx: Transaction) -> None:
    """Keep every other process from making a revision, or following one, until the transaction ends."""
    counters.hold(tx, _LOCK)


def add(tx: Transaction, revision: Revision) -> None:
    """Put a revision into force; :func:`hold` first, so that its number is the next."""
    extra = {name: text for name, text in revision.files.items() if name not in {SITE_FILE, SCHEDULE_FILE}}
    tx.execute(
        insert(config_revision).values(
            number=revision.number,
            fingerprint=revision.fingerprint,
            at=revision.at,
            who=revision.who,
            how=revision.how,
            site=revision.files[SITE_FILE],
            schedule=revision.files[SCHEDULE_FILE],
            extra=extra,
            changes=list(revision.changes),
        )
    )


def newest(tx: Transaction) -> tuple[int, str] | None:
    """Return number and fingerprint of the revision in force: one step down the primary key."""
    query = select(config_revision.c.number, config_revision.c.fingerprint)
    row = tx.execute(query.order_by(config_revision.c.number.desc()).limit(1)).first()
    return None if row is None else (row.number, row.fingerprint)


def latest(tx: Transaction) -> Revision | None:
    """Return the revision in force, or None when no process ever ran."""
    return next(iter(listed(tx, limit=1)), None)


def get(tx: Transaction, number: int) -> Revision | None:
    """Return the revision of that number."""
    row = tx.execute(select(config_revision).where(config_revision.c.number == number)).first()
    return None if row is None else _revision(row)


def listed(tx: Transaction, *, limit: int, before: int | None = None) -> list[Revision]:
    """Return the latest revisions, newest first; only those below a number when one is given."""
    query = select(config_revision).order_by(config_revision.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(config_revision.c.number < before)
    return [_revision(row) for row in tx.execute(query)]


def known(tx: Transaction, fingerprint: str) -> int | None:
    """Return the number of the latest revision with these very files, if there is one."""
    query = select(func.max(config_revision.c.number)).where(config_revision.c.fingerprint == fingerprint)
    found: int | None = tx.scalar(query)
    return found


def followers(tx: Transaction) -> dict[str, Follower]:
    """Return what each host said last, by the key under which it said so."""
    rows = tx.execute(
        select(meta).where(meta.c.name.startswith(_HOST, autoescape=True)).order_by(meta.c.name)
    )
    return {row.name.removeprefix(_HOST): _follower(json.loads(row.value)) for row in rows}


def say(tx: Transaction, key: str, follower: Follower) -> None:
    """Keep what a host says of itself."""
    said = {
        "host": follower.host,
        "revision": follower.revision,
        "at": follower.at.isoformat(),
        "error": follower.error,
        "note": follower.note,
    }
    counters.set_fact(tx, f"{_HOST}{key}", json.dumps(said, ensure_ascii=False))


def forget(tx: Transaction, keys: Sequence[str]) -> None:
    """Drop what hosts said that are not heard of any more."""
    tx.execute(delete(meta).where(meta.c.name.in_([f"{_HOST}{key}" for key in keys])))


def _revision(row: Row[Any]) -> Revision:
    how: How = row.how
    return Revision(
        number=row.number,
        fingerprint=row.fingerprint,
        at=row.at,
        who=row.who,
        how=how,
        files={SITE_FILE: row.site, SCHEDULE_FILE: row.schedule, **row.extra},
        changes=tuple(row.changes),
    )


def _follower(said: dict[str, Any]) -> Follower:
    return Follower(**(said | {"at": datetime.fromisoformat(said["at"])}))
