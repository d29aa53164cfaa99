"""What a form says: its fields from a request's body, and from those what somebody chose. Pure."""

import email
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from urllib.parse import parse_qsl

from publisher.model.signup import Choice
from publisher.model.subscriber import Frequency
from publisher.settings.schema import Digest, Settings
from publisher.work.offers import sections_of

LARGEST = 32 * 1024
"""Bytes that a form may have; the largest honest one has a tenth of it."""

_MOST_FIELDS = 500
_LONGEST_VALUE = 1000
_HOURS = frozenset(map(str, range(24)))


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, each with its values in order."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str) -> str:
        """Return a field's first value without space around it; empty when there is none."""
        return next(iter(self.fields.get(name, ())), "").strip()

    def all(self, name: str) -> tuple[str, ...]:
        """Return a field's values."""
        return self.fields.get(name, ())

    @property
    def is_one_click(self) -> bool:
        """Whether a mail program sent it because of List-Unsubscribe-Post (RFC 8058 §3.2)."""
        return self.one("List-Unsubscribe").lower() == "one-click"


@dataclass(frozen=True, slots=True)
class Entered:
    """The part of a form that says what somebody wants of each digest, as it was entered.

    Attributes:
        digests: keys of those that are ticked.
        sections: by digest, the keys of those that are ticked.
        hours: by digest, as text; empty for "when it is made".
        frequencies: by digest, as text.
    """

    digests: tuple[str, ...] = ()
    sections: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hours: Mapping[str, str] = field(default_factory=dict)
    frequencies: Mapping[str, str] = field(default_factory=dict)


def read(content_type: str, body: bytes) -> Form:
    """Return a form; without any fields when the body is none that we know.

    Args:
        content_type: of the request. Whatever does not call itself multipart is read as urlencoded: some mail
            programs name another type, or none.
        body: of the request.
    """
    pairs = _multipart(content_type, body) if _is_multipart(content_type) else _urlencoded(body)
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value[:_LONGEST_VALUE])
    return Form(fields)


def entered(form: Form, settings: Settings, digests: Iterable[str]) -> Entered:
    """Return what a form says about the digests that it offers; nothing that it does not offer."""
    keys = tuple(digests)
    return Entered(
        digests=tuple(key for key in keys if key in form.all("digest")),
        sections={
            key: tuple(one for one in sections_of(settings, key) if one in form.all(f"sections-{key}"))
            for key in keys
        },
        hours={key: form.one(f"hour-{key}") for key in keys},
        frequencies={key: form.one(f"frequency-{key}") for key in keys},
    )


def chosen(choices: Iterable[Choice]) -> Entered:
    """Return choices as the form shows them."""
    mine = tuple(choices)
    return Entered(
        digests=tuple(one.digest for one in mine),
        sections={one.digest: one.sections for one in mine},
        hours={one.digest: "" if one.hour is None else str(one.hour) for one in mine},
        frequencies={one.digest: one.frequency for one in mine},
    )


def choices(said: Entered, settings: Settings) -> tuple[Choice, ...]:
    """Return what was entered as choices; all sections of a digest, ticked one by one, are simply all.

    An hour or a frequency that is none, which no browser sends, counts as not chosen.
    """
    return tuple(
        Choice(
            digest=key,
            sections=() if said.sections[key] == sections_of(settings, key) else said.sections[key],
            hour=int(said.hours[key]) if said.hours[key] in _HOURS else None,
            frequency=_frequency(said.frequencies.get(key, ""), settings.digests[key]),
        )
        for key in said.digests
    )


def _frequency(text: str, rule: Digest) -> Frequency:
    return next((one for one in rule.frequencies if one == text), rule.frequencies[0])


def _urlencoded(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def _is_multipart(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "multipart/form-data"


def _multipart(content_type: str, body: bytes) -> list[tuple[str, str]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    parts = email.message_from_bytes(head + body).get_payload()
    if not isinstance(parts, list):
        return []
    return [pair for part in parts[:_MOST_FIELDS] if (pair := _part(part)) is not None]


def _part(part: Message | str) -> tuple[str, str] | None:
    if isinstance(part, str):
        return None
    name = part.get_param("name", header="content-disposition")
    payload = part.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(payload, bytes):
        return None
    return name, payload.decode("utf-8", "replace")
