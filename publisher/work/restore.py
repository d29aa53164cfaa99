"""Bringing a site back from a backup, so that nobody gets anything twice that went out since."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.errors import UnreachableError, UsageError
from publisher.model.action import Action
from publisher.model.edition import Selection
from publisher.model.job import Firing, Outcome, kind
from publisher.model.slot import WEEK_DAYS, slot_at, week_before
from publisher.schedule import calendar
from publisher.store import (
    Store,
    Transaction,
    actions,
    articles,
    comeback,
    editions,
    firings,
    open_store,
    pgtools,
)
from publisher.store import (
    backup as stores,
)
from publisher.work.backup import STORES, Backup, unpack
from publisher.work.desk import Desk

_STORE = "var/publisher.sqlite3"
_LOGS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    """What was brought back.

    Attributes:
        articles: how many are in the store.
        uncertain: deliveries that may have gone out after the backup; settle them.
        lost: editions that may have gone out after the backup, as ``DIGEST SLOT``; they are not sent again.
        aside: where what the site held before was put; None when it held nothing.
    """

    articles: int
    uncertain: int
    lost: tuple[str, ...]
    aside: Path | None


def restore(
    backup: Backup,
    site: Path,
    *,
    opens: Callable[[Path], Desk],
    now: datetime,
    who: str,
    replace: bool = False,
) -> Restored:
    """Bring a site back as a backup has it.

    What the site holds is put aside, not thrown away. Letters that were due between the backup and now may
    have gone out: their editions are kept as *lost* and are not made again, and deliveries that were open are
    *uncertain*. No program may be at work on the site meanwhile.

    Args:
        backup: what to bring back.
        site: its folder; made when it is not there.
        opens: opens a site.
        now: the present.
        who: does it, for the log.
        replace: put aside a site that is there, or empty a PostgreSQL database that is not.

    Raises:
        UsageError: there is a site already, or the backup is damaged; nothing was changed.
        UnreachableError: files cannot be read or written, or PostgreSQL's programs are not here.
        StoreError: the database cannot be reached or brought back.
    """
    try:
        site.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=site, prefix=".restore-") as room:
            unpack(backup, Path(room))
            store = Path(room) / STORES[backup.kind]
            aside = _put_aside(site, backup, now, replace=replace)
            _put_in_place(Path(room), site, backup)
            if backup.kind == "sqlite":
                _place_store(store, site, opens)
            else:
                _fill_database(store, site, opens, replace=replace)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UnreachableError(f"{error.filename or site}: {why}; run the same command again") from error
    return _came_back(site, opens, backup, now, who, aside)


def _put_aside(site: Path, backup: Backup, now: datetime, *, replace: bool) -> Path | None:
    tops = sorted({name.partition("/")[0] for name in backup.files if "/" in name} - {"var"})
    there = [site / name for name in (*tops, "var/secret") if (site / name).exists()]
    there += [file for end in ("", *_LOGS) if (file := site / (_STORE + end)).exists()]
    if not there:
        return None
    if not replace:
        raise UsageError(
            f"{site}: there is a site already ({there[0].relative_to(site)}); choose an empty folder with "
            "--site, or put this one aside with --replace; nothing was changed"
        )
    aside = site / "var" / f"before-restore-{now:%Y%m%dT%H%M%SZ}"
    for path in there:
        target = aside / path.relative_to(site)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
    return aside


def _put_in_place(room: Path, site: Path, backup: Backup) -> None:
    for name in backup.files:
        if name not in STORES.values():
            (site / name).parent.mkdir(parents=True, exist_ok=True)
            (room / name).rename(site / name)


def _place_store(file: Path, site: Path, opens: Callable[[Path], Desk]) -> None:
    """Put the embedded store where the config looks for it."""
    desk = opens(site)
    place, embedded = Path(desk.store.place), desk.store.is_sqlite
    if not embedded:
        _into(desk.store, file)
        return
    desk.store.close()
    for end in ("", *_LOGS):
        Path(f"{place}{end}").unlink(missing_ok=True)
    file.rename(place)


def _into(database: Store, file: Path) -> None:
    """Bring an embedded store into the database that the config names now."""
    source = open_store(f"sqlite:///{file}", folder=file.parent)
    try:
        stores.copy(source, database)
    finally:
        source.close()
        database.close()


def _fill_database(dumped: Path, site: Path, opens: Callable[[Path], Desk], *, replace: bool) -> None:
    desk = opens(site)
    if desk.store.is_sqlite:
        desk.store.close()
        raise UsageError(
            "the backup is of a PostgreSQL store, and store.url names a file; name a database in "
            "config/site.yaml, then run the same command with --replace"
        )
    with desk.store.read() as tx:
        holds = articles.newest_change(tx) > 0
    if holds and not replace:
        desk.store.close()
        raise UsageError(f"store {desk.store.place}: it is not empty; --replace drops what it holds")
    pgtools.restore(desk.store, dumped)


def _came_back(
    site: Path, opens: Callable[[Path], Desk], backup: Backup, now: datetime, who: str, aside: Path | None
) -> Restored:
    desk = opens(site)
    reason = f"brought back from the backup of {backup.taken:%Y-%m-%d %H:%M} UTC: it may have gone out since"
    try:
        with desk.store.write() as tx:
            comeback.let_go(tx)
            uncertain = comeback.doubt(tx, reason, now=now)
            comeback.lose_unprepared(tx, reason)
            lost = tuple(_lose_slots(tx, desk, backup.taken, now, reason))
            actions.record(
                tx, Action(now, who, "restored", "site", f"backup of {backup.taken:%Y-%m-%d %H:%M} UTC")
            )
            count = sum(articles.counts(tx).values())
    finally:
        desk.store.close()
    return Restored(count, uncertain, lost, aside)


def _slots(tx: Transaction, desk: Desk, digest: str, due: datetime, taken: datetime) -> list[str]:
    """Return the slots whose letters a run may have made: its own, and the week's that was due with it."""
    rule = desk.settings.digests[digest]
    own = slot_at(due, rule.slot, desk.zone).key
    if not rule.gathers_weeks:
        return [own]
    week, end = week_before(due.astimezone(desk.zone).date(), WEEK_DAYS.index(rule.week_day))
    ended_since = end >= taken.astimezone(desk.zone).date() and editions.issue(tx, digest, week) is None
    return [own, week] if ended_since else [own]


def _lose_slots(tx: Transaction, desk: Desk, taken: datetime, now: datetime, reason: str) -> list[str]:
    """Record every letter that was due between the backup and now as one that may have gone out."""
    lost = []
    marks = firings.marks(tx)
    for name, job in desk.settings.jobs.items():
        if kind(job.run) != "send":
            continue
        zone = calendar.zone_of(job, desk.zone)
        begun = min(taken, marks[name].planned_to) if name in marks else taken
        for due in calendar.times(job, zone, begun, now):
            digest = job.run.partition(" ")[2]
            for slot in _slots(tx, desk, digest, due, taken):
                selection = Selection(digest=digest, slot=slot, since=None, until=due, choices=())
                if editions.lose(tx, selection, reason, now=now):
                    lost.append(f"{digest} {slot}")
            skipped = Firing(
                job=name, due=due, run=job.run, outcome=Outcome.SKIPPED, ended=now, reason=reason
            )
            firings.add(tx, [skipped])
            firings.skip(tx, [skipped], now=now)
        comeback.plan_from(tx, name, now)
    return list(dict.fromkeys(lost))
