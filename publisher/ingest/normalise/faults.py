"""What is wrong with a piece of HTML, in words: said to the operator, and mended by ``markup``."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"<!--|<(/?)([A-Za-z][A-Za-z0-9]*)([^<>]*)(/?>)?")
_SILENT = frozenset(
    {
        "area",
        "base",
        "body",
        "br",
        "col",
        "colgroup",
        "dd",
        "dt",
        "embed",
        "head",
        "hr",
        "html",
        "img",
        "input",
        "li",
    }
    | {
        "link",
        "meta",
        "option",
        "p",
        "param",
        "source",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "track",
        "wbr",
    }
)
"""Elements without an end tag, or whose end tag HTML lets one leave out."""
_RAW = frozenset({"script", "style", "template"})
_REFUSED = frozenset({"applet", "embed", "form", "frame", "iframe", "input", "object", "script", "style"})
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)
_BAD_SCHEME = re.compile(r"=\s*[\"']?\s*(javascript|vbscript|data)\s*:", re.IGNORECASE)

MAX_DEPTH = 256
MAX_ATTRIBUTES = 200
MAX_CHARACTERS = 5_000_000


def refusal(html: str) -> str:
    """Return why a piece of HTML is not read at all; empty when it is.

    Parsers take time that grows with the square of depth and of attributes, so both have an end here.
    """
    if len(html) > MAX_CHARACTERS:
        return f"the text has {len(html):,} characters; at most {MAX_CHARACTERS:,} are taken"
    depth = 0
    for closing, tag, rest, _ in _tags(html):
        if tag not in _SILENT:
            depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_DEPTH:
            return f"its HTML is nested more than {MAX_DEPTH} deep"
        if len(rest) > MAX_ATTRIBUTES and len(_QUOTED.sub("", rest).split()) > MAX_ATTRIBUTES:
            return f"its HTML has a <{tag}> with more than {MAX_ATTRIBUTES} attributes"
    return ""


def faults(html: str) -> Iterator[str]:
    """Yield what is broken in a piece of HTML, and what was taken out of it as unsafe."""
    broken = _first_break(html)
    if broken:
        yield f"broken HTML was mended: {broken}"
    refused = sorted(_unsafe(html))
    if refused:
        yield f"taken out of the HTML: {', '.join(refused)}"


def _first_break(html: str) -> str:
    opened: list[str] = []
    for closing, tag, _, end in _tags(html):
        if not end:
            return f"<{closing}{tag} is never finished"
        if tag in _SILENT or end == "/>":
            continue
        if not closing:
            opened.append(tag)
        elif tag not in opened:
            return f"</{tag}> closes nothing"
        elif opened.pop() != tag:
            return f"</{tag}> comes before what is inside it is closed"
    return f"<{opened[-1]}> is never closed" if opened else ""


def _unsafe(html: str) -> set[str]:
    found = set()
    for closing, tag, rest, _ in _tags(html):
        if tag in _REFUSED and not closing:
            found.add(tag)
        if _HANDLER.search(rest):
            found.add("event handlers")
        if scheme := _BAD_SCHEME.search(rest):
            found.add(f"{scheme[1].lower()}: address")
    return found


def _tags(html: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield (``/`` or nothing, name, attributes, its end) of each tag; skip comments and scripts."""
    at = 0
    small = html.lower()
    while found := _TOKEN.search(html, at):
        at = found.end()
        if found[0] == "<!--":
            at = html.find("-->", at)
            if at < 0:
                return
            continue
        tag = found[2].lower()
        rest, end = found[3], found[4] or ""
        if end == ">" and rest.endswith("/"):
            end = "/>"
        yield found[1], tag, rest, end
        if tag in _RAW and not found[1]:
            at = small.find(f"</{tag}", at)
            if at < 0:
                return
