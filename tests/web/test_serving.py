"""What a reader's program sees over HTTP: a real server, real sockets, real files."""

import gzip
import socket
import threading
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import httpx
import pytest

from publisher.errors import UnreachableError
from publisher.web import protocol
from publisher.web.app import application, start
from publisher.web.reply import Reply
from tests.web.newsroom import Newsroom

FEED = "/feeds/all.rss"


def raw(
    client: httpx.Client, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> httpx.Response:
    """Send a request; the body comes as it went over the wire."""
    with client.stream(method, path, headers=headers or {}) as response:
        response._content = b"".join(response.iter_raw())
        return response


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/feeds/all.rss", "application/rss+xml; charset=utf-8"),
        ("/feeds/all.atom", "application/atom+xml; charset=utf-8"),
        ("/feeds/all.json", "application/feed+json; charset=utf-8"),
        ("/feeds.opml", "text/x-opml; charset=utf-8"),
        ("/feeds/", "text/html; charset=utf-8"),
        ("/feeds/economy/", "text/html; charset=utf-8"),
        ("/sitemap.xml", "application/xml; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ],
)
def test_the_right_media_type(newsroom: Newsroom, path: str, media_type: str) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        got = raw(client, path)
        head = raw(client, path, method="HEAD")

    assert got.status_code == head.status_code == 200
    assert got.headers["content-type"] == media_type
    assert got.headers["x-content-type-options"] == "nosniff"
    assert head.headers == got.headers
    assert head.content == b""
    assert int(got.headers["content-length"]) == len(got.content)


def test_each_coding_has_its_own_tag_over_the_same_content(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        plain, zipped, small = (
            raw(client, FEED, {"Accept-Encoding": name}) for name in ("identity", "gzip", "br")
        )
        unasked = raw(client, FEED)
        refused = raw(client, FEED, {"Accept-Encoding": "deflate, identity;q=0"})

    assert len({answer.headers["etag"] for answer in (plain, zipped, small)}) == 3
    assert not any(answer.headers["etag"].startswith("W/") for answer in (plain, zipped, small))
    assert gzip.decompress(zipped.content) == plain.content == brotli.decompress(small.content)
    assert (zipped.headers["content-encoding"], small.headers["content-encoding"]) == ("gzip", "br")
    assert "content-encoding" not in plain.headers
    assert unasked.headers == plain.headers
    assert {answer.headers["vary"] for answer in (plain, zipped, small)} == {"Accept-Encoding"}
    assert refused.status_code == 406


@pytest.mark.parametrize("coding", ["identity", "gzip", "br"])
def test_whoever_has_it_gets_304(newsroom: Newsroom, coding: str) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        accepts = {"Accept-Encoding": coding}
        first = raw(client, FEED, accepts)
        tag, date = first.headers["etag"], first.headers["last-modified"]
        suffixed = f'{tag[:-1]}-gzip"'
        wanted = [
            {"If-None-Match": tag},
            {"If-None-Match": f"W/{tag}"},
            {"If-None-Match": f'"other", {tag}'},
            {"If-None-Match": suffixed},
            {"If-None-Match": "*"},
            {"If-None-Match": tag, "If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"},
            {"If-Modified-Since": date},
        ]
        answers = [raw(client, FEED, accepts | headers) for headers in wanted]
        heads = [raw(client, FEED, accepts | headers, method="HEAD") for headers in wanted]

    assert [answer.status_code for answer in answers] == [304] * len(wanted)
    assert [answer.status_code for answer in heads] == [304] * len(wanted)
    for answer in answers:
        assert answer.content == b""
        for name in ("etag", "cache-control", "vary", "last-modified"):
            assert answer.headers[name] == first.headers[name]


def test_whoever_has_something_else_gets_all_of_it(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        first = raw(client, FEED)
        zipped = raw(client, FEED, {"Accept-Encoding": "gzip"})
        date = first.headers["last-modified"]
        answers = [
            raw(client, FEED, headers)
            for headers in (
                {"If-None-Match": '"other"', "If-Modified-Since": date},
                {"If-None-Match": "", "If-Modified-Since": date},
                {"If-None-Match": zipped.headers["etag"]},
                {"If-Modified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"},
                {"If-Modified-Since": "no date"},
            )
        ]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert all(answer.content == first.content for answer in answers)


def test_a_change_moves_tag_and_date_and_only_of_what_changed(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        before = {path: raw(client, path) for path in (FEED, "/feeds/culture.rss", "/feeds/economy.rss")}
        newsroom.withdraw(1)
        newsroom.publish(timedelta(seconds=1))
        after = {
            path: raw(client, path, {"If-None-Match": answer.headers["etag"]})
            for path, answer in before.items()
        }

    assert [after[path].status_code for path in before] == [200, 304, 200]
    for path in (FEED, "/feeds/economy.rss"):
        assert parsedate_to_datetime(after[path].headers["last-modified"]) > parsedate_to_datetime(
            before[path].headers["last-modified"]
        )
    assert b"trip 1" not in after[FEED].content


def test_cache_time_agrees_with_the_feed_itself(newsroom: Newsroom) -> None:
    newsroom.configure(feeds={"refresh": "20m"})
    newsroom.publish()
    with newsroom.serving() as client:
        feed = raw(client, FEED)

    assert feed.headers["cache-control"] == "public, max-age=1200"
    assert b"<ttl>20</ttl>" in feed.content


def test_links_name_the_feed_itself_and_its_hub(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        said = raw(client, "/feeds/economy.atom").headers["link"]

    assert (
        said == '<https://courier.example/feeds/economy.atom>; rel="self", <https://hub.example>; rel="hub"'
    )


def test_pages_of_other_sites_may_read_feeds_and_nothing_else(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        feed = raw(client, FEED, {"Origin": "https://reader.example"})
        asked = raw(
            client,
            FEED,
            {"Origin": "https://reader.example", "Access-Control-Request-Method": "GET"},
            method="OPTIONS",
        )
        page = raw(client, "/feeds/")

    assert feed.headers["access-control-allow-origin"] == "*"
    assert "ETag" in feed.headers["access-control-expose-headers"]
    assert asked.status_code == 204
    assert "If-None-Match" in asked.headers["access-control-allow-headers"]
    assert set(asked.headers["access-control-allow-methods"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert "access-control-allow-origin" not in page.headers


def test_other_methods_are_refused(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        answers = [raw(client, path, method="POST") for path in (FEED, "/feeds/")]
        deleted = raw(client, "/articles/none", method="DELETE")

    assert [answer.status_code for answer in answers] == [405, 405]
    assert answers[0].headers["allow"] == "GET, HEAD, OPTIONS"
    assert deleted.status_code == 405


def test_ranges_are_ignored(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        whole = raw(client, FEED)
        answers = [
            raw(client, FEED, {"Range": said}) for said in ("bytes=0-10", "bytes=-1", "bytes=9-1,3-", "x")
        ]

    assert whole.headers["accept-ranges"] == "none"
    assert all(answer.status_code == 200 and answer.content == whole.content for answer in answers)


def test_an_old_key_leads_to_the_new_one(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        answers = {
            path: raw(client, path)
            for path in ("/feeds/business.rss", "/feeds/business/", "/feeds/business/2026-10.atom", "/feeds")
        }

    assert {answer.status_code for answer in answers.values()} == {308}
    assert [answer.headers["location"] for answer in answers.values()] == [
        "/feeds/economy.rss",
        "/feeds/economy/",
        "/feeds/economy/2026-10.atom",
        "/feeds/",
    ]


def test_pages_are_closed_to_scripts_and_frames(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        pages = [raw(client, path) for path in ("/feeds/", "/feeds/economy/", "/articles/none")]

    for page in pages:
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert page.headers["referrer-policy"] == "strict-origin-when-cross-origin"


def test_polling_without_saying_what_one_has(newsroom: Newsroom) -> None:
    newsroom.configure(web={"polls": 5})
    newsroom.publish()
    with newsroom.serving() as client:
        answers = [raw(client, FEED, {"User-Agent": f"reader/{number}"}) for number in range(6)]
        tag = answers[0].headers["etag"]
        others = [
            raw(client, "/feeds/economy.rss"),
            raw(client, FEED, {"If-None-Match": '"old"'}),
            raw(client, FEED, {"X-Forwarded-For": "192.0.2.50"}),
            raw(client, FEED, method="HEAD"),
        ]
        polite = raw(client, FEED, {"If-None-Match": tag})
        newsroom.add(8)
        newsroom.publish(timedelta(minutes=1))
        renewed = raw(client, FEED)

    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 900
    assert answers[-1].headers["access-control-allow-origin"] == "*"
    assert [answer.status_code for answer in others] == [200] * 4
    assert polite.status_code == 304
    assert renewed.status_code == 200, "a new version may be fetched"


def test_two_hosts_on_one_store_send_the_same(newsroom: Newsroom, tmp_path: Path) -> None:
    other = Newsroom(tmp_path / "other", newsroom.store, newsroom.settings)
    newsroom.publish()
    newsroom.withdraw(2)
    newsroom.publish(timedelta(minutes=15))
    other.publish(timedelta(minutes=40))
    with newsroom.serving() as one, other.serving() as two:
        for path in (FEED, "/feeds/all.atom", "/feeds/economy.json", "/feeds/culture.rss"):
            for coding in ("identity", "gzip", "br"):
                ours, theirs = (raw(client, path, {"Accept-Encoding": coding}) for client in (one, two))
                assert ours.content == theirs.content
                for name in ("etag", "last-modified", "cache-control", "vary", "link"):
                    assert ours.headers[name] == theirs.headers[name]


def test_nothing_but_what_readers_may_have(newsroom: Newsroom) -> None:
    newsroom.publish()
    public = newsroom.site / "public"
    (public / ".secret").write_text("no")
    (public / "feeds" / ".all.rss.part").write_text("no")
    (public / "feeds" / "x.rss.part").write_text("no")
    (public / "link.txt").symlink_to(newsroom.site / "var" / "publisher.sqlite3")
    (public / "out").symlink_to(newsroom.site / "var")
    paths = [
        "/.secret",
        "/feeds/.all.rss.part",
        "/feeds/x.rss.part",
        "/feeds/all.rss.gz",
        "/link.txt",
        "/out/publisher.sqlite3",
        "/../var/publisher.sqlite3",
        "/%2e%2e/var/publisher.sqlite3",
        "/feeds/%2e%2e%2f%2e%2e%2fvar/publisher.sqlite3",
        "/feeds/..%5c..%5cvar/publisher.sqlite3",
        "/feeds/all.rss%00",
        "//feeds/all.rss",
        "/feeds//all.rss",
        "/feeds/all.rss/",
        "/%ff%fe",
    ]
    with newsroom.serving() as client:
        found = {path: _exactly(client, path) for path in paths}

    assert {path: status for path, status in found.items() if status != 404} == {}


def _exactly(client: httpx.Client, path: str) -> int:
    """Ask for a path as it is written, which httpx would tidy up; return the status."""
    place = urlsplit(str(client.base_url))
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=120) as plain:
        plain.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return int(plain.makefile("rb").readline().split()[1])


def test_answers_that_are_ready_take_the_short_way(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A renewed uvicorn that breaks the short way would only be slow; this notices."""
    written: list[int] = []
    whole = protocol.DoorProtocol._write

    def watched(self: protocol.DoorProtocol, reply: Reply, *, with_body: bool) -> None:
        written.append(reply.status)
        whole(self, reply, with_body=with_body)

    monkeypatch.setattr(protocol.DoorProtocol, "_write", watched)
    newsroom.publish()
    with newsroom.serving() as client:
        tag = raw(client, FEED).headers["etag"]
        raw(client, FEED, {"If-None-Match": tag})
        raw(client, "/healthz")

    assert written == [200, 304]


def test_requests_in_one_packet_are_answered_in_order(newsroom: Newsroom) -> None:
    newsroom.publish()
    asks = (
        b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /feeds/all.json HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        b"HEAD /feeds/all.atom HTTP/1.1\r\nHost: x\r\n\r\n"
        b"GET /feeds.opml HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    with newsroom.serving() as client:
        place = urlsplit(str(client.base_url))
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=120) as plain:
            plain.sendall(asks)
            got = b"".join(iter(lambda: plain.recv(65536), b""))

    order = [
        got.find(mark) for mark in (b"<rss", b"ready\n", b"jsonfeed.org", b"atom+xml; charset", b"<opml")
    ]
    assert order == sorted(order)
    assert -1 not in order
    assert got.count(b"HTTP/1.1 200 OK") == 5


def test_a_reader_that_does_not_keep_up_holds_nobody_else_up(newsroom: Newsroom) -> None:
    newsroom.publish()
    with newsroom.serving() as client:
        place = urlsplit(str(client.base_url))
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=120) as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.sendall(b"GET /feeds/all.rss HTTP/1.1\r\nHost: x\r\nIf-None-Match: a\r\n\r\n" * 200)
            assert raw(client, FEED).status_code == 200


def test_it_ends_while_readers_are_connected(newsroom: Newsroom) -> None:
    newsroom.publish()
    listening = start(newsroom.desk, host="127.0.0.1", port=0)
    place = urlsplit(listening.address)
    with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=120) as idle:
        idle.sendall(b"GET /feeds/all.rss HTTP/1.1\r\n")
        listening.stop()
        listening.stop()

    assert [thread for thread in threading.enumerate() if thread.name == "web"] == []


def test_a_taken_port_is_one_line(newsroom: Newsroom) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnreachableError) as caught:
            start(newsroom.desk, host="127.0.0.1", port=port)

    assert str(caught.value).count("\n") == 0
    assert f"127.0.0.1:{port}" in str(caught.value)
    assert "--port" in str(caught.value)


def test_health(newsroom: Newsroom) -> None:
    with newsroom.serving() as client:
        assert client.get("/healthz").text == "ok\n"
        assert client.get("/readyz").status_code == 200
        newsroom.store.close()
        (newsroom.site / "var" / "publisher.sqlite3").rename(newsroom.site / "var" / "away")
        (newsroom.site / "var" / "publisher.sqlite3").mkdir()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503
        away = client.get("/articles/abc")
        (newsroom.site / "var" / "publisher.sqlite3").rmdir()

    assert away.status_code == 503
    assert away.headers["retry-after"]


def test_an_edited_config_takes_effect_on_connections_that_stay(newsroom: Newsroom) -> None:
    newsroom.publish()
    listening = start(newsroom.desk, host="127.0.0.1", port=0)
    try:
        with httpx.Client(base_url=listening.address, trust_env=False, timeout=120) as client:
            before = client.get(FEED)
            newsroom.configure(feeds={"refresh": "1h"}, site={"url": "https://news.example"})
            newsroom.publish(timedelta(minutes=5))
            listening.door.become(application(newsroom.desk))
            after = client.get(FEED)
    finally:
        listening.stop()

    assert before.headers["cache-control"] == "public, max-age=900"
    assert after.headers["cache-control"] == "public, max-age=3600"
    assert after.headers["link"].startswith("<https://news.example/feeds/all.rss>")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("0123456789abcdef.jpg", "public, max-age=31536000, immutable"),
        ("0123456789abcdef-1200x800.jpg", "public, max-age=31536000, immutable"),
        ("logo.png", "public, max-age=86400"),
    ],
)
def test_pictures_named_after_their_content_are_kept_for_ever(
    newsroom: Newsroom, name: str, says: str
) -> None:
    file = newsroom.site / "public" / "media" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"a picture")

    with newsroom.serving() as client:
        assert raw(client, f"/media/{name}").headers["cache-control"] == says
