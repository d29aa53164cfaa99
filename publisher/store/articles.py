"""Articles: kept once, with an id for ever."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    BigInteger,
    Row,
    RowMapping,
    Select,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from publisher.model.article import (
    CONTENT_FIELDS,
    Article,
    ArticleData,
    Byline,
    Picture,
    content_of,
)
from publisher.model.feed import Placement, placement
from publisher.store import counters
from publisher.store.columns import UtcMoment
from publisher.store.engine import Transaction
from publisher.store.tables import article, article_key, article_revision, article_tag

CHANGE = "article.change"
NUMBER = "article.number"
_PAGE = 500
# Made once, for making a statement costs as much as asking it.
_BY_NUMBERS = select(article).where(article.c.number.in_(bindparam("numbers", expanding=True)))


def find(tx: Transaction, source: str, keys: Sequence[str]) -> Article | None:
    """Return the article that the source knows by the first of these keys that is on record."""
    known = select(article_key.c.key, article_key.c.number).where(
        article_key.c.source == source, article_key.c.key.in_(keys)
    )
    numbers = {row.key: row.number for row in tx.execute(known)}
    for key in keys:
        if key in numbers:
            return _one(tx, select(article).where(article.c.number == numbers[key]))
    return None


def get(tx: Transaction, article_id: str) -> Article | None:
    """Return the article of that id, withdrawn or not."""
    return _one(tx, select(article).where(article.c.id == article_id))


def by_ids(tx: Transaction, ids: Sequence[str]) -> dict[str, Article]:
    """Return the articles of these ids that exist, by id."""
    return {found.id: found for found in _many(tx, select(article).where(article.c.id.in_(ids)))}


def by_numbers(tx: Transaction, numbers: Sequence[int]) -> dict[int, Article]:
    """Return the articles of these numbers that exist, by number."""
    found: dict[int, Article] = {}
    for start in range(0, len(numbers), _PAGE):
        rows = tx.execute(_BY_NUMBERS, {"numbers": numbers[start : start + _PAGE]})
        found |= {row["number"]: _article(row) for row in rows.mappings()}
    return found


def add(
    tx: Transaction, data: ArticleData, *, source: str, keys: Sequence[str], authority: str, now: datetime
) -> Article:
    """Keep a new article and mint its id.

    Args:
        data: its content.
        source: where it came from.
        keys: what the source knows it by; at least one.
        authority: who mints ``tag:`` URIs (RFC 4151 §2.1).
        now: when it was first seen.
    """
    number = counters.advance(tx, NUMBER)
    change = counters.advance(tx, CHANGE)
    article_id = _mint(tx, source, keys[0])
    row = _columns(data) | {
        "number": number,
        "id": article_id,
        "uri": f"tag:{authority}:{article_id}",
        "source": source,
        "revision": data.revision(),
        "change": change,
        "first_seen": now,
        "modified": now,
        "withdrawn": None,
        "date": data.published or now,
    }
    tx.execute(insert(article).values(row))
    add_keys(tx, number, source, keys)
    _index_words(tx, number, data, row["date"])
    _record(tx, number, change, data, now, "new")
    return _article(row)


def change(tx: Transaction, stored: Article, data: ArticleData, *, now: datetime) -> Article:
    """Lay new content over a stored article; its id, number and first_seen stay."""
    change_number = counters.advance(tx, CHANGE)
    row = _columns(data) | {
        "revision": data.revision(),
        "change": change_number,
        "modified": now,
        "date": data.published or stored.first_seen,
    }
    tx.execute(update(article).where(article.c.number == stored.number).values(row))
    _index_words(tx, stored.number, data, row["date"])
    before = content_of(stored)
    moved = [name for name in CONTENT_FIELDS if getattr(before, name) != getattr(data, name)]
    found = get(tx, stored.id)
    assert found is not None
    stood = placement(stored)
    left = None if stood == placement(found) else stood
    _record(tx, stored.number, change_number, data, now, ", ".join(moved), left)
    return found


def withdraw(tx: Transaction, stored: Article, *, when: datetime | None, now: datetime) -> None:
    """Take an article back, or, with ``when`` None, let it stand again."""
    change_number = counters.advance(tx, CHANGE)
    tx.execute(
        update(article)
        .where(article.c.number == stored.number)
        .values(withdrawn=when, change=change_number, modified=now)
    )
    _record(tx, stored.number, change_number, stored, now, "withdrawn" if when else "restored")


def add_keys(tx: Transaction, number: int, source: str, keys: Iterable[str]) -> None:
    """Put further keys of the source on record; one that is on record already stays as it is."""
    wanted = list(dict.fromkeys(keys))
    known = set(
        tx.scalars(
            select(article_key.c.key).where(article_key.c.source == source, article_key.c.key.in_(wanted))
        )
    )
    fresh = [{"source": source, "key": key, "number": number} for key in wanted if key not in known]
    if fresh:
        tx.execute(insert(article_key), fresh)


def newest_change(tx: Transaction) -> int:
    """Return the change number of the latest change of any article; 0 when there is none."""
    return counters.current(tx, CHANGE)


def changed_since(tx: Transaction, change_number: int) -> Iterator[Article]:
    """Yield the articles whose last change is later than that number, oldest change first."""
    while True:
        page = _many(
            tx,
            select(article).where(article.c.change > change_number).order_by(article.c.change).limit(_PAGE),
        )
        yield from page
        if len(page) < _PAGE:
            return
        change_number = page[-1].change


def recent(
    tx: Transaction,
    *,
    limit: int,
    sections: Sequence[str] = (),
    tags: Sequence[str] = (),
    authors: Sequence[str] = (),
    language: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: tuple[datetime, int] | None = None,
) -> list[Article]:
    """Return live articles, newest first.

    Args:
        limit: at most so many.
        sections: only these keys; empty for all articles, with or without a section.
        tags: only with one of these tags, whatever their capitals.
        authors: only with one of these names in the byline.
        language: only in this language.
        since: only dated at this moment or later.
        until: only dated at this moment or earlier.
        before: only older than this (date, number), for paging.
    """
    query = select(article).where(article.c.withdrawn.is_(None))
    if sections:
        query = query.where(article.c.section.in_(sections))
    if language:
        query = query.where(article.c.language == language)
    for kind, words in (("tag", tags), ("author", authors)):
        if words:
            query = query.where(_has_word(kind, words))
    if since is not None:
        query = query.where(article.c.date >= since)
    if until is not None:
        query = query.where(article.c.date <= until)
    if before is not None:
        bound = tuple_(*before, types=[UtcMoment(), BigInteger()])
        query = query.where(tuple_(article.c.date, article.c.number) < bound)
    return _many(tx, query.order_by(article.c.date.desc(), article.c.number.desc()).limit(limit))


def withdrawn_since(tx: Transaction, moment: datetime) -> list[Article]:
    """Return the articles taken back at that moment or later, latest first."""
    return _many(
        tx,
        select(article)
        .where(article.c.withdrawn >= moment)
        .order_by(article.c.withdrawn.desc(), article.c.number.desc()),
    )


def counts(tx: Transaction) -> dict[str | None, int]:
    """Return how many live articles each section has; None counts those without one."""
    query = (
        select(article.c.section, func.count())
        .where(article.c.withdrawn.is_(None))
        .group_by(article.c.section)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def unplaced_labels(tx: Transaction) -> dict[str, int]:
    """Return the labels of live articles that name no section of the config, with how many carry each."""
    query = (
        select(article.c.label, func.count())
        .where(article.c.section.is_(None), article.c.label != "", article.c.withdrawn.is_(None))
        .group_by(article.c.label)
        .order_by(article.c.label)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def place(tx: Transaction, sections: Mapping[str, str], labels: Mapping[str, str], *, now: datetime) -> int:
    """Move articles to the sections that the config names now.

    Args:
        sections: an old section key -> the key that took its place.
        labels: a label as it stands on articles without a section -> the section it means now.
        now: when.

    Returns:
        How many articles moved; each is a change of its own, so that feeds notice.
    """
    wrong = or_(
        article.c.section.in_(list(sections)),
        and_(article.c.section.is_(None), article.c.label.in_(list(labels))),
    )
    moved = last = 0
    while page := _many(
        tx, select(article).where(wrong, article.c.number > last).order_by(article.c.number).limit(_PAGE)
    ):
        for one in page:
            key = sections[one.section] if one.section else labels[one.label]
            change(tx, one, _with_section(one, key), now=now)
        moved += len(page)
        last = page[-1].number
    return moved


def _with_section(one: Article, key: str) -> ArticleData:
    values = {name: getattr(one, name) for name in CONTENT_FIELDS} | {"section": key}
    return ArticleData(**values)


def _has_word(kind: str, words: Sequence[str]) -> Any:
    return exists().where(
        article_tag.c.kind == kind,
        article_tag.c.word.in_([_fold(word) for word in words]),
        article_tag.c.number == article.c.number,
    )


def _fold(word: str) -> str:
    return word.casefold()[:200]


def _index_words(tx: Transaction, number: int, data: ArticleData, date: datetime) -> None:
    words = {("tag", _fold(tag)) for tag in data.tags} | {("author", _fold(one.name)) for one in data.bylines}
    wanted = {(kind, word, date) for kind, word in words}
    columns = (article_tag.c.kind, article_tag.c.word, article_tag.c.date)
    known = {tuple(row) for row in tx.execute(select(*columns).where(article_tag.c.number == number))}
    for kind, word, _ in sorted(known - wanted):
        tx.execute(
            delete(article_tag).where(
                article_tag.c.kind == kind, article_tag.c.word == word, article_tag.c.number == number
            )
        )
    fresh = [
        {"kind": kind, "word": word, "number": number, "date": date}
        for kind, word, _ in sorted(wanted - known)
    ]
    if fresh:
        tx.execute(insert(article_tag), fresh)


def _record(
    tx: Transaction,
    number: int,
    change_number: int,
    data: ArticleData,
    now: datetime,
    what: str,
    left: Placement | None = None,
) -> None:
    values = {
        "change": change_number,
        "number": number,
        "revision": data.revision(),
        "recorded": now,
        "what": what,
        "stood": left and _stood(left),
    }
    tx.execute(insert(article_revision).values(values))


def _stood(left: Placement) -> dict[str, Any]:
    return {
        "section": left.section,
        "language": left.language,
        "tags": sorted(left.tags),
        "authors": sorted(left.authors),
        "date": left.date.isoformat(),
    }


def _mint(tx: Transaction, source: str, key: str) -> str:
    """Return an id from what the article is first known by; the same on every host, free of collisions."""
    attempt = 0
    while True:
        seed = f"{source}\n{key}\n{attempt}".encode()
        minted = base64.b32encode(sha256(seed).digest())[:16].decode().lower()
        if tx.scalar(select(article.c.number).where(article.c.id == minted)) is None:
            return minted
        attempt += 1


def _columns(data: ArticleData) -> dict[str, Any]:
    values = {name: getattr(data, name) for name in CONTENT_FIELDS}
    values["pictures"] = [asdict(picture) for picture in data.pictures]
    values["bylines"] = [asdict(byline) for byline in data.bylines]
    values["tags"] = list(data.tags)
    return values


def _article(row: Mapping[str, Any] | RowMapping) -> Article:
    values = {name: value for name, value in row.items() if name not in {"date", "revision"}}
    values["pictures"] = tuple(Picture(**picture) for picture in row["pictures"])
    values["bylines"] = tuple(Byline(**byline) for byline in row["bylines"])
    values["tags"] = tuple(row["tags"])
    return Article(**values)


def _one(tx: Transaction, query: Select[Any]) -> Article | None:
    row: Row[Any] | None = tx.execute(query).first()
    return None if row is None else _article(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _many(tx: Transaction, query: Select[Any]) -> list[Article]:
    return [_article(row) for row in tx.execute(query).mappings()]
