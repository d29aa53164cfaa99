"""Bringing people in from a file, and writing them out."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from publisher.delivery.roster import Form, Rejected, Row, enrolment, rows, written
from publisher.model.subscriber import Enrolment, Subscriber, Subscription
from publisher.settings.schema import Settings
from publisher.store import Store, subscribers
from publisher.store.subscribers import Taken

_BATCH = 2_000
_REPORTED = 1_000
"""So many rejected rows are named; more are only counted, or a wrong file would fill the memory."""


@dataclass(frozen=True, slots=True)
class EnrolReport:
    """What became of a file's rows."""

    taken: Taken
    rejected: tuple[Rejected, ...]
    rejected_count: int


def bring_in(
    store: Store,
    lines: Iterable[str],
    *,
    settings: Settings,
    now: datetime,
    overrule: bool = False,
    tick: Callable[[int], None] = lambda _done: None,
) -> EnrolReport:
    """Take the rows of a file of subscribers, in batches that are each committed whole.

    A run that is killed and started again takes up what is missing: rows on record change nothing.

    Args:
        store: where to.
        lines: of the file.
        settings: which digests and sections there are.
        now: when.
        overrule: let the file replace what is on record whatever its age.
        tick: told how many rows have been read.
    """
    taken, read, refused = Taken(), 0, 0
    rejected: list[Rejected] = []
    stream = rows(lines)
    while batch := list(islice(stream, _BATCH)):
        good, bad = _sorted_out(batch, settings, now)
        if good:
            with store.write() as tx:
                taken += subscribers.take(tx, good, now=now, overrule=overrule)
        rejected += bad[: _REPORTED - len(rejected)]
        refused += len(bad)
        read += len(batch)
        tick(read)
    return EnrolReport(taken, tuple(rejected), refused)


def write_out(
    store: Store,
    out: TextIO,
    form: Form,
    *,
    digest: str | None = None,
    tick: Callable[[int], None] = lambda _done: None,
) -> int:
    """Write everybody to a file, row by row; return how many."""
    count = 0

    def counted() -> Iterator[Enrolment]:
        nonlocal count
        with store.read() as tx:
            for person, choice in subscribers.each(tx, digest=digest):
                count += 1
                if count % _BATCH == 0:
                    tick(count)
                yield as_enrolment(person, choice)

    out.writelines(written(counted(), form))
    return count


def as_enrolment(person: Subscriber, choice: Subscription) -> Enrolment:
    """Return a stored subscription as a row."""
    return Enrolment(
        address=person.address,
        language=person.language,
        timezone=person.timezone,
        digest=choice.digest,
        sections=choice.sections,
        hour=choice.hour,
        frequency=choice.frequency,
        active=choice.active,
        consent=choice.consent,
    )


def open_lines(path: Path) -> TextIO:
    """Open a file of subscribers so that :func:`bring_in` can tell good lines from bad."""
    return path.open(encoding="utf-8", errors="surrogateescape", newline="")


def _sorted_out(
    batch: list[Row | Rejected], settings: Settings, now: datetime
) -> tuple[list[Enrolment], list[Rejected]]:
    good: list[Enrolment] = []
    bad: list[Rejected] = []
    for row in batch:
        if isinstance(row, Rejected):
            bad.append(row)
            continue
        try:
            good.append(enrolment(row.values, settings, now))
        except ValueError as error:
            bad.append(Rejected(row.line, str(error)))
    return good, bad
