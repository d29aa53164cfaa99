"""The whole way of real pages: what issue after issue of a provincial paper looks like on disk."""

import gzip
import json
import re
import shutil
import unicodedata
from pathlib import Path

import brotli
import feedparser
import pytest
from lxml import html

from publisher import app
from tests.journeys.site import make_site, outbox, published, rows

FORM = re.compile(r"500/500|Please enter|characters left|\bComment\b\s*$", re.MULTILINE)


@pytest.fixture(scope="module")
def site(pages: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site into which both pages came."""
    folder = make_site(tmp_path_factory.mktemp("pages") / "site")
    assert app.run(["--site", str(folder), "ingest", str(pages)]) == 0
    return folder


def test_twenty_six_articles_one_without_a_section(site: Path) -> None:
    found = rows(site, "SELECT title, section FROM article")

    assert len(found) == 26
    assert [title for title, section in found if section is None] == [
        "Fostering spiritual and cultural strength in the defensive area"
    ]


def test_a_second_time_nothing_changes(site: Path, pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = rows(site, "SELECT id, change, revision FROM article ORDER BY number")

    assert app.run(["--site", str(site), "ingest", str(pages), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["new"], report["changed"], report["unchanged"]) == (0, 0, 26)
    assert rows(site, "SELECT id, change, revision FROM article ORDER BY number") == before


def test_nothing_of_the_page_around_the_article_is_in_it(site: Path) -> None:
    for title, lede, body in rows(site, "SELECT title, lede, body FROM article"):
        assert not title.startswith(("'", "•")), title
        for text in (lede, body):
            assert not FORM.search(text)
            assert "Recent news" not in text
            assert unicodedata.is_normalized("NFC", text)


def test_captions_and_bylines_are_told_apart(site: Path) -> None:
    found = {
        title: (json.loads(pictures), json.loads(bylines), body)
        for title, pictures, bylines, body in rows(
            site, "SELECT title, pictures, bylines, body FROM article WHERE body != ''"
        )
    }
    assert len(found) == 2
    first, second = sorted(found, key=lambda title: title.startswith("Fostering"))

    pictures, bylines, body = found[first]
    assert [one["caption"][:20] for one in pictures] == [
        "Officers from Econom",
        "Livestock-support pr",
        "Soldiers and young v",
        "Young volunteer inte",
    ]
    assert [one["name"] for one in bylines] == ["Phạm Quang"]
    assert body.count("<figcaption>") == 4
    pictures, bylines, body = found[second]
    assert len(pictures) == 2
    assert bylines == [
        {
            "name": "Trịnh Đức Thiêm",
            "rank": "Senior Colonel",
            "office": "Commander of the Điện Biên provincial Military Command",
        }
    ]


def test_feeds_of_real_pages(site: Path) -> None:
    assert app.run(["--site", str(site), "publish"]) == 0
    before = {file: file.stat().st_mtime_ns for file in (site / "public").rglob("*")}
    contents = published(site)

    for form in ("rss", "atom"):
        parsed = feedparser.parse(site / "public" / "feeds" / f"all.{form}")
        assert not parsed.bozo
        ids = [entry.id for entry in parsed.entries]
        assert ids == [
            row[0] for row in rows(site, "SELECT uri FROM article ORDER BY date DESC, number DESC")
        ]
    plain = json.loads((site / "public" / "feeds" / "all.json").read_bytes())
    assert [one["id"] for one in plain["items"]] == ids

    assert app.run(["--site", str(site), "publish"]) == 0
    assert {file: file.stat().st_mtime_ns for file in (site / "public").rglob("*")} == before
    assert published(site) == contents


def test_every_coded_form_holds_the_same_bytes(tmp_path: Path) -> None:
    """Of the sample newsroom, which has archives: entries pass through the store before they are coded."""
    assert app.run(["demo", str(tmp_path / "demo"), "--json"]) == 0
    coded = sorted((tmp_path / "demo" / "public").rglob("*.gz"))
    assert any(re.search(r"\d{4}-\d\d\.atom", file.name) for file in coded)

    for file in coded:
        plain = file.with_suffix("").read_bytes()
        assert gzip.decompress(file.read_bytes()) == plain, file
        assert brotli.decompress(file.with_suffix(".br").read_bytes()) == plain, file


def test_the_letter_of_real_pages(site: Path, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "address,digest,consent_at,consent_from,consent_text\n"
        + "".join(
            f"{name}@example.com,morning,2026-01-01T00:00:00Z,https://courier.example,yes\n"
            for name in ("an", "binh", "chi")
        ),
        encoding="utf-8",
    )
    mine = tmp_path / "site"
    shutil.copytree(site, mine)
    assert app.run(["--site", str(mine), "subscribers", "import", str(people)]) == 0
    store = (mine / "var" / "publisher.sqlite3").read_bytes()
    assert app.run(["--site", str(mine), "preview", "morning", "--out", str(tmp_path / "out")]) == 0
    assert (mine / "var" / "publisher.sqlite3").read_bytes() == store, "a preview wrote to the store"

    assert app.run(["--site", str(mine), "send", "morning"]) == 0
    messages = outbox(mine)
    assert app.run(["--site", str(mine), "send", "morning"]) == 0
    assert len(outbox(mine)) == len(messages) == 3

    for message in messages:
        assert message.get_content_type() == "multipart/alternative"
        text, page = message.get_body(("plain",)), message.get_body(("html",))
        assert text is not None
        assert page is not None
        tree = html.document_fromstring(page.get_content())
        headlines = [" ".join("".join(one.itertext()).split()) for one in tree.iter("h1", "h2", "h3")]
        stored = {row[0] for row in rows(mine, "SELECT title FROM article")}
        in_html = [one for one in headlines if one in stored]
        flowed = " ".join(text.get_content().split())
        places = [flowed.find(title) for title in in_html]
        assert len(in_html) == 26
        assert -1 not in places
        assert places == sorted(places), "the parts tell the articles in different orders"
