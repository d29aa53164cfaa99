"""How often: offered where a digest offers it, on the form, in the mail, and in the preferences."""

from datetime import timedelta
from typing import Any

import pytest

from tests.web.newsroom import Newsroom
from tests.web.people import OFFERED, Reader, enrol, part, reading


def save(reader: Reader, **fields: Any) -> Any:
    path = f"/preferences/{reader.token('preferences')}"
    shown = reader.get(path)
    return reader.post(path, shown.hidden() | {"do": "save", "digest": "daily"} | fields)


@pytest.mark.parametrize(
    ("language", "words"), [("en", ["Every day", "Once a week"]), ("vi", ["Hằng ngày", "Mỗi tuần một lần"])]
)
def test_a_form_asks_how_often_only_where_there_is_a_choice(
    newsroom: Newsroom, language: str, words: list[str]
) -> None:
    with reading(newsroom, **OFFERED) as reader:
        page = reader.get(f"/subscribe?lang={language}")

    assert page.tree.xpath('//select[@name="frequency-daily"]/option/text()') == words
    assert not page.tree.xpath('//select[@name="frequency-weekly"]')


def test_from_the_form_to_one_letter_a_week(newsroom: Newsroom) -> None:
    with reading(newsroom, **OFFERED) as reader:
        reader.ask(**{"frequency-daily": "weekly"})
        path = reader.confirmation()
        assert "Once a week" in part(reader.mails(1)[0], "plain")
        assert "Once a week" in part(reader.mails(1)[0], "html")
        shown = reader.get(path)
        assert "Once a week" in shown.text
        assert reader.post(path, {"do": "confirm"}).status == 200

        mine = reader.subscribed()["daily"]
        assert (mine.frequency, mine.frequency_now) == ("weekly", None)


def test_a_change_counts_from_the_weeks_letter_and_the_page_says_so(newsroom: Newsroom) -> None:
    enrol(newsroom)
    with reading(newsroom, **OFFERED) as reader:
        page = save(reader, **{"frequency-daily": "weekly"})

        assert page.picked("frequency-daily") == "weekly"
        # It is Saturday; the next week's letter is Friday's.
        told = page.tree.xpath('string(//p[@id="later-daily"])')
        assert told == "Until the week's letter of November 27, 2026 it comes as before: Every day."
        mine = reader.subscribed()["daily"]
        assert (mine.frequency, mine.frequency_now) == ("weekly", "each")

        page = save(reader, **{"frequency-daily": "each"})
        assert not page.tree.xpath('//p[@id="later-daily"]')
        mine = reader.subscribed()["daily"]
        assert (mine.frequency, mine.frequency_now) == ("each", None)


@pytest.mark.parametrize("said", ["daily", "hourly", ""])
def test_what_is_not_offered_is_not_taken(newsroom: Newsroom, said: str) -> None:
    enrol(newsroom)
    with reading(newsroom, **OFFERED) as reader:
        newsroom.now += timedelta(hours=1)
        save(reader, **{"frequency-daily": said})

        assert reader.subscribed()["daily"].frequency == "each"
