"""The web version of an edition, and the list of a digest's editions."""

from publisher.digest import issue
from publisher.model.slot import Slot
from tests.web.newsroom import MORNING, Newsroom
from tests.web.test_serving import raw


def make(newsroom: Newsroom, slot: str = "2026-11-21") -> None:
    made = issue.make(
        newsroom.store,
        settings=newsroom.settings,
        site=newsroom.site,
        digest="daily",
        slot=Slot(slot, MORNING),
        now=newsroom.now,
    )
    assert made.edition is not None, made


def test_an_edition_for_everyone(newsroom: Newsroom) -> None:
    for number in range(1, 8):
        newsroom.edit(number, pictures=())
    make(newsroom)
    with newsroom.serving() as client:
        page = raw(client, "/editions/daily/2026-11-21")
        again = raw(client, "/editions/daily/2026-11-21", {"If-None-Match": page.headers["etag"]})

    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Ferry runs again, trip 2" in page.text
    assert "/u/" not in page.text
    assert "/preferences/" not in page.text
    assert 'href="https://courier.example/feeds/all.rss"' in page.text
    assert again.status_code == 304


def test_the_list_names_each_edition(newsroom: Newsroom) -> None:
    for number in range(1, 8):
        newsroom.edit(number, pictures=())
    with newsroom.serving() as client:
        empty = raw(client, "/editions/daily/")
        make(newsroom)
        listed = raw(client, "/editions/daily/")

    assert empty.status_code == listed.status_code == 200
    assert "No edition has been made yet." in empty.text
    assert 'href="/editions/daily/2026-11-21"' in listed.text
    assert "Saturday, November 21, 2026" in listed.text


def test_nothing_is_made_up(newsroom: Newsroom) -> None:
    with newsroom.serving() as client:
        answers = [
            raw(client, path) for path in ("/editions/daily/2026-11-22", "/editions/none/", "/editions/")
        ]

    assert [answer.status_code for answer in answers] == [404] * 3
