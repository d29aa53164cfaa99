"""The words on the wire: replies however they are cut, offers, commands, and what may not be told."""

from collections import Counter
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import envelope
from publisher.delivery.transports.smtp.offers import Offers, offers
from publisher.delivery.transports.smtp.replies import GarbledError, Reply, ReplyReader
from publisher.delivery.transports.smtp.shares import Shares
from publisher.delivery.transports.smtp.verdicts import Step, final, refusal, said

LINES = st.lists(
    st.binary(max_size=40).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")), min_size=1
)
REPLIES = st.lists(st.tuples(st.integers(200, 599), LINES), max_size=6)


def on_the_wire(code: int, lines: list[bytes]) -> bytes:
    return b"".join(
        b"%d%s%s\r\n" % (code, b" " if at == len(lines) - 1 else b"-", line) for at, line in enumerate(lines)
    )


@given(REPLIES, st.data())
def test_replies_come_out_as_they_went_in_however_they_are_cut(
    replies: list[tuple[int, list[bytes]]], data: st.DataObject
) -> None:
    stream = b"".join(on_the_wire(*one) for one in replies)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)))) | {0, len(stream)})
    reader = ReplyReader()

    found = [reply for start, end in pairwise(cuts) for reply in reader.feed(stream[start:end])]

    assert found == [Reply(code, tuple(lines)) for code, lines in replies]
    assert reader.is_empty


@given(st.binary(max_size=300))
def test_rubbish_is_called_so_or_waits_for_more(rubbish: bytes) -> None:
    found: list[Reply] = []
    with suppress(GarbledError):
        found.extend(ReplyReader().feed(rubbish))
    assert all(200 <= reply.code <= 599 for reply in found)


RUBBISH = [
    *(b"HTTP/1.1 400\r\n", b"25 ok\r\n", b"\r\n", b"150 x\r\n", b"600 x\r\n", b"250_x\r\n"),
    *(b"\xb2\xb2\xb2 x\r\n", b"250-a\r\n251 b\r\n", b"250-x\r\n" * 200),
    *(b"250 " + b"x" * 5000, b"250-" + b"x" * 5000 + b"\r\n"),
]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_what_came_before_rubbish_counts(rubbish: bytes) -> None:
    reader, found = ReplyReader(), list[Reply]()
    with pytest.raises(GarbledError):
        found.extend(reader.feed(b"250 taken\r\n" + rubbish))

    assert found == [Reply(250, (b"taken",))]


def test_offers_are_read_in_any_spelling() -> None:
    reply = Reply(
        250, (b"mx", b"pipelining", b"SIZE 5000", b"AUTH=LOGIN", b"AUTH PLAIN", b"8bitMIME", b"", b"DSN")
    )

    assert offers(reply) == Offers(
        pipelining=True,
        says_size=True,
        largest=5000,
        logins=frozenset({"LOGIN", "PLAIN"}),
        eight_bit=True,
        dsn=True,
    )
    assert offers(Reply(250, (b"PIPELINING", b"SIZE"))) == Offers(says_size=True), "the first line is a name"
    assert offers(Reply(250, (b"mx", b"SIZE -1", b"SIZE 9"))).largest == 0


ALL = Offers(pipelining=True, smtputf8=True, eight_bit=True, dsn=True, says_size=True)


def message(recipient: str = "a+b=c@example.com", content: bytes = b"x\r\n", **values: object) -> Message:
    plain = {
        "mark": "m" * 24,
        "sender": "news@courier.example",
        "utf8": False,
        "canonical": False,
        "parts": [content],
    }
    return Message(recipient=recipient, **plain | values)  # type: ignore[arg-type]


def test_the_envelope_says_what_the_server_offers() -> None:
    one = message(envelope_id="t" * 24)

    assert envelope.mail(one, ALL) == (
        b"MAIL FROM:<news@courier.example> SIZE=3 RET=HDRS ENVID=tttttttttttttttttttttttt\r\n"
    )
    assert envelope.rcpt(one, ALL) == (
        b"RCPT TO:<a+b=c@example.com> NOTIFY=FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@example.com\r\n"
    )
    assert envelope.mail(one, Offers()) == b"MAIL FROM:<news@courier.example>\r\n"
    assert envelope.rcpt(one, Offers()) == b"RCPT TO:<a+b=c@example.com>\r\n"


def test_an_address_beyond_ascii_goes_only_where_it_is_taken() -> None:
    one = message("kiều@example.net", "Chào\r\n".encode(), utf8=True)

    assert envelope.obstacle(one, ALL) == ""
    assert envelope.mail(one, ALL).endswith(b" BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=" + b"m" * 24 + b"\r\n")
    assert b"ORCPT" not in envelope.rcpt(one, ALL)
    assert "SMTPUTF8" in envelope.obstacle(one, Offers(eight_bit=True))
    assert "8BITMIME" in envelope.obstacle(one, Offers(smtputf8=True))


@pytest.mark.parametrize(
    "address",
    ["a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "", "a@b.example\n", "x" * 300 + "@b.example"],
)
def test_no_address_begins_another_command(address: str) -> None:
    assert envelope.obstacle(message(address), ALL)
    assert envelope.obstacle(message(sender=address), ALL)


@given(st.lists(st.sampled_from([b"\r", b"\n", b".", b"a", b"\r\n", b"..", b"\r\n."]), max_size=30))
def test_no_content_ends_itself(parts: list[bytes]) -> None:
    """SMTP smuggling: a dot on a line of its own, behind whatever some server takes for the end of a line."""
    content, found = b"".join(parts), b"".join(envelope.on_the_wire(message(parts=parts)))

    assert found == b"" or found.endswith(b"\r\n")
    lines = found.split(b"\r\n")[:-1]
    assert all(b"\r" not in line and b"\n" not in line and line != b"." for line in lines)
    back = [line.removeprefix(b".") if line.startswith(b".") else line for line in lines]
    assert b"".join(back) == content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"")


def test_what_is_canonical_is_not_looked_through() -> None:
    parts = [b"Subject: x\r\n\r\n", b"x\r\n"]
    assert envelope.on_the_wire(message(parts=parts, canonical=True)) is parts


@given(st.text(st.characters(max_codepoint=126), max_size=60))
def test_xtext_can_be_read_back(text: str) -> None:
    coded = envelope.xtext(text)

    assert all("!" <= char <= "~" and char != "=" for char in coded)
    parts = coded.split("+")
    assert parts[0] + "".join(chr(int(part[:2], 16)) + part[2:] for part in parts[1:]) == text


@given(st.text(max_size=2000))
def test_what_is_kept_of_a_servers_words_is_one_short_line_without_addresses(text: str) -> None:
    kept = said(f"{text} <reader@example.com> and reader@example.com {text}")

    assert len(kept) <= 300
    assert "reader@" not in kept
    assert kept.splitlines() in ([], [kept])


@pytest.mark.parametrize(
    ("step", "code", "text", "verdict", "relay_ails"),
    [
        (Step.MAIL, 550, "5.7.1 not you", Verdict.DEFERRED, True),
        (Step.MAIL, 452, "4.3.1 full", Verdict.DEFERRED, True),
        (Step.RCPT, 550, "5.1.1 nobody", Verdict.FAILED, False),
        (Step.RCPT, 553, "5.1.3 bad address", Verdict.FAILED, False),
        (Step.RCPT, 450, "4.2.0 greylisted", Verdict.DEFERRED, False),
        (Step.RCPT, 530, "5.7.0 log in", Verdict.DEFERRED, True),
        (Step.RCPT, 554, "5.7.1 <x>: Relay access denied", Verdict.DEFERRED, True),
        (Step.RCPT, 550, "5.7.1 relaying not permitted", Verdict.DEFERRED, True),
        (Step.RCPT, 503, "5.5.1 MAIL first", Verdict.DEFERRED, True),
        (Step.DATA, 250, "what", Verdict.DEFERRED, True),
        (Step.DATA, 554, "5.6.0 no", Verdict.FAILED, False),
        (Step.DOT, 250, "ok", Verdict.ACCEPTED, False),
        (Step.DOT, 251, "ok", Verdict.ACCEPTED, False),
        (Step.DOT, 354, "go on", Verdict.UNCERTAIN, True),
        (Step.DOT, 421, "bye", Verdict.DEFERRED, True),
        (Step.DOT, 452, "full", Verdict.DEFERRED, False),
        (Step.DOT, 554, "5.7.1 spam", Verdict.FAILED, False),
    ],
)
def test_whom_a_reply_speaks_of(step: Step, code: int, text: str, verdict: Verdict, relay_ails: bool) -> None:
    reply = Reply(code, (text.encode(),))
    found = final(reply) if step is Step.DOT else refusal(step, reply)

    assert found is not None
    assert (found.verdict, found.relay_ails) == (verdict, relay_ails)


@given(st.dictionaries(st.sampled_from("abcd"), st.integers(1, 7), min_size=1), st.integers(1, 5))
def test_turns_go_by_weight_and_evenly(weights: dict[str, int], rounds: int) -> None:
    shares, turns = Shares(weights), []
    for _ in range(rounds * sum(weights.values())):
        turn = shares.next(weights)
        assert turn is not None
        shares.give(turn, weights)
        turns.append(turn)

    assert Counter(turns) == {name: weight * rounds for name, weight in weights.items()}
