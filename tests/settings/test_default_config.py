"""The config that ships: valid, complete, and true to the schema."""

import json
import re
from datetime import timedelta
from typing import Any

import jsonschema as validator
import pytest
from pydantic import BaseModel

from publisher.settings import document, jsonschema
from publisher.settings.edit import commented_out, with_values
from publisher.settings.keys import walk
from publisher.settings.labels import section_of
from publisher.settings.load import read
from publisher.settings.schema import CalendarFile, ScheduleFile, SiteFile
from publisher.settings.values import span_text
from tests.conftest import REPOSITORY

CONFIG = REPOSITORY / "config"
SITE = (CONFIG / "site.yaml").read_text(encoding="utf-8")
SCHEDULE = (CONFIG / "schedule.yaml").read_text(encoding="utf-8")
CALENDAR = (CONFIG / "calendar.yaml").read_text(encoding="utf-8")


def uncommented(text: str) -> str:
    """Return the text with every key that is only shown, ``#key``, made live."""
    return re.sub(r"^( *)#(?=[a-z-])", r"\1", text, flags=re.MULTILINE)


def every_key() -> tuple[str, str]:
    """Return both files with all keys live, and with the one pair that excludes each other apart."""
    return uncommented(SITE), uncommented(SCHEDULE)


def shape(path: document.Path) -> str:
    """Return a path of a file as the schema's walk writes it."""
    parts = [str(part) if isinstance(part, str) else "[]" for part in path]
    for at, free in ((0, ("sections", "sources", "digests", "jobs", "calendar")), (1, ("named", "relays"))):
        if len(parts) > at + 1 and parts[at] in free:
            parts[at + 1] = "*"
    return ".".join(parts).replace(".[]", "[]")


def as_written(value: object) -> str:
    """Return a default as it would stand in the file."""
    if isinstance(value, timedelta):
        return span_text(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_it_is_valid_and_so_it_is_with_every_key_live() -> None:
    assert read(SITE.encode(), SCHEDULE.encode(), {}, CALENDAR.encode()).problems == ()
    site, schedule = every_key()
    found = read(site.encode(), schedule.encode(), {}, uncommented(CALENDAR).encode())
    assert [str(problem) for problem in found.problems] == []


@pytest.mark.parametrize(
    ("model", "text"), [(SiteFile, SITE), (ScheduleFile, SCHEDULE), (CalendarFile, CALENDAR)]
)
def test_every_key_of_the_schema_is_shown(model: type[BaseModel], text: str) -> None:
    shown = {shape(path) for path in document.read("x", uncommented(text).encode()).keys}
    assert {path for path, _ in walk(model)} - shown == set()


@pytest.mark.parametrize(("model", "text"), [(SiteFile, SITE), (ScheduleFile, SCHEDULE)])
def test_a_key_that_is_only_shown_has_its_default(model: type[BaseModel], text: str) -> None:
    live = {shape(path) for path in document.read("x", text.encode()).keys}
    shown = dict(document.scalars(document.read("x", uncommented(text).encode()).data))
    defaults = {
        path: info.default for path, info in walk(model) if path not in live and not info.is_required()
    }
    compared = 0
    for path, value in shown.items():
        default = defaults.get(shape(path))
        if default not in (None, "", (), {}):
            assert value == as_written(default), shape(path)
            compared += 1
    assert compared >= (20 if model is SiteFile else 2)


@pytest.mark.parametrize("which", jsonschema.NAMES)
def test_the_published_schemas_are_current(which: jsonschema.Which) -> None:
    for folder in (REPOSITORY / "docs" / "schema", CONFIG / ".schema"):
        published = (folder / jsonschema.file_name(which)).read_text(encoding="utf-8")
        assert published == jsonschema.text(which), f"renew it: publisher check --schema {which} > {folder}"


@pytest.mark.parametrize(("which", "text"), [("site", SITE), ("schedule", SCHEDULE), ("calendar", CALENDAR)])
def test_an_editor_finds_the_schema_and_accepts_the_file(which: str, text: str) -> None:
    named = re.match(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert named
    schema = json.loads((CONFIG / named[1]).read_text(encoding="utf-8"))
    for whole in (text, uncommented(text)):
        validator.validate(_typed(document.read("x", whole.encode()).data), schema)


def _typed(value: Any) -> Any:
    """Return what an editor's YAML 1.2 reads of our text: numbers and booleans are no text to it."""
    if isinstance(value, dict):
        return {key: _typed(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_typed(part) for part in value]
    if isinstance(value, str) and (re.fullmatch(r"\d+", value) or value in {"true", "false"}):
        return json.loads(value)
    return value


def test_its_sections_know_the_labels_of_the_sample_and_of_real_pages() -> None:
    settings = read(SITE.encode(), SCHEDULE.encode(), {}).settings
    assert settings
    sections = settings.sections
    expected = {
        "politics": ["NEWS - POLITICS", "THỜI SỰ - CHÍNH TRỊ", "POLITICS", "CHÍNH TRỊ"],
        "economy": ["BUSINESS", "ECONOMY", "KINH TẾ", "kinh-te"],
        "society": ["SOCIAL AFFAIRS", "XÃ HỘI", "society"],
        "culture": ["CULTURE - TOURISM", "CULTURE - SPORTS", "VĂN HÓA", "VĂN HOÁ - DU LỊCH"],
        "travel": ["TRAVEL", "DU LỊCH", "du-lich"],
        "sport": ["SPORT", "SPORTS", "THỂ THAO"],
    }
    assert {label: section_of(label, sections) for labels in expected.values() for label in labels} == {
        label: key for key, labels in expected.items() for label in labels
    }


def test_values_are_changed_in_place_and_comments_stay() -> None:
    changed = with_values(
        SITE,
        {("site", "title", "vi"): "Báo: mới", ("site", "url"): "https://a.example", ("mail", "sender"): "no"},
    )
    assert changed.count("\n") == SITE.count("\n")
    data = document.read("x", changed.encode()).data
    assert data["site"]["title"] == {"en": "The Mường Lưa Courier", "vi": "Báo: mới"}
    assert (data["site"]["url"], data["mail"]["sender"]) == ("https://a.example", "no")
    assert [line for line in changed.split("\n") if "#" in line] == [
        line for line in SITE.split("\n") if "#" in line
    ]


def test_keys_are_commented_out_whole() -> None:
    changed = commented_out(SITE, [("site", "description"), ("site", "postal_address")])
    data = document.read("x", changed.encode()).data
    assert set(document.read("x", SITE.encode()).data["site"]) - set(data["site"]) == {
        "description",
        "postal_address",
    }
    assert uncommented(changed) == uncommented(SITE)
