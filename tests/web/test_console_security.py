"""Every address of the console under attack; a new one is walked by itself and cannot be forgotten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import cycle, islice, product
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from lxml import etree
from starlette.routing import Route

from publisher.model.session import Role
from publisher.settings.schema import Settings
from publisher.store.tables import metadata
from publisher.web import console
from publisher.web.app import application
from publisher.web.console.address import Address
from publisher.web.console.door import hosts
from publisher.web.console.visit import POLICY
from publisher.web.console.wishes import WISHES
from publisher.web.server import in_thread
from tests.web.consoleletters import EVIL, NEXT_SLOT, SLOT, states, turn_evil, with_letters
from tests.web.consolesite import OPERATOR, READER, Console, ConsoleSite, make, with_past
from tests.web.people import FORM

PLACES: dict[str, tuple[str, ...]] = {
    "digest": ("daily",),
    "slot": (SLOT, NEXT_SLOT),
    "light": ("light", "dark"),
    "wish": WISHES,
    "job": ("morning",),
    "due": ("20261120T233000Z",),
    "name": ("morning",),
    "file": ("schedule", "site"),
    "key": ("all",),
    "number": ("1",),
    "rest": ("nothing/here",),
}
"""What may stand for each place holder; an address with another one has to say it here."""

TRICKS = (
    "..",
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "\x00",
    "%00",
    "%ff%fe",
    "<script>alert(3)</script>",
    "' OR 1=1 --",
    "2026-13-45",
    "9999-W99",
    "0000-01-01",
    "-1",
    "99999999999999999999",
    "٣",
    "{{7*7}}",
    "đò",
    "x" * 700,
    "\r\nSet-Cookie: a=b",
)
NAMES = ("view", "n", "state", "after", "done", "when", "saved", "lang", "next", "about", "before", "from")
_HOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass
class Under:
    """The site, its address, and who is at the door."""

    site: ConsoleSite
    address: str
    nobody: httpx.Client
    reader: Console
    operator: Console

    def rows(self) -> dict[str, list[Any]]:
        """Return all that is kept, but for who is signed in and who tried."""
        with self.site.store.read() as tx:
            return {
                table.name: sorted(map(tuple, tx.execute(table.select())), key=repr)
                for table in metadata.sorted_tables
                if table.name not in {"session", "attempt"}
            }


@pytest.fixture(scope="module")
def under(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Under]:
    site = with_letters(with_past(make(tmp_path_factory.mktemp("console") / "site")), hour=20)
    states(site, "uncertain", "failed")
    turn_evil(site)
    with site.serving() as address:
        nobody = httpx.Client(base_url=address, trust_env=False, timeout=120)
        yield Under(site, address, nobody, Console(address, READER), Console(address, OPERATOR))
    site.store.close()


def paths(one: Address) -> list[str]:
    names = _HOLDER.findall(one.path)
    assert set(names) <= set(PLACES), f"{one.path}: say in PLACES what may stand there"
    found = []
    for values in product(*(PLACES[name] for name in names)):
        path = one.path
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"\{{{name}(:\w+)?\}}", value, path)
        found.append(f"/console{path}")
    return found


EVERY = [(one, path) for one in console.addresses() for path in paths(one)]
CLOSED = [(one, path) for one, path in EVERY if one.role is not None]
ACTING = [(one, path) for one, path in EVERY if one.post is not None]


def test_the_list_is_whole(under: Under) -> None:
    served = {
        route.path
        for route in application(under.site.desk)._rest.routes  # type: ignore[attr-defined]
        if isinstance(route, Route) and route.path.startswith("/console")
    }
    assert served == {f"/console{one.path}" for one in console.addresses()} | {
        "/console",
        "/console/{rest:path}",
    }
    assert len(EVERY) > 30


def test_nobody_sees_or_does_anything_without_a_session(under: Under) -> None:
    before = under.rows()
    own = {"origin": under.address, "content-type": FORM}
    for one, path in CLOSED:
        for cookie in ("", "console=", "console=x", f"console={'0' * 64}"):
            headers = {"cookie": cookie} if cookie else {}
            shown = under.nobody.get(path, headers=headers)
            if one.is_visit:
                assert (shown.status_code, shown.headers["location"][:16]) == (303, "/console/sign-in"), path
                assert shown.content == b""
            else:
                assert (shown.status_code, len(shown.content)) == (401, 30), path
        sent = under.nobody.post(path, headers=own, content="key=x&do=save")
        wanted = (303, "/console/sign-in") if one.is_visit else (401, None)
        assert (sent.status_code, sent.headers.get("location")) == wanted, path
    for path in ("/console/nothing/here", "/console/../console/log", "/console//", "/console/%2e%2e/x"):
        assert under.nobody.get(path).status_code in {303, 404}
    assert under.rows() == before


def test_a_readers_hands_are_tied_and_no_address_is_shown(under: Under) -> None:
    before, address = under.rows(), re.compile(r"(lan|reader)\d+@example\.com")
    for one, path in EVERY:
        shown = under.reader.get(path)
        if one.role is Role.OPERATOR:
            assert shown.status == 403, path
        assert shown.status < 500
        assert EVIL not in shown.answer.text
        assert not address.search(shown.answer.text), path
        if one.acts is Role.OPERATOR:
            key = shown.tree.xpath('string(//input[@name="key"]/@value)')
            assert under.reader.post(path, {"key": key, "do": "save"}).status in {403, 405}, path
    assert under.rows() == before
    assert address.search(under.operator.get(f"/console/editions/daily/{SLOT}/deliveries").answer.text)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({}, "none"),
        ({}, "readers"),
        ({}, "wrong"),
        ({"origin": "https://evil.example"}, "own"),
        ({"origin": "null"}, "own"),
        ({"origin": ""}, "own"),
        ({"origin": "http://[evil"}, "own"),
        ({"origin": "http://127.0.0.1:1"}, "own"),
        ({"sec-fetch-site": "cross-site"}, "own"),
        ({"sec-fetch-site": "same-site"}, "own"),
        ({"origin": None}, "own"),
    ],
)
def test_a_form_from_elsewhere_does_nothing(under: Under, headers: dict[str, str | None], key: str) -> None:
    before = under.rows()
    keys = {
        "own": key_of(under.operator),
        "readers": key_of(under.reader),
        "wrong": "0" * 40,
        "none": None,
    }
    kept = {"cookie": "; ".join(f"{name}={value}" for name, value in under.operator.client.cookies.items())}
    said = {"origin": under.address, "content-type": FORM} | kept | headers
    plain = {name: value for name, value in said.items() if value is not None}
    body = f"key={keys[key]}" if keys[key] else ""
    for _, path in ACTING:
        sent = under.nobody.post(
            path, headers=plain, content=body + "&do=save&number=1&because=x&verdict=again"
        )
        assert sent.status_code == 403, (path, sent.status_code)
    assert under.operator.get("/console/").status == 200
    assert under.rows() == before


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "courier.example",
        "localhost.evil.example",
        "localhost@evil",
        "[",
        "",
    ],
)
def test_under_another_name_there_is_no_console(under: Under, host: str) -> None:
    for _, path in EVERY:
        shown = under.operator.client.get(path, headers={"host": host})
        assert shown.status_code in {400, 404}, path
        assert "evil" not in shown.text


def test_from_another_machine_there_is_no_console(under: Under) -> None:
    for _, path in EVERY:
        shown = under.operator.client.get(path, headers={"x-forwarded-for": "203.0.113.9"})
        assert shown.status_code == 404, path


def test_open_to_all_it_still_goes_by_its_own_names_only(under: Under) -> None:
    plain = under.site.desk.settings.model_dump(by_alias=True)
    plain["web"] |= {"console": "anywhere", "console_hosts": ["desk.example"]}
    settings = Settings.model_validate(plain)
    assert hosts(settings) == {*("localhost", "127.0.0.1", "::1", "courier.example", "desk.example")}
    listening = in_thread(application(replace(under.site.desk, settings=settings)), "127.0.0.1", 0)
    try:
        with httpx.Client(base_url=listening.address, trust_env=False, timeout=120) as client:
            far = {"x-forwarded-for": "203.0.113.9"}
            for host, status in (("evil.example", 421), ("courier.example", 200), ("desk.example:81", 200)):
                shown = client.get("/console/sign-in", headers={"host": host} | far)
                assert (shown.status_code, "evil" in shown.text) == (status, False)
    finally:
        listening.stop()


def test_too_much_and_the_wrong_kind(under: Under) -> None:
    before = under.rows()
    for one, path in ACTING:
        large = under.operator.post(path, {"key": key_of(under.operator), "text": "x" * one.largest})
        assert large.status == 413, path
    for kind in ("multipart/form-data; boundary=x", "application/json", "text/plain", ""):
        path = ACTING[0][1]
        sent = under.operator.client.post(path, content=b"--x\r\n\r\n", headers={"content-type": kind})
        assert sent.status_code == 415
    many = "&".join(f"a{number}=1" for number in range(2000))
    assert (
        under.operator.client.post(ACTING[0][1], content=many, headers={"content-type": FORM}).status_code
        == 415
    )
    assert under.rows() == before


def test_nothing_breaks_on_strange_addresses(under: Under) -> None:
    for trick, one in product(TRICKS, console.addresses()):
        for name in _HOLDER.findall(one.path):
            path = one.path
            for holder in _HOLDER.findall(one.path):
                value = quote(trick, safe="%") if holder == name else PLACES[holder][0]
                path = re.sub(rf"\{{{holder}(:\w+)?\}}", value, path)
            harmless(under.operator.get(f"/console{path}").answer)


def test_nothing_breaks_on_strange_questions(under: Under) -> None:
    for turn, (_, path) in enumerate(EVERY):
        for start in (turn, turn + len(TRICKS) // 2):
            tricks = zip(NAMES, islice(cycle(TRICKS), start, None), strict=False)
            said = "&".join(f"{name}={quote(trick, safe='%')}" for name, trick in tricks)
            harmless(under.operator.get(f"{path}?{said}").answer)
        harmless(under.nobody.get(f"{path}?{said}"))


def test_html_from_outside_is_only_ever_text(under: Under) -> None:
    as_text = 0
    for _, path in EVERY:
        shown = under.operator.get(path).answer
        harmless(shown)
        as_text += "&lt;img src=x" in shown.text
        kind = shown.headers.get("content-type", "")
        if "html" in kind and "/letter/" not in path:
            assert shown.headers["content-security-policy"] == POLICY, path
            assert shown.headers["x-frame-options"] == "DENY"
        if kind.startswith("text/html"):
            assert shown.headers["cache-control"] == "no-store", path
            assert shown.headers["x-content-type-options"] == "nosniff"
    assert as_text > 7


def test_html_in_every_field_of_every_form_is_only_ever_text(tmp_path: Path) -> None:
    site = turn_evil(with_letters(with_past(make(tmp_path / "site")), hour=20))
    states(site, "uncertain", "failed")
    with site.serving() as address:
        operator = Console(address)
        for _, path in EVERY:
            shown = operator.get(path)
            for form in shown.tree.xpath("//main//form[@method='post']"):
                fields = {one.get("name"): EVIL for one in form.xpath(".//*[@name]")}
                sent = operator.post(form.get("action") or path, fields | {"key": key_of(operator)})
                harmless(sent.answer)
        for _, path in EVERY:
            harmless(operator.get(path).answer)
    site.store.close()


def key_of(somebody: Console) -> str:
    """Return the key of somebody's forms."""
    return str(somebody.get("/console/").tree.xpath('string(//input[@name="key"]/@value)'))


def harmless(shown: httpx.Response) -> None:
    """Fail when an answer broke, or when a browser would take anything in it for more than text."""
    where = str(shown.url)[:200]
    assert shown.status_code < 500, (where, shown.text[:300])
    assert "set-cookie" not in shown.headers or "a=b" not in shown.headers["set-cookie"]
    assert "root:" not in shown.text
    assert "Traceback" not in shown.text
    if not shown.headers.get("content-type", "").startswith("text/html") or not shown.content:
        return
    tree = etree.fromstring(shown.content, etree.HTMLParser(encoding="utf-8"))
    assert tree.xpath("//img[@src='x']") == [], where
    scripts = [one.get("src", "").partition("?")[0] for one in tree.xpath("//script")]
    assert scripts in ([], ["/console/console.js"]), where
    assert tree.xpath("//*[@*[starts-with(name(), 'on')]]") == [], where
    assert "5332114" not in shown.text, where
    if "/letter/" not in where:
        assert tree.xpath("//main//style|//*[@style]") == [], where
