"""A newsroom's week, hour by hour, and what its server has to say to those who ask."""

import hashlib
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from publisher.ingest.pull import place_sections
from publisher.model.article import Article
from publisher.store import articles, open_store
from publisher.web.app import start
from publisher.web.server import Listening
from tests.web.newsroom import Newsroom

HOURS = 7 * 24
RENAMED, RESTARTED, MOVED_HOUSE = 60, 84, 110
RENAMED_SECTIONS = {
    "market": {"title": {"en": "Market", "vi": "Thị trường"}, "was": ["economy", "business"]},
    "culture": {"title": {"en": "Culture", "vi": "Văn hoá"}},
}


@dataclass
class Week:
    """The newsroom's week, one hour at a time."""

    newsroom: Newsroom
    port: int = 0
    server: Listening | None = None
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    last: int = 7
    numbers: dict[str, int] = field(default_factory=dict)
    withdrawn: set[int] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    changes: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Publish what there is and serve it."""
        self.numbers = {self.newsroom.stored(number).id: number for number in range(1, self.last + 1)}
        self.newsroom.publish()
        self.serve()

    def hour(self, number: int) -> None:
        """Let an hour pass: what happened is published at its end."""
        room = self.newsroom
        room.now += timedelta(minutes=59)
        for _ in range(self.chance.choice((0, 0, 0, 0, 1, 1, 2))):
            self.last += 1
            made = room.add(self.last, published=room.now - timedelta(minutes=self.chance.randint(0, 50)))
            self.numbers[made.id] = self.last
            self.done["new"] += 1
        what = self.chance.choice(
            (None, None, None, None, self.typo, self.correction, self.move, self.withdraw, self.readdress)
        )
        if what is not None:
            what()
            self.done[what.__name__] += 1
        if number == RENAMED:
            self.changes["sections"] = RENAMED_SECTIONS
            # The helper lays changes over the default config; the old key has to go.
            room.configure(**self.changes)
            room.settings = room.settings.model_copy(
                update={"sections": {key: room.settings.sections[key] for key in RENAMED_SECTIONS}}
            )
            place_sections(room.store, room.settings, room.now)
            self.serve()
        if number == RESTARTED:
            room.store.close()
            room.store = open_store("sqlite:///var/publisher.sqlite3", folder=room.site)
            self.serve()
        if number == MOVED_HOUSE:
            site = room.settings.site.model_copy(update={"url": "http://news.lua.example"})
            room.settings = room.settings.model_copy(update={"site": site})
            self.serve()
        room.publish(timedelta(minutes=1))

    def serve(self) -> None:
        """Start the server, or start it anew at the same place."""
        if self.server is not None:
            self.server.stop()
        self.server = start(self.newsroom.desk, host="127.0.0.1", port=self.port)
        self.port = int(self.server.address.rpartition(":")[2])

    def typo(self) -> None:
        self._edit(lede=f"Đã sửa lỗi chính tả {self.chance.random():.6f}.")

    def correction(self) -> None:
        self._edit(correction=f"Con số đúng là {self.chance.randint(2, 99)}.", corrected=self.newsroom.now)

    def move(self) -> None:
        one = self._some()
        keys = list(self.newsroom.settings.sections)
        self._edit(one, section=keys[1] if one.section == keys[0] else keys[0])

    def withdraw(self) -> None:
        one = self._some()
        number = self.numbers[one.id]
        self.withdrawn.add(number)
        self.newsroom.withdraw(number)

    def readdress(self) -> None:
        self._edit(url=f"https://courier.example/news/{self.chance.randint(1, 10**9)}")

    def _edit(self, one: Article | None = None, **values: Any) -> None:
        one = one or self._some()
        kept = {
            name: getattr(one, name) for name in ("title", "published", "correction", "corrected", "lede")
        }
        self.newsroom.edit(self.numbers[one.id], **(kept | values))

    def _some(self) -> Article:
        with self.newsroom.store.read() as tx:
            found = articles.recent(tx, limit=30)
        return self.chance.choice(found)

    def live(self) -> set[str]:
        """Return the ids that are in the feed of everything now."""
        with self.newsroom.store.read() as tx:
            return {one.uri for one in articles.recent(tx, limit=50, until=self.newsroom.now)}


@dataclass(frozen=True)
class Answer:
    """What the server answered to one request for a feed, and what the program had said that it has."""

    path: str
    status: int
    held: str | None


def contents(week: Week, paths: Iterable[str]) -> dict[str, bytes]:
    public = week.newsroom.site / "public"
    return {path: (public / path[1:]).read_bytes() for path in paths if (public / path[1:]).exists()}


def tags(week: Week, path: str) -> set[str]:
    """Return the validators of a feed as it stands, in each coding."""
    file = week.newsroom.site / "public" / path[1:]
    forms = [file, file.with_name(file.name + ".gz"), file.with_name(file.name + ".br")]
    return {f'"{hashlib.sha256(form.read_bytes()).hexdigest()[:32]}"' for form in forms}


@dataclass
class Judge:
    """Holds every answer against what the server had to say to that poll.

    Attributes:
        week: as it goes.
        paths: of the feeds.
        given: every validator that the server has given.
        unconditional: polls that said nothing of what the program has.
        stale: polls that named an earlier version although the feed had not changed since the last poll.
    """

    week: Week
    paths: Iterable[str]
    given: set[str] = field(default_factory=set)
    before: dict[str, bytes] = field(default_factory=dict)
    unconditional: int = 0
    stale: int = 0

    def hour(self, seen: list[Answer]) -> None:
        """Judge an hour's answers.

        A poll that names the feed as it stands must be answered 304, every one; one that names an earlier
        version, with the whole feed or what is new since. Where the feed has not changed since the poll
        before, the program has not kept what it was given then.
        """
        assert seen
        now = contents(self.week, self.paths)
        for path in now:
            self.given |= tags(self.week, path)
        for one in seen:
            if one.status == 308:
                assert one.path.startswith("/feeds/economy."), one
            elif one.held is None:
                assert one.status == 200, one
                self.unconditional += 1
            elif one.held in tags(self.week, one.path):
                assert one.status == 304, one
            else:
                assert one.status in {200, 226}, one
                assert one.held in self.given, one
                self.stale += self.before.get(one.path) == now[one.path]
        self.before = now
        seen.clear()
