"""publisher check-letter: messages, pages and editions."""

import json
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from publisher.app import run
from publisher.model.edition import Rendered, Selection
from publisher.store import editions, open_store
from tests.digest.letters import letter, rendered

Said = pytest.CaptureFixture[str]
TOKEN = "abcdefghijklmnopqrstuvwx"


def message(content: Rendered, *, charset_encoding: str = "quoted-printable") -> bytes:
    made = EmailMessage(policy=SMTP)
    made["Subject"] = content.subject
    made["From"] = "paper@muonglua.example"
    made["List-Unsubscribe"] = f"<https://muonglua.example/u/{TOKEN}>"
    text, html = (re.sub(r"/u/\w+", f"/u/{TOKEN}", part) for part in (content.text, content.html))
    made.set_content(text, cte=charset_encoding)
    made.add_alternative(html, subtype="html", cte=charset_encoding)
    return made.as_bytes()


def check(*arguments: str, site: Path | None = None) -> int:
    return run([*(["--site", str(site)] if site else []), "check-letter", *arguments])


def test_a_good_message_has_nothing_to_complain_of(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(message(rendered(letter("vi", 12))))

    assert check(str(file)) == 0
    said = capsys.readouterr()
    assert said.out.endswith("nothing to complain of\n")
    assert said.err == ""


def test_a_message_without_its_way_out_fails(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(message(rendered(letter("en", 6))).replace(f"/u/{TOKEN}".encode(), b"/u/another", 9))
    spoilt = file.read_bytes().replace(b"List-Unsubscribe: <https://muonglua.example/u/another>", b"")
    file.write_bytes(spoilt)

    assert check(str(file), "--json") == 1
    said = json.loads(capsys.readouterr().out)
    assert {(one["level"], one["rule"]) for one in said["findings"]} == {("fail", "unsubscribe")}


@pytest.mark.parametrize(("encoding", "least"), [("base64", 1.3), ("quoted-printable", 1.02)])
def test_a_messages_parts_are_measured_as_they_travel(
    tmp_path: Path, capsys: Said, encoding: str, least: float
) -> None:
    file = tmp_path / "letter.eml"
    content = rendered(letter("vi", 12))
    file.write_bytes(message(content, charset_encoding=encoding))

    assert check(str(file), "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert said["html_bytes"] == pytest.approx(len(content.html.encode()), abs=200)
    assert said["html_encoded_bytes"] >= said["html_bytes"] * least


def test_a_page_is_checked_without_its_text_part(tmp_path: Path, capsys: Said) -> None:
    file = tmp_path / "edition.html"
    file.write_text(rendered(letter("en", 6)).html.replace(' alt="', ' data-alt="'), encoding="utf-8")

    assert check(str(file)) == 1
    said = capsys.readouterr()
    assert "fail  picture-alt: the picture" in said.err
    assert "unsubscribe" not in said.err


@pytest.mark.parametrize(
    ("name", "content", "code", "says"),
    [
        ("absent.eml", None, 3, "no such file"),
        ("notes.eml", b"no letter at all", 2, "neither a message with headers nor an HTML page"),
        (
            "passwd.eml",
            b"root:x:0:0:/root\ndaemon:x:1\n",
            2,
            "neither a message with headers nor an HTML page",
        ),
        ("empty.eml", b"", 2, "neither a message with headers nor an HTML page"),
        ("picture.eml", b"Content-Type: image/png\n\nx", 2, "neither a text nor an HTML part"),
        ("binary.html", bytes(range(256)), 2, "neither a message with headers nor an HTML page"),
        ("broken.html", b"<p>\xff\xfe<a href=", 1, ""),
    ],
)
def test_what_is_no_letter_is_told_in_one_line(
    tmp_path: Path, capsys: Said, name: str, content: bytes | None, code: int, says: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)

    assert check(str(file)) == code
    said = capsys.readouterr().err
    assert says in said
    assert "Traceback" not in said


def test_an_edition_is_checked_by_its_name(tmp_path: Path, capsys: Said) -> None:
    site = tmp_path / "site"
    run(["init", str(site), "--title", "Courier", "--url", "https://muonglua.example"])
    due = datetime(2026, 11, 21, 23, tzinfo=UTC)
    selection = Selection(digest="morning", slot="2026-11-21", since=None, until=due, choices=())
    store = open_store("sqlite:///var/publisher.sqlite3", folder=site)
    with store.write() as tx:
        editions.add(tx, selection, rendered(letter("vi", 12)), (), now=due)
    store.close()
    capsys.readouterr()

    assert check("morning/2026-11-21", site=site) == 0
    assert "nothing to complain of" in capsys.readouterr().out
    assert check("morning/2026-11-22", site=site) == 2
    assert "there is no edition morning/2026-11-22" in capsys.readouterr().err
    assert check("mornin", site=site) == 2
    assert "an edition is written DIGEST/SLOT" in capsys.readouterr().err
