"""Bringing a file in and writing it out, against a real store."""

import io
from collections.abc import Iterator

from publisher.delivery.enrol import bring_in, write_out
from publisher.delivery.roster import Form
from publisher.store import Store, subscribers
from publisher.store.subscribers import Taken
from tests.delivery.bureau import MORNING, settings

HEAD = "address,digest,consent_at\n"


def lines(count: int, bad: int = 0) -> Iterator[str]:
    yield HEAD
    for number in range(count):
        yield f"reader{number}@example.com,daily,2026-09-14T20:11:05+07:00\n"
    for number in range(bad):
        yield f"nobody{number},daily,2026-09-14T20:11:05+07:00\n"


def test_a_file_comes_in_whole_and_the_second_time_changes_nothing(store: Store) -> None:
    seen: list[int] = []

    first = bring_in(store, lines(4500, 2), settings=settings(), now=MORNING, tick=seen.append)
    second = bring_in(store, lines(4500, 2), settings=settings(), now=MORNING)

    assert (first.taken, second.taken) == (Taken(new=4500), Taken(unchanged=4500))
    assert [one.line for one in first.rejected] == [4502, 4503]
    assert seen == [2000, 4000, 4502]


def test_what_is_written_out_brings_everybody_back(store: Store, tmp_path: object) -> None:
    bring_in(store, lines(30), settings=settings(), now=MORNING)
    with store.write() as tx:
        _, choice = next(iter(subscribers.each(tx)))
        subscribers.end(tx, choice.id, now=MORNING)
        before = list(subscribers.each(tx))

    forms: tuple[Form, ...] = ("csv", "json")
    for form in forms:
        file = io.StringIO()
        assert write_out(store, file, form, digest="daily") == 30
        with store.write() as tx:
            for person, _ in before:
                assert subscribers.find(tx, person.address)
        again = bring_in(store, io.StringIO(file.getvalue()), settings=settings(), now=MORNING)
        assert again.taken == Taken(unchanged=30)
    with store.read() as tx:
        assert list(subscribers.each(tx)) == before


def test_a_wrong_file_does_not_fill_the_memory(sqlite: Store) -> None:
    report = bring_in(sqlite, lines(0, 5000), settings=settings(), now=MORNING)

    assert report.rejected_count == 5000
    assert len(report.rejected) == 1000
