"""``publisher ingest`` as a person meets it."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from publisher import app
from publisher.ingest.sources.article_schema import SCHEMA
from tests.conftest import REPOSITORY
from tests.ingest.newsroom import PAGE
from tests.journeys.site import make_site, rows


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Ended]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return make_site(tmp_path / "site")


@pytest.fixture
def run(
    site: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Run:
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> Ended:
        code = app.run(["--site", str(site), "ingest", *arguments])
        return Ended(code, *capsys.readouterr())

    return run


def test_what_is_printed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE)
    (tmp_path / "bad.jsonl").write_text('{"id": 1}\n{"id": 2, "title": "Two", "section": "GARDENS"}\n')

    ended = run("page.txt", "bad.jsonl", "gone.txt")

    assert ended.code == 1
    assert ended.out.splitlines() == [
        "page.txt: 3 new (page text)",
        "bad.jsonl: 1 new, 1 rejected (JSON Lines)",
        "4 new, 0 changed, 0 unchanged, 2 rejected",
    ]
    rejected, gone, note = ended.err.splitlines()
    assert rejected == "rejected: bad.jsonl:1: title: it is missing"
    assert gone == "rejected: gone.txt: there is no such file or folder"
    assert note.startswith(
        'note: bad.jsonl:2: no section is called "GARDENS", kept without one; config/site.yaml:'
    )


def test_what_is_printed_for_programs(run: Run, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(PAGE)

    ended = run("page.txt", "--json")

    report = json.loads(ended.out)
    assert ended.code == 0
    assert (report["new"], report["changed"], report["unchanged"], report["rejected"]) == (3, 0, 0, [])
    assert report["documents"][0]["format"] == "page text"


def test_exit_codes(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_text("")

    assert run().code == 2
    assert run("--nonsense").code == 2
    assert run("gone.txt").code == 3
    assert run("http://127.0.0.1:9/feed").code == 3
    assert run("empty.txt").code == 1


def test_the_schema_is_printed_without_a_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["--site", str(tmp_path / "nowhere"), "ingest", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == SCHEMA


def test_many_problems_are_not_all_printed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n" * 80 + '{"title": "x"}\n')

    ended = run("bad.jsonl")

    assert len(ended.err.splitlines()) == 51
    assert ended.err.splitlines()[-1] == "rejected: and 30 more; --json lists them all"
    assert len(json.loads(run("bad.jsonl", "--json").out)["rejected"]) == 80


def test_language_and_source_can_be_said(run: Run, site: Path, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": 1, "title": "x"}\n')

    run("a.jsonl", "--language", "vi", "--source", "desk")
    run("a.jsonl", "--source", "wire")

    assert rows(site, "SELECT source, language FROM article ORDER BY number") == [
        ("desk", "vi"),
        ("wire", "en"),
    ]


def test_standard_input(site: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "publisher", "--site", str(site), "ingest", "-"],
        input=PAGE.encode(),
        capture_output=True,
        check=False,
        cwd=site,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().splitlines()[0] == "-: 3 new (page text)"


def test_real_pages(run: Run, site: Path, pages: Path) -> None:
    """What has to be so of two pages of a real paper; their text stays out of the repository."""
    first = run(str(pages))
    second = run(str(pages))

    assert (first.code, second.code) == (0, 0)
    assert first.out.splitlines()[-1] == "26 new, 0 changed, 0 unchanged, 0 rejected"
    assert second.out.splitlines()[-1] == "0 new, 0 changed, 26 unchanged, 0 rejected"
    stored = rows(site, "SELECT title, lede, body, bylines, section, agency FROM article ORDER BY number")
    texts = [text for row in stored for text in row if text]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)
    assert not any(re.search(r"500/500|Please enter|characters left|Recent news", text) for text in texts)
    assert not any(row[0].startswith(("'", "•")) for row in stored)
    assert [row[4] for row in stored].count(None) == 1
    assert {row[5] for row in stored} == {"ĐBP"}


def test_no_sentence_of_the_real_pages_is_lost(run: Run, site: Path, pages: Path) -> None:
    run(str(pages))
    got = " ".join(
        re.sub(r"<[^<>]*>", " ", f"{title} {lede} {body} {' '.join(_makers(bylines))}")
        for title, lede, body, bylines in rows(site, "SELECT title, lede, body, bylines FROM article")
    )
    got = " ".join(got.replace("&amp;", "&").split())
    for file in sorted(pages.glob("*.txt")):
        own = file.read_text(encoding="utf-8").split("\nComment\n")[0]
        for line in own.splitlines():
            for sentence in re.split(r"(?<=[.!?])\s+", re.sub(r"^ĐBP [-–] ", "", line)):
                words = " ".join(unicodedata.normalize("NFC", sentence).split())
                # Rank and name stand on one line of a byline and in two fields of the store.
                parts = [words] if words in got else re.split(r"(?<=Colonel) ", words)
                assert all(part in got for part in parts), words


def _makers(bylines: str) -> list[str]:
    return [part for one in json.loads(bylines) for part in one.values()]
