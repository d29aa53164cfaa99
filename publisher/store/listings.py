"""Articles in a few words, for lists that name many of them: sitemaps."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select

from publisher.store.engine import Transaction
from publisher.store.tables import article

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """A live article as a list names it; the fields are the article's own."""

    id: str
    url: str | None
    title: str
    language: str
    date: datetime
    modified: datetime


def arrived(tx: Transaction, first: int, last: int) -> list[Listed]:
    """Return the live articles of that stretch of the order of arrival, both ends included."""
    query = _live().where(article.c.number >= first, article.c.number <= last)
    return _many(tx, query.order_by(article.c.number))


def dated(tx: Transaction, since: datetime, until: datetime, limit: int) -> list[Listed]:
    """Return live articles dated between two moments, newest first, at most so many."""
    query = _live().where(article.c.date >= since, article.c.date <= until)
    return _many(tx, query.order_by(article.c.date.desc(), article.c.number.desc()).limit(limit))


def next_date(tx: Transaction, after: datetime) -> datetime | None:
    """Return the date of the first live article that is dated later, or None."""
    query = select(article.c.date).where(article.c.withdrawn.is_(None), article.c.date > after)
    return tx.scalar(query.order_by(article.c.date, article.c.number).limit(1))


def withdrawn(tx: Transaction) -> list[str]:
    """Return the ids of the articles that were taken back, in the order of arrival."""
    # Asked for those after a moment and sorted here: asked for their order, SQLite reads every article.
    query = select(article.c.number, article.c.id).where(article.c.withdrawn > _EVER)
    return [name for _, name in sorted((row.number, row.id) for row in tx.execute(query))]


def withdrawn_between(tx: Transaction, first: int, last: int) -> list[str]:
    """Return the same of a stretch of the order of arrival, both ends included."""
    query = select(article.c.id).where(article.c.number >= first, article.c.number <= last)
    return list(tx.scalars(query.where(article.c.withdrawn.is_not(None)).order_by(article.c.number)))


def _live() -> Select[Any]:
    names = (part.name for part in fields(Listed))
    return select(*(article.c[name] for name in names)).where(article.c.withdrawn.is_(None))


def _many(tx: Transaction, query: Select[Any]) -> list[Listed]:
    return [Listed(*row) for row in tx.execute(query)]
