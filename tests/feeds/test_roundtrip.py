"""Whatever a valid article contains, every format gives it back."""

import json
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape, unescape

import feedparser
import jsonschema
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from lxml import etree

from publisher.feeds import build, formats, registry
from publisher.feeds.clean import line, uri
from publisher.feeds.content import material
from publisher.model.article import Article, Byline, Picture
from publisher.model.feed import FORMATS, Chain, Feed, Format, Tombstone
from tests.feeds import parsed
from tests.feeds.jsonfeed_schema import SCHEMA
from tests.feeds.newsroom import article, settings

CONFIG = settings(feeds={"hub": "https://hub.example/"})
HOSTILE = 'Trẻ <18 tuổi & "AT&T" ]]> &amp;'
# The controls and the lone surrogates are left in: the last gate has to hold whatever a source let through.
TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Cn"), exclude_characters="\ufffd"), min_size=1, max_size=60
).filter(lambda text: line(text) != "")
MOMENT = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
ADDRESS = st.builds(
    lambda host, path: f"https://{host}.example/{path}",
    st.sampled_from(["courier", "báo-đồi", "xn--bo-hia"]),
    st.text(st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp", "Cn")), max_size=30),
)
PICTURE = st.builds(
    Picture,
    url=st.none() | ADDRESS,
    caption=TEXT,
    credit=TEXT,
    alt=TEXT,
    width=st.none() | st.integers(1, 9000),
    height=st.none() | st.integers(1, 9000),
    media_type=st.none() | st.sampled_from(["image/jpeg", "image/webp"]),
    length=st.none() | st.integers(1, 10**7),
)
ARTICLE = st.builds(
    article,
    title=WORDS,
    language=st.sampled_from(["vi", "en", "ar", "zh-Hant-TW"]),
    section=st.none() | st.sampled_from(["economy", "politics", "gone"]),
    agency=st.sampled_from(["", "BĐ"]),
    lede=TEXT,
    body=st.lists(WORDS.map(lambda text: f"<p>{escape(text)}</p>"), max_size=4).map("".join),
    pictures=st.lists(PICTURE, max_size=3).map(tuple),
    bylines=st.lists(st.builds(Byline, TEXT), max_size=3).map(tuple),
    tags=st.lists(TEXT, max_size=3).map(tuple),
    url=st.none() | ADDRESS,
    comments=st.none() | ADDRESS,
    published=MOMENT,
    updated=st.none() | MOMENT,
    correction=TEXT,
    corrected=st.none() | MOMENT,
)


def feed_of(*articles: Article, **options: object) -> Feed:
    plan = registry.plans(CONFIG)[0]
    return build.feed(
        plan,
        CONFIG,
        feed_id=build.mint(plan, CONFIG),
        updated=max(one.significant for one in articles),
        articles=articles,
        **options,  # type: ignore[arg-type]
    )


@effort(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(one=ARTICLE)
@example(one=article(title=HOSTILE, lede=HOSTILE, correction=HOSTILE, bylines=(Byline(HOSTILE),)))
@example(one=article(title="\ud800Mưa \x00lớn\x1b", lede="a\udfffb\x08", bylines=(Byline("\ud83d"),)))
@example(one=article(title="مرحبا بالعالم 👩‍👩‍👧‍👦 שלום", language="ar"))
@example(one=article(title="Mường Lưa " * 40))
def test_every_format_gives_back_title_id_link_dates_and_text(one: Article) -> None:
    feed = feed_of(one)
    texts = set()
    for form in FORMATS:
        [read] = parsed.entries(form, formats.render(form, feed))
        assert read.id == one.uri
        assert read.title == line(one.title)
        assert read.link == uri(one.url or f"https://courier.example/articles/{one.id}")
        assert read.published == one.date.replace(microsecond=0)
        assert read.updated.replace(microsecond=0) == one.significant.replace(microsecond=0)
        assert read.authors
        assert line(one.lede) in (read.summary, "")
        for part in (line(one.lede), line(one.correction), *words_of(one.body)):
            assert part in read.words or unicodedata.normalize("NFC", part) in read.words
        texts.add(read.html)
    assert len(texts) == 1


def words_of(body: str) -> list[str]:
    return [" ".join(parsed.words(part).split()) for part in body.split("</p>") if part]


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(articles=st.lists(ARTICLE, min_size=1, max_size=3))
def test_feedparser_and_the_schema_of_json_feed_have_nothing_to_say(articles: list[Article]) -> None:
    feed = feed_of(*articles, tombstones=[Tombstone("tag:courier.example,2026:gone", articles[0].date)])
    forms: tuple[Format, ...] = ("rss", "atom")
    for form in forms:
        read = feedparser.parse(formats.render(form, feed))
        assert not read.bozo, read.get("bozo_exception")
        assert len(read.entries) == len(articles)
    jsonschema.validate(
        json.loads(formats.render("json", feed)), SCHEMA, format_checker=jsonschema.FormatChecker()
    )


@pytest.mark.parametrize("title", [HOSTILE, "AT&T & R&D", "1 < 2 > 0", "a ]]> b", "“Gừng trước, ao sau”"])
def test_titles_come_through_feedparser_as_they_are(title: str) -> None:
    forms: tuple[Format, ...] = ("rss", "atom")
    for form in forms:
        [entry] = feedparser.parse(formats.render(form, feed_of(article(title=title)))).entries
        detail = entry.title_detail
        said = unescape(entry.title) if detail.type == "text/html" else entry.title
        assert said == title


def test_a_text_stands_in_its_place_as_lxml_would_write_it() -> None:
    """The text does not go through the tree that all else goes through; nobody must see a difference."""
    html = 'a\r\nb & <c> "d" ]]> ảnh \U0001f600 .</content:encoded><![CDATA[.]]>'
    one = material(article(title=".</title>", lede=""), build.manner(CONFIG, "both"))
    wanted = etree.Element("content")
    wanted.text = html
    text = etree.tostring(wanted, encoding="UTF-8", xml_declaration=False)[len(b"<content>") :][
        : -len(b"</content>")
    ]
    forms: dict[Format, bytes] = {"rss": b"<content:encoded>", "atom": b'<content type="html">'}
    for form, place in forms.items():
        assert place + text + b"</" in formats.entry(form, replace(one, html=html))
        assert place + b"</" in formats.entry(form, replace(one, html=""))


def test_addresses_in_the_text_are_absolute() -> None:
    body = (
        '<p><a href="tin.html">a</a> <a href="/kinh-te/?q=gừng &amp; gạo">b</a> <a href="#gia">c</a> '
        '<img src="/media/a b.jpg" srcset="/media/a.jpg 1x, b.jpg 2x" alt="x > y"> '
        '<a title="href=&quot;x&quot;" href="//cdn.example/ảnh.jpg">d</a></p>'
        '<blockquote cite="../n"></blockquote>'
    )
    base = "https://courier.example/kinh-te/bai.html"
    for form in FORMATS:
        [read] = parsed.entries(form, formats.render(form, feed_of(article(body=body, url=base))))
        for wanted in (
            'href="https://courier.example/kinh-te/tin.html"',
            'href="https://courier.example/kinh-te/?q=g%E1%BB%ABng%20&amp;%20g%E1%BA%A1o"',
            f'href="{base}#gia"',
            'src="https://courier.example/media/a%20b.jpg"',
            'srcset="https://courier.example/media/a.jpg 1x, https://courier.example/kinh-te/b.jpg 2x"',
            'href="https://cdn.example/%E1%BA%A3nh.jpg"',
            'cite="https://courier.example/n"',
            'title="href=&quot;x&quot;"',
        ):
            assert wanted in read.html, wanted


def test_content_is_full_summary_or_both() -> None:
    one = article()
    for content, wanted in {"full": (False, True), "summary": (True, False), "both": (True, True)}.items():
        config = settings(feeds={"content": content})
        plan = registry.plans(config)[0]
        feed = build.feed(plan, config, feed_id="tag:x", updated=one.significant, articles=[one])
        [atom] = parsed.entries("atom", formats.render("atom", feed))
        assert (bool(atom.summary), bool(atom.html)) == wanted
        item = json.loads(formats.render("json", feed))["items"][0]
        assert ("content_html" in item) == wanted[1]
        rss = formats.render("rss", feed)
        assert (b"<content:encoded>" in rss) == (content == "both")
        assert rss.count(b"<description>") == 2


def test_an_archive_document_in_json_leads_to_the_one_before() -> None:
    feed = feed_of(article(), chain=Chain("2026-10", "2026-09", "2026-11"))
    said = json.loads(formats.render("json", feed))
    assert said["feed_url"] == "https://courier.example/feeds/all/2026-10.json"
    assert said["next_url"] == "https://courier.example/feeds/all/2026-09.json"
    jsonschema.validate(said, SCHEMA)


def test_a_correction_is_significant_and_a_later_edit_is_not() -> None:
    noon = datetime(2026, 11, 3, 5, tzinfo=UTC)
    one = article(published=noon, corrected=noon + timedelta(hours=2), modified=noon + timedelta(hours=9))
    [read] = parsed.entries("atom", formats.render("atom", feed_of(one)))
    assert read.published == noon
    assert read.updated.replace(microsecond=0) == noon + timedelta(hours=2)


def test_articles_of_one_moment_have_their_order_in_updated() -> None:
    one, other = article(7), article(8, published=article(7).date)
    reads = [parsed.entries("atom", formats.render("atom", feed_of(each)))[0] for each in (one, other)]
    assert reads[0].published == reads[1].published
    assert reads[0].updated < reads[1].updated < reads[0].updated + timedelta(seconds=1)
