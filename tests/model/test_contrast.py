import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.model.contrast import contrast, luminance, mixed, turned_over

COLOURS = st.integers(min_value=0, max_value=0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#ffffff", "#ffffff", 1.0),
        ("#8a1c1c", "#ffffff", 9.28),
    ],
)
def test_ratios_are_those_of_wcag(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)


@given(one=COLOURS, other=COLOURS)
def test_the_ratio_is_the_same_both_ways_and_within_its_bounds(one: str, other: str) -> None:
    assert contrast(one, other) == contrast(other, one)
    assert 1 <= contrast(one, other) <= 21


@given(COLOURS)
def test_turning_over_makes_dark_light_and_light_dark(colour: str) -> None:
    """About the middle (L* 50, a luminance of 0.18) the order turns round."""
    turned = turned_over(colour)

    assert (luminance(colour) < 0.17) <= (luminance(turned) > 0.17)
    assert (luminance(colour) > 0.20) <= (luminance(turned) < 0.20)


@pytest.mark.parametrize(("colour", "turned"), [("#000000", "#ffffff"), ("#ffffff", "#000000")])
def test_black_and_white_change_places(colour: str, turned: str) -> None:
    assert turned_over(colour) == turned


def test_mixing_runs_from_one_to_the_other() -> None:
    assert mixed("#000000", "#ffffff", 0.0) == "#000000"
    assert mixed("#000000", "#ffffff", 0.5) == "#808080"
    assert mixed("#102030", "#ffffff", 1.0) == "#ffffff"
