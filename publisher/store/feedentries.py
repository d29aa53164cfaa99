"""Which articles a feed holds, without reading them, and their entries as they were serialised."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import starmap
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Engine,
    Select,
    bindparam,
    delete,
    func,
    insert,
    select,
    tuple_,
)

from publisher.model.feed import FeedPlan, Kept, Listed, Move, Place, Placement, Tombstone, folded
from publisher.store.columns import UtcMoment
from publisher.store.engine import Transaction
from publisher.store.tables import article, article_revision, article_tag, feed_entry

_LISTED = (
    article.c.number,
    article.c.change,
    article.c.date,
    article.c.updated,
    article.c.corrected,
    article.c.modified,
)
_STANDS = (article.c.section, article.c.language, article.c.tags, article.c.bylines, article.c.date)
_MOVED = (article.c.number, article.c.change, *_STANDS)
_SINCE, _UPTO = bindparam("since", type_=UtcMoment()), bindparam("upto", type_=UtcMoment())
# Made once, for making a statement costs as much as asking it; a tick asks all of these.
_CHANGED = (
    select(*_MOVED)
    .where(article.c.change > bindparam("after"), article.c.change <= bindparam("upto"))
    .order_by(article.c.change)
)
_LEFT = (
    select(article_revision.c.number, article_revision.c.stood)
    .where(
        article_revision.c.change > bindparam("after"),
        article_revision.c.change <= bindparam("upto"),
        article_revision.c.stood.is_not(None),
    )
    .order_by(article_revision.c.change)
)
_DUE = select(*_MOVED).where(article.c.date > _SINCE, article.c.date <= _UPTO)
_ENDED = (article.c.withdrawn, article.c.corrected)
_OVER = [select(*_MOVED).where(moment > _SINCE, moment <= _UPTO) for moment in _ENDED]
_FIRST_OVER = [select(moment).where(moment > _SINCE).order_by(moment).limit(1) for moment in _ENDED]
_AHEAD = (
    select(article.c.date)
    .where(article.c.date > _SINCE, article.c.withdrawn.is_(None))
    .order_by(article.c.date)
    .limit(1)
)
_CORRECTED = (
    select(*_LISTED, *_STANDS[:-1])
    .where(article.c.corrected > _SINCE, article.c.withdrawn.is_(None))
    .order_by(article.c.corrected.desc(), article.c.number.desc())
    .limit(bindparam("most"))
)
_WITHDRAWN = (
    select(article.c.uri, article.c.withdrawn, *_STANDS)
    .where(article.c.withdrawn > _SINCE)
    .order_by(article.c.withdrawn.desc(), article.c.number.desc())
    .limit(bindparam("most"))
)
_NUMBERS: BindParameter[int] = bindparam("numbers", expanding=True)
_KEPT = select(feed_entry).where(
    feed_entry.c.manner == bindparam("manner"), feed_entry.c.number.in_(_NUMBERS)
)
_REPLACED = delete(feed_entry).where(
    feed_entry.c.manner == bindparam("manner"), feed_entry.c.number.in_(_NUMBERS)
)
_DROPPED = delete(feed_entry).where(feed_entry.c.number.in_(_NUMBERS))
_REMEMBERED = 2_000
_memory: WeakKeyDictionary[Engine, OrderedDict[tuple[str, int], Kept]] = WeakKeyDictionary()


def newest(tx: Transaction, plan: FeedPlan, *, limit: int, now: datetime) -> list[Listed]:
    """Return what a feed lists, newest first; what is dated later than ``now`` waits for its hour."""
    rows = tx.execute(_newest(plan), {"until": now, "most": limit})
    return list(starmap(_listed, rows.all()))


def corrected(tx: Transaction, *, since: datetime, limit: int) -> list[tuple[Listed, Placement]]:
    """Return the articles that were corrected after a moment, with where they stand; latest first."""
    rows = tx.execute(_CORRECTED, {"since": since, "most": limit})
    return [(_listed(*row[: len(_LISTED)]), _placement(row)) for row in rows]


def between(
    tx: Transaction,
    plan: FeedPlan,
    *,
    after: Place | None,
    upto: Place | None,
    now: datetime,
    limit: int | None = None,
    measured: bool = False,
) -> list[Listed]:
    """Return what a feed lists between two places in the order of recency, oldest first.

    Args:
        tx: the transaction.
        plan: the feed.
        after: only newer than this; None for no such limit.
        upto: no newer than this; None for no such limit.
        now: nothing dated later.
        limit: at most so many.
        measured: with the length of their bodies.
    """
    query = _listing(plan).where(_place(plan)[0] <= now)
    if measured:
        query = query.add_columns(func.length(article.c.body))
    date, number = _place(plan)
    # The bound on the date alone is redundant; it is what SQLite's planner can use an index for.
    if after is not None:
        query = query.where(date >= after[0], tuple_(date, number) > _bound(after))
    if upto is not None:
        query = query.where(date <= upto[0], tuple_(date, number) <= _bound(upto))
    query = query.order_by(date, number)
    return list(starmap(_listed, tx.execute(query if limit is None else query.limit(limit)).all()))


def tombstones(tx: Transaction, *, since: datetime, limit: int) -> list[tuple[Tombstone, Placement]]:
    """Return the articles that were withdrawn after a moment, with where they stand; latest first."""
    rows = tx.execute(_WITHDRAWN, {"since": since, "most": limit})
    return [(Tombstone(row.uri, row.withdrawn), _placement(row)) for row in rows]


def moves_since(tx: Transaction, change: int, upto: int) -> list[Move]:
    """Return what changed after one change number and up to another, with all places that it concerns."""
    between = {"after": change, "upto": upto}
    found = {row.number: (row.change, [_placement(row)]) for row in tx.execute(_CHANGED, between)}
    for row in tx.execute(_LEFT, between):
        if row.number in found:
            found[row.number][1].append(_stood(row.stood))
    return [Move(number, at, tuple(dict.fromkeys(places))) for number, (at, places) in found.items()]


def come_due(tx: Transaction, since: datetime, now: datetime) -> list[Move]:
    """Return the articles whose date lay ahead at one moment and does not at another."""
    rows = tx.execute(_DUE, {"since": since, "upto": now})
    return [Move(row.number, row.change, (_placement(row),)) for row in rows]


def over_between(tx: Transaction, since: datetime, upto: datetime) -> list[Move]:
    """Return the articles that were withdrawn or corrected between two moments."""
    span = {"since": since, "upto": upto}
    rows = [row for query in _OVER for row in tx.execute(query, span)]
    return [Move(row.number, row.change, (_placement(row),)) for row in rows]


def next_date(tx: Transaction, now: datetime) -> datetime | None:
    """Return the first date of an article that lies ahead."""
    found: datetime | None = tx.scalar(_AHEAD, {"since": now})
    return found


def first_over(tx: Transaction, since: datetime) -> datetime | None:
    """Return the first moment after this one at which an article was withdrawn or corrected."""
    found = [tx.scalar(query, {"since": since}) for query in _FIRST_OVER]
    return min((moment for moment in found if moment), default=None)


def kept(tx: Transaction, manner: str, listed: Sequence[Listed]) -> dict[int, Kept]:
    """Return the entries in that manner (a fingerprint) of the articles' present content, by number.

    What was read lately is remembered as long as the store is open: an entry stays as it is while its
    article's change number does, and a tick would read the same megabytes again and again.
    """
    memory = _memory.setdefault(tx.engine, OrderedDict())
    found = {
        one.number: known
        for one in listed
        if (known := memory.get((manner, one.number))) and known.change == one.change
    }
    wanted = {one.number: one.change for one in listed if one.number not in found}
    numbers = list(wanted)
    for start in range(0, len(numbers), 500):
        some = {"manner": manner, "numbers": numbers[start : start + 500]}
        for number, _manner, *rest in tx.execute(_KEPT, some):
            if (one := Kept(*rest)).change == wanted[number]:
                found[number] = one
    _remember(tx, manner, found.items())
    return found


def keep(tx: Transaction, manner: str, entries: Sequence[tuple[int, Kept]]) -> None:
    """Keep entries in place of older ones of the same articles and manner."""
    _remember(tx, manner, entries)
    for start in range(0, len(entries), 500):
        page = entries[start : start + 500]
        numbers = [number for number, _ in page]
        tx.execute(_REPLACED, {"manner": manner, "numbers": numbers})
        tx.execute(
            insert(feed_entry),
            [
                {
                    "number": number,
                    "manner": manner,
                    "change": one.change,
                    "rss": one.rss,
                    "atom": one.atom,
                    "json": one.json,
                    "rss_deflated": one.rss_deflated,
                    "atom_deflated": one.atom_deflated,
                    "json_deflated": one.json_deflated,
                    "card": dict(one.card),
                    "note": one.note,
                }
                for number, one in page
            ],
        )


def _remember(tx: Transaction, manner: str, entries: Iterable[tuple[int, Kept]]) -> None:
    memory = _memory.setdefault(tx.engine, OrderedDict())
    memory |= {(manner, number): one for number, one in entries}
    while len(memory) > _REMEMBERED:
        memory.popitem(last=False)


def drop(tx: Transaction, numbers: Sequence[int]) -> None:
    """Drop the entries of articles that stand in no current feed any more."""
    for start in range(0, len(numbers), 500):
        tx.execute(_DROPPED, {"numbers": numbers[start : start + 500]})


def drop_other_manners(tx: Transaction, manners: Sequence[str]) -> None:
    """Drop the entries that were written in a manner that no feed has any more."""
    tx.execute(delete(feed_entry).where(feed_entry.c.manner.not_in(manners)))


@lru_cache(maxsize=1_000)
def _newest(plan: FeedPlan) -> Select[Any]:
    """Return the query for what a feed lists; made once, for making it costs as much as asking it."""
    date, number = _place(plan)
    query = _listing(plan).where(date <= bindparam("until", type_=UtcMoment()))
    return query.order_by(date.desc(), number.desc()).limit(bindparam("most"))


def _listing(plan: FeedPlan) -> Select[Any]:
    return _of_plan(select(*_LISTED), plan).where(article.c.withdrawn.is_(None))


def _of_plan(query: Select[Any], plan: FeedPlan) -> Select[Any]:
    if plan.sections:
        query = query.where(_one_of(article.c.section, plan.sections))
    if plan.only_language:
        query = query.where(article.c.language == plan.only_language)
    one = _one_word(plan)
    if one is not None:
        joined = article.join(article_tag, article_tag.c.number == article.c.number)
        query = query.select_from(joined).where(article_tag.c.kind == one[0], article_tag.c.word == one[1])
    for kind, words in (("tag", plan.tags), ("author", plan.authors)):
        if words and (one is None or kind != one[0]):
            query = query.where(_has_word(kind, words))
    return query


def _one_word(plan: FeedPlan) -> tuple[str, str] | None:
    """Return the tag or author that alone decides; of it there is an order to be read from an index."""
    if len(plan.tags) == 1:
        return "tag", folded(plan.tags[0])
    return ("author", folded(plan.authors[0])) if len(plan.authors) == 1 else None


def _has_word(kind: str, words: Sequence[str]) -> ColumnElement[bool]:
    return article.c.number.in_(
        select(article_tag.c.number).where(
            article_tag.c.kind == kind, _one_of(article_tag.c.word, [folded(word) for word in words])
        )
    )


def _one_of(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition; that of a list has to be written anew each time, that of one value has not."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def _place(plan: FeedPlan) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return what a feed is sorted by: the same in both tables, but an index covers only its own table's."""
    table = article if _one_word(plan) is None else article_tag
    return table.c.date, table.c.number


def _bound(place: Place) -> ColumnElement[Any]:
    return tuple_(*place, types=[UtcMoment(), BigInteger()])


# Most articles of a feed stood in it an hour ago as well, and stand in several.
@lru_cache(maxsize=_REMEMBERED)
def _listed(
    number: int,
    change: int,
    date: datetime,
    updated: datetime | None,
    corrected: datetime | None,
    modified: datetime,
    letters: int = 0,
) -> Listed:
    significant = max(date, updated or date, corrected or date)
    return Listed(number, change, date, significant, modified, letters)


def _placement(row: Any) -> Placement:
    return Placement(
        section=row.section,
        language=row.language,
        tags=frozenset(map(folded, row.tags)),
        authors=frozenset(folded(byline["name"]) for byline in row.bylines),
        date=row.date,
    )


def _stood(left: dict[str, Any]) -> Placement:
    return Placement(
        section=left["section"],
        language=left["language"],
        tags=frozenset(left["tags"]),
        authors=frozenset(left["authors"]),
        date=datetime.fromisoformat(left["date"]),
    )
