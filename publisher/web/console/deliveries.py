"""Who got an edition, who did not, and why; and settling what nobody knows.

Addresses stand on these pages only for operators; readers see them masked. None ever stands in the address
of a page: who looks somebody up sends a form.
"""

from typing import cast

from publisher import addresses
from publisher.model.delivery import Delivery, State
from publisher.model.slot import day_of
from publisher.store import deliveries as ledger
from publisher.store import editions, handwork
from publisher.web.console.address import operator, reader
from publisher.web.console.visit import Visit, missing, page, to
from publisher.web.reply import Reply
from publisher.work import handwork as work
from publisher.work.panels import letters

_VERDICTS = ("accepted", "failed", "again")
_FOUND = 20


def listed(visit: Visit) -> Reply:
    """Answer with a page of the ledger: all who have not got it, or one state."""
    named, after = visit.query.get("state", ""), visit.query.get("after", "")
    states = [State(named)] if named in set(State) else list(letters.MISSED)
    first = int(after) if after.isdecimal() and len(after) < 16 else 0
    with visit.desk.store.read() as tx:
        issue = editions.issue(tx, visit.parts["digest"], visit.parts["slot"])
        if issue is None or issue.state != "made":
            return missing(visit)
        counts = ledger.counts(tx, issue.id)
        rows = letters.rows(tx, issue, states, first)
    shown = rows[: letters.PAGE]
    return _page(
        visit,
        counts=counts,
        rows=shown,
        state=named if named in set(State) else "",
        more=shown[-1].subscription_id if len(rows) > letters.PAGE else 0,
    )


def look_up(visit: Visit) -> Reply:
    """Answer with the deliveries to addresses that begin as the form says; this changes nothing."""
    prefix = visit.form.one("address")[:254]
    with visit.desk.store.read() as tx:
        issue = editions.issue(tx, visit.parts["digest"], visit.parts["slot"])
        if issue is None or issue.state != "made":
            return missing(visit)
        counts = ledger.counts(tx, issue.id)
        rows = handwork.found(tx, issue.id, prefix, limit=_FOUND) if prefix else []
    return _page(visit, counts=counts, rows=rows, state="", more=0, sought=prefix)


def uncertain(visit: Visit) -> Reply:
    """Answer with what nobody knows of an edition, and how to settle it."""
    return _settling(visit)


def settle(visit: Visit) -> Reply:
    """Settle what is ticked."""
    verdict, because = visit.form.one("verdict"), visit.form.one("because")
    numbers = [int(one) for one in visit.form.all("number") if one.isdecimal() and len(one) < 16]
    if verdict not in _VERDICTS or not because or not numbers:
        return _settling(visit, 422)
    digest, slot = visit.parts["digest"], visit.parts["slot"]
    done = work.settle(
        visit.desk, digest, slot, numbers, cast("work.Verdict", verdict), because=because, who=visit.who
    )
    return to(f"/editions/{digest}/{slot}", {"done": "settle", "n": str(done)})


def address_for(visit: Visit, one: Delivery) -> str:
    """Return an address as whoever looks may see it."""
    return one.address if visit.can_act and one.address else addresses.masked(one.address)


def _page(visit: Visit, **values: object) -> Reply:
    given: dict[str, object] = {"sought": ""} | values
    return page(
        visit,
        "console/deliveries.html",
        digest=visit.parts["digest"],
        slot=visit.parts["slot"],
        title=letters.title_of(visit.settings, visit.parts["digest"], visit.language),
        shown=lambda one: address_for(visit, one),
        day_of=day_of,
        **given,  # type: ignore[arg-type]
    )


def _settling(visit: Visit, status: int = 200) -> Reply:
    with visit.desk.store.read() as tx:
        issue = editions.issue(tx, visit.parts["digest"], visit.parts["slot"])
        if issue is None or issue.state != "made":
            return missing(visit)
        rows = letters.rows(tx, issue, [State.UNCERTAIN], 0)
    return page(
        visit,
        "console/settle.html",
        status,
        digest=issue.digest,
        slot=issue.slot,
        title=letters.title_of(visit.settings, issue.digest, visit.language),
        rows=rows[: letters.PAGE],
        is_more=len(rows) > letters.PAGE,
        shown=lambda one: address_for(visit, one),
        ticked=visit.form.all("number"),
        verdict=visit.form.one("verdict"),
        because=visit.form.one("because"),
        day_of=day_of,
    )


ADDRESSES = (
    reader("/editions/{digest}/{slot}/deliveries", listed),
    operator("/editions/{digest}/{slot}/find", listed, look_up),
    operator("/editions/{digest}/{slot}/settle", uncertain, settle),
)
