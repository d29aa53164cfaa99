"""Files of subscribers: lines to enrolments and back; a line that cannot be read is a value, not an error."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from publisher import addresses
from publisher.model.subscriber import Consent, Enrolment, Frequency
from publisher.settings.labels import section_of
from publisher.settings.schema import Settings

Form = Literal["csv", "json"]

COLUMNS = (
    "address",
    "language",
    "timezone",
    "digest",
    "sections",
    "hour",
    "frequency",
    "consent_at",
    "consent_from",
    "consent_text",
    "active",
)
_NEEDED = ("address", "digest", "consent_at")
_NO = frozenset({"no", "false", "0", "n"})
_YES = frozenset({"", "yes", "true", "1", "y"})
_FREQUENCIES: tuple[Frequency, ...] = ("each", "daily", "weekly")
_LONGEST_LINE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: the line it begins on, and its values as text."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that cannot be taken, and why; never with the address."""

    line: int
    reason: str


def rows(lines: Iterable[str]) -> Iterator[Row | Rejected]:
    """Yield the rows of a CSV or JSON file, recognised by its first line that is not empty.

    Args:
        lines: of the file, with their ends; bytes that are no UTF-8 come as surrogates. JSON is one object a
            line, alone or as the lines of an array (what the export writes).
    """
    numbered = enumerate(lines, 1)
    for number, line in numbered:
        start = line.lstrip("\ufeff \t")
        if not start.strip():
            continue
        if start[0] in "[{":
            yield from _json_rows(_chain(number, start, numbered))
        else:
            yield from _csv_rows(number, start, (line for _, line in numbered))
        return


def enrolment(values: Mapping[str, str], settings: Settings, now: datetime) -> Enrolment:
    """Return what a row says.

    Args:
        values: by the names in ``COLUMNS``; ``sections`` are keys, titles or aliases with ``;`` between them.
        settings: which digests and sections there are.
        now: no consent lies after it.

    Raises:
        ValueError: what is wrong, beginning with the column.
    """
    digest = values.get("digest", "").strip()
    if digest not in settings.digests:
        raise ValueError(f"digest: there is no digest {digest!r}; there are {', '.join(settings.digests)}")
    try:
        address = addresses.of_person(values.get("address", ""))
    except ValueError as error:
        raise ValueError(f"address: {error}") from None
    return Enrolment(
        address=address,
        language=_language(values.get("language", "").strip(), settings),
        timezone=_zone(values.get("timezone", "").strip()),
        digest=digest,
        sections=_sections(values.get("sections", ""), digest, settings),
        hour=_hour(values.get("hour", "").strip()),
        frequency=_frequency(values.get("frequency", "").strip().lower(), digest, settings),
        active=_active(values.get("active", "").strip().lower()),
        consent=_consent(values, now),
    )


def written(enrolments: Iterable[Enrolment], form: Form) -> Iterator[str]:
    """Yield the pieces of a file that :func:`rows` reads back to the same."""
    if form == "csv":
        yield _csv_line(COLUMNS)
        for one in enrolments:
            yield _csv_line([_guarded(text) for text in values_of(one).values()])
        return
    before = "[\n"
    for one in enrolments:
        yield before + json.dumps(values_of(one), ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def values_of(one: Enrolment) -> dict[str, str]:
    """Return a row's values by the names in ``COLUMNS``."""
    return {
        "address": one.address,
        "language": one.language or "",
        "timezone": one.timezone or "",
        "digest": one.digest,
        "sections": ";".join(one.sections),
        "hour": "" if one.hour is None else str(one.hour),
        "frequency": one.frequency or "",
        "consent_at": one.consent.at.isoformat(),
        "consent_from": one.consent.where,
        "consent_text": one.consent.text,
        "active": "yes" if one.active else "no",
    }


def _chain(number: int, first: str, rest: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    yield number, first
    yield from rest


def _csv_rows(number: int, header: str, rest: Iterator[str]) -> Iterator[Row | Rejected]:
    delimiter = max(",;\t", key=header.count)
    names = [name.strip().lower() for name in next(csv.reader([header], delimiter=delimiter))]
    if missing := [name for name in _NEEDED if name not in names]:
        yield Rejected(
            number, f"the first line names no column {', '.join(missing)}; there are {', '.join(COLUMNS)}"
        )
        return
    if strange := [name for name in names if name not in COLUMNS]:
        yield Rejected(number, f"unknown column {', '.join(strange)}; there are {', '.join(COLUMNS)}")
        return
    reader = csv.reader(rest, delimiter=delimiter)
    while True:
        line = number + reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Rejected(line, f"no CSV: {error}")
            continue
        if values and len(values) != len(names):
            yield Rejected(line, f"{len(values)} values for {len(names)} columns")
        elif values:
            yield _clean(line, dict(zip(names, map(_unguarded, values), strict=True)))


def _json_rows(numbered: Iterator[tuple[int, str]]) -> Iterator[Row | Rejected]:
    for line, text in numbered:
        bare = text.strip().removeprefix("[").removesuffix("]").strip().strip(",").strip()
        if not bare:
            continue
        if len(bare) > _LONGEST_LINE:
            yield Rejected(line, f"longer than {_LONGEST_LINE} characters; write one object a line")
            continue
        try:
            found = json.loads(bare)
        except (ValueError, RecursionError):
            yield Rejected(line, "no JSON object; write one object a line")
            continue
        yield _json_row(line, found)


def _json_row(line: int, found: Any) -> Row | Rejected:
    if not isinstance(found, dict):
        return Rejected(line, "no JSON object; write one object a line")
    if strange := [name for name in found if name not in COLUMNS]:
        return Rejected(line, f"unknown key {', '.join(strange)[:80]}; there are {', '.join(COLUMNS)}")
    return _clean(line, {name: _text(value) for name, value in found.items()})


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _clean(line: int, values: dict[str, str]) -> Row | Rejected:
    try:
        "".join(values.values()).encode()
    except UnicodeEncodeError:
        return Rejected(line, "not UTF-8; save the file as UTF-8")
    return Row(line, values)


def _sections(text: str, digest: str, settings: Settings) -> tuple[str, ...]:
    wanted = {_section(part.strip(), digest, settings) for part in text.split(";") if part.strip()}
    return tuple(key for key in _offered(digest, settings) if key in wanted)


def _section(label: str, digest: str, settings: Settings) -> str:
    offered = _offered(digest, settings)
    found = label if label in offered else section_of(label, settings.sections)
    if found not in offered:
        raise ValueError(f"sections: {digest} has no section {label!r}; it has {', '.join(offered)}")
    return found


def _offered(digest: str, settings: Settings) -> tuple[str, ...]:
    return tuple(part.section for part in settings.digests[digest].sections) or tuple(settings.sections)


def _language(text: str, settings: Settings) -> str | None:
    if text and text not in settings.site.languages:
        raise ValueError(
            f"language: the site has no language {text!r}; it has {', '.join(settings.site.languages)}"
        )
    return text or None


@lru_cache(maxsize=1024)
def _zone(text: str) -> str | None:
    try:
        return ZoneInfo(text).key if text else None
    except (LookupError, ValueError, OSError):
        raise ValueError(f"timezone: {text!r} is no time zone of the IANA list") from None


def _hour(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and int(text) < 24):
        raise ValueError(f"hour: {text[:20]!r} is no hour; write 0 to 23 or nothing")
    return int(text) if text else None


def _frequency(text: str, digest: str, settings: Settings) -> Frequency | None:
    offered = settings.digests[digest].frequencies
    found = next((one for one in _FREQUENCIES if one == text), None)
    if text and (found is None or (found not in offered and found != "each")):
        raise ValueError(f"frequency: {digest} cannot be had {text[:20]!r}; it offers {', '.join(offered)}")
    return found


def _active(text: str) -> bool:
    if text not in _YES | _NO:
        raise ValueError(f"active: write yes or no, not {text[:20]!r}")
    return text in _YES


def _consent(values: Mapping[str, str], now: datetime) -> Consent:
    text = values.get("consent_at", "").strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"consent_at: {text[:40]!r} is no date with a time; write 2026-09-14T20:11:05+07:00"
        ) from None
    at = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    if at > now + timedelta(days=1):
        raise ValueError(f"consent_at: {text[:40]} lies in the future")
    return Consent(
        at=at, where=values.get("consent_from", "").strip(), text=values.get("consent_text", "").strip()
    )


def _csv_line(values: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()


def _guarded(text: str) -> str:
    # A spreadsheet runs a cell that begins so as a formula; the apostrophe is what it shows as text.
    return f"'{text}" if text[:1] in {"=", "+", "-", "@"} else text


def _unguarded(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"} else text
