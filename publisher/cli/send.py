"""``publisher send``: make a slot's edition, once, and deliver what is due of it."""

from typing import Any

import click

from publisher.cli.common import (
    DONE,
    PROBLEMS,
    Session,
    ended,
    json_option,
    pass_session,
    print_json,
    progress,
    say,
    warn,
)
from publisher.model.job import Outcome
from publisher.model.plural import number_of
from publisher.work import tasks
from publisher.work.tasks import Sent


@click.command()
@click.argument("digest")
@click.option(
    "--at", "when", metavar="WHEN", help="A date, week or time: 2026-11-21, 2026-W47, 2026-11-21T06:30."
)
@json_option
@pass_session
def command(session: Session, digest: str, when: str | None, as_json: bool) -> None:
    """Make the edition of DIGEST for a slot, if it is not made, and deliver what is due."""
    with session.desk() as desk, progress("sending") as step:
        slot = tasks.slot_of(desk, digest, when)
        report = tasks.send(desk, digest, slot, step=step)
    if as_json:
        print_json(_plain(digest, report))
    else:
        _tell(digest, report)
    good = report.outcome is Outcome.DONE
    ended(DONE if good else PROBLEMS)


def _tell(digest: str, report: Sent) -> None:
    for one in report.all:
        _tell_one(digest, one)
    if report.lost:
        warn(f"{report.lost} failed or uncertain; see: publisher deliveries {digest} {report.slot.key}")


def _tell_one(digest: str, report: Sent) -> None:
    say(f"{digest} {report.slot.key}: {tasks.in_words(report)}")
    sent = report.sent
    if sent is not None and sent.waiting and sent.next_due is not None:
        next_due = f"{sent.next_due:%Y-%m-%d %H:%M} UTC"
        waits = number_of(sent.waiting, "waits for its", "wait for their")
        say(f"  {waits} hour or another try, the next at {next_due}")


def _plain(digest: str, report: Sent) -> dict[str, Any]:
    made, prepared, sent = report.made, report.prepared, report.sent
    return {
        "digest": digest,
        "slot": report.slot.key,
        "outcome": report.outcome.value,
        "made": made.edition is not None and made.created,
        "skipped": made.skipped_reason or "",
        "problems": list(made.problems),
        "recipients": prepared.recipients if prepared else 0,
        "ended": {state.value: count for state, count in sent.ended.items()} if sent else {},
        "settled": {state.value: count for state, count in sent.settled.items()} if sent else {},
        "waiting": sent.waiting if sent else 0,
        "next_due": sent.next_due if sent else None,
        **({"week": _plain(digest, report.week)} if report.week else {}),
    }
