"""Senders that are killed at random moments, and what server, ledger and log know afterwards.

Plain functions, so that other kinds of sender can be hunted the same way.
"""

import multiprocessing
import os
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, sleep

from publisher.delivery.prepare import prepare
from publisher.delivery.send import send
from publisher.delivery.settle import settle_from_log
from publisher.delivery.transports.smtp import Smtp, Timeouts
from publisher.model.delivery import State
from publisher.settings.schema import Smtp as SmtpSettings
from publisher.store import Store, deliveries, open_store
from tests import stores
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, settings
from tests.delivery.smtp.raw import Raw
from tests.delivery.test_dkim import ED, RSA

STORE = "sqlite:///publisher.sqlite3"
CONNECTIONS = 4
RULES = settings(deadline="7d")
FORK = multiprocessing.get_context("fork")
_PATIENCE = 120.0
_STEP = timedelta(minutes=20)
_MOST_RUNS = 60

Start = Callable[[datetime], BaseProcess]
"""Starts a sender whose clock stands at a moment."""


@dataclass(frozen=True, slots=True)
class Toll:
    """What a hunt left behind.

    Attributes:
        received: how often the server took each recipient's message.
        states: of the ledger, by recipient.
        given_up: whose letter the server had and did not answer in time.
    """

    received: Counter[str]
    states: dict[str, State]
    given_up: frozenset[str]

    @property
    def twice(self) -> list[str]:
        """Who got more than one."""
        return [who for who, times in self.received.items() if times > 1]

    @property
    def uncertain(self) -> set[str]:
        """Of whom the ledger does not know."""
        return {who for who, state in self.states.items() if state is State.UNCERTAIN}

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be sent."""
        return not {State.PENDING, State.DEFERRED, State.SENDING} & set(self.states.values())

    @property
    def lost(self) -> set[str]:
        """Who neither got it nor is listed as uncertain."""
        return set(self.states) - set(self.received) - self.uncertain

    @property
    def imagined(self) -> set[str]:
        """Whom the ledger believes to have it, and the server does not."""
        accepted = {who for who, state in self.states.items() if state is State.ACCEPTED}
        return accepted - set(self.received)


def prepared(site: Path, people: int, url: str = STORE) -> Path:
    """Make a store with one edition that is due to so many."""
    store = stores.make(site, url)
    enrol(store, people)
    prepare(store, make_edition(store), settings=RULES, now=MORNING)
    store.close()
    return site


def sender(site: Path, port: int, url: str = STORE, timeouts: Timeouts = Timeouts()) -> Start:  # noqa: B008
    """Return what starts one sender in a process of its own, with both signatures."""

    def work(now: datetime) -> None:
        store = open_store(url, folder=site)
        server = SmtpSettings(host="127.0.0.1", port=port, tls="none", connections=CONNECTIONS)
        way = Smtp(server, None, timeouts=timeouts)
        send(store, settings=RULES, tokens=TOKENS, clock=lambda: now, transport=way, signers=[RSA, ED])
        way.close()
        os._exit(0)

    def start(now: datetime) -> BaseProcess:
        child = FORK.Process(target=work, args=(now,))
        child.start()
        return child

    return start


def hunt(raw: Raw, start: Start, *, within: int, kills: int) -> datetime:
    """Kill so many senders, each as soon as the server has taken a number of messages chosen at random.

    Args:
        raw: the server.
        start: starts a sender.
        within: so many messages the server takes in any case, however many end uncertain.
        kills: so many.

    Returns:
        The time of the next one.
    """
    now = MORNING
    for moment in sorted(random.Random(within).sample(range(1, within), kills)):
        now = _kill_at(raw, start, moment, now)
    return now


def _kill_at(raw: Raw, start: Start, moment: int, now: datetime) -> datetime:
    for _ in range(_MOST_RUNS):
        child = start(now)
        # Whoever was deferred is due again for the next one.
        now += _STEP
        wait_for(lambda: len(raw.accepted) >= moment or not child.is_alive())  # noqa: B023 - called at once
        if child.is_alive():
            child.kill()
            child.join()
            return now
        child.join()
    raise AssertionError("they ended before they could be killed")


def finish(store: Store, start: Start, now: datetime) -> None:
    """Run senders, undisturbed, until nothing is left to be sent."""
    for _ in range(_MOST_RUNS):
        child = start(now)
        child.join(_PATIENCE)
        assert child.exitcode is not None, "the sender never ended"
        with store.read() as tx:
            if not deliveries.waiting(tx)[0] and not deliveries.owners(tx):
                return
        now += _STEP
    raise AssertionError("something waits for ever")


def toll(raw: Raw, store: Store) -> Toll:
    """Count what the server has and what the ledger says."""
    with store.read() as tx:
        every = list(deliveries.each(tx, 1))
    states = {one.address: one.state for one in every}
    given_up = frozenset(one.address for one in every if "no answer to" in one.reason)
    return Toll(Counter(raw.recipients), states, given_up)


def settle(raw: Raw, store: Store, now: datetime) -> None:
    """Settle what is uncertain by the relay's log, which is whole."""
    settle_from_log(store, postfix_log(raw.accepted), absent_again=True, now=now)


def postfix_log(accepted: Sequence[tuple[str, bytes]]) -> list[str]:
    """Return what Postfix would have logged of the messages it took."""
    lines = []
    for number, (_, content) in enumerate(accepted):
        queue = f"{number:010X}"
        message_id = BytesHeaderParser().parsebytes(content)["Message-ID"]
        lines += [
            f"Nov 21 06:30 mx postfix/cleanup[7]: {queue}: message-id={message_id}",
            f"Nov 21 06:30 mx postfix/qmgr[8]: {queue}: from=<a@b.example>, size=9, nrcpt=1 (queue active)",
        ]
    return lines


def wait_for(so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = monotonic() + _PATIENCE
    while not so():
        assert monotonic() < deadline, "it never came to that"
        sleep(0.002)
