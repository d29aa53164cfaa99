"""Killed with SIGKILL at random moments among thousands of messages, with good servers and bad ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

from publisher.delivery.transports.smtp import Timeouts
from publisher.model.delivery import State
from publisher.store import open_store
from tests.conftest import WHOLE
from tests.delivery import crashes
from tests.delivery.smtp.raw import PIPELINING, Plan, Raw, as_usual, serving

pytestmark = pytest.mark.slow

PEOPLE, KILLS = (10_000, 50) if WHOLE else (300, 5)
FEW, FEW_KILLS = (2_000, 20) if WHOLE else (80, 2)


def each(number: int, moment: str, what: str) -> Plan:
    """Let it happen to every n-th reader, the first time."""

    def plan(now: str, recipient: str, times: int) -> str:
        reader = recipient.partition("@")[0].removeprefix("reader")
        return what if now == moment and not times and reader.isdigit() and int(reader) % number == 0 else ""

    return plan


def proved(
    site: Path,
    raw: Raw,
    *,
    people: int,
    kills: int,
    in_doubt: int = 0,
    timeouts: Timeouts = Timeouts(),  # noqa: B008
) -> None:
    """Hunt senders; nobody gets it twice, nobody is lost, and the relay's log settles every doubt."""
    crashes.prepared(site, people)
    most = crashes.CONNECTIONS * kills + in_doubt
    with serving(raw) as port:
        start = crashes.sender(site, port, timeouts=timeouts)
        now = crashes.hunt(raw, start, within=people - most, kills=kills)
        store = open_store(crashes.STORE, folder=site)
        crashes.finish(store, start, now)
        found = crashes.toll(raw, store)
        print(
            f"{people} messages, {kills} kills: {len(found.twice)} twice, {len(found.lost)} lost, "
            f"{len(found.uncertain)} uncertain"
        )

        assert not found.twice
        assert not found.lost
        assert not found.imagined
        assert len(found.states) == people
        # A busy machine may make a server that works seem silent too.
        assert len(found.uncertain - found.given_up) <= most

        settled = found
        while settled.uncertain or not settled.is_over:
            crashes.settle(raw, store, now)
            crashes.finish(store, start, now)
            settled = crashes.toll(raw, store)
        store.close()
    assert set(settled.states.values()) == {State.ACCEPTED}
    assert len(settled.received) == people
    assert not settled.twice


def test_killed_at_random_moments_nobody_is_lost_and_nobody_gets_it_twice(tmp_path: Path) -> None:
    proved(tmp_path, Raw(), people=PEOPLE, kills=KILLS)


@pytest.mark.parametrize(
    ("plan", "doubtful", "timeouts"),
    [
        pytest.param(
            each(7, "dot", "take and close"), 7, Timeouts(), id="drops connections after the final dot"
        ),
        pytest.param(each(1, "RCPT", "451 4.7.1 greylisted"), 0, Timeouts(), id="answers 451 at first"),
        pytest.param(each(9, "MAIL", "421 4.3.2 closing"), 0, Timeouts(), id="421 in the middle"),
        pytest.param(each(50, "dot", "take and hang"), 50, Timeouts(dot=2.0), id="hangs"),
        pytest.param(each(9, "DATA", "close"), 0, Timeouts(), id="closes early"),
        pytest.param(each(11, "DATA", "354 and close"), 11, Timeouts(), id="closes within the letter"),
    ],
)
def test_the_same_with_a_server_that(
    tmp_path: Path, plan: Callable[..., str], doubtful: int, timeouts: Timeouts
) -> None:
    in_doubt = FEW // doubtful + 1 if doubtful else 0
    proved(tmp_path, Raw(plan=plan), people=FEW, kills=FEW_KILLS, in_doubt=in_doubt, timeouts=timeouts)


@pytest.mark.parametrize("offers", [None, (), PIPELINING], ids=["only HELO", "no extensions", "pipelining"])
def test_the_same_whatever_a_server_offers(tmp_path: Path, offers: tuple[str, ...] | None) -> None:
    proved(tmp_path, Raw(plan=as_usual, offers=offers), people=FEW, kills=FEW_KILLS)
