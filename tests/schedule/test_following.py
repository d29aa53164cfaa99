"""Several folders on one store run one revision of the config: the one whose files were edited last."""

import os
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from publisher import app
from publisher.clock import system_clock
from publisher.errors import UsageError
from publisher.model.revision import Revision
from publisher.settings import files
from publisher.settings.load import load, read_site
from publisher.store import Store, actions
from publisher.store import configs as rows
from publisher.work import configfolder, configs
from publisher.work.configs import in_force
from publisher.work.desk import Desk
from publisher.work.following import Following, News, kept_up
from tests.schedule.processes import SITE

ONE = """\
# Edited by hand: comments and order stay.
jobs:
  publish: {run: publish, every: 1h}   # the feeds
"""
TWO = ONE.replace("1h", "2h")
THREE = ONE.replace("1h", "3h")


class Host:
    """A site's folder on a host of its own, and one process that follows the config there."""

    def __init__(self, folder: Path, store: Store, schedule: str = ONE, site: str = SITE) -> None:
        self.folder, self.store = folder, store
        (folder / "config").mkdir(parents=True)
        (folder / "config/site.yaml").write_text(site, encoding="utf-8")
        self.save(schedule)
        self.start()

    def start(self) -> None:
        said = read_site(self.folder, {}).settings
        settings, revision = in_force(self.folder, self.store, {}, said)
        assert settings is not None
        self.desk = Desk(self.folder, settings, self.store, system_clock, {}, revision)
        self.following = Following(self.desk)
        self.following.look(at_once=True)

    def save(self, schedule: str) -> None:
        self.file.write_bytes(schedule.encode())

    def look(self, times: int = 3) -> list[News]:
        return [self.following.look() for _ in range(times)]

    @property
    def file(self) -> Path:
        return self.folder / "config/schedule.yaml"

    @property
    def text(self) -> str:
        return self.file.read_bytes().decode()

    @property
    def hours(self) -> int:
        """What is in force, told by how often the feeds are published."""
        every = self.following.settings.jobs["publish"].every
        assert every is not None
        return round(every.total_seconds() / 3600)

    @property
    def revision(self) -> int | None:
        return self.following.desk.revision


@pytest.fixture(autouse=True)
def hosts_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders tell hosts apart here; all of them are on one machine."""
    monkeypatch.setattr("publisher.work.following.host", lambda: "desk")


@pytest.fixture
def a(tmp_path: Path, sqlite: Store) -> Host:
    return Host(tmp_path / "a", sqlite)


@pytest.fixture
def b(a: Host, tmp_path: Path, sqlite: Store) -> Host:
    return Host(tmp_path / "b", sqlite)


def history(host: Host) -> list[tuple[int, str]]:
    return [(one.number, one.how) for one in reversed(configs.history(host.desk))]


def test_the_same_files_on_two_hosts_are_one_revision(a: Host, b: Host) -> None:
    assert (a.revision, b.revision) == (1, 1)
    assert history(a) == [(1, "start")]
    first = configs.revision(a.desk, 1)
    assert files.contents(first.files) == files.in_folder(a.folder)
    assert " on " in first.who


def test_an_edit_on_one_host_is_in_force_and_in_the_files_of_the_other(a: Host, b: Host) -> None:
    a.save(TWO)
    a.look()
    assert b.look(2) == [News.TAKEN, News.SAME]
    assert (b.hours, b.revision, b.text) == (2, 2, TWO)
    b.save(THREE)
    b.look()
    a.look()
    assert (a.hours, a.revision, a.text) == (3, 3, THREE)
    assert history(a) == [(1, "start"), (2, "file"), (3, "file")]
    assert configs.revision(a.desk, 3).changes == ("jobs.publish.every: now 3h; it was 2h",)
    assert configs.state(a.desk).note == configs.state(b.desk).note == ""


def test_the_bytes_are_kept_line_ends_and_mark_of_byte_order_too(a: Host, b: Host) -> None:
    odd = "\ufeff" + TWO.replace("\n", "\r\n").replace("the feeds", "bản tin")
    a.save(odd)
    a.look()
    b.look()
    assert b.text == odd


def test_comments_alone_are_followed_and_nobody_is_told(
    a: Host, b: Host, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    a.save(ONE.replace("# the feeds", "# all feeds"))
    assert News.TAKEN not in a.look()
    assert News.TAKEN not in b.look()
    assert b.text == a.text
    assert "edited and is in force" not in capsys.readouterr().err


def test_who_starts_with_older_files_follows_instead_of_putting_them_back(
    a: Host, tmp_path: Path, sqlite: Store
) -> None:
    a.save(TWO)
    a.look()
    late = Host(tmp_path / "late", sqlite, ONE)
    assert (late.hours, late.revision, late.text) == (2, 2, TWO)
    assert len(history(a)) == 2


def test_who_slept_through_edits_follows(a: Host, b: Host) -> None:
    for schedule in (TWO, THREE):
        a.save(schedule)
        a.look()
    b.start()
    assert (b.hours, b.revision, b.text) == (3, 3, THREE)


def test_files_never_seen_count_when_their_host_starts(a: Host, tmp_path: Path, sqlite: Store) -> None:
    new = Host(tmp_path / "new", sqlite, THREE)
    assert (new.hours, new.revision) == (3, 2)
    a.look()
    assert (a.hours, a.text) == (3, THREE)
    assert history(a) == [(1, "start"), (2, "start")]


def test_put_back_by_hand_while_nothing_ran_the_old_text_counts(a: Host) -> None:
    a.save(TWO)
    a.look()
    a.save(ONE)
    a.start()
    assert (a.hours, a.revision) == (1, 3)


def test_a_mistake_here_does_not_keep_edits_made_elsewhere_out(a: Host, b: Host) -> None:
    b.save("jobs: [")
    assert News.REFUSED in b.look()
    a.save(TWO)
    a.look()
    assert News.TAKEN in b.look()
    assert (b.hours, b.revision) == (2, 2)
    assert b.text == "jobs: ["
    found = configs.state(b.desk)
    assert found.error.startswith("config/schedule.yaml:1:8:")
    assert found.note == "the edited files here cannot be used; revision 2 stays in force"
    assert configs.state(a.desk).error.startswith("desk: config/schedule.yaml:1:8:")
    b.save(THREE)
    b.look()
    a.look()
    assert (a.hours, configs.state(a.desk).error) == (3, "")


def test_going_back_makes_a_new_revision_everywhere(a: Host, b: Host) -> None:
    a.save(TWO)
    a.look()
    b.look()
    made = configs.rollback(b.desk, 1, who="anna", why="the letter was late")
    assert isinstance(made, Revision)
    assert (made.number, made.how, made.who) == (3, "rollback", "anna")
    assert b.text == ONE
    for host in (a, b):
        assert News.TAKEN in host.look()
        assert (host.hours, host.revision, host.text) == (1, 3, ONE)
    with a.store.read() as tx:
        latest = actions.latest(tx, limit=1)[0]
    assert (latest.who, latest.what, latest.about) == ("anna", "config rolled back", "config revision 3")
    assert latest.detail == "to revision 1: the letter was late"


def test_going_back_from_a_broken_file_keeps_it_aside(a: Host) -> None:
    a.save("jobs: [  # an hour of work")
    a.look()
    made = configs.rollback(a.desk, 1, who="anna")
    assert isinstance(made, Revision)
    assert made.number == 1
    assert a.text == ONE
    kept = list((a.folder / configfolder.KEPT).glob("*/schedule.yaml"))
    assert [one.read_text("utf-8") for one in kept] == ["jobs: [  # an hour of work"]
    a.look()
    assert configs.state(a.desk).error == ""


def test_saved_by_hand_what_cannot_be_used_changes_nothing(a: Host) -> None:
    found = configs.save(a.desk, schedule=ONE.replace("publish,", "publich,"), who="console operator")
    assert isinstance(found, tuple)
    assert [str(one)[:28] for one in found] == ["config/schedule.yaml:3:18: j"]
    assert history(a) == [(1, "start")]
    assert a.text == ONE


def test_saved_from_a_browser(a: Host, b: Host) -> None:
    made = configs.save(a.desk, schedule=TWO.replace("\n", "\r\n"), who="console operator", base=1)
    assert isinstance(made, Revision)
    b.look()
    assert (b.text, b.hours) == (TWO, 2)
    with pytest.raises(UsageError, match="changed meanwhile: revision 2 by console operator"):
        configs.save(a.desk, schedule=THREE, who="console operator", base=1)
    again = configs.save(a.desk, schedule=TWO, who="console operator")
    assert isinstance(again, Revision)
    assert again.number == 2


def test_the_store_is_not_moved_from_inside(a: Host) -> None:
    moved = SITE + "store: {url: 'sqlite:///var/other.sqlite3'}\n"
    found = configs.save(a.desk, site=moved, who="anna")
    assert isinstance(found, tuple)
    assert "the store cannot be moved from here" in str(found[0])


def test_another_hosts_store_url_is_not_taken(a: Host, tmp_path: Path, sqlite: Store) -> None:
    other = Host(tmp_path / "other", sqlite, TWO, SITE + "store: {url: 'sqlite:///var/b.sqlite3'}\n")
    a.look()
    assert (a.hours, a.revision, other.revision) == (2, 2, 2)
    assert "store" not in (a.folder / "config/site.yaml").read_text("utf-8")
    assert "name another store.url" in a.following.note
    assert [one.note for one in configs.state(a.desk).followers if one.note] == [a.following.note]
    assert "older than revision 2" in configs.state(a.desk).note


def test_a_folder_that_cannot_be_written_runs_from_the_store(a: Host, b: Host) -> None:
    b.file.chmod(0o444)
    a.save(TWO)
    a.look()
    b.look()
    assert (b.hours, b.revision, b.text) == (2, 2, ONE)
    assert b.following.note.endswith("config/schedule.yaml cannot be written: read-only file")
    b.start()
    assert (b.hours, b.revision) == (2, 2)
    b.file.chmod(0o644)
    b.following.look(at_once=True)
    assert (b.text, b.following.note) == (TWO, "")


def test_what_is_somebody_elses_or_a_link_stays_so(a: Host, b: Host, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.yaml"
    b.file.rename(real)
    b.file.symlink_to(real)
    real.chmod(0o664)
    a.save(TWO + "# more\n" * 50)
    a.look()
    b.look()
    assert b.file.is_symlink()
    assert real.read_text("utf-8") == a.text
    a.save(TWO)
    a.look()
    b.look()
    assert real.read_text("utf-8") == TWO
    assert real.stat().st_mode & 0o777 == 0o664


def test_killed_while_writing_the_files_are_finished_and_no_edit(a: Host, b: Host) -> None:
    site = SITE.replace("The Courier", "The Herald")
    made = configs.save(a.desk, site=site, schedule=TWO, who="anna")
    assert isinstance(made, Revision)
    # Half of it stands there, as kill -9 leaves it.
    before = files.fingerprint(files.in_folder(b.folder))
    configfolder.note(b.folder, made.number, before, writing=True)
    (b.folder / "config/site.yaml").write_text(site, encoding="utf-8")
    b.start()
    assert files.in_folder(b.folder) == files.in_folder(a.folder)
    assert len(history(a)) == 2


def test_two_processes_of_one_folder_make_one_revision(a: Host) -> None:
    second = Following(a.desk)
    second.look(at_once=True)
    a.save(TWO)
    found = [a.following.look(), second.look(), a.following.look(), second.look()]
    assert found == [News.NOTHING, News.NOTHING, News.TAKEN, News.TAKEN]
    assert len(history(a)) == 2


def test_a_slow_process_does_not_put_an_older_edit_back(a: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Following(a.desk)
    slow.look(at_once=True)
    a.save(TWO)
    slow.look()
    judged = files.in_folder(a.folder)
    a.look()
    a.save(THREE)
    a.look()
    # It read the first edit, and comes to the store when the second is in force.
    monkeypatch.setattr("publisher.work.following.files.in_folder", lambda _site: judged)
    monkeypatch.setattr("publisher.work.configfolder.noted", lambda _site: None)
    slow.look(at_once=True)
    monkeypatch.undo()
    assert [one for one, _ in history(a)] == [1, 2, 3]
    a.look()
    assert a.hours == 3


def test_a_revision_that_this_program_cannot_read_is_refused_and_told(a: Host, sqlite: Store) -> None:
    newer = replace(
        configs.revision(a.desk, 1),
        number=2,
        fingerprint="f" * 64,
        files={"config/site.yaml": SITE, "config/schedule.yaml": ONE + "pauses: {}\n"},
    )
    with sqlite.write() as tx:
        rows.add(tx, newer)
    assert a.look() == [News.REFUSED, News.NOTHING, News.NOTHING]
    assert (a.hours, a.revision, a.text) == (1, 1, ONE)
    found = configs.state(a.desk)
    assert "there is no such key" in found.error
    a.save(TWO)
    a.look()
    assert (a.revision, configs.state(a.desk).error) == (3, "")


def test_hosts_that_are_gone_are_forgotten_with_the_next_revision(a: Host, b: Host) -> None:
    for schedule in (TWO, THREE):
        a.save(schedule)
        a.look()
    assert [one.revision for one in configs.state(a.desk).followers] == [3]
    b.look()
    assert [one.revision for one in configs.state(a.desk).followers] == [3, 3]


def test_a_broken_file_does_not_keep_a_restarted_process_from_the_last_good_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/site.yaml").write_text(SITE, encoding="utf-8")
    schedule = tmp_path / "config/schedule.yaml"
    schedule.write_text(ONE, encoding="utf-8")
    command = ["--site", str(tmp_path)]
    assert app.run([*command, "run", "--once"]) == 0
    schedule.write_text("jobs: [", encoding="utf-8")
    capsys.readouterr()
    assert app.run([*command, "run", "--once"]) == 0
    assert "cannot be used; the last good one stays" in capsys.readouterr().err
    assert app.run([*command, "status"]) == 0
    said = capsys.readouterr().out
    assert "config    revision 1 since" in said
    assert "an edit of the config is refused: config/schedule.yaml:1:8:" in said
    assert app.run([*command, "why", "publish"]) == 0
    assert "(config revision 1)" in capsys.readouterr().out
    assert app.run([*command, "publish"]) == 2
    assert app.run([*command, "config", "rollback", "1"]) == 0
    assert load(tmp_path, os.environ).jobs.keys() == {"publish"}


def test_a_process_without_a_schedule_follows_too(a: Host, b: Host) -> None:
    taken: list[Desk] = []
    with kept_up(b.desk, taken.append):
        a.save(TWO)
        a.look()
        patience = monotonic() + 120
        while not taken:
            assert monotonic() < patience
            sleep(0.05)
    assert taken[0].revision == 2
    assert b.text == TWO
