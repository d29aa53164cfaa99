"""Choosing anew: letters, sections, hour, language, clocks."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from publisher import addresses
from publisher.store import subscribers, suppressions
from tests.web.newsroom import Newsroom
from tests.web.people import AGREED, Page, Reader, enrol, reading, stored


@pytest.fixture
def reader(newsroom: Newsroom) -> Iterator[Reader]:
    """Lan, who gets economy at six, on the newsroom's clocks."""
    enrol(newsroom, sections=("economy",), hour=6)
    with reading(newsroom) as found:
        yield found


def path(reader: Reader) -> str:
    return f"/preferences/{reader.token('preferences')}"


def save(reader: Reader, **fields: Any) -> Page:
    shown = reader.get(path(reader))
    return reader.post(path(reader), shown.hidden() | {"do": "save"} | fields)


def person(reader: Reader) -> Any:
    with reader.newsroom.store.read() as tx:
        return subscribers.find(tx, "lan@example.com")


def test_it_shows_how_it_is(reader: Reader) -> None:
    page = reader.get(path(reader))

    assert (page.status, page.heading) == (200, "Your letters")
    assert page.tree.xpath('//input[@name="digest"]/@value') == ["daily", "weekly"]
    assert page.ticked("digest") == ["daily"]
    assert page.ticked("sections-daily") == ["economy"]
    assert page.picked("hour-daily") == "6"
    assert page.picked("timezone") == ""
    assert len(page.tree.xpath("//optgroup")) >= 9
    assert "Ho Chi Minh" in page.tree.xpath('string(//option[@value="Asia/Ho_Chi_Minh"])')


def test_it_saves_everything(reader: Reader) -> None:
    reader.newsroom.now += timedelta(hours=1)
    page = save(
        reader,
        **{
            "digest": ["daily", "weekly"],
            "sections-daily": "culture",
            "hour-daily": "21",
            "hour-weekly": "8",
            "language": "vi",
            "timezone": "Europe/Oslo",
        },
    )
    mine = reader.subscribed()

    assert (page.status, page.heading) == (200, "Bản tin của bạn")
    assert page.tree.xpath('string(//*[@role="status"])') == "Đã lưu."
    assert (mine["daily"].sections, mine["daily"].hour) == (("culture",), 21)
    assert (mine["weekly"].sections, mine["weekly"].hour) == ((), 8)
    assert mine["daily"].consent == AGREED, "what was agreed to before stands"
    assert mine["weekly"].consent.text == page_words(reader)
    assert mine["weekly"].consent.at == reader.newsroom.now
    assert (person(reader).language, person(reader).timezone) == ("vi", "Europe/Oslo")
    assert page.picked("timezone") == "Europe/Oslo"


def page_words(reader: Reader) -> str:
    page = reader.get(path(reader) + "?lang=en")
    return str(page.tree.xpath('string(//div[@class="agreed"]/p[2])'))


def test_saving_the_same_changes_no_subscription(reader: Reader) -> None:
    before = reader.subscribed()
    reader.newsroom.now += timedelta(hours=1)
    save(reader, **{"digest": "daily", "sections-daily": "economy", "hour-daily": "6"})

    assert reader.subscribed() == before


def test_a_letter_that_is_not_ticked_ends_and_comes_back(reader: Reader) -> None:
    save(reader, digest="weekly")
    assert set(reader.subscribed()) == {"weekly"}

    save(reader, **{"digest": ["daily", "weekly"], "hour-daily": "5"})
    assert reader.subscribed()["daily"].hour == 5


def test_ticking_none_is_leaving_with_a_way_back(reader: Reader) -> None:
    left = save(reader)

    assert (left.status, left.heading) == (200, "You have left")
    assert reader.subscribed() == {}
    action = left.tree.xpath("string(//form/@action)").removeprefix("..")
    assert reader.post(action, left.hidden() | {"do": "return"}).heading == "Welcome back"
    assert set(reader.subscribed()) == {"daily"}


def test_whoever_left_long_ago_signs_up_again(reader: Reader) -> None:
    token = path(reader)
    save(reader)
    reader.newsroom.now += timedelta(days=2)

    assert reader.get(token).buttons() == []
    fields = {"do": "save", "digest": "daily", "words": "x"}
    assert reader.post(token, fields).heading == "You have left"
    assert reader.subscribed() == {}


@pytest.mark.parametrize("fields", [{}, {"do": "leave"}, {"digest": "weekly"}])
def test_only_the_button_saves(reader: Reader, fields: dict[str, str]) -> None:
    before = stored(reader.newsroom)
    page = reader.post(path(reader), fields)

    assert page.status == 400
    assert stored(reader.newsroom) == before


def test_other_words_are_never_kept(reader: Reader) -> None:
    page = save(reader, digest="weekly", words="0" * 16)

    assert page.status == 422
    assert page.ticked("digest") == ["weekly"]
    assert set(reader.subscribed()) == {"daily"}


def test_strange_values_count_as_none(reader: Reader) -> None:
    save(
        reader,
        **{
            "digest": ["daily", "draft", "x"],
            "language": "xx",
            "timezone": "../etc/passwd",
            "hour-daily": "-1",
        },
    )

    assert set(reader.subscribed()) == {"daily"}
    assert reader.subscribed()["daily"].hour is None
    assert (person(reader).language, person(reader).timezone) == (None, None)


def test_a_zone_under_an_old_name_is_kept(newsroom: Newsroom) -> None:
    enrol(newsroom, timezone="Asia/Saigon")
    with reading(newsroom) as reader:
        assert reader.get(path(reader)).picked("timezone") == "Asia/Saigon"
        save(reader, digest="daily", timezone="Asia/Saigon")
        assert person(reader).timezone == "Asia/Saigon"


def test_a_letter_that_is_sent_no_more_can_still_be_left(newsroom: Newsroom) -> None:
    enrol(newsroom)
    enrol(newsroom, digest="draft")
    with reading(newsroom) as reader:
        assert reader.get(path(reader)).ticked("digest") == ["daily", "draft"]
        save(reader, digest="daily")
        assert set(reader.subscribed()) == {"daily"}


def test_a_letter_that_the_config_lost_is_left_alone(newsroom: Newsroom) -> None:
    enrol(newsroom)
    enrol(newsroom, digest="former")
    with reading(newsroom) as reader:
        save(reader, digest="daily", **{"hour-daily": "9"})
        assert set(reader.subscribed()) == {"daily", "former"}


@pytest.mark.parametrize(("reason", "stays"), [("bounced", False), ("complained", False), ("operator", True)])
def test_saving_asks_for_letters_again(reader: Reader, reason: str, stays: bool) -> None:
    hashed = addresses.hashed("lan@example.com")
    with reader.newsroom.store.write() as tx:
        suppressions.add(tx, hashed, reason=reason, detail="", now=reader.newsroom.now)
    save(reader, digest="daily")

    with reader.newsroom.store.read() as tx:
        assert bool(suppressions.find(tx, [hashed])) is stays
