"""The JSON Schema (draft 2020-12) of one article in JSON Lines, and its check with reasons a person can use.

The schema is the only list of keys: the check reads it, and ``publisher ingest --schema`` prints it.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

_TEXT = {"type": "string"}
_MOMENT = {"type": "string", "format": "date-time"}
_PIXELS = {"type": ["integer", "null"], "minimum": 1}


def _nullable(schema: Mapping[str, Any], description: str) -> dict[str, Any]:
    return {**schema, "type": [schema["type"], "null"], "description": description}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Article",
    "description": "One line of a JSON Lines file that `publisher ingest` reads: one article, in UTF-8.",
    "type": "object",
    "anyOf": [{"required": ["title"]}, {"required": ["id", "withdrawn"]}],
    "properties": {
        "id": {
            "type": ["string", "integer"],
            "minLength": 1,
            "description": "What the newsroom knows it by, for ever. Left out: its url, else its words.",
        },
        "title": {"type": "string", "minLength": 1, "description": "Headline, plain text."},
        "url": _nullable(_TEXT, "The article's own absolute address."),
        "language": _nullable(_TEXT, "BCP 47 tag, such as en or vi."),
        "section": _nullable(_TEXT, "A section's key, title or alias."),
        "lede": _nullable(_TEXT, "First paragraph, plain text; taken from the body when left out."),
        "body": _nullable(_TEXT, "HTML that follows the lede and does not repeat it."),
        "tags": {"type": ["array", "null"], "items": _TEXT, "description": "Free subject words."},
        "authors": {
            "type": ["array", "null"],
            "description": "Who wrote it, in the order of the byline.",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "minLength": 1},
                    "rank": _nullable(_TEXT, "Such as Major or Dr."),
                    "office": _nullable(_TEXT, "Such as Head of the Fire Division."),
                },
            },
        },
        "pictures": {
            "type": ["array", "null"],
            "description": "In the order of the article; the first is the lead picture.",
            "items": {
                "type": "object",
                "properties": {
                    "url": _nullable(
                        _TEXT,
                        "Absolute address, or a path relative to the file; left out: only a caption.",
                    ),
                    "alt": _nullable(_TEXT, "What it shows, for those who cannot see it."),
                    "caption": _nullable(_TEXT, "Printed under it, without the credit."),
                    "credit": _nullable(_TEXT, "Who made it."),
                    "width": _PIXELS,
                    "height": _PIXELS,
                },
            },
        },
        "published": _nullable(_MOMENT, "When the newsroom published it; RFC 3339 with a zone."),
        "updated": _nullable(_MOMENT, "When the newsroom last changed it; RFC 3339 with a zone."),
        "correction": _nullable(_TEXT, "Note of a declared correction; readers are told of it."),
        "comments": _nullable(_TEXT, "Absolute address of the readers' comments."),
        "withdrawn": {
            "type": ["boolean", "string", "null"],
            "format": "date-time",
            "description": "true, or when it was taken back; false lets a withdrawn article stand again.",
        },
    },
}

_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "array": "a list",
    "object": "an object",
    "boolean": "true or false",
}
_LONGEST_SHOWN = 40


def problems(value: Any, schema: Mapping[str, Any] = SCHEMA, path: str = "") -> Iterator[str]:
    """Yield what is wrong with a value, each as ``path: reason``.

    Reads the part of JSON Schema that :data:`SCHEMA` uses: type, minLength, minimum, format date-time, items,
    properties, required, and anyOf with required.
    """
    if value is None and "null" in schema["type"]:
        return
    named = f"{path}: " if path else ""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(value, kind) for kind in kinds):
        wanted = " or ".join(_NAMES[kind] for kind in kinds if kind != "null")
        yield f"{named}{_shown(value)} is not {wanted}"
    elif isinstance(value, str):
        yield from _text_problems(value, schema, named)
    elif (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value < schema.get("minimum", value)
    ):
        yield f"{named}{value} is too small"
    elif isinstance(value, list):
        for at, item in enumerate(value):
            yield from problems(item, schema["items"], f"{path}[{at}]")
    elif isinstance(value, dict):
        yield from _object_problems(value, schema, path)


def misspelt(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield keys that nobody reads but that are nearly one that is; further keys are the newsroom's own."""
    known = SCHEMA["properties"]
    for key in value:
        if key not in known:
            near = get_close_matches(key.casefold(), known, n=1, cutoff=0.8)
            if near and near[0] not in value:
                yield f"{_shown(key)} is no key of an article; did you mean {near[0]}?"


def moment(text: str) -> datetime | None:
    """Return the UTC moment that an RFC 3339 date-time names; None when it is none or has no zone."""
    try:
        found = datetime.fromisoformat(text.strip())
        return found.astimezone(UTC) if found.tzinfo and "T" in text.upper() else None
    except (ValueError, OverflowError):
        return None


def _text_problems(value: str, schema: Mapping[str, Any], named: str) -> Iterator[str]:
    if schema.get("minLength") and not value.strip():
        yield f"{named}it is empty"
    if schema.get("format") == "date-time" and moment(value) is None:
        yield f"{named}{_shown(value)} is no moment with a zone; write 2026-11-01T19:05:00+07:00"


def _object_problems(value: Mapping[str, Any], schema: Mapping[str, Any], path: str) -> Iterator[str]:
    dot = f"{path}." if path else ""
    for key in schema.get("required", ()):
        if key not in value:
            yield f"{dot}{key}: it is missing"
    choices = schema.get("anyOf", ())
    if choices and not any(all(key in value for key in one["required"]) for one in choices):
        yield f"{dot}{choices[0]['required'][0]}: it is missing"
    for key, inner in schema["properties"].items():
        if key in value:
            yield from problems(value[key], inner, f"{dot}{key}")


def _is(value: Any, kind: str) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, float) and value.is_integer():
        return kind == "integer"
    types: dict[str, type] = {"string": str, "integer": int, "array": list, "object": dict}
    return kind in types and isinstance(value, types[kind])


def _shown(value: Any) -> str:
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    shown = "null" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[:_LONGEST_SHOWN]}…"
