"""Subject and preheader: from the lead, from the config's templates, and of lengths that are shown."""

from dataclasses import replace

import pytest

from publisher.errors import ConfigError
from tests.digest.hostile import HOSTILE, LONG
from tests.digest.letters import letter, letter_of, rendered, stories


def test_the_lead_is_the_subject_and_the_next_headlines_the_preheader() -> None:
    some = letter("en", 12)

    content = rendered(some)

    assert some.lead
    assert content.subject == some.lead.title
    assert content.preheader.startswith(f"Also: {some.sections[0].stories[0].title}")


def test_a_single_story_fills_the_preheader_with_its_lede() -> None:
    some = letter("en", 1)

    content = rendered(some)

    assert some.lead
    assert content.preheader.startswith(some.lead.lede[:40])


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_comes_in_both_are_short_lines(name: str) -> None:
    content = rendered(HOSTILE[name])

    assert content.subject.strip()
    assert len(content.subject) <= 120
    assert 40 <= len(content.preheader) <= 130
    assert not set(content.subject + content.preheader) & set("\n\r\t\0")


def test_templates_of_the_config_decide() -> None:
    content = rendered(
        letter("vi", 6),
        subject="{{ title }} · {{ date }}: {{ lead.title }}",
        preheader="{{ stories|length }} bài: {{ stories[1].title }} ({{ section }}, {{ site }})",
    )

    assert content.subject.startswith("Bản tin sáng · Thứ Bảy, 21 tháng 11, 2026: ")
    assert content.preheader.startswith("6 bài: ")
    assert "Báo Mường Lưa)" in content.preheader


def test_nothing_is_escaped_in_a_subject() -> None:
    first, *others = stories("en", 3)

    content = rendered(
        letter_of([replace(first, title="A & B <say> “no”"), *others]), subject="{{ lead.title }}"
    )

    assert content.subject == "A & B <say> “no”"


def test_a_template_that_says_nothing_gives_way_to_the_lead() -> None:
    some = letter("en", 3)

    assert some.lead
    assert rendered(some, subject="{{ '' }}").subject == some.lead.title


def test_an_endless_word_is_cut() -> None:
    first, *others = stories("en", 2)

    assert rendered(letter_of([replace(first, title=LONG), *others])).subject == LONG[:119] + "…"


@pytest.mark.parametrize("template", ["{{ leed.title }}", "{{ lead.title", "{% if %}"])
def test_a_mistake_is_named_with_its_place_in_the_config(template: str) -> None:
    with pytest.raises(ConfigError, match=r"config/site.yaml: digests.morning.subject: "):
        rendered(letter("en", 2), subject=template)
