"""Who is asked to wait, and who never is."""

import pytest

from publisher.web.polls import Polls, caller, household


def polled(
    polls: Polls, times: int, *, address: str = "192.0.2.1", tag: str = "one", now: float = 0
) -> list[int | None]:
    return [polls.wait(address, "feeds/all.rss", tag, now) for _ in range(times)]


def test_the_limit_holds_for_one_version_of_one_feed_from_one_address() -> None:
    polls = Polls(3, 900)

    assert polled(polls, 4) == [None, None, None, 900]
    assert polls.wait("192.0.2.2", "feeds/all.rss", "one", 0) is None
    assert polls.wait("192.0.2.1", "feeds/sport.rss", "one", 0) is None
    assert polls.wait("192.0.2.1", "feeds/all.rss", "two", 1) is None, "a new version may be fetched"


def test_after_the_time_is_over_it_begins_anew() -> None:
    polls = Polls(1, 900)

    assert polled(polls, 2, now=100) == [None, 900]
    assert polled(polls, 1, now=700) == [300]
    assert polled(polls, 1, now=1000) == [None]


def test_no_limit() -> None:
    assert polled(Polls(0, 900), 1000) == [None] * 1000


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.web.polls._MOST", 10)
    polls = Polls(1, 900)

    for number in range(100):
        polls.wait(f"192.0.2.{number}", "feeds/all.rss", "one", 0)

    assert polled(polls, 1, address="192.0.2.99") == [900]
    assert polled(polls, 1, address="192.0.2.1") == [None]


@pytest.mark.parametrize(
    ("address", "shared"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("unix:", "unix:"),
    ],
)
def test_what_one_reader_s_requests_share(address: str, shared: str) -> None:
    assert household(address) == shared


@pytest.mark.parametrize(
    ("peer", "forwarded", "who"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),
        ("127.0.0.1", "198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.9", "198.51.100.9"),
        ("127.0.0.1", "198.51.100.9, 127.0.0.1", "198.51.100.9"),
        ("127.0.0.1", " , ", "127.0.0.1"),
        (None, "198.51.100.9", "198.51.100.9"),
        (None, None, ""),
    ],
)
def test_only_our_own_proxies_say_who_asks(peer: str | None, forwarded: str | None, who: str) -> None:
    assert caller(peer, forwarded, frozenset({"127.0.0.1"})) == who
