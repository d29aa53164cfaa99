"""An edition that people hold back: nothing new begins, what is under way ends, and the sum always holds."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery.message import Message
from publisher.delivery.prepare import prepare
from publisher.delivery.transports.maildir import Maildir
from publisher.errors import UsageError
from publisher.model.delivery import State
from publisher.model.hold import Hold, HoldKind, Wish, refusal
from publisher.store import Store, actions, claims, deliveries, open_store
from publisher.work import editions
from publisher.work.desk import Desk
from tests.delivery.bureau import MORNING, enrol, make_edition, reader, settings
from tests.delivery.test_commands import Person, person
from tests.delivery.test_send import go, inbox, ready, states

__all__ = ["person"]

SLOT = ("daily", "2026-11-21")


def desk(store: Store, now: Any = MORNING) -> Desk:
    return Desk(Path(), settings(), store, lambda: now)


def hold(kind: HoldKind) -> Hold:
    return Hold(digest="daily", slot="2026-11-21", kind=kind, at=MORNING, who="lan")


@pytest.mark.parametrize(
    ("kind", "wish", "no"),
    [
        (None, Wish.PAUSE, ""),
        (None, Wish.RESUME, "it is not paused"),
        (None, Wish.CANCEL, ""),
        (HoldKind.PAUSED, Wish.PAUSE, ""),
        (HoldKind.PAUSED, Wish.RESUME, ""),
        (HoldKind.PAUSED, Wish.CANCEL, ""),
        (HoldKind.CANCELLED, Wish.PAUSE, "it was cancelled by lan, and that is for good"),
        (HoldKind.CANCELLED, Wish.RESUME, "it was cancelled by lan, and that is for good"),
        (HoldKind.CANCELLED, Wish.CANCEL, ""),
    ],
)
def test_what_may_be_asked_of_an_edition(kind: HoldKind | None, wish: Wish, no: str) -> None:
    assert refusal(hold(kind) if kind else None, wish) == no


def test_a_paused_edition_waits_and_another_does_not(store: Store, tmp_path: Path) -> None:
    held = ready(store, 3)
    other = make_edition(store, slot="2026-11-22")
    prepare(store, other, settings=settings(), now=MORNING)

    paused = editions.pause(desk(store), *SLOT, who="lan", why="wrong lead")
    during = go(store, Maildir(tmp_path))
    again = editions.pause(desk(store), *SLOT, who="minh")
    resumed = editions.resume(desk(store), *SLOT, who="lan")
    after = go(store, Maildir(tmp_path))

    assert (paused.changed, paused.waiting, again.changed, again.hold) == (True, 3, False, paused.hold)
    assert (during.ended, during.waiting, during.next_due) == ({State.ACCEPTED: 3}, 3, None)
    assert (resumed.changed, resumed.hold, after.ended) == (True, None, {State.ACCEPTED: 3})
    assert set(states(store, held).values()) == {(State.ACCEPTED, "in the outbox")}
    with store.read() as tx:
        log = [(one.what, one.who, one.about, one.detail) for one in actions.latest(tx, limit=9)]
    assert log == [
        ("resumed edition", "lan", "daily 2026-11-21", ""),
        ("paused edition", "lan", "daily 2026-11-21", "wrong lead"),
    ]


class Asked(Maildir):
    """Does something to the edition while the n-th message is handed over."""

    left = 0
    act: Any = None

    def take(self, message: Message, *, again: bool) -> None:
        self.left -= 1
        if self.left == 0:
            self.act()
        super().take(message, again=again)


def test_paused_in_the_middle_only_what_had_begun_goes_out(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, 130)
    way = Asked(tmp_path)
    way.left, way.act = 20, lambda: editions.pause(desk(store), *SLOT, who="lan")

    report = go(store, way)

    assert report.ended == {State.ACCEPTED: 50}
    with store.read() as tx:
        assert deliveries.counts(tx, edition_id) == {State.PENDING: 80, State.ACCEPTED: 50}
        assert deliveries.owners(tx) == {}
    editions.resume(desk(store), *SLOT, who="lan")
    assert go(store, Maildir(tmp_path)).ended == {State.ACCEPTED: 80}
    assert len(inbox(tmp_path)) == 130


def test_cancelled_in_the_middle_the_rest_ends_with_the_reason(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, 130)
    way = Asked(tmp_path)
    way.left, way.act = 70, lambda: editions.cancel(desk(store), *SLOT, who="lan", why="a hoax")

    go(store, way)

    with store.read() as tx:
        assert deliveries.counts(tx, edition_id) == {State.ACCEPTED: 100, State.SUPPRESSED: 30}
    reasons = {reason for state, reason in states(store, edition_id).values() if state is State.SUPPRESSED}
    assert reasons == {"edition cancelled by lan: a hoax"}
    assert len(inbox(tmp_path)) == 100
    with pytest.raises(UsageError, match="edition daily 2026-11-21: it was cancelled by lan"):
        editions.resume(desk(store), *SLOT, who="minh")


def test_an_edition_is_held_before_it_is_made(sqlite: Store, tmp_path: Path) -> None:
    editions.pause(desk(sqlite), *SLOT, who="lan")
    assert [(one.issue, one.hold is not None) for one in editions.standings(desk(sqlite))] == [(None, True)]
    edition_id = ready(sqlite, 3)

    assert go(sqlite, Maildir(tmp_path)).ended == {}
    editions.cancel(desk(sqlite), *SLOT, who="lan")

    with sqlite.read() as tx:
        assert deliveries.counts(tx, edition_id) == {State.SUPPRESSED: 3}


def test_one_cancelled_before_it_is_made_reaches_nobody(sqlite: Store, tmp_path: Path) -> None:
    report = editions.cancel(desk(sqlite), *SLOT, who="lan")
    edition_id = ready(sqlite, 3)

    assert (report.changed, report.moved) == (True, 0)
    assert go(sqlite, Maildir(tmp_path), edition_id=edition_id).ended == {State.SUPPRESSED: 3}
    assert inbox(tmp_path) == []


def test_a_letter_under_way_that_comes_back_deferred_is_not_tried_again(
    sqlite: Store, tmp_path: Path
) -> None:
    edition_id = ready(sqlite, 1)
    with sqlite.write() as tx:
        until = MORNING + timedelta(minutes=15)
        (one,) = claims.claim(tx, "x:1:1", until=until, now=MORNING, limit=1)
        row = one.delivery.id
        claims.begin(tx, "x:1:1", [row], way="w", until=until, now=MORNING)
    assert editions.cancel(desk(sqlite), *SLOT, who="lan").moved == 0
    with sqlite.write() as tx:
        back = claims.Ending(id=row, attempt=1, state=State.DEFERRED, reason="451 later", due=MORNING)
        assert claims.finish(tx, "x:1:1", [back], now=MORNING) == 1

    assert go(sqlite, Maildir(tmp_path)).ended == {State.SUPPRESSED: 1}
    assert states(sqlite, edition_id) == {"reader0": (State.SUPPRESSED, "edition cancelled by lan")}


def test_failed_ones_go_out_again_while_their_deadline_allows(store: Store, tmp_path: Path) -> None:
    edition_id = ready(store, [reader(1), reader(2, hour=9)])
    late = MORNING + timedelta(hours=15)
    assert go(store, Maildir(tmp_path), now=late).ended == {State.FAILED: 2}

    nobody = editions.retry_failed(desk(store, late), *SLOT, who="lan")
    one = editions.retry_failed(desk(store, MORNING + timedelta(hours=13)), *SLOT, who="lan")
    again = editions.retry_failed(desk(store, MORNING + timedelta(hours=13)), *SLOT, who="lan")

    assert (nobody.moved, one.moved, again.moved) == (0, 1, 0)
    assert one.counts == {State.PENDING: 1, State.FAILED: 1}
    assert go(store, Maildir(tmp_path), now=MORNING + timedelta(hours=13)).ended == {State.ACCEPTED: 1}
    assert states(store, edition_id)["reader1"][0] is State.FAILED


def test_a_short_edition_does_not_wait_for_a_long_one(store: Store) -> None:
    ready(store, 100)
    short = make_edition(store, slot="2026-11-22", due=MORNING + timedelta(hours=1))
    enrol(store, [reader(500, digest="daily")])
    prepare(store, short, settings=settings(), now=MORNING)

    with store.write() as tx:
        later = MORNING + timedelta(hours=2)
        found = claims.claim(tx, "x:1:1", until=later, now=later, limit=60)

    assert [one.delivery.edition_id == short.id for one in found].count(True) == 30


def test_the_commands_say_who_holds_what_and_since_when(person: Person) -> None:
    person.run("subscribers", "import", str(person.site / "people.csv"))
    store = open_store("sqlite:///var/publisher.sqlite3", folder=person.site)
    prepare(store, make_edition(store), settings=settings(), now=MORNING)
    store.close()

    code, out, _ = person.run("editions", "pause", *SLOT, "--why", "wrong lead")
    assert (code, out.startswith("daily 2026-11-21: paused since ")) == (0, True)
    assert out.endswith(": wrong lead; 2 wait\n")
    for words in (("deliveries",), ("editions", "list"), ("status",)):
        _, out, _ = person.run(*words)
        assert "paused since " in out
        assert ": wrong lead" in out
    found = json.loads(person.run("editions", "list", "--json")[1])["editions"]
    assert [(one["slot"], one["held"]["kind"], one["held"]["why"]) for one in found] == [
        ("2026-11-21", "paused", "wrong lead")
    ]
    assert person.run("editions", "resume", *SLOT)[1] == "daily 2026-11-21: resumed; 2 wait to be sent\n"
    _, out, _ = person.run("editions", "cancel", *SLOT)
    assert out.endswith("; 2 will not be sent\n")
    assert person.run("deliveries")[1].startswith("daily 2026-11-21: 2 recipients = 2 suppressed\n")
    assert json.loads(person.run("editions", "cancel", *SLOT, "--json")[1])["changed"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("resume", *SLOT), "edition daily 2026-11-21: it is not paused"),
        (("pause", "dayly", "2026-11-21"), "there is no digest 'dayly'; did you mean 'daily'?"),
        (("pause", "daily", "yesterday"), "SLOT: 'yesterday' is no slot"),
        (("retry", *SLOT), "there is no edition of daily for 2026-11-21"),
    ],
)
def test_what_makes_no_sense_is_one_line(person: Person, words: tuple[str, ...], says: str) -> None:
    code, out, err = person.run("editions", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert says in err
