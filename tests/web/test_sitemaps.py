"""What search engines are told of."""

from datetime import timedelta

import pytest
from lxml import etree

from publisher.work import sitemaps
from tests.web.newsroom import MORNING, Newsroom

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "n": "http://www.google.com/schemas/sitemap-news/0.9",
}


def read(newsroom: Newsroom, path: str, query: str) -> list[str]:
    found = etree.fromstring((newsroom.site / "public" / path).read_bytes()).xpath(query, namespaces=NAMES)
    assert isinstance(found, list)
    return [str(one) for one in found]


def test_the_index_names_sitemaps_that_are_there(newsroom: Newsroom) -> None:
    newsroom.publish()
    named = read(newsroom, "sitemap.xml", "//s:loc/text()")

    assert named == [
        "https://courier.example/sitemaps/news.xml",
        "https://courier.example/sitemaps/articles-1.xml",
    ]
    robots = (newsroom.site / "public" / "robots.txt").read_text()
    assert "Sitemap: https://courier.example/sitemap.xml" in robots
    assert "Disallow: /console/" in robots


def test_news_are_two_days_old_at_most_and_the_newest_first(newsroom: Newsroom) -> None:
    newsroom.add(40, published=MORNING - timedelta(days=2, minutes=1))
    newsroom.add(41, published=MORNING - timedelta(days=1, hours=23), title="Chợ <đêm> & khuya")
    newsroom.publish()

    titles = read(newsroom, "sitemaps/news.xml", "//n:title/text()")
    assert len(titles) == 8
    assert titles[0].endswith("1")
    assert titles[-1] == "Chợ <đêm> & khuya"
    assert read(newsroom, "sitemaps/news.xml", "//n:language/text()")[-1] == "vi"
    assert read(newsroom, "sitemaps/news.xml", "//n:publication_date/text()")[-1] == "2026-11-19T00:30:00Z"


def test_news_grow_old_although_no_article_changes(newsroom: Newsroom) -> None:
    newsroom.publish()
    assert newsroom.publish(timedelta(hours=47))[1].written == ()

    _, report = newsroom.publish(timedelta(minutes=56))

    assert report.written == ("sitemaps/news.xml",)
    assert len(read(newsroom, "sitemaps/news.xml", "//s:url")) == 4


def test_only_addresses_on_the_site_s_own_host(newsroom: Newsroom) -> None:
    newsroom.edit(1, url="https://elsewhere.example/1")
    newsroom.edit(2, url="https://courier.example/tin/đò")
    newsroom.edit(3, url="http://courier.example/3")
    newsroom.publish()

    found = read(newsroom, "sitemaps/articles-1.xml", "//s:loc/text()")
    assert "https://courier.example/tin/%C4%91%C3%B2" in found
    assert len(found) == 5


def test_a_change_touches_one_document(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "PER_FILE", 3)
    newsroom.publish()
    assert len(read(newsroom, "sitemap.xml", "//s:loc/text()")) == 4

    newsroom.withdraw(1)
    _, report = newsroom.publish(timedelta(minutes=15))

    assert [path for path in report.written if "articles-" in path] == []
    assert "sitemaps/articles-3.xml" in report.removed, "the seventh to arrive stood alone in it"
    assert len(read(newsroom, "sitemap.xml", "//s:loc/text()")) == 3
    newsroom.edit(7, lede="Mới.")
    _, report = newsroom.publish(timedelta(minutes=15))
    assert [path for path in report.written if "articles-" in path] == ["sitemaps/articles-1.xml"]
