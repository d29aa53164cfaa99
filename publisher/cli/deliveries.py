"""``publisher deliveries``: the ledger of each edition, and settling what is uncertain."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TextIO

import click

from publisher import addresses
from publisher.cli.common import (
    DONE,
    NUMBER,
    PROBLEMS,
    Session,
    ended,
    json_option,
    nearest,
    pass_session,
    print_json,
    say,
    warn,
)
from publisher.cli.editions import held_in_words, held_plain
from publisher.delivery import limits
from publisher.delivery.settle import settle_from_log
from publisher.errors import UsageError
from publisher.model.delivery import Delivery, State
from publisher.model.edition import Issue
from publisher.model.plural import number_of
from publisher.model.slot import parse_when
from publisher.store import Transaction, deliveries, editions, holds
from publisher.work.desk import Desk

_SETTLED = {"accepted": State.ACCEPTED, "failed": State.FAILED, "again": State.PENDING}
_GOOD = {State.ACCEPTED}


class _Ledger(click.Group):
    """Shows a ledger unless the first word is the name of another command."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` before anything that is no command of the group."""
        first = args[0] if args else ""
        if first not in {*self.commands, "-h", "--help"}:
            args = ["show", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Ledger, subcommand_metavar="[DIGEST [SLOT]] | settle ...")
def command() -> None:
    """Who got an edition, who did not, and why.

    publisher deliveries [DIGEST [SLOT]] [--state STATE] shows it; settle ends what is uncertain.
    """


@command.command()
@click.argument("digest", required=False)
@click.argument("slot", required=False)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help="Only these.",
)
@click.option(
    "-n", "limit", default=50, show_default=True, type=click.IntRange(min=1), help="At most so many rows."
)
@json_option
@pass_session
def show(
    session: Session,
    digest: str | None,
    slot: str | None,
    states: tuple[str, ...],
    limit: int,
    as_json: bool,
) -> None:
    """Show the ledger: of all editions in short, or of one with everybody who has not got it."""
    wanted = [State(state) for state in states]
    with session.desk(create=False) as desk, desk.store.read() as tx:
        found = _editions(tx, desk, digest, slot)
        ledgers = [_ledger(tx, one, wanted, limit if digest or wanted else 0) for one in found]
        held = [holds.get(tx, one.digest, one.slot) for one in found]
        barred = limits.held(tx, desk.clock())
        zone = desk.zone
    if as_json:
        rows = [one | {"held": held_plain(hold)} for one, hold in zip(ledgers, held, strict=True)]
        print_json({"editions": rows, "left_in_peace": [asdict(one) for one in barred]})
        return
    for one, hold in zip(ledgers, held, strict=True):
        _tell(one, held_in_words(hold, zone) if hold else "")
    for gate in barred:
        say(gate.sentence)
    if not ledgers:
        say("no edition yet")


@command.command()
@click.argument("numbers", nargs=-1, type=NUMBER, metavar="[NUMBER...]")
@click.option("--as", "verdict", type=click.Choice(list(_SETTLED)), help="again: send it once more.")
@click.option("--because", default="", help="How you know, such as: relay's log, 06:31:07.")
@click.option("--log", type=click.File(errors="replace"), help="Postfix's log; - for standard input.")
@click.option(
    "--absent-again", is_flag=True, help="The log is whole: what does not stand in it goes out again."
)
@pass_session
def settle(
    session: Session,
    numbers: tuple[int, ...],
    verdict: str | None,
    because: str,
    log: TextIO | None,
    absent_again: bool,
) -> None:
    """Settle uncertain deliveries: by hand (NUMBER... --as ... --because ...), or from the relay's --log."""
    by_hand = bool(numbers and verdict and because)
    if by_hand == (log is not None) or (log is None and not by_hand):
        raise UsageError("settle needs either NUMBER... with --as and --because, or --log FILE")
    with session.desk(create=False) as desk:
        if log is not None:
            done = settle_from_log(desk.store, log, absent_again=absent_again, now=desk.clock())
            say(", ".join(f"{count} {state}" for state, count in done.items()) or "nothing was uncertain")
            ended(PROBLEMS if State.UNCERTAIN in done else DONE)
            return
        assert verdict is not None
        refused = _by_hand(desk, numbers, _SETTLED[verdict], because)
    say(f"{len(numbers) - len(refused)} settled")
    for number, why in refused.items():
        warn(f"{number}: not settled; {why}")
    ended(PROBLEMS if refused else DONE)


def _by_hand(desk: Desk, numbers: Sequence[int], to: State, because: str) -> dict[int, str]:
    """Settle, and return the numbers that could not be, with the reason."""
    now, refused = desk.clock(), {}
    with desk.store.write() as tx:
        for number in numbers:
            one = deliveries.get(tx, number)
            if one is None:
                refused[number] = "there is no such delivery"
            elif not deliveries.settle(tx, number, to, f"settled: {because}", now=now):
                refused[number] = f"it is {one.state}"
    return refused


def _editions(tx: Transaction, desk: Desk, digest: str | None, slot: str | None) -> Sequence[Issue]:
    if digest is None:
        return editions.listed(tx, made_only=True)
    rule = desk.settings.digests.get(digest)
    if slot is None:
        found = editions.listed(tx, digest=digest, limit=1, made_only=True)
        if rule is None and not found:
            raise UsageError(f"there is no digest {digest!r}{nearest(digest, desk.settings.digests)}")
        return found
    try:
        key = parse_when(slot, rule.slot_kind(slot), desk.zone, now=desk.clock()).key if rule else slot
    except ValueError as error:
        raise UsageError(f"SLOT: {error}") from None
    issue = editions.issue(tx, digest, key)
    if issue is None or issue.state != "made":
        why = f": it was {issue.state}, {issue.reason}" if issue else ""
        raise UsageError(f"there is no edition of {digest} for {key}{why}")
    return [issue]


def _ledger(tx: Transaction, issue: Issue, states: Sequence[State], limit: int) -> dict[str, Any]:
    counts = deliveries.counts(tx, issue.id)
    wanted = states or [state for state in State if state not in _GOOD]
    rows = deliveries.each(tx, issue.id, states=wanted, limit=limit) if limit else ()
    return {
        "digest": issue.digest,
        "slot": issue.slot,
        "due": issue.due,
        "prepared": issue.prepared,
        "recipients": sum(counts.values()),
        "states": {state.value: count for state, count in counts.items()},
        "deliveries": [_row(one) for one in islice(rows, limit)],
        "more": max(sum(counts.get(state, 0) for state in wanted) - limit, 0) if limit else 0,
    }


def _row(one: Delivery) -> dict[str, Any]:
    return {
        "number": one.id,
        "address": addresses.masked(one.address),
        "state": one.state.value,
        "reason": one.reason,
        "due": one.due,
        "attempts": one.attempts,
        "changed": one.changed,
    }


def _tell(ledger: dict[str, Any], held: str) -> None:
    counts = ", ".join(f"{count} {state}" for state, count in ledger["states"].items())
    prepared = "" if ledger["prepared"] else "; its audience is not frozen yet"
    say(
        f"{ledger['digest']} {ledger['slot']}: {number_of(ledger['recipients'], 'recipient')}"
        f"{' = ' + counts if counts else ''}{prepared}"
    )
    if held:
        say(f"  {held}")
    for row in ledger["deliveries"]:
        why = row["reason"] or _when(row)
        say(f"  {row['number']}  {row['address']:<34}  {row['state']:<10}  {why}".rstrip())
    if ledger["more"]:
        say(f"  and {ledger['more']} more; -n shows more rows, --json all that -n allows")


def _when(row: dict[str, Any]) -> str:
    due: datetime = row["due"]
    return f"due {due:%Y-%m-%d %H:%M} UTC" if row["state"] == State.PENDING else ""
