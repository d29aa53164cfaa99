"""What is published: each feed's id, each document's hash and Last-Modified, and where archives were cut."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, update

from publisher.store import counters
from publisher.store.engine import Transaction
from publisher.store.tables import feed, feed_archive, feed_file

_VERSION = "feed.publication"
# Made once, for making a statement costs as much as asking it; a tick asks all of these.
_FEEDS = select(feed).order_by(feed.c.key)
_FILES = select(feed_file).where(feed_file.c.path.in_(bindparam("paths", expanding=True)))
_FORGET_FILES = delete(feed_file).where(feed_file.c.path.in_(bindparam("paths", expanding=True)))
_FORGET_FEEDS = delete(feed).where(feed.c.key.in_(bindparam("keys", expanding=True)))
_NEWEST_ARCHIVE = (
    select(feed_archive)
    .where(feed_archive.c.feed == bindparam("key"))
    .order_by(feed_archive.c.position.desc())
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed that was published.

    Attributes:
        key: under which it stands in addresses.
        uri: its id; stays when the key changes.
        updated: the latest significant change of anything that is or was in it (UTC); grows only.
        members: numbers of the articles in the current documents, newest first.
        problems: what could not be published as it should, for people.
    """

    key: str
    uri: str
    updated: datetime
    members: tuple[int, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """One archive document of a feed: what is newer than the one before and no newer than its end.

    Attributes:
        feed: the feed's key.
        position: 1 for the oldest.
        name: in addresses, such as ``2026-10`` or ``2026-10-2``.
        date, number: the newest place in the order of articles that belongs to it.
        updated: the latest significant change of anything that is or was in it (UTC); grows only.
    """

    feed: str
    position: int
    name: str
    date: datetime
    number: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class FileRow:
    """One document below ``public/``.

    Attributes:
        path: below ``public/``.
        fingerprint: SHA-256 (hex) of its bytes.
        change: up to which change of articles it was built when its bytes last changed.
        modified: its Last-Modified and the time on the file: whole seconds, UTC, grows only.
        size: bytes.
    """

    path: str
    fingerprint: str
    change: int
    modified: datetime
    size: int


def version(tx: Transaction) -> int:
    """Return how often what is on record here was changed; asked before all else that is read of it."""
    return counters.current(tx, _VERSION)


def lock(tx: Transaction) -> int:
    """Let other publishers of this store wait until the transaction ends; return its new version."""
    return counters.advance(tx, _VERSION)


def feeds(tx: Transaction) -> dict[str, FeedRow]:
    """Return every feed on record, by key."""
    return {
        key: FeedRow(key, uri, updated, tuple(members), tuple(problems))
        for key, uri, updated, members, problems in tx.execute(_FEEDS)
    }


def keep_feeds(tx: Transaction, rows: Sequence[FeedRow]) -> None:
    """Put feeds on record in place of what was known of them."""
    values = [
        {
            "key": row.key,
            "uri": row.uri,
            "updated": row.updated,
            "members": list(row.members),
            "problems": list(row.problems),
        }
        for row in rows
    ]
    if values:
        tx.execute(_FORGET_FEEDS, {"keys": [row.key for row in rows]})
        tx.execute(insert(feed), values)


def rename_feed(tx: Transaction, old: str, new: str) -> None:
    """Carry a feed's id and its archives over to another key."""
    tx.execute(update(feed).where(feed.c.key == old).values(key=new))
    tx.execute(update(feed_archive).where(feed_archive.c.feed == old).values(feed=new))


def archives(tx: Transaction, key: str, *, since: int = 1) -> list[ArchiveRow]:
    """Return the archive documents of a feed from that position on, oldest first."""
    query = select(feed_archive).where(feed_archive.c.feed == key, feed_archive.c.position >= since)
    return [ArchiveRow(**row) for row in tx.execute(query.order_by(feed_archive.c.position)).mappings()]


def newest_archives(tx: Transaction, keys: Sequence[str]) -> dict[str, ArchiveRow]:
    """Return the last archive document of each of these feeds that has any, by the feed's key."""
    # One question for all of them would have to go through every archive document of each.
    rows = (tx.execute(_NEWEST_ARCHIVE, {"key": key}).one_or_none() for key in keys)
    return {row[0]: ArchiveRow(*row) for row in rows if row is not None}


def archives_around(
    tx: Transaction, key: str, places: Iterable[tuple[datetime, int]]
) -> dict[int, ArchiveRow]:
    """Return the archive documents of a feed to which these places in the order of articles belong."""
    found: dict[int, ArchiveRow] = {}
    for date, number in places:
        query = (
            select(feed_archive)
            .where(feed_archive.c.feed == key)
            .where(
                (feed_archive.c.date > date)
                | ((feed_archive.c.date == date) & (feed_archive.c.number >= number))
            )
            .order_by(feed_archive.c.position)
            .limit(1)
        )
        for row in tx.execute(query).mappings():
            found[row["position"]] = ArchiveRow(**row)
    return found


def neighbours(tx: Transaction, row: ArchiveRow) -> tuple[ArchiveRow | None, ArchiveRow | None]:
    """Return the archive documents before and after this one."""
    query = select(feed_archive).where(
        feed_archive.c.feed == row.feed, feed_archive.c.position.in_([row.position - 1, row.position + 1])
    )
    beside = {one["position"]: ArchiveRow(**one) for one in tx.execute(query).mappings()}
    return beside.get(row.position - 1), beside.get(row.position + 1)


def add_archives(tx: Transaction, rows: Sequence[ArchiveRow]) -> None:
    """Cut further archive documents off a feed."""
    values = [
        {
            "feed": row.feed,
            "position": row.position,
            "name": row.name,
            "date": row.date,
            "number": row.number,
            "updated": row.updated,
        }
        for row in rows
    ]
    if values:
        tx.execute(insert(feed_archive), values)


def move_archives(tx: Transaction, rows: Sequence[ArchiveRow]) -> None:
    """Record the latest significant change in archive documents."""
    for row in rows:
        tx.execute(
            update(feed_archive)
            .where(feed_archive.c.feed == row.feed, feed_archive.c.position == row.position)
            .values(updated=row.updated)
        )


def files(tx: Transaction, paths: Sequence[str]) -> dict[str, FileRow]:
    """Return the documents on record among these paths."""
    found: dict[str, FileRow] = {}
    for start in range(0, len(paths), 500):
        rows = tx.execute(_FILES, {"paths": paths[start : start + 500]})
        found |= {row[0]: FileRow(*row) for row in rows}
    return found


def files_below(tx: Transaction, prefix: str) -> dict[str, FileRow]:
    """Return every document on record whose path begins so."""
    query = select(feed_file).where(feed_file.c.path.startswith(prefix, autoescape=True))
    return {row["path"]: FileRow(**row) for row in tx.execute(query.order_by(feed_file.c.path)).mappings()}


def keep_files(tx: Transaction, rows: Sequence[FileRow]) -> None:
    """Put documents on record in place of what was known of them."""
    if rows:
        forget_files(tx, [row.path for row in rows])
        tx.execute(insert(feed_file), [_values(row) for row in rows])


def forget_files(tx: Transaction, paths: Sequence[str]) -> None:
    """Take documents off the record."""
    for start in range(0, len(paths), 500):
        tx.execute(_FORGET_FILES, {"paths": paths[start : start + 500]})


def _values(row: FileRow) -> dict[str, object]:
    return {
        "path": row.path,
        "fingerprint": row.fingerprint,
        "change": row.change,
        "modified": row.modified,
        "size": row.size,
    }
