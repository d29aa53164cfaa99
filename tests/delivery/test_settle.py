"""Settling from a relay's log."""

from datetime import timedelta

import pytest

from publisher.delivery.message import mark_of
from publisher.delivery.prepare import prepare
from publisher.delivery.relaylog import accepted
from publisher.delivery.settle import settle_from_log
from publisher.model.delivery import State
from publisher.store import Store, claims, deliveries
from tests.delivery.bureau import MORNING, enrol, make_edition, settings

MARK, LOST, OTHER = "a" * 24, "b" * 24, "c" * 24


def log(mark: str, queue: str = "4F2A31C0D2", *, queued: bool = True) -> list[str]:
    """What Postfix writes about a letter, whole or cut off before the final dot."""
    lines = [
        f"Nov 21 06:31:07 mx postfix/smtpd[811]: {queue}: client=unknown[192.0.2.7]",
        f"Nov 21 06:31:07 mx postfix/cleanup[812]: {queue}: message-id=<{mark}@courier.example>",
    ]
    if queued:
        size = "from=<news@courier.example>, size=81, nrcpt=1 (queue active)"
        end = "to=<lan@example.com>, relay=mx[192.0.2.9]:25, dsn=2.0.0, status=sent (250 ok)"
        lines += [
            f"Nov 21 06:31:07 mx postfix/qmgr[7]: {queue}: {size}",
            f"Nov 21 06:31:09 mx postfix/smtp[9]: {queue}: {end}",
        ]
    return lines


@pytest.mark.parametrize("place", ["postfix", "postfix-out", "postfix/submission"])
def test_a_letter_was_taken_when_it_stood_in_the_queue(place: str) -> None:
    lines = [*log(MARK), *log(LOST, "5A0B0C0D0E", queued=False), "rubbish", ""]
    assert accepted(line.replace("postfix/", f"{place}/") for line in lines) == {MARK}


def test_a_queue_number_that_is_given_out_again_is_another_letter() -> None:
    assert accepted([*log(MARK), *log(OTHER)]) == {MARK, OTHER}
    assert accepted([*log(MARK), *log(OTHER, queued=False)]) == {MARK}
    assert accepted([*log(OTHER, queued=False), *log(MARK)]) == {MARK}


def test_the_log_settles_what_was_uncertain_and_the_rest_stays_or_goes_again(sqlite: Store) -> None:
    enrol(sqlite, 3)
    edition = make_edition(sqlite)
    prepare(sqlite, edition, settings=settings(), now=MORNING)
    until = MORNING + timedelta(minutes=15)
    with sqlite.write() as tx:
        ids = [one.delivery.id for one in claims.claim(tx, "p", until=until, now=MORNING, limit=2)]
        claims.begin(tx, "p", ids, way="mail server", until=until, now=MORNING)
        lost = [claims.Ending(id=row, attempt=1, state=State.UNCERTAIN, reason="no answer") for row in ids]
        claims.finish(tx, "p", lost, now=MORNING)
    lines = log(mark_of(edition, ids[0]))

    first = settle_from_log(sqlite, lines, absent_again=False, now=MORNING)
    second = settle_from_log(sqlite, lines, absent_again=True, now=MORNING)

    assert first == {State.ACCEPTED: 1, State.UNCERTAIN: 1}
    assert second == {State.PENDING: 1}
    assert settle_from_log(sqlite, lines, absent_again=True, now=MORNING) == {}
    with sqlite.read() as tx:
        assert deliveries.counts(tx, edition.id) == {State.PENDING: 2, State.ACCEPTED: 1}
