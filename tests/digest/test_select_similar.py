"""Near-duplicates: the same story is seen, different stories are left alone."""

from typing import Any
from unicodedata import normalize

import pytest

from publisher.digest.similar import fold, gist, same_story
from tests.digest.newsroom import article

COLD_EN = (
    "A cold spell will reach the northern mountains on Tuesday night, with frost likely above 1,400 meters, "
    "the forecasting center said."
)
COLD_EN_OWN = (
    "A cold spell will reach the northern mountains on Tuesday night, with frost likely above 1,400 meters; "
    "herders in four communes have moved their buffaloes down."
)
COLD_VI = (
    "Không khí lạnh mạnh tràn về miền núi phía Bắc từ đêm thứ Ba, vùng trên 1.400 m có khả năng xuất hiện "
    "sương muối, Trung tâm dự báo khí tượng cho biết."
)


def alike(one: dict[str, Any], other: dict[str, Any]) -> float | None:
    return same_story(gist(article(1, **one)), gist(article(2, **other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"title": "Cold spell to reach northern mountains", "lede": COLD_EN},
            {"title": "Frost likely on Tuesday: herders move buffaloes", "lede": COLD_EN},
        ),
        (
            {"title": "Cold spell to reach the northern mountains", "lede": COLD_EN},
            {"title": "Cold spell to reach northern mountains on Tuesday", "lede": COLD_EN_OWN},
        ),
        (
            {"title": "Không khí lạnh tràn về miền núi phía Bắc", "lede": COLD_VI, "language": "vi"},
            {"title": "KHÔNG KHÍ LẠNH TRÀN VỀ MIỀN NÚI PHÍA BẮC!", "lede": "", "language": "vi"},
        ),
        (
            {"title": "Ferry across the Nậm Lưa runs again", "lede": ""},
            {"title": normalize("NFD", "Ferry across the Nậm Lưa runs again"), "lede": ""},
        ),
    ],
)
def test_one_story_in_two_wordings_is_seen(one: dict[str, Any], other: dict[str, Any]) -> None:
    found = alike(one, other)

    assert found is not None
    assert 0.3 < found <= 1
    assert alike(other, one) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Issues of one column differ in their number.
        (
            {"title": "Market prices: Lưa Central, November 14", "lede": COLD_EN},
            {"title": "Market prices: Lưa Central, November 21", "lede": COLD_EN},
        ),
        # A column's words under titles of their own, with other figures.
        (
            {
                "title": "Tea dearer again",
                "lede": "A kilo of green tea brought 90 thousand at the gate today.",
            },
            {"title": "Ginger cheaper", "lede": "A kilo of green tea brought 85 thousand at the gate today."},
        ),
        # One title for every day, each with news of its own.
        (
            {"title": "The province in brief this morning", "lede": COLD_EN},
            {
                "title": "The province in brief this morning",
                "lede": "Three roads reopen, two schools get new roofs and a choir sings at the fair.",
            },
        ),
        # Three words that differ only in their marks.
        (
            {"title": "Giá mạ tăng ở xã vùng cao", "lede": "", "language": "vi"},
            {"title": "Gia má tặng ô xa vung cáo", "lede": "", "language": "vi"},
        ),
        # A column without a lede returns under its title the next day.
        (
            {"title": "Prices at the central market", "lede": "", "hours": 30},
            {"title": "Prices at the central market", "lede": "", "hours": 6},
        ),
        (
            {"title": "Prices at the central market", "lede": "", "body": f"<p>{COLD_EN}</p>"},
            {
                "title": "Prices at the central market",
                "lede": "",
                "body": "<p>Ginger rose for the fourth week "
                "running, to 19,000 a kilo, while cabbage fell to 8,500 at most stalls.</p>",
            },
        ),
        # The same news in two languages serves two kinds of readers.
        (
            {"title": "Cold air due Tuesday night", "lede": COLD_EN},
            {"title": "Không khí lạnh về đêm thứ Ba", "lede": COLD_VI, "language": "vi"},
        ),
        ({"title": "In brief", "lede": ""}, {"title": "In brief", "lede": ""}),
        ({"title": "🙂🙂", "lede": ""}, {"title": "🙂🙂", "lede": ""}),
    ],
)
def test_different_stories_are_left_alone(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert alike(one, other) is None


def test_folding_keeps_the_first_and_never_chains() -> None:
    words = [f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    first, middle, last = (
        article(number, title=f"Title {mark}", lede=" ".join(words[start : start + 20]))
        for number, mark, start in ((1, "one", 0), (2, "two", 1), (3, "three", 2))
    )

    found = fold([first, middle, last])

    assert set(found) == {"a2"}
    assert found["a2"].kept is first
