"""Sources: what they answered last, and which articles they know by which keys."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import delete, func, insert, select, text

from publisher.model.article import Article
from publisher.store import articles
from publisher.store.engine import Transaction
from publisher.store.tables import article, article_key, source_state

_QUEUE = 7_305_122_812
_PAGE = 400
_LONGEST_SOURCE = 64


@dataclass(frozen=True, slots=True)
class SourceState:
    """What a document was when it was last read to its end; empty where nothing is known.

    Attributes:
        etag: entity tag that its server gave (RFC 9110 §8.8.3).
        last_modified: as its server wrote it (RFC 9110 §8.8.2).
        fingerprint: hash of its bytes and of how they were read.
    """

    etag: str = ""
    last_modified: str = ""
    fingerprint: str = ""


def state(tx: Transaction, source: str, place: str) -> SourceState:
    """Return what is on record of a source's document at that place."""
    row = tx.execute(
        select(source_state.c.etag, source_state.c.last_modified, source_state.c.fingerprint).where(
            source_state.c.source == _name(source, place)
        )
    ).first()
    return SourceState(*row) if row else SourceState()


def set_state(tx: Transaction, source: str, place: str, found: SourceState) -> None:
    """Put on record what a document is; when that is known already nothing is written."""
    if state(tx, source, place) == found:
        return
    name = _name(source, place)
    tx.execute(delete(source_state).where(source_state.c.source == name))
    tx.execute(
        insert(source_state).values(
            source=name,
            etag=found.etag,
            last_modified=found.last_modified,
            fingerprint=found.fingerprint,
        )
    )


def queue(tx: Transaction) -> None:
    """Wait until no other transaction brings articles in, so that none adds what another has just added.

    SQLite's writers wait for each other anyway; on PostgreSQL a lock is held until the transaction ends.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _QUEUE})


def known(tx: Transaction, source: str, keys: Iterable[str]) -> dict[str, Article]:
    """Return, for those of the keys that the source is known to use, the article that each stands for."""
    wanted = list(dict.fromkeys(keys))
    ids: dict[str, str] = {}
    for page in _pages(wanted):
        query = (
            select(article_key.c.key, article.c.id)
            .join(article, article.c.number == article_key.c.number)
            .where(article_key.c.source == source, article_key.c.key.in_(page))
        )
        ids.update({row.key: row.id for row in tx.execute(query)})
    found: dict[str, Article] = {}
    for page in _pages(list(dict.fromkeys(ids.values()))):
        found |= articles.by_ids(tx, page)
    return {key: found[article_id] for key, article_id in ids.items()}


def newest_number(tx: Transaction, source: str, language: str) -> int:
    """Return the number of the latest arrival from a source in that language; 0 when there is none."""
    query = select(func.max(article.c.number)).where(
        article.c.source == source, article.c.language == language
    )
    return tx.scalar(query) or 0


def _pages(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _PAGE] for start in range(0, len(values), _PAGE))


def _name(source: str, place: str) -> str:
    """Return the name of a document on record: of bounded length, however long the address."""
    return f"{source[:_LONGEST_SOURCE]} {sha256(place.encode('utf-8', 'surrogateescape')).hexdigest()[:40]}"
