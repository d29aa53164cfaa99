"""Whatever a server does, each message's outcome is right, nothing goes out twice, and little is in doubt."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial

import pytest

from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import Smtp, Timeouts
from publisher.settings.relays import Smtp as SmtpSettings
from tests.delivery.smtp.raw import PIPELINING, Clock, Plan, Raw, Sender, letters, serving

STYLES = [
    pytest.param(PIPELINING, True, id="pipelining, announced"),
    pytest.param(PIPELINING, False, id="pipelining"),
    pytest.param(("SIZE 9000000",), True, id="lock step, announced"),
    pytest.param(None, False, id="HELO only"),
]
MANY = 16
HURT = ("r3@example.com", "r4@example.com", "r11@example.com", "r15@example.com")


def at(moment: str, what: str, times: int = 1) -> Plan:
    """Return a plan that hurts some recipients' messages, the first times."""

    def plan(now: str, recipient: str, before: int) -> str:
        return what if now == moment and recipient in HURT and before < times else ""

    return plan


def everybody(moment: str, what: str) -> Plan:
    """Return a plan that hurts each message the first time."""
    return lambda now, _recipient, before: what if now == moment and not before else ""


def first(moment: str, what: str, times: int = 1) -> Plan:
    """Return a plan that hurts whoever comes first to a moment."""
    seen = Counter[str]()

    def plan(now: str, _recipient: str, _before: int) -> str:
        seen[now] += 1
        return what if now == moment and seen[now] <= times else ""

    return plan


def send(raw: Raw, *, announces: bool, size: int = 300, timeouts: Timeouts | None = None) -> Sender:
    clock, connections = Clock(moves=timeouts is not None), 1 if timeouts else 4
    with serving(raw) as port:
        settings = SmtpSettings(host="127.0.0.1", port=port, tls="none", connections=connections)
        way = Smtp(settings, None, timeouts=timeouts or Timeouts(), clock=clock)
        # On a slow machine a server that works may seem silent too; that costs only another try, or a doubt.
        sender = Sender(way, clock, announces, tries=100 if timeouts else 6)
        sender.send(letters(MANY, size))
    assert sender.most <= connections
    return sender


def check(sender: Sender, raw: Raw) -> None:
    """Check what must hold for every message, whatever happened."""
    got = Counter(raw.recipients)
    assert max(got.values(), default=0) <= 1, "somebody got two"
    for one in letters(MANY):
        verdict = sender.last(one)
        if verdict is Verdict.ACCEPTED:
            assert got[one.recipient] == 1
        elif verdict is not Verdict.UNCERTAIN:
            assert got[one.recipient] == 0
    for found in sender.verdicts.values():
        assert all(one.verdict is Verdict.DEFERRED for one in found[:-1]), "decided, and sent again"
        assert not any("@" in one.text or "\n" in one.text for one in found)


RECOVERED: dict[str, Callable[[], Plan]] = {
    "451 to the recipient": partial(at, "RCPT", "451 4.3.0 later"),
    "451 to the letter": partial(at, "dot", "451 4.3.0 later"),
    "451 to everything at first": partial(everybody, "dot", "451 4.3.0 greylisted"),
    "452 too many": partial(at, "RCPT", "452 4.5.3 too many recipients"),
    "421 at MAIL": partial(first, "MAIL", "421 4.3.2 closing", 3),
    "421 at RCPT": partial(at, "RCPT", "421 4.3.2 closing"),
    "421 at DATA": partial(at, "DATA", "421 4.3.2 closing"),
    "421 at the dot": partial(at, "dot", "421 4.3.2 closing"),
    "closes at MAIL": partial(first, "MAIL", "close", 3),
    "closes at RCPT": partial(at, "RCPT", "close"),
    "closes at DATA": partial(at, "DATA", "close"),
    "closes at the banner": partial(first, "banner", "close"),
    "closes at EHLO": partial(first, "EHLO", "close"),
    "554 at the banner": partial(first, "banner", "554 5.3.2 not today"),
    "421 at the banner": partial(first, "banner", "421 4.3.2 too many connections", 2),
    "450 to EHLO": partial(first, "EHLO", "450 4.3.2 busy"),
    "no SMTP at the banner": partial(first, "banner", "HTTP/1.1 400 Bad Request"),
    "a wrong code to DATA": partial(at, "DATA", "250 thanks"),
    "a wrong code to RCPT": partial(at, "RCPT", "354 go on"),
    "another sender wanted": partial(first, "MAIL", "550 5.7.1 sender not allowed", 2),
    "a password wanted": partial(at, "RCPT", "530 5.7.0 authentication required"),
    "no relaying": partial(at, "RCPT", "554 5.7.1 Relay access denied"),
    "garbage at RCPT": partial(at, "RCPT", "tak for det"),
    "a line without end": partial(at, "RCPT", "250-" + "x" * 5000),
    "two replies mixed": partial(at, "RCPT", "250-one\r\n550 two"),
}


@pytest.mark.parametrize(
    "offers", [PIPELINING, ("SIZE",), None], ids=["pipelining", "lock step", "HELO only"]
)
@pytest.mark.parametrize("announces", [True, False], ids=["announced", "plain"])
@pytest.mark.parametrize("name", RECOVERED)
def test_everybody_gets_it_in_the_end(name: str, announces: bool, offers: Sequence[str] | None) -> None:
    raw = Raw(plan=RECOVERED[name](), offers=offers)

    sender = send(raw, announces=announces)

    check(sender, raw)
    assert sender.count(Verdict.ACCEPTED) == MANY
    assert sorted(raw.recipients) == sorted(one.recipient for one in letters(MANY))


REFUSED: dict[str, Callable[[], Plan]] = {
    "550 to the recipient": partial(at, "RCPT", "550 5.1.1 no such user r3@example.com", 9),
    "554 to DATA": partial(at, "DATA", "554 5.5.1 no valid recipients", 9),
    "552 to the letter": partial(at, "dot", "552-5.3.4 too\r\n552 5.3.4 big for <r3@example.com>", 9),
}


@pytest.mark.parametrize(("offers", "announces"), STYLES)
@pytest.mark.parametrize("waits", [False, True], ids=["strict", "354 for nobody"])
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_letter_fails_at_once_and_alone(
    name: str, waits: bool, announces: bool, offers: Sequence[str] | None
) -> None:
    raw = Raw(plan=REFUSED[name](), offers=offers, waits_anyway=waits)

    sender = send(raw, announces=announces)

    check(sender, raw)
    assert sender.count(Verdict.FAILED) == len(HURT)
    assert sender.count(Verdict.ACCEPTED) == MANY - len(HURT)
    assert all(len(found) == 1 for found in sender.verdicts.values()), "nothing was tried twice"


LOST: dict[str, Callable[[], Plan]] = {
    "takes it and closes": partial(at, "dot", "take and close", 9),
    "closes and has not taken it": partial(at, "dot", "close", 9),
    "says neither yes nor no": partial(at, "dot", "354 go on", 9),
}


@pytest.mark.parametrize(("offers", "announces"), STYLES)
@pytest.mark.parametrize("name", LOST)
def test_no_answer_to_the_dot_leaves_one_in_doubt_for_each_connection(
    name: str, announces: bool, offers: Sequence[str] | None
) -> None:
    raw = Raw(plan=LOST[name](), offers=offers)

    sender = send(raw, announces=announces)

    check(sender, raw)
    uncertain = [one.recipient for one in letters(MANY) if sender.last(one) is Verdict.UNCERTAIN]
    assert sorted(uncertain) == sorted(HURT)
    assert sender.count(Verdict.ACCEPTED) == MANY - len(HURT)


HANGS: dict[str, tuple[Callable[[], Plan], Timeouts]] = {
    "at the banner": (partial(first, "banner", "hang"), Timeouts(greeting=0.3)),
    "at EHLO": (partial(first, "EHLO", "hang"), Timeouts(command=0.3)),
    "at MAIL": (partial(first, "MAIL", "hang"), Timeouts(command=0.3)),
    "at RCPT": (partial(at, "RCPT", "hang"), Timeouts(command=0.3)),
    "at DATA": (partial(at, "DATA", "hang"), Timeouts(data=0.3)),
    "at the dot": (partial(at, "dot", "hang"), Timeouts(dot=0.6)),
    "at the dot, and took it": (partial(at, "dot", "take and hang"), Timeouts(dot=0.6)),
}


@pytest.mark.parametrize("announces", [True, False], ids=["announced", "plain"])
@pytest.mark.parametrize("name", HANGS)
def test_a_silent_server_is_given_up(name: str, announces: bool) -> None:
    plan, timeouts = HANGS[name]
    raw = Raw(plan=plan())

    sender = send(raw, announces=announces, timeouts=timeouts)

    check(sender, raw)
    assert raw.hangs > 0
    uncertain = {one.recipient for one in letters(MANY) if sender.last(one) is Verdict.UNCERTAIN}
    assert uncertain >= set(HURT) if "dot" in name else not uncertain
    assert sender.count(Verdict.ACCEPTED) + len(uncertain) == MANY


@pytest.mark.parametrize("offers", [PIPELINING, None], ids=["pipelining", "HELO only"])
def test_replies_may_come_octet_by_octet(offers: Sequence[str] | None) -> None:
    raw = Raw(offers=offers, drip=True)

    sender = send(raw, announces=True)

    check(sender, raw)
    assert sender.count(Verdict.ACCEPTED) == MANY


@pytest.mark.parametrize("announces", [True, False], ids=["announced", "plain"])
def test_letters_larger_than_what_the_system_holds_come_whole(announces: bool) -> None:
    raw = Raw()

    sender = send(raw, announces=announces, size=900_000)

    check(sender, raw)
    wanted = {one.recipient: one.content for one in letters(MANY, 900_000)}
    assert dict(raw.accepted) == wanted


def test_a_connection_lost_within_the_letter_leaves_nothing_in_doubt() -> None:
    """Far more than what the system holds for us: the dot has not left when the server goes."""
    raw = Raw(plan=first("DATA", "354 and close"))
    clock, large = Clock(), letters(2, 8_000_000)
    with serving(raw) as port:
        settings = SmtpSettings(host="127.0.0.1", port=port, tls="none", connections=1)
        sender = Sender(Smtp(settings, None, clock=clock), clock)
        sender.send(large)

    assert [one.verdict for one in sender.verdicts[large[0].mark]] == [Verdict.DEFERRED, Verdict.ACCEPTED]
    assert "lost within the letter" in sender.verdicts[large[0].mark][0].text
    assert sorted(raw.recipients) == ["r0@example.com", "r1@example.com"]


def test_a_server_that_went_away_takes_nothing_and_is_named_in_one_line() -> None:
    raw = Raw()
    with serving(raw) as port:
        pass
    clock = Clock()
    settings = SmtpSettings(host="127.0.0.1", port=port, tls="none")
    sender = Sender(Smtp(settings, None, clock=clock), clock)

    sender.send(letters(2))

    assert not any(sender.verdicts.values()), "nothing was begun"
    assert sender.unreachable[0] == f"mail server 127.0.0.1:{port}: cannot be reached: Connection refused"


def test_what_is_said_early_is_no_answer() -> None:
    """A server that says yes before it has the letter is out of step: without a dot it never has it."""
    raw = Raw(plan=at("DATA", "354 go on\r\n250 2.0.0 taken"))

    sender = send(raw, announces=False, size=900_000)

    check(sender, raw)
    assert sender.count(Verdict.ACCEPTED) + sender.count(Verdict.UNCERTAIN) == MANY
