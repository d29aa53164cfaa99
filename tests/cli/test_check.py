import json
import socket
from pathlib import Path

import pytest

from publisher.app import run
from publisher.settings import jsonschema
from publisher.store import open_store

Said = pytest.CaptureFixture[str]


@pytest.fixture
def site(tmp_path: Path, capsys: Said) -> Path:
    """A new site with a name of its own: valid, with nothing to complain about but what a test changes."""
    folder = tmp_path / "site"
    assert run(["init", str(folder), "--title", "Courier", "--url", "https://courier.org"]) == 0
    (folder / "var" / "inbox").mkdir(parents=True, exist_ok=True)
    edit(folder, "site", "#postal_address: 14 Bến Đò Street", "postal_address: 14 Bến Đò Street")
    capsys.readouterr()
    return folder


def edit(site: Path, which: str, old: str, new: str) -> None:
    file = site / "config" / f"{which}.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_of(site: Path, which: str, text: str) -> int:
    lines = (site / "config" / f"{which}.yaml").read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def check(site: Path, *options: str) -> int:
    return run(["--site", str(site), "check", *options])


def test_a_site_without_mistakes_says_so(site: Path, capsys: Said) -> None:
    assert check(site, "--strict") == 0
    assert capsys.readouterr().out == "No mistakes.\n"


def test_five_mistakes_in_two_files_are_told_at_once_with_line_and_column(site: Path, capsys: Said) -> None:
    edit(site, "site", "timezone: Asia/Ho_Chi_Minh", "timezone: Asia/Ho_Chi_Mihn")
    edit(site, "site", "layout: recent", "lay-out: recent")
    edit(site, "site", "max_age: 8d", "max_age: 8 days")
    edit(site, "schedule", "run: send morning", "run: send mornin")
    edit(site, "schedule", "cron: 0 17 * * fri", "cron: 0 17 * * friday")
    assert check(site) == 2
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("config/")]
    zone, layout, age = (line_of(site, "site", text) for text in ("Ho_Chi_Mihn", "lay-out", "8 days"))
    send, friday = line_of(site, "schedule", "send mornin"), line_of(site, "schedule", "friday")
    assert lines == [
        (
            f"config/site.yaml:{zone}:13: site.timezone: 'Asia/Ho_Chi_Mihn' is no time zone; "
            "did you mean Asia/Ho_Chi_Minh"
        ),
        f"config/site.yaml:{layout}:5: digests.morning.lay-out: there is no such key; did you mean layout",
        f"config/site.yaml:{age}:14: digests.tuan.max_age: '8 days' is no span; did you mean 8d",
        (
            f"config/schedule.yaml:{send}:10: jobs.morning.run: there is no digest 'mornin'; "
            "did you mean send morning"
        ),
        (
            f"config/schedule.yaml:{friday}:11: jobs.tuan.cron: '0 17 * * friday' is no cron line: "
            "bad day-of-week; did you mean '0 17 * * fri'"
        ),
    ]


def test_the_source_line_stands_below_each_mistake_with_a_mark_under_the_column(
    site: Path, capsys: Said
) -> None:
    edit(site, "site", "layout: recent", "layout: recnt")
    check(site)
    shown = capsys.readouterr().out.splitlines()
    assert shown[1] == "        layout: recnt"
    assert shown[2].index("^") == shown[1].index("recnt")
    assert shown[3] == "1 mistake in the config."


def test_lints_count_only_when_strict(site: Path, capsys: Said) -> None:
    edit(site, "schedule", "run: send tuan", "run: send morning")
    assert check(site) == 0
    said = capsys.readouterr().out
    assert "digests.tuan: no job sends this digest" in said
    assert "things to look at" in said
    assert check(site, "--strict") == 1


def test_json_carries_the_same_for_programs(site: Path, capsys: Said) -> None:
    edit(site, "schedule", "run: send tuan", "run: send tuna")
    assert check(site, "--json") == 2
    result = json.loads(capsys.readouterr().out)
    (error,) = result["errors"]
    assert result["valid"] is False
    assert (error["file"], error["column"], error["path"]) == ("config/schedule.yaml", 10, "jobs.tuan.run")
    assert error["hint"] == "did you mean send tuan"
    assert error["source_line"] == "    run: send tuna"
    edit(site, "schedule", "run: send tuna", "run: send tuan")
    assert check(site, "--json") == 0
    assert len(json.loads(capsys.readouterr().out)["fingerprint"]) == 64


@pytest.mark.parametrize("which", jsonschema.NAMES)
def test_it_prints_the_schema_without_a_site(which: str, tmp_path: Path, capsys: Said) -> None:
    assert run(["--site", str(tmp_path), "check", "--schema", which]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == f"config/{which}.yaml"


def test_a_folder_that_is_no_site_is_one_line_with_the_way_out(tmp_path: Path, capsys: Said) -> None:
    assert check(tmp_path) == 2
    first, *_ = capsys.readouterr().out.splitlines()
    assert "there is no site in" in first
    assert "publisher init DIR" in first


def test_one_file_that_is_missing_is_a_mistake(site: Path, capsys: Said) -> None:
    (site / "config" / "schedule.yaml").unlink()
    assert check(site) == 2
    assert "config/schedule.yaml:1:1: there is no such file" in capsys.readouterr().out


def test_it_changes_nothing(site: Path) -> None:
    before = sorted(path.relative_to(site) for path in site.rglob("*"))
    check(site)
    assert sorted(path.relative_to(site) for path in site.rglob("*")) == before


def test_a_password_that_is_needed_is_named_and_never_printed(
    site: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLISHER_SMTP_PASSWORD", raising=False)
    edit(
        site,
        "site",
        "transport: maildir",
        "transport: smtp\n  smtp: {host: smtp.courier.org, username: desk}",
    )
    assert check(site) == 2
    assert "environment: PUBLISHER_SMTP_PASSWORD: is not set" in capsys.readouterr().out
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "correct horse")
    assert check(site, "--strict") == 0
    assert "correct horse" not in capsys.readouterr().out
    monkeypatch.delenv("PUBLISHER_SMTP_PASSWORD")
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD_FILE", str(site / "none"))
    assert check(site) == 2
    assert "No such file" in capsys.readouterr().out


def test_a_relay_has_a_password_of_its_own_or_the_common_one(
    site: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "_SECOND_HOUSE", "_FIRST"):
        monkeypatch.delenv(f"PUBLISHER_SMTP_PASSWORD{name}", raising=False)
    relays = (
        "second-house: {host: a.courier.org, username: desk}, first: {host: b.courier.org, username: desk}"
    )
    edit(site, "site", "transport: maildir", f"transport: smtp\n  relays: {{{relays}}}")
    assert check(site) == 2
    said = capsys.readouterr().out
    needs = "is not set, and mail.relays.second-house.username needs it"
    assert f"environment: PUBLISHER_SMTP_PASSWORD_SECOND_HOUSE: {needs}" in said
    assert "environment: PUBLISHER_SMTP_PASSWORD_FIRST: is not set" in said
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD_SECOND_HOUSE", "correct horse")
    assert check(site) == 2
    assert "SECOND_HOUSE" not in capsys.readouterr().out
    monkeypatch.setenv("PUBLISHER_SMTP_PASSWORD", "battery staple")
    assert check(site, "--strict") == 0
    said = capsys.readouterr().out
    assert "horse" not in said
    assert "staple" not in said


def test_a_signing_key_that_is_needed_is_named(
    site: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PUBLISHER_DKIM_ED25519", raising=False)
    edit(site, "site", "transport: maildir", "transport: maildir\n  dkim: {ed25519: courier-ed}")
    assert check(site) == 2
    assert (
        "environment: PUBLISHER_DKIM_ED25519: is not set, and the selector courier-ed"
        in capsys.readouterr().out
    )
    edit(site, "site", "{ed25519: courier-ed}", "{ed25519: courier-ed, private_key: MIIEv}")
    assert check(site) == 2
    said = capsys.readouterr().out
    assert "set PUBLISHER_DKIM_RSA or PUBLISHER_DKIM_ED25519 in the environment" in said
    assert "MIIEv" not in said


def test_a_store_that_does_not_answer_is_told(site: Path, capsys: Said) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        edit(site, "site", "#url: sqlite:///var/publisher.sqlite3", f"url: postgresql://u@127.0.0.1:{port}/p")
        assert check(site) == 2
    assert "environment: store: " in capsys.readouterr().out


def test_a_store_that_is_no_database_is_told(site: Path, capsys: Said) -> None:
    (site / "var" / "publisher.sqlite3").write_bytes(b"not a database at all" * 100)
    assert check(site) == 2
    assert "not a database" in capsys.readouterr().out


def test_with_a_store_digests_without_subscribers_are_told(site: Path, capsys: Said) -> None:
    open_store("sqlite:///var/publisher.sqlite3", folder=site).close()
    assert check(site, "--strict") == 1
    assert "digests.morning: nobody has subscribed to this digest" in capsys.readouterr().out


def test_templates_that_cannot_be_parsed_are_told_with_their_line(site: Path, capsys: Said) -> None:
    (site / "templates" / "digest").mkdir(parents=True)
    (site / "templates" / "digest" / "foot.html").write_text("<p>\n{% if x %}\n")
    edit(site, "site", '#subject: "{{ lead.title }}"', 'subject: "{{ lead.title }"')
    assert check(site) == 2
    said = capsys.readouterr().out
    assert "environment: templates/digest/foot.html:2: " in said
    assert "environment: digests.morning.subject: is no template" in said


def test_a_file_where_a_folder_belongs_is_told(site: Path, capsys: Said) -> None:
    (site / "public").write_text("")
    assert check(site) == 2
    assert "environment: public: is a file where a folder belongs" in capsys.readouterr().out


def test_a_note_that_is_missing_beside_another_is_told(site: Path, capsys: Said) -> None:
    folder = site / "config/notes/morning"
    folder.mkdir(parents=True)
    for name in (
        "2999-01-01.vi",
        "2999-01-02",
        "2999-01-03.en",
        "2999-01-03.vi",
        "2999-01-04",
        "2999-01-04.de",
    ):
        (folder / f"{name}.md").write_text("Words.", encoding="utf-8")
    for over in ("2001-01-01.vi", "tomorrow"):
        (folder / f"{over}.md").write_text("Words.", encoding="utf-8")

    assert run(["--site", str(site), "check"]) == 0

    said = [line for line in capsys.readouterr().out.splitlines() if "notes" in line]
    assert said == [
        "environment: config/notes/morning/tomorrow.md: names no slot: write 2026-11-21.md or 2026-W47.md",
        "environment: config/notes/morning/2999-01-01.en.md: there is none, and there is a note in vi",
        "environment: config/notes/morning/2999-01-04.de.md: is left out: morning is in en, vi",
    ]
