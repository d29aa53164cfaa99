"""Several relays: shares by weight, one that stands in for another, limits from outside; and encryption."""

import selectors
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import Relays, Server, Timeouts
from publisher.errors import UnreachableError
from publisher.settings.relays import Smtp as SmtpSettings
from publisher.store import Store
from publisher.work import tasks
from publisher.work.desk import Desk
from tests.delivery import certificates
from tests.delivery.bureau import MORNING, settings
from tests.delivery.smtp.raw import PIPELINING, Clock, Raw, Sender, letters, serving


def server(name: str, port: int, **values: Any) -> Server:
    settings = SmtpSettings.model_validate({"host": "127.0.0.1", "port": port, "tls": "none"} | values)
    return Server(name, settings, f"mail relay {name} (127.0.0.1:{port})")


@contextmanager
def house(*raws: Raw, weights: tuple[int, ...] = (1, 1), **values: Any) -> Iterator[tuple[Relays, Clock]]:
    """Give a transport to several servers, named a, b, ..."""
    clock = Clock()
    with ExitStack() as stack:
        servers = [
            server(name, stack.enter_context(serving(raw)), weight=weight, **values)
            for name, raw, weight in zip("abc", raws, weights, strict=False)
        ]
        way = Relays(servers, clock=clock)
        try:
            yield way, clock
        finally:
            way.close()


@pytest.mark.parametrize("announces", [True, False], ids=["announced", "plain"])
def test_letters_are_shared_by_weight(announces: bool) -> None:
    one, two = Raw(), Raw()
    with house(one, two, weights=(3, 1)) as (way, clock):
        while way.room() and not all(any(each.free()) for each in way._exchange.relays.values()):
            pass  # until both have answered
        sender = Sender(way, clock, announces)
        sender.send(letters(80))

    assert sender.count(Verdict.ACCEPTED) == 80
    assert sorted(one.recipients + two.recipients) == sorted(message.recipient for message in letters(80))
    assert 58 <= len(one.accepted) <= 62


@pytest.mark.parametrize("how", ["421 4.3.2 closing", "close"])
def test_another_relay_stands_in(how: str) -> None:
    ill = Raw(plan=lambda moment, _who, _times: how if moment == "MAIL" else "")
    well = Raw()
    with house(ill, well) as (way, clock):
        sender = Sender(way, clock)
        sender.send(letters(30))
        troubled = {one.relay for one in way.troubles()}

    assert sender.count(Verdict.ACCEPTED) == 30
    assert len(well.accepted) == 30
    assert troubled <= {"a"}


def test_we_call_ourselves_what_the_config_says() -> None:
    raw = Raw()
    with house(raw, ehlo="mail.courier.example") as (way, _):
        assert way.room() == 1

    assert raw.said[0] == "EHLO mail.courier.example"


def test_saying_goodbye_to_a_relay_that_got_no_letter_is_no_trouble() -> None:
    with house(Raw()) as (way, _):
        assert way.room() == 1
        way.close()

        assert list(way.troubles()) == []


def test_a_relay_that_puts_everything_off_rests_while_another_works() -> None:
    ill = Raw(plan=lambda moment, _who, _times: "451 4.3.0 later" if moment == "dot" else "")
    well = Raw()
    with house(ill, well) as (way, clock):
        sender = Sender(way, clock)
        sender.send(letters(60))
        troubles = way.troubles()

    assert sender.count(Verdict.ACCEPTED) == 60
    assert [one for one in troubles if one.relay == "a" and one.text == "451 4.3.0 later"]
    assert {found[-1].relay for found in sender.verdicts.values()} == {"b"}


def test_a_silent_relay_does_not_hold_up_the_others() -> None:
    silent, well = Raw(plan=lambda moment, _who, _times: "hang" if moment == "dot" else ""), Raw()
    with ExitStack() as stack:
        servers = [
            server(name, stack.enter_context(serving(raw)), connections=1)
            for name, raw in (("a", silent), ("b", well))
        ]

        def clock() -> float:
            # Once the other relay has taken what it can get, much time passes at once.
            return monotonic() + (1000 if sender.count(Verdict.ACCEPTED) >= 38 else 0)

        sender = Sender(Relays(servers, timeouts=Timeouts(dot=60), clock=clock), Clock(), tries=1)
        sender.send(letters(40))

    assert sender.count(Verdict.UNCERTAIN) <= 2
    assert len(well.accepted) >= 38


class Restless(selectors.DefaultSelector):
    """Says each time that every connection has something to read."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        return [(key, selectors.EVENT_READ) for key in self.get_map().values()]


def test_a_server_that_says_nothing_is_given_up_while_others_keep_us_busy() -> None:
    silent = Raw(
        plan=lambda moment, who, _times: "hang" if (moment, who) == ("dot", "r0@example.com") else ""
    )
    with serving(silent) as port:
        clock = Clock(moves=True)
        way = Relays([server("a", port)], timeouts=Timeouts(dot=60), clock=clock)
        first, *_ = letters(1)
        assert way.room()
        way.take(first, again=False)
        way.push()
        wait_until(lambda: silent.hangs == 1, way)
        way._exchange._selector, before = Restless(), way._exchange._selector
        assert before is not None
        for key in before.get_map().values():
            way._exchange._selector.register(key.fileobj, key.events, key.data)

        assert way.results(wait=False) == []
        clock.ahead += 61
        [result] = way.results(wait=False)
        way.close()
        before.close()

    assert (result.verdict, "within 60 s" in result.text) == (Verdict.UNCERTAIN, True)


def wait_until(so: Callable[[], bool], way: Relays) -> None:
    until = monotonic() + 60
    while not so():
        assert monotonic() < until
        assert way.results(wait=False) == []


def test_when_none_is_left_each_is_named() -> None:
    with house(
        Raw(), Raw(plan=lambda moment, _who, _times: "554 not today" if moment == "banner" else "")
    ) as (
        way,
        _,
    ):
        pass
    with pytest.raises(UnreachableError) as caught:
        way.room()

    said = str(caught.value)
    assert "\n" not in said
    assert said.count("cannot be reached: Connection refused") == 2
    assert "mail relay a (" in said
    assert "; mail relay b (" in said


def test_a_relay_takes_as_many_as_it_may() -> None:
    one, two = Raw(), Raw()
    with house(one, two) as (way, clock):
        way.allow("a", 3)
        sender = Sender(way, clock)
        sender.send(letters(20))

    assert len(one.accepted) == 3
    assert len(two.accepted) == 17
    assert list(way.relays()) == ["a", "b"]


def test_none_that_may_take_anything_is_no_room_and_no_error() -> None:
    with house(Raw(), Raw()) as (way, _):
        way.allow("a", 0)
        way.allow("b", 0)
        assert way.room() == 0
        way.allow("b", None)
        assert way.room() > 0


def test_what_was_announced_to_a_relay_that_is_shut_goes_through_another() -> None:
    one, two = Raw(), Raw()
    with house(one, two, connections=1) as (way, _):
        first, second, *more = letters(4)
        way.allow("b", 0)
        assert way.room() == 1
        way.take(first, again=False)
        while not way.announce(second):
            assert not way.results(wait=False)
        way.allow("a", 0)
        way.allow("b", None)
        results = list(way.results())
        patience = monotonic() + 120
        while second.mark not in way.announced():
            assert monotonic() < patience, "it is not announced to the other"
            way.room()
        way.take(second, again=False)
        results += way.results()

    assert [(result.mark, result.relay) for result in results] == [(first.mark, "a"), (second.mark, "b")]
    assert two.recipients == [second.recipient]
    assert len(more) == 2


def test_a_letter_taken_back_is_not_sent() -> None:
    raw = Raw()
    with house(raw, weights=(1,), connections=1) as (way, _):
        first, second, third = letters(3)
        assert way.room() == 1
        way.take(first, again=False)
        while not way.announce(second):
            assert not way.results(wait=False)
        way.withdraw(second.mark)
        assert [result.mark for result in way.results()] == [first.mark]
        assert way.announced() == []
        assert way.room() == 1
        way.take(third, again=False)
        assert [result.verdict for result in way.results()] == [Verdict.ACCEPTED]

    assert raw.recipients == [first.recipient, third.recipient]


def test_a_connection_that_the_server_closed_in_between_costs_nothing() -> None:
    raw = Raw(plan=lambda moment, _who, times: "")
    with house(raw, weights=(1,)) as (way, _):
        for number, message in enumerate(letters(3)):
            assert way.room() >= 1
            way.take(message, again=False)
            assert [result.verdict for result in way.results()] == [Verdict.ACCEPTED]
            way.close()
            assert raw.connections == number + 1


def test_smtputf8_goes_where_it_is_taken() -> None:
    plain, able = Raw(), Raw(offers=(*PIPELINING, "SMTPUTF8"))
    with house(plain, able) as (way, clock):
        sender = Sender(way, clock)
        sender.send([_beyond_ascii(number) for number in range(6)])

    assert sender.count(Verdict.ACCEPTED) == 6
    assert len(able.accepted) == 6


def _beyond_ascii(number: int) -> Any:
    from dataclasses import replace

    return replace(letters(number + 1)[-1], recipient=f"kiều{number}@example.com", utf8=True)


# -- encryption


@pytest.fixture
def pem(tmp_path: Path) -> tuple[Path, Path]:
    return certificates.make(tmp_path)


def context(files: tuple[Path, Path]) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*files)
    return made


def test_a_file_of_certificates_vouches_for_a_server(pem: tuple[Path, Path]) -> None:
    raw = Raw(offers=(*PIPELINING, "STARTTLS"), context=context(pem))
    clock = Clock()
    with serving(raw) as port:
        wanted = server("a", port, tls="starttls", ca_file=pem[0].name)
        way = Relays([Server(wanted.name, wanted.settings, wanted.label, site=pem[0].parent)], clock=clock)
        sender = Sender(way, clock)
        sender.send(letters(12, size=100_000))

    assert sender.count(Verdict.ACCEPTED) == 12
    assert dict(raw.accepted) == {one.recipient: one.content for one in letters(12, size=100_000)}


def test_a_file_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    for name, says in (("none.pem", "No such file"), ("empty.pem", "holds no certificate")):
        wanted = server("a", 1, tls="tls", ca_file=str(tmp_path / name))
        with pytest.raises(
            UnreachableError, match=rf"mail relay a .*ca_file .*{name} cannot be used: .*{says}"
        ):
            Relays([wanted]).room()


def test_words_that_came_before_encryption_are_not_heard_behind_it(pem: tuple[Path, Path]) -> None:
    """CVE-2011-0411: what somebody put behind the 220 must not be taken for the encrypted server's word."""
    for injected in ("250 mx.example", "250-half a reply"):
        raw = Raw(offers=("STARTTLS",), context=context(pem))
        raw.plan = lambda moment, _who, _times, more=injected: (  # type: ignore[misc]
            f"220 go on\r\n{more}" if moment == "STARTTLS" else ""
        )
        with serving(raw) as port, pytest.raises(UnreachableError, match=r"before encryption|unasked"):
            Relays([server("a", port, tls="starttls", ca_file=str(pem[0]))]).room()
        assert raw.accepted == []


@pytest.mark.parametrize("answer", ["454 4.7.0 not now", "close", "220 go on"])
def test_encryption_that_fails_sends_nothing_in_the_open(pem: tuple[Path, Path], answer: str) -> None:
    """Also when another answers in the server's place, whose certificate nobody vouches for."""
    raw = Raw(offers=("STARTTLS", "AUTH PLAIN"), context=context(pem))
    raw.plan = lambda moment, _who, _times: answer if moment == "STARTTLS" else ""
    wanted = {"tls": "starttls", "username": "news"}
    with serving(raw) as port, pytest.raises(UnreachableError):
        Relays([server("a", port, **wanted)]).room()

    assert {line.split()[0] for line in raw.said} == {"EHLO", "STARTTLS"}


def test_a_password_goes_in_the_open_only_on_this_machine() -> None:
    raw = Raw(offers=("AUTH PLAIN",))
    settings = SmtpSettings(host="127.0.0.1", port=25, tls="none", username="news")
    assert Server("a", settings, "x").wanted("[127.0.0.1]").may_login
    for host in ("mail.courier.example", "192.0.2.1", "localhost.example"):
        elsewhere = settings.model_copy(update={"host": host})
        assert not Server("a", elsewhere, "x").wanted("[127.0.0.1]").may_login
    assert "hunter2" not in repr(Server("a", settings, "x", password="hunter2"))
    assert raw.said == []


def test_the_config_names_the_relays_with_their_passwords(sqlite: Store, tmp_path: Path) -> None:
    relays = {
        "a": {"host": "mx.courier.org", "weight": 3},
        "b-2": {"host": "mx2.courier.org", "port": 465, "tls": "tls"},
    }
    env = {"PUBLISHER_SMTP_PASSWORD": "common", "PUBLISHER_SMTP_PASSWORD_B_2": "own"}
    rules = settings(mail={"transport": "smtp", "relays": relays})
    desk = Desk(tmp_path, rules, sqlite, lambda: MORNING, env)

    found, way = tasks.servers(desk), tasks.transport(desk)

    assert way.name == "mail relays a, b-2"
    assert way.relays() == ["a", "b-2"]
    assert [(one.label, one.password, one.site) for one in found] == [
        ("mail relay a (mx.courier.org:587)", "common", tmp_path),
        ("mail relay b-2 (mx2.courier.org:465)", "own", tmp_path),
    ]
