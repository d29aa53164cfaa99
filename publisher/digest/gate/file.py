"""A letter for the gate from a file: a message as it travels, or a page."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path

from publisher.digest.gate import encoded_size
from publisher.digest.gate.page import parse
from publisher.digest.gate.sheet import Sheet
from publisher.errors import UnreachableError, UsageError
from publisher.model.edition import UNSUBSCRIBE_TOKEN

_HEADER = re.compile(
    rb"^(?:[!-9;-~]+:.*\r?\n(?:[ \t].*\r?\n)*)*?(?:from|subject|date|mime-version|content-type):",
    re.IGNORECASE,
)
"""A block of header fields (RFC 5322 §2.2) with one in it that messages have."""
_WAY_OUT = re.compile(r"<https?://[^/>]+(/[^>]+)>")


def sheet_in(file: Path) -> Sheet:
    """Return the letter in a file: an .eml message, recognised by its headers, or an HTML document.

    Raises:
        UnreachableError: the file cannot be read.
        UsageError: it holds neither.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise UnreachableError(f"{file}: {(error.strerror or 'cannot be read').lower()}") from None
    if content.lstrip()[:1] == b"<":
        return _page(content.decode(errors="replace"))
    if _HEADER.match(content):
        return _message(file, content)
    raise UsageError(f"{file}: neither a message with headers nor an HTML page")


def _page(html: str) -> Sheet:
    return Sheet(
        subject="(a page has none)",
        preheader=None,
        html=html,
        text=None,
        page=parse(html),
        unsubscribe=f"/u/{UNSUBSCRIBE_TOKEN}",
        html_encoded=encoded_size(html),
        text_encoded=0,
    )


def _message(file: Path, content: bytes) -> Sheet:
    message = message_from_bytes(content, policy=policy.default)
    assert isinstance(message, EmailMessage)
    page, text = message.get_body(("html",)), message.get_body(("plain",))
    if page is None and text is None:
        raise UsageError(f"{file}: the message has neither a text nor an HTML part")
    html = _content(page)
    return Sheet(
        subject=str(message["Subject"] or ""),
        preheader=None,
        html=html,
        text=_content(text),
        page=parse(html) if html else None,
        unsubscribe=_way_out(message),
        html_encoded=_travelling(page),
        text_encoded=_travelling(text),
    )


def _content(part: MIMEPart | None) -> str:
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _travelling(part: MIMEPart | None) -> int:
    """Return the bytes of a part's body as it stands in the message."""
    return len(str(part.get_payload()).encode(errors="surrogateescape")) if part is not None else 0


def _way_out(message: EmailMessage) -> str:
    """Return the path of List-Unsubscribe (RFC 8058), which the body must show too."""
    found = _WAY_OUT.search(str(message["List-Unsubscribe"] or ""))
    return found[1] if found else f"/u/{UNSUBSCRIBE_TOKEN}"
