"""Reports that wait on a real IMAP server: stored before they are put away, whatever happens in between."""

import json
import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import pytest
from imapclient.exceptions import IMAPClientError

from publisher.delivery import imap
from publisher.delivery.bounces import BounceReport, take_in
from publisher.errors import UnreachableError, UsageError
from publisher.model.report import Kind
from publisher.store import Store, open_store, reports
from publisher.work import returns
from publisher.work.desk import Desk
from tests.delivery import dovecot
from tests.delivery.bureau import MORNING, TOKENS, settings
from tests.delivery.test_bounces import HOLIDAY, QMAIL, dsn

NOW = MORNING + timedelta(hours=1)
UNKNOWN = b"Subject: hello\n\nI like your paper.\n"
needs_dovecot = pytest.mark.skipif(dovecot.PROGRAM is None, reason="Dovecot (dovecot-imapd) is not installed")


@pytest.fixture(scope="module")
def house() -> Iterator[dovecot.Server]:
    # pytest's own temporary folders are closed to the account that Dovecot works by.
    with tempfile.TemporaryDirectory(prefix="dovecot") as folder, dovecot.running(Path(folder)) as one:
        yield one


@pytest.fixture
def server(house: dovecot.Server, monkeypatch: pytest.MonkeyPatch) -> dovecot.Server:
    """A mailbox of the test's own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(house.authority))
    return replace(house, user=f"{uuid4().hex}@courier.example")


def fetch(store: Store, server: dovecot.Server, then: str = "keep") -> BounceReport:
    place = imap.place_of(server.address)
    found = imap.Folder()
    with imap.opened(place, dovecot.PASSWORD) as connection:
        report = take_in(
            store, imap.waiting(connection, place, store, found, then=then), tokens=TOKENS, now=NOW
        )
    assert found.problems == []
    return report


@needs_dovecot
def test_a_folder_is_read_once_marked_and_nothing_is_removed(server: dovecot.Server, sqlite: Store) -> None:
    for content in (dsn(), HOLIDAY, UNKNOWN):
        server.put(content)

    first = fetch(sqlite, server)
    assert first.kinds == {Kind.HARD: 1, Kind.AUTO: 1, Kind.UNKNOWN: 1}
    assert all("Seen" in one for one in server.flags())
    assert len(server.flags()) == 3
    assert fetch(sqlite, server) == BounceReport()

    # What a person reads before us in another program is not lost.
    server.put(QMAIL)
    with server.client() as client:
        client.store("4", "+FLAGS", "\\Seen")
    assert fetch(sqlite, server).kinds == {Kind.HARD: 1}


@needs_dovecot
@pytest.mark.parametrize("then", ["delete", "move to Done"])
def test_what_is_understood_goes_and_what_is_not_stays_for_a_person(
    server: dovecot.Server, sqlite: Store, then: str
) -> None:
    for content in (dsn(), UNKNOWN, HOLIDAY):
        server.put(content)

    fetch(sqlite, server, then)

    assert len(server.flags()) == 1
    if then != "delete":
        assert len(server.flags("Done")) == 2
    with sqlite.read() as tx:
        assert sum(reports.counts(tx).values()) == 3


@needs_dovecot
def test_killed_between_storing_and_putting_away_loses_and_doubles_nothing(
    server: dovecot.Server, tmp_path: Path
) -> None:
    count = 4
    for number in range(count):
        server.put(dsn(letter=f"Subject: {number}"))
    for moment in range(count):
        child = os.fork()
        if child == 0:
            die_at(moment % 3, server, tmp_path)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL

    store = open_store("sqlite:///store.sqlite3", folder=tmp_path)
    fetch(store, server, "delete")
    with store.read() as tx:
        assert reports.counts(tx) == {Kind.HARD: count}
    assert server.flags() == []
    store.close()


def die_at(moment: int, server: dovecot.Server, folder: Path) -> NoReturn:
    """Read, and be killed: before the first is marked, before it is noted, or behind the second."""
    put_away, seen = imap._put_away, []

    def killed(*arguments: Any) -> None:
        if moment > 0:
            put_away(*arguments)
            seen.append(arguments)
        if len(seen) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        vars(imap)["_put_away"] = killed
        fetch(open_store("sqlite:///store.sqlite3", folder=folder), server, "delete")
    finally:
        os._exit(1)


@needs_dovecot
def test_a_folder_that_was_made_anew_is_read_from_its_beginning(
    server: dovecot.Server, sqlite: Store
) -> None:
    server.put(dsn())
    fetch(sqlite, server)
    place = imap.place_of(server.address)
    imap._note(sqlite, place, validity=1, number=999)

    server.put(QMAIL)
    report = fetch(sqlite, server)

    assert report.kinds == {Kind.HARD: 1}
    assert report.repeated == 1


@needs_dovecot
def test_a_message_that_the_server_cannot_give_out_stays_and_is_named(
    server: dovecot.Server, sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for content in (dsn(), HOLIDAY, QMAIL):
        server.put(content)
    place, found = imap.place_of(server.address), imap.Folder()

    with imap.opened(place, dovecot.PASSWORD) as connection:
        give: Callable[..., Any] = connection.fetch

        def stumble(numbers: list[int], what: list[str]) -> Any:
            if 2 in numbers:
                raise IMAPClientError("FETCH failed")
            return give(numbers, what)

        monkeypatch.setattr(connection, "fetch", stumble)
        report = take_in(
            sqlite, imap.waiting(connection, place, sqlite, found, then="delete"), tokens=TOKENS, now=NOW
        )

    assert report.kinds == {Kind.HARD: 2}
    assert found.problems == ["message 2 of INBOX cannot be read; it stays there"]
    assert len(server.flags()) == 1
    assert "Seen" not in server.flags()[0]


@needs_dovecot
def test_nobody_is_let_in_who_is_not_whom_they_say(
    server: dovecot.Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = imap.place_of(server.address)
    with (
        pytest.raises(UnreachableError, match="does not take user and password") as refused,
        imap.opened(place, "wrong"),
    ):
        pass
    assert "wrong" not in str(refused.value)
    monkeypatch.delenv("SSL_CERT_FILE")
    with (
        pytest.raises(UnreachableError, match="certificate cannot be verified"),
        imap.opened(place, dovecot.PASSWORD),
    ):
        pass


@needs_dovecot
def test_a_job_of_the_schedule_fetches(server: dovecot.Server, sqlite: Store, tmp_path: Path) -> None:
    server.put(dsn())
    desk = Desk(
        site=tmp_path,
        settings=settings(mail={"bounces_inbox": server.address}),
        store=sqlite,
        clock=lambda: NOW,
        env={"PUBLISHER_IMAP_PASSWORD": dovecot.PASSWORD},
    )

    assert returns.run(desk, TOKENS).reason == "1 hard; 0 read before; 1 names no letter of ours"
    assert returns.run(desk, TOKENS).reason == "nothing new; 0 read before"


def test_what_is_missing_is_said_in_one_line(sqlite: Store, tmp_path: Path) -> None:
    def desk(mail: dict[str, Any]) -> Desk:
        return Desk(site=tmp_path, settings=settings(mail=mail), store=sqlite, clock=lambda: NOW)

    with pytest.raises(UsageError, match=r"set mail\.bounces_inbox"):
        returns.fetch(desk({}), TOKENS)
    with pytest.raises(UsageError, match="PUBLISHER_IMAP_PASSWORD is not set"):
        returns.fetch(desk({"bounces_inbox": "imaps://us@mail.example"}), TOKENS)
    for wrong in ("imap://us@mail.example/INBOX", "imaps://mail.example", "imaps://us:secret@mail.example"):
        with pytest.raises(UsageError) as refused:
            imap.place_of(wrong)
        assert "secret" not in str(refused.value)


def test_an_address_names_user_port_and_folder() -> None:
    assert imap.place_of(
        "imaps://bounces@courier.example@mail.example:1993/Th%C6%B0/B%E1%BA%ADt"
    ) == imap.Place("mail.example", 1993, "bounces@courier.example", "Thư/Bật")
    assert imap.place_of("imaps://us@mail.example").folder == "INBOX"
    assert "us" not in json.dumps(imap.place_of("imaps://us@mail.example").fact)
