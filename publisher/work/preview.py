"""An edition as files that a person can open, before or after it is made."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.delivery.message import compose
from publisher.digest import issue
from publisher.digest.issue import Preview
from publisher.errors import UnreachableError
from publisher.model.delivery import Delivery, State
from publisher.model.edition import Choice, Edition
from publisher.model.slot import Slot, begins
from publisher.model.variant import variant
from publisher.settings.schema import Settings
from publisher.store import deliveries, editions
from publisher.tokens import Tokens
from publisher.work.desk import Desk

_LENGTH = {"day": timedelta(days=1), "week": timedelta(days=7)}
HTML, TEXT, MESSAGE, SELECTION = "edition.html", "edition.txt", "edition.eml", "selection.json"

_NOBODYS = Tokens((b"a preview's links open nothing",))
"""The site's own key is not used: a preview that is passed on must not let anyone act for a subscriber."""


def preview(desk: Desk, digest: str, slot: Slot) -> tuple[Preview, dict[str, bytes]]:
    """Return what the edition of a slot is or would be, and its files by their names.

    Nothing is written: neither to the store nor to the site.

    Raises:
        UsageError: there is no such digest.
        ConfigError: a template or the editor's note cannot be used.
    """
    shown = issue.preview(desk.store, settings=desk.settings, site=desk.site, digest=digest, slot=slot)
    return shown, _files(shown, desk.settings)


def became(desk: Desk, digest: str, slot: Slot) -> str:
    """Return what became of a slot, in one sentence: from the record where there is one."""
    now = desk.clock()
    with desk.store.read() as tx:
        issue = editions.issue(tx, digest, slot.key)
        counts = deliveries.counts(tx, issue.id) if issue else {}
    if issue is None:
        over = slot.due < now and begins(slot, desk.zone) + _LENGTH[desk.settings.digests[digest].slot] <= now
        said = "this slot is over and had no letter; nothing was sent or recorded"
        return said if over else "not made yet; nothing was sent or recorded"
    if issue.state != "made":
        return f"no letter went: {issue.reason}; this is what it would hold now"
    ledger = ", ".join(f"{count} {state}" for state, count in counts.items())
    sent = f"its letters: {ledger}" if ledger else "no letter of it has gone yet"
    return f"made already, on {issue.made:%Y-%m-%d %H:%M} UTC; this is what it holds; {sent}"


def write(files: Mapping[str, bytes], folder: Path) -> None:
    """Write the files into a folder; an HTML page that an earlier preview left there does not stay.

    Raises:
        UnreachableError: the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HTML).unlink(missing_ok=True)
        for name, content in files.items():
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
    except OSError as error:
        raise UnreachableError(
            f"{error.filename or folder}: {(error.strerror or str(error)).lower()}"
        ) from error


def explained(shown: Preview) -> dict[str, Any]:
    """Return the selection as ``selection.json`` holds it; ``docs/digest.md`` describes each key."""
    selection = shown.selection
    left = [choice for choice in selection.choices if not choice.picked]
    return {
        "digest": selection.digest,
        "slot": selection.slot,
        "state": _state(shown),
        "reason": shown.skipped_reason or "",
        "since": selection.since,
        "until": selection.until,
        "subject": shown.rendered.subject,
        "preheader": shown.rendered.preheader,
        "picked": [_choice(choice) for choice in selection.picked],
        "left_out": [_choice(choice) for choice in left],
        "counts": dict(sorted(Counter(choice.reason for choice in selection.choices).items())),
        "problems": list(shown.problems),
    }


def _files(shown: Preview, settings: Settings) -> dict[str, bytes]:
    page = shown.rendered.html.replace(f"{settings.site.url}/media/", "media/")
    explanation = json.dumps(explained(shown), ensure_ascii=False, indent=2, default=_moment) + "\n"
    return {
        **({HTML: page.encode()} if page else {}),
        TEXT: shown.rendered.text.encode(),
        MESSAGE: _message(shown, settings),
        SELECTION: explanation.encode(),
        **{f"media/{name}": content for name, content in shown.files.items()},
    }


def _message(shown: Preview, settings: Settings) -> bytes:
    """Return the letter as a subscriber of everything gets it, addressed to the newsroom itself."""
    selection = shown.selection
    edition = shown.edition or Edition(
        id=0,
        digest=selection.digest,
        slot=selection.slot,
        made=selection.until,
        due=selection.until,
        selection=selection,
        content=shown.rendered,
    )
    delivery = Delivery(
        id=0,
        edition_id=edition.id,
        subscription_id=0,
        address=settings.mail.sender,
        language=shown.rendered.language,
        sections=(),
        state=State.PENDING,
        planned=edition.due,
        due=edition.due,
        attempts=0,
        reason="",
        changed=edition.due,
    )
    whole = variant(shown.rendered, ())
    assert whole is not None
    return compose(whole, delivery=delivery, edition=edition, settings=settings, tokens=_NOBODYS)


def _state(shown: Preview) -> str:
    if shown.edition is not None:
        return "made"
    if shown.held_back:
        return "held back"
    return "skipped" if shown.skipped_reason else "preview"


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "id": choice.article_id,
        "title": choice.title,
        "section": choice.section,
        "reason": choice.reason,
        "detail": choice.detail,
    }


def _moment(value: Any) -> str:
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else str(value)
