"""Rules over a whole letter: sizes, subject, way out, and that both parts say the same."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from publisher.digest.gate.page import Element, Page
from publisher.digest.gate.sheet import Finding, Sheet
from publisher.digest.opening import PREHEADER_LEAST, PREHEADER_MOST, SUBJECT_MOST

REFUSED, LARGE = 80_000, 60_000
"""Bytes of decoded HTML."""
CLIPPED = 100_000
"""Bytes of an encoded part; Gmail shows the first 102 KB and hides the rest, the way out with it."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ADDRESS_LINE = re.compile(r"^https?://\S+$", re.MULTILINE)
_UNFILLED = re.compile(r"\{\{|\{%|%7B%7B|<!--piece |\{(?:title|site|date|headlines|n)\}")


def sizes(sheet: Sheet) -> Iterator[Finding]:
    """Bytes of the HTML, and of both parts as they travel."""
    size = len(sheet.html.encode())
    if size >= REFUSED:
        yield Finding(
            "fail", "html-size", f"the HTML has {size:,} bytes, {REFUSED:,} is refused; take fewer articles"
        )
    elif size >= LARGE:
        yield Finding("warn", "html-size", f"the HTML has {size:,} bytes; {LARGE:,} is large")
    for name, encoded in (("HTML", sheet.html_encoded), ("text", sheet.text_encoded)):
        if encoded >= CLIPPED:
            yield Finding(
                "fail",
                "clipping",
                f"the {name} part travels as {encoded:,} bytes; Gmail cuts near 102,000",
            )


def subject(sheet: Sheet) -> Iterator[Finding]:
    """A subject on one line, of a length that lists show."""
    said = sheet.subject
    if not said.strip():
        yield Finding("fail", "subject", "the subject is empty")
    if _CONTROL.search(said) or "\n" in said:
        yield Finding("fail", "subject", "the subject holds a control character or a line break")
    if len(said) > SUBJECT_MOST:
        yield Finding("warn", "subject", f"the subject has {len(said)} characters, {SUBJECT_MOST} are plenty")
    if _UNFILLED.search(said):
        yield Finding("warn", "placeholder", f"the subject looks unfilled: {said[:80]!r}")


def preheader(sheet: Sheet) -> Iterator[Finding]:
    """A preheader long enough to fill its place."""
    said = sheet.preheader
    if said is not None and not PREHEADER_LEAST <= len(said) <= PREHEADER_MOST:
        yield Finding(
            "warn",
            "preheader",
            f"the preheader has {len(said)} characters; {PREHEADER_LEAST} to {PREHEADER_MOST} are shown",
        )


def way_out(sheet: Sheet) -> Iterator[Finding]:
    """The unsubscribe link in both parts."""
    if sheet.text is None:
        return
    links = [link.get("href") for link in sheet.page.all("a")] if sheet.page else None
    if links is not None and not any(sheet.unsubscribe in link for link in links):
        yield Finding("fail", "unsubscribe", "the HTML part has no unsubscribe link")
    if sheet.unsubscribe not in sheet.text:
        yield Finding("fail", "unsubscribe", "the text part has no unsubscribe address")


def both_parts(sheet: Sheet) -> Iterator[Finding]:
    """The text part tells the same stories as the HTML part, in the same order."""
    if sheet.text is None:
        return
    if not sheet.text.strip():
        yield Finding("fail", "text-part", "there is no text part")
        return
    if sheet.page is None:
        return
    stories = headline_links(sheet.page)
    told = [address for address in _ADDRESS_LINE.findall(sheet.text) if address in set(stories)]
    if told != stories:
        yield Finding(
            "fail",
            "text-part",
            f"the text part tells {len(told)} stories and the HTML part {len(stories)}, or in another order",
        )


def composed(sheet: Sheet) -> Iterator[Finding]:
    """Letters with their marks in one character (NFC), which some programs only then draw well."""
    for name, said in (
        ("subject", sheet.subject),
        ("HTML part", sheet.html),
        ("text part", sheet.text or ""),
    ):
        if not unicodedata.is_normalized("NFC", said):
            yield Finding("warn", "nfc", f"the {name} is not in Unicode's composed form (NFC)")


def placeholders(sheet: Sheet) -> Iterator[Finding]:
    """Places that a template left unfilled: certain in an address, likely in words."""
    for element in sheet.page.elements if sheet.page else ():
        for name in ("href", "src", "style"):
            if _UNFILLED.search(element.get(name)):
                yield Finding("fail", "placeholder", f"{element.place}: unfilled {element.get(name)[:80]!r}")
    for part, said in (("HTML part", sheet.html), ("text part", sheet.text or "")):
        if found := _UNFILLED.search(said):
            yield Finding("warn", "placeholder", f"the {part} holds {found[0]!r}: is a place unfilled?")


def headline_links(page: Page) -> list[str]:
    """Return the addresses that the headlines lead to, in the letter's order."""
    return [link.get("href") for link in page.all("a") if _in_headline(link)]


def _in_headline(link: Element) -> bool:
    return any(element.tag in {"h2", "h3"} for element in link.line_up())


RULES: tuple[Callable[[Sheet], Iterable[Finding]], ...] = (
    sizes,
    subject,
    preheader,
    way_out,
    both_parts,
    composed,
    placeholders,
)
