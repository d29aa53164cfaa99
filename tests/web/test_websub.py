"""Telling a real hub, on loopback, of feeds that changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs

import httpx
import pytest

from publisher.model.ping import ATTEMPTS, BACKOFF, PingState, settled
from publisher.work.websub import PingReport, ping, record
from tests.ports import closed_port
from tests.web.newsroom import MORNING, Newsroom

SITE = "https://courier.example"


class Hub:
    """A hub that writes down what it is told, and answers as it is asked to."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.answer = 204
        self.silent = Event()
        self.was_asked = Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                said = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                assert said["hub.mode"] == ["publish"]
                hub.told.append(said["hub.url"][0])
                hub.was_asked.set()
                if hub.silent.is_set():
                    Event().wait(10)
                self.send_response(hub.answer)
                self.end_headers()

            def log_message(self, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.url = f"http://127.0.0.1:{self._server.server_port}/hub"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def heard(self) -> list[str]:
        """Return what it was told since it was last asked, without the site's address."""
        told, self.told = self.told, []
        return sorted(topic.removeprefix(f"{SITE}/feeds/") for topic in told)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.close()


@pytest.fixture
def announcing(newsroom: Newsroom, hub: Hub) -> Newsroom:
    """A newsroom whose feeds were published and announced."""
    newsroom.configure(feeds={"hub": hub.url})
    newsroom.publish()
    told(newsroom)
    hub.heard()
    return newsroom


def told(newsroom: Newsroom) -> PingReport:
    return ping(newsroom.store, settings=newsroom.settings, now=newsroom.now)


def of(*keys: str) -> list[str]:
    return sorted(f"{key}.{form}" for key in keys for form in ("rss", "atom", "json"))


def test_each_feed_is_announced_once(newsroom: Newsroom, hub: Hub) -> None:
    newsroom.configure(feeds={"hub": hub.url})
    newsroom.publish()
    report = told(newsroom)

    assert hub.heard() == of("all", "economy", "culture")
    assert len(report.accepted) == 9
    assert report.problems == ()
    assert told(newsroom) == PingReport()
    assert hub.heard() == []


def test_only_what_really_changed(announcing: Newsroom, hub: Hub) -> None:
    announcing.publish(timedelta(minutes=15))
    assert told(announcing) == PingReport()

    announcing.add(12)
    announcing.publish(timedelta(minutes=15))
    told(announcing)

    assert hub.heard() == of("all", "culture")


def test_what_was_published_but_not_announced_before_a_crash_is_announced_later(
    announcing: Newsroom, hub: Hub
) -> None:
    announcing.withdraw(3)
    announcing.publish(timedelta(minutes=15))
    announcing.publish(timedelta(minutes=15))
    told(announcing)

    assert hub.heard() == of("all", "culture")


def test_a_hub_in_trouble_is_asked_again_later_and_then_told_once(announcing: Newsroom, hub: Hub) -> None:
    hub.answer = 503
    announcing.add(12)
    announcing.publish(timedelta(minutes=15))
    report = told(announcing)

    assert len(report.waiting) == 6
    assert report.problems == (f"feeds.hub: {hub.url}: 503 Service Unavailable; will be tried again",)
    assert len(hub.heard()) == 6
    assert told(announcing) == PingReport()
    assert hub.heard() == [], "not before its time"

    announcing.now += BACKOFF[0]
    told(announcing)
    assert len(hub.heard()) == 6

    hub.answer = 202
    announcing.now += BACKOFF[1]
    assert len(told(announcing).accepted) == 6
    assert len(hub.heard()) == 6
    assert told(announcing) == PingReport()
    assert {(one.state, one.attempts) for one in record(announcing.store) if "culture" in one.path} == {
        ("accepted", 3)
    }


def test_new_bytes_are_no_reason_to_press_a_hub_in_trouble(announcing: Newsroom, hub: Hub) -> None:
    hub.answer = 500
    announcing.add(12)
    announcing.publish(timedelta(minutes=15))
    told(announcing)
    hub.heard()
    announcing.add(14)
    announcing.publish(timedelta(seconds=30))
    told(announcing)

    assert not set(hub.heard()) & set(of("all"))


def test_a_refusal_is_recorded_and_not_repeated(announcing: Newsroom, hub: Hub) -> None:
    hub.answer = 403
    announcing.add(12)
    announcing.publish(timedelta(minutes=15))
    report = told(announcing)
    announcing.now += timedelta(days=2)

    assert len(report.failed) == 6
    assert "is not tried again until the feed changes" in report.problems[0]
    assert told(announcing) == PingReport()
    assert {one.reason for one in record(announcing.store, ["feeds/all.rss"])} == {"403 Forbidden"}

    hub.answer = 204
    hub.heard()
    announcing.add(14)
    announcing.publish(timedelta(minutes=15))
    assert len(told(announcing).accepted) == 6


def test_a_dead_hub_costs_one_short_wait(
    announcing: Newsroom, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.work.websub._SECONDS", 0.3)
    hub.silent.set()
    hub.was_asked.clear()
    announcing.add(12)
    announcing.publish(timedelta(minutes=15))
    report = told(announcing)

    # We may have given up before it got round to reading what it was asked.
    assert hub.was_asked.wait(120)
    assert len(hub.heard()) == 1
    assert len(report.waiting) == 6
    assert report.problems == (f"feeds.hub: {hub.url}: no answer in time; will be tried again",)


def test_a_hub_that_is_not_there(newsroom: Newsroom) -> None:
    with closed_port() as port:
        newsroom.configure(feeds={"hub": f"http://127.0.0.1:{port}/"})
        newsroom.publish()

        assert len(told(newsroom).waiting) == 9


def test_two_hosts_announce_once(announcing: Newsroom, hub: Hub, tmp_path: Path) -> None:
    other = Newsroom(tmp_path / "other", announcing.store, announcing.settings, announcing.now)
    for number in range(50, 60):
        announcing.add(number)
    announcing.publish(timedelta(minutes=15))
    other.publish(timedelta(minutes=15))
    with ThreadPoolExecutor(2) as both:
        list(both.map(told, (announcing, other)))

    assert hub.heard() == of("all", "economy", "culture")


def test_another_hub_is_told_everything(announcing: Newsroom) -> None:
    second = Hub()
    try:
        announcing.configure(feeds={"hub": second.url})
        announcing.publish(timedelta(minutes=15))
        told(announcing)
        assert len(second.heard()) == 9
    finally:
        second.close()


def test_the_hub_finds_the_topic_with_its_links(announcing: Newsroom, hub: Hub) -> None:
    """What a hub does next: fetch the topic, and see that it names itself and this hub."""
    with announcing.serving() as client:
        answer: httpx.Response = client.get("/feeds/all.atom")

    assert f'<{SITE}/feeds/all.atom>; rel="self"' in answer.headers["link"]
    assert f'<{hub.url}>; rel="hub"' in answer.headers["link"]
    assert f'rel="hub" href="{hub.url}"' in answer.text or f'href="{hub.url}" rel="hub"' in answer.text


def test_no_hub_no_word(newsroom: Newsroom) -> None:
    newsroom.configure(feeds={"hub": None})
    newsroom.publish()

    assert told(newsroom) == PingReport()
    assert record(newsroom.store) == []


@pytest.mark.parametrize(
    ("attempts", "status", "state", "wait"),
    [
        (1, 200, "accepted", timedelta()),
        (1, 204, "accepted", timedelta()),
        (7, 202, "accepted", timedelta()),
        (1, None, "pending", BACKOFF[0]),
        (2, 503, "pending", BACKOFF[1]),
        (3, 429, "pending", BACKOFF[2]),
        (ATTEMPTS - 1, 500, "pending", BACKOFF[-1]),
        (ATTEMPTS, 500, "failed", timedelta()),
        (1, 301, "failed", timedelta()),
        (1, 400, "failed", timedelta()),
        (1, 410, "failed", timedelta()),
    ],
)
def test_what_an_attempt_comes_to(
    attempts: int, status: int | None, state: PingState, wait: timedelta
) -> None:
    assert settled(attempts, status, MORNING) == (state, MORNING + wait)
