from pathlib import Path

import pytest

from publisher.app import run
from publisher.settings import jsonschema
from publisher.settings.load import load
from tests.conftest import REPOSITORY


def test_a_new_site_passes_check_and_strict_names_what_is_left_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "paper"
    assert run(["init", str(site)]) == 0
    said = capsys.readouterr().out
    assert f"made {site}/config/site.yaml" in said
    assert "publisher check" in said
    assert run(["--site", str(site), "check"]) == 0
    assert "site.url: https://muonglua.example is a placeholder" in capsys.readouterr().out
    assert run(["--site", str(site), "check", "--strict"]) == 1


def test_it_is_the_commented_config_byte_for_byte(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path)]) == 0
    schemas = [f".schema/{jsonschema.file_name(which)}" for which in jsonschema.NAMES]
    for name in ("site.yaml", "schedule.yaml", "calendar.yaml", *schemas):
        assert (tmp_path / "config" / name).read_bytes() == (REPOSITORY / "config" / name).read_bytes()


def test_the_first_run_of_a_new_site_finds_no_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path)]) == 0
    assert run(["--site", str(tmp_path), "run", "--once"]) == 0
    said = capsys.readouterr().out
    assert "pull  done" in said
    assert "publish  done" in said
    assert (tmp_path / "public" / "feeds" / "all.rss").is_file()


def test_what_is_known_of_the_newsroom_goes_into_the_config(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wishes = [
        "--title",
        "Bưu điện: Núi Đôi",
        "--url",
        "https://www.nuidoi.vn/",
        "--timezone",
        "Europe/Berlin",
    ]
    assert run(["init", str(tmp_path), *wishes]) == 0
    settings = load(tmp_path, {})
    assert settings.site.title == {"en": "Bưu điện: Núi Đôi", "vi": "Bưu điện: Núi Đôi"}
    assert settings.site.url == "https://www.nuidoi.vn"
    assert settings.site.timezone == "Europe/Berlin"
    assert settings.site.tag_authority.startswith("nuidoi.vn,20")
    assert settings.mail.sender == settings.site.email == "newsroom@nuidoi.vn"
    assert settings.site.postal_address == ""
    assert settings.site.description == {}
    capsys.readouterr()
    run(["--site", str(tmp_path), "check", "--strict"])
    assert "placeholder" not in capsys.readouterr().out


def test_a_config_that_is_there_is_never_touched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "schedule.yaml").write_text("jobs: {}\n")
    assert run(["init", str(tmp_path)]) == 2
    assert "schedule.yaml is there already" in capsys.readouterr().err
    assert [file.name for file in (tmp_path / "config").iterdir()] == ["schedule.yaml"]
    assert (tmp_path / "config" / "schedule.yaml").read_text() == "jobs: {}\n"


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (["--url", "nuidoi"], "--url: 'nuidoi' is no web address"),
        (["--timezone", "Berlin"], "did you mean Europe/Berlin"),
        (["--sender", "me"], "--sender: 'me' is no e-mail address"),
    ],
)
def test_a_wish_that_makes_no_sense_makes_nothing(
    wish: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path / "new"), *wish]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["init", str(tmp_path / "file" / "site")]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
