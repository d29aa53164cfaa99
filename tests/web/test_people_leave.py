"""Leaving: one large button, one click from a mail program, a way back, and nothing by GET."""

import re
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import httpx
import pytest

from publisher import logs
from publisher.model.slot import slot_at
from publisher.store import subscribers, suppressions
from publisher.work import tasks
from tests.web.newsroom import Newsroom
from tests.web.people import Reader, enrol, part, reading, stored

ONE_CLICK = b"List-Unsubscribe=One-Click"
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
    'multipart/form-data; boundary="x"',
)


@pytest.fixture
def reader(newsroom: Newsroom) -> Iterator[Reader]:
    """Lan, who gets the daily letter and the weekly one in Vietnamese."""
    enrol(newsroom, language="en")
    enrol(newsroom, digest="weekly")
    with reading(newsroom) as found:
        yield found


def unsubscribe(reader: Reader, query: str = "") -> str:
    return f"/u/{reader.token('unsubscribe')}{query}"


def test_a_get_shows_what_goes_and_one_button(reader: Reader) -> None:
    page = reader.get(unsubscribe(reader))

    assert (page.status, page.language, page.heading) == (200, "en", "Do you want to leave?")
    assert page.tree.xpath('//ul[@class="letters"]/li/text()') == ["The Morning"]
    assert page.buttons() == [("do", "leave")]
    assert "You will still get: The Week." in page.text
    assert set(reader.subscribed()) == {"daily", "weekly"}


def test_the_button_and_the_way_back(reader: Reader) -> None:
    left = reader.post(unsubscribe(reader), {"do": "leave"})
    assert (left.status, left.heading) == (200, "You have left")
    assert set(reader.subscribed()) == {"weekly"}
    assert left.buttons() == [("do", "return")]
    words = left.tree.xpath('string(//div[@class="agreed"]/p[2])')
    assert (
        words
        == "I want The Morning from The Courier by e-mail again. I can leave at any time with one click."
    )

    reader.newsroom.now += timedelta(hours=2)
    back = reader.post(unsubscribe(reader), left.hidden() | {"do": "return"})
    assert (back.status, back.heading) == (200, "Welcome back")
    mine = reader.subscribed()
    assert set(mine) == {"daily", "weekly"}
    assert mine["daily"].consent.text == words
    assert mine["daily"].consent.at == reader.newsroom.now


def test_leaving_twice_is_leaving_once(reader: Reader) -> None:
    path = unsubscribe(reader)
    first = reader.post(path, {"do": "leave"})
    before = stored(reader.newsroom)
    reader.newsroom.now += timedelta(minutes=5)

    assert reader.post(path, {"do": "leave"}).answer.content == first.answer.content
    assert stored(reader.newsroom) == before


def test_all_letters_at_once(reader: Reader) -> None:
    path = unsubscribe(reader, "?all=1")
    page = reader.get(path)
    assert page.tree.xpath('//ul[@class="letters"]/li/text()') == ["The Morning", "The Week"]
    assert page.buttons() == [("do", "leave-all")]

    left = reader.post(path, {"do": "leave-all"})
    assert reader.subscribed() == {}
    digests = left.tree.xpath('//input[@name="digest"]/@value')
    reader.post(path, {"do": "return", "digest": digests, "words": left.value("words")})
    assert set(reader.subscribed()) == {"daily", "weekly"}


def test_the_way_back_closes_after_a_day(reader: Reader) -> None:
    """Who was forwarded an old letter cannot subscribe its reader again."""
    path = unsubscribe(reader)
    left = reader.post(path, {"do": "leave"})
    reader.newsroom.now += timedelta(days=1)

    late = reader.post(path, left.hidden() | {"do": "return"})
    assert late.heading == "You have left"
    assert late.buttons() == []
    assert late.tree.xpath('//a[contains(@href, "subscribe?digest=daily")]')
    assert set(reader.subscribed()) == {"weekly"}


def test_a_way_back_leads_only_to_what_was_left(reader: Reader) -> None:
    path = unsubscribe(reader)
    left = reader.post(path, {"do": "leave"})
    for digest in ("draft", "nothing", "../daily"):
        reader.post(path, left.hidden() | {"do": "return", "digest": digest})
    other_words = reader.post(path, left.hidden() | {"do": "return", "words": "0" * 16})

    assert other_words.heading == "You have left"
    assert set(reader.subscribed()) == {"weekly"}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (ONE_CLICK, "application/x-www-form-urlencoded"),
        (ONE_CLICK, "application/x-www-form-urlencoded; charset=UTF-8"),
        (ONE_CLICK + b"\r\n", "text/plain"),
        (b"list=1&" + ONE_CLICK, ""),
        MULTIPART,
    ],
    ids=["urlencoded", "charset", "plain", "nameless", "multipart"],
)
def test_one_click_from_a_plain_client(reader: Reader, body: bytes, kind: str) -> None:
    """RFC 8058 §3.2: a POST without cookies or context, answered without a redirect."""
    address = str(reader.client.base_url) + unsubscribe(reader)
    answer = httpx.post(address, content=body, headers={"content-type": kind} if kind else {})

    assert (answer.status_code, answer.history) == (200, [])
    assert "set-cookie" not in answer.headers
    assert set(reader.subscribed()) == {"weekly"}
    again = httpx.post(address, content=body, headers={"content-type": kind} if kind else {})
    assert (again.status_code, again.content) == (200, answer.content)


def test_one_click_reaches_letters_that_still_wait(reader: Reader) -> None:
    reader.client.post(unsubscribe(reader), content=ONE_CLICK)
    _, letters = letters_of(reader)

    assert [str(one["To"]) for one in letters] == []


@pytest.mark.parametrize(
    "token",
    ["x", "a" * 24, "a" * 23 + "1", "A" * 5000, "%00%ff", "đò", "..%2f..%2fetc", "' OR 1=1 --", "<script>"],
)
@pytest.mark.parametrize("room", ["u", "preferences", "confirm"])
def test_a_token_that_is_none_reveals_nothing(reader: Reader, room: str, token: str) -> None:
    before = stored(reader.newsroom)
    bodies = set()
    for page in (
        reader.get(f"/{room}/{token}"),
        reader.post(f"/{room}/{token}", {"do": "leave"}),
        reader.post(f"/{room}/{token}", {"List-Unsubscribe": "One-Click"}),
    ):
        assert page.status == 404
        bodies.add(page.answer.content)
    assert len(bodies) == 1
    assert stored(reader.newsroom) == before


def test_a_token_is_good_in_its_own_room_only(reader: Reader) -> None:
    known = {
        room: reader.token(room) for room in ("unsubscribe", "preferences", "message", "form", "confirm")
    }
    unknown = reader.get("/u/" + "a" * 24).answer.content

    for purpose, room in (
        ("preferences", "u"),
        ("unsubscribe", "preferences"),
        ("form", "confirm"),
        ("message", "u"),
    ):
        page = reader.get(f"/{room}/{known[purpose]}")
        assert (page.status, page.answer.content) == (404, unknown)
    # One that nobody got yet looks like any other.
    assert reader.get(f"/confirm/{known['confirm']}").answer.content == unknown


def test_who_was_erased_is_unknown(reader: Reader) -> None:
    paths = (unsubscribe(reader), f"/preferences/{reader.token('preferences')}")
    with reader.newsroom.store.write() as tx:
        subscribers.erase(tx, "lan@example.com", now=reader.newsroom.now)

    assert [reader.get(path).status for path in paths] == [404, 404]
    assert [reader.post(path, {"do": "leave"}).status for path in paths] == [404, 404]


def letters_of(reader: Reader) -> tuple[tasks.Sent, list[EmailMessage]]:
    desk = reader.newsroom.desk
    sent = tasks.send(desk, "daily", slot_at(desk.clock(), "day", desk.zone))
    return sent, reader.outbox()


def test_every_link_of_the_letter_fetched_twice_changes_nothing(reader: Reader) -> None:
    """What link scanners of mail servers do."""
    reader.newsroom.publish()
    _, (letter,) = letters_of(reader)
    places = [
        part(letter, "plain"),
        part(letter, "html"),
        str(letter["List-Unsubscribe"]),
        str(letter["List-Archive"]),
    ]
    links = sorted(
        {link for text in places for link in re.findall(r"https://courier\.example(/[^\s\"'<>)]*)", text)}
    )
    assert any(link.startswith("/u/") for link in links)
    assert any(link.startswith("/preferences/") for link in links)
    before = stored(reader.newsroom)

    for link in [*links, *links]:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = reader.client.request(method, link, headers={"sec-purpose": "prefetch;prerender"})
            assert answer.status_code < 500
    for link in links:
        assert reader.get(link).status in {200, 302, 308}, link
    assert stored(reader.newsroom) == before
    assert set(reader.subscribed()) == {"daily", "weekly"}


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_other_methods_are_refused(reader: Reader, method: str) -> None:
    before = stored(reader.newsroom)
    for path in (
        "/subscribe",
        unsubscribe(reader),
        f"/preferences/{reader.token('preferences')}",
        "/confirm/x",
    ):
        answer = reader.client.request(method, path, content=ONE_CLICK)
        assert answer.status_code == 405
        assert {"GET", "POST"} <= set(re.split(r", ?", answer.headers["allow"]))
    assert stored(reader.newsroom) == before


def test_head_and_options(reader: Reader) -> None:
    path = unsubscribe(reader)
    got, head, options = (reader.client.request(method, path) for method in ("GET", "HEAD", "OPTIONS"))

    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == got.headers["content-length"]
    assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, POST, OPTIONS")


def test_what_is_said_about_the_pages(reader: Reader) -> None:
    for path in (
        unsubscribe(reader),
        f"/preferences/{reader.token('preferences')}",
        "/confirm/x",
        "/subscribe",
    ):
        headers = reader.get(path).answer.headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "set-cookie" not in headers
        assert ("noindex" in headers.get("x-robots-tag", "")) == (path != "/subscribe")


def test_a_post_that_says_nothing_shows_the_button_again(reader: Reader) -> None:
    for body in (b"", b"do=", b"\xff\x00=&&&=", b"do=leave-not", b"{" * 1000):
        answer = reader.client.post(unsubscribe(reader), content=body)
        assert answer.status_code == 400
        assert b"Do you want to leave?" in answer.content
    assert set(reader.subscribed()) == {"daily", "weekly"}


def test_large_bodies_are_refused(reader: Reader) -> None:
    for body in (b"do=leave&x=" + b"a" * 40_000, (b"x=%d&" % number for number in range(9_000))):
        assert reader.client.post(unsubscribe(reader), content=body).status_code == 413
    assert set(reader.subscribed()) == {"daily", "weekly"}


def test_coming_back_lifts_what_kept_letters_away(reader: Reader) -> None:
    path = unsubscribe(reader)
    left = reader.post(path, {"do": "leave"})
    reader.post(path, left.hidden() | {"do": "return"})
    with reader.newsroom.store.read() as tx:
        assert suppressions.counts(tx) == {}


def test_a_key_that_was_replaced_still_opens(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    path = unsubscribe(reader)
    secret = reader.newsroom.site / "var" / "secret"
    secret.write_text("a-new-key-of-the-newsroom\n" + secret.read_text("ascii"), "ascii")

    assert reader.get(path).status == 200


def test_it_speaks_the_letters_language(newsroom: Newsroom) -> None:
    enrol(newsroom, "mai@example.com", language="vi")
    enrol(newsroom, "bao@example.com", digest="weekly")
    with reading(newsroom) as reader:
        own = reader.get(f"/u/{reader.token('unsubscribe', 'mai@example.com')}", **{"accept-language": "en"})
        letters = reader.get(f"/u/{reader.token('unsubscribe', 'bao@example.com', 'weekly')}")
        named = reader.get(f"/u/{reader.token('unsubscribe', 'mai@example.com')}?lang=en")

    assert (own.language, own.heading) == ("vi", "Bạn muốn huỷ đăng ký?")
    assert letters.language == "vi"
    assert named.language == "en"


def test_a_body_that_never_comes_is_not_waited_for(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publisher.web.people.SECONDS_FOR_A_BODY", 0.2)
    head = f"POST {unsubscribe(reader)} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nList-"
    place = reader.client.base_url.host, reader.client.base_url.port or 0
    with socket.create_connection(place, timeout=120) as slow:
        slow.sendall(head.encode())
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")
    assert set(reader.subscribed()) == {"daily", "weekly"}


def test_no_token_is_ever_logged(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure(verbose=True)
    path = unsubscribe(reader)
    reader.get(path)
    reader.post(path, {"do": "nonsense"})

    def fails(*_: object) -> None:
        raise RuntimeError(f"POST {path} by lan@example.com")

    monkeypatch.setattr("publisher.work.people.unsubscribe", fails)
    assert reader.client.post(path, content=ONE_CLICK).status_code == 500
    said = "".join(capfd.readouterr())
    assert path.rpartition("/")[2] not in said
    assert "lan@example" not in said
