"""What an operator can ask for an edition: a page says what will happen, its button does it."""

from publisher import logs
from publisher.errors import UsageError
from publisher.model.delivery import State
from publisher.model.hold import HoldKind
from publisher.model.slot import day_of
from publisher.web.console.address import operator
from publisher.web.console.jobs import place_of
from publisher.web.console.visit import Visit, missing, page, to
from publisher.web.reply import Reply
from publisher.work import editions as work
from publisher.work import handwork
from publisher.work.panels import letters
from publisher.work.panels.letters import Sheet

WISHES = ("send", "pause", "resume", "retry", "cancel")
_HOLDING = {"pause": work.pause, "resume": work.resume, "cancel": work.cancel, "retry": work.retry_failed}
_OPEN_STAGES = frozenset({"planned", "made", "sending"})
_LONGEST = 200


def possible(visit: Visit, one: Sheet) -> tuple[str, ...]:
    """Return which wishes make sense for an edition as it stands; none for who may only look."""
    if not visit.can_act:
        return ()
    paused = one.hold is not None and one.hold.kind is HoldKind.PAUSED
    cancelled = one.hold is not None and not paused
    makes = one.is_now and one.stage in {"planned", "skipped", "made"}
    sends = makes and handwork.job_of(visit.desk, one.digest) is not None
    sensible = {
        "send": one.hold is None and (bool(one.waiting) or sends),
        "pause": one.stage in _OPEN_STAGES,
        "resume": paused,
        "retry": bool(one.counts.get(State.FAILED)) and not cancelled,
        "cancel": paused or one.stage in _OPEN_STAGES,
        "settle": bool(one.counts.get(State.UNCERTAIN)),
    }
    return tuple(wish for wish, is_sensible in sensible.items() if is_sensible)


def said(visit: Visit) -> tuple[str, int] | None:
    """Return what was done just now, as the address says: the wish, and how many deliveries it moved."""
    wish, count = visit.query.get("done", ""), visit.query.get("n", "0")
    if wish not in {*WISHES, "settle"} or not count.isdecimal() or len(count) > 12:
        return None
    return wish, int(count)


def ask(visit: Visit) -> Reply:
    """Answer with what a wish will do, and the button that does it."""
    one = _sheet(visit)
    if one is None:
        return missing(visit)
    return _confirm(visit, one)


def do(visit: Visit) -> Reply:
    """Do it."""
    one, wish = _sheet(visit), visit.parts["wish"]
    if one is None:
        return missing(visit)
    if wish not in possible(visit, one):
        return _confirm(visit, one, 409)
    place = f"/editions/{one.digest}/{one.slot.key}"
    try:
        if wish == "send":
            sent = handwork.send_now(visit.desk, one.digest, one.slot.key, who=visit.who)
            if sent.run is not None:
                return to(place_of(sent.run))
            return to(place, {"done": wish, "n": str(sent.hastened)})
        why = str(logs.redacted(" ".join(visit.form.one("why").split())))[:_LONGEST]
        report = _HOLDING[wish](visit.desk, one.digest, one.slot.key, who=visit.who, why=why)
    except UsageError as error:
        return _confirm(visit, one, 409, refused=str(error))
    return to(place, {"done": wish, "n": str(report.moved)})


def _confirm(visit: Visit, one: Sheet, status: int = 200, *, refused: str = "") -> Reply:
    return page(
        visit,
        "console/wish.html",
        status,
        one=one,
        wish=visit.parts["wish"],
        makes_sense=visit.parts["wish"] in possible(visit, one),
        failed=one.counts.get(State.FAILED, 0),
        refused=refused,
        day_of=day_of,
    )


def _sheet(visit: Visit) -> Sheet | None:
    if visit.parts["wish"] not in WISHES:
        return None
    parts = visit.parts
    return letters.sheet(visit.desk, parts["digest"], parts["slot"], visit.language, visit.now)


ADDRESSES = (operator("/editions/{digest}/{slot}/do/{wish}", ask, do),)
