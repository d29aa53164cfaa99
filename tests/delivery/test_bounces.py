"""What comes back: told apart, kept once, believed only with the letter's own token, and acted on by rule."""

import mailbox
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from sqlalchemy import text

from publisher import addresses
from publisher.delivery.bounces import BounceReport, take_in
from publisher.delivery.inbox import messages
from publisher.delivery.message import mark_of
from publisher.delivery.prepare import prepare
from publisher.delivery.reports import read
from publisher.delivery.send import send
from publisher.delivery.transports.maildir import Maildir
from publisher.errors import UnreachableError
from publisher.model.delivery import Delivery, State
from publisher.model.edition import Edition
from publisher.model.report import Kind
from publisher.store import Store, claims, deliveries, editions, reports, suppressions
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, settings

NOW = MORNING + timedelta(hours=1)


def dsn(
    status: str = "5.1.1",
    action: str = "failed",
    words: str = "550 5.1.1 <lan@example.com>: no such user",
    to: str = "bounces@courier.example",
    envelope_id: str = "",
    letter: str = "Subject: x",
) -> bytes:
    """A delivery status notification as Postfix writes it."""
    return f"""\
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: {envelope_id}
Arrival-Date: Sat, 21 Nov 2026 06:30:00 +0700

Final-Recipient: rfc822; lan@example.com
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b1
Content-Type: text/rfc822-headers

{letter}

--b1--
""".encode()


def arf(letter: str, kind: str = "abuse") -> bytes:
    """A complaint as large providers send it."""
    return f"""\
From: <abuse@provider.example>
To: <abuse@courier.example>
Subject: FW: Phà Nậm Lưa
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="b2"

--b2
Content-Type: text/plain

This is an email abuse report.

--b2
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1

--b2
Content-Type: message/rfc822

{letter}

body
--b2--
""".encode()


HOLIDAY = b"""\
From: lan@example.com
To: bounces@courier.example
Subject: Out of office
Auto-Submitted: auto-replied (vacation)

I am at Ta Pa until Monday.
"""

QMAIL = b"""\
From: MAILER-DAEMON@mx.example
To: bounces@courier.example
Subject: failure notice

Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<lan@example.com>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Subject: x

body
"""


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (dsn(), Kind.HARD, "5.1.1"),
        (dsn("5.1.10"), Kind.HARD, "5.1.10"),
        (dsn("5.2.2", words="552 5.2.2 mailbox full"), Kind.SOFT, "5.2.2"),
        (dsn("5.7.1", words="550 5.7.1 looks like spam"), Kind.SOFT, "5.7.1"),
        (dsn("4.4.7", words="expired"), Kind.SOFT, "4.4.7"),
        (dsn("5.0.0 (permanent)", words="550 unknown"), Kind.SOFT, "5.0.0"),
        (dsn("4.4.1", action="delayed"), Kind.DELAYED, "4.4.1"),
        (dsn("2.0.0", action="relayed"), Kind.AUTO, "2.0.0"),
        (arf("Subject: x"), Kind.COMPLAINT, ""),
        (arf("Subject: x", kind="not-spam"), Kind.AUTO, ""),
        (HOLIDAY, Kind.AUTO, ""),
        (QMAIL, Kind.HARD, "5.1.1"),
        (b"Subject: hello\n\nI like your paper.\n", Kind.UNKNOWN, ""),
        (b"", Kind.UNKNOWN, ""),
    ],
)
def test_reports_are_told_apart(content: bytes, kind: Kind, status: str) -> None:
    found = read(content)

    assert (found.kind, found.status) == (kind, status)
    assert "lan@example.com" not in found.detail


@trials(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.binary(max_size=400), st.tuples(st.integers(0, 1200), st.binary(max_size=40))))
def test_rubbish_is_never_an_error(rubbish: bytes | tuple[int, bytes]) -> None:
    if isinstance(rubbish, bytes):
        content = rubbish
    else:
        at, inserted = rubbish
        whole = dsn()
        content = whole[:at] + inserted + whole[at + len(inserted) :]
    assert isinstance(read(content).kind, Kind)


def sent(store: Store, slot: str = "2026-11-21", number: int = 3) -> list[tuple[int, str, str]]:
    """Deliver an edition; return (delivery, its token, its letter's header) of each reader."""
    enrol(store, number)
    edition = make_edition(store, slot=slot)
    prepare(store, edition, settings=settings(), now=MORNING)
    with store.write() as tx:
        found = list(deliveries.each(tx, edition.id))
        for one in claims.claim(tx, "p", until=NOW, now=MORNING, limit=99):
            claims.begin(tx, "p", [one.delivery.id], way="w", until=NOW, now=MORNING)
            ending = claims.Ending(id=one.delivery.id, attempt=1, state=State.ACCEPTED, reason="250 ok")
            claims.finish(tx, "p", [ending], now=MORNING)
        stored = editions.by_id(tx, edition.id)
    assert stored is not None
    return [(one.id, TOKENS.make("message", one.id), letter_head(stored, one)) for one in found]


def letter_head(edition: Edition, one: Delivery) -> str:
    token = TOKENS.make("unsubscribe", one.subscription_id)
    return (
        f"Message-ID: <{mark_of(edition, one.id)}@courier.example>\n"
        f"List-Unsubscribe: <https://courier.example/u/{token}>,\n <mailto:unsub@courier.example>"
    )


def state(store: Store, number: int) -> tuple[State, str]:
    with store.read() as tx:
        found = deliveries.get(tx, number)
    assert found is not None
    return found.state, found.reason


def suppressed(store: Store) -> dict[str, str]:
    with store.read() as tx:
        marks = {addresses.hashed(f"reader{number}@example.com"): f"reader{number}" for number in range(9)}
        return {marks[mark]: one.reason for mark, one in suppressions.find(tx, marks).items()}


def test_a_hard_bounce_ends_the_letter_and_the_address(store: Store) -> None:
    (number, token, _), *_ = sent(store)
    content = dsn(to=f"bounces+{token.upper()}@courier.example")

    first = take_in(store, [content], tokens=TOKENS, now=NOW)
    again = take_in(store, [content], tokens=TOKENS, now=NOW)

    assert first == BounceReport(kinds={Kind.HARD: 1}, suppressed=1)  # type: ignore[arg-type]
    assert again == BounceReport(repeated=1)
    assert state(store, number) == (State.BOUNCED, "5.1.1 550 5.1.1 <…>: no such user")
    assert suppressed(store) == {"reader0": "bounced"}
    with store.read() as tx:
        assert reports.counts(tx) == {Kind.HARD: 1}


def test_a_letter_is_known_by_envelope_id_or_by_what_came_back_of_it(sqlite: Store) -> None:
    (one, token, _), (other, _, letter), (third, _, _) = sent(sqlite)

    take_in(sqlite, [dsn(envelope_id=token), dsn(letter=letter)], tokens=TOKENS, now=NOW)

    assert [state(sqlite, number)[0] for number in (one, other, third)] == [
        State.BOUNCED,
        State.BOUNCED,
        State.ACCEPTED,
    ]


def test_a_complaint_ends_it_at_once(sqlite: Store) -> None:
    _, (number, _, letter), _ = sent(sqlite)

    report = take_in(sqlite, [arf(letter)], tokens=TOKENS, now=NOW)

    assert report.suppressed == 1
    assert state(sqlite, number)[0] is State.COMPLAINED
    assert suppressed(sqlite) == {"reader1": "complained"}


def test_nobody_can_stop_somebody_elses_letters(sqlite: Store) -> None:
    (number, token, letter), *_ = sent(sqlite)
    forged = [
        dsn(to="bounces+aaaaaaaaaaaaaaaaaaaaaaaa@courier.example"),
        dsn(envelope_id=token[:-1] + ("a" if token[-1] != "a" else "b")),
        dsn(letter=letter.replace("/u/", "/u/x")),
        dsn(letter=letter.split("\n")[0]),
        dsn(),
    ]

    report = take_in(sqlite, forged, tokens=TOKENS, now=NOW)

    assert (report.unmatched, report.suppressed) == (5, 0)
    assert state(sqlite, number)[0] is State.ACCEPTED


def test_soft_bounces_count_until_it_is_enough(sqlite: Store) -> None:
    words = "552 5.2.2 mailbox full"
    for day in range(21, 24):
        assert suppressed(sqlite) == {}
        (number, token, _), *_ = sent(sqlite, slot=f"2026-11-{day}", number=1)
        content = dsn("5.2.2", words=words, envelope_id=token)
        # A server that reports one letter twice, in other words, counts once.
        take_in(sqlite, [content, content + b"\n"], tokens=TOKENS, now=NOW + timedelta(days=day))
        assert state(sqlite, number)[0] is State.BOUNCED

    assert suppressed(sqlite) == {"reader0": "bounced"}


def test_old_soft_bounces_are_forgiven(sqlite: Store) -> None:
    for day in (21, 22, 23):
        (_, token, _), *_ = sent(sqlite, slot=f"2026-11-{day}", number=1)
        content = dsn("5.2.2", envelope_id=token)
        take_in(sqlite, [content], tokens=TOKENS, now=NOW + timedelta(days=20 * day))
    assert suppressed(sqlite) == {}


@pytest.mark.parametrize("content", [dsn("4.4.1", action="delayed"), HOLIDAY])
def test_what_is_no_failure_changes_no_letter(sqlite: Store, content: bytes) -> None:
    (number, token, _), *_ = sent(sqlite)
    named = content.replace(b"bounces@courier", f"bounces+{token}@courier".encode())

    report = take_in(sqlite, [named], tokens=TOKENS, now=NOW)

    assert (report.unmatched, report.suppressed) == (0, 0)
    assert state(sqlite, number)[0] is State.ACCEPTED


def test_a_report_settles_what_was_uncertain(sqlite: Store) -> None:
    (number, token, _), *_ = sent(sqlite)
    with sqlite.write() as tx:
        tx.execute(text("UPDATE delivery SET state = 'uncertain'"))

    take_in(sqlite, [dsn(envelope_id=token)], tokens=TOKENS, now=NOW)

    assert state(sqlite, number)[0] is State.BOUNCED


def test_whoever_bounced_is_left_out_of_the_next_audience(sqlite: Store, tmp_path: Path) -> None:
    (_, token, _), *_ = sent(sqlite)
    take_in(sqlite, [dsn(envelope_id=token)], tokens=TOKENS, now=NOW)

    edition = make_edition(sqlite, slot="2026-11-22", due=MORNING + timedelta(days=1))
    report = prepare(sqlite, edition, settings=settings(), now=NOW)

    assert report.counts == {State.PENDING: 2, State.SUPPRESSED: 1}
    done = send(
        sqlite,
        settings=settings(),
        tokens=TOKENS,
        clock=lambda: MORNING + timedelta(days=1),
        transport=Maildir(tmp_path),
    )
    assert done.ended == {State.ACCEPTED: 2}


def test_a_maildir_is_read_once_and_nothing_is_removed(sqlite: Store, tmp_path: Path) -> None:
    box = mailbox.Maildir(tmp_path / "bounces")
    for content in (dsn(), HOLIDAY, QMAIL):
        box.add(content)

    first = take_in(sqlite, messages(tmp_path / "bounces"), tokens=TOKENS, now=NOW)
    second = take_in(sqlite, messages(tmp_path / "bounces"), tokens=TOKENS, now=NOW)

    assert sum(first.kinds.values()) == 3
    assert second == BounceReport()
    assert len(mailbox.Maildir(tmp_path / "bounces")) == 3


def test_a_report_is_marked_as_read_only_when_it_is_stored(tmp_path: Path) -> None:
    mailbox.Maildir(tmp_path / "bounces").add(dsn())
    waiting = messages(tmp_path / "bounces")
    next(waiting)
    assert len(list((tmp_path / "bounces" / "new").iterdir())) == 1

    assert list(waiting) == []
    assert not list((tmp_path / "bounces" / "new").iterdir())


def test_a_file_of_one_message_and_a_file_of_many(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(HOLIDAY)
    many = mailbox.mbox(tmp_path / "many")
    many.add(HOLIDAY)
    many.add(QMAIL)
    many.close()
    (tmp_path / "empty").write_bytes(b"")

    assert list(messages(tmp_path / "one")) == [HOLIDAY]
    assert [read(content).kind for content in messages(tmp_path / "many")] == [Kind.AUTO, Kind.HARD]
    assert list(messages(tmp_path / "empty")) == []
    for place in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(UnreachableError):
            list(messages(place))
