"""A backup brings a site back whole, and nothing that went out since goes out again."""

import io
import json
import os
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from publisher import app
from publisher.app import open_desk, run
from publisher.errors import UnreachableError, UsageError
from publisher.model.delivery import State
from publisher.model.slot import parse_when
from publisher.store import deliveries, editions
from publisher.store.tables import metadata
from publisher.work import backup, tasks
from publisher.work.backup import Backup
from publisher.work.desk import Desk
from publisher.work.restore import Restored, restore
from tests.conftest import PostgreSQL, postgresql_programs
from tests.journeys.site import SITE, make_site, rows, stored

MONDAY = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
"""07:30 in Việt Nam."""
DAY = timedelta(days=1)
SCHEDULE = "jobs:\n  morning: {run: send morning, cron: 0 6 * * *}\n"


def article(site: Path, number: int, at: datetime) -> None:
    line = {
        "id": f"n{number}",
        "title": f"Tin số {number}",
        "language": "vi",
        "section": "economy",
        "body": "<p>Chợ Lưa họp sớm.</p>",
        "published": at.isoformat(),
    }
    (site / f"{number}.jsonl").write_text(json.dumps(line) + "\n", encoding="utf-8")
    assert run(["--site", str(site), "ingest", str(site / f"{number}.jsonl")]) == 0


def opened(site: Path, *, now: datetime) -> Desk:
    return open_desk(site, clock=lambda: now)


@pytest.fixture(autouse=True)
def _monday(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands believe that it is the Sunday before."""
    monkeypatch.setattr(app, "system_clock", lambda: MONDAY - DAY / 4)


def add_reader(site: Path, name: str) -> None:
    words = [
        "subscribers",
        "add",
        f"{name}@reader.example",
        "--digest",
        "morning",
        "--consent",
        "asked at the desk",
    ]
    assert run(["--site", str(site), *words]) == 0


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A paper with one article, one reader, and Monday's letter gone out."""
    folder = make_site(tmp_path / "site", schedule=SCHEDULE)
    article(folder, 1, MONDAY - DAY / 2)
    add_reader(folder, "lan")
    send(folder, MONDAY)
    return folder


def send(site: Path, now: datetime) -> tasks.Sent:
    desk = opened(site, now=now)
    try:
        return tasks.send(desk, "morning", parse_when(f"{now:%Y-%m-%d}", "day", desk.zone, now=now))
    finally:
        desk.store.close()


def made(site: Path, to: Path | None = None, *, now: datetime = MONDAY, keep: int | None = None) -> Backup:
    desk = opened(site, now=now)
    try:
        return backup.make(desk, to, keep=keep)
    finally:
        desk.store.close()


def brought_back(of: Backup, site: Path, *, now: datetime, replace: bool = False) -> Restored:
    return restore(of, site, opens=partial(opened, now=now), now=now, who="lan", replace=replace)


def test_a_site_comes_back_whole_in_a_new_folder(site: Path, tmp_path: Path) -> None:
    (site / "templates" / "digest").mkdir(parents=True)
    (site / "templates" / "digest" / "own.css").write_text("p { color: #123456 }")
    taken = made(site)

    done = brought_back(backup.read(taken.path), tmp_path / "new", now=MONDAY)

    assert done.articles == 1
    assert (done.uncertain, done.lost, done.aside) == (0, (), None)
    before, after = stored(site), stored(tmp_path / "new")
    assert {name for name in before if before[name] != after[name]} <= {"action", "job", "sqlite_sequence"}
    done_by = "SELECT who, what FROM action ORDER BY id"
    assert rows(tmp_path / "new", done_by) == [*rows(site, done_by), ("lan", "restored")]
    for name in ("config/site.yaml", "config/schedule.yaml", "templates/digest/own.css", "var/secret"):
        assert (tmp_path / "new" / name).read_bytes() == (site / name).read_bytes()
    assert (tmp_path / "new" / "var" / "secret").stat().st_mode & 0o077 == 0


def test_feeds_of_a_site_that_was_brought_back_are_the_same_bytes(site: Path, tmp_path: Path) -> None:
    assert run(["--site", str(site), "publish"]) == 0
    brought_back(made(site), tmp_path / "new", now=MONDAY)

    assert run(["--site", str(tmp_path / "new"), "publish"]) == 0

    feeds = {path.name: path.read_bytes() for path in (site / "public" / "feeds").glob("*.atom")}
    assert {p.name: p.read_bytes() for p in (tmp_path / "new" / "public" / "feeds").glob("*.atom")} == feeds
    assert feeds


def test_the_file_is_for_its_owner_only_and_dated(site: Path) -> None:
    taken = made(site)

    assert taken.path == site / "var" / "backups" / "backup-20260302T003000Z.tar.gz"
    assert taken.path.stat().st_mode & 0o077 == 0
    assert [path.name for path in taken.path.parent.iterdir()] == [taken.path.name]


def test_old_ones_go_when_told(site: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    for day in range(4):
        made(site, tmp_path / "kept", now=MONDAY + day * DAY, keep=2)

    assert sorted(path.name[7:15] for path in (tmp_path / "kept").iterdir()) == ["20260304", "20260305"]


def test_what_went_out_since_is_not_sent_again(site: Path) -> None:
    taken = made(site)
    article(site, 2, MONDAY + DAY / 4)
    assert send(site, MONDAY + DAY).sent is not None

    done = brought_back(taken, site, now=MONDAY + DAY + timedelta(hours=2), replace=True)

    assert done.lost == ("morning 2026-03-03",)
    again = send(site, MONDAY + DAY + timedelta(hours=3))
    assert again.made.edition is None
    assert "may have gone out" in (again.made.skipped_reason or "")
    # Article 2 may have been in it; it is not in Wednesday's either, and what is new is.
    article(site, 2, MONDAY + DAY / 4)
    article(site, 3, MONDAY + 2 * DAY - timedelta(hours=5))
    wednesday = send(site, MONDAY + 2 * DAY).made.edition
    assert wednesday is not None
    titles = [choice.title for choice in wednesday.selection.picked]
    assert titles == ["Tin số 3"]


def test_the_schedule_does_not_catch_up_on_letters_that_may_have_gone_out(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken = made(site)
    brought_back(taken, site, now=MONDAY + 3 * DAY, replace=True)

    found = rows(site, "SELECT outcome, reason FROM firing WHERE job = 'morning' ORDER BY due")

    assert len(found) == 3
    assert {outcome for outcome, _ in found} == {"skipped"}
    assert all("2026-03-02 00:30 UTC" in reason for _, reason in found)


def test_open_deliveries_are_uncertain_unless_they_are_due_later(site: Path) -> None:
    for name in ("an", "binh"):
        add_reader(site, name)
    with opened(site, now=MONDAY).store.write() as tx:
        table = metadata.tables["delivery"]
        first = tx.execute(table.select()).mappings().one()
        for number, (state, due) in enumerate(
            [("pending", MONDAY), ("deferred", MONDAY), ("pending", MONDAY + 2 * DAY)], start=2
        ):
            other = {"id": first["id"] + number, "subscription_id": first["subscription_id"] + number}
            tx.execute(table.insert().values({**first, **other, "state": state, "due": due}))
    taken = made(site)

    done = brought_back(taken, site, now=MONDAY + timedelta(hours=1), replace=True)

    assert done.uncertain == 2
    desk = opened(site, now=MONDAY)
    with desk.store.read() as tx:
        edition = editions.listed(tx, digest="morning", limit=1)[0]
        assert deliveries.counts(tx, edition.id) == {State.PENDING: 1, State.ACCEPTED: 1, State.UNCERTAIN: 2}
    desk.store.close()


def test_a_site_that_is_there_is_put_aside_only_when_told(site: Path) -> None:
    taken = made(site)
    article(site, 2, MONDAY)

    with pytest.raises(UsageError, match="there is a site already"):
        brought_back(taken, site, now=MONDAY)
    assert rows(site, "SELECT count(*) FROM article") == [(2,)]

    done = brought_back(taken, site, now=MONDAY, replace=True)
    assert rows(site, "SELECT count(*) FROM article") == [(1,)]
    assert done.aside is not None
    assert (done.aside / "config" / "site.yaml").is_file()
    assert (done.aside / "var" / "publisher.sqlite3").is_file()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-200])


def _flipped(path: Path) -> None:
    _repacked(path, lambda name, data: (name, data[:-1] + b"!" if name == "config/site.yaml" else data))


def _strange(path: Path) -> None:
    _repacked(path, lambda name, data: ("../outside" if name == "config/site.yaml" else name, data))


def _without_store(path: Path) -> None:
    _repacked(path, lambda name, data: (name, data) if name != "store.sqlite3" else None)


def _no_backup(path: Path) -> None:
    path.write_bytes(b"not an archive")


def _repacked(path: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> None:
    with tarfile.open(path) as old:
        files = [(member.name, old.extractfile(member).read()) for member in old]  # type: ignore[union-attr]
    with tarfile.open(path, "w:gz") as new:
        for kept in (change(name, data) for name, data in files):
            if kept is not None:
                member = tarfile.TarInfo(kept[0])
                member.size = len(kept[1])
                new.addfile(member, io.BytesIO(kept[1]))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_cut, "no whole backup"),
        (_flipped, "config/site.yaml is damaged"),
        (_strange, "'../outside' has no business in a backup"),
        (_without_store, "store.sqlite3 is missing"),
        (_no_backup, "no whole backup"),
    ],
)
def test_a_damaged_backup_is_refused_and_changes_nothing(
    site: Path, damage: Callable[[Path], None], says: str, tmp_path: Path
) -> None:
    taken = made(site)
    damage(taken.path)
    before = stored(site)

    with pytest.raises(UsageError, match=says):
        brought_back(backup.read(taken.path), site, now=MONDAY, replace=True)

    assert stored(site) == before
    assert not (tmp_path / "outside").exists()
    assert not list(site.glob(".restore-*"))


def test_a_backup_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreachableError, match="there is no such file"):
        backup.read(tmp_path / "none.tar.gz")


@pytest.mark.postgresql
def test_a_postgresql_site_goes_there_and_back(
    site: Path,
    tmp_path: Path,
    postgresql: PostgreSQL,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    programs = postgresql_programs()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    first = postgresql.database().replace("+psycopg", "")
    assert run(["--site", str(site), "store", "copy", first]) == 0
    assert "store: url: in config/site.yaml" in capsys.readouterr().out
    config = site / "config" / "site.yaml"
    config.write_text(SITE + f"store: {{url: '{first}'}}\n", encoding="utf-8")
    assert run(["--site", str(site), "status"]) == 0
    assert "1 article" in capsys.readouterr().out

    taken = made(site)
    assert taken.kind == "postgresql"
    article(site, 2, MONDAY)
    with pytest.raises(UsageError, match="not empty"):
        brought_back(taken, tmp_path / "new", now=MONDAY)
    done = brought_back(taken, tmp_path / "new", now=MONDAY, replace=True)

    assert done.articles == 1
