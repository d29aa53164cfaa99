"""Several real processes on one store, killed at random moments: each planned run happens, and once."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, sleep

import pytest

from publisher.clock import system_clock
from publisher.model.job import Firing, Outcome
from publisher.schedule.jobs import tick
from publisher.settings.load import fingerprint, load
from publisher.store import Store, firings, open_store
from publisher.work.desk import Desk
from tests.schedule.processes import Site, hands

pytestmark = pytest.mark.slow

EVERY_SECOND = """\
jobs:
  pull: {run: pull, every: 1s, catch_up: all}
  publish: {run: publish, every: 1s, catch_up: all}
  letter: {run: send morning, cron: "* * * * *", catch_up: all}
"""
EDITS = [
    EVERY_SECOND,
    EVERY_SECOND.replace("publish, every: 1s", "publish, every: 2s"),
    EVERY_SECOND.replace("  publish:", "  published:"),
    EVERY_SECOND.replace("publish, every: 1s", "publish, enabled: false, every: 1s"),
    EVERY_SECOND.replace("publish, every: 1s, catch_up: all", "publish, every: 3s, catch_up: latest"),
]
MISTAKES = [
    "jobs: [",
    EVERY_SECOND.replace("pull", "pul"),
    EVERY_SECOND.replace("1s", "1 second"),
    EVERY_SECOND + "  pull: {run: pull, every: 1s}\n",
    EVERY_SECOND[:60],
]


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Site:
    open_store(store_url, folder=tmp_path).close()
    return Site(tmp_path, store_url, EVERY_SECOND)


@pytest.fixture
def crew(site: Site) -> Iterator[list[BaseProcess]]:
    """Three processes; whatever still lives is killed at the end."""
    found = [site.start() for _ in range(3)]
    yield found
    for one in found:
        one.kill()
        one.join()


def begun(site: Site) -> None:
    """Wait until all three are at work."""
    patience = monotonic() + 60
    while sum(words[0] == "started" for words in site.notes) < 3:
        assert monotonic() < patience, "the processes did not start"
        sleep(0.05)


def kill_one(site: Site, crew: list[BaseProcess], chance: random.Random) -> None:
    victim = chance.randrange(len(crew))
    crew[victim].kill()
    crew[victim] = site.start()


def settle(site: Site, crew: list[BaseProcess]) -> list[Firing]:
    """Kill all, do what is left undone, and return the ledger."""
    for one in crew:
        one.kill()
        one.join()
    store = open_store(site.store_url, folder=site.folder)
    desk = Desk(site=site.folder, settings=load(site.folder, {}), store=store, clock=system_clock)
    while unfinished(store):
        tick(desk, hands(site.folder))
    with store.read() as tx:
        found = firings.latest(tx, limit=100_000)
    store.close()
    return sorted(found, key=lambda one: (one.job, one.due))


def unfinished(store: Store) -> bool:
    with store.read() as tx:
        return bool(firings.unfinished(tx))


def check(site: Site, ledger: list[Firing]) -> None:
    """Every row ended; what the processes noted fits what the ledger says."""
    begun_at: Counter[tuple[str, str]] = Counter()
    attempts: Counter[tuple[str, str, str]] = Counter()
    for words in site.notes:
        if words[0] == "begin":
            begun_at[words[1], words[2]] += 1
            attempts[words[1], words[2], words[3]] += 1
    assert max(attempts.values()) == 1, "two processes had the same attempt of a run"
    for one in ledger:
        key = (one.job, f"{one.due.timestamp():.0f}")
        assert one.outcome in {Outcome.DONE, Outcome.SKIPPED}, one
        assert one.reason
        if one.outcome is Outcome.DONE:
            # A process killed before its first note leaves an attempt that nobody saw.
            assert 1 <= begun_at[key] <= one.attempts, one
        else:
            assert begun_at[key] == 0, one


def no_gaps(ledger: list[Firing], job: str) -> int:
    """Check that a job's seconds follow one another, all done; return how many there are."""
    dues = [one.due for one in ledger if one.job == job]
    assert all(after - before == timedelta(seconds=1) for before, after in pairwise(dues))
    assert all(one.outcome is Outcome.DONE for one in ledger if one.job == job)
    return len(dues)


def test_killed_at_random_moments_each_run_is_done_once(site: Site, crew: list[BaseProcess]) -> None:
    chance = random.Random(11)
    begun(site)
    end = monotonic() + 12
    kills = 0
    while monotonic() < end:
        sleep(0.2 + chance.random() * 0.8)
        kill_one(site, crew, chance)
        kills += 1
    ledger = settle(site, crew)

    check(site, ledger)
    assert kills > 10
    assert no_gaps(ledger, "pull") > 10
    assert no_gaps(ledger, "publish") > 10


def test_edited_all_the_time_nothing_is_lost_and_the_last_edit_counts(
    site: Site, crew: list[BaseProcess]
) -> None:
    chance = random.Random(23)
    begun(site)
    for edit in range(200):
        site.edit(chance.choice(MISTAKES if edit % 2 else EDITS))
        sleep(chance.random() * 0.16)
        if edit % 40 == 20:
            kill_one(site, crew, chance)
    last = EDITS[1].replace("* * * * *", "*/2 * * * *")
    site.edit(last)
    saved = system_clock()
    wanted = fingerprint(load(site.folder, {}))
    took = active_everywhere(site, crew, wanted, saved)
    ledger = settle(site, crew)

    assert took <= timedelta(seconds=2), took
    check(site, ledger)
    assert no_gaps(ledger, "pull") > 10


def active_everywhere(site: Site, crew: list[BaseProcess], wanted: str, saved: datetime) -> timedelta:
    """Return how long after an edit was saved the last living process took it into force."""
    patience = monotonic() + 60
    while monotonic() < patience:
        in_force = {words[-2]: words for words in site.notes if words[0] in {"started", "taken"}}
        mine = [in_force.get(str(one.pid)) for one in crew]
        if all(words is not None and words[1] == wanted for words in mine):
            late = max(float(words[-1]) for words in mine if words)
            return timedelta(seconds=late - saved.timestamp())
        sleep(0.05)
    raise AssertionError("the last edit was never taken into force everywhere")


def test_told_to_stop_they_end_in_good_order(site: Site, crew: list[BaseProcess]) -> None:
    begun(site)
    sleep(1.5)
    for one in crew:
        one.terminate()
    for one in crew:
        one.join(20)
        assert one.exitcode == 0
    assert sum(words[0] == "stopped" for words in site.notes) == 3
    begins, ends = (sum(words[0] == word for words in site.notes) for word in ("begin", "end"))
    assert begins == ends
    store = open_store(site.store_url, folder=site.folder)
    with store.read() as tx:
        assert all(one.outcome is Outcome.PLANNED for one in firings.unfinished(tx))
    store.close()
