"""Through a real Postfix: everybody gets it, and its log tells what became of what is in doubt."""

import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from publisher.delivery.message import Message
from publisher.delivery.prepare import prepare
from publisher.delivery.relaylog import accepted
from publisher.delivery.send import send
from publisher.delivery.settle import settle_from_log
from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import Smtp
from publisher.model.delivery import State
from publisher.settings.relays import Smtp as SmtpSettings
from publisher.store import Store, deliveries
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, settings
from tests.delivery.smtp.postfix import Postfix, running
from tests.delivery.smtp.proxy import breaking
from tests.delivery.smtp.raw import Clock, Raw, Sender, letters, serving

LETTERS, READERS = 200, 30


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def lines_of(postfix: Postfix) -> list[str]:
    """Return its log as it stands."""
    return postfix.log.read_text().splitlines() if postfix.log.exists() else []


def relay(port: int) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none"), None)


def with_ids(count: int) -> list[Message]:
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    found = []
    for number, one in enumerate(letters(count)):
        mark = "m" * 22 + alphabet[number // 32] + alphabet[number % 32]
        head = f"Message-ID: <{mark}@courier.example>\r\n".encode()
        found.append(replace(one, mark=mark, parts=[head, *one.parts]))
    return found


def test_two_hundred_letters_go_through_and_stand_in_its_log() -> None:
    beyond, sent = Raw(), with_ids(LETTERS)
    with serving(beyond) as onwards, running(onwards) as postfix:
        sender = Sender(relay(postfix.port), Clock())
        sender.send(sent)
        until(lambda: len(beyond.accepted) >= LETTERS)
        # Its log is written by a process of its own, which may be late.
        until(lambda: len(accepted(lines_of(postfix))) >= LETTERS)
        log = lines_of(postfix)

    assert sender.count(Verdict.ACCEPTED) == LETTERS
    assert Counter(beyond.recipients) == Counter(one.recipient for one in sent)
    assert accepted(log) == {one.mark for one in sent}
    # Postfix hands reports' conditions on: it understood ours (RFC 3461).
    ours = [line for line in beyond.said if line.startswith("MAIL")]
    assert all("RET=HDRS" in line and re.search(r"ENVID=m{22}", line) for line in ours)


def test_what_was_in_doubt_is_settled_from_its_log_and_nobody_gets_two(sqlite: Store) -> None:
    """The line loses answers, and final dots; the sender cannot tell one from the other, the log can."""
    enrol(sqlite, READERS)
    edition = make_edition(sqlite)
    prepare(sqlite, edition, settings=settings(), now=MORNING)
    beyond = Raw()

    def go(port: int, minutes: int) -> None:
        now = MORNING + timedelta(minutes=minutes)
        way = relay(port)
        send(sqlite, settings=settings(), tokens=TOKENS, clock=lambda: now, transport=way)
        way.close()

    def counts() -> dict[State, int]:
        with sqlite.read() as tx:
            return {state: count for state, count in deliveries.counts(tx, edition.id).items() if count}

    with serving(beyond) as onwards, running(onwards) as postfix:
        with breaking(postfix.port, swallow=5, cut=7) as line:
            go(line.server_address[1], 0)
        before = counts()
        until(lambda: len(beyond.accepted) >= before[State.ACCEPTED] + line.swallowed)
        until(lambda: len(accepted(lines_of(postfix))) >= before[State.ACCEPTED] + line.swallowed)
        settled = settle_from_log(sqlite, lines_of(postfix), absent_again=True, now=MORNING)
        go(postfix.port, 30)
        until(lambda: len(beyond.accepted) >= READERS)

    assert before == {
        State.ACCEPTED: READERS - line.swallowed - line.lost,
        State.UNCERTAIN: line.swallowed + line.lost,
    }
    assert settled == {State.PENDING: line.lost, State.ACCEPTED: line.swallowed}
    assert counts() == {State.ACCEPTED: READERS}
    assert Counter(beyond.recipients) == Counter(f"reader{number}@example.com" for number in range(READERS))
