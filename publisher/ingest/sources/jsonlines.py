"""JSON Lines: one article a line, as :mod:`publisher.ingest.sources.article_schema` describes it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, BinaryIO

from publisher.ingest.document import Origin, Read, Rejected
from publisher.ingest.normalise.text import plain_line, split_agency
from publisher.ingest.same import id_key, story_keys, url_key
from publisher.ingest.sources.article_schema import misspelt, moment, problems
from publisher.model.article import Byline, Draft, Picture

LONGEST_LINE = 50_000_000
_MOST_PROBLEMS = 3


def read(stream: BinaryIO, origin: Origin) -> Iterator[Read]:
    """Read a file line by line; see :data:`publisher.ingest.document.Reader`.

    No more than one line is held, and of one that is too long only its first part.
    """
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        number += 1
        where = f"{origin.where}:{number}"
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            _skip(stream)
            yield Rejected(where, f"the line is longer than {LONGEST_LINE // 1_000_000} MB")
        elif line.strip():
            yield _line(line, where, origin)
        del line


def _skip(stream: BinaryIO) -> None:
    while part := stream.readline(65_536):
        if part.endswith(b"\n"):
            return


def _line(line: bytes, where: str, origin: Origin) -> Read:
    try:
        value = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Rejected(where, f"not UTF-8 (byte {error.start + 1} of the line)")
    except json.JSONDecodeError as error:
        return Rejected(where, f"not JSON: {error.msg} (column {error.colno})")
    except (ValueError, RecursionError):
        return Rejected(where, "not JSON that can be read: a number too large, or nested too deep")
    found = list(problems(value))
    if found:
        more = f"; and {len(found) - _MOST_PROBLEMS} more" if len(found) > _MOST_PROBLEMS else ""
        return Rejected(where, "; ".join(found[:_MOST_PROBLEMS]) + more)
    return _draft(value, where, origin)


def _draft(value: Mapping[str, Any], where: str, origin: Origin) -> Draft:
    withdrawn = value.get("withdrawn")
    updated = _moment(value.get("updated"))
    draft = Draft(
        source=origin.source,
        keys=_keys(value),
        where=where,
        title=value.get("title", ""),
        language=value.get("language") or origin.language,
        label=value.get("section"),
        lede=value.get("lede"),
        body=value.get("body"),
        pictures=_each(value.get("pictures"), _picture),
        bylines=_each(value.get("authors"), _byline),
        tags=None if value.get("tags") is None else tuple(value["tags"]),
        url=value.get("url"),
        comments=value.get("comments"),
        published=_moment(value.get("published")),
        updated=updated,
        correction=value.get("correction"),
        corrected=updated if value.get("correction") else None,
        restored=withdrawn is False,
        notes=tuple(misspelt(value)),
    )
    if isinstance(withdrawn, str):
        return replace(draft, withdrawn=_moment(withdrawn))
    return replace(draft, withdrawn=origin.now) if withdrawn else draft


def _keys(value: Mapping[str, Any]) -> tuple[str, ...]:
    url = value.get("url") or ""
    if "id" in value:
        return (id_key(str(value["id"])), *((url_key(url),) if url else ()))
    if url:
        return (id_key(url),)
    return story_keys(
        plain_line(value.get("title", "")), split_agency(plain_line(value.get("lede") or ""))[1]
    )


def _moment(text: str | None) -> datetime | None:
    return None if text is None else moment(text)


def _each(values: list[Any] | None, make: Any) -> tuple[Any, ...] | None:
    return None if values is None else tuple(make(value) for value in values)


def _picture(value: Mapping[str, Any]) -> Picture:
    caption, credit, alt = (value.get(name) or "" for name in ("caption", "credit", "alt"))
    width, height = (None if value.get(name) is None else int(value[name]) for name in ("width", "height"))
    return Picture(value.get("url"), caption, credit, alt, width, height)


def _byline(value: Mapping[str, Any]) -> Byline:
    return Byline(value["name"], value.get("rank") or "", value.get("office") or "")
