"""Processes that plan and processes that only work, killed at random: each planned run happens once."""

import random
from collections.abc import Iterator
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import sleep

import pytest

from tests.conftest import PostgreSQL
from tests.schedule.processes import Site
from tests.schedule.test_processes import EVERY_SECOND, check, done, no_gaps, settle
from tests.work.office import wait_for

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]

KILLS = 8


@pytest.fixture
def site(postgresql: PostgreSQL, tmp_path: Path) -> Site:
    return Site(tmp_path, postgresql.database(), EVERY_SECOND)


@pytest.fixture
def crew(site: Site) -> Iterator[dict[BaseProcess, bool]]:
    """Two that plan and two that only take part, each with whether it plans; all are killed at the end."""
    found = {site.start(leads=leads): leads for leads in (True, True, False, False)}
    yield found
    for one in found:
        one.kill()
        one.join()


def begun(site: Site) -> int:
    return sum(words[0] == "begin" for words in site.notes)


def more_begun(site: Site, than: int) -> bool:
    return begun(site) > than


def test_each_planned_run_happens_once_whoever_is_killed(site: Site, crew: dict[BaseProcess, bool]) -> None:
    chance = random.Random(31)
    for _ in range(KILLS):
        wait_for(partial(more_begun, site, begun(site) + 2), "nothing is done any more")
        sleep(0.2 * chance.random())
        victim = chance.choice(list(crew))
        victim.kill()
        victim.join()
        leads = crew.pop(victim)
        crew[site.start(leads=leads)] = leads

    wait_for(partial(done, site, KILLS), "nothing is done any more")
    ledger = settle(site, list(crew))

    check(site, ledger)
    assert no_gaps(ledger, "pull") >= KILLS
    assert no_gaps(ledger, "publish") >= KILLS
