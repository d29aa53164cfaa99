"""Asking for letters: what the form offers, what it takes, what it refuses, what it gives away."""

import base64
import hashlib
from datetime import timedelta
from typing import Any

import pytest

from publisher import addresses
from publisher.store import subscribers, suppressions
from publisher.store.tables import signup
from publisher.work import people
from tests.web.newsroom import Newsroom
from tests.web.people import LETTERS, enrol, part, reading, stored

WORDS = "I want the letters that I chose from The Courier by e-mail. I can leave at any time with one click."


def rows(newsroom: Newsroom) -> list[Any]:
    with newsroom.store.read() as tx:
        return list(tx.execute(signup.select()))


def test_the_form_offers_what_a_job_sends(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        page = reader.get("/subscribe")

    assert (page.status, page.language, page.heading) == (200, "en", "Letters by e-mail")
    assert page.tree.xpath('//input[@name="digest"]/@value') == ["daily", "weekly"]
    assert page.tree.xpath('//input[@name="sections-daily"]/@value') == ["economy", "culture"]
    assert page.tree.xpath('//input[@name="sections-weekly"]') == []
    assert "Once a week · Tiếng Việt" in page.text
    assert WORDS in page.text
    assert page.ticked("digest") == []


def test_it_speaks_the_language_that_is_asked_for(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        by_browser = reader.get("/subscribe", **{"accept-language": "fr, vi;q=0.8"})
        by_address = reader.get("/subscribe?lang=en", **{"accept-language": "vi"})
        unknown = reader.get("/subscribe?lang=../../etc", **{"accept-language": "vi"})

    assert [one.language for one in (by_browser, by_address, unknown)] == ["vi", "en", "vi"]
    assert by_browser.heading == "Bản tin qua thư điện tử"
    assert by_browser.tree.xpath('//a[@hreflang="en"]/@href') == ["?lang=en"]
    assert by_browser.picked("language") == "vi"


def test_an_address_may_name_the_letter(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        assert reader.get("/subscribe?digest=weekly").ticked("digest") == ["weekly"]
        assert reader.get("/subscribe?digest=draft").ticked("digest") == []


def test_without_letters_it_says_so(newsroom: Newsroom) -> None:
    with reading(newsroom, jobs={"pull": {"run": "pull", "every": "15m"}}) as reader:
        page = reader.get("/subscribe")

    assert "no letter to ask for" in page.text
    assert page.buttons() == []


def test_from_the_form_to_the_letters(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        fields = {
            "digest": ["daily", "weekly"],
            "sections-daily": "culture",
            "hour-daily": "7",
            "language": "vi",
        }
        asked = reader.ask("Lan <Lan@Example.com>", **fields)
        assert (asked.status, asked.heading) == (200, "Look into your mailbox")
        assert reader.subscribed() == {}

        path = reader.confirmation()
        shown = reader.get(path)
        assert shown.status == 200
        assert shown.language == "vi"
        assert shown.buttons() == [("do", "confirm")]
        assert "Văn hoá · 07:00" in shown.text
        assert WORDS in shown.text
        assert "L…@example.com" in shown.text
        assert reader.subscribed() == {}

        newsroom.now += timedelta(minutes=3)
        done = reader.post(path, {"do": "confirm"})
        assert (done.status, done.heading) == (200, "Đã xác nhận")
        mine = reader.subscribed()

    assert set(mine) == {"daily", "weekly"}
    assert (mine["daily"].sections, mine["daily"].hour) == (("culture",), 7)
    assert (mine["weekly"].sections, mine["weekly"].hour) == ((), None)
    consent = mine["daily"].consent
    assert consent.at == newsroom.now
    assert consent.text == WORDS
    assert consent.where.startswith("https://courier.example/subscribe (asked 2026-11-20T23:30:05Z)")
    with newsroom.store.read() as tx:
        person = subscribers.find(tx, "lan@example.com")
    assert person is not None
    assert person.language == "vi"


def test_confirming_again_says_the_same_and_changes_nothing(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask()
        path = reader.confirmation()
        first = reader.post(path, {"do": "confirm"})
        before = stored(newsroom)
        newsroom.now += timedelta(hours=1)
        again, looked_at = reader.post(path, {"do": "confirm"}), reader.get(path)
        assert stored(newsroom) == before
        assert again.answer.content == first.answer.content == looked_at.answer.content

        reader.post(f"/u/{reader.token('unsubscribe')}", {"do": "leave"})
        assert reader.post(path, {"do": "confirm"}).status == 200
        assert reader.subscribed() == {}, "a second click on an old button brings nobody back who has left"


@pytest.mark.parametrize("fields", [{}, {"do": "x"}, {"confirm": "1"}])
def test_only_the_button_confirms(newsroom: Newsroom, fields: dict[str, str]) -> None:
    with reading(newsroom) as reader:
        reader.ask()
        page = reader.post(reader.confirmation(), fields)

        assert page.status == 400
        assert page.buttons() == [("do", "confirm")]
        assert reader.subscribed() == {}


def test_the_link_works_for_a_week(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask()
        path = reader.confirmation()
        newsroom.now += timedelta(days=7)
        late = reader.post(path, {"do": "confirm"})
        assert (late.status, late.heading) == (404, "This link does not work")
        assert reader.subscribed() == {}
        reader.ask("other@example.com")

    assert [row.address for row in rows(newsroom)] == ["other@example.com"]


def test_the_same_answer_whether_or_not_the_address_is_known(newsroom: Newsroom) -> None:
    enrol(newsroom, "known@example.com")
    enrol(newsroom, "gone@example.com")
    enrol(newsroom, "spam@example.com")
    with newsroom.store.write() as tx:
        subscribers.erase(tx, "gone@example.com", now=newsroom.now)
        hashed = addresses.hashed("spam@example.com")
        suppressions.add(tx, hashed, reason="complained", detail="", now=newsroom.now)
    with reading(newsroom) as reader:
        names = ("never@example.com", "known@example.com", "gone@example.com", "spam@example.com")
        answers = [reader.ask(name) for name in names]
        twice = reader.ask("never@example.com")
        got = [str(mail["To"]) for mail in reader.mails(3)]

    bodies = {
        one.answer.content.replace(name.encode(), b"")
        for one, name in zip([*answers, twice], [*names, names[0]], strict=True)
    }
    assert len(bodies) == 1
    assert {one.status for one in answers} == {200}
    assert len({tuple(sorted(one.answer.headers)) for one in answers}) == 1
    assert sorted(got) == ["gone@example.com", "known@example.com", "never@example.com"]


def test_who_was_erased_comes_back_by_their_own_hand(newsroom: Newsroom) -> None:
    enrol(newsroom)
    with newsroom.store.write() as tx:
        subscribers.erase(tx, "lan@example.com", now=newsroom.now)
    with reading(newsroom) as reader:
        reader.ask()
        reader.post(reader.confirmation(), {"do": "confirm"})

        assert set(reader.subscribed()) == {"daily"}


def test_erasing_takes_what_waits_for_confirmation(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask()
        path = reader.confirmation()
        with newsroom.store.write() as tx:
            subscribers.erase(tx, "LAN@example.com", now=newsroom.now)

        assert rows(newsroom) == []
        assert reader.post(path, {"do": "confirm"}).status == 404


def test_one_mail_an_address_and_day_and_the_later_choice_counts(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask()
        reader.mails(1)
        newsroom.now += timedelta(hours=20)
        reader.ask("LAN@Example.com", digest="weekly")
        assert len(rows(newsroom)) == 1
        assert reader.post(reader.confirmation(1), {"do": "confirm"}).status == 200
        assert set(reader.subscribed()) == {"weekly"}

        newsroom.now += timedelta(hours=5)
        reader.ask(digest="daily")
        reader.post(reader.confirmation(2), {"do": "confirm"})
        assert set(reader.subscribed()) == {"daily", "weekly"}


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "Write your e-mail address here."),
        ("lan", "This is no whole e-mail address"),
        ("lan@", "This is no whole e-mail address"),
        ("lan@example.com, thu@example.com", "This is no whole e-mail address"),
        ("lan@example.com\r\nBcc: all@example.com", "This is no whole e-mail address"),
        ("lan@exa\x00mple.com", "This is no whole e-mail address"),
        ('"><script>alert(1)</script>@example.com', "This is no whole e-mail address"),
        ("x" * 900 + "@example.com", "This is no whole e-mail address"),
    ],
)
def test_a_wrong_address_is_named_beside_the_field_and_the_rest_is_kept(
    newsroom: Newsroom, address: str, says: str
) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(address, **{"sections-daily": "culture", "hour-daily": "5", "language": "vi"})

    assert page.status == 422
    assert says in page.tree.xpath('string(//p[@id="address-wrong"])')
    assert page.tree.xpath('string(//input[@name="address"]/@aria-describedby)') == "address-wrong"
    assert page.ticked("digest") == ["daily"]
    assert page.ticked("sections-daily") == ["culture"]
    assert (page.picked("hour-daily"), page.picked("language")) == ("5", "vi")
    assert page.tree.xpath("//script") == []
    assert page.value("address") in address or "\r" in address or "\x00" in address
    assert rows(newsroom) == []


def test_no_letter_is_a_mistake_too(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(digest="draft")

    assert page.status == 422
    assert "Choose at least one letter." in page.text
    assert page.value("address") == "lan@example.com"


def test_strange_choices_are_left_out(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask(**{"sections-daily": ["economy", "sport", "<b>"], "hour-daily": "99"})
        reader.post(reader.confirmation(), {"do": "confirm"})
        mine = reader.subscribed()["daily"]

    assert (mine.sections, mine.hour) == (("economy",), None)


def test_every_section_is_all_of_them(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask(**{"sections-daily": ["economy", "culture"]})
        reader.post(reader.confirmation(), {"do": "confirm"})

        assert reader.subscribed()["daily"].sections == ()


def test_programs_fall_into_the_honeypot_and_hear_nothing_of_it(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(homepage="https://spam.example")

    assert (page.status, page.heading) == (200, "Look into your mailbox")
    assert rows(newsroom) == []


@pytest.mark.parametrize(
    ("seconds", "says"), [(0, "very fast"), (1.9, "very fast"), (24 * 3600 + 1, "open for too long")]
)
def test_too_fast_and_too_late_are_asked_again(newsroom: Newsroom, seconds: float, says: str) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(seconds=seconds)
        assert page.status == 422
        assert says in page.text
        assert rows(newsroom) == []

        newsroom.now += timedelta(seconds=3)
        again = reader.post(
            "/subscribe", {"digest": page.ticked("digest"), "address": page.value("address")} | page.hidden()
        )
        assert again.heading == "Look into your mailbox"


@pytest.mark.parametrize("stamp", ["", "x", "a" * 24, "é" * 24, "confirm"])
def test_the_time_cannot_be_made_up(newsroom: Newsroom, stamp: str) -> None:
    with reading(newsroom) as reader:
        reader.ask("other@example.com")
        if stamp == "confirm":
            stamp = reader.confirmation().rpartition("/")[2]

        assert "open for too long" in reader.ask(t=stamp).text
        assert len(rows(newsroom)) == 1


def test_other_words_than_those_shown_are_never_kept(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(words="0" * 16)

    assert "The words below have changed" in page.text
    assert rows(newsroom) == []


def test_another_sites_page_cannot_ask_for_somebody(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        page = reader.ask(headers={"sec-fetch-site": "cross-site"})

        assert page.status == 422
        assert "another site" in page.text
        assert rows(newsroom) == []


def test_a_network_asks_only_so_often(newsroom: Newsroom) -> None:
    with reading(newsroom, web={"sign_ups": 3}) as reader:

        def ask(number: int, source: str) -> int:
            return reader.ask(f"r{number}@example.com", headers={"x-forwarded-for": source}).status

        assert [ask(number, f"203.0.113.{number}") for number in range(3)] == [200] * 3
        refused = reader.ask("r9@example.com", headers={"x-forwarded-for": "203.0.113.200"})
        assert (refused.status, refused.heading) == (429, "Too many at once")
        assert refused.answer.headers["retry-after"] == "86400"
        assert ask(0, "203.0.113.1") == 429, "a known address is refused like any other"
        assert ask(10, "203.0.114.1") == 200
        assert [ask(20 + number, f"2001:db8:7:{number}::1") for number in range(4)] == [200, 200, 200, 429]
        assert ask(30, "2001:db8:8::1") == 200
        newsroom.now += timedelta(days=1)
        assert ask(40, "203.0.113.1") == 200


def test_a_network_is_what_an_office_shares() -> None:
    assert people.network("203.0.113.77") == "203.0.113.0/24"
    assert people.network("::ffff:203.0.113.77") == "203.0.113.0/24"
    assert people.network("2001:db8:1:2:3::4%eth0") == "2001:db8:1::/48"
    assert people.network("not an address") == "unknown"


def test_the_mail_shows_what_was_chosen(newsroom: Newsroom) -> None:
    with reading(newsroom) as reader:
        reader.ask(**{"sections-daily": "economy", "hour-daily": "17", "language": "vi"})
        (mail,) = reader.mails(1)

    assert mail["To"] == "lan@example.com"
    assert mail["Subject"] == "Mời bạn xác nhận: bản tin của Báo Tin"
    assert mail["Content-Language"] == "vi"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    for kind in ("plain", "html"):
        assert "Kinh tế" in part(mail, kind)
        assert "17:00" in part(mail, kind)
        assert "/confirm/" in part(mail, kind)
        assert "7 ngày" in " ".join(part(mail, kind).split())


def test_the_pages_carry_the_letters_look_and_its_hash_lets_it_in(newsroom: Newsroom) -> None:
    look = {"accent": "#0b5394", "headline_font": "'Noto Sans', Arial, sans-serif"}
    daily = LETTERS["digests"]["daily"] | {"look": look}
    with reading(newsroom, digests=LETTERS["digests"] | {"daily": daily}) as reader:
        page = reader.get("/subscribe")
    with reading(newsroom) as reader:
        plain = reader.get("/subscribe")

    style = str(page.tree.xpath("string(//style)"))
    assert "--accent: #0b5394;" in style
    assert "--serif: 'Noto Sans', Arial, sans-serif;" in style
    mark = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{mark}'" in page.answer.headers["content-security-policy"]
    assert str(plain.tree.xpath("string(//style)")).count(":root") < style.count(":root")
