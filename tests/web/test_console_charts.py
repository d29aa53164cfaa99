"""Charts of the console: whole, readable without eyes, and nothing that the strictest policy forbids."""

import pytest
from lxml import etree

from publisher.web.console.charts import HEIGHT, Series, chart

SVG = "{http://www.w3.org/2000/svg}"


def drawn(*series: Series, title: str = "Requests") -> etree._Element:
    labels = [f"day {number}" for number in range(len(series[0].values))]
    svg = chart("polls", title, labels, series, "In a sentence.").svg
    return etree.fromstring(svg.replace("<svg ", f'<svg xmlns="{SVG[1:-1]}" ', 1))


def test_bars_are_as_high_as_their_numbers_and_stand_on_each_other() -> None:
    tree = drawn(Series("full", (10, 0, 20)), Series("same", (10, 0, 60)))
    rects = [
        {name: float(one.get(name, "nan")) for name in ("x", "y", "height")}
        for one in tree.iter(f"{SVG}rect")
    ]

    assert len(rects) == 4, "a day without anything has no bar"
    low, high = rects[2], rects[3]
    assert high["height"] == pytest.approx(low["height"] * 3)
    assert low["y"] + low["height"] == pytest.approx(HEIGHT)
    assert high["y"] + high["height"] == pytest.approx(low["y"])
    assert min(one["y"] for one in rects) >= 0


def test_what_is_little_can_be_seen_all_the_same() -> None:
    tree = drawn(Series("full", (1, 1_000_000)))

    assert float(next(tree.iter(f"{SVG}rect")).get("height", "0")) >= 1


def test_it_is_said_in_words_too_and_escaped() -> None:
    made = chart("x", "<b>&", ["<i>"], [Series('"a"', (1,))], "1 < 2")
    tree = etree.fromstring(made.svg)

    assert (tree.findtext("title"), tree.findtext("desc")) == ("<b>&", "1 < 2")
    assert tree.get("aria-labelledby") == "x-title x-about"
    assert tree.findtext(".//g/title") == '<i>: 1 "a"'
    assert made.rows == [("<i>", (1,))]


def test_nothing_in_it_is_style_or_script() -> None:
    found = chart("x", "t", ["a", "b"], [Series(name, (1, 2)) for name in "abc"], "d")
    for text in (found.svg, *found.swatches):
        assert "style" not in text
        assert "<script" not in text
        assert "href" not in text


def test_no_numbers_at_all() -> None:
    empty = chart("x", "t", [], [Series("a", ())], "d")
    zero = chart("x", "t", ["a"], [Series("a", (0,))], "d")

    assert (empty.most, zero.most) == (0, 0)
    assert "<rect" not in empty.svg + zero.svg


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        chart("x", "t", ["a", "b"], [Series("a", (1,))], "d")
