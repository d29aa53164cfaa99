"""``publisher editions``: hold an edition back, let it go on, end it, send what failed once more."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher import owner
from publisher.cli.common import Session, json_option, pass_session, print_json, say
from publisher.model.hold import Hold
from publisher.model.plural import number_of
from publisher.work import editions
from publisher.work.editions import EditionReport, Standing

_why = click.option("--why", default="", help="The reason, for whoever looks at it later.")


@click.group(name="editions")
def command() -> None:
    """Hold an edition back, let it go on, or end it.

    An edition is named by its DIGEST and SLOT (2026-11-21, 2026-W47), also before it is made.
    """


@command.command(name="list")
@click.option(
    "-n", "limit", default=20, show_default=True, type=click.IntRange(min=1), help="At most so many."
)
@json_option
@pass_session
def listing(session: Session, limit: int, as_json: bool) -> None:
    """List the latest editions with their ledger, and what is held."""
    with session.desk(create=False) as desk:
        found = editions.standings(desk, limit=limit)
        zone = desk.zone
    if as_json:
        print_json({"editions": [_row(one) for one in found]})
        return
    for one in found:
        say(f"{one.digest} {one.slot}: {_ledger(one)}")
        if one.hold:
            say(f"  {held_in_words(one.hold, zone)}")
    if not found:
        say("no edition yet")


@command.command()
@click.argument("digest")
@click.argument("slot")
@_why
@json_option
@pass_session
def pause(session: Session, digest: str, slot: str, why: str, as_json: bool) -> None:
    """Hold an edition until it is resumed; letters under way end in order."""
    _do(session, editions.pause, digest, slot, why, as_json)


@command.command()
@click.argument("digest")
@click.argument("slot")
@_why
@json_option
@pass_session
def resume(session: Session, digest: str, slot: str, why: str, as_json: bool) -> None:
    """Let a paused edition go on."""
    _do(session, editions.resume, digest, slot, why, as_json)


@command.command()
@click.argument("digest")
@click.argument("slot")
@_why
@json_option
@pass_session
def cancel(session: Session, digest: str, slot: str, why: str, as_json: bool) -> None:
    """End an edition for good; who has not got it yet does not get it."""
    _do(session, editions.cancel, digest, slot, why, as_json)


@command.command()
@click.argument("digest")
@click.argument("slot")
@_why
@json_option
@pass_session
def retry(session: Session, digest: str, slot: str, why: str, as_json: bool) -> None:
    """Send the failed deliveries of an edition once more, unless their deadline has passed."""
    _do(session, editions.retry_failed, digest, slot, why, as_json)


def held_in_words(hold: Hold, zone: ZoneInfo) -> str:
    """Return ``paused since Sat 2026-11-21 06:40 by lan: wrong lead``."""
    why = f": {hold.why}" if hold.why else ""
    return f"{hold.kind} since {hold.at.astimezone(zone):%a %Y-%m-%d %H:%M} by {hold.who}{why}"


def _do(
    session: Session, act: Callable[..., EditionReport], digest: str, slot: str, why: str, as_json: bool
) -> None:
    with session.desk() as desk:
        report = act(desk, digest, slot, who=owner.account(), why=why)
        zone = desk.zone
    if as_json:
        print_json(_plain(report))
    else:
        say(f"{report.digest} {report.slot}: {_told(act, report, zone)}")


def _told(act: Callable[..., EditionReport], report: EditionReport, zone: ZoneInfo) -> str:
    if act is editions.retry_failed:
        return (
            f"{report.moved} put back to be sent" if report.moved else "nothing failed that may still be sent"
        )
    waits = number_of(report.waiting, "waits", "wait") if report.waiting else ""
    if report.hold is None:
        return f"resumed; {waits} to be sent" if waits else "resumed"
    ended = f"{report.moved} will not be sent" if act is editions.cancel else waits
    return f"{held_in_words(report.hold, zone)}{f'; {ended}' if ended else ''}"


def _ledger(one: Standing) -> str:
    if one.issue is None:
        return "not made yet"
    if one.issue.state != "made":
        return f"no letter: {one.issue.reason}"
    if one.issue.prepared is None:
        return "its audience is not frozen yet"
    counts = ", ".join(f"{count} {state}" for state, count in one.counts.items())
    return f"{number_of(sum(one.counts.values()), 'recipient')}{f' = {counts}' if counts else ''}"


def _row(one: Standing) -> dict[str, Any]:
    return {
        "digest": one.digest,
        "slot": one.slot,
        "state": one.issue.state if one.issue else "not made",
        "due": one.issue.due if one.issue else None,
        "held": held_plain(one.hold),
        "recipients": sum(one.counts.values()),
        "states": {state.value: count for state, count in one.counts.items()},
    }


def _plain(report: EditionReport) -> dict[str, Any]:
    return {
        "digest": report.digest,
        "slot": report.slot,
        "changed": report.changed,
        "moved": report.moved,
        "held": held_plain(report.hold),
        "states": {state.value: count for state, count in report.counts.items()},
    }


def held_plain(hold: Hold | None) -> dict[str, Any] | None:
    """Return a hold for programs; None when nothing is held."""
    if hold is None:
        return None
    return {"kind": hold.kind.value, "since": hold.at, "by": hold.who, "why": hold.why}
