"""A week of a newsroom, read every hour by programs that we did not write.

New articles, typo fixes, corrections, moves between sections, a renamed section, articles that move to other
addresses, withdrawals, a restart in the middle, another host and scheme. Each reader must be told of every
article once and never again, and must be answered 304 whenever nothing changed.
"""

import hashlib
import random
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest

from publisher.ingest.pull import place_sections
from publisher.model.article import Article
from publisher.store import articles, open_store
from publisher.web import door
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
    withdrawn: set[int] = field(default_factory=set)
    announced: set[str] = field(default_factory=set)
    done: Counter[str] = field(default_factory=Counter)
    changes: dict[str, Any] = field(default_factory=dict)

    def begin(self) -> None:
        """Publish what there is and serve it."""
        self.newsroom.publish()
        self.serve()

    def hour(self, number: int) -> None:
        """Let an hour pass: what happened is published at its end."""
        room = self.newsroom
        room.now += timedelta(minutes=59)
        for _ in range(self.chance.choice((0, 0, 0, 0, 1, 1, 2))):
            self.last += 1
            room.add(self.last, published=room.now - timedelta(minutes=self.chance.randint(0, 50)))
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
        number = self._number(one)
        self.withdrawn.add(number)
        self.newsroom.withdraw(number)

    def readdress(self) -> None:
        self._edit(url=f"https://courier.example/news/{self.chance.randint(1, 10**9)}")

    def _edit(self, one: Article | None = None, **values: Any) -> None:
        one = one or self._some()
        kept = {
            name: getattr(one, name) for name in ("title", "published", "correction", "corrected", "lede")
        }
        self.newsroom.edit(self._number(one), **(kept | values))

    def _some(self) -> Article:
        with self.newsroom.store.read() as tx:
            found = articles.recent(tx, limit=30)
        return self.chance.choice(found)

    def _number(self, one: Article) -> int:
        return next(n for n in range(1, self.last + 1) if self.newsroom.stored(n).id == one.id)

    def live(self) -> set[str]:
        """Return the ids that are in the feed of everything now."""
        with self.newsroom.store.read() as tx:
            return {one.uri for one in articles.recent(tx, limit=50, until=self.newsroom.now)}


@pytest.fixture
def week(newsroom: Newsroom) -> Iterator[Week]:
    made = Week(newsroom)
    made.begin()
    yield made
    if made.server is not None:
        made.server.stop()


@dataclass(frozen=True)
class Answer:
    """What the server answered to one request for a feed, and what the program had said that it has."""

    path: str
    status: int
    held: str | None


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[Answer]:
    """The server's answers, as it goes."""
    seen: list[Answer] = []
    whole = door.Door.reply

    def watched(self: door.Door, method: str, path: str, pairs: Any, client: Any) -> Any:
        found = whole(self, method, path, pairs, client)
        if found is not None:
            asked = dict(pairs)
            held = asked.get(b"if-none-match")
            seen.append(Answer(path, found.status, None if held is None else held.decode()))
        return found

    monkeypatch.setattr(door.Door, "reply", watched)
    return seen


def contents(week: Week, paths: list[str]) -> dict[str, bytes]:
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
    paths: list[str]
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


def happened(week: Week) -> None:
    """A week in which nothing happened would prove nothing."""
    assert week.done["new"] > 60
    for what in ("typo", "correction", "move", "withdraw", "readdress"):
        assert week.done[what] > 5, week.done


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_reader_that_keeps_what_it_is_told(week: Week) -> None:
    """The plainest reader there is: it asks with the last validators, and notes ids that are new to it."""
    assert week.server is not None
    paths = ["/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/culture.atom"]
    held: dict[str, dict[str, str]] = {path: {} for path in paths}
    told: Counter[str] = Counter()
    everything: set[str] = set()
    before: dict[str, bytes] = {}
    statuses: Counter[int] = Counter()
    with httpx.Client(trust_env=False, timeout=120) as client:
        for number in range(HOURS):
            week.hour(number)
            everything |= week.live()
            now = contents(week, paths)
            for path in paths:
                answer = client.get(f"{week.server.address}{path}", headers=held[path])
                unchanged = before.get(path) == now[path]
                assert answer.status_code == (304 if unchanged else 200), (number, path)
                statuses[answer.status_code] += 1
                if not unchanged:
                    assert answer.content == now[path]
                    held[path] = {
                        "If-None-Match": answer.headers["etag"],
                        "If-Modified-Since": answer.headers["last-modified"],
                    }
                if path == "/feeds/all.atom" and not unchanged:
                    parsed = feedparser.parse(answer.content)
                    told.update({entry.id for entry in parsed.entries} - set(told))
            before = now

    happened(week)
    assert set(told) == everything
    assert min(statuses[200], statuses[304]) > HOURS / 2


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_reader_library(week: Week, answered: list[Answer]) -> None:
    library = pytest.importorskip("reader")
    assert week.server is not None
    keys = ("all.atom", "all.rss", "all.json", "economy.rss", "culture.atom")
    paths = [f"/feeds/{key}" for key in (*keys, "market.rss")]
    told: Counter[tuple[str, str]] = Counter()
    everything: set[str] = set()
    judge = Judge(week, paths)
    with library.make_reader(":memory:") as program:
        program.after_entry_update_hooks.append(
            lambda _reader, entry, status: told.update(
                [(entry.feed_url.rpartition("/")[2], entry.id)]
                if status is library.EntryUpdateStatus.NEW
                else []
            )
        )
        for key in keys:
            program.add_feed(f"{week.server.address}/feeds/{key}")
        for number in range(HOURS):
            week.hour(number)
            everything |= week.live()
            for result in program.update_feeds_iter(scheduled=False):
                assert not isinstance(result.value, Exception), (number, result)
            judge.hour(answered)

    happened(week)
    assert set(told.values()) == {1}, [one for one, count in told.items() if count > 1]
    for key in ("all.atom", "all.rss", "all.json"):
        assert {uri for name, uri in told if name == key} == everything
    # It says what it has from the second poll on. After a change in which it sees nothing new (a withdrawal,
    # a move) it goes on with the validators of before, until something new comes: Decider.get_feed_to_update.
    assert judge.unconditional == len(keys)
    assert judge.stale < HOURS * len(keys) / 5


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(shutil.which("newsboat") is None, reason="newsboat is not installed")
def test_newsboat(week: Week, answered: list[Answer], tmp_path: Path) -> None:
    assert week.server is not None
    paths = ["/feeds/all.rss", "/feeds/culture.atom"]
    home = tmp_path / "home"
    home.mkdir()
    (home / "urls").write_text("".join(f"{week.server.address}{path}\n" for path in paths))
    (home / "config").write_text("suppress-first-reload yes\n")
    cache = home / "cache.db"
    told: Counter[str] = Counter()
    everything: set[str] = set()
    judge = Judge(week, paths)
    deltas = 0

    def reload() -> None:
        subprocess.run(
            ["newsboat", "-q", "-u", home / "urls", "-C", home / "config", "-c", cache, "-x", "reload"],
            check=True,
            timeout=240,
            capture_output=True,
            env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"},
        )

    # It keeps the validators of a feed's second answer, not of its first.
    reload()
    reload()
    answered.clear()
    for number in range(HOURS):
        week.hour(number)
        everything |= week.live()
        reload()
        deltas += sum(one.status == 226 for one in answered)
        judge.hour(answered)
        with closing(sqlite3.connect(cache)) as kept, kept:
            told.update({row[0] for row in kept.execute("SELECT guid FROM rss_item WHERE unread = 1")})
            kept.execute("UPDATE rss_item SET unread = 0")

    happened(week)
    assert set(told.values()) == {1}, [one for one, count in told.items() if count > 1]
    assert set(told) == everything
    assert (judge.unconditional, judge.stale) == (0, 0)
    assert deltas > 10, "newsboat asks for deltas, and got them"
