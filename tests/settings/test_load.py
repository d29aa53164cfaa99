import subprocess
import sys
from pathlib import Path

import pytest

from publisher.errors import ConfigError
from publisher.settings.load import fingerprint, load, read, read_site, secret
from publisher.settings.places import Place
from publisher.settings.problems import ConfigProblems
from tests.conftest import REPOSITORY
from tests.settings.mistakes_in_schedule import VALID as SCHEDULE
from tests.settings.mistakes_in_site import VALID as SITE


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "config" / "schedule.yaml").write_text(SCHEDULE, encoding="utf-8")
    return tmp_path


def test_it_returns_settings_that_know_where_everything_stands(site: Path) -> None:
    settings = load(site, {})
    assert settings.jobs["morning"].cron == "30 6 * * *"
    assert settings.places.find("sections.economy.aliases") == Place("config/site.yaml", 13, 5)
    assert settings.places.find("jobs.morning.catch_up") == Place("config/schedule.yaml", 5, 3)
    assert settings.places.find("digests.morning.sections[1].limit") == Place("config/site.yaml", 32, 9)


def test_it_raises_all_problems_one_a_line(site: Path) -> None:
    (site / "config" / "site.yaml").write_text(SITE.replace("Berlin", "Berlinn"), encoding="utf-8")
    (site / "config" / "schedule.yaml").write_text(SCHEDULE.replace("15m", "15"), encoding="utf-8")
    with pytest.raises(ConfigProblems) as caught:
        load(site, {})
    assert isinstance(caught.value, ConfigError)
    assert caught.value.exit_code == 2
    assert len(str(caught.value).splitlines()) == len(caught.value.problems) == 2
    assert caught.value.problems[0].source_line == "  timezone: Europe/Berlinn"


def test_a_file_that_cannot_be_read_is_a_problem(site: Path) -> None:
    (site / "config" / "schedule.yaml").unlink()
    (site / "config" / "schedule.yaml").mkdir()
    (problem,) = read_site(site, {}).problems
    assert str(problem) == "config/schedule.yaml:1:1: cannot be read: Is a directory"


def test_the_environment_says_what_differs_between_hosts(site: Path) -> None:
    env = {
        "PUBLISHER_STORE_URL": "postgresql://u@db/p",
        "PUBLISHER_WEB_HOST": "0.0.0.0",
        "PUBLISHER_WEB_PORT": "80",
    }
    settings = load(site, env)
    assert (settings.store.url, settings.web.host, settings.web.port) == (
        "postgresql://u@db/p",
        "0.0.0.0",
        80,
    )


def test_a_mistake_in_the_environment_is_told_with_the_variable(site: Path) -> None:
    (problem,) = read_site(site, {"PUBLISHER_WEB_PORT": "many"}).problems
    assert str(problem).startswith("environment PUBLISHER_WEB_PORT:1:1: web.port: 'many' is no whole number")
    (problem,) = read_site(site, {"PUBLISHER_STORE_URL": "postgresql://u:hunter2@db/p"}).problems
    assert "PUBLISHER_STORE_PASSWORD" in str(problem)
    assert "hunter2" not in str(problem)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("  transport: maildir", "  smtp_password: hunter2"),
        ("  transport: maildir", "  transport: smtp\n  smtp: {host: a.org, password: hunter2}"),
        ("sqlite:///var/publisher.sqlite3", "postgresql://u:hunter2@db/p"),
        ("sqlite:///var/publisher.sqlite3", "mysql://u:hunter2@db/p"),
        ("https://hillpost.org", "https://u:hunter2@hillpost.org"),
        ("https://hillpost.org", "ftp://u:hunter2@hillpost.org"),
    ],
)
def test_a_secret_in_a_file_is_refused_and_never_shown(old: str, new: str) -> None:
    assert old in SITE
    problems = read(SITE.replace(old, new).encode(), SCHEDULE.encode(), {}).problems
    assert problems
    shown = [
        text
        for problem in problems
        for text in (str(problem), problem.message, problem.hint, problem.source_line)
    ]
    assert not [text for text in shown if "hunter2" in text]


def test_a_secret_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("correct horse\n", encoding="utf-8")
    assert secret({"NAME": "battery"}, "NAME") == "battery"
    assert secret({"NAME_FILE": str(file)}, "NAME") == "correct horse"
    assert secret({"NAME": ""}, "NAME") is None
    with pytest.raises(ConfigError, match=r"NAME_FILE: .*missing cannot be read: No such file"):
        secret({"NAME_FILE": str(tmp_path / "missing")}, "NAME")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="it is no UTF-8 text"):
        secret({"NAME_FILE": str(file)}, "NAME")


def test_the_fingerprint_is_of_what_is_said_and_not_of_how() -> None:
    def of(site: str, schedule: str = SCHEDULE) -> str:
        found = read(site.encode(), schedule.encode(), {}).settings
        assert found
        return fingerprint(found)

    same = of(SITE)
    assert of(f"# a note\n{SITE}".replace("3d", "72h").replace("entries: 50", "entries: '50'")) == same
    assert of(SITE.replace("  transport: maildir\n", "")) == same
    assert of(SITE.replace("limit: 3", "limit: 4")) != same
    assert of(SITE, SCHEDULE.replace("30 6", "31 6")) != same


def test_the_fingerprint_is_the_same_in_every_process(site: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from publisher.settings.load import fingerprint, load; "
        "print(fingerprint(load(Path(sys.argv[1]), {})))"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", code, str(site)],
            env={"PYTHONHASHSEED": seed, "TZ": zone, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(prints) == 1


def test_a_section_written_by_hand_as_null_is_told_what_it_needs() -> None:
    lines = [
        str(problem)
        for problem in read(
            SITE.replace("  politics:\n", "  culture:\n  politics:\n").encode(), SCHEDULE.encode(), {}
        ).problems
    ]
    assert lines == [
        "config/site.yaml:8:3: sections.culture.title: is missing; add it: What readers see, per language"
    ]
