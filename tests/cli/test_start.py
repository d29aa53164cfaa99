"""What a command does not need it does not import: starting is most of what a short one takes."""

import subprocess
import sys
from pathlib import Path

import pytest
from click import Context

from publisher.app import cli, run
from publisher.cli import COMMANDS

STORE = {"alembic", "sqlalchemy"}
LETTERS = {"babel", "feedgen", "feedparser", "jinja2", "lxml", "nh3", "PIL", "premailer"}
SERVING = {"apscheduler", "httpx", "procrastinate", "psycopg", "starlette", "structlog", "uvicorn"}
CONFIG = {"pydantic", "ruamel", "cronsim"}
PROGRAM = """
import sys
from publisher.app import run
for line in {lines!r}:
    assert run(line) == 0, line
print("IMPORTED", *{{name.partition(".")[0] for name in sys.modules}})
"""


def imported(*lines: list[str]) -> set[str]:
    """Return the packages that a process has imported when it has done these commands."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(lines=lines)], capture_output=True, text=True, check=True
    )
    return set(done.stdout.rpartition("IMPORTED ")[2].split())


def test_help_needs_no_library_but_that_of_the_command_line() -> None:
    assert imported(["--help"], ["--version"]) & (STORE | LETTERS | SERVING | CONFIG) == set()


def test_without_a_store_its_library_is_not_waited_for(tmp_path: Path) -> None:
    site = str(tmp_path / "site")
    assert run(["init", site]) == 0

    found = imported(["--site", site, "check"], ["--site", site, "next"])

    assert found & (STORE | LETTERS | SERVING) == set()
    assert found >= CONFIG


def test_the_list_of_commands_says_what_each_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    said = capsys.readouterr().out

    context = Context(cli)
    for name, (_, short) in COMMANDS.items():
        command = cli.get_command(context, name)
        assert command is not None
        assert f"  {name:<{max(map(len, COMMANDS))}}  {short}\n" in said
        assert len(short) <= 50
