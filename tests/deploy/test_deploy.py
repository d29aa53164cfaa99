"""What an operator installs beside the program: it names only what is there."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from publisher.app import cli
from publisher.settings.schema import Settings
from publisher.store import Store
from publisher.work.desk import Desk
from publisher.work.metrics import metrics
from tests.conftest import REPOSITORY
from tests.web.newsroom import config

DEPLOY = REPOSITORY / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
NOT_ON_THE_BOARD = {
    "publisher_info",
    "publisher_config_since_timestamp_seconds",
    "publisher_job_last_end_timestamp_seconds",
    "publisher_job_next_due_timestamp_seconds",
    "publisher_feed_documents",
    "publisher_feed_problems",
    "publisher_feed_updated_timestamp_seconds",
}
"""Figures for those who build on them."""
METRIC = re.compile(r"publisher_[a-z_]+")


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def accepted(line: str) -> None:
    """Parse a command line as our program does; an unknown command or option raises."""
    words = shlex.split(line)
    assert words[0].endswith("publisher")
    context = cli.make_context("publisher", words[1:], resilient_parsing=False)
    name, command, rest = cli.resolve_command(context, [*context._protected_args, *context.args])
    assert command is not None
    command.make_context(name, rest)


@pytest.mark.parametrize(
    "path", [path for path in UNITS if path.suffix == ".service"], ids=lambda path: path.name
)
def test_a_unit_starts_what_the_program_has(path: Path) -> None:
    service = unit(path)["Service"]

    accepted(service["ExecStart"])
    assert service["User"] == "publisher"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"


def test_every_timer_has_its_service() -> None:
    timers = [path for path in UNITS if path.suffix == ".timer"]

    assert timers
    assert all(path.with_suffix(".service").is_file() for path in timers)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_systemd_understands_the_units(path: Path, tmp_path: Path) -> None:
    # The program is not at its place here, and that is all that may be said.
    for file in UNITS:
        plain = file.read_text(encoding="utf-8").replace("/opt/publisher/bin/publisher", "/bin/true")
        (tmp_path / file.name).write_text(plain, encoding="utf-8")

    said = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / path.name)], capture_output=True, text=True, check=False
    )

    complaints = [line for line in said.stderr.splitlines() if str(tmp_path) in line or path.name in line]
    assert complaints == []


def test_the_container_copies_what_is_there_and_runs_what_the_program_has() -> None:
    lines = (DEPLOY / "Containerfile").read_text(encoding="utf-8").splitlines()

    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            for name in line.split()[1:-1]:
                assert (REPOSITORY / name).exists(), name
    entry = json.loads(next(line for line in lines if line.startswith("ENTRYPOINT")).partition(" ")[2])
    command = json.loads(next(line for line in lines if line.startswith("CMD")).partition(" ")[2])
    accepted(shlex.join([*entry, *command]))
    assert any(line.startswith("USER ") for line in lines)


@pytest.fixture
def told(sqlite: Store, tmp_path: Path) -> set[str]:
    """Every name that ``/metrics`` knows, also of figures without a value yet."""
    desk = Desk(
        site=tmp_path,
        settings=Settings.model_validate(config(jobs={"pull": {"run": "pull", "every": "1h"}})),
        store=sqlite,
        clock=lambda: datetime(2026, 3, 2, tzinfo=UTC),
    )
    return {f"publisher_{one.name}" for one in metrics(desk, desk.clock())} | {"publisher_store_up"}


def expressions(value: Any) -> list[str]:
    """Return every expression of a dashboard or a file of rules."""
    if isinstance(value, dict):
        own = [one for key, one in value.items() if key in {"expr", "query"} and isinstance(one, str)]
        return own + [found for one in value.values() for found in expressions(one)]
    return [found for one in value for found in expressions(one)] if isinstance(value, list) else []


def test_alerts_ask_for_figures_that_are_told_and_say_what_to_do(told: set[str]) -> None:
    rules = YAML(typ="safe").load((DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8"))

    used = {name for expression in expressions(rules) for name in METRIC.findall(expression)}
    assert used
    assert used <= told
    for rule in rules["groups"][0]["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}
        for line in re.findall(r"publisher [a-z][a-z-]+", rule["annotations"]["what_to_do"]):
            assert cli.get_command(click.Context(cli), line.split()[1]) is not None, line


def test_the_dashboard_shows_figures_that_are_told(told: set[str]) -> None:
    board = json.loads((DEPLOY / "grafana" / "publisher.json").read_text(encoding="utf-8"))

    used = {name for expression in expressions(board) for name in METRIC.findall(expression)}
    assert used
    assert used <= told
    numbers = [panel["id"] for panel in board["panels"]]
    assert len(set(numbers)) == len(numbers)


def test_every_figure_is_watched_or_shown(told: set[str]) -> None:
    shown = (DEPLOY / "grafana" / "publisher.json").read_text(encoding="utf-8")
    shown += (DEPLOY / "prometheus" / "alerts.yml").read_text(encoding="utf-8")
    page = (REPOSITORY / "docs" / "monitoring.md").read_text(encoding="utf-8")

    assert {name for name in told if name.removeprefix("publisher_") not in page} == set()
    assert {name for name in told if name not in shown} <= NOT_ON_THE_BOARD
