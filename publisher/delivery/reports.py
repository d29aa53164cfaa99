"""Reading what comes back: delivery status (RFC 3464), complaints (RFC 5965), automatic replies (RFC 3834).

A parser takes a message and returns a report, or None when the message is none of its kind. They stand in a
table; the first that answers is believed. The home of flufl.bounce, which knows the many servers that follow
no RFC and is asked last.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from email import message_from_bytes, policy
from email.message import Message

from flufl.bounce import all_failures

from publisher.model.report import Kind, Report

_LONGEST = 200
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"<?[^\s<>;]+@[^\s<>;]+>?")
_KEYWORD = re.compile(r"\s*([a-zA-Z-]+)")
_TOKEN = r"([a-z2-7]{24})"  # noqa: S105 - a pattern
_PLUS = re.compile(rf"\+{_TOKEN}@", re.IGNORECASE)
_ENVELOPE_ID = re.compile(rf"^\s*{_TOKEN}\s*$", re.IGNORECASE)
_UNSUBSCRIBE = re.compile(rf"/u/{_TOKEN}>", re.IGNORECASE)
_LEAVE = re.compile(rf"\bunsub\+{_TOKEN}@", re.IGNORECASE)
"""The address in List-Unsubscribe's mailto."""
_MARK = re.compile(rf"<{_TOKEN}@")

_RETURN_PATHS = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "Original-Recipient")
_NO_MAILBOX = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
"""Codes of RFC 3463 and 7505 that speak of the address itself; any other may be about this one letter."""


def read(content: bytes) -> Report:
    """Return what a message says; rubbish is ``unknown``."""
    message = message_from_bytes(content, policy=policy.compat32)
    return next(found for parse in PARSERS if (found := parse(message)) is not None)


def complaint(message: Message) -> Report | None:
    """Read a feedback report: somebody pressed the spam button."""
    part = _part(message, "message/feedback-report")
    if part is None:
        return None
    kind = _fields(part).get("feedback-type", "abuse")
    # Other kinds say that the signature failed or that it was no spam after all (RFC 5965 §7.3).
    meaning = Kind.COMPLAINT if kind in {"abuse", "fraud", "opt-out", "opt-out-list"} else Kind.AUTO
    return _report(message, meaning, "", f"feedback report: {kind}")


def delivery_status(message: Message) -> Report | None:
    """Read a delivery status notification."""
    part = _part(message, "message/delivery-status")
    if part is None:
        return None
    fields = _fields(part)
    said = _STATUS.search(fields.get("status", "")) or _STATUS.search(fields.get("diagnostic-code", ""))
    status = said[0] if said else ""
    detail = fields.get("diagnostic-code", "").partition(";")[2] or fields.get("diagnostic-code", "")
    action = fields.get("action", "failed").split()[0] if fields.get("action") else "failed"
    kind = {"failed": _failure(status), "delayed": Kind.DELAYED}.get(action, Kind.AUTO)
    return _report(message, kind, status, detail or action, fields.get("original-envelope-id", ""))


def automatic_reply(message: Message) -> Report | None:
    """Read an answer that a machine wrote: on holiday, received, ticket opened."""
    auto = _KEYWORD.match(str(message.get("Auto-Submitted", "no")))
    other = message.get("X-Autoreply") or message.get("X-Autorespond")
    precedence = str(message.get("Precedence", "")).strip().lower() == "auto_reply"
    if (auto and auto[1].lower() == "auto-replied") or other or precedence:
        return _report(message, Kind.AUTO, "", "automatic reply")
    return None


def leave(message: Message) -> Report | None:
    """Read a mail to the address that unsubscribes (RFC 2369 §3.2); nobody has to write anything in it."""
    tokens = [
        found[1].lower() for name in _RETURN_PATHS for found in _LEAVE.finditer(str(message.get(name, "")))
    ]
    if not tokens:
        return None
    detail = "a mail to the address that unsubscribes"
    return Report(kind=Kind.UNSUBSCRIBE, detail=detail, unsubscribe_tokens=tuple(dict.fromkeys(tokens)))


def known_to_flufl(message: Message) -> Report | None:
    """Read a bounce in one of the many forms that follow no RFC."""
    try:
        for_now, for_good = all_failures(message)
    except Exception:  # noqa: BLE001 - its detectors were not written for rubbish, and this is fed with it
        return None
    if not for_now and not for_good:
        return None
    said = _STATUS.search(_text(message))
    status = said[0] if said else ""
    kind = _failure(status) if for_good else Kind.SOFT
    return _report(message, kind, status, "bounce without a status report")


def unknown(message: Message) -> Report | None:
    """Answer for whatever is left."""
    return _report(message, Kind.UNKNOWN, "", "no report that is understood")


PARSERS: Sequence[Callable[[Message], Report | None]] = (
    complaint,
    delivery_status,
    automatic_reply,
    leave,
    known_to_flufl,
    unknown,
)


def _failure(status: str) -> Kind:
    return Kind.HARD if status in _NO_MAILBOX else Kind.SOFT


def _report(message: Message, kind: Kind, status: str, detail: str, envelope_id: str = "") -> Report:
    letters = list(_letters(message))
    texts = [str(message.get(name, "")) for name in _RETURN_PATHS]
    texts += [str(letter.get("Return-Path", "")) for letter in letters]
    tokens = [found[1] for text in texts for found in _PLUS.finditer(text)]
    tokens += [found[1] for found in _ENVELOPE_ID.finditer(envelope_id)]
    headers = [(str(one.get("List-Unsubscribe", "")), str(one.get("Message-ID", ""))) for one in letters]
    return Report(
        kind=kind,
        status=status,
        detail=_one_line(detail),
        tokens=tuple(dict.fromkeys(token.lower() for token in tokens)),
        unsubscribe_tokens=tuple(
            found[1].lower() for text, _ in headers for found in _UNSUBSCRIBE.finditer(text)
        ),
        marks=tuple(found[1] for _, text in headers for found in _MARK.finditer(text)),
    )


def _letters(message: Message) -> Iterator[Message]:
    """Yield what came back of our letter, whole or only its header (RFC 3462 §2)."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            yield message_from_bytes(_bytes(part), policy=policy.compat32)
        elif part.get_content_type() == "message/rfc822" and isinstance(part.get_payload(), list):
            yield from (inner for inner in part.get_payload() if isinstance(inner, Message))


def _part(message: Message, kind: str) -> Message | None:
    return next((part for part in message.walk() if part.get_content_type() == kind), None)


def _fields(part: Message) -> dict[str, str]:
    """Return the fields of all groups of a report part, names in small letters; the first of a name wins."""
    groups = part.get_payload()
    if isinstance(groups, list):
        found = [pair for group in groups if isinstance(group, Message) for pair in group.items()]
    else:
        found = list(message_from_bytes(_bytes(part), policy=policy.compat32).items())
    fields: dict[str, str] = {}
    for name, value in found:
        fields.setdefault(name.lower(), " ".join(str(value).split()))
    return {
        name: value.lower() if name in {"action", "feedback-type"} else value
        for name, value in fields.items()
    }


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _text(message: Message) -> str:
    return " ".join(
        _bytes(part).decode("ascii", "replace")[:20_000]
        for part in message.walk()
        if part.get_content_maintype() == "text"
    )


def _one_line(text: str) -> str:
    return _ADDRESS.sub("<…>", " ".join(text.split()))[:_LONGEST]
