"""Ten thousand requests that nobody decent sends: no 500, and nothing from outside public/."""

import random
import re
import socket
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from urllib.parse import urlsplit

import pytest

from tests.web.newsroom import Newsroom
from tests.web.test_serving import FEED, raw

REQUESTS = 10_000
_PROMISES = re.compile(rb"^(content-length|transfer-encoding|expect|upgrade):", re.IGNORECASE | re.MULTILINE)
SECRET = b"the newsroom's own business"

METHODS = ["GET"] * 12 + [
    "HEAD",
    "OPTIONS",
    "POST",
    "PUT",
    "DELETE",
    "TRACE",
    "PATCH",
    "PROPFIND",
    "CONNECT",
    "get",
]
SEGMENTS = (
    *(
        "feeds",
        "all.rss",
        "all.atom",
        "economy.json",
        "articles",
        "editions",
        "daily",
        "2026-11-21",
        "media",
        "robots.txt",
    ),
    *(
        "..",
        ".",
        "",
        "%2e%2e",
        "%2E%2E%2f",
        "..%2f",
        "..\\",
        "%5c..",
        "....//",
        ".secret",
        "secret.txt",
        "var",
        "config",
    ),
    *(
        "%00",
        "all.rss%00.html",
        "%ff%fe",
        "%",
        "%zz",
        "%c0%ae%c0%ae",
        "~root",
        "con",
        "all.rss.gz",
        ".all.rss.part",
    ),
    *(
        "business",
        "business.rss",
        "x" * 900,
        "%0d%0aSet-Cookie:a=b",
        "<script>",
        "é",
        "đò",
        "*",
        "%2a",
        "a?b=../..",
        "#x",
    ),
)
NAMES = (
    *(
        "If-None-Match",
        "If-Modified-Since",
        "Accept-Encoding",
        "Range",
        "A-IM",
        "X-Forwarded-For",
        "Accept-Language",
    ),
    *(
        "Host",
        "Content-Length",
        "Transfer-Encoding",
        "Connection",
        "Expect",
        "Upgrade",
        "Cookie",
        "Origin",
        "If-Range",
    ),
    *("Content-Type", "X-HTTP-Method-Override", "Forwarded", "Access-Control-Request-Method", "Accept"),
)
VALUES = (
    *(
        "*",
        '"',
        'W/"',
        '"a","b',
        "W/" * 50,
        '"' + "x" * 4000 + '"',
        ",,,",
        "gzip;q=0, *;q=0",
        "br;q=9",
        "identity;q=0",
    ),
    *(
        "bytes=0-0",
        "bytes=-1",
        "bytes=9999999999999999999-",
        "bytes=0-,0-,0-",
        "feed",
        "feed;q=0",
        "gzip",
        "chunked",
    ),
    *(
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 99 Nov 1994 99:99:99 GMT",
        "Mon, 01 Jan 0000 00:00:00 GMT",
        "-1",
        "0",
        "5",
    ),
    *(
        "../../etc/passwd",
        "\x7f",
        "\xff\xfe",
        "é",
        "100-continue",
        "websocket",
        "h2c",
        "close",
        "keep-alive",
        "::1%eth0",
    ),
    *(
        "127.0.0.1, 999.999.999.999",
        "https://evil.example",
        "DELETE",
        "",
        " ",
        "\t",
        "application/json",
        "vi;q=zz,,-",
    ),
)


def request(chance: random.Random) -> bytes:
    path = "/" + "/".join(chance.choice(SEGMENTS) for _ in range(chance.randint(1, 4)))
    if chance.random() < 0.3:
        path = chance.choice(
            (FEED, "/feeds/all.atom", "/feeds/", "/articles/x", "/", "*", "http://x/feeds/all.rss")
        )
    headers = {chance.choice(NAMES): chance.choice(VALUES) for _ in range(chance.randint(0, 5))}
    lines = [f"{chance.choice(METHODS)} {path} HTTP/1.{chance.choice('1110')}"]
    lines += [f"{name}: {value}" for name, value in ({"Host": "x"} | headers).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode(
        "utf-8" if chance.random() < 0.5 else "latin-1", "replace"
    )


def answer(place: tuple[str, int], ask: bytes) -> bytes:
    """Send a request over a connection of its own and return all that comes back."""
    got = bytearray()
    with socket.create_connection(place, timeout=10) as plain:
        # Some promise a body that never comes; those are not waited for.
        plain.settimeout(0.05 if _PROMISES.search(ask) else 2)
        try:
            plain.sendall(ask)
            got += plain.recv(1 << 20)
        except TimeoutError:
            pass
        except OSError:
            return bytes(got)
        plain.settimeout(10)
        with suppress(OSError):
            # The end of what is sent settles what was promised.
            plain.shutdown(socket.SHUT_WR)
            while more := plain.recv(1 << 20):
                got += more
    return bytes(got)


@pytest.mark.slow
def test_ten_thousand_of_them(newsroom: Newsroom) -> None:
    newsroom.publish()
    public = newsroom.site / "public"
    for file in (newsroom.site / "secret.txt", newsroom.site / "var" / "secret.txt", public / ".secret"):
        file.write_bytes(SECRET)
    (public / "feeds" / ".all.rss.part").write_bytes(SECRET)
    (public / "secret.txt").symlink_to(newsroom.site / "secret.txt")
    chance = random.Random(20261121)
    asks = [request(chance) for _ in range(REQUESTS)]
    with newsroom.serving() as client, ThreadPoolExecutor(8) as senders:
        parts = urlsplit(str(client.base_url))
        place = (str(parts.hostname), int(parts.port or 0))
        answers = list(senders.map(lambda ask: answer(place, ask), asks))
        after = raw(client, FEED, {"If-None-Match": "x"})

    assert after.status_code == 200
    statuses = Counter(status for got in answers for status in re.findall(rb"^HTTP/1\.1 (\d{3})", got))
    assert [status for status in statuses if status.startswith(b"5")] == [], statuses
    assert {b"200", b"304", b"308", b"400", b"404", b"405", b"406"} <= set(statuses), statuses
    assert statuses.total() > REQUESTS * 0.9, statuses
    for got in answers:
        assert SECRET not in got
        assert b"root:" not in got
        assert b"Traceback" not in got
        assert b"\r\nset-cookie" not in got.lower()
