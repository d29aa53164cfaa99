"""``publisher preview``: the edition as files, and no trace of having looked."""

import hashlib
import json
from datetime import datetime, timedelta
from email import policy
from email.parser import BytesParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from publisher import app
from publisher.digest.issue import make
from publisher.model.article import ArticleData, Picture
from publisher.model.slot import Slot
from publisher.settings.load import load
from publisher.store import Store, articles, open_store
from tests import stores
from tests.digest.newsroom import MORNING, SLOT, TITLES
from tests.digest.test_pictures import drawing

SITE = """\
site:
  title: {en: The Courier, vi: Báo Tin}
  url: https://courier.example
  languages: [en, vi]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
  postal_address: 1 Lưa Street
sections:
  economy: {title: {en: Economy, vi: Kinh tế}}
  culture: {title: {en: Culture, vi: Văn hoá}}
digests:
  daily: {title: {en: The Morning, vi: Buổi sáng}, per_section: 3}
  plain: {title: {en: The Plain}, layout: text}
  weekly: {title: {en: The Week}, slot: week}
mail: {sender: news@courier.example}
"""
AT = "2026-11-21T06:30"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "site.yaml").write_text(SITE, encoding="utf-8")
    (folder / "config" / "schedule.yaml").write_text("jobs: {}\n", encoding="utf-8")
    (folder / "public" / "media").mkdir(parents=True)
    (folder / "public" / "media" / "ferry.jpg").write_bytes(drawing(1600, 1000))
    store = stores.make(folder)
    pictures = (Picture(url="/media/ferry.jpg", alt="A ferry", caption="At noon."),)
    bring(store, 0, pictures=pictures)
    bring(store, 1, section="culture", pictures=pictures)
    for number in range(2, 6):
        bring(store, number)
    bring(store, 6, language="vi", title="Phà Nậm Lưa chạy lại", section=None)
    store.close()
    return folder


def a_store(folder: Path) -> Store:
    return open_store("sqlite:///var/publisher.sqlite3", folder=folder)


def bring(store: Store, number: int, **values: Any) -> None:
    date = MORNING - timedelta(hours=number + 1)
    content: dict[str, Any] = {
        "title": TITLES[number],
        "language": "en",
        "section": "economy",
        "lede": f"What happened is told in the lede of article number {number}.",
        "published": date,
    }
    with store.write() as tx:
        articles.add(
            tx,
            ArticleData(**(content | values)),
            source="desk",
            keys=[f"k{number}"],
            authority="courier.example,2026",
            now=date,
        )


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def run(site: Path, *arguments: str) -> int:
    return app.run(["--site", str(site), "preview", *arguments])


def test_it_writes_four_files_and_the_pictures_and_leaves_no_other_trace(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = hashes(site)

    code = run(site, "daily", "--at", AT, "--out", str(out))

    assert code == 0
    assert hashes(site) == before
    assert sorted(file.name for file in out.iterdir()) == [
        "edition.eml",
        "edition.html",
        "edition.txt",
        "media",
        "selection.json",
    ]


def test_the_page_stands_by_itself_on_the_disk(site: Path, tmp_path: Path) -> None:
    run(site, "daily", "--at", AT, "--out", str(tmp_path / "out"))

    page = (tmp_path / "out" / "edition.html").read_text(encoding="utf-8")

    sources = [part.split('"')[0] for part in page.split('src="')[1:]]
    assert sources
    assert all((tmp_path / "out" / unquote(source)).is_file() for source in sources)
    assert "https://courier.example/media/" not in page


def test_the_message_holds_both_parts_with_the_same_articles_in_order(site: Path, tmp_path: Path) -> None:
    run(site, "daily", "--at", AT, "--out", str(tmp_path / "out"))

    content = (tmp_path / "out" / "edition.eml").read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(content)
    plain, page = message.iter_parts()
    told = json.loads((tmp_path / "out" / "selection.json").read_text(encoding="utf-8"))

    assert message.get_content_type() == "multipart/alternative"
    assert message["To"] == "news@courier.example"
    assert message["Subject"] == told["subject"] == TITLES[0]
    for part in (plain, page):
        body = part.get_content()
        places = [body.index(f"/articles/{one['id']}") for one in told["picked"]]
        assert places == sorted(places)
        assert "TokenGoesHere" not in body


def test_the_selection_is_explained(site: Path, tmp_path: Path) -> None:
    run(site, "daily", "--at", AT, "--out", str(tmp_path / "out"))

    told = json.loads((tmp_path / "out" / "selection.json").read_text(encoding="utf-8"))

    assert (told["digest"], told["slot"], told["state"]) == ("daily", "2026-11-21", "preview")
    assert (told["since"], told["until"]) == (None, "2026-11-20T23:30:00Z")
    assert [one["reason"] for one in told["picked"]] == ["lead", "recent", "recent", "recent", "recent"]
    assert told["picked"][-1]["section"] is None
    assert [(one["title"], one["reason"], one["detail"]) for one in told["left_out"]] == [
        (TITLES[4], "section full", "number 4 of its section, limit 3"),
        (TITLES[5], "section full", "number 5 of its section, limit 3"),
    ]
    assert told["counts"] == {"lead": 1, "recent": 4, "section full": 2}


def test_it_says_on_the_screen_what_would_go(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, "daily", "--at", AT) == 0

    said = capsys.readouterr().out
    assert "; nothing was sent or recorded" in said
    assert "5 in, 2 left out" in said
    assert f"{TITLES[0]}  (lead: newest with a picture, 1 hour old)" in said
    assert (site / "var" / "preview" / "daily" / "2026-11-21" / "edition.html").is_file()


def test_json_is_one_document(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(site, "daily", "--at", AT, "--json")

    told = json.loads(capsys.readouterr().out)

    assert told["state"] == "preview"
    assert all(Path(file).is_file() for file in told["files"])


def test_an_edition_that_is_made_is_shown_as_it_is(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = a_store(site)
    made = make(
        store,
        settings=load(site, {}),
        site=site,
        digest="daily",
        slot=SLOT,
        now=datetime.fromisoformat("2026-11-21T06:30:05+07:00"),
    )
    bring(store, 9)
    store.close()
    assert made.edition is not None

    run(site, "daily", "--at", AT, "--out", str(tmp_path / "out"))

    said = capsys.readouterr().out
    assert (
        "made already, on 2026-11-20 23:30 UTC; this is what it holds; no letter of it has gone yet" in said
    )
    page = (tmp_path / "out" / "edition.html").read_text(encoding="utf-8")
    assert page.replace("media/", "https://courier.example/media/") == made.edition.content.html
    assert len(list((tmp_path / "out" / "media").iterdir())) == 2
    assert TITLES[9] not in page


def test_a_text_letter_has_no_page_and_an_old_one_does_not_stay(site: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(site, "daily", "--at", AT, "--out", str(out))

    run(site, "plain", "--at", AT, "--out", str(out))

    assert not (out / "edition.html").exists()
    assert TITLES[0] in (out / "edition.txt").read_text(encoding="utf-8")


def test_a_slot_with_nothing_to_say_tells_so(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, "daily", "--at", "2020-11-01") == 0

    said = capsys.readouterr().out
    assert "daily 2020-11-01: this slot is over and had no letter; it would be skipped: nothing new" in said
    assert run(site, "daily", "--at", "2099-11-01") == 0
    assert "daily 2099-11-01: would be skipped: nothing new (no article is recent)" in capsys.readouterr().out


def test_a_slot_that_was_skipped_says_why(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = a_store(site)
    begun = datetime.fromisoformat("2026-11-01T06:30:00+07:00")
    slot = Slot("2026-11-01", begun)
    make(store, settings=load(site, {}), site=site, digest="daily", slot=slot, now=begun)
    bring(store, 9, published=begun - timedelta(hours=3))
    store.close()

    assert run(site, "daily", "--at", "2026-11-01") == 0

    said = capsys.readouterr().out
    assert (
        "daily 2026-11-01: no letter went: nothing new (no article is recent); this is what it would" in said
    )
    assert TITLES[9] in said


@pytest.mark.parametrize(
    ("when", "slot"),
    [("2026-11-21", "2026-W47"), ("2026-W47", "2026-W47"), ("2026-11-20T23:30Z", "2026-W47")],
)
def test_a_week_is_named_by_any_of_its_days(site: Path, tmp_path: Path, when: str, slot: str) -> None:
    run(site, "weekly", "--at", when, "--out", str(tmp_path / "out"))

    assert json.loads((tmp_path / "out" / "selection.json").read_text(encoding="utf-8"))["slot"] == slot


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["dayly"], 2, "there is no digest 'dayly'; did you mean 'daily'?"),
        (["daily", "--at", "yesterday"], 2, "--at: 'yesterday' is no slot; write a date (2026-11-21)"),
        ([], 2, "missing argument 'DIGEST' (see: publisher preview --help)"),
    ],
)
def test_mistakes_are_one_line(
    site: Path, arguments: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(site, *arguments) == code

    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


def test_without_a_store_it_says_what_to_do_and_makes_none(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for file in (site / "var").iterdir():
        file.unlink()

    assert run(site, "daily") == 3

    assert "there is none yet; bring articles in with: publisher ingest PATH" in capsys.readouterr().err
    assert list((site / "var").iterdir()) == []


def test_a_template_mistake_is_one_line_with_its_place(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (site / "templates" / "digest").mkdir(parents=True)
    (site / "templates" / "digest" / "masthead.html").write_text("\n{{ nobody }}\n")

    assert run(site, "daily", "--at", AT) == 2

    said = capsys.readouterr().err
    assert "masthead.html:2: 'nobody' is undefined" in said
    assert said.count("\n") == 1


def test_a_folder_that_cannot_be_written_is_one_line(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(site, "daily", "--at", AT, "--out", str(site / "config" / "site.yaml" / "x")) == 3

    assert "not a directory" in capsys.readouterr().err
