"""publisher run: do what is due, now and for as long as it runs."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from time import monotonic
from types import FrameType

import click

from publisher import logs
from publisher.cli.common import PROBLEMS, Session, ended, json_option, pass_session, print_json, say
from publisher.errors import UnreachableError
from publisher.model.job import Firing
from publisher.schedule import jobs
from publisher.schedule.explain import in_words
from publisher.schedule.service import Service
from publisher.settings.load import load
from publisher.web.app import application
from publisher.web.door import Door
from publisher.web.server import Listening, in_thread
from publisher.work import tasks
from publisher.work.desk import Desk

INTERRUPTED = 130
ONE_WISH_SECONDS = 0.3
_log = logs.logger(__name__)


@click.command(name="run", short_help="Run it all by the schedule.")
@click.option("--once", is_flag=True, help="Do what is due and exit.")
@click.option("--web/--no-web", default=True, show_default=True, help="Also serve feeds and pages.")
@json_option
@pass_session
def command(session: Session, once: bool, web: bool, as_json: bool) -> None:
    """Run it all: pull, publish and send when it is time, deliver what is due, serve feeds and pages.

    Any number of these may run on one store. An edit of the config takes effect while it runs. Ctrl-C ends it
    in good order, a second Ctrl-C at once.
    """
    with session.desk() as desk, _signals() as asked:
        if once:
            _once(desk, asked, as_json)
        else:
            _serve(desk, asked, web=web)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What signals asked for."""

    stop: Event = field(default_factory=Event)
    since: list[float] = field(default_factory=list)
    reload: list[Service] = field(default_factory=list)


@contextmanager
def _signals() -> Iterator[_Asked]:
    """Turn Ctrl-C and SIGTERM into a request to stop, and at the second one stop at once; SIGHUP reloads."""
    asked = _Asked()

    def stop(_number: int, _frame: FrameType | None) -> None:
        # Some senders of signals send them to the process and to its group: that is one wish, not two.
        if asked.since and monotonic() - asked.since[0] > ONE_WISH_SECONDS:
            # Nothing is lost: whoever comes next sees that this process is dead and takes its runs up.
            os._exit(INTERRUPTED)
        asked.since.append(monotonic())
        if asked.stop.is_set():
            return
        asked.stop.set()
        os.write(2, b"stopping; once more stops at once\n")

    def reload(_number: int, _frame: FrameType | None) -> None:
        for service in asked.reload:
            service.reload()

    handlers = {signal.SIGINT: stop, signal.SIGTERM: stop, signal.SIGHUP: reload}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _serve(desk: Desk, asked: _Asked, *, web: bool) -> None:
    door = application(desk)
    listening = _listen(desk, door) if web else None
    service = Service(
        desk,
        load=lambda: load(desk.site, desk.env),
        stop=asked.stop,
        taken=lambda edited: door.become(application(edited)),
    )
    asked.reload.append(service)
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


def _once(desk: Desk, asked: _Asked, as_json: bool) -> None:
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
