"""The conversation without a network: every order of things, and a server that writes down what it takes."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp.offers import Offers
from publisher.delivery.transports.smtp.opening import Opening, RefusedError, Wanted
from publisher.delivery.transports.smtp.replies import Reply, ReplyReader
from publisher.delivery.transports.smtp.talk import Errand, Talk
from tests.delivery.smtp.raw import letters


@dataclass
class Model:
    """A server as a state machine: octets in, replies out, by the next of the planned words.

    Attributes:
        words: what it answers, one for each command; the usual when they are used up.
        pipelining: it said that it takes several commands at once.
    """

    words: list[int]
    pipelining: bool
    taken: list[bytes] = field(default_factory=list)
    unread: bytes = b""
    content: bytes | None = None
    recipient: bool = False
    gone: bool = False
    out: bytes = b""

    def hear(self, data: bytes) -> None:
        self.unread += data
        while b"\r\n" in self.unread and not self.gone:
            line, _, self.unread = self.unread.partition(b"\r\n")
            if self.content is None:
                self._command(line)
            elif line == b".":
                self._dot()
            else:
                self.content += line + b"\r\n"

    def _answer(self, usual: int) -> int:
        code = self.words.pop(0) if self.words else 0
        code = code or usual
        self.out += b"%d said\r\n" % code
        self.gone = code == 421
        return code

    def _command(self, line: bytes) -> None:
        verb = line[:4]
        assert verb in (b"MAIL", b"RCPT", b"DATA", b"RSET", b"QUIT"), line
        if verb == b"DATA":
            # RFC 2920 §3.1: it is the last of its group.
            assert not self.unread
            code = self._answer(354 if self.recipient else 554)
            if code == 354:
                self.content = b""
            return
        assert self.pipelining or not self.unread, "one command at a time"
        code = self._answer(250)
        if verb == b"RCPT":
            self.recipient = code // 100 == 2
        elif verb in (b"RSET", b"MAIL"):
            self.recipient = False

    def _dot(self) -> None:
        content, self.content = self.content, None
        assert content is not None
        if not content:
            self.out += b"554 nothing\r\n"
            return
        assert self.recipient, "a letter for nobody"
        if self._answer(250) // 100 == 2:
            self.taken.append(content)
        self.recipient = False


def exchange(
    talk: Talk, model: Model, reader: ReplyReader, cut: int = 1000, coming: Errand | None = None
) -> None:
    """Carry octets both ways until all is said; announce what is coming when there is a place."""
    while not talk.over and (talk.out or model.out):
        if coming is not None and talk.current and talk.can_name:
            talk.name(coming)
            coming = None
        pieces, talk.out = talk.out, []
        for piece in pieces:
            # What was written before counts as written before it is heard of.
            talk.wrote(len(piece))
        model.hear(b"".join(pieces))
        said, model.out = model.out[:cut], model.out[cut:]
        for reply in reader.feed(said):
            talk.heard(reply)
    if model.gone and not talk.over:
        talk.end("it hung up")


CODES = st.lists(st.sampled_from([0, 0, 0, 0, 0, 250, 354, 421, 450, 451, 503, 550, 554]), max_size=25)


@settings(max_examples=300)
@given(CODES, st.booleans(), st.lists(st.booleans(), min_size=5, max_size=5), st.integers(1, 200))
def test_a_letter_is_told_accepted_exactly_when_the_server_took_it(
    words: list[int], pipelining: bool, ahead: list[bool], cut: int
) -> None:
    model, reader = Model(words, pipelining), ReplyReader()
    talk = Talk(Offers(pipelining=pipelining))
    errands = [Errand(one) for one in letters(5)]
    verdicts: dict[int, Verdict] = {}

    for number, errand in enumerate(errands):
        if talk.over or not talk.is_free:
            break
        talk.take(errand)
        coming = errands[number + 1] if ahead[number] and number + 1 < len(errands) else None
        exchange(talk, model, reader, cut, coming)
        for ended, outcome in talk.ended:
            assert ended.taken, "nothing is decided that was not taken"
            assert errands.index(ended) not in verdicts, "decided twice"
            verdicts[errands.index(ended)] = outcome.verdict
        talk.ended = []

    taken = {index for index, one in enumerate(errands) if one.message.content in model.taken}
    accepted = {index for index, verdict in verdicts.items() if verdict is Verdict.ACCEPTED}
    uncertain = {index for index, verdict in verdicts.items() if verdict is Verdict.UNCERTAIN}
    assert len(model.taken) == len(taken), "one came twice"
    assert accepted <= taken <= accepted | uncertain
    assert len(uncertain) <= 1
    left = talk.coming
    for index, errand in enumerate(errands):
        if errand.taken and index not in verdicts:
            assert errand is left, "each that was taken is decided, or left over unsent"
            assert errand.message.content not in model.taken


@pytest.mark.parametrize("pipelining", [True, False])
def test_an_announced_letter_is_not_sent_before_it_is_taken(pipelining: bool) -> None:
    one, two = (Errand(letter) for letter in letters(2))
    model, reader, talk = Model([], pipelining), ReplyReader(), Talk(Offers(pipelining=pipelining))

    talk.take(one)
    exchange(talk, model, reader, coming=two)

    assert talk.coming is two
    assert model.taken == [one.message.content]
    assert talk.is_free
    talk.take(two)
    exchange(talk, model, reader)
    assert model.taken == [one.message.content, two.message.content]


def test_the_next_envelope_goes_in_one_write_with_the_content_before_it() -> None:
    one, two = (Errand(letter) for letter in letters(2))
    model, reader, talk = Model([], pipelining=True), ReplyReader(), Talk(Offers(pipelining=True))
    talk.name(one)
    exchange(talk, model, reader)

    talk.take(one)
    talk.name(two)

    said = b"".join(talk.out)
    assert said.startswith(one.message.content + b".\r\nMAIL FROM:")
    assert said.endswith(b"\r\nDATA\r\n")


@pytest.mark.parametrize("in_flight", [True, False], ids=["while another waits", "alone"])
def test_a_letter_that_is_taken_back_ends_the_connection_once_nothing_is_in_doubt(in_flight: bool) -> None:
    one, two = (Errand(letter) for letter in letters(2))
    model, reader, talk = Model([], pipelining=True), ReplyReader(), Talk(Offers(pipelining=True))
    if in_flight:
        talk.name(one)
        exchange(talk, model, reader)
        talk.take(one)
    talk.name(two)
    talk.forget(two)
    assert not in_flight or not talk.over, "the answer to the first is still to come"

    exchange(talk, model, reader)

    assert [outcome.verdict for _, outcome in talk.ended] == [Verdict.ACCEPTED] * in_flight
    assert talk.over
    assert len(model.taken) == in_flight


def test_a_yes_before_the_dot_has_left_is_none() -> None:
    (errand,) = map(Errand, letters(1))
    talk = Talk(Offers(pipelining=True))
    talk.take(errand)
    for piece in talk.out:
        talk.wrote(len(piece))
    for code in (250, 250, 354):
        talk.heard(Reply(code, (b"",)))

    talk.heard(Reply(250, (b"taken",)))

    ((_, outcome),) = talk.ended
    assert outcome.verdict is Verdict.DEFERRED
    assert talk.over, "the dot may never leave now"


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_first_octet_of_the_dot_is_where_doubt_begins(beyond: int) -> None:
    (errand,) = map(Errand, letters(1))
    talk = Talk(Offers(pipelining=True))
    talk.take(errand)
    talk.wrote(sum(map(len, talk.out)))
    for code in (250, 250, 354):
        talk.heard(Reply(code, (b"",)))

    talk.wrote(len(errand.message.content) + beyond)
    talk.end("it hung up")

    ((_, outcome),) = talk.ended
    assert outcome.verdict is (Verdict.UNCERTAIN if beyond else Verdict.DEFERRED)


def opened(wanted: Wanted, *replies: bytes) -> tuple[Opening, list[bytes]]:
    """Return an opening that heard some replies, and what it said."""
    opening, said = Opening(wanted), []
    for reply in ReplyReader().feed(b"".join(replies)):
        opening.heard(reply)
        said += opening.out
        opening.out = []
        if opening.wants_tls:
            opening.secured()
            said += opening.out
            opening.out = []
    return opening, said


GREETING = b"220 mx\r\n"
SECRET = Wanted("[192.0.2.1]", username="news", password="hunter2")


def test_what_was_offered_in_the_open_does_not_count() -> None:
    wanted = Wanted("[192.0.2.1]", starttls=True)
    opening, said = opened(
        wanted, GREETING, b"250-mx\r\n250-DSN\r\n250 STARTTLS\r\n", b"220 go\r\n", b"250 mx\r\n"
    )

    assert opening.done
    assert opening.offers == Offers()
    assert said == [b"EHLO [192.0.2.1]\r\n", b"STARTTLS\r\n", b"EHLO [192.0.2.1]\r\n"]


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ([b"554 no\r\n"], "554 no"),
        ([GREETING, b"250 mx\r\n"], "no encryption"),
        ([GREETING, b"502 what\r\n"], "no encryption"),
        ([GREETING, b"250-mx\r\n250 STARTTLS\r\n", b"454 not now\r\n"], "refuses encryption"),
    ],
)
def test_without_encryption_nothing_more_is_said(replies: list[bytes], says: str) -> None:
    wanted = Wanted("[192.0.2.1]", starttls=True, username="news", password="hunter2")
    with pytest.raises(RefusedError, match=says):
        opened(wanted, *replies)


@pytest.mark.parametrize(
    ("offered", "replies", "said"),
    [
        (b"AUTH PLAIN LOGIN", [b"235 ok\r\n"], [b"AUTH PLAIN AG5ld3MAaHVudGVyMg==\r\n"]),
        (
            b"AUTH LOGIN CRAM-MD5",
            [b"334 VXNlcm5hbWU6\r\n", b"334 UGFzc3dvcmQ6\r\n", b"235 ok\r\n"],
            [b"AUTH LOGIN\r\n", b"bmV3cw==\r\n", b"aHVudGVyMg==\r\n"],
        ),
    ],
)
def test_a_password_is_shown_in_the_way_that_is_offered(
    offered: bytes, replies: list[bytes], said: list[bytes]
) -> None:
    opening, words = opened(SECRET, GREETING, b"250-mx\r\n250 " + offered + b"\r\n", *replies)

    assert opening.done
    assert words[1:] == said


@pytest.mark.parametrize(
    ("replies", "says"),
    [
        ([b"250 mx\r\n"], "asks for no password"),
        ([b"250-mx\r\n250 AUTH CRAM-MD5\r\n"], "asks for no password"),
        ([b"250-mx\r\n250 AUTH PLAIN\r\n", b"535 5.7.8 no\r\n"], "refused user name or password"),
        ([b"250-mx\r\n250 AUTH LOGIN\r\n", b"535 5.7.8 no\r\n"], "refused user name or password"),
        ([b"250-mx\r\n250 AUTH PLAIN\r\n", b"454 4.7.0 later\r\n"], "could not check our password"),
    ],
)
def test_a_password_that_does_not_work_is_told_without_repeating_it(replies: list[bytes], says: str) -> None:
    with pytest.raises(RefusedError, match=says) as caught:
        opened(SECRET, GREETING, *replies)
    assert "hunter2" not in str(caught.value)
    assert "aHVudGVyMg" not in str(caught.value)


def test_no_password_goes_in_the_open() -> None:
    with pytest.raises(RefusedError, match="in the open"):
        opened(
            Wanted("me", username="n", password="hunter2", may_login=False),
            GREETING,
            b"250-mx\r\n250 AUTH PLAIN\r\n",
        )


def test_a_server_that_speaks_unasked_is_left() -> None:
    with pytest.raises(RefusedError, match="unasked"):
        opened(Wanted("me"), GREETING, b"250 mx\r\n", b"250 and taken\r\n")
