import io
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from publisher.ingest.document import Origin, Read, Rejected
from publisher.ingest.sources import syndication
from publisher.model.article import Byline, Draft, Picture

NOW = datetime(2026, 11, 20, tzinfo=UTC)
PATIENCE = 60
"""Seconds of the processor; what grows with the square of the length takes many times as long."""
NAMES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"'
)


def read(data: str, base: str | None = None) -> list[Read]:
    return list(syndication.read(io.BytesIO(data.encode()), Origin("wire", "feed.xml", NOW, base=base)))


CONTENT = "<content:encoded>&lt;p&gt;The first words of the story, and the rest.&lt;/p&gt;</content:encoded>"


def rss(*items: str) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0" {NAMES}><channel><title>Wire</title>'
        f"<link>https://wire.example/</link><language>en-us</language>"
        f"{''.join(f'<item>{item}</item>' for item in items)}</channel></rss>"
    )


def one(item: str) -> Draft:
    (found,) = read(rss(item))
    assert isinstance(found, Draft), found
    return found


def test_an_rss_item_is_read_whole() -> None:
    found = one(
        "<guid isPermaLink='false'>77</guid><link>https://wire.example/77</link>"
        "<title>Rice &amp;amp; &amp;lt;i&amp;gt;water&amp;lt;/i&amp;gt;</title>"
        "<description>A short summary.</description>"
        "<content:encoded><![CDATA[<p>Full text with <a href='/r'>a link</a>.</p><p>More.</p>]]>"
        "</content:encoded>"
        "<author>desk@wire.example (Hà Thu Lâm)</author><category>Economy</category><category>rice</category>"
        "<pubDate>Sun, 01 Nov 2026 10:00:00 +0700</pubDate><comments>https://wire.example/77#c</comments>"
        "<media:content url='https://wire.example/77.jpg' medium='image' type='image/jpeg' width='640'"
        " height='480'>"
        "<media:credit>Vừ Lan</media:credit></media:content>"
    )

    assert found.keys == ("id:77", "url:https://wire.example/77")
    assert (found.title, found.lede, found.language) == ("Rice & <i>water</i>", "A short summary.", "en-us")
    assert found.body == '<p>Full text with <a href="/r">a link</a>.</p><p>More.</p>'
    assert found.bylines == (Byline("Hà Thu Lâm"),)
    assert found.tags == ("Economy", "rice")
    assert found.published == datetime(2026, 11, 1, 3, tzinfo=UTC)
    assert found.comments == "https://wire.example/77#c"
    assert found.pictures == (
        Picture("https://wire.example/77.jpg", "", "Vừ Lan", "", 640, 480, "image/jpeg"),
    )


def test_an_atom_entry_is_read_whole() -> None:
    (found,) = read(
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="vi"><id>urn:f</id><title>F</title>'
        '<entry xml:lang="en"><id>urn:1</id><title type="text">3 &lt; 5</title><link href="https://e.example/1"/>'
        '<summary type="text">a &lt; b</summary><content type="html">&lt;p&gt;Long.&lt;/p&gt;</content>'
        "<published>2026-11-01T10:00:00Z</published><updated>2026-11-02T10:00:00Z</updated>"
        '<author><name>Anna B</name></author><category term="x" label="Đời sống"/>'
        '<link rel="enclosure" type="image/png" href="https://e.example/1.png" length="12"/>'
        '<link rel="replies" href="https://e.example/1/c"/></entry></feed>'
    )

    assert isinstance(found, Draft)
    assert (found.title, found.lede, found.body) == ("3 < 5", "a < b", "<p>Long.</p>")
    assert (found.language, found.tags) == ("en", ("Đời sống",))
    assert found.updated == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert found.pictures == (Picture("https://e.example/1.png", media_type="image/png", length=12),)
    assert found.comments == "https://e.example/1/c"


def test_entries_come_oldest_first_and_may_have_no_date() -> None:
    found = read(rss("<guid>2</guid><title>New</title>", "<guid>1</guid><title>Old</title>"))

    assert [one.title for one in found if isinstance(one, Draft)] == ["Old", "New"]
    assert [one.published for one in found if isinstance(one, Draft)] == [None, None]


@pytest.mark.parametrize(
    ("item", "lede", "body"),
    [
        ("<description>Only a line.</description>", "Only a line.", None),
        ("<description>&lt;p&gt;1.&lt;/p&gt;&lt;p&gt;2.&lt;/p&gt;</description>", None, "<p>1.</p><p>2.</p>"),
        (f"<description>The first words of the […]</description>{CONTENT}",
         None, "<p>The first words of the story, and the rest.</p>"),
        ("", None, None),
    ],
)  # fmt: skip
def test_summary_and_content(item: str, lede: str | None, body: str | None) -> None:
    found = one(f"<guid>1</guid><title>T</title>{item}")

    assert (found.lede, found.body) == (lede, body)


def test_one_guid_twice_is_named_and_the_first_stands() -> None:
    found = read(rss("<guid>1</guid><title>New</title>", "<guid>1</guid><title>Old</title>"))

    assert [one.title for one in found if isinstance(one, Draft)] == ["New"]
    assert Rejected("feed.xml:2", "it has the same id as entry 1") in found


def test_entries_that_all_link_to_one_page_are_not_one() -> None:
    items = [f"<title>{title}</title><link>https://wire.example/</link>" for title in ("A", "B")]

    found = [one for one in read(rss(*items)) if isinstance(one, Draft)]

    assert len({one.keys[0] for one in found}) == 2


def test_an_enclosure_that_is_no_picture_is_none() -> None:
    found = one(
        "<guid>1</guid><title>T</title>"
        "<enclosure url='https://e.example/a.mp3' type='audio/mpeg' length='9'/>"
    )

    assert found.pictures is None


def test_a_broken_feed_is_read_as_far_as_it_goes_and_says_so() -> None:
    found = read(rss("<guid>1</guid><title>Good</title>").replace("</channel></rss>", "<item><title>Cut"))

    titles = [one.title for one in found if isinstance(one, Draft)]
    assert "Good" in titles
    assert any("not well-formed" in note for one in found if isinstance(one, Draft) for note in one.notes)


def test_a_control_character_does_not_stop_a_feed() -> None:
    found = read(rss("<guid>1</guid><title>Be\x08fore</title>", "<guid>2</guid><title>After</title>"))

    assert len([one for one in found if isinstance(one, Draft)]) == 2


@pytest.mark.parametrize("data", ["<rss", "<rss></html>", "<feed>\x00\x00", "<rss>" + "<a>" * 5000])
def test_what_is_no_feed_says_so_in_one_line(data: str) -> None:
    found = read(data)

    assert all(isinstance(one, Rejected) and "\n" not in one.reason for one in found)


def test_entities_that_explode_do_not() -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE rss [<!ENTITY e0 "boom">{lines}]>' + rss("<guid>1</guid><title>&e9;</title>")[38:]
    started = time.process_time()

    found = read(bomb)

    assert time.process_time() - started < PATIENCE
    assert sum(len(one.title) for one in found if isinstance(one, Draft)) < 100_000


def test_an_entity_that_names_a_file_is_not_followed(tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    data = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>'
        + rss("<guid>1</guid><title>a&x;b</title>")[38:]
    )

    assert "hunter2" not in repr(read(data))


def test_a_feed_names_itself() -> None:
    own = rss("<guid>1</guid><title>T</title>").replace(
        "<link>", '<atom:link rel="self" href="https://wire.example/feed.xml"/><link>', 1
    )
    assert syndication.name_of(own.encode()) == "https://wire.example/feed.xml"
    assert syndication.name_of(rss().encode()) == "https://wire.example/"
    assert syndication.name_of(b"<rss/>") == ""
