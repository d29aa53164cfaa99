"""Rules over the HTML part: what readers, screen readers and mail programs make of it."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from urllib.parse import urlsplit

from publisher.digest.gate.clients import ALLOWED, support
from publisher.digest.gate.contrast import contrasts
from publisher.digest.gate.page import Element, Page
from publisher.digest.gate.sheet import Finding
from publisher.model.contrast import AIM, ENOUGH

STYLE_MOST = 16_000
"""Bytes of style blocks; Gmail drops what is more."""
SMALLEST = 14
"""Pixels of the smallest type."""
SUPPORT_LEAST = 0.88
"""Share of features and programs that fit."""

_ACTIVE = frozenset(
    {
        "script",
        "iframe",
        "object",
        "embed",
        "form",
        "input",
        "button",
        "video",
        "audio",
        "svg",
        "link",
        "base",
    }
)
_NESTED = re.compile(r"@[^{}]*\{[^{}]*@")
_REMOTE = re.compile(r"url\(\s*['\"]?(?:https?:)?//|@import", re.IGNORECASE)
_SIZE = re.compile(r"(?:^|[\s/])(\d+(?:\.\d+)?)px")


def active(page: Page) -> Iterator[Finding]:
    """Nothing that runs, and nothing that is fetched but pictures."""
    for element in page.elements:
        handlers = [name for name in element.attributes if name.startswith("on")]
        if element.tag in _ACTIVE or handlers:
            what = f"<{element.tag}>" if element.tag in _ACTIVE else handlers[0]
            yield Finding("fail", "active-content", f"{what} has no place in a letter")
        if element.get("background") or _REMOTE.search(element.get("style")):
            yield Finding("fail", "remote", f"{element.place} fetches a background")
        if element.get("srcset"):
            yield Finding("warn", "remote", f"{element.place}: srcset is not known to mail programs")
    if _REMOTE.search(page.styles):
        yield Finding("fail", "remote", "a style block fetches something from the network")


def links(page: Page) -> Iterator[Finding]:
    """Links lead somewhere, say where, and have a colour of their own."""
    for link in page.all("a"):
        address, where = link.get("href").strip(), link.place
        if not _absolute(address):
            yield Finding(
                "fail", "link-address", f"{where}: its address is empty or relative: {address[:80]!r}"
            )
        elif address.startswith("http:"):
            yield Finding("warn", "link-address", f"{where}: {address[:80]} is not https")
        if not link.text and not link.get("aria-label"):
            yield Finding("fail", "link-text", f"the link to {address[:80]} has no words")
        if "color" not in link.style:
            yield Finding("warn", "link-colour", f"{where} has no colour of its own")


def pictures(page: Page) -> Iterator[Finding]:
    """Pictures have words and a size, and an address that works from a mailbox."""
    for image in page.all("img"):
        where = f"the picture {image.get('src')[-60:]!r}"
        if not image.get("src").startswith(("https://", "http://")):
            yield Finding("fail", "picture-address", f"{where} has no absolute address")
        if "alt" not in image.attributes:
            yield Finding("fail", "picture-alt", f"{where} has no alt text")
        if not (image.get("height").isdigit() and image.get("width").isdigit()):
            yield Finding("warn", "picture-size", f"{where} lacks width or height in whole pixels")


def structure(page: Page) -> Iterator[Finding]:
    """Language, title, headings in order, tables that only lay out."""
    root = next(page.all("html"), None)
    if root is None or not root.get("lang"):
        yield Finding("fail", "language", "the document does not say its language")
    if not any(title.text for title in page.all("title")):
        yield Finding("fail", "title", "the document has no title")
    levels = [(int(element.tag[1]), element) for element in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    if sum(level == 1 for level, _ in levels) != 1:
        yield Finding("warn", "headings", "there is not exactly one h1")
    for (before, _), (level, heading) in pairwise(levels):
        if level > before + 1:
            yield Finding("warn", "headings", f"{heading.place} follows an h{before}")
    for level, heading in levels:
        if not heading.text:
            yield Finding("fail", "headings", f"an h{level} has no words")
    for table in page.all("table"):
        if table.get("role") != "presentation":
            yield Finding("warn", "tables", 'a table without role="presentation" is read as data')


def styles(page: Page) -> Iterator[Finding]:
    """Style blocks that Gmail keeps, and type that can be read."""
    size = len(page.styles.encode())
    if size > STYLE_MOST:
        yield Finding(
            "warn",
            "style-size",
            f"the style blocks have {size:,} bytes; Gmail drops them past {STYLE_MOST:,}",
        )
    if any(_NESTED.search(block.text) for block in page.all("style")):
        yield Finding(
            "warn", "style-nesting", "a style block has a rule with @ within another; Gmail drops the block"
        )
    for element in page.elements:
        size_said = _type_size(element)
        if size_said and size_said < SMALLEST and element.text and not element.hidden:
            yield Finding("warn", "type-size", f"{element.place}: {size_said:g}px is below {SMALLEST}px")


def contrast(page: Page) -> Iterator[Finding]:
    """Every word stands out from its ground, by day and by night."""
    for faint in contrasts(page):
        said = f"{faint.ratio:.1f}:1 {faint.light}, at {faint.text!r}"
        if faint.ratio < ENOUGH:
            yield Finding("fail", "contrast", f"contrast of only {said}; {ENOUGH}:1 is the least")
        elif faint.ratio < AIM:
            yield Finding("warn", "contrast", f"contrast of {said}; {AIM:.0f}:1 is good")


def clients(page: Page) -> Iterator[Finding]:
    """Features that the main mail programs support."""
    known = support(page)
    for name, lacking in known.lacking.items():
        if name not in ALLOWED:
            yield Finding("warn", "clients", f"{name} is not supported by {', '.join(lacking)}")
    if known.share < SUPPORT_LEAST:
        yield Finding(
            "warn", "clients", f"only {known.share:.0%} of features and programs fit; 88 % is the aim"
        )


def _absolute(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.netloc) if parts.scheme in {"http", "https"} else parts.scheme in {"mailto", "tel"}


def _type_size(element: Element) -> float | None:
    declared = element.style.get("font-size") or element.style.get("font", "").partition("/")[0]
    found = _SIZE.search(declared)
    return float(found[1]) if found else None


RULES: tuple[Callable[[Page], Iterable[Finding]], ...] = (
    active,
    links,
    pictures,
    structure,
    styles,
    contrast,
    clients,
)
