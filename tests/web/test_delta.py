"""RFC 3229 feed delta: only the new entries, and the whole feed whenever that says more."""

from datetime import timedelta

import feedparser
import httpx
import pytest

from publisher.web.delta import REMEMBERED, History, asked, delta, parts
from tests.web.newsroom import Newsroom
from tests.web.test_serving import raw

HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>\xc4\x90</title>\n'
FOOT = b"</channel></rss>\n"


def item(name: str, text: str = "x") -> bytes:
    return f"<item><guid>{name}</guid><description>{text}</description></item>\n".encode()


def rss(*items: bytes) -> bytes:
    return HEAD + b"".join(items) + FOOT


@pytest.mark.parametrize(
    ("header", "yes"),
    [
        ("feed", True),
        ("FEED", True),
        ("vcdiff, feed", True),
        ("feed;q=0.5, gzip", True),
        ("feed;q=0", False),
        ("feed; q = 0.0", False),
        ("feeds", False),
        ("gzip", False),
        ("", False),
        (None, False),
    ],
)
def test_who_asks_for_it(header: str | None, yes: bool) -> None:
    assert asked(header) is yes


def test_new_and_changed_entries_in_the_whole_document_s_frame() -> None:
    before = rss(item("b"), item("a"))
    after = rss(item("d"), item("c"), item("b", "changed; &lt;/item&gt;"), item("a"))

    assert delta(after, parts(before)) == rss(item("d"), item("c"), item("b", "changed; &lt;/item&gt;"))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        (rss(item("a")), "b was taken out; only the whole feed can say so"),
        (rss(item("c"), item("a")), "b was taken out while c came in"),
        (rss(item("b"), item("a")).replace(b"\xc4\x90", b"D"), "no entry is new"),
        (rss(item("d"), item("c")), "nothing is left of what the reader has"),
        (b"<rss><channel><item>", "not a document at all"),
        (b'{"version": "https://jsonfeed.org/version/1.1"}', "no XML"),
    ],
)
def test_where_the_whole_feed_says_more(after: bytes, why: str) -> None:
    assert delta(after, parts(rss(item("b"), item("a")))) is None, why


def test_what_falls_off_the_end_is_not_taken_out() -> None:
    before = rss(item("c"), item("b"), item("a"))

    assert delta(rss(item("d"), item("c"), item("b")), parts(before)) == rss(item("d"))


def test_memory_of_versions_is_bounded() -> None:
    history = History()
    for number in range(REMEMBERED + 5):
        history.remember(frozenset({f"t{number}"}), rss(item(str(number))))

    assert history.of(["t0"]) is None
    assert history.of(["t7", "nobody's"]) is not None


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_over_http(newsroom: Newsroom, form: str) -> None:
    path = f"/feeds/all.{form}"
    newsroom.publish()
    with newsroom.serving() as client:
        before = raw(client, path, {"Accept-Encoding": "gzip"})
        newsroom.add(20, published=newsroom.now + timedelta(minutes=1))
        newsroom.publish(timedelta(minutes=5))
        asking = {"If-None-Match": before.headers["etag"], "A-IM": "feed", "Accept-Encoding": "gzip"}
        told = raw(client, path, asking)
        again = raw(client, path, asking | {"If-None-Match": told.headers["etag"]})
        whole = raw(client, path)
        strangers = [
            raw(client, path, {"A-IM": "feed"}),
            raw(client, path, {"A-IM": "feed", "If-None-Match": '"never seen"'}),
            raw(client, path, {"If-None-Match": before.headers["etag"]}),
        ]
        newsroom.withdraw(3)
        newsroom.publish(timedelta(minutes=5))
        withdrawn = raw(client, path, asking | {"If-None-Match": whole.headers["etag"]})

    assert told.status_code == 226
    assert told.headers["im"] == "feed"
    assert told.headers["etag"] == whole.headers["etag"]
    assert "no-store" in told.headers["cache-control"]
    assert {"A-IM", "If-None-Match"} <= set(told.headers["vary"].split(", "))
    assert titles(told) == titles(whole)[:1]
    assert feedparser.parse(told.content).feed.title == feedparser.parse(whole.content).feed.title
    assert again.status_code == 304
    assert [answer.status_code for answer in strangers] == [200] * 3
    assert withdrawn.status_code == 200


def test_json_feeds_come_whole(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        before = raw(client, "/feeds/all.json")
        newsroom.add(20)
        newsroom.publish(timedelta(minutes=5))
        told = raw(client, "/feeds/all.json", {"If-None-Match": before.headers["etag"], "A-IM": "feed"})

    assert told.status_code == 200


def titles(answer: httpx.Response) -> list[str]:
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]
