"""Killed at any moment and started again, publish ends where an undisturbed run ends."""

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from publisher.store import Store, Transaction, open_store
from tests.feeds.newsroom import Newsroom, settings

STORE = "sqlite:///var/publisher.sqlite3"
TABLES = ("feed", "feed_archive", "feed_entry", "feed_file")
FEW = settings(feeds={"entries": 6})


def outcome(site: Path) -> tuple[dict[str, list[Any]], dict[str, tuple[bytes, int]]]:
    """Return what is recorded, and the bytes and times of what is published."""
    with closing(sqlite3.connect(site / "var" / "publisher.sqlite3")) as plain:
        rows = {table: sorted(plain.execute(f"SELECT * FROM {table}").fetchall()) for table in TABLES}
    public = site / "public"
    files = {
        str(path.relative_to(public)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in public.rglob("*")
        if path.is_file()
    }
    return rows, files


def publish(site: Path) -> None:
    store = open_store(STORE, folder=site)
    Newsroom(store, site, FEW).publish()
    store.close()


def counted(do: Callable[[], None], patch: pytest.MonkeyPatch) -> None:
    """Call ``do`` before and after everything that a run leaves behind on the disk or in the store."""
    write = Store.write

    @contextmanager
    def committed(self: Store) -> Iterator[Transaction]:
        do()
        with write(self) as tx:
            yield tx
        do()

    patch.setattr(Store, "write", committed)
    for module, name in ((os, "fsync"), (os, "replace"), (Path, "replace"), (Path, "unlink")):
        plain = getattr(module, name)

        def watched(*args: Any, _plain: Any = plain, **options: Any) -> Any:
            do()
            return _plain(*args, **options)

        patch.setattr(module, name, watched)


def killed_at(site: Path, moment: int) -> bool:
    """Publish in a process that is killed at that moment; return whether it came that far."""
    child = os.fork()
    if child == 0:
        left = moment

        def tick() -> None:
            nonlocal left
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        with pytest.MonkeyPatch.context() as patch:
            counted(tick, patch)
            publish(site)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A site that is published, and in which much has happened since."""
    site = tmp_path / "site"
    store = open_store(STORE, folder=site)
    newsroom = Newsroom(store, site, FEW)
    written = newsroom.write(*range(1, 12))
    newsroom.publish()
    newsroom.withdraw(written[1])
    newsroom.edit(written[9], section="politics")
    newsroom.edit(written[3], correction="Tên xã.", corrected=newsroom.now)
    newsroom.write(*range(20, 29))
    store.close()
    return site


def test_killed_at_many_moments_it_ends_like_an_undisturbed_run(prepared: Path, tmp_path: Path) -> None:
    undisturbed = tmp_path / "undisturbed"
    shutil.copytree(prepared, undisturbed)
    publish(undisturbed)
    wanted = outcome(undisturbed)
    moment, moments = 0, 0
    while True:
        site = tmp_path / "killed"
        shutil.copytree(prepared, site)
        killed = killed_at(site, moment)
        if killed and moments % 3 == 2:
            killed_at(site, moment // 2)
        publish(site)
        assert outcome(site) == wanted, f"killed at {moment}"
        shutil.rmtree(site)
        if not killed:
            break
        moment, moments = moment + 1 + moment // 6, moments + 1
    assert moments > 12
