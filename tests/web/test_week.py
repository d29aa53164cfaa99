"""A week of a newsroom, read every hour by programs that we did not write.

New articles, typo fixes, corrections, moves between sections, a renamed section, articles that move to other
addresses, withdrawals, a restart in the middle, another host and scheme. Each reader must be told of every
article once and never again, and must be answered 304 whenever nothing changed.
"""

import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from importlib import import_module
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest

from publisher.web import door
from tests.web.newsroom import Newsroom
from tests.web.weeks import HOURS, Answer, Judge, Week, contents


@pytest.fixture
def week(newsroom: Newsroom) -> Iterator[Week]:
    made = Week(newsroom)
    made.begin()
    yield made
    if made.server is not None:
        made.server.stop()


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


def happened(week: Week) -> None:
    """A week in which nothing happened would prove nothing."""
    assert week.done["new"] > 60
    for what in ("typo", "correction", "move", "withdraw", "readdress"):
        assert week.done[what] > 5, week.done


class Program:
    """A program that reads feeds every hour, and what it took for new."""

    paths: tuple[str, ...]

    def read(self, number: int) -> None:
        """Read every feed once."""
        raise NotImplementedError

    def end(self, everything: set[str]) -> None:
        """Check that it was told of every article, and of none twice."""
        raise NotImplementedError


class Plain(Program):
    """The plainest reader there is: it asks with the last validators, and notes ids that are new to it."""

    paths = ("/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/culture.atom")

    def __init__(self, week: Week, client: httpx.Client) -> None:
        self.week, self.client = week, client
        self.held: dict[str, dict[str, str]] = {path: {} for path in self.paths}
        self.told: set[str] = set()
        self.before: dict[str, bytes] = {}
        self.statuses: Counter[int] = Counter()

    def read(self, number: int) -> None:
        assert self.week.server is not None
        now = contents(self.week, self.paths)
        for path in self.paths:
            answer = self.client.get(f"{self.week.server.address}{path}", headers=self.held[path])
            unchanged = self.before.get(path) == now[path]
            assert answer.status_code == (304 if unchanged else 200), (number, path)
            self.statuses[answer.status_code] += 1
            if not unchanged:
                assert answer.content == now[path]
                self.held[path] = {
                    "If-None-Match": answer.headers["etag"],
                    "If-Modified-Since": answer.headers["last-modified"],
                }
            if path == "/feeds/all.atom" and not unchanged:
                self.told |= {entry.id for entry in feedparser.parse(answer.content).entries}
        self.before = now

    def end(self, everything: set[str]) -> None:
        assert self.told == everything
        assert min(self.statuses[200], self.statuses[304]) > HOURS / 2


class Library(Program):
    """The reader library."""

    keys = ("all.atom", "all.rss", "all.json", "economy.rss", "culture.atom")
    paths = tuple(f"/feeds/{key}" for key in (*keys, "market.rss"))

    def __init__(self, week: Week, answered: list[Answer], program: Any, new: Any) -> None:
        assert week.server is not None
        self.answered, self.program = answered, program
        self.judge = Judge(week, self.paths)
        self.told: Counter[tuple[str, str]] = Counter()
        program.after_entry_update_hooks.append(
            lambda _reader, entry, status: self.told.update(
                [(entry.feed_url.rpartition("/")[2], entry.id)] if status is new else []
            )
        )
        for key in self.keys:
            program.add_feed(f"{week.server.address}/feeds/{key}")

    def read(self, number: int) -> None:
        self.answered.clear()
        for result in self.program.update_feeds_iter(scheduled=False):
            assert not isinstance(result.value, Exception), (number, result)
        self.judge.hour(self.answered)

    def end(self, everything: set[str]) -> None:
        assert set(self.told.values()) == {1}, [one for one, count in self.told.items() if count > 1]
        for key in ("all.atom", "all.rss", "all.json"):
            assert {uri for name, uri in self.told if name == key} == everything
        # It says what it has from the second poll on. After a change in which it sees nothing new (a
        # withdrawal, a move) it goes on with the validators of before, until something new comes:
        # Decider.get_feed_to_update.
        assert self.judge.unconditional == len(self.keys)
        assert self.judge.stale < HOURS * len(self.keys) / 5


class Newsboat(Program):
    """A reader for the terminal."""

    paths = ("/feeds/all.rss", "/feeds/culture.atom")

    def __init__(self, week: Week, answered: list[Answer], home: Path) -> None:
        assert week.server is not None
        self.answered, self.home = answered, home
        self.judge = Judge(week, self.paths)
        self.told: Counter[str] = Counter()
        self.deltas = 0
        home.mkdir()
        (home / "urls").write_text("".join(f"{week.server.address}{path}\n" for path in self.paths))
        (home / "config").write_text("suppress-first-reload yes\n")
        # It keeps the validators of a feed's second answer, not of its first.
        self._reload()
        self._reload()

    def _reload(self) -> None:
        urls, config, cache = (self.home / name for name in ("urls", "config", "cache.db"))
        subprocess.run(
            ["newsboat", "-q", "-u", urls, "-C", config, "-c", cache, "-x", "reload"],
            check=True,
            timeout=240,
            capture_output=True,
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin", "TERM": "dumb", "LC_ALL": "C.UTF-8"},
        )

    def read(self, number: int) -> None:
        self.answered.clear()
        self._reload()
        self.deltas += sum(one.status == 226 for one in self.answered)
        self.judge.hour(self.answered)
        with closing(sqlite3.connect(self.home / "cache.db")) as kept, kept:
            self.told.update({row[0] for row in kept.execute("SELECT guid FROM rss_item WHERE unread = 1")})
            kept.execute("UPDATE rss_item SET unread = 0")

    def end(self, everything: set[str]) -> None:
        assert set(self.told.values()) == {1}, [one for one, count in self.told.items() if count > 1]
        assert set(self.told) == everything
        assert (self.judge.unconditional, self.judge.stale) == (0, 0)
        assert self.deltas > 10, "newsboat asks for deltas, and got them"


@pytest.mark.slow(60)
@pytest.mark.timeout(900)
def test_every_program_is_told_of_every_article_once(
    week: Week, answered: list[Answer], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        client = stack.enter_context(httpx.Client(trust_env=False, timeout=120))
        programs: list[Program] = [Plain(week, client)]
        if library := _library():
            program = stack.enter_context(library.make_reader(":memory:"))
            programs.append(Library(week, answered, program, library.EntryUpdateStatus.NEW))
        if shutil.which("newsboat"):
            programs.append(Newsboat(week, answered, tmp_path / "home"))
        everything: set[str] = set()
        for number in range(HOURS):
            week.hour(number)
            everything |= week.live()
            for one in programs:
                one.read(number)
        happened(week)
        for one in programs:
            one.end(everything)
    if len(programs) < 3:
        pytest.skip("newsboat, or the reader library, is not installed; the others were told right")


def _library() -> Any:
    try:
        return import_module("reader")
    except ImportError:
        return None
