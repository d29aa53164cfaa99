"""Editing the config's files: check, see what would change, save; and the revisions that were."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from publisher.model.revision import Revision
from publisher.settings.schema import Settings
from publisher.web.console import terms
from publisher.web.console.address import operator, reader
from publisher.web.console.visit import Visit, missing, page, to
from publisher.web.reply import Reply
from publisher.work import configs
from publisher.work.configs import Effect
from publisher.work.panels import editor, inforce, merge
from publisher.work.panels import schedule as schedules
from publisher.work.panels.editor import FILES, Draft, Meanwhile
from publisher.work.panels.schedule import Move

LARGEST = 1024 * 1024
"""Bytes of a form; Vietnamese letters take nine each on the way."""
LISTED = 50


def show(visit: Visit) -> Reply:
    """Answer with a file as it is in force."""
    if visit.parts["file"] not in FILES:
        return missing(visit)
    return _page(visit, editor.draft(visit.desk, visit.parts["file"]))


def act(visit: Visit) -> Reply:
    """Check a draft, or save one that was checked and not touched since."""
    if visit.parts["file"] not in FILES:
        return missing(visit)
    base = visit.form.one("base")
    draft = Draft(
        visit.parts["file"],
        editor.plain("".join(visit.form.all("text")[:1])),
        int(base) if base.isdecimal() and len(base) < 16 else None,
    )
    is_checked = visit.form.one("checked") == _mark(draft.text)
    if visit.form.one("do") == "save" and is_checked:
        return _save(visit, draft)
    return look(visit, draft, touched=visit.form.one("do") == "save")


def look(visit: Visit, draft: Draft, *, moved: str = "", touched: bool = False) -> Reply:
    """Answer with what is wrong with a draft, and what it would change.

    Args:
        visit: the request.
        draft: the text.
        moved: the job whose hour was moved, when the text comes from there.
        touched: whether it was to be saved although it is not what was checked.
    """
    checked = editor.check(visit.desk, draft)
    moves = _moves(visit, checked.settings)
    return _page(
        visit,
        draft,
        422 if checked.problems else 200,
        checked=checked,
        moves=moves,
        effects=_besides(checked.effects, moves),
        meanwhile=editor.meanwhile(visit.desk, draft),
        proof=_mark(draft.text),
        moved=moved,
        touched=touched,
    )


def history(visit: Visit) -> Reply:
    """Answer with the revisions, latest first."""
    before = visit.query.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 16 else None
    found = configs.history(visit.desk, limit=LISTED + 1, before=number)
    return page(
        visit,
        "console/revisions.html",
        revisions=found[:LISTED],
        is_last=len(found) <= LISTED,
        newest=_number(inforce.latest(visit.desk)),
        terms=terms,
    )


def revision(visit: Visit) -> Reply:
    """Answer with one revision: what it changed, and what going back to it would."""
    found = _revision(visit)
    return missing(visit) if found is None else _revision_page(visit, found)


def roll_back(visit: Visit) -> Reply:
    """Put an old revision into force again, when none came since the page was looked at."""
    found, newest = _revision(visit), inforce.latest(visit.desk)
    if found is None or newest is None:
        return missing(visit)
    if visit.form.one("base") != str(newest.number):
        return _revision_page(visit, found, 409, outdated=True)
    made = configs.rollback(visit.desk, found.number, who=visit.who)
    if isinstance(made, Revision):
        return to("/schedule", {"saved": str(made.number)})
    return _revision_page(visit, found, 422, problems=made)


def _save(visit: Visit, draft: Draft) -> Reply:
    made = editor.save(visit.desk, draft, visit.who)
    if isinstance(made, Revision):
        return to("/schedule", {"saved": str(made.number)})
    if isinstance(made, Meanwhile):
        return _page(visit, draft, 409, meanwhile=made)
    return look(visit, draft)


def _page(visit: Visit, draft: Draft, status: int = 200, **values: Any) -> Reply:
    shown: dict[str, Any] = {
        "checked": None,
        "moves": (),
        "effects": (),
        "meanwhile": None,
        "proof": "",
        "moved": "",
        "touched": False,
    }
    return page(
        visit,
        "console/editor.html",
        status,
        draft=draft,
        file=FILES[draft.name],
        names=list(FILES),
        state=configs.state(visit.desk),
        lines=draft.text.count("\n") + 1,
        terms=terms,
        **shown | values,
    )


def _revision_page(visit: Visit, found: Revision, status: int = 200, **values: Any) -> Reply:
    desk, newest = visit.desk, inforce.latest(visit.desk)
    before = next(iter(configs.history(desk, limit=1, before=found.number)), None)
    is_newest = newest is not None and newest.number == found.number
    reading = configs.settings_of(found, desk.env)
    effects = configs.effects(desk, reading.settings) if reading.settings and not is_newest else ()
    moves = () if is_newest else _moves(visit, reading.settings)
    shown: dict[str, Any] = {"problems": reading.problems, "outdated": False}
    return page(
        visit,
        "console/revision.html",
        status,
        revision=found,
        before=before,
        newest=newest,
        is_newest=is_newest,
        differences=[(name, _difference(before, found, name)) for name in FILES.values()],
        moves=moves,
        effects=_besides(effects, moves),
        all_effects=effects,
        terms=terms,
        **shown | values,
    )


def _moves(visit: Visit, new: Settings | None) -> tuple[Move, ...]:
    """Return what becomes of the rules of jobs, in the page's language."""
    return schedules.moves(visit.desk, new, visit.words, visit.now) if new else ()


def _besides(effects: Sequence[Effect], moves: Sequence[Move]) -> list[Effect]:
    """Return the effects without those that the moves tell already."""
    told = {one.name for one in moves}
    return [one for one in effects if one.kind != "run" or one.about not in told]


def _difference(before: Revision | None, found: Revision, name: str) -> tuple[str, ...]:
    old = before.files.get(name, "") if before else ""
    return merge.difference(editor.plain(old), editor.plain(found.files.get(name, "")))


def _revision(visit: Visit) -> Revision | None:
    number = visit.parts["number"]
    if not number.isdecimal() or len(number) > 15:
        return None
    return next(
        (
            one
            for one in configs.history(visit.desk, limit=1, before=int(number) + 1)
            if str(one.number) == number
        ),
        None,
    )


def _number(found: Revision | None) -> int | None:
    return found.number if found else None


def _mark(text: str) -> str:
    """Return by what a form names the text that was checked."""
    return sha256(text.encode()).hexdigest()[:32]


ADDRESSES = (
    operator("/schedule/files/{file}", show, act, largest=LARGEST),
    reader("/schedule/revisions/", history),
    reader("/schedule/revisions/{number}", revision, roll_back),
)
