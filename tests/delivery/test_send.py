"""Sending: everybody once, whatever the way out does, and the sum always holds."""

import mailbox
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher import addresses
from publisher.delivery.message import Draft, Letter, Message
from publisher.delivery.prepare import prepare
from publisher.delivery.send import LEASE, SendReport, send
from publisher.delivery.transports.base import Result, Transport
from publisher.delivery.transports.maildir import Maildir
from publisher.delivery.transports.smtp import Smtp
from publisher.errors import StoreError, UnreachableError
from publisher.model.delivery import Delivery, State
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import Store, claims, deliveries, subscribers, suppressions
from publisher.tokens import Tokens
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, reader, settings
from tests.delivery.postmaster import Postmaster, serving

HOUR = timedelta(hours=1)


def ready(store: Store, people: Any = 5, **content: Any) -> int:
    """Enrol people, make and prepare an edition; return its number."""
    enrol(store, people)
    edition = make_edition(store, **content)
    prepare(store, edition, settings=settings(), now=MORNING)
    return edition.id


def go(store: Store, way: Transport, now: datetime = MORNING, **options: Any) -> SendReport:
    return send(
        store,
        settings=options.pop("rules", settings()),
        tokens=TOKENS,
        clock=options.pop("clock", lambda: now),
        transport=way,
        **options,
    )


def states(store: Store, edition_id: int) -> dict[str, tuple[State, str]]:
    with store.read() as tx:
        return {
            one.address.partition("@")[0]: (one.state, one.reason) for one in deliveries.each(tx, edition_id)
        }


def inbox(folder: Path) -> list[str]:
    return sorted(str(message["To"]) for message in mailbox.Maildir(folder, create=False))


def test_everybody_gets_it_once(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, 130)
    done: list[int] = []

    first = go(store, Maildir(tmp_path / "outbox"), tick=done.append)
    second = go(store, Maildir(tmp_path / "outbox"))

    assert first == SendReport(ended={State.ACCEPTED: 130})
    assert second == SendReport()
    assert done[-1] == 130
    assert inbox(tmp_path / "outbox") == sorted(f"reader{number}@example.com" for number in range(130))
    assert set(states(store, edition_id).values()) == {(State.ACCEPTED, "in the outbox")}


def test_later_hours_wait_for_their_time(sqlite: Store, tmp_path: Path) -> None:
    ready(sqlite, [reader(1), reader(2, hour=9)])

    first = go(sqlite, Maildir(tmp_path))
    assert (first.ended, first.waiting, first.next_due) == (
        {State.ACCEPTED: 1},
        1,
        MORNING + timedelta(hours=2, minutes=30),
    )

    assert go(sqlite, Maildir(tmp_path), now=MORNING + 3 * HOUR).ended == {State.ACCEPTED: 1}


def test_each_choice_gets_its_own_letter(sqlite: Store, tmp_path: Path) -> None:
    ready(sqlite, [reader(1), reader(2, sections=("economy",)), reader(3, sections=("culture",))])

    go(sqlite, Maildir(tmp_path))

    found = {str(one["To"]): one.as_bytes() for one in mailbox.Maildir(tmp_path, create=False)}
    assert set(found) == {"reader1@example.com", "reader2@example.com"}
    assert found["reader1@example.com"].split(b"\n\n")[0] != found["reader2@example.com"].split(b"\n\n")[0]


def test_who_left_in_between_gets_nothing_and_the_row_says_why(sqlite: Store, tmp_path: Path) -> None:
    edition_id = ready(sqlite, 3)
    with sqlite.write() as tx:
        (_, first), (second, _), _ = subscribers.each(tx)
        subscribers.end(tx, first.id, now=MORNING)
        mark = addresses.hashed(addresses.key(second.address))
        suppressions.add(tx, mark, reason="complained", detail="", now=MORNING)

    report = go(sqlite, Maildir(tmp_path))

    assert report.ended == {State.ACCEPTED: 1, State.SUPPRESSED: 2}
    assert states(sqlite, edition_id) == {
        "reader0": (State.SUPPRESSED, "unsubscribed"),
        "reader1": (State.SUPPRESSED, "complained"),
        "reader2": (State.ACCEPTED, "in the outbox"),
    }


def test_a_stale_edition_is_not_sent(sqlite: Store, tmp_path: Path) -> None:
    edition_id = ready(sqlite, 2)

    report = go(sqlite, Maildir(tmp_path), now=MORNING + 2 * HOUR, rules=settings(deadline="2h"))

    assert report.ended == {State.FAILED: 2}
    assert inbox(tmp_path) == []
    assert set(states(sqlite, edition_id).values()) == {(State.FAILED, "too late: its deadline passed")}


def test_a_digest_that_left_the_config_is_still_delivered(sqlite: Store, tmp_path: Path) -> None:
    ready(sqlite, 1)
    rules = settings()
    assert go(sqlite, Maildir(tmp_path), rules=rules.model_copy(update={"digests": {}})).ended == {
        State.ACCEPTED: 1
    }


@pytest.mark.parametrize("after", [0, 1, 49, 50, 51, 120])
def test_it_stops_between_any_two_messages_with_everything_in_order(
    sqlite: Store, tmp_path: Path, after: int
) -> None:
    edition_id = ready(sqlite, 120)
    written = tmp_path / "new"

    stopped = go(sqlite, Maildir(tmp_path), stop=lambda: len(list(written.iterdir())) >= after)

    assert stopped.stopped
    assert stopped.ended.get(State.ACCEPTED, 0) == len(inbox(tmp_path)) == after
    with sqlite.read() as tx:
        found = deliveries.counts(tx, edition_id)
        assert deliveries.owners(tx) == {}
    assert found.get(State.PENDING, 0) == 120 - after
    assert State.SENDING not in found
    go(sqlite, Maildir(tmp_path))
    assert len(inbox(tmp_path)) == 120


class Dying(Maildir):
    """Dies while it hands over the n-th message, as an unexpected defect would."""

    left = 7

    def take(self, message: Any, *, again: bool) -> None:
        self.left -= 1
        if not self.left:
            raise KeyboardInterrupt
        super().take(message, again=again)


def test_interrupted_in_the_middle_only_what_was_in_hand_is_in_doubt(sqlite: Store, tmp_path: Path) -> None:
    edition_id = ready(sqlite, 20)

    with pytest.raises(KeyboardInterrupt):
        go(sqlite, Dying(tmp_path))

    with sqlite.read() as tx:
        found = deliveries.counts(tx, edition_id)
    assert found == {State.PENDING: 13, State.SENDING: 7}
    # The process still lives, so its lease has to end before anybody else may look into it.
    assert go(sqlite, Maildir(tmp_path), now=MORNING + HOUR).settled == {State.PENDING: 1, State.ACCEPTED: 6}
    assert len(inbox(tmp_path)) == 20


class Busy(Maildir):
    """Takes three letters at a time, and sees how many more are made by the time it is asked for answers."""

    def __init__(self, folder: Path, made: list[int]) -> None:
        super().__init__(folder)
        self._made, self.took, self.ahead = made, 0, list[tuple[int, int]]()
        self.pushed = False

    def room(self) -> int:
        return 3

    def take(self, message: Message, *, again: bool) -> None:
        self.took, self.pushed = self.took + 1, False
        super().take(message, again=again)

    def push(self) -> None:
        self.pushed = True

    def results(self, *, wait: bool = True) -> Sequence[Result]:
        assert self.pushed, "what was handed over waits to leave"
        self.ahead.append((self.took, len(self._made)))
        return super().results(wait=wait)


def test_while_servers_answer_the_next_letters_are_made(
    sqlite: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(sqlite, 20)
    made: list[int] = []
    draft = Letter.draft

    def noted(letter: Letter, one: Delivery, tokens: Tokens) -> Draft:
        made.append(one.id)
        return draft(letter, one, tokens)

    monkeypatch.setattr(Letter, "draft", noted)
    way = Busy(tmp_path, made)

    go(sqlite, way)

    # Three are under way and three more are wanted; they are made by eights, as signatures are.
    assert way.ahead[:7] == [
        (3, 8),
        (6, 16),
        (9, 16),
        (12, 16),
        (15, 20),
        (18, 20),
        (20, 20),
    ]
    assert len(made) == len(set(made)) == len(inbox(tmp_path)) == 20


class Dribbling(Maildir):
    """Has eight places and answers one letter at a time, the oldest first."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.waiting, self.groups, self.idle = list[Result](), list[int](), 0

    def room(self) -> int:
        self.groups.append(8 - len(self.waiting))
        return self.groups[-1]

    def results(self, *, wait: bool = True) -> Sequence[Result]:
        self.waiting += super().results(wait=wait)
        answered, self.waiting = self.waiting[:1], self.waiting[1:]
        self.idle += bool(answered) and not self.waiting
        return answered


def test_a_claim_comes_before_the_last_letters_of_the_one_before_have_gone(
    sqlite: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.delivery.send._CLAIM", 30)
    monkeypatch.setattr("publisher.delivery.stock._ENOUGH", 10)
    ready(sqlite, 100)
    way = Dribbling(tmp_path)

    assert go(sqlite, way).ended == {State.ACCEPTED: 100}
    assert way.idle == 1, "all places were empty at the end only"


def test_it_commits_for_half_of_the_servers_rather_than_for_one(sqlite: Store, tmp_path: Path) -> None:
    ready(sqlite, 200)
    way = Dribbling(tmp_path)

    assert go(sqlite, way).ended == {State.ACCEPTED: 200}
    assert way.groups[:5] == [8, 4, 4, 4, 4]
    assert min(way.groups[40:60]) < 4, "with enough of them made there is nothing better to do"


def test_a_store_that_goes_away_while_the_next_letters_are_made_costs_no_answer(
    sqlite: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edition_id = ready(sqlite, 30)
    with sqlite.write() as tx:
        tx.exec_driver_sql("UPDATE delivery SET address = 'bạn@đọc..example' WHERE address LIKE 'reader2_@%'")

    def away(*_: object, **__: object) -> None:
        raise StoreError("it is away")

    monkeypatch.setattr(claims, "close", away)
    with pytest.raises(StoreError, match="it is away"):
        go(sqlite, Dribbling(tmp_path))

    with sqlite.read() as tx:
        found = deliveries.counts(tx, edition_id)
    assert State.SENDING not in found
    assert found[State.ACCEPTED] == len(inbox(tmp_path)) >= 8
    assert found[State.ACCEPTED] + found[State.PENDING] == 30


def relay(port: int, **values: Any) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none", **values), "open sesame")


def test_a_mail_server_gets_everybody_over_few_connections(store: Store) -> None:
    edition_id = ready(store, 25)
    master = Postmaster()
    with serving(master) as port:
        way = relay(port, connections=4)
        report = go(store, way)
        way.close()

    assert report.ended == {State.ACCEPTED: 25}
    assert sorted(master.recipients) == sorted(f"reader{number}@example.com" for number in range(25))
    assert len(master.sessions) <= 4
    assert set(states(store, edition_id).values()) == {(State.ACCEPTED, "250 OK")}


def test_what_the_server_says_decides(sqlite: Store) -> None:
    edition_id = ready(sqlite, 6)
    answers = {
        "reader1@example.com": "451 4.3.0 try later",
        "reader2@example.com": "554 5.7.1 no thanks, reader2@example.com",
        "reader3@example.com": "drop after",
        "reader4@example.com": "421 4.3.2 closing",
    }
    master = Postmaster(
        plan=lambda who, times: "250 OK" if times else answers.get(who, "250 OK"),
        on_rcpt=lambda who, _: "550 5.1.1 no such user" if who.startswith("reader5") else "250 OK",
    )
    with serving(master) as port:
        report = go(sqlite, relay(port))
        later = go(sqlite, relay(port), now=MORNING + timedelta(minutes=2))

    assert report.ended == {State.ACCEPTED: 1, State.DEFERRED: 2, State.FAILED: 2, State.UNCERTAIN: 1}
    assert report.waiting == 2
    assert later.ended == {State.ACCEPTED: 2}
    found = states(sqlite, edition_id)
    assert found["reader2"] == (State.FAILED, "554 5.7.1 no thanks, <…>")
    assert found["reader3"][0] == State.UNCERTAIN
    assert found["reader5"] == (State.FAILED, "550 5.1.1 no such user")
    # The one whose answer was lost did arrive; had it been sent again, there would be two.
    assert sorted(master.recipients) == [f"reader{number}@example.com" for number in (0, 1, 3, 4)]


def test_an_uncertain_letter_is_never_sent_again_by_itself(sqlite: Store) -> None:
    edition_id = ready(sqlite, 1)
    master = Postmaster(plan=lambda _who, _times: "drop after")
    with serving(master) as port:
        for hours in range(4):
            go(sqlite, relay(port), now=MORNING + hours * HOUR)
    assert len(master.recipients) == 1

    with sqlite.write() as tx:
        row = next(deliveries.each(tx, edition_id)).id
        assert deliveries.settle(tx, row, State.PENDING, "settled: not in the log", now=MORNING)
    master.plan = lambda _who, _times: "250 OK"
    with serving(master) as port:
        assert go(sqlite, relay(port), now=MORNING + HOUR).ended == {State.ACCEPTED: 1}


def test_a_server_that_is_away_leaves_everything_pending(sqlite: Store) -> None:
    edition_id = ready(sqlite, 3)
    with serving(Postmaster()) as port:
        pass

    with pytest.raises(UnreachableError, match=f"mail server 127.0.0.1:{port}: cannot be reached"):
        go(sqlite, relay(port))

    with sqlite.read() as tx:
        assert deliveries.counts(tx, edition_id) == {State.PENDING: 3}
        assert deliveries.owners(tx) == {}


def test_a_server_that_goes_away_in_the_middle_costs_no_known_answer(sqlite: Store) -> None:
    """The answer to the last letter is known when the next connection fails; it must not get lost."""
    edition_id = ready(sqlite, 3)
    master = Postmaster(plan=lambda _who, _times: "421 4.3.2 closing for good")
    with serving(master) as port:
        way = relay(port)
        way.room()
    with pytest.raises(UnreachableError):
        go(sqlite, way)

    with sqlite.read() as tx:
        found = deliveries.counts(tx, edition_id)
    assert found.get(State.SENDING, 0) == 0
    assert sum(found.values()) == 3


def test_a_refused_sender_fails_nobody(sqlite: Store) -> None:
    ready(sqlite, 2)
    with serving(Postmaster(on_mail="550 5.7.1 sender not allowed")) as port:
        report = go(sqlite, relay(port))

    assert report.ended == {State.DEFERRED: 2}


def test_retries_end_at_the_deadline(sqlite: Store) -> None:
    edition_id = ready(sqlite, 1)
    master = Postmaster(plan=lambda _who, _times: "451 4.3.0 later")
    now, runs = MORNING, 0
    with serving(master) as port:
        while True:
            report = go(sqlite, relay(port), now=now, rules=settings(deadline="1h"))
            runs += 1
            if report.next_due is None:
                break
            now = report.next_due

    assert runs == 5
    assert states(sqlite, edition_id) == {"reader0": (State.FAILED, "451 4.3.0 later")}
    assert now < MORNING + HOUR


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(sqlite: Store) -> None:
    people = [reader(1, address="kiều.bào@example.net"), reader(2, address="toasoan@báo.example")]
    ready(sqlite, people)
    master = Postmaster()
    with serving(master, enable_SMTPUTF8=False) as port:
        assert go(sqlite, relay(port)).ended == {State.ACCEPTED: 1, State.FAILED: 1}
    assert master.recipients == ["toasoan@xn--bo-mia.example"]

    ready(sqlite, [], slot="2026-11-22")
    with serving(master, enable_SMTPUTF8=True) as port:
        assert go(sqlite, relay(port)).ended == {State.ACCEPTED: 2}
    assert "kiều.bào@example.net" in master.recipients


def test_a_dead_process_leaves_uncertain_what_a_server_may_have_taken(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, 4)
    dead = f"{_host()}:999999999:1"
    with store.write() as tx:
        found = claims.claim(tx, dead, until=MORNING + LEASE, now=MORNING, limit=3)
        ids = [one.delivery.id for one in found]
        claims.begin(tx, dead, ids[:1], way="mail server x:25", until=MORNING + LEASE, now=MORNING)
        claims.begin(tx, dead, ids[1:2], way="outbox", until=MORNING + LEASE, now=MORNING)

    report = go(store, Maildir(tmp_path))

    assert report.settled == {State.PENDING: 1, State.UNCERTAIN: 1}
    assert report.ended == {State.ACCEPTED: 3}
    assert [state for state, _ in states(store, edition_id).values()].count(State.UNCERTAIN) == 1


def test_a_living_process_is_left_in_peace_until_its_lease_ends(sqlite: Store, tmp_path: Path) -> None:
    ready(sqlite, 2)
    with sqlite.write() as tx:
        alive = f"{_host()}:{os.getppid()}:0"
        claims.claim(tx, alive, until=MORNING + LEASE, now=MORNING, limit=2)

    assert go(sqlite, Maildir(tmp_path)) == SendReport(waiting=2, next_due=MORNING)
    assert go(sqlite, Maildir(tmp_path), now=MORNING + LEASE + HOUR).ended == {State.ACCEPTED: 2}


def _host() -> str:
    from publisher import owner

    return owner.me().split(":", maxsplit=1)[0]
