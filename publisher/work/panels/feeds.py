"""Every feed as an operator sees it: how fresh it is, what hubs were told, how often readers ask."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from publisher.feeds.registry import plans
from publisher.model.feed import FORMATS, FeedPlan, Format
from publisher.model.ping import Ping
from publisher.store import feedfiles, pings, pollcounts
from publisher.store.feedfiles import FeedRow, FileRow
from publisher.store.pollcounts import PollRow
from publisher.work.desk import Desk
from publisher.work.panels.days import days_back

WEEK, MONTH = 7, 28
_WHOLE, _NEW, _SAME = 200, 226, 304


@dataclass(frozen=True, slots=True)
class Asked:
    """What readers asked for, day by day.

    Attributes:
        days: oldest first, the last is today.
        full: answers with the feed, or with what is new in it.
        same: answers that nothing is new (304).
        refused: requests that were told to wait, or had no coding in common.
    """

    days: tuple[str, ...]
    full: tuple[int, ...]
    same: tuple[int, ...]
    refused: tuple[int, ...]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.full) + sum(self.same) + sum(self.refused)

    def last(self, count: int) -> "Asked":
        """Return the last days of it."""
        return Asked(self.days[-count:], self.full[-count:], self.same[-count:], self.refused[-count:])


@dataclass(frozen=True, slots=True)
class Document:
    """A feed in one format.

    Attributes:
        form: the format.
        path: its address, with a slash before it.
        size: bytes; None while it is not written.
        written: its Last-Modified.
        ping: what the hub was told of it; None where there is no hub.
        asked: over :data:`MONTH` days.
    """

    form: Format
    path: str
    size: int | None
    written: datetime | None
    ping: Ping | None
    asked: Asked


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed.

    Attributes:
        plan: which.
        documents: in every format.
        entries: articles in it; None while it was never published.
        changed: the latest significant change of anything in it.
        problems: what could not be published as it should.
        asked: all formats and archives together, over :data:`MONTH` days.
    """

    plan: FeedPlan
    documents: tuple[Document, ...]
    entries: int | None
    changed: datetime | None
    problems: tuple[str, ...]
    asked: Asked

    @property
    def written(self) -> datetime | None:
        """When one of its documents changed last."""
        return max((one.written for one in self.documents if one.written), default=None)

    @property
    def size(self) -> int:
        """Bytes of its largest document."""
        return max((one.size or 0 for one in self.documents), default=0)

    @property
    def failed(self) -> tuple[Ping, ...]:
        """What the hub does not know, because it refused or was away."""
        return tuple(
            one.ping
            for one in self.documents
            if one.ping
            and (one.ping.state == "failed" or (one.ping.state == "pending" and one.ping.attempts))
        )


@dataclass(frozen=True, slots=True)
class _Record:
    """What the store has of all feeds."""

    rows: Mapping[str, FeedRow]
    files: Mapping[str, FileRow]
    pings: Mapping[str, Ping]
    polls: Mapping[str, Sequence[PollRow]]
    days: tuple[str, ...] = field(default=())


def feed_lines(desk: Desk, now: datetime) -> tuple[FeedLine, ...]:
    """Return every feed of the config, in its order."""
    record = _record(desk, now)
    return tuple(_line(plan, record) for plan in plans(desk.settings))


def feed_line(desk: Desk, key: str, now: datetime) -> FeedLine | None:
    """Return one feed; None when the config has none of that key."""
    plan = next((one for one in plans(desk.settings) if one.key == key), None)
    return None if plan is None else _line(plan, _record(desk, now))


def together(lines: Sequence[FeedLine]) -> Asked:
    """Return what readers asked of all feeds."""
    days = lines[0].asked.days if lines else ()
    columns = ((one.asked.full, one.asked.same, one.asked.refused) for one in lines)
    full, same, refused = ([list(of) for of in column] for column in zip(*columns, strict=True))
    return Asked(days, _summed(full), _summed(same), _summed(refused))


def _summed(many: Sequence[Sequence[int]]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*many, strict=True)))


def _record(desk: Desk, now: datetime) -> _Record:
    days = days_back(now, desk.zone, MONTH)
    polls: dict[str, list[PollRow]] = defaultdict(list)
    with desk.store.read() as tx:
        rows, files = feedfiles.feeds(tx), feedfiles.files_below(tx, "feeds/")
        told = {one.path: one for one in pings.every(tx)}
        for row in pollcounts.since(tx, days[0]):
            polls[row.path].append(row)
    return _Record(rows, files, told, polls, days)


def _line(plan: FeedPlan, record: _Record) -> FeedLine:
    row = record.rows.get(plan.key)
    inside = [path for path in record.polls if path.startswith(plan.page)]
    own = [plan.path(form) for form in FORMATS]
    return FeedLine(
        plan=plan,
        documents=tuple(_document(plan, form, record) for form in FORMATS),
        entries=len(row.members) if row else None,
        changed=row.updated if row else None,
        problems=row.problems if row else (),
        asked=_asked(record, [*own, *inside]),
    )


def _document(plan: FeedPlan, form: Format, record: _Record) -> Document:
    path = plan.path(form)
    file = record.files.get(path)
    return Document(
        form=form,
        path=f"/{path}",
        size=file.size if file else None,
        written=file.modified if file else None,
        ping=record.pings.get(path),
        asked=_asked(record, [path]),
    )


def _asked(record: _Record, paths: Sequence[str]) -> Asked:
    place = {day: number for number, day in enumerate(record.days)}
    full, same, refused = ([0] * len(record.days) for _ in range(3))
    for row in (row for path in paths for row in record.polls.get(path, ())):
        column = full if row.status in {_WHOLE, _NEW} else same if row.status == _SAME else refused
        if row.day in place:
            column[place[row.day]] += row.count
    return Asked(record.days, tuple(full), tuple(same), tuple(refused))
