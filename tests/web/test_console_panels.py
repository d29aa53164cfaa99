"""Feeds, subscribers, the schedule and the log at the console: what they show is what is stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from publisher.resources import builtin
from publisher.store import subscribers
from publisher.web.console import terms
from tests.web.consolesite import READER, Console, ConsoleSite, make, with_past


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConsoleSite]:
    """One for all of these tests: they only look, but for one that has a person of its own."""
    made = with_past(make(tmp_path_factory.mktemp("console") / "site"))
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def served(site: ConsoleSite) -> Iterator[str]:
    with site.serving() as address:
        yield address


@pytest.fixture(scope="module")
def console(served: str) -> Console:
    return Console(served)


def test_feeds_show_what_is_in_them_and_how_often_readers_ask(console: Console) -> None:
    shown = console.get("/console/feeds")

    assert "Economy RSS Atom JSON Feed Articles 6 Newest change Sat, Nov 21, 06:29" in shown.text
    week = sum(40 + back * 3 + 900 - back * 20 for back in range(7))
    assert f"Requests in 7 days {week:,}" in shown.text
    assert "Feed sent: 1,370" in shown.part("legend")
    assert shown.tree.xpath("count(//figure//table/tbody/tr)") == 28, "the chart stands in a table as well"


def test_one_feed_shows_its_formats_and_the_hub(console: Console) -> None:
    shown = console.get("/console/feeds/culture")

    assert shown.heading == "Culture"
    assert "Atom /feeds/culture.atom" in shown.text
    assert "Hub not told yet" in shown.text
    assert console.get("/console/feeds/nothing").status == 404


def test_subscribers_in_numbers(console: Console) -> None:
    shown = console.get("/console/subscribers")

    assert "People 22 Subscriptions 22" in shown.text
    assert shown.tree.xpath("//table[@class='share'][1]//tr[1]/*/text()")[:2] == ["The Morning", "15"]
    assert "Subscribed: 22 Left: 2" in shown.text
    assert "Complaints: 1 Bounces: 2 Addresses barred: 1" in shown.text
    assert "bounced for good: 1" in shown.text


def test_an_operator_finds_somebody_without_the_address_in_any_address(
    console: Console, site: ConsoleSite
) -> None:
    page = console.get("/console/subscribers")
    found = console.send(page, "/console/subscribers#found", address=" Reader5@example.com ")

    assert found.status == 200
    assert "The Morning subscribed" in found.part("found")
    assert "culture" in found.part("found")
    assert "sign-up page: “Yes, please.”" in found.part("found")
    assert "example.com" not in str(found.answer.url)
    unknown = console.send(page, "/console/subscribers#found", address="nobody@example.com")
    assert "Nobody of this address is on record." in unknown.part("found")
    wrong = console.send(page, "/console/subscribers#found", address="<b>reader")
    assert wrong.status == 422
    assert "This is no whole e-mail address" in wrong.text
    assert not wrong.tree.xpath("//main//b")
    with site.store.write() as tx:
        subscribers.erase(tx, "reader5@example.com", now=site.now)
    erased = console.send(page, "/console/subscribers#found", address="reader5@example.com")
    assert "never mailed: erased at their own wish" in erased.part("found")


def test_a_reader_sees_numbers_and_nobody_s_address(served: str) -> None:
    reader = Console(served, READER)
    page = reader.get("/console/subscribers")

    assert page.status == 200
    assert not page.tree.xpath("//input[@name='address']")
    key = page.tree.xpath("string(//input[@name='key']/@value)")
    assert reader.post("/console/subscribers", {"key": key, "address": "reader5@example.com"}).status == 403


def test_the_schedule_in_plain_words(console: Console) -> None:
    shown = console.get("/console/schedule")

    assert "morning Sends The Morning When every day at 06:30 Next Sun, Nov 22, 06:30" in shown.text
    assert "friday Sends The Week When Friday at 17:00 Next Fri, Nov 27, 17:00" in shown.text
    assert "ran with problems Sat, Nov 21, 06:30 made daily 2026-11-21" in shown.text
    assert "every 15 minutes" in shown.text
    vietnamese = console.get("/console/schedule?lang=vi")
    assert "06:30 mỗi ngày" in vietnamese.text
    assert "17:00 Thứ Sáu" in vietnamese.text
    assert "15 phút một lần" in vietnamese.text


def test_a_job_tells_why(console: Console) -> None:
    shown = console.get("/console/schedule/morning")

    assert "late by 90 s · took 12 s" in shown.text
    assert "2026-11-22 06:30: not yet; it is due in 21 h" in shown.part("answers")
    then = console.get("/console/schedule/morning?when=2026-11-20T06:30")
    assert "ran at 06:31:30, 90 s late, and ended well" in then.part("answers")
    misread = console.get("/console/schedule/morning?when=<i>soon")
    assert misread.status == 422
    assert "is no time; write a day (2026-11-21)" in misread.part("misread")
    assert console.get("/console/schedule/none").status == 404


def test_the_log_says_who_did_what_and_can_be_limited_to_a_subject(console: Console) -> None:
    shown = console.get("/console/log")

    assert "console operator · signed in · console" in shown.text
    assert "anna on desk1 · config edited · config revision 1" in shown.text
    limited = console.get("/console/log?about=daily 2026-11-19")
    assert "anna on desk1 · paused edition · daily 2026-11-19" in limited.text
    assert "signed in" not in limited.part("rows")
    assert console.get("/console/log?page=99").part("rows") == ""
    assert console.get("/console/log?page=x&about=%00").status == 200


def test_a_new_site_has_all_pages(tmp_path: Path) -> None:
    made = make(tmp_path / "new", schedule="jobs: {}\n")
    with made.serving() as address:
        console = Console(address)
        places = ("feeds", "subscribers", "schedule", "log", "schedule/files/site", "schedule/revisions/")
        shown = {place: console.get(f"/console/{place}") for place in places}
    made.store.close()

    assert {place: one.status for place, one in shown.items()} == dict.fromkeys(places, 200)
    assert "not published yet" in shown["feeds"].text
    assert "Nobody has subscribed yet." in shown["subscribers"].text
    assert "The schedule has no jobs yet." in shown["schedule"].text


def test_every_state_has_a_name_in_vietnamese() -> None:
    with (builtin("templates") / "locale" / "vi.po").open("rb") as stream:
        known = {one.id for one in read_po(stream, abort_invalid=True) if one.string}

    assert set(terms.EVERY) - known == set()
