"""Two hosts on one PostgreSQL: each has a public folder of its own, and both hold the same."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from publisher.work import folders, queue, tasks
from publisher.work.desk import Desk
from tests.conftest import PostgreSQL
from tests.work.office import Host, wait_for

pytestmark = pytest.mark.postgresql

OFTEN = "jobs:\n  publish: {run: publish, every: 1s}\n"


@pytest.fixture
def hosts(postgresql: PostgreSQL, tmp_path: Path) -> Iterator[tuple[Host, Host]]:
    url = postgresql.database()
    found = Host(tmp_path / "one", url, schedule=OFTEN), Host(tmp_path / "two", url, schedule=OFTEN)
    yield found
    for one in found:
        one.end()


@pytest.fixture
def desks(hosts: tuple[Host, Host]) -> Iterator[tuple[Desk, Desk]]:
    one, two = (host.desk() for host in hosts)
    queue.bring_up(one.store)
    yield one, two
    one.store.close()
    two.store.close()


def write(host: Host, *numbers: int) -> None:
    """Put articles where one host's ``pull`` finds them."""
    inbox = host.folder / "var/inbox"
    inbox.mkdir(exist_ok=True)
    for number in numbers:
        said = {
            "id": f"a{number}",
            "title": f"Phà số {number} chạy lại",
            "section": "politics",
            "body": f"<p>Bến Lưa, chuyến thứ {number}.</p>",
            "published": f"2025-01-20T08:{number:02}:00+07:00",
        }
        (inbox / f"{number}.jsonl").write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8")


def served(host: Host) -> dict[str, bytes]:
    """Return what readers of that host get."""
    public = host.folder / "public"
    return {str(file.relative_to(public)): file.read_bytes() for file in public.rglob("*") if file.is_file()}


def word(desk: Desk) -> folders.Word:
    with desk.store.read() as tx:
        return folders.last(tx)


def follow(desk: Desk) -> tuple[str, ...]:
    at = word(desk).at
    assert at is not None
    return tasks.follow(desk, at)


def test_a_host_writes_what_another_one_published(hosts: tuple[Host, Host], desks: tuple[Desk, Desk]) -> None:
    here, there = desks
    assert word(there).at is None
    write(hosts[0], 1, 2, 3)
    tasks.pull(here)
    assert tasks.publish(here).written

    assert follow(there)
    assert served(hosts[0]) == served(hosts[1])
    heard = word(here)
    assert (follow(there), follow(here), tasks.publish(here).written) == ((), (), ())
    assert word(here) == heard, "a run with nothing to do tells nobody anything"

    (hosts[1].folder / "public/feeds/all.rss").unlink()
    assert follow(there) == ("feeds/all.rss",)
    assert served(hosts[0]) == served(hosts[1])


def test_what_came_in_meanwhile_goes_out_everywhere(
    hosts: tuple[Host, Host], desks: tuple[Desk, Desk]
) -> None:
    here, there = desks
    write(hosts[0], 1)
    tasks.pull(here)
    tasks.publish(here)
    write(hosts[0], 2)
    tasks.pull(here)
    heard = word(here)
    follow(there)
    assert served(hosts[0]) != served(hosts[1])

    assert word(here) != heard, "the other one has to follow in its turn"
    follow(here)
    assert served(hosts[0]) == served(hosts[1])


def test_publishing_on_two_hosts_at_once_ends_with_the_same_files(
    hosts: tuple[Host, Host], desks: tuple[Desk, Desk]
) -> None:
    for round_ in range(3):
        write(hosts[0], *range(10 * round_, 10 * round_ + 5))
        tasks.pull(desks[0])
        with ThreadPoolExecutor(2) as both:
            list(both.map(tasks.publish, desks))
        for desk in (*desks, *desks):
            follow(desk)
        assert served(hosts[0]) == served(hosts[1])


@pytest.mark.slow
def test_whoever_publishes_both_serve_the_same_and_a_killed_host_catches_up(hosts: tuple[Host, Host]) -> None:
    one, two = hosts
    desk = one.desk()
    write(one, 1, 2)
    tasks.pull(desk)
    first, _ = one.start(leads=True), two.start(leads=True)
    wait_for(lambda: has(one, "số 2") and has(two, "số 2"), "a host has no files")
    one.kill(first)
    write(one, 3)
    tasks.pull(desk)
    wait_for(lambda: has(two, "số 3"), "the host that is left does not publish")
    one.start(leads=True)
    wait_for(lambda: has(one, "số 3"), "the host that was away does not catch up")
    wait_for(lambda: served(one) == served(two), "the two hosts serve different files")
    desk.store.close()


def has(host: Host, words: str) -> bool:
    file = host.folder / "public/feeds/all.json"
    return file.exists() and words in file.read_text("utf-8")
