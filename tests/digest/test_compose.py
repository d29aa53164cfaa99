"""From a selection to a letter, and the editor's note."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from publisher.digest.compose import compose, may_lead
from publisher.digest.firstwords import opening_words
from publisher.digest.note import html, note
from publisher.digest.select import select
from publisher.errors import ConfigError
from publisher.model.article import Article
from publisher.model.edition import Selection
from publisher.model.letter import Letter
from publisher.model.slot import Slot
from tests.digest.newsroom import MORNING, SLOT, article, byline, settings


def pick(*candidates: Article, slot: Slot = SLOT, **digest: Any) -> Selection:
    site = settings(**digest)
    return select(
        candidates,
        key="daily",
        rule=site.digests["daily"],
        slot=slot,
        sections=site.sections,
        languages=site.digests["daily"].languages or site.site.languages,
        sent={},
        since=None,
    )


def letter(*candidates: Article, slot: Slot = SLOT, note: str = "", **digest: Any) -> Letter:
    found = pick(*candidates, slot=slot, **digest)
    return compose(found, {one.id: one for one in candidates}, settings=settings(**digest), note=note)


def test_a_letter_holds_what_was_picked_in_that_order() -> None:
    made = letter(
        article(1, 1, url="https://courier.example/ferry.html", bylines=(byline(), byline("Lý Vân"))),
        article(2, 2, section="politics", correction="It was Tuesday."),
        article(3, 3, section=None),
        article(4, 4, section="politics"),
        note="<p>Good morning.</p>",
    )

    assert made.lead is not None
    assert (made.lead.article_id, made.lead.section_title) == ("a1", "Economy")
    assert (made.lead.url, made.lead.byline) == ("https://courier.example/ferry.html", "Hà Thu Lâm, Lý Vân")
    assert [(one.key, one.title, [story.article_id for story in one.stories]) for one in made.sections] == [
        ("politics", "Politics", ["a2", "a4"]),
        (None, "", ["a3"]),
    ]
    assert made.sections[0].stories[0].url == "https://courier.example/articles/a2"
    assert made.sections[0].stories[0].correction == "It was Tuesday."
    assert made.web_url == "https://courier.example/editions/daily/2026-11-21"
    assert (made.day, made.title, made.note) == (date(2026, 11, 21), "The Morning", "<p>Good morning.</p>")


def test_a_vietnamese_letter_speaks_vietnamese() -> None:
    made = letter(
        article(1, language="vi", title="Phà Nậm Lưa chạy lại"),
        article(2, section="politics"),
        languages=["vi"],
    )

    assert (made.language, made.title, made.site_title) == ("vi", "Buổi sáng", "Báo Tin")
    assert made.lead is not None
    assert made.lead.section_title == "Kinh tế"
    assert made.sections == ()


def test_a_bilingual_letter_names_each_storys_language() -> None:
    made = letter(article(1, language="vi", title="Phà Nậm Lưa chạy lại"), article(2, section="politics"))

    assert [(story.article_id, story.language) for story in made.stories] == [("a2", "en"), ("a1", "vi")]


def test_the_masthead_of_a_week_shows_the_day_on_which_it_is_due() -> None:
    made = letter(article(1), slot=Slot("2026-W47", MORNING))

    assert made.day == date(2026, 11, 21)


def test_the_lead_and_each_sections_first_story_may_lead() -> None:
    found = pick(
        article(1, 1),
        article(2, 2),
        article(3, 3),
        article(4, 4, section="politics"),
        article(5, 5, section=None),
    )

    assert may_lead(found) == {"a1", "a2", "a4", "a5"}


def test_an_empty_selection_is_an_empty_letter() -> None:
    made = letter()

    assert (made.lead, made.sections, made.stories) == (None, (), ())


def test_a_pinned_lead_says_so() -> None:
    made = letter(article(1), article(2, 5), pins=["a2"])

    assert made.lead is not None
    assert (made.lead.article_id, made.lead.pinned) == ("a2", True)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<p>The ferry <em>runs</em>&nbsp;again.</p><p>Second.</p>", "The ferry runs again."),
        ("<figure><img src='/a.jpg'><figcaption>A caption.</figcaption></figure><p>News.</p>", "News."),
        ("<p> </p><h2>Head</h2><ul><li>One</li></ul>", "Head"),
        ("bare words<br>on two lines", "bare words on two lines"),
        ("<table><tr><td>7</td></tr></table>", ""),
        ("", ""),
        ("<p>never closed &lt;b&gt;", "never closed <b>"),
    ],
)
def test_an_article_without_a_lede_opens_with_its_first_words(body: str, words: str) -> None:
    assert opening_words(body) == words
    made = letter(article(1, lede="", body=body))
    assert made.lead is not None
    assert made.lead.lede == words


NOTE = """# Good *morning*

From **Mường Lưa** with <script>alert(1)</script> & [a link](https://a.example/?a=1&b=2).
[bad](javascript:alert(1)) [worse](data:text/html,x) [relative](/x) ![picture](https://a.example/p.png)

- one
- two

<div onclick="x()">block</div>
"""


def test_a_note_is_words_and_links_and_nothing_else() -> None:
    made = html(NOTE)

    assert "<p><strong>Good <em>morning</em></strong></p>" in made
    assert '<a href="https://a.example/?a=1&amp;b=2" class="link">a link</a>' in made
    assert "<li>one</li>" in made
    for tag in ("<script", "<div", "<img", "<h1", 'href="javascript', 'href="data', 'href="/'):
        assert tag not in made
    assert "&lt;script&gt;" in made
    assert html("Tie\u0302\u0301ng\u0007") == "<p>Tiếng</p>"


def test_a_note_is_read_from_its_slots_file(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "notes" / "daily"
    folder.mkdir(parents=True)
    (folder / "2026-11-21.md").write_bytes(b"\xef\xbb\xbfGood morning.\r\n")

    assert note(tmp_path, "daily", "2026-11-21") == "<p>Good morning.</p>"
    assert note(tmp_path, "daily", "2026-11-22") == ""


def test_each_language_of_a_digest_has_its_note(tmp_path: Path) -> None:
    folder = tmp_path / "config" / "notes" / "daily"
    folder.mkdir(parents=True)

    def told(**files: str) -> str:
        for file in folder.iterdir():
            file.unlink()
        for name, content in files.items():
            end = "" if name == "whole" else f".{name}"
            (folder / f"2026-11-21{end}.md").write_text(content, encoding="utf-8")
        return note(tmp_path, "daily", "2026-11-21", ("en", "vi"))

    both = '<p>Good morning.</p>\n<div lang="vi" dir="ltr"><p>Chào buổi sáng.</p></div>'
    assert told(en="Good morning.", vi="Chào buổi sáng.") == both
    assert told(whole="Good morning.", vi="Chào buổi sáng.") == both
    assert (
        told(whole="Not this.", en="Good morning.") == told(whole="Good morning.") == "<p>Good morning.</p>"
    )
    assert told(vi="Chào buổi sáng.") == both.partition("\n")[2]
    assert told(fr="Bonjour.") == ""


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"\xff\xfe\x00", "is not UTF-8 text"), (b"x" * 10_001, "10001 bytes; a note may have")],
)
def test_a_note_that_cannot_be_used_says_where_it_is(tmp_path: Path, content: bytes, says: str) -> None:
    folder = tmp_path / "config" / "notes" / "daily"
    folder.mkdir(parents=True)
    (folder / "2026-11-21.md").write_bytes(content)

    with pytest.raises(ConfigError, match=says) as caught:
        note(tmp_path, "daily", "2026-11-21")
    assert str(caught.value).startswith("config/notes/daily/2026-11-21.md: ")
