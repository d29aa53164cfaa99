"""Variants: put together from pieces rendered once, whole for every choice, and fast."""

import json
import re
from html import escape
from itertools import combinations

import pytest

from publisher.digest.fit import Layout
from publisher.digest.gate import examine, sheet_of
from publisher.digest.gate.page import parse
from publisher.digest.gate.rules import headline_links
from publisher.model.edition import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Rendered
from publisher.model.variant import FeedLink, variant, web_version
from tests.digest.letters import KEYS, SITE, letter, letter_of, rendered, stories


def expected(some: list[tuple[str, str]], chosen: set[str]) -> list[str]:
    return [address for section, address in some if section in chosen]


def in_order(count: int) -> list[tuple[str, str]]:
    """Return section and address of every story in the letter's order."""
    return [(story.section or "", story.url) for story in letter("en", count).stories]


@pytest.mark.parametrize("layout", ["recent", "brief", "text"])
def test_every_choice_gets_its_stories_once_and_in_order(layout: Layout) -> None:
    content = rendered(letter("en", 14), layout)
    some = in_order(14)

    for size in range(1, len(KEYS) + 1):
        for chosen in combinations(KEYS, size):
            got = variant(content, chosen)
            assert got is not None
            wanted = expected(some, set(chosen))
            assert re.findall(rf"^{SITE}/articles/\d+$", got.text, re.MULTILINE) == wanted
            if layout != "text":
                assert headline_links(parse(got.html)) == wanted
                assert f"/u/{UNSUBSCRIBE_TOKEN}" in got.html


def test_no_choice_is_the_whole_and_so_is_every_section() -> None:
    content = rendered(letter("en", 14))

    whole, all_sections = variant(content, []), variant(content, KEYS)

    assert whole is not None
    assert all_sections is not None
    assert (whole.html, whole.text) == (content.html, content.text)
    assert all_sections.text == content.text


def test_a_choice_outside_the_edition_gets_no_letter() -> None:
    content = rendered(letter_of([story for story in stories("en", 12) if story.section != "sport"]))

    assert variant(content, ["sport"]) is None
    assert variant(content, ["sport", "economy"]) is not None


def test_the_opening_speaks_of_what_is_in_it() -> None:
    some = letter("en", 14)
    content = rendered(some)
    for chosen in (["economy"], ["sport", "society"], ["politics"]):
        got = variant(content, chosen)
        assert got is not None
        titles = {story.title: story.section for story in some.stories}
        assert titles[got.subject] in chosen
        others = {title for title, section in titles.items() if section not in chosen}
        assert not [title for title in others if title in got.preheader]
        assert 40 <= len(got.preheader) <= 130
        assert escape(got.preheader) in got.html


def test_a_template_that_asks_for_more_than_a_choice_has_gives_way() -> None:
    content = rendered(
        letter_of(stories("en", 8)), preheader="{{ stories[1].title }} and more than that, today"
    )

    got = variant(content, ["environment"])

    assert content.preheader.startswith(stories("en", 8)[6].title)
    assert got is not None
    assert "and more than that" not in got.preheader


def test_another_lead_is_set_as_a_lead() -> None:
    content = rendered(letter("en", 14))

    got = variant(content, ["economy", "sport"])

    assert got is not None
    page = parse(got.html)
    first = next(page.all("h2"))
    assert first.text == got.subject
    assert next(page.all("img")).get("width") == "600"
    assert examine(sheet_of(got.subject, got.preheader, got.html, got.text)) == ()


def test_a_section_that_gave_its_only_story_to_the_lead_has_no_heading() -> None:
    content = rendered(letter_of(stories("en", 8)))

    got = variant(content, ["environment"])

    assert got is not None
    assert [heading.text for heading in parse(got.html).all("h2")] == [got.subject]


def test_a_letter_without_a_lead_has_none_in_its_variants() -> None:
    content = rendered(letter_of(stories("en", 12), led=False))

    got = variant(content, ["sport"])

    assert got is not None
    assert next(parse(got.html).all("h2")).text == "Sport"
    assert got.subject in [story.title for story in stories("en", 12) if story.section == "sport"]


def test_content_goes_through_json_unchanged() -> None:
    content = rendered(letter("vi", 12))

    assert Rendered.of(json.loads(json.dumps(content.plain()))) == content


def test_pieces_make_up_the_whole() -> None:
    content = rendered(letter("vi", 12))
    whole = [piece for piece in content.pieces if piece.role not in {"standin", "rest"}]

    assert "".join(piece.html for piece in whole) == content.html
    assert "".join(piece.text for piece in whole) == content.text


@pytest.mark.parametrize("layout", ["recent", "brief", "text"])
def test_the_web_version_holds_nobodys_links(layout: Layout) -> None:
    content = rendered(letter("vi", 12), layout)

    page = web_version(content, [FeedLink(f"{SITE}/feeds/all.atom", "application/atom+xml", "Tất cả")])

    assert UNSUBSCRIBE_TOKEN not in page
    assert PREFERENCES_TOKEN not in page
    assert content.preheader not in page
    assert page.count(f'type="application/atom+xml" title="Tất cả" href="{SITE}/feeds/all.atom"') == 1
    assert all(story.url in page for story in letter("vi", 12).stories)
    assert page.rstrip().endswith("</html>")
