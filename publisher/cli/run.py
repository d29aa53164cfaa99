"""publisher run: do what is due, now and for as long as it runs."""

from collections.abc import Sequence

import click

from publisher import logs
from publisher.cli.common import PROBLEMS, Session, ended, json_option, pass_session, print_json, say
from publisher.cli.queues import queues_option
from publisher.cli.signals import INTERRUPTED, Asked, signals
from publisher.errors import UnreachableError
from publisher.model.job import Firing
from publisher.schedule import jobs
from publisher.schedule.calendar import in_words
from publisher.schedule.service import Service
from publisher.web.app import application
from publisher.web.door import Door
from publisher.web.server import Listening, in_thread
from publisher.work import tasks
from publisher.work.desk import Desk
from publisher.work.following import up_to_date

_log = logs.logger(__name__)


@click.command(name="run")
@click.option("--once", is_flag=True, help="Do what is due and exit.")
@click.option("--web/--no-web", default=True, show_default=True, help="Also serve feeds and pages.")
@queues_option
@json_option
@pass_session
def command(session: Session, once: bool, web: bool, queues: Sequence[str], as_json: bool) -> None:
    """Run it all: pull, publish and send when it is time, deliver what is due, serve feeds and pages.

    Any number of these may run on one store. An edit of the config takes effect while it runs. Ctrl-C ends it
    in good order, a second Ctrl-C at once.
    """
    with session.desk(lenient=True) as desk, signals() as asked:
        if once:
            _once(up_to_date(desk), asked, as_json)
        else:
            _serve(desk, asked, web=web, queues=queues)


def _serve(desk: Desk, asked: Asked, *, web: bool, queues: Sequence[str]) -> None:
    door = application(desk)
    listening = _listen(desk, door) if web else None
    service = Service(
        desk,
        stop=asked.stop,
        queues=queues,
        taken=lambda edited: door.become(application(edited)),
    )
    asked.reload.append(service.reload)
    where = {"web": f"{listening.address}/feeds/"} if listening else {}
    _log.info("running; Ctrl-C ends it", jobs=len(desk.settings.jobs), next=_next(desk), **where)
    service.run()
    if listening:
        listening.stop()
    _log.info("stopped")


def _listen(desk: Desk, door: Door) -> Listening | None:
    """Open the port; where another process of this site has it already, that one serves for both."""
    try:
        return in_thread(door, desk.settings.web.host, desk.settings.web.port)
    except UnreachableError as error:
        _log.warning("running without web pages", error=str(error))
        return None


def _once(desk: Desk, asked: Asked, as_json: bool) -> None:
    def tell(one: Firing) -> None:
        if not as_json:
            say(f"{one.due.astimezone(desk.zone):%Y-%m-%d %H:%M}  {one.job}  {one.outcome}: {one.reason}")

    report = jobs.tick(desk, tasks.runner(desk, asked.stop), stop=asked.stop, tell=tell)
    delivered = {} if asked.stop.is_set() else dict(tasks.deliver(desk, stop=asked.stop).ended)
    counts = {str(state): count for state, count in delivered.items()}
    if as_json:
        ran, skipped = ([_plain(one) for one in rows] for rows in (report.ran, report.skipped))
        print_json({"ran": ran, "skipped": skipped, "delivered": counts})
    else:
        for one in report.skipped:
            tell(one)
        if counts:
            say(f"delivered: {', '.join(f'{count} {state}' for state, count in counts.items())}")
        if not report.skipped and not report.ran and not counts:
            say(f"nothing was due; next: {_next(desk)}")
    if asked.stop.is_set():
        ended(INTERRUPTED)
    ended(PROBLEMS if report.problems else 0)


def _next(desk: Desk) -> str:
    """Return in words when there is something to do next."""
    now = desk.clock()
    due = jobs.next_wake(desk, now)
    if due is None:
        return "never, nothing is scheduled"
    return f"{due.astimezone(desk.zone):%a %Y-%m-%d %H:%M}, in {in_words(due - now)}"


def _plain(one: Firing) -> dict[str, object]:
    return {
        "job": one.job,
        "due": one.due,
        "run": one.run,
        "outcome": str(one.outcome),
        "started": one.started,
        "ended": one.ended,
        "reason": one.reason,
    }
