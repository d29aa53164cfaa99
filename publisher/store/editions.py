"""Editions: one per digest and slot; what they carried, and slots that had nothing to say."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, func, insert, not_, select, true
from sqlalchemy.dialects import postgresql, sqlite

from publisher.model.article import Article
from publisher.model.edition import Choice, Edition, Issue, Rendered, Selection, Sent
from publisher.model.slot import SlotKind
from publisher.store.engine import Transaction
from publisher.store.tables import article, edition, edition_article

_BATCH = 5_000
"""Ids asked for at once; SQLite takes 32,766 values in a statement."""


def add(
    tx: Transaction, selection: Selection, content: Rendered, carried: Sequence[Article], *, now: datetime
) -> tuple[Edition, bool]:
    """Keep the edition of a slot, once.

    Args:
        tx: a writing transaction.
        selection: what was picked; names digest, slot and due time.
        content: what was rendered.
        carried: the picked articles in the letter's order.
        now: when it was made.

    Returns:
        The edition of that slot, and whether this call made it. Of two makers at the same moment the second
        gets the first one's. A slot that was skipped takes the edition after all: nothing of it went out.
    """
    row = _row(selection, now) | {"state": "made", "reason": "", "content": content.plain()}
    statement = _insert(tx).values(row)
    made = tx.scalar(
        statement.on_conflict_do_update(
            index_elements=["digest", "slot"],
            set_={name: statement.excluded[name] for name in row if name not in {"digest", "slot"}},
            where=edition.c.state == "skipped",
        ).returning(edition.c.id)
    )
    if made is not None:
        _carry(tx, made, carried)
    stored = get(tx, selection.digest, selection.slot)
    assert stored is not None
    return stored, made is not None


def skip(tx: Transaction, selection: Selection, reason: str, *, now: datetime) -> Issue:
    """Keep that a slot had nothing to say, and why; a slot that is on record stays as it is."""
    row = _row(selection, now) | {"state": "skipped", "reason": reason, "content": None}
    tx.execute(_insert(tx).values(row).on_conflict_do_nothing(index_elements=["digest", "slot"]))
    stored = issue(tx, selection.digest, selection.slot)
    assert stored is not None
    return stored


def lose(tx: Transaction, selection: Selection, reason: str, *, now: datetime) -> bool:
    """Keep that a slot's edition may have gone out though it is not on record; it is never made again.

    Returns:
        False when the slot is on record as made.
    """
    row = _row(selection, now) | {"state": "lost", "reason": reason, "content": None}
    statement = _insert(tx).values(row)
    kept = tx.scalar(
        statement.on_conflict_do_update(
            index_elements=["digest", "slot"],
            set_={name: statement.excluded[name] for name in row if name not in {"digest", "slot"}},
            where=edition.c.state == "skipped",
        ).returning(edition.c.id)
    )
    return kept is not None


def get(tx: Transaction, digest: str, slot: str) -> Edition | None:
    """Return the edition of a slot; None when there is none, or it was skipped or lost."""
    return _one(tx, _made().where(edition.c.digest == digest, edition.c.slot == slot))


def by_id(tx: Transaction, edition_id: int) -> Edition | None:
    """Return the edition of that row number."""
    return _one(tx, _made().where(edition.c.id == edition_id))


def latest(tx: Transaction, digest: str) -> Edition | None:
    """Return the edition of the digest that was due last."""
    query = _made().where(edition.c.digest == digest)
    return _one(tx, query.order_by(edition.c.due.desc(), edition.c.id.desc()).limit(1))


def issue(tx: Transaction, digest: str, slot: str) -> Issue | None:
    """Return in short what became of a slot: made, skipped, lost, or None when nobody dealt with it yet."""
    found = tx.execute(_issues().where(edition.c.digest == digest, edition.c.slot == slot)).first()
    return None if found is None else _issue(found)


def listed(
    tx: Transaction, *, digest: str | None = None, limit: int = 50, made_only: bool = False
) -> list[Issue]:
    """Return the slots dealt with, latest due first.

    Args:
        tx: any transaction.
        digest: only of this one.
        limit: at most so many.
        made_only: leave out those of which there is no letter.
    """
    query = _issues().order_by(edition.c.due.desc(), edition.c.id.desc()).limit(limit)
    if digest is not None:
        query = query.where(edition.c.digest == digest)
    if made_only:
        query = query.where(edition.c.state == "made")
    return [_issue(row) for row in tx.execute(query)]


def newest(tx: Transaction, digest: str) -> int:
    """Return the number of the last edition of the digest that was made; 0 when none was."""
    query = select(func.max(edition.c.id)).where(edition.c.digest == digest, edition.c.state == "made")
    return tx.scalar(query) or 0


def selection_of(tx: Transaction, digest: str, slot: str) -> Selection | None:
    """Return the selection of a slot, also of one that was skipped."""
    query = select(edition.c.selection).where(edition.c.digest == digest, edition.c.slot == slot)
    plain = tx.scalar(query)
    return None if plain is None else _selection(plain)


def looked_until(
    tx: Transaction, digest: str, *, before: datetime, other_than: str, kind: SlotKind | None = None
) -> datetime | None:
    """Return until when the last edition looked that was due before a moment; None when there is none.

    One that may have gone out counts: its articles must not go out again.

    Args:
        tx: any transaction.
        digest: of this one.
        before: the time of the slot that is being made.
        other_than: that slot.
        kind: only of this kind of slot.
    """
    query = select(func.max(edition.c.due)).where(
        _of_kind(kind),
        edition.c.digest == digest,
        edition.c.state.in_(("made", "lost")),
        edition.c.due < before,
        edition.c.slot != other_than,
    )
    found: datetime | None = tx.scalar(query)
    return found


def carried_until(tx: Transaction, digest: str) -> datetime | None:
    """Return up to when the days of a digest have been dealt with; None when none was."""
    query = select(func.max(edition.c.due)).where(edition.c.digest == digest, _of_kind("day"))
    found: datetime | None = tx.scalar(query)
    return found


def carried_from(tx: Transaction, digest: str) -> datetime | None:
    """Return when the first of the digest's days was due that was dealt with; None when none was."""
    query = select(func.min(edition.c.due)).where(edition.c.digest == digest, _of_kind("day"))
    found: datetime | None = tx.scalar(query)
    return found


def unprepared(tx: Transaction, digest: str) -> list[Edition]:
    """Return the editions of a digest's days whose audience is not frozen yet, the first due first."""
    query = _made().where(edition.c.digest == digest, edition.c.prepared.is_(None), _of_kind("day"))
    rows = tx.execute(query.order_by(edition.c.due, edition.c.id))
    return [_edition(row) for row in rows]


def sent(
    tx: Transaction,
    digest: str,
    ids: Sequence[str],
    *,
    other_than: str = "",
    kind: SlotKind | None = None,
) -> dict[str, Sent]:
    """Return which of these articles any edition of the digest carried, and in which one last.

    Args:
        tx: any transaction.
        digest: of this one.
        ids: of articles.
        other_than: a slot that does not count.
        kind: only editions of this kind of slot.
    """
    found: dict[str, Sent] = {}
    for start in range(0, len(ids), _BATCH):
        query = (
            select(article.c.id, edition.c.slot, edition_article.c.corrected)
            .join(edition_article, edition_article.c.number == article.c.number)
            .join(edition, edition.c.id == edition_article.c.edition_id)
            .where(
                article.c.id.in_(ids[start : start + _BATCH]),
                edition.c.digest == digest,
                edition.c.slot != other_than,
                _of_kind(kind),
            )
            .order_by(edition.c.due, edition.c.id)
        )
        found |= {row.id: Sent(slot=row.slot, corrected=row.corrected) for row in tx.execute(query)}
    return found


def corrected_since(
    tx: Transaction, digest: str, *, since: datetime, until: datetime, kind: SlotKind | None = None
) -> list[str]:
    """Return the ids of articles that the digest carried and that were corrected between two moments."""
    query = (
        select(article.c.id)
        .join(edition_article, edition_article.c.number == article.c.number)
        .join(edition, edition.c.id == edition_article.c.edition_id)
        .where(edition.c.digest == digest, article.c.corrected >= since, article.c.corrected <= until)
        .where(_of_kind(kind))
        .distinct()
        .order_by(article.c.id)
    )
    return list(tx.scalars(query))


def _of_kind(kind: SlotKind | None) -> ColumnElement[bool]:
    week = edition.c.slot.like("%-W%")
    return true() if kind is None else week if kind == "week" else not_(week)


def _insert(tx: Transaction) -> Any:
    """Return an insert that knows ON CONFLICT; both databases write it alike, SQLAlchemy keeps them apart."""
    return (sqlite if tx.dialect.name == "sqlite" else postgresql).insert(edition)


def _row(selection: Selection, now: datetime) -> dict[str, Any]:
    plain = asdict(selection)
    plain["since"] = selection.since.isoformat() if selection.since else None
    plain["until"] = selection.until.isoformat()
    head = {"digest": selection.digest, "slot": selection.slot, "made": now, "due": selection.until}
    return head | {"selection": plain}


def _carry(tx: Transaction, edition_id: int, carried: Sequence[Article]) -> None:
    tx.execute(delete(edition_article).where(edition_article.c.edition_id == edition_id))
    rows = [
        {"edition_id": edition_id, "number": one.number, "position": place, "corrected": one.corrected}
        for place, one in enumerate(carried, start=1)
    ]
    if rows:
        tx.execute(insert(edition_article), rows)


def _made() -> Select[Any]:
    return select(edition).where(edition.c.state == "made")


def _issues() -> Select[Any]:
    stories = (
        select(func.count())
        .select_from(edition_article)
        .where(edition_article.c.edition_id == edition.c.id)
        .scalar_subquery()
    )
    heads = [
        edition.c[name] for name in ("id", "digest", "slot", "state", "reason", "made", "due", "prepared")
    ]
    return select(*heads, edition.c.content["subject"].as_string().label("subject"), stories.label("stories"))


def _one(tx: Transaction, query: Select[Any]) -> Edition | None:
    row: Row[Any] | None = tx.execute(query).first()
    return None if row is None else _edition(row)


def _edition(row: Row[Any]) -> Edition:
    return Edition(
        id=row.id,
        digest=row.digest,
        slot=row.slot,
        made=row.made,
        due=row.due,
        selection=_selection(row.selection),
        content=Rendered.of(row.content),
        prepared=row.prepared,
    )


def _issue(row: Row[Any]) -> Issue:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Issue(**(values | {"subject": row.subject or ""}))


def _selection(plain: Mapping[str, Any]) -> Selection:
    since = plain["since"]
    return Selection(
        digest=plain["digest"],
        slot=plain["slot"],
        since=None if since is None else datetime.fromisoformat(since).astimezone(UTC),
        until=datetime.fromisoformat(plain["until"]).astimezone(UTC),
        choices=tuple(Choice(**choice) for choice in plain["choices"]),
    )
