"""Documents on their way to the disk: nothing is seen before all of it is there, nothing is left behind."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest

from publisher.errors import UnreachableError
from publisher.feeds.drafts import Drafts, Output
from publisher.store import Store, feedfiles
from tests.feeds.newsroom import Newsroom

FIRST = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def output(path: str, text: str, modified: datetime = FIRST) -> Output:
    return Output(path, text.encode(), modified)


def seen(public: Path) -> dict[str, str]:
    """Return what a reader could fetch: every file without a dot in front, and what it says."""
    return {
        str(file.relative_to(public)): file.read_bytes().decode("latin-1")
        for file in public.rglob("[!.]*")
        if file.is_file() and file.suffix not in {".gz", ".br"}
    }


def hidden(public: Path) -> list[str]:
    return [file.name for file in public.rglob(".*")]


def test_nothing_is_seen_before_it_is_put_into_place(tmp_path: Path) -> None:
    one, two = output("feeds/a.rss", "một"), output("feeds/a/index.html", "hai")
    with Drafts(tmp_path) as drafts:
        drafts.begin(one)
        drafts.begin(two)
        assert seen(tmp_path) == {}
        drafts.place([one, two])
        assert seen(tmp_path).keys() == {"feeds/a.rss", "feeds/a/index.html"}

    assert brotli.decompress((tmp_path / "feeds" / "a.rss.br").read_bytes()).decode() == "một"
    assert (tmp_path / "feeds" / "a.rss.gz").stat().st_mtime == FIRST.timestamp()
    assert hidden(tmp_path) == []


def test_what_is_not_put_into_place_leaves_nothing(tmp_path: Path) -> None:
    with Drafts(tmp_path) as drafts:
        drafts.begin(output("feeds/a.rss", "a"))
        drafts.begin(output("feeds/b.rss", "b"))
        drafts.place([output("feeds/c.rss", "c")])

    assert seen(tmp_path) == {"feeds/c.rss": "c"}
    assert hidden(tmp_path) == []


def test_a_failure_in_the_middle_leaves_nothing(tmp_path: Path) -> None:
    def fails() -> None:
        with Drafts(tmp_path) as drafts:
            drafts.begin(output("feeds/a.rss", "a"))
            raise RuntimeError("the store went away")

    with pytest.raises(RuntimeError):
        fails()
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_draft_with_another_time_than_the_record_is_written_anew(tmp_path: Path) -> None:
    later = FIRST + timedelta(seconds=1)
    with Drafts(tmp_path) as drafts:
        drafts.begin(output("feeds/a.rss", "a"))
        drafts.place([output("feeds/a.rss", "a", later)])

    for form in ("", ".gz", ".br"):
        assert (tmp_path / f"feeds/a.rss{form}").stat().st_mtime == later.timestamp()


def test_one_that_cannot_be_written_keeps_none_of_the_others_back(tmp_path: Path) -> None:
    (tmp_path / "feeds" / ".b.rss.part").mkdir(parents=True)
    three = [output(f"feeds/{name}.rss", name) for name in "abc"]
    with pytest.raises(UnreachableError, match=r"\.b\.rss\.part: cannot be written: Is a directory"):
        _place(tmp_path, three)

    assert seen(tmp_path) == {"feeds/a.rss": "a", "feeds/c.rss": "c"}


def test_one_that_cannot_take_its_place_keeps_none_of_the_others_back(tmp_path: Path) -> None:
    (tmp_path / "feeds" / "a.rss" / "in the way").mkdir(parents=True)
    with pytest.raises(UnreachableError, match="cannot be written"):
        _place(tmp_path, [output("feeds/a.rss", "a"), output("feeds/b.rss", "b")])

    assert seen(tmp_path) == {"feeds/b.rss": "b"}


def _place(public: Path, outputs: list[Output]) -> None:
    with Drafts(public) as drafts:
        drafts.place(outputs)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "feeds").write_text("a file where the folder should be")
    with pytest.raises(UnreachableError, match="cannot be written"):
        _place(tmp_path, [output("feeds/a.rss", "a"), output("index.html", "b")])

    assert seen(tmp_path).keys() == {"feeds", "index.html"}


def test_a_document_that_another_host_recorded_meanwhile_takes_its_time(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The draft was made by the record as it was; the record as it is decides."""
    newsroom.write(1)
    begin = Drafts.begin
    theirs = datetime(2027, 1, 1, tzinfo=UTC)

    def meanwhile(self: Drafts, one: Output) -> None:
        begin(self, one)
        if one.path == "feeds/all.rss":
            _record(newsroom.store, one, theirs)

    monkeypatch.setattr(Drafts, "begin", meanwhile)
    newsroom.publish()

    written = newsroom.public / "feeds" / "all.rss"
    with newsroom.store.read() as tx:
        row = feedfiles.files(tx, ["feeds/all.rss"])["feeds/all.rss"]
    assert row.modified > theirs
    assert written.stat().st_mtime == row.modified.timestamp()
    assert hidden(newsroom.public) == []


def _record(store: Store, one: Output, modified: datetime) -> None:
    """Record other bytes of a document, as a host does that publishes at the same time."""
    with store.write() as tx:
        feedfiles.lock(tx)
        if one.path not in feedfiles.files(tx, [one.path]):
            feedfiles.keep_files(tx, [feedfiles.FileRow(one.path, "other", 0, modified, 1)])
