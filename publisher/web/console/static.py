"""The console's style and script, for everybody: the sign-in page needs them too."""

from publisher.web.console import visit as pieces
from publisher.web.console.address import Address
from publisher.web.console.visit import GUARD, Visit
from publisher.web.headers import Header
from publisher.web.reply import Reply

_KEPT: Header = (b"cache-control", b"private, max-age=31536000, immutable")
"""Their addresses carry a mark of what they hold."""


def style(visit: Visit) -> Reply:
    """Answer with the style sheet."""
    return _file("text/css", pieces.style(visit.environment))


def script(visit: Visit) -> Reply:
    """Answer with the only script."""
    return _file("text/javascript", pieces.script(visit.environment))


def _file(kind: str, text: str) -> Reply:
    guard = [pair for pair in GUARD if pair[0] != b"cache-control"]
    return Reply(200, ((b"content-type", f"{kind}; charset=utf-8".encode()), _KEPT, *guard), text.encode())


ADDRESSES = (
    Address("/console.css", style, role=None),
    Address("/console.js", script, role=None),
)
