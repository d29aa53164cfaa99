"""Signing in at the console: who gets in, for how long, and how guessing is slowed down."""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from publisher import passwords
from publisher.app import run
from publisher.errors import ConfigError
from publisher.model.session import IDLE, LONGEST, Role
from publisher.settings.schema import Settings
from publisher.store import Store, actions, sessions
from publisher.web.app import application
from publisher.web.server import in_thread
from publisher.work import signin
from publisher.work.desk import Desk
from publisher.work.signin import OVERALL, PER_NETWORK, WINDOW, Entered, Locked
from tests.web.consolesite import HASHED, OPERATOR, PLAIN, READER, Console, ConsoleSite, make
from tests.web.newsroom import MORNING


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ConsoleSite]:
    made = make(tmp_path / "site")
    yield made
    made.store.close()


class Clocked:
    """A desk whose clock moves when it is told to, and that needs no config file."""

    def __init__(self, store: Store, folder: Path, **env: str) -> None:
        self.now = MORNING
        self.desk = Desk(
            site=folder,
            settings=Settings.model_construct(),
            store=store,
            clock=lambda: self.now,
            env=env or PLAIN,
        )

    def enter(self, password: str, caller: str = "203.0.113.9") -> Entered | Locked | None:
        return signin.sign_in(self.desk, password, caller=caller)


def test_without_a_password_nobody_gets_in_and_the_page_says_how(site: ConsoleSite) -> None:
    listening = in_thread(application(replace(site.desk, env={})), "127.0.0.1", 0)
    try:
        console = Console(listening.address, password=None)
        for path in ("/console/", "/console/sign-in", "/console/editions"):
            shown = console.get(path)
            assert (shown.status, shown.heading) == (403, "The console is not turned on")
            assert "publisher console-password" in shown.text
        refused = console.post("/console/sign-in", {"password": ""})
        assert (refused.status, refused.answer.cookies) == (403, httpx.Cookies())
    finally:
        listening.stop()


def test_the_way_in_and_out(site: ConsoleSite) -> None:
    with site.serving() as address:
        console = Console(address, password=None)
        first = console.get("/console/editions")
        assert first.answer.headers["location"] == "/console/sign-in?next=%2Fconsole%2Feditions"
        form = console.get(first.answer.headers["location"])
        assert console.send(form, "/console/sign-in", password="not the password").status == 403
        entered = console.send(form, "/console/sign-in", password=OPERATOR)
        assert (entered.status, entered.answer.headers["location"]) == (303, "/console/editions")
        said = entered.answer.headers.get_list("set-cookie")
        assert [one.split("; ")[1:4] for one in said] == [
            ["Path=/console/", "HttpOnly", "SameSite=Strict"]
        ] * 2
        token = console.client.cookies["console"]
        assert len(token) >= 43
        with site.store.read() as tx:
            assert sessions.find(tx, token) is None  # only a hash is kept
            assert [(one.who, one.what) for one in actions.latest(tx, limit=1)] == [
                ("console operator", "signed in")
            ]
        page = console.get("/console/editions")
        assert page.status == 200
        assert console.send(page, "/console/sign-out").status == 303
        assert console.get("/console/editions").status == 303
        console.client.cookies.set("console", token, path="/console/")
        assert console.get("/console/editions").status == 303


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example",
        "//evil.example",
        "/console/../x",
        "/\\evil",
        "/console//evil.example",
        "/feeds/",
        "javascript:0",
    ],
)
def test_the_way_on_never_leads_away(site: ConsoleSite, away: str) -> None:
    with site.serving() as address:
        console = Console(address, password=None)
        shown = console.post("/console/sign-in", {"password": READER, "next": away})
        assert shown.answer.headers["location"] == "/console/"
        shown = console.post("/console/language", {"key": "", "language": "vi", "next": away})
        assert shown.status == 403 or shown.answer.headers["location"] == "/console/"


def test_a_cookie_over_tls_stays_there(site: ConsoleSite) -> None:
    with site.serving() as address:
        console = Console(address, password=None)
        for proto, secure in (("https", True), ("http", False)):
            console.client.headers["x-forwarded-proto"] = proto
            shown = console.post("/console/sign-in", {"password": READER})
            assert ("; Secure" in shown.answer.headers["set-cookie"]) is secure


def test_signing_in_anew_ends_the_session_before(site: ConsoleSite) -> None:
    with site.serving() as address:
        console = Console(address)
        before = console.client.cookies["console"]
        key = console.get("/console/").fields("/console/sign-out")["key"]
        assert console.post("/console/sign-in", {"password": OPERATOR, "key": key}).status == 303
        assert console.client.cookies["console"] != before
        late = Console(address, password=None)
        late.client.cookies.set("console", before, path="/console/")
        assert late.get("/console/").status == 303


def test_the_language_is_kept(site: ConsoleSite) -> None:
    with site.serving() as address:
        console = Console(address)
        page = console.get("/console/editions")
        assert page.heading == "Editions"
        assert (
            console.send(page, "/console/language", language="vi").answer.headers["location"]
            == "/console/editions"
        )
        page = console.get("/console/editions")
        assert (page.tree.get("lang"), page.heading) == ("vi", "Số báo thư")
        console.send(page, "/console/language", language="<script>")
        assert console.get("/console/editions").tree.get("lang") == "vi"


def test_sessions_end_by_themselves(store: Store, tmp_path: Path) -> None:
    place = Clocked(store, tmp_path)
    found = place.enter(READER)
    assert isinstance(found, Entered)
    assert found.session.role is Role.READER
    token, begun = found.token, place.now
    for _ in range(30):
        place.now += IDLE / 2
        if place.now - begun >= LONGEST:
            break
        assert signin.who_is(place.desk, token)
    assert place.now - begun == LONGEST
    assert signin.who_is(place.desk, token) is None

    other = place.enter(OPERATOR)
    assert isinstance(other, Entered)
    for _ in range(4):
        place.now += IDLE / 4 + timedelta(seconds=1)
        # What a page asks for by itself keeps no session alive.
        signin.who_is(place.desk, other.token, is_visit=False)
    assert signin.who_is(place.desk, other.token) is None


def test_a_new_password_ends_every_session(store: Store, tmp_path: Path) -> None:
    place = Clocked(store, tmp_path)
    found = place.enter(OPERATOR)
    assert isinstance(found, Entered)
    assert signin.who_is(place.desk, found.token)
    for changed in (
        {"PUBLISHER_CONSOLE_PASSWORD": "another password"},
        PLAIN | {"PUBLISHER_CONSOLE_READER_PASSWORD": "new password"},
        {},
    ):
        assert signin.who_is(replace(place.desk, env=changed), found.token) is None


def test_guessing_is_slowed_down_for_each_network(store: Store, tmp_path: Path) -> None:
    place = Clocked(store, tmp_path)
    for _ in range(PER_NETWORK):
        assert place.enter("a wrong password") is None
        place.now += timedelta(seconds=10)
    locked = place.enter(OPERATOR)
    assert isinstance(locked, Locked)
    assert timedelta() < locked.wait <= WINDOW
    assert isinstance(place.enter(OPERATOR, "203.0.113.10"), Entered)
    place.now += locked.wait
    assert isinstance(place.enter(OPERATOR), Entered)
    # A right password is no guess.
    for _ in range(PER_NETWORK * 2):
        assert isinstance(place.enter(OPERATOR, "203.0.113.11"), Entered)


def test_guessing_from_everywhere_is_slowed_down_but_never_for_this_machine(
    sqlite: Store, tmp_path: Path
) -> None:
    place = Clocked(sqlite, tmp_path)
    for number in range(OVERALL):
        with sqlite.write() as tx:
            sessions.add_attempt(tx, f"198.51.100.{number}", now=place.now)
    assert isinstance(place.enter(OPERATOR, "192.0.2.1"), Locked)
    assert isinstance(place.enter(OPERATOR, "127.0.0.1"), Entered)
    assert isinstance(place.enter(OPERATOR, "::1"), Entered)


def test_refused_passwords_are_told_by_network_for_a_week(sqlite: Store, tmp_path: Path) -> None:
    place, begin = Clocked(sqlite, tmp_path), MORNING
    for caller in ("203.0.113.9", "203.0.113.77", "2001:db8::7", "127.0.0.1"):
        assert place.enter("a wrong password", caller) is None
        place.now += timedelta(minutes=1)
    assert isinstance(place.enter(OPERATOR, "198.51.100.1"), Entered)

    with sqlite.read() as tx:
        told = signin.refused(tx, place.now)
    assert [(one.network, one.count, one.first, one.last) for one in told] == [
        (signin.HERE, 1, begin + timedelta(minutes=3), begin + timedelta(minutes=3)),
        ("2001:db8::/64", 1, begin + timedelta(minutes=2), begin + timedelta(minutes=2)),
        ("203.0.113.0/24", 2, begin, begin + timedelta(minutes=1)),
    ]
    assert not signin.is_guessing(told)
    place.now += signin.KEPT
    assert isinstance(place.enter(OPERATOR), Entered)
    with sqlite.read() as tx:
        assert sessions.refused(tx, since=begin - timedelta(days=1)) == []


def test_the_console_shows_wrong_passwords_and_operators_from_where(site: ConsoleSite) -> None:
    with site.serving() as address:
        operator, reader, stranger = Console(address), Console(address, READER), Console(address, None)
        assert "wrong password" not in operator.get("/console/").text
        for _ in range(PER_NETWORK):
            assert stranger.post("/console/sign-in", {"password": "guessed"}).status == 403

        assert f"{PER_NETWORK} wrong passwords were given at the console" in operator.get("/console/").text
        assert f"this machine · {PER_NETWORK} wrong passwords" in operator.get("/console/log").text
        shown = reader.get("/console/log").text
    assert f"{PER_NETWORK} wrong passwords" in shown
    assert "this machine" not in shown


def test_many_guesses_at_once_find_no_more_room(store: Store, tmp_path: Path) -> None:
    place = Clocked(store, tmp_path)
    with ThreadPoolExecutor(8) as hands:
        found = list(hands.map(lambda _: place.enter("a wrong password"), range(16)))
    assert [one for one in found if one is None] == [None] * PER_NETWORK


def test_networks() -> None:
    assert signin.network("127.9.9.9") == signin.network("::1") == signin.network("::ffff:127.0.0.1")
    assert signin.network("2001:db8:1:2:3::4") == signin.network("2001:db8:1:2:ffff::") == "2001:db8:1:2::/64"
    assert signin.network("203.0.113.9") == "203.0.113.9"
    assert len(signin.network("x" * 100)) <= 50


def test_passwords_come_as_they_are_or_as_hashes_or_in_files(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{OPERATOR}\n", encoding="utf-8")
    for env in (PLAIN, HASHED, {"PUBLISHER_CONSOLE_PASSWORD_FILE": str(file)}):
        kept = signin.kept_passwords(env)
        assert passwords.matches(kept[Role.OPERATOR], OPERATOR)
        assert not passwords.matches(kept[Role.OPERATOR], READER)
    assert signin.kept_passwords({}) == {}


@pytest.mark.parametrize(
    "bad", ["short", "$argon2id$v=19$m=65536", "$2b$12$abcdefghijklmnopqrstuv", "x" * 1001]
)
def test_a_password_that_cannot_be_used_is_named_and_never_shown(bad: str) -> None:
    with pytest.raises(ConfigError, match="PUBLISHER_CONSOLE_PASSWORD: ") as error:
        signin.kept_passwords({"PUBLISHER_CONSOLE_PASSWORD": bad})
    assert bad not in str(error.value)


def test_the_command_prints_a_hash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:

    monkeypatch.setattr("sys.stdin", io.StringIO("một mật khẩu dài\n"))
    assert run(["console-password"]) == 0
    printed = capsys.readouterr().out.strip()
    assert printed.startswith("$argon2id$")
    assert passwords.matches(printed, "một mật khẩu dài")
    monkeypatch.setattr("sys.stdin", io.StringIO("short\n"))
    assert run(["console-password"]) == 2
    assert "at least 10 characters" in capsys.readouterr().err


def test_a_password_that_cannot_be_used_lets_nobody_in_and_breaks_nothing_else(site: ConsoleSite) -> None:
    env = {"PUBLISHER_CONSOLE_PASSWORD": "short"}
    listening = in_thread(application(replace(site.desk, env=env)), "127.0.0.1", 0)
    try:
        console = Console(listening.address, password=None)
        assert console.get("/console/sign-in").status == 503
        assert console.get("/healthz").status == 200
    finally:
        listening.stop()
