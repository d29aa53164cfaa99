"""The e-mail gate: what a letter must hold to before it goes out.

Pure checks over a finished letter. A finding that *fails* would harm readers or be turned away by mail
programs and keeps the edition from being sent; one that *warns* is for the operator to know.
"""

from base64 import encodebytes
from collections.abc import Iterable, Iterator
from quopri import encodestring

from publisher.digest.gate import page_rules, rules
from publisher.digest.gate.page import parse
from publisher.digest.gate.sheet import Finding, Sheet
from publisher.model.edition import UNSUBSCRIBE_TOKEN, Rendered
from publisher.model.variant import variant


def check(rendered: Rendered) -> tuple[Finding, ...]:
    """Return what is wrong with an edition, failures first; nothing when it may go out as it is.

    The whole letter is examined, and the letter of each single section, in which another story leads.

    Args:
        rendered: the edition's content, place holders and all.
    """
    sections = dict.fromkeys(piece.section for piece in rendered.pieces if piece.role == "standin")
    letters = [variant(rendered, []), *(variant(rendered, [key]) for key in sections if key)]
    found: dict[tuple[str, str], Finding] = {}
    for letter in filter(None, letters):
        for finding in examine(sheet_of(letter.subject, letter.preheader, letter.html, letter.text)):
            found.setdefault((finding.rule, finding.level), finding)
    return tuple(sorted(found.values(), key=lambda finding: finding.level != "fail"))


def sheet_of(subject: str, preheader: str | None, html: str, text: str) -> Sheet:
    """Return a letter that was not sent yet as the gate looks at it; its parts' bytes are reckoned."""
    return Sheet(
        subject=subject,
        preheader=preheader,
        html=html,
        text=text,
        page=parse(html) if html else None,
        unsubscribe=f"/u/{UNSUBSCRIBE_TOKEN}",
        html_encoded=encoded_size(html),
        text_encoded=encoded_size(text),
    )


def examine(sheet: Sheet) -> tuple[Finding, ...]:
    """Return everything that the rules find, failures first."""
    found: Iterator[Finding] = (finding for rule in _rules(sheet) for finding in rule)
    return tuple(sorted(found, key=lambda finding: finding.level != "fail"))


def encoded_size(text: str) -> int:
    """Return the bytes of a part in the smaller of quoted-printable and base64 (RFC 2045 §6)."""
    plain = text.replace("\n", "\r\n").encode()
    return min(len(encodestring(plain)), len(encodebytes(plain).replace(b"\n", b"\r\n"))) if plain else 0


def _rules(sheet: Sheet) -> Iterator[Iterable[Finding]]:
    yield from (rule(sheet) for rule in rules.RULES)
    if sheet.page:
        yield from (rule(sheet.page) for rule in page_rules.RULES)
