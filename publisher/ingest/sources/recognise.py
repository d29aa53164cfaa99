"""Which format a document is in, told from its first bytes and never from its name."""

import re
from dataclasses import dataclass
from typing import Literal

from publisher.ingest.normalise.text import split_agency
from publisher.ingest.sources.pagetext import LONGEST_HEADLINE, decoded

Format = Literal["page text", "JSON Lines", "RSS or Atom"]

HEAD = 65_536
"""How many bytes from the start are looked at."""

_MAGIC = (
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF file"),
    (b"PK\x03\x04", "a ZIP archive or an office file"),
    (b"\x1f\x8b", "a gzip file"),
    (b"\xd0\xcf\x11\xe0", "an old office file"),
    (b"SQLite format 3", "an SQLite file"),
)
_ROOT = re.compile(rb"<(?![?!])(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_MARKUP = re.compile(rb"<[A-Za-z?!]")
_JSON = re.compile(rb"\{\s*[\"}]|\{\s*$|\[\s*[\[{\"\d\]]|\[\s*$")
_FEEDS = frozenset({b"rss", b"feed", b"rdf"})
_NO_HEADLINE = re.compile(
    r"#+ |#!|//|/\*|\"{3}|'{3}|---|import \w+$|from [\w.]+ import |(?:def|class|function) \w+[({:]"
    r"|(?:const|let|var) \w+ =|(?:using|package) [\w.]+;"
)
_SENTENCE_ENDS = frozenset(".!?…:。")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1f]")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why a document is in no format that can be read."""

    reason: str


def recognise(head: bytes) -> Format | Unknown:
    """Return the format of a document.

    Args:
        head: its first :data:`HEAD` bytes, or all of it.
    """
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        return Unknown("the file is empty")
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return Unknown(f"not articles but {name}")
    if _MARKUP.match(start):
        return _markup(start)
    if _JSON.match(start):
        return _json(start)
    return _text(head)


def _markup(start: bytes) -> Format | Unknown:
    found = _ROOT.search(_COMMENT.sub(b"", start))
    root = found[1].lower() if found else b""
    if root in _FEEDS:
        return "RSS or Atom"
    if root == b"html" or start[:14].lower().startswith(b"<!doctype html"):
        return Unknown("an HTML page; give the address of its feed, or save the page as text")
    return Unknown(f"XML, but neither RSS nor Atom: it begins with <{root.decode('ascii', 'replace')}>")


def _json(start: bytes) -> Format | Unknown:
    first = start.split(b"\n", 1)[0].strip()
    if first.startswith(b"[") or first == b"{":
        return Unknown("JSON, but not JSON Lines; write each article as one object on one line")
    return "JSON Lines"


def _text(head: bytes) -> Format | Unknown:
    reason = _not_text(head)
    if reason:
        return Unknown(reason)
    lines = decoded(head).splitlines()
    while lines and not lines[0].strip():
        lines.pop(0)
    if not lines:
        return Unknown("the file is empty")
    title, rest = lines[0].strip(), lines[1:]
    if len(title) > LONGEST_HEADLINE:
        return Unknown(f"no page text: its first line, the headline, has {len(title):,} characters or more")
    if not any(line.strip() for line in rest):
        return Unknown(
            "no page text: a headline, an empty line and paragraphs are expected, and it has one line only"
        )
    if rest[0].strip() and not split_agency(rest[0].strip())[0]:
        return Unknown("no page text: an empty line is expected below the headline")
    if _NO_HEADLINE.match(title):
        return Unknown(
            f"no page text: {title[:40]!r} is no headline but the beginning of a program or of Markdown"
        )
    if len(head) < HEAD and all(_SENTENCE_ENDS.isdisjoint(line) for line in rest):
        return Unknown("no page text: there is no sentence below the headline")
    return "page text"


def _not_text(head: bytes) -> str:
    """Return why bytes are no text; a stray control character does not make them so."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    if len(_CONTROLS.findall(head)) * 50 > len(head):
        return "not a text file"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end in the middle of a letter.
        if len(head) < HEAD or error.start < len(head) - 4:
            return f"not UTF-8 (byte {error.start + 1}); save it as UTF-8"
    return ""
