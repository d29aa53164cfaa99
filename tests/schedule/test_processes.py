"""Several real processes on one store, killed at random moments: each planned run happens, and once."""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, sleep

import pytest

from publisher.clock import system_clock
from publisher.model.job import Firing, Outcome
from publisher.model.revision import Revision
from publisher.schedule.jobs import tick
from publisher.settings.load import fingerprint, read
from publisher.store import Store, firings, open_store
from publisher.store import configs as rows
from publisher.work import configs
from tests.conftest import PostgreSQL
from tests.schedule.processes import SITE, Site, desk_of, hands

pytestmark = pytest.mark.slow

KILLS, MOMENTS = 12, 10
AT_REST = bool(os.environ.get("PUBLISHER_TEST_AT_REST"))
"""Set on a machine that does nothing else: then an edit has two seconds to come into force everywhere."""

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
KEPT = {
    edit: EVERY_SECOND.replace("publish, every: 1s", f"publish, every: {edit}s")
    for edit in range(20, 200, 40)
}
"""By the number of the edit: what stays until every process has it."""
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
    wait_for(lambda: sum(words[0] == "started" for words in site.notes) >= 3)


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
    desk = desk_of(site.folder, store)
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
    for kill in range(KILLS):
        wait_for(partial(done, site, kill // 2))
        sleep(chance.random() * 0.8)
        kill_one(site, crew, chance)
    wait_for(partial(done, site, MOMENTS))
    ledger = settle(site, crew)

    check(site, ledger)
    assert no_gaps(ledger, "pull") >= MOMENTS
    assert no_gaps(ledger, "publish") >= MOMENTS


def done(site: Site, moments: int) -> bool:
    """Return whether pull and publish were each done for so many moments."""
    ended = {(words[1], words[2]) for words in site.notes if words[0] == "end"}
    counts = Counter(job for job, _ in ended)
    return min(counts["pull"], counts["publish"]) >= moments


def test_edited_all_the_time_nothing_is_lost_and_the_last_edit_counts(
    site: Site, crew: list[BaseProcess]
) -> None:
    chance = random.Random(23)
    begun(site)
    wait_for(partial(is_begun, site))
    for edit in range(200):
        site.edit(chance.choice(MISTAKES if edit % 2 else EDITS))
        sleep(chance.random() * 0.16)
        if edit in KEPT:
            # Of edits that follow one another at once any may pass unseen.
            site.edit(KEPT[edit])
            active_everywhere(site, crew, KEPT[edit], system_clock())
            kill_one(site, crew, chance)
    last = EDITS[1].replace("* * * * *", "*/2 * * * *")
    site.edit(last)
    saved = system_clock()
    took = active_everywhere(site, crew, last, saved)
    ledger = settle(site, crew)

    print(f"the last edit was in force everywhere after {took.total_seconds():.2f} s")
    if AT_REST:
        assert took <= timedelta(seconds=2), took
    check(site, ledger)
    assert no_gaps(ledger, "pull") > 10
    revisions = all_revisions(site)
    assert [one.number for one in revisions] == list(range(1, len(revisions) + 1))
    assert revisions[-1].files["config/schedule.yaml"] == last
    kept = set(KEPT.values())
    assert kept < {one.files["config/schedule.yaml"] for one in revisions} <= {*EDITS, *kept, last}
    assert {one.revision for one in ledger} <= {one.number for one in revisions}


def test_two_hosts_follow_each_other_and_one_config_is_in_force_on_both(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    url = postgresql.database()
    sites = [Site(tmp_path / name, url, EVERY_SECOND) for name in ("north", "south")]
    open_store(url, folder=tmp_path).close()
    for site in sites:
        # The hosts of one site have one key.
        (site.folder / "var").mkdir()
        (site.folder / "var/secret").write_text("5" * 64, encoding="ascii")
    crew = [one.start() for one in sites]
    try:
        for site in sites:
            wait_for(partial(is_begun, site))
        for edit in range(5):
            here = sites[edit % 2]
            schedule = EDITS[edit].replace("pull, every: 1s", f"pull, every: {edit + 2}s") + "# by hand\n"
            here.edit(schedule)
            for site, process in zip(sites, crew, strict=True):
                active_everywhere(site, [process], schedule, system_clock())
            wait_for(partial(all_say, sites, schedule))
        sites[0].edit("jobs: [")
        sites[1].edit(EVERY_SECOND)
        active_everywhere(sites[0], [crew[0]], EVERY_SECOND, system_clock())
        assert sites[0].schedule == "jobs: ["
        desk = desk_of(sites[0].folder, open_store(url, folder=tmp_path))
        made = configs.rollback(desk, 2, who="anna")
        assert isinstance(made, Revision)
        old = made.files["config/schedule.yaml"]
        for site, process in zip(sites, crew, strict=True):
            active_everywhere(site, [process], old, system_clock())
        wait_for(partial(all_say, sites, old))
        assert configs.state(desk).error == ""
        assert [one.number for one in all_revisions(sites[0])] == list(range(1, 9))
        desk.store.close()
    finally:
        for process in crew:
            process.kill()
            process.join()


def is_begun(site: Site) -> bool:
    """Return whether a process has looked at the config there, so that what is saved next is an edit."""
    return (site.folder / "var/config.json").exists()


def all_say(sites: list[Site], schedule: str) -> bool:
    """Return whether the files of every host are these, byte for byte."""
    return all(one.schedule == schedule for one in sites)


def all_revisions(site: Site) -> list[Revision]:
    store = open_store(site.store_url, folder=site.folder)
    with store.read() as tx:
        found = rows.listed(tx, limit=1000)
    store.close()
    return found[::-1]


def wait_for(truth: Callable[[], bool]) -> None:
    patience = monotonic() + 120
    while not truth():
        assert monotonic() < patience
        sleep(0.05)


def active_everywhere(site: Site, crew: list[BaseProcess], schedule: str, saved: datetime) -> timedelta:
    """Return how long after an edit was saved the last living process took it into force."""
    settings = read(SITE.encode(), schedule.encode(), {}).settings
    assert settings is not None
    wanted = fingerprint(settings)
    patience = monotonic() + 120
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
    wait_for(partial(done, site, 1))
    for one in crew:
        one.terminate()
    for one in crew:
        one.join(120)
        assert one.exitcode == 0
    assert sum(words[0] == "stopped" for words in site.notes) == 3
    begins, ends = (sum(words[0] == word for words in site.notes) for word in ("begin", "end"))
    assert begins == ends
    store = open_store(site.store_url, folder=site.folder)
    with store.read() as tx:
        assert all(one.outcome is Outcome.PLANNED for one in firings.unfinished(tx))
    store.close()
