"""Letters that are made before their turn comes."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from publisher.delivery import stock
from publisher.delivery.message import Draft, Letter, Message, letter, signed
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
    shelf.fill(5)

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


def test_those_that_are_wanted_are_made_at_one_go(shelf: Stock, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(drafts: Sequence[Draft]) -> list[Message]:
        made.append(len(drafts))
        return signed(drafts)

    monkeypatch.setattr(stock, "signed", counted)
    shelf.add((delivery(number), BUILT) for number in range(1, 101))

    shelf.fill(20)
    shelf.fill(20)
    assert made == [3 * LANES], "whole batches, and none again while there are enough"

    shelf.fill(25)
    assert made == [3 * LANES, LANES]


def test_it_asks_for_more_before_it_runs_out(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 501))

    sent = 0
    while not shelf.is_low:
        sent += len(shelf.group())
    assert 500 - stock._ENOUGH - LANES <= sent < 500 - LANES


def test_cleared_it_holds_nothing(shelf: Stock) -> None:
    shelf.add((delivery(number), BUILT) for number in range(1, 30))
    shelf.fill(20)

    shelf.clear()
    assert not shelf
    assert not everything(shelf)
