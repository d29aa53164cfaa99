"""Killed with SIGKILL at every single effect, and started again: nobody is lost, nobody gets it twice."""

import mailbox
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from publisher.delivery.prepare import prepare
from publisher.delivery.send import send
from publisher.delivery.transports import maildir
from publisher.delivery.transports.base import Transport
from publisher.delivery.transports.maildir import Maildir
from publisher.delivery.transports.smtp import Smtp
from publisher.model.delivery import State
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import open_store
from tests import stores
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, settings
from tests.delivery.postmaster import Postmaster, serving

READERS = 6
FORK = multiprocessing.get_context("fork")


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A site whose edition is prepared for six readers."""
    site = tmp_path / "site"
    store = stores.make(site, "sqlite:///publisher.sqlite3")
    enrol(store, READERS)
    prepare(store, make_edition(store), settings=settings(), now=MORNING)
    store.close()
    return site


def deliver(site: Path, way: Callable[[Path], Transport], kill_at: int) -> None:
    """Send what is due; die right before effect number ``kill_at``. Exits with the number of effects."""
    seen = 0

    def happen(*_: object) -> None:
        nonlocal seen
        seen += 1
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("rename", "fsync", "write"):
        setattr(os, name, before(getattr(os, name), happen))
    event.listen(Engine, "commit", happen)
    maildir._ROOM = 4
    store = open_store("sqlite:///publisher.sqlite3", folder=site)
    transport = way(site)
    send(store, settings=settings(), tokens=TOKENS, clock=lambda: MORNING, transport=transport)
    transport.close()
    os._exit(min(seen, 255))


def before(function: Callable[..., Any], happen: Callable[[], None]) -> Callable[..., Any]:
    def noted(*args: Any) -> Any:
        happen()
        return function(*args)

    return noted


def run(site: Path, way: Callable[[Path], Transport], kill_at: int = 0) -> int:
    """Run it in a process of its own; return how it ended."""
    child = FORK.Process(target=deliver, args=(site, way, kill_at))
    child.start()
    child.join(120)
    assert child.exitcode is not None
    return child.exitcode


def ledger(site: Path) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(site / "publisher.sqlite3")) as plain:
        return plain.execute(
            "SELECT id, address, state, reason, due, changed, owner FROM delivery"
        ).fetchall()


def counts(site: Path) -> Counter[str]:
    return Counter(str(row[2]) for row in ledger(site))


def copied(site: Path, name: str) -> Path:
    return Path(shutil.copytree(site, site.parent / name))


def outbox(site: Path) -> Maildir:
    return Maildir(site / "outbox")


@pytest.mark.slow
def test_killed_anywhere_the_outbox_ends_as_undisturbed(prepared: Path) -> None:
    calm = copied(prepared, "calm")
    effects = run(calm, outbox)
    assert effects > 3 * READERS

    for moment in range(1, effects + 1):
        site = copied(prepared, f"killed{moment}")
        assert run(site, outbox, moment) == -signal.SIGKILL
        assert sum(counts(site).values()) == READERS
        run(site, outbox)

        assert ledger(site) == ledger(calm), moment
        found = Counter(str(one["To"]) for one in mailbox.Maildir(site / "outbox", create=False))
        assert found == Counter(f"reader{number}@example.com" for number in range(READERS)), moment
        assert not list((site / "outbox" / "tmp").iterdir()), moment
        shutil.rmtree(site)


@pytest.mark.slow
def test_killed_again_and_again_while_a_mail_program_reads(prepared: Path) -> None:
    chance = random.Random(7)
    for _ in range(30):
        if run(prepared, outbox, chance.randint(1, 12)) == 0:
            break
        for file in list((prepared / "outbox" / "new").iterdir()):
            if chance.random() < 0.5:
                file.rename(prepared / "outbox" / "cur" / f"{file.name}:2,S")
    run(prepared, outbox)

    assert counts(prepared) == {State.ACCEPTED: READERS}
    assert len(mailbox.Maildir(prepared / "outbox", create=False)) == READERS


@pytest.mark.slow
def test_killed_anywhere_a_mail_server_gets_nothing_twice(prepared: Path) -> None:
    with serving(calm := Postmaster()) as port:
        effects = run(copied(prepared, "calm"), lambda _site: relay(port))
    assert len(calm.recipients) == READERS

    for moment in range(1, effects + 1):
        site = copied(prepared, f"killed{moment}")
        with serving(master := Postmaster()) as port:
            assert run(site, lambda _site, port=port: relay(port), moment) == -signal.SIGKILL  # type: ignore[misc]
            run(site, lambda _site, port=port: relay(port))  # type: ignore[misc]

        found = counts(site)
        assert max(Counter(master.recipients).values()) == 1, moment
        assert set(found) <= {State.ACCEPTED, State.UNCERTAIN}, moment
        assert found[State.UNCERTAIN] <= 1, moment
        accepted = {row[1] for row in ledger(site) if row[2] == State.ACCEPTED}
        assert accepted <= set(master.recipients), moment
        shutil.rmtree(site)


def relay(port: int) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=port, tls="none", connections=1), None)
