"""How often somebody wants a digest: whoever changes their mind gets nothing twice and misses nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from publisher.errors import UsageError
from publisher.model.article import ArticleData
from publisher.model.delivery import State
from publisher.model.slot import slot_at
from publisher.model.subscriber import Frequency
from publisher.store import Store, articles, deliveries, editions, subscribers
from publisher.work import restore, tasks, weekly
from publisher.work.desk import Desk
from tests.delivery.bureau import enrol, reader, settings

MONDAY = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
"""Monday 2 November 2026, 06:30 in Việt Nam."""
DAY = timedelta(days=1)
BOTH: dict[str, Any] = {"frequencies": ["each", "weekly"], "layout": "text", "limit": 200, "per_section": 100}


@dataclass
class Newsroom:
    """One digest with an edition a day, and its readers."""

    store: Store
    site: Path
    now: datetime = MONDAY
    rule: dict[str, Any] | None = None

    @property
    def desk(self) -> Desk:
        chosen = settings(**(BOTH | (self.rule or {})))
        return Desk(site=self.site, settings=chosen, store=self.store, clock=lambda: self.now)

    def write(self, number: int) -> None:
        """Write an article of this moment; no two are alike."""
        story = ArticleData(
            title=f"Story {number} of {Random(number).randbytes(12).hex()}",
            language="en",
            section=("politics", "economy", "culture")[number % 3],
            lede=Random(-number).randbytes(20).hex(),
            published=self.now,
        )
        with self.store.write() as tx:
            articles.add(
                tx,
                story,
                source="desk",
                keys=[f"k{number}"],
                authority="courier.example,2026",
                now=self.now,
            )

    def send(self) -> tasks.Sent:
        desk = self.desk
        return tasks.send(desk, "daily", slot_at(self.now, "day", desk.zone))

    def want(self, number: int, frequency: Frequency) -> None:
        """Choose, as the preferences page does."""
        with self.store.write() as tx:
            found = subscribers.of_subscription(tx, number)
            assert found is not None
            subscribers.choose(tx, found[1], sections=(), hour=None, frequency=frequency, now=self.now)

    def read(self, number: int) -> list[str]:
        """Return the slots of a person's letters, the first first."""
        with self.store.read() as tx:
            mine = deliveries.to_subscription(tx, number)
            assert all(one.state is State.ACCEPTED for one in mine)
            return [found.slot for one in reversed(mine) if (found := editions.by_id(tx, one.edition_id))]

    def stories(self, slots: Iterable[str]) -> list[str]:
        """Return the articles that letters carried, each as often as it was carried."""
        with self.store.read() as tx:
            found = [editions.get(tx, "daily", slot) for slot in slots]
        return [choice.article_id for one in found if one for choice in one.selection.picked]


@pytest.fixture
def newsroom(sqlite: Store, tmp_path: Path) -> Newsroom:
    return Newsroom(sqlite, tmp_path)


def test_a_week_of_letters_and_one_for_those_who_want_one_a_week(newsroom: Newsroom) -> None:
    enrol(newsroom.store, [reader(1), reader(2, frequency="weekly")])
    for day in range(9):
        newsroom.now = MONDAY + day * DAY - timedelta(hours=1)
        newsroom.write(day)
        newsroom.now = MONDAY + day * DAY
        done = newsroom.send()
        assert (done.week is not None) == (day == 4)

    assert newsroom.read(1) == [f"2026-11-{day:02}" for day in range(2, 11)]
    assert newsroom.read(2) == ["2026-W45"]
    assert sorted(newsroom.stories(["2026-W45"])) == sorted(newsroom.stories(newsroom.read(1)[:5]))
    # Again, on the same day: nothing more is made or sent.
    newsroom.now += timedelta(hours=1)
    assert newsroom.send().week is None
    assert newsroom.read(2) == ["2026-W45"]


def test_whoever_changes_in_the_middle_of_a_week_gets_nothing_twice_and_misses_nothing(
    newsroom: Newsroom,
) -> None:
    chance, people, number = Random(20261102), range(1, 7), 0
    enrol(newsroom.store, [reader(one, frequency=chance.choice(["each", "weekly"])) for one in people])
    written: list[tuple[datetime, str]] = []
    changes = 0
    for day in range(26):
        for hour in (9, 15):
            newsroom.now = MONDAY + (day - 1) * DAY + timedelta(hours=hour)
            newsroom.write(number)
            number += 1
            for one in people:
                if chance.random() < 0.12:
                    newsroom.want(one, chance.choice(["each", "weekly"]))
                    changes += 1
        newsroom.now = MONDAY + day * DAY
        # Some runs are missed, Fridays among them: the next one makes up for them.
        if day not in {8, 11, 18}:
            newsroom.send()
    assert changes > 20

    for one in people:
        letters = newsroom.read(one)
        got = newsroom.stories(letters)
        assert len(got) == len(set(got)), f"reader {one} got something twice: {letters}"
        with newsroom.store.read() as tx:
            last = editions.get(tx, "daily", letters[-1])
            assert last is not None
            written = [(each.date, each.id) for each in articles.recent(tx, limit=500)]
        missed = {story for date, story in written if date <= last.due} - set(got)
        assert not missed, f"reader {one} missed {len(missed)}: {letters}"


def test_a_change_back_before_it_counts_changes_nothing(newsroom: Newsroom) -> None:
    enrol(newsroom.store, [reader(1)])

    def kept() -> tuple[str, str | None]:
        with newsroom.store.read() as tx:
            _, choice = next(iter(subscribers.each(tx)))
        return choice.frequency, choice.frequency_now

    newsroom.want(1, "weekly")
    assert kept() == ("weekly", "each")
    newsroom.want(1, "each")
    assert kept() == ("each", None)


def test_the_weeks_letter_waits_while_the_days_is_held_back(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrol(newsroom.store, [reader(1, frequency="weekly")])
    newsroom.now = MONDAY + 4 * DAY
    newsroom.write(1)
    with monkeypatch.context() as broken:
        broken.setattr("publisher.digest.issue._fails", lambda _found: True)
        done = newsroom.send()
    assert done.made.held_back
    assert done.week is None

    assert newsroom.send().week is not None
    assert newsroom.read(1) == ["2026-W45"]


def test_a_digest_that_offers_no_weeks_has_none(newsroom: Newsroom) -> None:
    enrol(newsroom.store, [reader(1, frequency="weekly")])
    newsroom.rule = {"frequencies": ["each"]}
    newsroom.now = MONDAY + 4 * DAY
    newsroom.write(1)

    assert newsroom.send().week is None
    # Whoever chose what is offered no more gets what there is.
    assert newsroom.read(1) == ["2026-11-06"]
    with pytest.raises(UsageError, match="has no letter a week"):
        tasks.slot_of(newsroom.desk, "daily", None, a_week=True)


def test_a_new_digest_begins_with_the_first_week_that_it_sees_the_end_of(newsroom: Newsroom) -> None:
    newsroom.now = MONDAY + 6 * DAY
    newsroom.write(1)
    assert newsroom.send().week is None
    assert weekly.due(newsroom.desk, "daily") is None

    newsroom.now = MONDAY + 11 * DAY
    newsroom.write(2)
    done = newsroom.send()
    assert done.week is not None
    assert done.week.slot.key == "2026-W46"


def test_a_person_may_name_the_week(newsroom: Newsroom) -> None:
    desk = newsroom.desk
    assert tasks.slot_of(desk, "daily", "2026-W45").key == "2026-W45"
    assert tasks.slot_of(desk, "daily", None, a_week=True).key == "2026-W45"
    assert tasks.slot_of(desk, "daily", "2026-11-05").key == "2026-11-05"
    assert tasks.slot_of(desk, "daily", "2026-11-05", a_week=True).key == "2026-W45"


def test_after_a_restore_the_weeks_letter_may_have_gone_out_too(newsroom: Newsroom) -> None:
    thursday, friday, saturday = (MONDAY + day * DAY for day in (3, 4, 5))

    def slots(due: datetime, taken: datetime) -> list[str]:
        with newsroom.store.read() as tx:
            return restore._slots(tx, newsroom.desk, "daily", due, taken)

    assert slots(thursday, taken=MONDAY) == ["2026-11-05"]
    assert slots(friday, taken=thursday) == ["2026-11-06", "2026-W45"]
    assert slots(saturday, taken=friday) == ["2026-11-07", "2026-W45"]
    assert slots(saturday + DAY, taken=saturday) == ["2026-11-08"]
    newsroom.rule = {"frequencies": ["each"]}
    assert slots(friday, taken=thursday) == ["2026-11-06"]
