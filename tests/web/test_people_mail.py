"""The confirmation mail: whole, signed, sent once whatever breaks, and nobody can write into it."""

import email
import email.policy
import multiprocessing
import os
import signal
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st
from sqlalchemy import Engine, event

from publisher.delivery.transports.base import Transport
from publisher.delivery.transports.maildir import Maildir
from publisher.delivery.transports.smtp import Smtp
from publisher.errors import UnreachableError
from publisher.i18n import words
from publisher.model.signup import Choice, SignUp, Wish
from publisher.settings.schema import Settings
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import Store, open_store, signups
from publisher.store.tables import signup
from publisher.web.people.outgoing import Outgoing
from publisher.work import confirmation, people
from publisher.work.confirmation import Office
from publisher.work.desk import Desk
from publisher.work.overview import overview
from tests import stores
from tests.delivery.bureau import MORNING, TOKENS, settings
from tests.delivery.postmaster import Postmaster, serving
from tests.delivery.test_dkim import ED, RSA, verified

FORK = multiprocessing.get_context("fork")
PEOPLE = 5
TEXT = "Tôi muốn nhận các bản tin đã chọn. \r\nBcc: all@example.com"


def wish(address: str = "lan@example.com", **values: Any) -> Wish:
    given: dict[str, Any] = {
        "address": address,
        "language": "vi",
        "choices": (Choice(digest="daily", sections=("economy",), hour=7),),
        "where": "https://courier.example/subscribe",
        "text": TEXT,
    }
    return Wish(**given | values)


def asked(store: Store, *addresses: str) -> list[int]:
    with store.write() as tx:
        return [
            signups.add(tx, wish(one), address_hash=one, network="203.0.113.0/24", now=MORNING)
            for one in addresses
        ]


def on_record(number: int = 7, **values: Any) -> SignUp:
    return SignUp(id=number, wish=wish(**values), created=MORNING, confirmed=None, attempts=1, way="")


def built(
    one: SignUp, config: Settings | None = None, site: Path = Path("nowhere"), signed: bool = False
) -> bytes:
    keys = [RSA, ED] if signed else []
    return confirmation.message(one, config or settings(), site, TOKENS, keys).content


def read(content: bytes) -> EmailMessage:
    found = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def states(store: Store) -> list[tuple[str, str]]:
    with store.read() as tx:
        return [(row.address, row.state) for row in tx.execute(signup.select().order_by(signup.c.id))]


def office(store: Store, transport: Transport, site: Path, later: timedelta = timedelta()) -> Office:
    return Office(store, settings(), site, TOKENS, lambda: MORNING + later, transport)


def test_it_reads_back_whole_and_is_the_same_each_time() -> None:
    content = built(on_record())
    mail = read(content)

    assert content == built(on_record())
    assert mail["Subject"] == "Mời bạn xác nhận: bản tin của Báo Mường Lưa"
    assert mail["From"].addresses[0].display_name == "Báo Mường Lưa"
    assert mail["Date"] == "Sat, 21 Nov 2026 06:30:00 +0700"
    assert str(mail["Message-ID"]).endswith("@courier.example>")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert all(len(line) <= 998 for line in content.split(b"\r\n"))
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_both_signatures_hold() -> None:
    assert verified(built(on_record(), signed=True)) == [True, True]


def test_two_mails_have_nothing_in_common_that_names_them() -> None:
    first, second = read(built(on_record(7))), read(built(on_record(8)))

    assert first["Message-ID"] != second["Message-ID"]


def test_the_links_site_and_days_are_in_both_parts() -> None:
    mail = read(built(on_record()))
    link = f"https://courier.example/confirm/{TOKENS.make('confirm', 7)}"
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert link in part.get_content()
        assert "07:00" in part.get_content()


@given(
    st.text(max_size=40),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    st.sampled_from(["\r\n", "\n", "\r", "\x0b", "\u2028", "\x00"]),
)
@trials(max_examples=200, deadline=None)
def test_nobody_writes_into_the_header(name: str, title: str, end: str) -> None:
    """Neither the config's own words nor an address that was let in wrongly begin another field."""
    config = settings().model_copy(
        update={
            "site": settings().site.model_copy(update={"title": {"vi": f"{title}{end}Bcc: all@example.com"}})
        }
    )
    address = f"lan{name}@example.com{end}Bcc: all@example.com{end}{end}body"
    try:
        content = built(on_record(address=address), config)
    except ValueError:
        return
    mail = read(content)

    assert mail["Bcc"] is None
    assert len(mail.get_all("To", [])) == 1
    assert mail.is_multipart()


def test_a_sites_own_templates_and_words_are_used(tmp_path: Path) -> None:
    (tmp_path / "templates" / "mail").mkdir(parents=True)
    (tmp_path / "templates" / "mail" / "confirm.txt").write_text("Chào bạn: {{ link }}\n", "utf-8")
    part = read(built(on_record(), site=tmp_path)).get_body(("plain",))

    assert part is not None
    assert part.get_content().startswith("Chào bạn: https://courier.example/confirm/")


def test_each_goes_out_once(store: Store, tmp_path: Path) -> None:
    asked(store, "a@example.com", "b@example.com")
    for _ in range(3):
        confirmation.send(office(store, Maildir(tmp_path / "outbox"), tmp_path))

    assert [state for _, state in states(store)] == ["sent", "sent"]
    assert len(list((tmp_path / "outbox" / "new").iterdir())) == 2


def test_two_processes_never_send_the_same(store: Store, tmp_path: Path) -> None:
    asked(store, *(f"r{number}@example.com" for number in range(6)))
    until = MORNING + timedelta(minutes=15)
    with store.write() as tx:
        first = signups.claim(tx, "one", way="x", until=until, now=MORNING, limit=4)
    with store.write() as tx:
        second = signups.claim(tx, "two", way="x", until=until, now=MORNING, limit=4)
        signups.finish(tx, "two", [signups.Outcome(id=one.id, state="sent") for one in first])

    assert ([one.id for one in first], [one.id for one in second]) == ([1, 2, 3, 4], [5, 6])
    assert {state for _, state in states(store)} == {"sending"}, "what another holds nobody ends"


@pytest.mark.parametrize(
    ("plan", "state", "accepted"),
    [
        (lambda _who, times: "451 later" if times < 2 else "250 OK", "sent", 1),
        (lambda _who, _times: "554 no", "failed", 0),
        (lambda _who, _times: "drop after", "uncertain", 1),
    ],
    ids=["451 twice", "554", "no answer"],
)
def test_what_a_mail_server_answers(
    sqlite: Store, tmp_path: Path, plan: Callable[[str, int], str], state: str, accepted: int
) -> None:
    asked(sqlite, "lan@example.com")
    master = Postmaster(plan=plan)
    with serving(master) as port:
        for hours in range(10):
            way = Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)
            confirmation.send(office(sqlite, way, tmp_path, timedelta(hours=hours)))
            way.close()

    assert states(sqlite) == [("lan@example.com", state)]
    assert len(master.accepted) == accepted


def test_a_server_that_is_away_takes_nothing(sqlite: Store, tmp_path: Path) -> None:
    asked(sqlite, "lan@example.com")
    way = Smtp(SmtpSettings(host="127.0.0.1", port=1, tls="none"), None)
    with pytest.raises(UnreachableError):
        confirmation.send(office(sqlite, way, tmp_path))

    assert states(sqlite) == [("lan@example.com", "waiting")]
    with sqlite.read() as tx:
        assert signups.next_due(tx) == MORNING


def test_a_mail_that_waited_for_a_day_is_given_up(sqlite: Store, tmp_path: Path) -> None:
    asked(sqlite, "lan@example.com")
    with serving(Postmaster(plan=lambda _who, _times: "451 later")) as port:
        for hours in range(0, 40, 2):
            way = Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)
            confirmation.send(office(sqlite, way, tmp_path, timedelta(hours=hours)))
            way.close()

    assert states(sqlite) == [("lan@example.com", "failed")]


def test_a_template_that_is_wrong_loses_nothing(sqlite: Store, tmp_path: Path) -> None:
    asked(sqlite, "lan@example.com")
    wrong = tmp_path / "templates" / "mail" / "confirm.txt"
    wrong.parent.mkdir(parents=True)
    wrong.write_text("{{ nothing.of.that.name }}", "utf-8")
    with pytest.raises(Exception, match=r"confirm\.txt:1"):
        confirmation.send(office(sqlite, Maildir(tmp_path / "outbox"), tmp_path))
    wrong.unlink()
    confirmation.send(office(sqlite, Maildir(tmp_path / "outbox"), tmp_path))

    assert states(sqlite) == [("lan@example.com", "sent")]


def send_until(site: Path, port: int | None, kill_at: int) -> None:
    """Send what is due; die right before effect number ``kill_at``. Exits with the number of effects."""
    seen = 0

    def happen(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("rename", "fsync", "write"):
        setattr(os, name, before(getattr(os, name), happen))
    event.listen(Engine, "commit", happen)
    store = open_store("sqlite:///publisher.sqlite3", folder=site)
    way: Transport = (
        Maildir(site / "outbox")
        if port is None
        else Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)
    )
    confirmation.send(office(store, way, site))
    os._exit(min(seen, 255))


def before(function: Callable[..., Any], happen: Callable[[], None]) -> Callable[..., Any]:
    def noted(*args: Any) -> Any:
        happen()
        return function(*args)

    return noted


def run(site: Path, port: int | None = None, kill_at: int = 0) -> int:
    child = FORK.Process(target=send_until, args=(site, port, kill_at))
    child.start()
    child.join(120)
    assert child.exitcode is not None
    return child.exitcode


@pytest.mark.slow
@pytest.mark.parametrize("by_smtp", [False, True], ids=["outbox", "smtp"])
def test_killed_at_every_effect_it_neither_loses_nor_doubles(tmp_path: Path, by_smtp: bool) -> None:
    words("vi")
    names = [f"r{number}@example.com" for number in range(PEOPLE)]
    kill_at, killed = 0, True
    while killed:
        kill_at += 1
        site = tmp_path / str(kill_at)
        store = stores.make(site, "sqlite:///publisher.sqlite3")
        asked(store, *names)
        store.close()
        master = Postmaster()
        with serving(master) as port:
            way = port if by_smtp else None
            killed = run(site, way, kill_at) == -signal.SIGKILL
            run(site, way)
        got = master.recipients if by_smtp else outbox(site)
        store = open_store("sqlite:///publisher.sqlite3", folder=site)
        stood = states(store)
        store.close()

        assert len(got) == len(set(got)), f"somebody got two after a kill at {kill_at}"
        uncertain = {address for address, state in stood if state == "uncertain"}
        assert {address for address, state in stood if state == "sent"} <= set(got)
        assert set(got) | uncertain == set(names), f"somebody was lost by a kill at {kill_at}"
        assert not uncertain or by_smtp
    assert kill_at > PEOPLE


def outbox(site: Path) -> list[str]:
    return sorted(str(read(file.read_bytes())["To"]) for file in (site / "outbox" / "new").iterdir())


def test_what_was_asked_before_a_crash_goes_out_when_the_pages_are_served_again(tmp_path: Path) -> None:
    store = stores.make(tmp_path)
    desk = Desk(site=tmp_path, settings=settings(), store=store, clock=lambda: MORNING)
    people.sign_up(desk, wish(), caller="203.0.113.1")
    Outgoing(desk).begin()
    until = monotonic() + 120
    while states(store)[0][1] != "sent" and monotonic() < until:
        sleep(0.02)

    assert states(store) == [("lan@example.com", "sent")]
    store.close()


def test_status_counts_the_mails_that_did_not_go_and_says_why(store: Store, tmp_path: Path) -> None:
    numbers = asked(
        store, "a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"
    )
    with store.write() as tx:
        signups.claim(tx, "p", way="smtp", until=MORNING, now=MORNING, limit=9)
        ends = [(signups.FAILED, "550 no such user")] * 2 + [(signups.UNCERTAIN, "smtp: no answer")] * 2
        outcomes = [
            signups.Outcome(id=number, state=state, reason=reason)
            for number, (state, reason) in zip(numbers, ends, strict=False)
        ]
        signups.finish(tx, "p", [*outcomes, signups.Outcome(id=numbers[4], state=signups.SENT)])
        # One came all the same, and its link was opened.
        signups.confirm(tx, numbers[3], now=MORNING)
        signups.add(
            tx,
            wish("f@example.com"),
            address_hash="f",
            network="n",
            barred="suppressed: complained",
            now=MORNING,
        )
    desk = Desk(site=tmp_path, settings=settings(), store=store, clock=lambda: MORNING)

    def told(after: timedelta) -> list[str]:
        return [one for one in overview(desk, MORNING + after).problems if "confirmation" in one]

    assert told(timedelta(hours=1)) == [
        "2 confirmation mails failed: 550 no such user",
        "1 confirmation mail uncertain: smtp: no answer",
    ]
    assert told(timedelta(days=8)) == []
