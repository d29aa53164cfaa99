"""Numbers with their nouns."""

import pytest

from publisher.model.plural import number_of


@pytest.mark.parametrize(
    ("number", "one", "many", "says"),
    [
        (0, "article", "", "0 articles"),
        (1, "article", "", "1 article"),
        (2, "delivery is", "deliveries are", "2 deliveries are"),
        (1, "waits", "wait", "1 waits"),
    ],
)
def test_a_noun_goes_with_its_number(number: int, one: str, many: str, says: str) -> None:
    assert number_of(number, one, many) == says
