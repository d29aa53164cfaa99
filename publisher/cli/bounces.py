"""``publisher bounces``: read what came back."""

import sys
from pathlib import Path

import click

from publisher.cli.common import DONE, Session, ended, json_option, pass_session, print_json, say
from publisher.delivery.bounces import BounceReport, take_in
from publisher.delivery.inbox import messages, one
from publisher.work import tasks


@click.command(short_help="Read bounces and complaints.")
@click.argument("place", type=click.Path(path_type=Path, allow_dash=True), metavar="PATH-OR-DASH")
@json_option
@pass_session
def command(session: Session, place: Path, as_json: bool) -> None:
    """Read bounces and complaints from a message, an mbox or a Maildir; - reads one from standard input.

    Nothing is removed: messages in a Maildir are marked as read; one that was read before changes nothing.
    """
    waiting = one(sys.stdin.buffer) if str(place) == "-" else messages(place)
    with session.desk() as desk:
        report = take_in(desk.store, waiting, tokens=tasks.tokens(desk), now=desk.clock())
    if as_json:
        print_json(_plain(report))
    else:
        _tell(report)
    ended(DONE)


def _tell(report: BounceReport) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in sorted(report.kinds.items())) or "nothing new"
    say(f"{kinds}; {report.repeated} read before")
    if report.suppressed:
        say(f"  {report.suppressed} addresses are not mailed any more")
    if report.unmatched:
        say(f"  {report.unmatched} name no letter of ours")


def _plain(report: BounceReport) -> dict[str, object]:
    return {
        "kinds": {kind.value: count for kind, count in sorted(report.kinds.items())},
        "repeated": report.repeated,
        "unmatched": report.unmatched,
        "suppressed": report.suppressed,
    }
