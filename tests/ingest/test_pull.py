import json
import shutil
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.ingest import decide as decide_module
from publisher.ingest import intake, pull
from publisher.ingest.pull import place_sections
from publisher.settings.load import load
from publisher.store import open_store
from tests.conftest import REPOSITORY
from tests.ingest.newsroom import PAGE, SECTIONS, Newsroom, settings_of

FERRY, ROOFS, FAIR = (
    "Ferry returns to Bến Đá",
    "Council votes on school roofs",
    "Weavers’ fair moves to spring",
)
BRIDGE_ITEM = "  • 'Bridge opens\n\n    Bridge opens\n\n    TRAVEL -\n    BML - The bridge is open.\n"


def line(**said: Any) -> str:
    return json.dumps(said, ensure_ascii=False) + "\n"


def feed(*items: str) -> str:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        "<rss version='2.0'><channel><title>W</title><link>https://wire.example/</link>"
        f"<language>en</language>{inside}</channel></rss>"
    )


def newer_page(*items: str, old: str = PAGE) -> str:
    """Return a page whose list begins with these items and goes on with the old one's."""
    begun = "Quite another story\n\nBML - It begins here, and it is about a road.\n\nAnd it ends.\n\n"
    return begun + "Recent news\n\n" + "".join(items) + old[old.index("  • 'Ferry") :]


def test_a_page_goes_in_and_a_second_time_nothing_changes(either: Newsroom) -> None:
    either.write("page.txt", PAGE)

    first = either.ingest("page.txt")
    before = either.articles()
    second = either.ingest("page.txt", now=either.now + timedelta(days=1))

    assert (first.new, first.changed, first.unchanged, first.rejected, first.notes) == (3, 0, 0, [], [])
    assert (second.new, second.changed, second.unchanged) == (0, 0, 3)
    assert either.articles() == before
    assert [(one.title, one.section, one.number) for one in before] == [
        (FAIR, "culture", 1),
        (ROOFS, "politics", 2),
        (FERRY, "economy", 3),
    ]
    assert all(one.published is None and one.first_seen == either.now for one in before)


def test_a_changed_headline_is_the_same_article(either: Newsroom) -> None:
    either.write("page.txt", PAGE)
    either.ingest("page.txt")
    before = either.titled(ROOFS)

    either.write("page.txt", PAGE.replace(ROOFS, "Vote on roofs put off"))
    report = either.ingest("page.txt")

    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    assert either.titled("Vote on roofs put off").id == before.id


def test_one_headline_with_a_wholly_different_lede_is_another_article(newsroom: Newsroom) -> None:
    newsroom.write("page.txt", PAGE)
    newsroom.ingest("page.txt")

    item = f"  • '{ROOFS}\n\n    {ROOFS}\n\n    TRAVEL -\n    BML - Slates or tin, who knows.\n"
    newsroom.write("new.txt", newer_page(item))
    report = newsroom.ingest("new.txt")

    assert report.new == 2
    assert len([one for one in newsroom.articles() if one.title == ROOFS]) == 2
    again = newsroom.ingest("new.txt", "page.txt")
    assert (again.new, again.changed) == (0, 0)


def test_a_page_that_is_changed_changes_its_article_even_when_it_is_old(newsroom: Newsroom) -> None:
    newsroom.write("a.txt", PAGE)
    newsroom.write("b.txt", newer_page(BRIDGE_ITEM))
    newsroom.ingest("a.txt", "b.txt")

    newsroom.write("a.txt", PAGE.replace("VND 84 million", "VND 48 million"))
    report = newsroom.ingest("a.txt", "b.txt")

    assert report.changed == 1
    assert "VND 48 million" in newsroom.titled(FERRY).body


def test_an_older_page_moves_no_article_back(newsroom: Newsroom) -> None:
    newsroom.write("a.txt", PAGE)
    moved = PAGE.replace("CULTURE - TOURISM -", "TRAVEL -")
    newsroom.write("b.txt", newer_page(BRIDGE_ITEM, old=moved))
    newsroom.ingest("a.txt", "b.txt")
    assert newsroom.titled(FAIR).section == "travel"

    newsroom.write("copy-of-a.txt", PAGE)
    newsroom.write("a.txt", PAGE.replace("VND 84 million", "VND 48 million"))
    newsroom.ingest("a.txt", "copy-of-a.txt")

    assert newsroom.titled(FAIR).section == "travel"


def test_two_pages_that_tell_it_differently_settle(newsroom: Newsroom) -> None:
    newsroom.write("1.txt", PAGE)
    newsroom.write("2.txt", PAGE.replace("VND 84 million", "VND 48 million"))
    newsroom.ingest("1.txt", "2.txt")
    before = newsroom.articles()

    report = newsroom.ingest("1.txt", "2.txt")

    assert (report.changed, report.unchanged) == (0, 6)
    assert newsroom.articles() == before


def test_a_list_does_not_wipe_what_a_page_said(newsroom: Newsroom) -> None:
    newsroom.write("a.txt", PAGE)
    newsroom.ingest("a.txt")
    before = newsroom.titled(FERRY)

    newsroom.write("b.txt", newer_page(BRIDGE_ITEM))
    newsroom.ingest("b.txt")

    assert newsroom.titled(FERRY) == before
    assert before.body
    assert before.bylines


def test_a_list_first_and_the_page_later(newsroom: Newsroom) -> None:
    newsroom.write("b.txt", newer_page(BRIDGE_ITEM))
    newsroom.ingest("b.txt")
    listed = newsroom.titled(FERRY)
    assert not listed.body

    newsroom.write("a.txt", PAGE)
    report = newsroom.ingest("a.txt")

    assert (report.new, report.changed, report.unchanged) == (0, 1, 2)
    assert newsroom.titled(FERRY).body
    assert newsroom.titled(FERRY).number == listed.number


def test_an_unknown_label_is_kept_and_says_which_line_would_map_it(newsroom: Newsroom) -> None:
    newsroom.write("page.txt", PAGE.replace("NEWS - POLITICS", "GARDENS"))

    report = newsroom.ingest("page.txt")

    ((where, note),) = report.notes
    assert where == f"page.txt:{PAGE[: PAGE.index(f'• {chr(39)}{ROOFS}')].count(chr(10)) + 1}"
    assert '"GARDENS"' in note
    assert "config/site.yaml" in note
    article = newsroom.titled(ROOFS)
    assert (article.section, article.label) == (None, "GARDENS")


def test_a_label_that_is_mapped_later_places_its_articles(either: Newsroom) -> None:
    either.write("page.txt", PAGE.replace("NEWS - POLITICS", "GARDENS").replace("BUSINESS", "TRADE"))
    either.settings = settings_of(sections=SECTIONS | {"trade": {"title": {"en": "Trade"}}})
    either.ingest("page.txt")
    later = either.now + timedelta(days=1)

    economy = SECTIONS["economy"] | {"was": ["trade"]}
    gardens = {"title": {"en": "Home"}, "aliases": ["Gardens"]}
    either.settings = settings_of(sections=SECTIONS | {"economy": economy, "home": gardens})

    assert place_sections(either.store, either.settings, later) == 2
    assert place_sections(either.store, either.settings, later) == 0
    assert (either.titled(ROOFS).section, either.titled(FERRY).section) == ("home", "economy")
    assert either.titled(ROOFS).modified == later


def test_pull_reads_only_what_changed(newsroom: Newsroom) -> None:
    newsroom.settings = settings_of(inbox={"path": "inbox"}, off={"path": "gone", "enabled": False})
    newsroom.write("inbox/a.txt", PAGE)
    newsroom.write("inbox/b.jsonl", line(id=1, title="One"))
    assert newsroom.pull().new == 4

    again = newsroom.pull()
    assert [one.unread for one in again.documents] == ["unchanged", "unchanged"]

    newsroom.write("inbox/b.jsonl", line(id=1, title="One") + line(id=2, title="Two"))
    third = newsroom.pull()
    assert (third.new, third.unchanged) == (1, 1)
    assert [one.unread for one in third.documents] == ["unchanged", ""]


def test_pull_reads_again_when_the_source_is_described_anew(newsroom: Newsroom) -> None:
    newsroom.write("inbox/b.jsonl", line(id=1, title="One"))
    newsroom.settings = settings_of(inbox={"path": "inbox"})
    newsroom.pull()

    newsroom.settings = settings_of(inbox={"path": "inbox", "section": "travel"})
    assert newsroom.pull().changed == 1
    assert newsroom.titled("One").section == "travel"


def test_pull_names_what_it_cannot_read_once(newsroom: Newsroom) -> None:
    newsroom.settings = settings_of(inbox={"path": "inbox"})
    newsroom.write("inbox/a.png", b"\x89PNG\r\n")

    assert newsroom.pull().rejected == [("inbox/a.png", "not articles but a PNG picture")]
    assert newsroom.pull().rejected == []
    assert newsroom.ingest("inbox").rejected == [("inbox/a.png", "not articles but a PNG picture")]


def test_two_that_bring_in_the_same_bring_it_in_once(
    either: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "BATCH", 5)
    either.write("a.jsonl", "".join(line(id=n, title=f"Article {n}") for n in range(40)))
    reports: list[Any] = []

    threads = [threading.Thread(target=lambda: reports.append(either.ingest("a.jsonl"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(report.new for report in reports) == 40
    assert len(either.articles()) == 40


def test_an_empty_inbox_is_no_problem_and_a_missing_one_is(newsroom: Newsroom) -> None:
    (newsroom.site / "inbox").mkdir()
    newsroom.settings = settings_of(inbox={"path": "inbox"}, gone={"path": "gone"})

    report = newsroom.pull()

    assert report.rejected == [("gone", "there is no such file or folder")]
    assert report.unreachable == 1


def test_by_hand_and_by_pull_an_article_is_one(newsroom: Newsroom) -> None:
    newsroom.settings = settings_of(inbox={"path": "inbox", "section": "travel"})
    newsroom.write("inbox/b.jsonl", line(id=1, title="One"))

    assert newsroom.ingest("inbox/b.jsonl").new == 1
    assert newsroom.titled("One").section == "travel"
    assert newsroom.pull().documents[0].unread == "unchanged"
    assert newsroom.ingest("inbox").unchanged == 1


def test_what_a_source_says_of_language_and_section_counts_where_articles_do_not(newsroom: Newsroom) -> None:
    newsroom.settings = settings_of(inbox={"path": "inbox", "language": "vi", "section": "travel"})
    newsroom.write(
        "inbox/b.jsonl",
        line(id=1, title="One") + line(id=2, title="Two", language="en-GB", section="BUSINESS"),
    )
    newsroom.pull()

    assert [(one.language, one.section) for one in newsroom.articles()] == [
        ("vi", "travel"),
        ("en", "economy"),
    ]


def test_a_feed_goes_in_with_its_categories(newsroom: Newsroom) -> None:
    newsroom.write(
        "feed.xml",
        feed(
            "<guid>2</guid><title>New</title><category>rice</category><category>BUSINESS</category>"
            "<description>&lt;p&gt;BML - Lede.&lt;/p&gt;&lt;p&gt;More "
            "&lt;a href='/x'&gt;here&lt;/a&gt;.&lt;/p&gt;</description><link>https://wire.example/2</link>",
            "<guid>1</guid><title>Old</title><pubDate>Sun, 01 Nov 2026 10:00:00 GMT</pubDate>",
        ),
    )
    report = newsroom.ingest("feed.xml")

    assert (report.new, report.notes) == (2, [])
    new = newsroom.titled("New")
    assert (new.section, new.label, new.tags, new.agency, new.lede) == (
        "economy",
        "BUSINESS",
        ("rice",),
        "BML",
        "Lede.",
    )
    assert new.body == '<p>More <a href="https://wire.example/x">here</a>.</p>'
    assert newsroom.ingest("feed.xml").unchanged == 2


def test_a_feed_whose_items_change_their_guids_tells_nothing_twice(newsroom: Newsroom) -> None:
    item = "<title>T</title><link>https://wire.example/1</link><description>Words of it.</description>"
    newsroom.write("feed.xml", feed(f"<guid>1</guid>{item}"))
    newsroom.ingest("feed.xml")
    newsroom.write("feed.xml", feed(f"<guid>2</guid>{item}"))

    assert newsroom.ingest("feed.xml").unchanged == 1
    newsroom.write("feed.xml", feed(f"<guid>2</guid>{item.replace('>T<', '>Another headline<')}"))
    assert newsroom.ingest("feed.xml").changed == 1
    assert len(newsroom.articles()) == 1


def test_a_lede_is_taken_from_the_body_and_not_said_twice(newsroom: Newsroom) -> None:
    newsroom.write(
        "a.jsonl",
        line(id=1, title="Taken", body="<p>BML - First <b>words</b>.</p><p>Second.</p>")
        + line(id=2, title="Said", lede="BML - First words.", body="<p>First words.</p><p>Second.</p>")
        + line(id=3, title="None", body="<h2>Prices</h2><ul><li>rice</li></ul>")
        + line(id=4, title="Bare", body="Only text.\n")
        + line(id=5, title="Pictured", body='<p><img src="https://e.example/1.jpg"></p><p>First words.</p>'),
    )
    newsroom.ingest("a.jsonl")

    found = {one.title: (one.agency, one.lede, one.body) for one in newsroom.articles()}
    assert found["Taken"] == ("BML", "First words.", "<p>Second.</p>")
    assert found["Said"] == ("BML", "First words.", "<p>Second.</p>")
    assert found["None"] == ("", "", "<h2>Prices</h2>\n<ul><li>rice</li></ul>")
    assert found["Bare"] == ("", "Only text.", "")
    assert found["Pictured"] == ("", "First words.", '<p><img src="https://e.example/1.jpg"></p>')


def test_withdrawing_correcting_and_standing_again(either: Newsroom) -> None:
    either.write("a.jsonl", line(id=1, title="One", body="<p>a</p>") + line(id=2, title="Two"))
    either.ingest("a.jsonl")

    either.write(
        "b.jsonl",
        line(id=1, withdrawn=True) + line(id=9, withdrawn=True) + line(id=2, title="Two", correction="C."),
    )
    later = either.now + timedelta(hours=1)
    report = either.ingest("b.jsonl", now=later)

    assert (report.withdrawn, report.changed) == (1, 1)
    assert report.notes == [("b.jsonl:2", "withdrawn, and never seen here before")]
    assert either.titled("One").withdrawn == later
    assert either.titled("Two").corrected == later
    assert either.ingest("a.jsonl", "b.jsonl").withdrawn == 0
    assert either.titled("One").withdrawn == later

    either.write("c.jsonl", line(id=1, title="One", withdrawn=False))
    assert either.ingest("c.jsonl").changed == 1
    assert either.titled("One").withdrawn is None


def test_one_id_twice_in_a_file_is_the_later_one_and_stays_so(newsroom: Newsroom) -> None:
    newsroom.write("a.jsonl", line(id=1, title="First") + line(id=1, title="Second"))
    assert newsroom.ingest("a.jsonl").new == 1
    before = newsroom.titled("Second")

    newsroom.write(
        "a.jsonl", line(id=1, title="First") + line(id=1, title="Second") + line(id=2, title="New")
    )
    newsroom.ingest("a.jsonl")

    assert newsroom.titled("Second") == before


HOSTILE: dict[str, str | bytes] = {
    "bell.jsonl": line(id="b", title="Rice \x07 up", lede="L."),
    "binary.dat": bytes(range(256)) * 40,
    "broken.jsonl": line(id="c", title="Broken", body="<p>one <em>two<p>three</div>"),
    "cut.jsonl": '{"id": "d", "title": "Cut',
    "empty.txt": "",
    "half.jsonl": '{"id": "e\\ud83d", "title": "Half \\ud83d a pair", "body": "<p>a \\ude00 b</p>"}\n',
    "latin.txt": "Tiêu đề\n\n".encode() + b"caf\xe9 and more\n",
    "nul.txt": PAGE.replace("nine weeks", "nine\x00 weeks"),
    "page.html": "<!doctype html><p>x",
    "script.jsonl": line(id="f", title="Script", body="<p>a<script>alert(1)</script></p>"),
    "titleless.jsonl": line(id="g", lede="No title.") + line(id="h", title="After"),
    "types.jsonl": line(id="i", title=["x"]) + line(id="j", title="Fine"),
    "deep.jsonl": line(id="k", title="Deep", body="<div>" * 3000)
    + "[" * 5000
    + "\n"
    + line(id="l", title="Last"),
}


def test_a_hostile_folder_each_named_in_one_line_and_the_rest_goes_in(either: Newsroom) -> None:
    for name, content in HOSTILE.items():
        either.write(f"in/{name}", content)

    report = either.ingest("in")

    rejected = dict(report.rejected)
    assert set(rejected) == {
        "in/binary.dat",
        "in/cut.jsonl:1",
        "in/deep.jsonl:1",
        "in/deep.jsonl:2",
        "in/empty.txt",
        "in/latin.txt",
        "in/page.html",
        "in/titleless.jsonl:1",
        "in/types.jsonl:1",
    }
    notes = dict(report.notes)
    assert "control character (U+0007) was taken out" in notes["in/bell.jsonl:1"]
    assert "broken HTML was mended" in notes["in/broken.jsonl:1"]
    assert "surrogate" in notes["in/half.jsonl:1"]
    assert notes["in/script.jsonl:1"] == "body: taken out of the HTML: script"
    assert "control character (U+0000)" in notes["in/nul.txt:1"]
    assert all("\n" not in what for _, what in (*report.rejected, *report.notes))
    titles = {one.title for one in either.articles()}
    assert {"Rice up", "Broken", "Half a pair", "Script", "After", "Fine", "Last", FERRY} <= titles
    assert either.ingest("in").unchanged == report.new
    assert either.titled("Broken").lede == "one two"


def test_fifty_megabytes_in_one_line_are_named_and_the_rest_goes_in(newsroom: Newsroom) -> None:
    newsroom.write("big.txt", b"x" * 51_000_000)
    newsroom.write(
        "big.jsonl",
        line(id=1, title="One").encode()
        + b'{"title": "'
        + b"x" * 51_000_000
        + b'"}\n'
        + line(id=2, title="Two").encode(),
    )
    newsroom.write("long.txt", PAGE.encode() + b"\nword" * 10_300_000)

    report = newsroom.ingest("big.jsonl", "big.txt", "long.txt")

    reasons = dict(report.rejected)
    assert set(reasons) == {"big.jsonl:2", "big.txt", "long.txt"}
    assert reasons["big.jsonl:2"] == "the line is longer than 50 MB"
    assert reasons["long.txt"] == "more than 50 MB"
    assert [one.title for one in newsroom.articles()] == ["One", "Two"]


class KilledError(Exception):
    """What stands for a sudden end."""


@pytest.mark.parametrize("at", [1, 3, 4, 6, 7])
def test_stopped_in_the_middle_a_second_run_ends_the_same(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch, at: int, tmp_path: Path, now: Any
) -> None:
    content = "".join(line(id=n, title=f"Article {n}") for n in range(9))
    monkeypatch.setattr(pull, "BATCH", 3)
    newsroom.write("a.jsonl", content)
    calls = 0
    decide = decide_module.decide

    def dying(*args: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            raise KilledError
        return decide(*args)

    monkeypatch.setattr(intake, "decide", dying)
    with pytest.raises(KilledError):
        newsroom.ingest("a.jsonl")
    assert len(newsroom.articles()) == (at - 1) // 3 * 3

    report = newsroom.ingest("a.jsonl")
    assert report.new + report.unchanged == 9

    undisturbed = Newsroom(
        open_store(f"sqlite:///{tmp_path}/2.sqlite3", folder=tmp_path), tmp_path, now, newsroom.settings
    )
    undisturbed.ingest("a.jsonl")
    assert undisturbed.articles() == newsroom.articles()
    undisturbed.store.close()


def test_a_run_with_nothing_to_do_writes_nothing(newsroom: Newsroom) -> None:
    newsroom.settings = settings_of(inbox={"path": "inbox"})
    newsroom.write("inbox/a.txt", PAGE)
    newsroom.pull()
    newsroom.ingest("inbox")
    files = {
        path: path.read_bytes()
        for path in (newsroom.site / "var").iterdir()
        if not path.name.endswith("-shm")
    }

    newsroom.pull()
    newsroom.ingest("inbox")

    assert {path: path.read_bytes() for path in files} == files


def test_progress_is_told(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "BATCH", 2)
    newsroom.write("a.jsonl", "".join(line(id=n, title="T") for n in range(3)))
    told: list[tuple[str, int]] = []

    newsroom.ingest("a.jsonl", progress=lambda what, done, _of: told.append((what, done)))

    assert told == [("a.jsonl", 0), ("a.jsonl", 2), ("a.jsonl", 3)]


def test_the_sample_newsroom_goes_in_whole(newsroom: Newsroom) -> None:
    shutil.copytree(REPOSITORY / "sample", newsroom.site / "sample")
    settings = newsroom.settings.model_copy(update={"sections": _shipped_sections()})

    report = newsroom.ingest("sample/pages", "sample/articles.jsonl", settings=settings)

    assert (report.new, report.rejected, report.notes) == (61, [], [])
    found = newsroom.articles()
    assert [one.title for one in found if one.section is None] == ["Keeping fire away from the stilt houses"]
    assert {one.language for one in found} == {"en", "vi"}
    assert len(list((newsroom.site / "public" / "media").iterdir())) == 13
    assert all(picture.width == 1200 for one in found for picture in one.pictures if picture.url)
    assert newsroom.ingest("sample/pages", "sample/articles.jsonl", settings=settings).unchanged == 62


def _shipped_sections() -> Any:
    return load(REPOSITORY, {}).sections
