"""Writing XML by hand, where a document tree for every entry would cost more than all the rest."""

import re
from html import escape
from html.entities import name2codepoint

_SPECIAL = re.compile("[&<>\"']")
_LIKE_HTML = re.compile(r"</\w+>|&(?:#?\w*\d\w*|" + "|".join(sorted(name2codepoint)) + r"|apos)\b")


def text(value: str) -> str:
    """Return a text as element content; it is clean already (:mod:`publisher.feeds.clean`)."""
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return value.replace("\r", "&#13;") if "\r" in value else value


def element(name: str, value: str, **attributes: object) -> str:
    """Return an element with a text; empty when there is no text."""
    return f"<{name}{said(attributes)}>{text(value)}</{name}>" if value else ""


def empty(name: str, **attributes: object) -> str:
    """Return an element that has only attributes; those that are None are left out."""
    return f"<{name}{said(attributes)}/>"


def said(attributes: dict[str, object]) -> str:
    """Return attributes as they stand in a tag, on one line each; those that are None are left out."""
    return "".join(
        [f' {name}="{_quoted(str(value))}"' for name, value in attributes.items() if value is not None]
    )


def _quoted(value: str) -> str:
    return escape(value) if _SPECIAL.search(value) else value


def like_html(value: str) -> bool:
    """Return whether a reader could take a plain text for HTML."""
    return ("&" in value or "<" in value) and _LIKE_HTML.search(value) is not None


def typed(name: str, value: str, *, plain: str | None = None) -> str:
    """Return a text construct that leaves no reader guessing: one that looks like HTML is declared as such.

    Args:
        name: of the element.
        value: plain text.
        plain: the ``type`` of a text that does not look like HTML; none when left out.
    """
    if like_html(value):
        return f'<{name} type="html">{text(escape(value, quote=False))}</{name}>'
    return f"<{name}{said({'type': plain})}>{text(value)}</{name}>"
