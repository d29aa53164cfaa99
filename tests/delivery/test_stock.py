"""Letters that are made before their turn comes."""

import re
from pathlib import Path

import pytest

from publisher.delivery import stock
from publisher.delivery.message import Letter, letter
from publisher.delivery.multibuffer import LANES
from publisher.delivery.stock import Stock
from publisher.delivery.transports.maildir import Maildir
from publisher.model.delivery import Delivery
from tests.delivery.bureau import TOKENS, settings
from tests.delivery.test_message import delivery, edition, whole

BUILT: Letter = letter(whole(edition()), edition=edition(), settings=settings())


@pytest.fixture
def refused() -> dict[int, str]:
    return {}


@pytest.fixture
def shelf(tmp_path: Path, refused: dict[int, str]) -> Stock:
    def refuse(one: Delivery, reason: str) -> None:
        refused[one.id] = reason

    return Stock(Maildir(tmp_path), TOKENS, refuse)


def everything(shelf: Stock) -> list[int]:
    found: list[int] = []
    while group := shelf.group():
        found.extend(one.delivery.id for one in group)
    return found


def test_each_letter_comes_out_once_and_in_order(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 30))
    shelf.fill(5, lambda: False)

    assert everything(shelf) == list(range(1, 30))
    assert not shelf


def test_made_together_or_by_itself_a_letter_is_the_same(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 12))

    made = [one for _ in range(11) for one in shelf.group()]

    assert [one.message for one in made] == [BUILT.to(one.delivery, TOKENS) for one in made]


def test_only_so_many_are_made_for_want_of_something_better(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 101))

    while shelf.make_more():
        assert len(shelf._made) < stock._ENOUGH + LANES

    assert len(shelf._made) >= stock._ENOUGH
    assert everything(shelf) == list(range(1, 101))


def test_a_letter_that_cannot_be_made_holds_nobody_up(shelf: Stock, refused: dict[int, str]) -> None:
    addresses = {3: "bạn@đọc..example", 8: "@báo.example", 9: "bạn đọc@báo.example"}
    shelf.add(
        (delivery(number, addresses.get(number, "reader@example.com")), BUILT) for number in range(1, 11)
    )

    assert everything(shelf) == [1, 2, 4, 5, 6, 7, 10]
    assert list(refused) == [3, 8, 9]
    assert all(reason.startswith("address: ") for reason in refused.values())


def test_a_number_too_large_for_a_token_is_no_fault_of_the_address(
    shelf: Stock, refused: dict[int, str]
) -> None:
    shelf.add([(delivery(2**48), BUILT), (delivery(1), BUILT)])

    assert everything(shelf) == [1]
    assert list(refused) == [2**48]
    assert re.fullmatch(r"\d+ has no place in a token", refused[2**48])


def test_asked_to_stop_it_makes_no_more(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 30))
    shelf.fill(20, lambda: True)
    assert not shelf._made

    shelf.clear()
    assert not shelf
