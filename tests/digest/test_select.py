"""Selection: what stands in an edition, what does not, and the reasons."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from publisher.digest.select import select, span, unknown_pins
from publisher.model.article import Article
from publisher.model.edition import Selection, Sent
from tests.digest.newsroom import MORNING, SECTIONS, SLOT, article, byline, picture, rule


def pick(candidates: Iterable[Article], **values: Any) -> Selection:
    told: dict[str, Any] = {"languages": ("en", "vi"), "sent": {}, "since": None}
    told |= {name: values.pop(name) for name in list(values) if name in told}
    return select(candidates, key="daily", rule=rule(**values), slot=SLOT, sections=SECTIONS, **told)


def ids(selection: Selection) -> list[str]:
    return [choice.article_id for choice in selection.picked]


def why(selection: Selection, article_id: str) -> tuple[str, str]:
    (choice,) = [choice for choice in selection.choices if choice.article_id == article_id]
    return choice.reason, choice.detail


def test_the_newest_pictured_story_leads_and_sections_follow_in_their_order() -> None:
    found = pick(
        [
            article(1, 1, section="culture"),
            article(2, 2, section="politics"),
            article(3, 3, section="economy", pictures=(picture(),)),
            article(4, 4, section="politics"),
            article(5, 5, section=None),
            article(6, 6, section="no such section"),
        ]
    )

    assert ids(found) == ["a3", "a2", "a4", "a1", "a5", "a6"]
    assert why(found, "a3") == ("lead", "newest with a picture, 3 hours old")
    assert why(found, "a4") == ("recent", "4 hours old, number 2 in its section")
    assert [choice.section for choice in found.picked][-2:] == [None, None]


@pytest.mark.parametrize(
    ("lead", "first", "says"),
    [
        ("newest", "a1", "newest, 1 hour old"),
        ("pictured", "a2", "newest with a picture, 2 hours old"),
        ("pinned", None, ""),
    ],
)
def test_the_lead_follows_the_rule(lead: str, first: str | None, says: str) -> None:
    found = pick([article(1, 1), article(2, 2, pictures=(picture(),))], lead=lead)

    leads = [choice for choice in found.picked if choice.reason == "lead"]
    assert [(choice.article_id, choice.detail) for choice in leads] == ([(first, says)] if first else [])
    assert len(found.picked) == 2


def test_without_any_picture_the_newest_leads_and_says_so() -> None:
    # A caption without an address is no picture that could be shown.
    found = pick([article(1, 2, pictures=(picture(url=None),)), article(2, 1)])

    assert why(found, "a2") == ("lead", "newest; none has a picture, 1 hour old")


def test_an_article_in_the_letters_own_language_leads_before_others() -> None:
    found = pick(
        [
            article(1, 1, language="vi", title="Phà Nậm Lưa chạy lại", pictures=(picture(),)),
            article(2, 5, pictures=(picture(),)),
        ]
    )

    assert ids(found) == ["a2", "a1"]


def test_pins_lead_and_stand_first_in_their_order_even_outside_the_digests_sections() -> None:
    found = pick(
        [
            article(1, 1),
            article(2, 2),
            article(3, 30),
            article(4, 40, section="culture"),
            article(5, 50, url="https://courier.example/pinned"),
        ],
        sections=[{"section": "economy", "limit": 3}],
        pins=["a4", "https://courier.example/pinned", "a3"],
        since=MORNING - timedelta(hours=24),
    )

    assert ids(found) == ["a4", "a5", "a3", "a1"]
    assert why(found, "a4") == ("lead", "pinned, 40 hours old")
    assert why(found, "a5")[0] == "pinned"
    assert why(found, "a2") == ("section full", "number 4 of its section, limit 3")


@pytest.mark.parametrize(
    ("values", "reason", "detail"),
    [
        ({"withdrawn": MORNING - timedelta(minutes=5)}, "withdrawn", "5 minutes before the slot's time"),
        ({"language": "fr"}, "wrong language", "fr; the digest takes en, vi"),
        ({"tags": ("Advertorial",)}, "excluded", "by Advertorial"),
        ({"url": "https://courier.example/no"}, "excluded", "by https://courier.example/no"),
        ({"published": MORNING + timedelta(hours=2)}, "published later", "2 hours after the slot's time"),
        ({"published": MORNING - timedelta(days=8)}, "too old", "8 days old, limit 7 days"),
        ({"section": "culture"}, "section not in digest", "culture"),
        ({"section": None}, "section not in digest", "names no section that the site knows"),
    ],
)
def test_what_may_not_stand_says_why(values: dict[str, Any], reason: str, detail: str) -> None:
    rules: dict[str, Any] = {
        "exclude": ["advertorial", "https://courier.example/no"],
        "sections": [{"section": "economy"}],
        "unsectioned": False,
    }

    found = pick([article(1, **values)], **rules)

    assert ids(found) == []
    assert why(found, "a1") == (reason, detail)


@pytest.mark.parametrize(
    "values", [{"withdrawn": MORNING}, {"published": MORNING - timedelta(days=8)}, {"language": "fr"}]
)
def test_a_pin_does_not_bring_back_what_may_not_stand(values: dict[str, Any]) -> None:
    found = pick([article(1, **values)], pins=["a1"])

    assert ids(found) == []
    assert why(found, "a1")[1].endswith("; its pin does not change that")


def test_what_an_earlier_edition_carried_or_left_out_does_not_come_back() -> None:
    since = MORNING - timedelta(hours=24)
    found = pick(
        [
            article(1, 30),
            article(2, 30),
            article(3, 30, first_seen=since + timedelta(minutes=1)),
            article(4, 2),
        ],
        sent={"a1": Sent(slot="2026-11-20")},
        since=since,
    )

    assert sorted(ids(found)) == ["a3", "a4"]
    assert why(found, "a1") == ("sent before", "in 2026-11-20")
    assert why(found, "a2") == ("before the last edition", "here 6 hours before that one was made")


def test_an_article_without_a_date_counts_from_when_it_was_first_seen() -> None:
    found = pick([article(1, published=None, first_seen=MORNING + timedelta(minutes=1)), article(2)])

    assert why(found, "a1") == ("published later", "1 minute after the slot's time")
    assert ids(found) == ["a2"]


def test_each_section_has_its_first_story_before_any_has_its_second() -> None:
    busy = [article(number, number, section="economy") for number in range(1, 5)]
    quiet = [article(5, 20, section="culture"), article(6, 30, section="politics")]

    found = pick([*busy, *quiet], limit=4, lead="newest")

    assert sorted(ids(found)) == ["a1", "a2", "a5", "a6"]
    assert why(found, "a3") == ("digest full", "number 3 of its section, limit 4 in all")


def test_a_section_with_limit_0_is_closed() -> None:
    found = pick([article(1), article(2, section="culture")], sections=[{"section": "economy", "limit": 0}])

    assert ids(found) == []
    assert why(found, "a1") == ("section full", "number 1 of its section, limit 0")


def corrected(**values: Any) -> Article:
    moments = {"corrected": MORNING - timedelta(hours=3)}
    return article(1, 24 * 20, correction="The bridge is 121 metres long.", **(moments | values))


def test_a_correction_is_announced_once_and_only_when_the_digest_says_so() -> None:
    sent = {"a1": Sent(slot="2026-11-01")}

    quiet = pick([corrected(), article(2)], sent=sent)
    aloud = pick([corrected(), article(2, 200)], sent=sent, corrections="announce", max_age="2w")
    again = pick([corrected()], sent={"a1": Sent(slot="2026-11-20", corrected=corrected().corrected)})

    assert why(quiet, "a1") == ("sent before", "in 2026-11-01; its correction is not announced")
    assert ids(aloud) == ["a2", "a1"]  # the news leads, the correction stands last in its section
    assert why(aloud, "a1") == ("correction", "sent in 2026-11-01, corrected since")
    assert why(again, "a1") == ("sent before", "in 2026-11-20")


def test_a_correction_that_is_not_declared_yet_waits() -> None:
    late = corrected(corrected=MORNING + timedelta(hours=1))

    found = pick([late], sent={"a1": Sent(slot="2026-11-01")}, corrections="announce")

    assert why(found, "a1")[0] == "sent before"


WIRE = (
    "A cold spell will reach the northern mountains on Tuesday night, with frost likely above 1,400 meters, "
    "the national forecasting center said on Friday."
)


def test_of_two_articles_with_one_story_the_signed_or_pictured_one_stays() -> None:
    wire = article(1, 1, title="Cold spell to reach northern mountains", lede=WIRE, body="x" * 2000)
    own = article(
        2, 2, title="Cold spell to reach northern mountains Tuesday", lede=WIRE, bylines=(byline(),)
    )
    other = article(3, 3, lede="Something else altogether happened in the market on Friday morning.")

    found = pick([wire, own, other])

    assert sorted(ids(found)) == ["a2", "a3"]
    reason, detail = why(found, "a1")
    assert reason == "same story"
    assert detail.startswith("as a2 “Cold spell to reach northern mountains Tuesday” (")


def test_a_story_that_went_out_under_another_id_does_not_go_again() -> None:
    before = article(1, 30, title="Cold spell to reach northern mountains", lede=WIRE)
    again = article(2, 1, title="Cold spell to reach northern mountains", lede=WIRE)

    found = pick([before, again], sent={"a1": Sent(slot="2026-11-20")})

    assert ids(found) == []
    assert "sent in 2026-11-20" in why(found, "a2")[1]


def test_a_pinned_one_is_not_folded_under_another() -> None:
    one = article(1, 1, title="Cold spell to reach northern mountains", lede=WIRE, bylines=(byline(),))
    pinned = article(2, 9, title="Cold spell to reach northern mountains", lede=WIRE)

    found = pick([one, pinned], pins=["a2"])

    assert ids(found) == ["a2"]


def test_pins_that_name_nothing_are_told() -> None:
    known = article(1, url="https://courier.example/known")

    assert unknown_pins(rule(pins=["a1", "https://courier.example/known", "a7"]), [known]) == ("a7",)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=8, hours=5), "8 days"),
        (timedelta(hours=30), "30 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(seconds=90), "1 minute"),
        (timedelta(seconds=3), "less than a minute"),
    ],
)
def test_figures_stand_in_words(length: timedelta, words: str) -> None:
    assert span(length) == words


def test_the_letters_own_choice_holds_whatever_the_newsroom_sends() -> None:
    hostile = [
        article(1, title="🙂🙂🙂", lede=""),
        article(2, title="x" * 300, lede="y" * 300, section=None),
        article(3, title="שלום עולם", lede="", tags=("🙂",)),
        article(4, title="Only a picture", lede="", pictures=(picture(),)),
    ]

    found = pick(hostile)

    assert sorted(ids(found)) == ["a1", "a2", "a3", "a4"]
    assert all(choice.detail for choice in found.choices)
    assert ids(pick([])) == []
