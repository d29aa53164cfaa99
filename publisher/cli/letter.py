"""publisher check-letter: what the e-mail gate says of a message, a page or an edition."""

from collections.abc import Sequence
from pathlib import Path

import click

from publisher.cli.common import (
    DONE,
    PROBLEMS,
    Session,
    ended,
    json_option,
    pass_session,
    print_json,
    say,
    warn,
)
from publisher.digest.gate import check, examine, sheet_of
from publisher.digest.gate.clients import support
from publisher.digest.gate.file import sheet_in
from publisher.digest.gate.sheet import Finding, Sheet
from publisher.errors import UsageError
from publisher.store import editions


@click.command(name="check-letter")
@click.argument("letter", metavar="FILE-OR-EDITION")
@json_option
@pass_session
def command(session: Session, letter: str, as_json: bool) -> None:
    """Check a letter: an .eml or .html file, or an edition written DIGEST/SLOT.

    Ends with 1 when something fails; such an edition would not be sent.
    """
    file = Path(letter)
    if file.is_file() or file.suffix.lower() in {".eml", ".html", ".htm"}:
        sheet = sheet_in(file)
        found = examine(sheet)
    else:
        sheet, found = _edition(session, letter)
    failed = any(finding.level == "fail" for finding in found)
    if as_json:
        print_json(_plain(letter, sheet, found))
    else:
        _tell(letter, sheet, found)
    ended(PROBLEMS if failed else DONE)


def _edition(session: Session, name: str) -> tuple[Sheet, tuple[Finding, ...]]:
    digest, mark, slot = name.partition("/")
    if not mark:
        raise UsageError(f"{name}: no such file; an edition is written DIGEST/SLOT, as in morning/2026-11-21")
    with session.desk(create=False) as desk, desk.store.read() as tx:
        edition = editions.get(tx, digest, slot)
    if edition is None:
        raise UsageError(f"there is no edition {name}; publisher status lists those that were made")
    content = edition.content
    return sheet_of(content.subject, content.preheader, content.html, content.text), check(content)


def _plain(name: str, sheet: Sheet, found: Sequence[Finding]) -> dict[str, object]:
    return {
        "letter": name,
        "subject": sheet.subject,
        "html_bytes": len(sheet.html.encode()),
        "html_encoded_bytes": sheet.html_encoded,
        "text_encoded_bytes": sheet.text_encoded,
        "support": round(support(sheet.page).share, 3) if sheet.page else None,
        "findings": [{"level": one.level, "rule": one.rule, "detail": one.detail} for one in found],
    }


def _tell(name: str, sheet: Sheet, found: Sequence[Finding]) -> None:
    for finding in found:
        warn(f"{finding.level:<5} {finding.rule}: {finding.detail}")
    sizes = f"HTML {len(sheet.html.encode()):,} bytes, {sheet.html_encoded:,} as it travels"
    known = f"; {support(sheet.page).share:.0%} of features and programs fit" if sheet.page else ""
    say(f"{name}: {sizes}{known}")
    failures = sum(finding.level == "fail" for finding in found)
    say(f"{failures} failed, {len(found) - failures} to look at" if found else "nothing to complain of")
