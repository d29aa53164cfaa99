"""Rendering: both parts tell the same, everything is inlined, and templates can be overridden."""

import random
import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from publisher.digest.fit import Layout, clipped, scaled
from publisher.digest.gate.page import Page, parse
from publisher.digest.gate.rules import headline_links
from publisher.digest.render import render
from publisher.errors import ConfigError
from publisher.i18n import words
from publisher.model.edition import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Rendered
from publisher.model.letter import Letter, LetterPicture
from publisher.settings.schema import Look
from publisher.templating import templates
from tests.digest.hostile import HOSTILE, LONG
from tests.digest.letters import NOTE, SITE, ZONE, letter, letter_of, rendered, stories

LAYOUTS: tuple[Layout, ...] = ("recent", "brief")


def seen(content: Rendered) -> Page:
    return parse(content.html)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("count", [1, 2, 12, 25, 40])
def test_both_parts_tell_every_story_in_the_same_order(layout: Layout, count: int) -> None:
    some = letter("vi", count)

    content = rendered(some, layout)

    addresses = [story.url for story in some.stories]
    assert headline_links(seen(content)) == addresses
    assert re.findall(rf"^{SITE}/articles/\d+$", content.text, re.MULTILINE) == addresses
    assert [heading.text for heading in seen(content).all("h2", "h3") if heading.text in _titles(some)] == [
        story.title for story in some.stories
    ]


def _titles(some: Letter) -> set[str]:
    return {story.title for story in some.stories}


def test_the_text_layout_has_no_html() -> None:
    content = rendered(letter("en", 3), "text")

    assert content.html == ""
    assert all(story.title in " ".join(content.text.split()) for story in stories("en", 3))


def test_the_document_begins_with_its_doctype_and_says_its_language() -> None:
    content = rendered(letter("vi", 2))

    assert content.html.startswith('<!DOCTYPE html><html lang="vi" dir="ltr"')
    wrapper = next(element for element in seen(content).elements if element.get("role") == "article")
    assert (wrapper.get("lang"), wrapper.get("dir"), wrapper.get("aria-label")) == (
        "vi",
        "ltr",
        "Bản tin sáng, Thứ Bảy, 21 tháng 11, 2026",
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_style_waits_for_a_style_block(layout: Layout) -> None:
    """Every word and link has its colour inline; the blocks that are left hold what cannot be inlined."""
    page = seen(rendered(letter("en", 12, note=NOTE), layout))

    assert all("color" in link.style for link in page.all("a"))
    assert all("font" in heading.style for heading in page.all("h1", "h2", "h3"))
    outside = [rule for rule in page.rules if not rule.media and not rule.selector.startswith("[data-ogs")]
    assert [rule.selector for rule in outside] == [":root", "body"]
    named = set(re.findall(r"\.([a-z]+)", page.styles))
    assert {name for element in page.elements for name in element.classes} <= named


def test_a_readers_own_links_stand_in_both_parts() -> None:
    content = rendered(letter("en", 2))

    for part in (content.html, content.text):
        assert f"{SITE}/u/{UNSUBSCRIBE_TOKEN}" in part
        assert f"{SITE}/preferences/{PREFERENCES_TOKEN}" in part
    assert content.html.count(UNSUBSCRIBE_TOKEN) == 1


def test_a_story_in_another_language_says_so() -> None:
    page = seen(rendered(letter("both", 6)))

    vietnamese = [link for link in page.all("a") if link.get("href").endswith(("00001", "00003", "00005"))]
    assert vietnamese
    for link in vietnamese:
        assert next(element.get("lang") for element in link.line_up() if element.get("lang")) == "vi"


def test_a_letter_for_two_languages_repeats_date_and_foot_in_the_second() -> None:
    content = rendered(letter("both", 4), also=[words("vi")])

    assert "Saturday, November 21, 2026" in content.html
    assert "Thứ Bảy, 21 tháng 11, 2026" in content.html
    assert "Saturday, November 21, 2026\nThứ Bảy, 21 tháng 11, 2026\n" in content.text
    assert "Unsubscribe" in content.html
    assert "Huỷ đăng ký" in content.html
    assert "Huỷ đăng ký:" in content.text
    foot = next(element for element in seen(content).all("div") if element.text.startswith("Bạn nhận"))
    assert foot.get("lang") == "vi"


def test_a_run_from_right_to_left_says_so() -> None:
    page = seen(rendered(HOSTILE["right-to-left"]))

    arabic = next(heading for heading in page.all("h2") if heading.text.startswith("افتتاح"))
    directions = [element.get("dir") for element in arabic.line_up() if element.get("dir")]
    assert directions[0] == "rtl"


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layout", [*LAYOUTS, "text"])
def test_no_article_harms_the_letter(name: str, layout: Layout) -> None:
    content = rendered(HOSTILE[name], layout)

    page = parse(content.html) if content.html else None
    assert f"/u/{UNSUBSCRIBE_TOKEN}" in content.text
    if page:
        assert f"/u/{UNSUBSCRIBE_TOKEN}" in content.html
        assert not list(page.all("script"))
        assert not [name for element in page.elements for name in element.attributes if name.startswith("on")]
        assert headline_links(page) == [story.url for story in HOSTILE[name].stories]
        assert all(link.text for link in page.all("a"))


def test_a_letter_without_news_says_so() -> None:
    content = rendered(letter_of([], language="vi"))

    assert "Chưa có tin mới" in content.html
    assert "Chưa có tin mới" in content.text
    assert content.subject == "Bản tin sáng, Thứ Bảy, 21 tháng 11, 2026"


def test_everything_is_composed_unicode() -> None:
    some = letter("vi", 6)
    apart = replace(
        some,
        lead=replace(some.lead, title=unicodedata.normalize("NFD", some.lead.title)) if some.lead else None,
        title=unicodedata.normalize("NFD", some.title),
    )

    content = rendered(apart)

    for said in (content.subject, content.preheader, content.html, content.text):
        assert unicodedata.is_normalized("NFC", said)


def test_the_same_letter_gives_the_same_bytes() -> None:
    assert rendered(letter("vi", 12)) == rendered(letter("vi", 12))


@pytest.mark.parametrize(("count", "most"), [(12, 20_000), (25, 35_000)])
@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_letters_stay_small(layout: Layout, language: str, count: int, most: int) -> None:
    content = rendered(letter("vi" if language == "vi" else "en", count, note=NOTE), layout)

    assert len(content.html.encode()) <= most


def test_a_sites_own_template_stands_in_for_one_file(tmp_path: Path) -> None:
    _own(tmp_path, "masthead.html", "<h1>{{ letter.title }} of our own</h1>")

    content = _rendered_with(tmp_path)

    assert "of our own</h1>" in content.html
    assert content.html.count("<h2") == rendered(letter("en", 12)).html.count("<h2")


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("<h1>\n{{ letter.titel }}</h1>", "masthead.html:2: .*titel"),
        ("<h1>\n\n{% if %}</h1>", "masthead.html:3: "),
        ("{{ 1 / 0 }}", "masthead.html:1: .*zero"),
        ("{% include 'digest/absent.html' %}", "digest/absent.html"),
    ],
)
def test_a_mistake_in_a_template_is_named_with_file_and_line(tmp_path: Path, source: str, says: str) -> None:
    _own(tmp_path, "masthead.html", source)

    with pytest.raises(ConfigError, match=says):
        _rendered_with(tmp_path)


def test_a_template_that_forgets_a_piece_is_named(tmp_path: Path) -> None:
    _own(tmp_path, "foot.html", '{{ piece("imprint") }}<p>nothing personal</p>')

    with pytest.raises(
        ConfigError, match=r"templates/digest/recent\.html: the piece 'personal' is not marked"
    ):
        _rendered_with(tmp_path)


def test_a_template_with_an_unknown_piece_is_named(tmp_path: Path) -> None:
    _own(tmp_path, "masthead.html", '{{ piece("mastehad") }}<h1>x</h1>')

    with pytest.raises(ConfigError, match=r"no piece 'mastehad'; known: .*masthead"):
        _rendered_with(tmp_path)


def _own(site_templates: Path, name: str, source: str) -> None:
    file = site_templates / "digest" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source, encoding="utf-8")


def _rendered_with(site_templates: Path) -> Rendered:
    return render(
        letter("en", 12),
        layout="recent",
        look=Look(),
        templates=templates(site_templates),
        words=words("en"),
        zone=ZONE,
    )


def test_the_look_is_the_configs() -> None:
    look = Look(accent="#004422", tagline={"en": "Since 1962"}, footer={"en": "Printed on rain days too."})

    content = rendered(letter("en", 6), look=look)

    assert "#042" in content.html or "#004422" in content.html
    for said in ("Since 1962", "Printed on rain days too."):
        assert said in content.html
        assert said in content.text


def test_a_logo_stands_for_the_papers_name() -> None:
    logo = LetterPicture(url=f"{SITE}/media/logo.png", width=300, height=300, alt="The Mường Lưa Courier")

    page = seen(rendered(replace(letter("en", 2), logo=logo)))

    image = next(page.all("img"))
    assert (image.get("src"), image.get("width"), image.get("height")) == (logo.url, "64", "64")
    assert image.get("alt") == "The Mường Lưa Courier"


@pytest.mark.parametrize(
    ("text", "most", "result"),
    [
        ("Short.", 20, "Short."),
        ("The first sentence is here. The second one is not.", 40, "The first sentence is here."),
        ("One long clause without an end that goes on", 30, "One long clause without an…"),
        ("A clause that is long enough, and one more", 36, "A clause that is long enough…"),
        (LONG, 20, LONG[:19] + "…"),
        ("  much \n white  space ", 20, "much white space"),
    ],
)
def test_long_words_are_cut_where_a_reader_would(text: str, most: int, result: str) -> None:
    assert clipped(text, most) == result
    assert len(clipped(text, most)) <= most


def test_no_emoji_is_cut_in_two() -> None:
    family = "👨‍👩‍👧‍👦"
    for most in range(6, 60):
        cut = clipped(family * 10, most).rstrip("…")
        assert cut.replace(family, "") == ""


def test_cutting_never_adds_characters() -> None:
    made = random.Random(7)
    alphabet = "aằ ,.…🏳️‍🌈\u0301-"
    for _ in range(500):
        text = "".join(made.choice(alphabet) for _ in range(made.randrange(80)))
        assert len(clipped(text, 40)) <= 40


def test_pictures_fit_their_places() -> None:
    tall = LetterPicture(url="https://x.example/a.jpg", width=900, height=2400, alt="")

    fitted = scaled(tall, (600, 450))

    assert fitted is not None
    assert (fitted.width, fitted.height) == (169, 450)
    assert scaled(None, (1, 1)) is None


def test_a_section_shows_one_picture() -> None:
    some = letter("en", 25)
    page = seen(rendered(some))

    pictured = [section for section in some.sections if any(story.picture for story in section.stories)]
    assert len(list(page.all("img"))) == 1 + len(pictured)
    for image in page.all("img"):
        assert image.get("alt")
        assert image.get("width").isdigit()
        assert image.get("height").isdigit()
