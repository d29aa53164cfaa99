"""publisher run: do what is due, now and for as long as it runs."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from types import FrameType

import click

from publisher import logs
from publisher.cli.common import PROBLEMS, Session, ended, json_option, pass_session, print_json, say
from publisher.model.job import Firing
from publisher.schedule import jobs
from publisher.schedule.explain import in_words
from publisher.schedule.jobs import TickReport
from publisher.schedule.service import Service
from publisher.settings.load import load
from publisher.work import tasks
from publisher.work.desk import Desk

INTERRUPTED = 130
_log = logs.logger(__name__)


@click.command(name="run")
@click.option("--once", is_flag=True, help="Do what is due and exit.")
@json_option
@pass_session
def command(session: Session, once: bool, as_json: bool) -> None:
    """Run the schedule: pull, publish and send when it is time, and deliver what is due.

    Any number of these may run on one store. An edit of the config takes effect while it runs. Ctrl-C ends it
    in good order, a second Ctrl-C at once.
    """
    with session.desk() as desk, _signals() as asked:
        if once:
            _once(desk, asked, as_json)
        else:
            _serve(desk, asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What signals asked for."""

    stop: Event = field(default_factory=Event)
    reload: list[Service] = field(default_factory=list)


@contextmanager
def _signals() -> Iterator[_Asked]:
    """Turn Ctrl-C and SIGTERM into a request to stop, and at the second one stop at once; SIGHUP reloads."""
    asked = _Asked()

    def stop(_number: int, _frame: FrameType | None) -> None:
        if asked.stop.is_set():
            # Nothing is lost: whoever comes next sees that this process is dead and takes its runs up.
            os._exit(INTERRUPTED)
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


def _serve(desk: Desk, asked: _Asked) -> None:
    service = Service(desk, load=lambda: load(desk.site, desk.env), stop=asked.stop)
    asked.reload.append(service)
    _log.info("running", jobs=len(desk.settings.jobs), next=_next(desk))
    service.run()
    _log.info("stopped")


def _once(desk: Desk, asked: _Asked, as_json: bool) -> None:
    report = jobs.tick(desk, tasks.runner(desk, asked.stop), stop=asked.stop)
    if not as_json:
        _tell(desk, report)
    delivered = {} if asked.stop.is_set() else dict(tasks.deliver(desk, stop=asked.stop).ended)
    if as_json:
        print_json(
            {
                "ran": [_plain(one) for one in report.ran],
                "skipped": [_plain(one) for one in report.skipped],
                "delivered": {str(state): count for state, count in delivered.items()},
            }
        )
    elif delivered:
        say(f"deliveries  {', '.join(f'{count} {state}' for state, count in delivered.items())}")
    if asked.stop.is_set():
        ended(INTERRUPTED)
    ended(PROBLEMS if report.problems else 0)


def _tell(desk: Desk, report: TickReport) -> None:
    for one in [*report.skipped, *report.ran]:
        due = one.due.astimezone(desk.zone)
        say(f"{due:%Y-%m-%d %H:%M}  {one.job}  {one.outcome}: {one.reason}")
    if not report.skipped and not report.ran:
        say(f"nothing was due; next: {_next(desk)}")


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
