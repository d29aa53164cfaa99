"""Killed at any moment and started again, ``publisher run --once`` ends where an undisturbed run ends."""

import shutil
import signal
from datetime import datetime
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY, WHOLE
from tests.forkserver import SPAWN
from tests.journeys.once import main
from tests.journeys.site import make_site, outbox, published, stored

FIRST = "2026-11-20T23:30:00+07:00"
NEXT_DAY = "2026-11-21T00:30:00+07:00"
MOMENTS = 100 if WHOLE else 16
"""At how many of a run's effects, evenly spread, it is killed."""

PEOPLE = """\
address,language,timezone,digest,sections,hour,consent_at,consent_from,consent_text
an@example.com,vi,,morning,,,2026-09-01T08:00:00+07:00,https://courier.example,Tôi đồng ý
ben@example.com,en,,morning,economy;culture,,2026-09-01T08:00:00+07:00,https://courier.example,I agree
chi@example.com,vi,,morning,,8,2026-09-01T08:00:00+07:00,https://courier.example,Tôi đồng ý
"""

pytestmark = pytest.mark.slow


def once(site: Path, now: str, *, kill_at: int = 0, arguments: tuple[str, ...] = ("run", "--once")) -> int:
    """Run a command in a process of its own; return how many effects it had, or 0 when it was killed."""
    said, words = site.parent / "said", ("--site", str(site), *arguments)
    process = SPAWN.Process(target=main, args=(datetime.fromisoformat(now), kill_at, words, said))
    process.start()
    process.join()
    if kill_at and process.exitcode == -signal.SIGKILL:
        return 0
    assert process.exitcode == 0, said.read_text("utf-8")
    return int(said.read_text("utf-8").splitlines()[-1])


def seen(site: Path) -> dict[str, object]:
    """Return all that came of the runs."""
    return {
        "store": stored(site),
        "public": published(site),
        "outbox": [message.as_bytes() for message in outbox(site)],
        "leftovers": [
            str(file.relative_to(site))
            for folder in ("public", "var")
            for file in (site / folder).rglob("*")
            if file.is_file() and (".part" in file.name or file.name.endswith(".tmp"))
        ],
    }


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with subscribers and an inbox, that has never run."""
    site = make_site(tmp_path_factory.mktemp("begun") / "site")
    shutil.copytree(REPOSITORY / "sample" / "pages", site / "var" / "inbox")
    shutil.copytree(REPOSITORY / "sample" / "pictures", site / "var" / "inbox" / "pictures")
    shutil.copy(REPOSITORY / "sample" / "articles.jsonl", site / "var" / "inbox")
    (site / "people.csv").write_text(PEOPLE, encoding="utf-8")
    once(site, FIRST, arguments=("subscribers", "import", str(site / "people.csv")))
    return site


@pytest.fixture(scope="module")
def second_day(begun: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same site after its first run: articles are in and published, the letter is due the next day."""
    site = tmp_path_factory.mktemp("second") / "site"
    shutil.copytree(begun, site)
    once(site, FIRST)
    return site


@pytest.mark.slow(50)
@pytest.mark.timeout(900)
@pytest.mark.parametrize("day", ["first", "second"])
def test_every_moment_is_a_good_one_to_die(day: str, begun: Path, second_day: Path, tmp_path: Path) -> None:
    start, now = (begun, FIRST) if day == "first" else (second_day, NEXT_DAY)
    # Every trial lies in the same place: what was read is remembered by its path.
    site = tmp_path / "site"
    shutil.copytree(start, site)
    effects = once(site, now)
    expected = seen(site)
    assert effects > 10
    assert expected["leftovers"] == []
    if day == "second":
        # The third has chosen an hour that is still to come.
        assert len(outbox(site)) == 2

    step = max(1, effects // MOMENTS)
    for moment in range(1, effects + 1, step):
        shutil.rmtree(site)
        shutil.copytree(start, site)
        once(site, now, kill_at=moment)
        once(site, now)
        found = seen(site)
        for part, value in expected.items():
            assert found[part] == value, f"killed before effect {moment} of {effects}: {part} differs"


def test_a_second_run_at_the_same_moment_does_nothing(second_day: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(second_day, site)
    before, times = seen(site), {file: file.stat().st_mtime_ns for file in (site / "public").rglob("*")}
    store = (site / "var" / "publisher.sqlite3").read_bytes()

    once(site, FIRST)

    assert seen(site) == before
    assert {file: file.stat().st_mtime_ns for file in (site / "public").rglob("*")} == times
    assert (site / "var" / "publisher.sqlite3").read_bytes() == store, (
        "a run with nothing to do wrote to the store"
    )
