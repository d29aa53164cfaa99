"""Editions: what is planned, what went out, and each with its letter, its choices and its ledger."""

from publisher.errors import PublisherError
from publisher.model.delivery import State
from publisher.model.slot import day_of
from publisher.model.variant import variant
from publisher.settings.base import wording
from publisher.store import actions, editions, holds
from publisher.store import deliveries as ledger
from publisher.web.console import bar, wishes
from publisher.web.console.address import reader
from publisher.web.console.letter import letter
from publisher.web.console.visit import Visit, missing, page
from publisher.web.reply import Reply
from publisher.work.panels import letters
from publisher.work.panels.letters import Sheet
from publisher.work.panels.today import Letter

VIEWS = ("desktop", "phone", "dark", "phone-dark", "text")
_LISTED, _MOST = 30, 480
_ACTIONS = 20


def listed(visit: Visit) -> Reply:
    """Answer with the editions that are planned, and those on record."""
    asked = visit.query.get("n", "")
    limit = min(int(asked), _MOST) if asked.isdecimal() and len(asked) < 5 else _LISTED
    with visit.desk.store.read() as tx:
        found = [
            Letter(
                one,
                letters.title_of(visit.settings, one.digest, visit.language),
                holds.get(tx, one.digest, one.slot),
                ledger.counts(tx, one.id),
            )
            for one in editions.listed(tx, limit=limit + 1)
        ]
        coming = letters.coming(tx, visit.desk, visit.language, visit.now)
    more = min(limit * 2, _MOST) if len(found) > limit and limit < _MOST else 0
    return page(
        visit,
        "console/editions.html",
        coming=coming,
        found=found[:limit],
        more=more,
        bar=bar.bar,
        parts=bar.parts,
        day_of=day_of,
    )


def edition(visit: Visit) -> Reply:
    """Answer with one edition, made or planned."""
    one = sheet(visit)
    if one is None:
        return missing(visit)
    view, shown, broken = visit.query.get("view", ""), None, ""
    try:
        shown = letters.seen(visit.desk, one)
    except PublisherError as error:
        broken = str(error)
    views = VIEWS if shown and shown.rendered.html else VIEWS[-1:]
    with visit.desk.store.read() as tx:
        done = actions.latest(tx, limit=_ACTIONS, about=f"{one.digest} {one.slot.key}")
        kept = editions.selection_of(tx, one.digest, one.slot.key)
    chosen = kept or (shown.selection if shown else None)
    whole = variant(shown.rendered, ()) if shown else None
    return page(
        visit,
        "console/edition.html",
        one=one,
        views=views,
        view=view if view in views else views[0],
        shown=shown,
        text=whole.text if whole else "",
        broken=broken,
        contents=letters.contents(chosen.choices) if chosen else None,
        wishes=wishes.possible(visit, one),
        said=wishes.said(visit),
        done=done,
        bar=bar.bar,
        parts=bar.parts,
        day_of=day_of,
        section_title=lambda key: _section(visit, key),
        lost=sum(one.counts.get(state, 0) for state in letters.MISSED),
        uncertain=one.counts.get(State.UNCERTAIN, 0),
    )


def frame(visit: Visit) -> Reply:
    """Answer with the letter itself, for the frame of that page."""
    one = sheet(visit)
    shown = letters.seen(visit.desk, one) if one else None
    whole = variant(shown.rendered, ()) if shown else None
    if shown is None or whole is None or not whole.html:
        return missing(visit)
    light = visit.parts["light"]
    if light not in {"light", "dark"}:
        return missing(visit)
    return letter(whole.html, shown.files, visit.settings.site.url, "dark" if light == "dark" else "light")


def _section(visit: Visit, key: str | None) -> str:
    """Return what a section is called; its key when the config has it no more."""
    if key is None:
        return visit.words("No section")
    section = visit.settings.sections.get(key)
    return wording(section.title, visit.language) if section else key


def sheet(visit: Visit) -> Sheet | None:
    """Return the edition that an address names; None when there is none."""
    parts = visit.parts
    return letters.sheet(visit.desk, parts["digest"], parts["slot"], visit.language, visit.now)


ADDRESSES = (
    reader("/editions", listed),
    reader("/editions/{digest}/{slot}", edition),
    reader("/editions/{digest}/{slot}/letter/{light}", frame),
)
