"""JSON Feed 1.1 as a JSON Schema, from the specification at its strictest: nothing unknown, no empty text."""

from typing import Any

_TEXT = {"type": "string", "minLength": 1, "pattern": "\\S"}
_ADDRESS = {"type": "string", "format": "uri", "pattern": "^https?://[!-~]+$"}
_DATE = {
    "type": "string",
    "pattern": r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$",
}
_LANGUAGE = {"type": "string", "pattern": "^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*$"}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
        "patternProperties": {"^_": {"type": "object"}},
    }


_AUTHORS = {
    "type": "array",
    "minItems": 1,
    "items": _object([], name=_TEXT, url=_ADDRESS, avatar=_ADDRESS) | {"minProperties": 1},
}
_ATTACHMENT = _object(
    ["url", "mime_type"],
    url=_ADDRESS,
    mime_type={"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},
    title=_TEXT,
    size_in_bytes={"type": "integer", "minimum": 1},
    duration_in_seconds={"type": "number"},
)
_ITEM = _object(
    ["id"],
    id=_TEXT,
    url=_ADDRESS,
    external_url=_ADDRESS,
    title=_TEXT,
    content_html={"type": "string"},
    content_text={"type": "string"},
    summary=_TEXT,
    image=_ADDRESS,
    banner_image=_ADDRESS,
    date_published=_DATE,
    date_modified=_DATE,
    authors=_AUTHORS,
    tags={"type": "array", "items": _TEXT, "uniqueItems": True},
    language=_LANGUAGE,
    attachments={"type": "array", "items": _ATTACHMENT},
) | {"anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}]}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        ["version", "title", "items"],
        version={"const": "https://jsonfeed.org/version/1.1"},
        title=_TEXT,
        home_page_url=_ADDRESS,
        feed_url=_ADDRESS,
        description=_TEXT,
        user_comment=_TEXT,
        next_url=_ADDRESS,
        icon=_ADDRESS,
        favicon=_ADDRESS,
        authors=_AUTHORS,
        language=_LANGUAGE,
        expired={"type": "boolean"},
        hubs={
            "type": "array",
            "items": _object(["type", "url"], type={"const": "WebSub"}, url=_ADDRESS),
        },
        items={"type": "array", "items": _ITEM},
    ),
}
