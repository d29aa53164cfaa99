"""One registry drives files, addresses, autodiscovery, OPML and pages; they agree."""

import re

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from lxml import etree

from publisher.errors import ConfigError
from publisher.feeds import registry
from publisher.model.feed import FORMATS, placement
from publisher.store import articles, feedentries
from tests.feeds.newsroom import Newsroom, article, settings
from tests.feeds.parsed import page

EVERYTHING = {
    "tags": ["Bóng đá", "bong da", "chợ phiên", "日本"],
    "authors": ["Hà Thu Lâm"],
    "named": {
        "markets": {"title": {"en": "Markets", "vi": "Chợ"}, "sections": ["economy"], "tags": ["Chợ phiên"]}
    },
}


def test_files_addresses_autodiscovery_opml_and_pages_agree(newsroom: Newsroom) -> None:
    newsroom.config = settings(feeds=EVERYTHING)
    newsroom.write(1, 2, 3)
    newsroom.publish()
    plans = registry.plans(newsroom.config)
    wanted = {f"https://courier.example/{plan.path(form)}" for plan in plans for form in FORMATS}
    files = {
        f"https://courier.example/{path.relative_to(newsroom.public)}"
        for path in newsroom.public.glob("feeds/*")
        if path.suffix in {".rss", ".atom", ".json"}
    }
    assert files == wanted
    announced = registry.autodiscovery(newsroom.config)
    assert {f"https://courier.example{one.path}" for one in announced} == wanted
    index = page(newsroom.read("feeds/index.html"))
    assert set(index.xpath("//link[@rel='alternate'][@type!='text/x-opml']/@href")) == wanted
    assert set(index.xpath("//ul[@class='formats']//a/@href")) == wanted
    pages = set(index.xpath("//a[@class='name']/@href"))
    assert pages == {f"/{plan.page}" for plan in plans}
    for address in pages:
        assert (newsroom.public / address.lstrip("/") / "index.html").is_file()
    outlines = etree.fromstring(newsroom.read("feeds.opml")).findall(".//outline[@xmlUrl]")
    assert {one.get("xmlUrl") for one in outlines} == {
        f"https://courier.example/{plan.path('atom')}" for plan in plans
    }
    for plan in plans:
        body = newsroom.read(plan.path("atom")).decode()
        assert f'rel="self" href="https://courier.example/{plan.path("atom")}"' in body
        assert f'rel="alternate" href="https://courier.example/{plan.page}"' in body


def test_a_page_of_a_feed_announces_that_feed_and_shows_its_articles(newsroom: Newsroom) -> None:
    newsroom.write(1, title='Trẻ <18 tuổi & "AT&T"')
    newsroom.publish()
    shown = page(newsroom.read("feeds/economy/index.html"))
    assert shown.xpath("//h3/a/text()") == ['Trẻ <18 tuổi & "AT&T"']
    assert shown.xpath("//li[h3]/@lang") == ["vi"]
    assert shown.xpath("//dd/a/@href") == [
        f"https://courier.example/feeds/economy.{form}" for form in FORMATS
    ]
    assert b"<script" not in newsroom.read("feeds/economy/index.html")


def test_the_list_of_feeds_is_in_every_language_of_the_site(newsroom: Newsroom) -> None:
    newsroom.publish()
    english = page(newsroom.read("feeds/index.html"))
    vietnamese = page(newsroom.read("feeds/index.vi.html"))
    assert (english.get("lang"), vietnamese.get("lang")) == ("en", "vi")
    assert "Kinh tế" in "".join(map(str, vietnamese.itertext()))
    assert "Economy" not in "".join(map(str, vietnamese.itertext()))
    assert english.xpath("//a[@hreflang='vi']/@href") == ["/feeds/index.vi.html"]
    assert vietnamese.xpath("//a[@hreflang='en']/@href") == ["/feeds/index.html"]


def test_an_empty_site_has_valid_feeds_with_a_date(newsroom: Newsroom) -> None:
    newsroom.publish()
    assert b"<updated>2026-01-01T00:00:00+00:00</updated>" in newsroom.read("feeds/all.atom")
    assert newsroom.publish().written == ()


def test_old_keys_lead_to_new_ones_unless_they_are_in_use_again() -> None:
    config = settings(
        sections={
            "economy": {"title": {"en": "Economy"}, "was": ["business", "money"]},
            "travel": {"title": {"en": "Travel"}, "was": ["culture", "money"]},
            "culture": {"title": {"en": "Culture"}},
        }
    )
    moved = registry.redirects(config)
    assert moved["/feeds/business.rss"] == moved["/feeds/money.rss"] == "/feeds/economy.rss"
    assert moved["/feeds/business/"] == "/feeds/economy/"
    assert "/feeds/culture.atom" not in moved


def test_two_feeds_with_one_key_are_refused_in_one_line() -> None:
    config = settings(feeds={"named": {"economy": {"title": {"en": "Economy"}}}})
    with pytest.raises(ConfigError, match=r"feeds\.named\.economy: .*sections\.economy.*give it another key"):
        registry.plans(config)


@effort(max_examples=100, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), max_size=6), st.randoms(use_true_random=False))
def test_keys_are_unique_fit_for_files_and_independent_of_order(tags: list[str], random: object) -> None:
    plans = registry.plans(settings(feeds={"tags": tags}))
    keys = {plan.key: plan.tags for plan in plans}
    assert len(keys) == len(plans)
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", key) for key in keys)
    mixed = sorted(tags, key=lambda tag: hash((tag, str(random))))
    assert {plan.key: plan.tags for plan in registry.plans(settings(feeds={"tags": mixed}))} == keys


def test_a_plan_holds_what_its_query_finds(any_newsroom: Newsroom) -> None:
    newsroom = any_newsroom
    newsroom.config = settings(feeds=EVERYTHING)
    newsroom.write(1, tags=("CHỢ PHIÊN",))
    newsroom.write(2, section="politics", bylines=())
    newsroom.write(3, section=None, language="en", tags=("Bóng Đá",))
    with newsroom.store.read() as tx:
        every = articles.recent(tx, limit=10)
        for plan in registry.plans(newsroom.config):
            listed = {one.number for one in feedentries.newest(tx, plan, limit=10, now=newsroom.now)}
            assert listed == {one.number for one in every if plan.holds(placement(one))}, plan.key
    assert placement(article(tags=("CHỢ PHIÊN",))).tags == {"chợ phiên"}
