"""The verb: only what changed, whole files, and nothing lost by a crash."""

import gzip
import os
import random
from datetime import timedelta
from itertools import pairwise

import brotli
import feedparser
import pytest
from sqlalchemy import delete, select

from publisher.errors import UnreachableError
from publisher.settings.schema import Settings
from publisher.store.tables import feed_entry, feed_file
from tests.feeds.newsroom import NOW, START, Newsroom, settings


def ids(newsroom: Newsroom, path: str) -> list[str]:
    parsed = feedparser.parse(newsroom.read(path))
    assert not parsed.bozo, parsed.get("bozo_exception")
    return [entry.id for entry in parsed.entries]


def test_every_feed_is_read_by_feedparser_newest_first(any_newsroom: Newsroom) -> None:
    newsroom = any_newsroom
    written = newsroom.write(*range(1, 8)) + newsroom.write(8, 9, section="politics", language="en")
    newsroom.publish()
    newest_first = [one.uri for one in reversed(written)]
    for form in ("rss", "atom"):
        assert ids(newsroom, f"feeds/all.{form}") == newest_first
        assert ids(newsroom, f"feeds/economy.{form}") == newest_first[2:]
        assert ids(newsroom, f"feeds/politics.{form}") == newest_first[:2]
        assert ids(newsroom, f"feeds/language-vi.{form}") == newest_first[2:]


def test_a_second_run_writes_nothing(any_newsroom: Newsroom) -> None:
    newsroom = any_newsroom
    newsroom.write(*range(1, 70))
    first = newsroom.publish()
    before, state = newsroom.stamps(), (newsroom.site / "var" / "feeds.json").stat().st_mtime_ns
    again = newsroom.publish()
    assert first.written
    assert again.written == ()
    assert again.untouched == len([path for path in first.written if path.count("/") < 2 or "index" in path])
    assert newsroom.publish(thorough=True).written == ()
    assert newsroom.stamps() == before
    assert (newsroom.site / "var" / "feeds.json").stat().st_mtime_ns == state


def test_only_the_feeds_of_a_new_article_are_written(newsroom: Newsroom) -> None:
    newsroom.write(1, 2, 3)
    newsroom.write(4, section="politics")
    newsroom.publish()
    newsroom.write(5, section="politics")
    report = newsroom.publish()
    assert set(report.changed) == {"all", "politics", "language-vi"}
    assert {path.split("/")[1].split(".")[0] for path in report.written} == {"all", "politics", "language-vi"}


def test_an_article_that_moves_leaves_one_section_and_enters_the_other(newsroom: Newsroom) -> None:
    moved, *others = newsroom.write(1, 2, 3)
    newsroom.publish()
    newsroom.edit(moved, section="politics")
    report = newsroom.publish()
    assert {"economy", "politics"} <= set(report.changed)
    assert ids(newsroom, "feeds/politics.atom") == [moved.uri]
    assert ids(newsroom, "feeds/economy.atom") == [one.uri for one in reversed(others)]
    assert b"deleted-entry" not in newsroom.read("feeds/economy.atom")


def test_a_silent_edit_changes_the_words_and_announces_nothing(newsroom: Newsroom) -> None:
    one, _ = newsroom.write(1, 2)
    newsroom.publish()
    before = feedparser.parse(newsroom.read("feeds/all.atom"))
    newsroom.now += timedelta(hours=1)
    newsroom.edit(one, lede="Chữ đã sửa.")
    newsroom.publish()
    after = feedparser.parse(newsroom.read("feeds/all.atom"))
    assert "Chữ đã sửa." in after.entries[1].content[0].value
    assert after.feed.updated == before.feed.updated
    assert [entry.updated for entry in after.entries] == [entry.updated for entry in before.entries]


def test_a_declared_correction_moves_updated_and_carries_its_note(newsroom: Newsroom) -> None:
    one, _ = newsroom.write(1, 2)
    newsroom.publish()
    newsroom.now += timedelta(hours=1)
    newsroom.edit(one, correction="Tên xã là Nậm Sưa.", corrected=newsroom.now)
    newsroom.publish()
    feed = feedparser.parse(newsroom.read("feeds/all.atom"))
    corrected = feed.entries[1]
    assert corrected.id == one.uri
    assert feed.feed.updated == newsroom.now.isoformat(timespec="seconds")
    assert corrected.updated_parsed == feed.feed.updated_parsed
    assert corrected.published == one.date.isoformat(timespec="seconds")
    assert "<strong>Đính chính:</strong> Tên xã là Nậm Sưa." in corrected.content[0].value


def test_last_modified_grows_also_when_the_newest_article_is_withdrawn(newsroom: Newsroom) -> None:
    written = newsroom.write(1, 2, 3)
    newsroom.publish()
    times = [newsroom.stamps()["feeds/all.rss"][1]]
    for one in (written[2], written[1]):
        newsroom.withdraw(one, when=START)
        newsroom.publish()
        times.append(newsroom.stamps()["feeds/all.rss"][1])
    assert all(later - earlier >= 1_000_000_000 for earlier, later in pairwise(times))
    assert ids(newsroom, "feeds/all.rss") == [written[0].uri]


def test_a_withdrawn_article_gets_a_tombstone_for_the_configured_time(newsroom: Newsroom) -> None:
    one, other = newsroom.write(1, 2)
    newsroom.publish()
    newsroom.withdraw(one)
    newsroom.publish()
    stone = f'deleted-entry xmlns:at="http://purl.org/atompub/tombstones/1.0" ref="{one.uri}"'
    assert stone.encode() in newsroom.read("feeds/economy.atom")
    assert ids(newsroom, "feeds/all.rss") == [other.uri]
    newsroom.now += timedelta(days=29)
    assert newsroom.publish().written == ()
    newsroom.now += timedelta(days=2)
    assert newsroom.publish().written
    assert b"deleted-entry" not in newsroom.read("feeds/economy.atom")
    assert newsroom.publish().written == ()


def test_an_article_dated_ahead_waits_for_its_hour(newsroom: Newsroom) -> None:
    newsroom.write(1)
    [ahead] = newsroom.write(2, published=NOW + timedelta(hours=2))
    newsroom.publish()
    assert ahead.uri not in ids(newsroom, "feeds/all.rss")
    newsroom.now += timedelta(hours=1)
    assert newsroom.publish().written == ()
    newsroom.now += timedelta(hours=1)
    newsroom.publish()
    assert ids(newsroom, "feeds/all.rss")[0] == ahead.uri
    assert newsroom.publish().written == ()


@pytest.mark.parametrize("damage", ["removed", "cut", "emptied", "coded form removed"])
def test_a_missing_or_damaged_file_is_written_again_as_it_was(newsroom: Newsroom, damage: str) -> None:
    newsroom.write(1, 2, 3)
    newsroom.publish()
    before = newsroom.stamps()
    path = newsroom.public / "feeds" / "economy.atom"
    body = path.read_bytes()
    if damage == "removed":
        path.unlink()
    elif damage == "coded form removed":
        path.with_name("economy.atom.br").unlink()
    else:
        path.write_bytes(body[:100] if damage == "cut" else b"")
    report = newsroom.publish()
    assert report.written == ("feeds/economy.atom",)
    assert report.changed == ()
    assert path.read_bytes() == body
    assert newsroom.stamps() == before


def test_a_folder_that_is_lost_comes_back_with_the_same_bytes_and_times(any_newsroom: Newsroom) -> None:
    newsroom = any_newsroom
    newsroom.write(*range(1, 130))
    newsroom.publish()
    before = newsroom.stamps()
    newsroom.public.rename(newsroom.site / "lost")
    report = newsroom.publish()
    assert newsroom.stamps() == before
    assert report.changed == ()


def test_two_hosts_on_one_store_have_the_same_bytes_and_times(any_newsroom: Newsroom) -> None:
    here = any_newsroom
    there = Newsroom(here.store, here.site / "other")
    here.write(*range(1, 120))
    here.publish()
    there.publish()
    moved, *_ = here.write(200, 201)
    there.publish()
    here.publish()
    here.edit(moved, section="politics")
    here.publish()
    there.publish()
    assert here.stamps() == there.stamps()
    for path in here.stamps():
        assert here.read(path) == there.read(path), path


@pytest.mark.parametrize("seed", range(4))
def test_what_runs_leave_is_what_everything_built_anew_is(newsroom: Newsroom, seed: int) -> None:
    chance = random.Random(seed)
    written = newsroom.write(*range(1, 70))
    newsroom.publish()
    for number in range(100, 130):
        newsroom.now += timedelta(minutes=40)
        one = chance.choice(written)
        act = chance.randrange(6)
        if act == 0:
            newsroom.edit(one, lede=f"Chữ sửa lần {number}.")
        elif act == 1:
            newsroom.edit(one, section=chance.choice(["politics", "economy"]))
        elif act == 2:
            newsroom.edit(one, correction="Tên xã là Nậm Sưa.", corrected=newsroom.now)
        elif act == 3:
            newsroom.withdraw(one)
            written.remove(one)
        else:
            published = newsroom.now + timedelta(minutes=chance.randrange(-90, 90))
            written += newsroom.write(number, published=published)
        newsroom.publish()
    with newsroom.store.write() as tx:
        tx.execute(delete(feed_entry))
        tx.execute(delete(feed_file))
    anew = Newsroom(newsroom.store, newsroom.site / "anew")
    anew.now = newsroom.now
    anew.publish()
    assert len(anew.stamps()) > 50
    for path in anew.stamps():
        assert newsroom.read(path) == anew.read(path), path


def test_coded_forms_hold_the_same_document(newsroom: Newsroom) -> None:
    for numbers in (range(1, 5), range(900, 960), range(1700, 1704)):
        newsroom.write(*numbers)
        newsroom.publish()
        stamps = newsroom.stamps()
        for path in (path for path in stamps if not path.endswith((".gz", ".br"))):
            plain = newsroom.read(path)
            assert gzip.decompress(newsroom.read(f"{path}.gz")) == plain
            assert brotli.decompress(newsroom.read(f"{path}.br")) == plain
            assert len({stamps[path + suffix][1] for suffix in ("", ".gz", ".br")}) == 1


def test_one_bad_article_never_stops_the_others(newsroom: Newsroom) -> None:
    good, bad = newsroom.write(1), newsroom.write(2, title="\u0007 \u0000")
    report = newsroom.publish()
    assert ids(newsroom, "feeds/all.atom") == [good[0].uri]
    assert report.problems == (
        f"article {bad[0].id} (without a title): left out of the feeds: it has no title",
    )


def test_a_new_section_touches_only_what_is_new(newsroom: Newsroom) -> None:
    newsroom.write(*range(1, 70))
    newsroom.publish()
    before = newsroom.stamps()
    sections = {key: one.model_dump() for key, one in newsroom.config.sections.items()}
    newsroom.config = settings(sections=sections | {"culture": {"title": {"en": "Culture"}}})
    report = newsroom.publish()
    assert set(report.changed) == {"culture"}
    after = newsroom.stamps()
    assert {path for path in before if after[path] != before[path]} == {
        f"{path}{suffix}"
        for path in ("feeds.opml", "feeds/index.html", "feeds/index.vi.html")
        for suffix in ("", ".gz", ".br")
    }


def renamed(config: Settings) -> Settings:
    sections = {key: one.model_dump() for key, one in config.sections.items()}
    sections["business"] = sections.pop("economy") | {"was": ["economy"], "title": {"en": "Business"}}
    return settings(sections=sections)


def test_a_renamed_section_keeps_its_id_and_its_old_files_go(newsroom: Newsroom) -> None:
    written = newsroom.write(*range(1, 70))
    newsroom.publish()
    before = feedparser.parse(newsroom.read("feeds/economy.atom"))
    archives = {path.name for path in (newsroom.public / "feeds" / "economy").iterdir()}
    newsroom.config = renamed(newsroom.config)
    for one in written:
        newsroom.edit(one, section="business")
    report = newsroom.publish()
    after = feedparser.parse(newsroom.read("feeds/business.atom"))
    assert after.feed.id == before.feed.id
    assert [entry.id for entry in after.entries] == [entry.id for entry in before.entries]
    assert [entry.updated for entry in after.entries] == [entry.updated for entry in before.entries]
    assert {path.name for path in (newsroom.public / "feeds" / "business").iterdir()} == archives
    assert "feeds/economy.rss" in report.removed
    assert not list(newsroom.public.glob("feeds/economy*"))
    assert newsroom.publish().written == ()


def test_a_new_host_and_scheme_change_addresses_but_no_id_and_no_date(newsroom: Newsroom) -> None:
    newsroom.write(1, 2, 3, url=None)
    newsroom.publish()
    before = feedparser.parse(newsroom.read("feeds/all.atom"))
    newsroom.config = settings(site={"url": "http://news.example/paper"})
    newsroom.publish()
    after = feedparser.parse(newsroom.read("feeds/all.atom"))
    assert after.feed.links[0].href == "http://news.example/paper/feeds/all.atom"
    assert after.feed.id == before.feed.id
    for old, new in zip(before.entries, after.entries, strict=True):
        assert (new.id, new.published, new.updated) == (old.id, old.published, old.updated)
        assert new.link.startswith("http://news.example/paper/articles/")


def test_entries_written_under_an_earlier_config_are_not_kept(newsroom: Newsroom) -> None:
    def kept() -> tuple[int, int]:
        with newsroom.store.read() as tx:
            rows = tx.execute(select(feed_entry.c.manner, feed_entry.c.number)).all()
        return len({row.manner for row in rows}), len(rows)

    newsroom.write(1, 2, 3)
    newsroom.publish()
    before = kept()
    newsroom.config = settings(site={"url": "http://elsewhere.example"})
    newsroom.publish()

    assert kept() == before


def test_a_disk_that_cannot_be_written_is_one_line(newsroom: Newsroom) -> None:
    newsroom.write(1)
    newsroom.public.write_text("a file where the folder should be")
    with pytest.raises(UnreachableError, match="cannot be written"):
        newsroom.publish()


def test_what_a_killed_run_left_half_written_goes(newsroom: Newsroom) -> None:
    newsroom.write(1)
    newsroom.publish()
    left = newsroom.public / "feeds" / ".all.rss.part"
    left.write_bytes(b"half")
    os.utime(left)
    newsroom.write(2)
    newsroom.publish()
    assert not left.exists()
