"""Reading pages: what people and search engines see of an article that has no address of its own."""

import json
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.model.article import Picture
from publisher.work.newsarticle import embedded
from tests.web.newsroom import LEDE, MORNING, Newsroom
from tests.web.test_serving import raw

HOSTILE = 'Trẻ <18 tuổi & "AT&T" ]]> &amp; </script><script>alert(1)</script> <!-- \u2028'


def page_of(newsroom: Newsroom, number: int) -> Any:
    file = newsroom.site / "public" / "articles" / newsroom.stored(number).id / "index.html"
    return etree.fromstring(file.read_bytes(), etree.HTMLParser(encoding="utf-8"))


def meta(page: Any, name: str) -> str:
    return str(page.xpath(f'string(//meta[@property="{name}" or @name="{name}"]/@content)'))


def data_of(page: Any) -> Any:
    return json.loads(page.xpath('string(//script[@type="application/ld+json"])'))


def test_an_article_as_people_read_it(newsroom: Newsroom) -> None:
    newsroom.publish()
    page = page_of(newsroom, 1)

    assert page.get("lang") == "vi"
    assert page.xpath("string(//h1)") == "Bến đò chạy lại, chuyến 1"
    assert page.xpath('normalize-space(//p[@class="lede"])') == f"BT – {LEDE}"
    assert (
        page.xpath('normalize-space(//p[@class="author"])') == "Hà Thu Lâm, Thiếu tá, Đồn biên phòng Pá Khoen"
    )
    assert "Thứ Bảy, 21 tháng 11" in page.xpath("string(//time)")
    assert page.xpath('normalize-space(//p[@class="kicker"])') == "Kinh tế"
    assert page.xpath("string(//article//h2)") == "Chuyến đầu"
    picture = page.xpath("//figure/img")[0]
    assert picture.get("src") == "https://courier.example/media/ferry.jpg"
    assert (picture.get("alt"), picture.get("width"), picture.get("height")) == ("Con đò", "1200", "800")
    assert page.xpath("normalize-space(//figcaption)") == "Chuyến đò sớm. Ảnh: Lò Khang"
    assert page.xpath('string(//link[@rel="canonical"]/@href)') == newsroom_address(newsroom, 1)


def test_an_english_one(newsroom: Newsroom) -> None:
    newsroom.publish()
    page = page_of(newsroom, 2)

    assert page.get("lang") == "en"
    assert "Saturday, November 21, 2026" in page.xpath("string(//time)")
    assert "The Courier" in page.xpath("string(//title)")


def test_what_machines_are_told(newsroom: Newsroom) -> None:
    newsroom.publish()
    page, stored = page_of(newsroom, 1), newsroom.stored(1)
    said = data_of(page)

    assert said["@type"] == "NewsArticle"
    assert said["@id"] == stored.uri
    assert said["headline"] == stored.title
    assert said["datePublished"] == "2026-11-21T06:29:00+07:00"
    assert said["author"] == [
        {"@type": "Person", "name": "Hà Thu Lâm", "jobTitle": "Thiếu tá, Đồn biên phòng Pá Khoen"}
    ]
    assert said["image"][0]["creditText"] == "Ảnh: Lò Khang"
    assert said["mainEntityOfPage"] == meta(page, "og:url") == newsroom_address(newsroom, 1)
    assert meta(page, "og:type") == "article"
    assert meta(page, "description") == LEDE
    feeds = page.xpath('//link[@rel="alternate"]/@href')
    assert "https://courier.example/feeds/all.rss" in feeds
    assert "https://courier.example/feeds/economy.atom" in feeds


def test_nothing_is_fetched_but_pictures_and_no_script_runs(newsroom: Newsroom) -> None:
    newsroom.publish()
    page = page_of(newsroom, 1)

    assert page.xpath("//script/@type") == ["application/ld+json"]
    assert page.xpath('//link[@rel="stylesheet" or @rel="preload"]') == []
    assert not re.search(r"@import|url\(", page.xpath("string(//style)"))


def test_hostile_words_stay_words(newsroom: Newsroom) -> None:
    newsroom.edit(1, title=HOSTILE, lede=HOSTILE, correction=HOSTILE, tags=(HOSTILE,))
    newsroom.edit(3, pictures=(Picture('/media/a.jpg"onerror="x', HOSTILE, HOSTILE, HOSTILE),))
    newsroom.publish()
    page, other = page_of(newsroom, 1), page_of(newsroom, 3)

    assert page.xpath("string(//h1)") == " ".join(HOSTILE.split())
    assert data_of(page)["headline"] == " ".join(HOSTILE.split())
    assert page.xpath('//script[not(@type="application/ld+json")]') == []
    assert other.xpath("//img/@onerror") == []


@given(st.text(max_size=60))
def test_embedded_data_says_the_same_and_never_ends_its_element(text: str) -> None:
    inside = embedded({"headline": text})

    assert json.loads(inside) == {"headline": text}
    assert not set(inside) & set("<>&\u2028\u2029")


def test_a_correction_is_shown_with_its_date(newsroom: Newsroom) -> None:
    newsroom.edit(1, correction="Đò chở 14 người.", corrected=MORNING + timedelta(hours=2))
    newsroom.publish(timedelta(hours=2))
    page = page_of(newsroom, 1)

    note = page.xpath('normalize-space(//p[@class="correction"])')
    assert note.startswith("Đính chính (21 tháng 11, 2026):")
    assert note.endswith("Đò chở 14 người.")
    assert data_of(page)["correction"] == "Đò chở 14 người."


def test_no_caption_is_lost_where_the_picture_did_not_come(newsroom: Newsroom) -> None:
    newsroom.edit(1, pictures=(Picture(None, "Bến đò lúc sáu giờ.", "Ảnh: TL"),))
    newsroom.publish()

    assert "Bến đò lúc sáu giờ. Ảnh: TL" in page_of(newsroom, 1).xpath("normalize-space(//main)")


def test_file_and_server_give_the_same_bytes(newsroom: Newsroom) -> None:
    newsroom.publish()
    address = f"/articles/{newsroom.stored(1).id}"
    with newsroom.serving() as client:
        written = raw(client, address)
        slashed = raw(client, address + "/")
        for file in (newsroom.site / "public" / address[1:]).iterdir():
            file.unlink()
        made = raw(client, address + "?x")
        polled = raw(client, address + "?x", {"If-None-Match": written.headers["etag"]})

    assert written.content == slashed.content == made.content
    for name in ("etag", "last-modified", "content-type", "cache-control", "vary", "content-security-policy"):
        assert made.headers[name] == written.headers[name]
    assert polled.status_code == 304


def test_withdrawn_is_gone_and_restored_is_there_again(newsroom: Newsroom) -> None:
    newsroom.publish()
    stored = newsroom.stored(1)
    address = f"/articles/{stored.id}"
    with newsroom.serving() as client:
        assert raw(client, address).status_code == 200
        newsroom.withdraw(1)
        _, report = newsroom.publish(timedelta(minutes=15))
        gone = raw(client, address)

    assert report.removed == (f"articles/{stored.id}/index.html",)
    assert not (newsroom.site / "public" / address[1:]).exists()
    assert gone.status_code == 410
    assert "Toà soạn đã rút bài viết này." in gone.text
    assert stored.title not in gone.text


def test_an_article_with_an_address_of_its_own_is_found_there(newsroom: Newsroom) -> None:
    newsroom.publish()
    newsroom.edit(1, url="https://courier.example/tin/bến-đò")
    newsroom.publish(timedelta(minutes=15))
    with newsroom.serving() as client:
        answer = raw(client, f"/articles/{newsroom.stored(1).id}")

    assert answer.status_code == 308
    assert answer.headers["location"] == "https://courier.example/tin/b%E1%BA%BFn-%C4%91%C3%B2"


def test_what_is_dated_in_the_future_waits(newsroom: Newsroom) -> None:
    newsroom.add(30, published=MORNING + timedelta(hours=1))
    newsroom.publish()
    address = f"/articles/{newsroom.stored(30).id}"
    with newsroom.serving() as client:
        assert raw(client, address).status_code == 404
    assert newsroom.publish(timedelta(minutes=30))[1].written == ()
    assert address.encode() not in (newsroom.site / "public" / "sitemaps" / "articles-1.xml").read_bytes()

    _, report = newsroom.publish(timedelta(minutes=31))

    assert f"{address[1:]}/index.html" in report.written
    assert address.encode() in (newsroom.site / "public" / "sitemaps" / "articles-1.xml").read_bytes()


def test_a_second_run_writes_nothing_and_a_change_only_its_own_page(newsroom: Newsroom) -> None:
    newsroom.publish()
    times = {file: file.stat().st_mtime_ns for file in (newsroom.site / "public" / "articles").rglob("*")}

    assert newsroom.publish(timedelta(minutes=15))[1].written == ()
    newsroom.edit(1, lede="Mới.")
    _, report = newsroom.publish(timedelta(minutes=15))

    path = f"articles/{newsroom.stored(1).id}/index.html"
    assert set(report.written) == {path, "sitemaps/articles-1.xml"}
    moved = {file for file, time in times.items() if file.exists() and file.stat().st_mtime_ns != time}
    assert moved <= set((newsroom.site / "public" / path).parent.rglob("*")) | {
        (newsroom.site / "public" / path).parent
    }


def test_another_config_writes_every_page_anew(newsroom: Newsroom) -> None:
    newsroom.publish()
    newsroom.configure(site={"copyright": "© Báo Tin"})
    _, report = newsroom.publish(timedelta(minutes=15))

    assert len([path for path in report.written if path.startswith("articles/")]) == 7
    assert "© Báo Tin" in page_of(newsroom, 1).xpath("string(//footer)")


def test_a_template_that_fails_on_one_article_stops_no_other(newsroom: Newsroom) -> None:
    own = newsroom.site / "templates" / "web"
    own.mkdir(parents=True)
    (own / "article.css").write_text("")
    (own / "article.html").write_text(
        "{% if 'chuyến 3' in page.title %}{{ nobody }}{% endif %}{{ page.title }}"
    )
    _, report = newsroom.publish()

    assert len(report.problems) == 1
    assert "chuyến 3" in report.problems[0]
    assert "article.html:1" in report.problems[0]
    assert len([path for path in report.written if path.startswith("articles/")]) == 6

    (own / "article.html").write_text("{{ page.title }}!")
    _, mended = newsroom.publish(timedelta(minutes=15))

    assert mended.problems == ()
    assert len([path for path in mended.written if path.startswith("articles/")]) == 7


def test_nothing_here_says_so_in_the_reader_s_language(newsroom: Newsroom) -> None:
    with newsroom.serving() as client:
        answers = [
            raw(client, "/nowhere", {"Accept-Language": said})
            for said in ("vi-VN,vi;q=0.9", "fr, en;q=0.5", "")
        ]

    assert [answer.status_code for answer in answers] == [404] * 3
    assert "Không tìm thấy trang" in answers[0].text
    assert "Nothing is here" in answers[1].text
    assert "Nothing is here" in answers[2].text


def test_pages_stay_below_their_folder(newsroom: Newsroom, tmp_path: Path) -> None:
    newsroom.publish()

    assert {file.name for file in tmp_path.iterdir()} == {"site"}
    assert {file.name for file in newsroom.site.iterdir()} == {"public", "var"}


def newsroom_address(newsroom: Newsroom, number: int) -> str:
    return f"https://courier.example/articles/{newsroom.stored(number).id}"


@pytest.mark.parametrize("number", [1, 2])
def test_headings_are_in_order(newsroom: Newsroom, number: int) -> None:
    newsroom.publish()
    levels = [int(one.tag[1]) for one in page_of(newsroom, number).xpath("//h1|//h2|//h3|//h4")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
