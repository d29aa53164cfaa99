"""JSON Schemas of the files, for completion and marks in editors."""

import json
from typing import Any, Literal

from publisher.settings.base import Setting
from publisher.settings.schema import CalendarFile, ScheduleFile, SiteFile

Which = Literal["site", "schedule", "calendar"]
NAMES: tuple[Which, ...] = ("site", "schedule", "calendar")
_MODELS: dict[Which, type[Setting]] = {
    "site": SiteFile,
    "schedule": ScheduleFile,
    "calendar": CalendarFile,
}


def file_name(which: Which) -> str:
    """Return the file's name, as the first line of the config names it."""
    return f"{which}.schema.json"


def text(which: Which) -> str:
    """Return the JSON Schema (draft 2020-12) of a config file as a document."""
    schema = _MODELS[which].model_json_schema(by_alias=True)
    for part in (schema, *schema.get("$defs", {}).values()):
        _may_be_empty(part)
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": f"config/{which}.yaml",
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"


def _may_be_empty(part: dict[str, Any]) -> None:
    """Let a key that has a default stand without a value, as the default config shows it."""
    needed = part.get("required", [])
    for name, value in part.get("properties", {}).items():
        value.pop("title", None)
        if name not in needed and {"type": "null"} not in value.get("anyOf", []):
            about = {key: value.pop(key) for key in ("description", "default") if key in value}
            part["properties"][name] = {"anyOf": [value, {"type": "null"}], **about}
