"""docs/config.md: every key with its default, no key that is gone, and examples that are true."""

import re
from datetime import timedelta
from typing import Any

import pytest
from pydantic.fields import FieldInfo

from publisher.cron import normal
from publisher.settings.keys import walk
from publisher.settings.load import OVERRIDES, read
from publisher.settings.schema import CalendarFile, ScheduleFile, SiteFile
from publisher.settings.secrets import DKIM_KEYS, SMTP_PASSWORD, STORE_PASSWORD
from publisher.settings.values import span_text
from tests.conftest import REPOSITORY
from tests.settings.mistakes_in_schedule import VALID as SCHEDULE
from tests.settings.mistakes_in_site import VALID as SITE

PAGE = (REPOSITORY / "docs" / "config.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z0-9_.\[\]A-Z]+)` \| (\S.*?)? ?\| ", PAGE, flags=re.MULTILINE))


EVERY = (*walk(SiteFile), *walk(ScheduleFile), *walk(CalendarFile))


def schema() -> dict[str, FieldInfo]:
    """Return every key of the files that takes a value, under the name that the page gives it."""
    every = {path.replace(".*", ".NAME"): info for path, info in EVERY}
    parts = {path.rpartition(".")[0].removesuffix(".NAME") for path in every}
    return {path: info for path, info in every.items() if path not in parts}


def default(info: FieldInfo) -> str:
    """Return a default as the page writes it."""
    if info.is_required():
        return "needed"
    value: Any = info.default
    if isinstance(value, tuple) and value:
        return f"`[{', '.join(value)}]`"
    if value in (None, "", (), {}) or hasattr(value, "model_dump"):
        return ""
    if isinstance(value, timedelta):
        value = span_text(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def test_every_key_stands_in_it_with_its_default() -> None:
    assert {path: default(info) for path, info in schema().items()} == {
        path: ROWS.get(path) for path in schema()
    }


def test_no_key_stands_in_it_that_is_gone() -> None:
    assert {path for path in ROWS if "." in path} - schema().keys() == set()


def test_its_cron_lines_are_cron_lines() -> None:
    lines = re.findall(
        r"^\| `\"?([^`|]*? [^`|]*? [^`|]*? [^`|]*? [^`|\"]*?)\"?` \|", PAGE, flags=re.MULTILINE
    )
    assert len(lines) >= 8
    for line in lines:
        assert normal(line) == line


def test_its_sample_answer_is_what_check_says() -> None:
    schedule = SCHEDULE.replace("30 6 * * *", "0 24 * * *")
    (problem,) = read(SITE.encode(), schedule.encode(), {}).problems
    assert str(problem).partition(": ")[2] in PAGE


@pytest.mark.parametrize("variable", [SMTP_PASSWORD, STORE_PASSWORD, *DKIM_KEYS.values(), *OVERRIDES])
def test_every_variable_stands_in_it(variable: str) -> None:
    assert f"`{variable}`" in PAGE
