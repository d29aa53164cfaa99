"""Where a relay can be reached is asked beside the loop: a slow or silent name server holds up nobody."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import Any

import pytest

from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import Relays, Server, Timeouts
from publisher.errors import UnreachableError
from publisher.settings.relays import Smtp as SmtpSettings
from tests.delivery.smtp.raw import Clock, Raw, Sender, letters, serving

NAME = "relay.courier.example"
ASK = socket.getaddrinfo


class Names:
    """The system's answers: where one name leads, if it is known by now."""

    def __init__(self) -> None:
        self.known, self.may_answer, self.asked = True, Event(), 0
        self.may_answer.set()

    def __call__(self, host: str, port: int, *more: Any, **wanted: Any) -> list[Any]:
        if host != NAME:
            return ASK(host, port, *more, **wanted)
        if not wanted["flags"] & socket.AI_NUMERICHOST:
            self.asked += 1
            assert self.may_answer.wait(60)
            if self.known:
                return ASK("127.0.0.1", port, *more, **wanted)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    found = Names()
    monkeypatch.setattr(socket, "getaddrinfo", found)
    yield found
    found.may_answer.set()


@contextmanager
def relays(clock: Clock, *servers: tuple[str, Raw]) -> Iterator[Relays]:
    """Give a transport to servers that are known by these names or addresses."""
    with ExitStack() as stack:
        known = [
            Server(
                name,
                SmtpSettings.model_validate(
                    {"host": host, "port": stack.enter_context(serving(raw)), "tls": "none", "connections": 2}
                ),
                f"mail relay {name}",
            )
            for name, (host, raw) in zip("ab", servers, strict=False)
        ]
        way = Relays(known, timeouts=Timeouts(connect=30), clock=clock)
        try:
            yield way
        finally:
            way.close()


def test_letters_go_to_a_name(names: Names) -> None:
    clock, raw = Clock(), Raw()
    with relays(clock, (NAME, raw)) as way:
        sender = Sender(way, clock)
        sender.send(letters(20))

    assert sender.count(Verdict.ACCEPTED) == len(raw.accepted) == 20
    assert names.asked == 1


def test_a_name_server_that_does_not_answer_holds_up_no_other_relay(names: Names) -> None:
    names.may_answer.clear()
    clock, unknown, well = Clock(), Raw(), Raw()
    with relays(clock, (NAME, unknown), ("127.0.0.1", well)) as way:
        sender = Sender(way, clock)
        sender.send(letters(20))

    assert sender.count(Verdict.ACCEPTED) == len(well.accepted) == 20
    assert (names.asked, unknown.accepted) == (1, [])


def test_a_name_without_an_address_is_one_line(names: Names) -> None:
    names.known = False
    clock = Clock()
    with relays(clock, (NAME, Raw())) as way:
        sender = Sender(way, clock, tries=1)
        sender.send(letters(1))

    assert set(sender.unreachable) == {"mail relay a: cannot be reached: Name or service not known"}
    assert sender.count(Verdict.ACCEPTED) == 0


def test_waiting_for_a_name_server_ends(names: Names) -> None:
    names.may_answer.clear()
    clock = Clock()
    with relays(clock, (NAME, Raw())) as way:
        way._call_more()
        clock.ahead += 31
        with pytest.raises(UnreachableError, match="its address was not found within 30 s"):
            way.room()


def test_where_it_was_a_minute_ago_is_better_than_nowhere(names: Names) -> None:
    clock, raw = Clock(), Raw()
    with relays(clock, (NAME, raw)) as way:
        first = Sender(way, clock)
        first.send(letters(3))
        names.known = False
        clock.ahead += 100
        second = Sender(way, clock)
        second.send(letters(6)[3:])

    assert first.count(Verdict.ACCEPTED) + second.count(Verdict.ACCEPTED) == 6
    assert names.asked == 2
