"""``publisher bounces``: read what came back."""

import sys
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
from publisher.delivery.bounces import BounceReport, take_in
from publisher.delivery.inbox import messages, one
from publisher.work import returns, tasks
from publisher.work.desk import Desk
from publisher.work.returns import Fetched


@click.command()
@click.argument("place", required=False, metavar="[PLACE]")
@json_option
@pass_session
def command(session: Session, place: str | None, as_json: bool) -> None:
    """Read bounces, complaints and mails that unsubscribe from PLACE.

    PLACE is a Maildir, an mbox, a file with one message, - for one on standard input, or a folder of an
    IMAP server (imaps://user@host/INBOX, its password in PUBLISHER_IMAP_PASSWORD); mail.bounces_inbox when
    left out.

    Nothing is removed before it is stored; what was read before changes nothing.
    """
    with session.desk() as desk:
        done = _read(desk, place)
    if as_json:
        print_json(_plain(done))
    else:
        say(returns.counted(done.report))
        for line in returns.further(done.report):
            say(f"  {line}")
        for problem in done.problems:
            warn(problem)
    ended(PROBLEMS if done.problems else DONE)


def _read(desk: Desk, place: str | None) -> Fetched:
    tokens = tasks.tokens(desk)
    if place is None or "://" in place:
        return returns.fetch(desk, tokens, place)
    waiting = one(sys.stdin.buffer) if place == "-" else messages(Path(place))
    return Fetched(take_in(desk.store, waiting, tokens=tokens, now=desk.clock()))


def _plain(done: Fetched) -> dict[str, object]:
    report: BounceReport = done.report
    return {
        "kinds": {kind.value: count for kind, count in sorted(report.kinds.items())},
        "repeated": report.repeated,
        "unmatched": report.unmatched,
        "suppressed": report.suppressed,
        "left": report.left,
        "problems": list(done.problems),
    }
