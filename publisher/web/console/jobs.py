"""Running a job by hand: asked for here, done by whatever process does the schedule, seen here."""

from dataclasses import replace
from datetime import UTC, datetime

from publisher.errors import UsageError
from publisher.model.job import Firing
from publisher.store import firings
from publisher.web.console.address import operator, reader
from publisher.web.console.visit import Visit, missing, page, to
from publisher.web.reply import Reply
from publisher.work import handwork
from publisher.work.panels.today import UNSEEN

_FORM = "%Y%m%dT%H%M%SZ"


def place_of(run: Firing) -> str:
    """Return the address of a run, below the console."""
    return f"/jobs/{run.job}/runs/{run.due.astimezone(UTC):{_FORM}}"


def ask(visit: Visit) -> Reply:
    """Answer with what running the job now will do, and the button that does it."""
    name = visit.parts["job"]
    job = visit.settings.jobs.get(name)
    return (
        missing(visit) if job is None else page(visit, "console/start.html", called=name, job=job, refused="")
    )


def do(visit: Visit) -> Reply:
    """Put a run of now on record."""
    name = visit.parts["job"]
    job = visit.settings.jobs.get(name)
    if job is None:
        return missing(visit)
    try:
        return to(place_of(handwork.start(visit.desk, name, who=visit.who)))
    except UsageError as error:
        return page(visit, "console/start.html", 409, called=name, job=job, refused=str(error))


def run(visit: Visit) -> Reply:
    """Answer with one run and what became of it so far."""
    return _run(visit, "console/run.html")


def run_now(visit: Visit) -> Reply:
    """Answer with the part of that page that moves."""
    return _run(visit, "console/run-now.html")


def _run(visit: Visit, name: str) -> Reply:
    try:
        due = datetime.strptime(visit.parts["due"], _FORM).replace(tzinfo=UTC)
    except ValueError:
        return missing(visit)
    with visit.desk.store.read() as tx:
        found = firings.get(tx, visit.parts["job"], due)
    if found is None:
        return missing(visit)
    task, _, digest = found.run.partition(" ")
    return page(
        visit,
        name,
        one=found,
        place=place_of(found),
        digest=digest if task == "send" else "",
        is_late=visit.now - found.due > UNSEEN / 4,
        took=found.ended - found.started if found.started and found.ended else None,
    )


ADDRESSES = (
    operator("/jobs/{job}/run", ask, do),
    reader("/jobs/{job}/runs/{due}", run),
    replace(reader("/jobs/{job}/runs/{due}/now", run_now), is_visit=False),
)
