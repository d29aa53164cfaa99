"""``publisher subscribers``: people in and out."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import Any, TextIO

import click

from publisher import addresses, owner
from publisher.cli.common import (
    DONE,
    PROBLEMS,
    Session,
    ended,
    json_option,
    nearest,
    pass_session,
    print_json,
    progress,
    say,
    warn,
)
from publisher.delivery.enrol import EnrolReport, as_enrolment, bring_in, open_lines, write_out
from publisher.delivery.roster import Form, enrolment, values_of
from publisher.errors import UnreachableError, UsageError
from publisher.model.action import Action
from publisher.model.plural import number_of
from publisher.model.subscriber import Subscriber, Subscription
from publisher.store import actions, signups, subscribers

_NAMED = 20


@click.group()
def command() -> None:
    """Who gets the digests."""


@command.command()
@click.argument("address")
@click.option("--digest", required=True, help="Key of the digest.")
@click.option("--sections", default="", help="Keys with ; between them; all when left out.")
@click.option("--hour", default="", help="0 to 23 on their clocks; when it is made, when left out.")
@click.option("--frequency", default="", help="each, daily or weekly, as the digest offers.")
@click.option("--language", default="", help="Of the letters' own words.")
@click.option("--timezone", default="", help="IANA name; the newsroom's when left out.")
@click.option("--consent", required=True, help="The words that they agreed to.")
@click.option("--where", default="operator", help="Where they agreed, such as a form's address.")
@json_option
@pass_session
def add(session: Session, /, address: str, consent: str, where: str, as_json: bool, **said: str) -> None:
    """Subscribe ADDRESS, or change what it chose."""
    with session.desk() as desk:
        now = desk.clock()
        row = {
            "address": address,
            "consent_at": now.isoformat(),
            "consent_from": where,
            "consent_text": consent,
        }
        try:
            wanted = enrolment(said | row, desk.settings, now)
        except ValueError as error:
            raise UsageError(str(error)) from None
        with desk.store.write() as tx:
            taken = subscribers.take(tx, [wanted], now=now, overrule=True)
            if taken.new or taken.changed:
                did = "subscribed somebody" if taken.new else "changed a subscription"
                actions.record(tx, Action(now, owner.account(), did, wanted.digest))
    if as_json:
        print_json(asdict(taken))
    elif taken.suppressed:
        warn("not added: the address is suppressed; only its owner can ask for letters again")
    else:
        say(
            "subscribed"
            if taken.new
            else "changed"
            if taken.changed
            else "subscribed before; nothing changed"
        )
    ended(PROBLEMS if taken.suppressed else DONE)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--overrule", is_flag=True, help="Let the file replace what people chose since.")
@json_option
@pass_session
def import_(session: Session, file: Path, overrule: bool, as_json: bool) -> None:
    """Bring people in from FILE (CSV or JSON, - for standard input); running it again changes nothing."""
    with session.desk() as desk, _lines(file) as lines, progress("reading subscribers") as tick:
        report = bring_in(
            desk.store,
            lines,
            settings=desk.settings,
            now=desk.clock(),
            overrule=overrule,
            tick=lambda done: tick("reading subscribers", done, None),
        )
        if report.taken.new or report.taken.changed:
            counts = f"{report.taken.new} new, {report.taken.changed} changed"
            with desk.store.write() as tx:
                done = Action(desk.clock(), owner.account(), "imported a file", "subscribers", counts)
                actions.record(tx, done)
    if as_json:
        rejected = [asdict(one) for one in report.rejected]
        print_json(asdict(report.taken) | {"rejected": report.rejected_count, "reasons": rejected})
    else:
        _tell(report, str(file))
    ended(PROBLEMS if report.rejected_count else DONE)


@command.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default="-")
@click.option(
    "--form", type=click.Choice(["csv", "json"]), help="By the file's name when left out, else csv."
)
@click.option("--digest", help="Only of this digest.")
@click.option("--person", help="Everything kept about one address, as JSON.")
@pass_session
def export(session: Session, file: Path, form: Form | None, digest: str | None, person: str | None) -> None:
    """Write everybody to FILE (standard output when left out), as import reads it."""
    if person is not None:
        found = json.dumps(
            _all_about(session, person),
            ensure_ascii=False,
            indent=2,
            default=lambda moment: moment.isoformat(),
        )
        with _target(file) as out:
            out.write(found + "\n")
        return
    wanted: Form = form or ("json" if file.suffix == ".json" else "csv")
    with session.desk(create=False) as desk, _target(file) as out, progress("writing subscribers") as tick:
        count = write_out(
            desk.store, out, wanted, digest=digest, tick=lambda done: tick("writing subscribers", done, None)
        )
    if str(file) != "-":
        say(f"{number_of(count, 'subscription')} written to {file}")


@command.command()
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_session
def erase(session: Session, address: str, yes: bool) -> None:
    """Forget the person of ADDRESS; only a hash stays, so that no import brings them back."""
    key = _known(address)
    if not yes:
        click.confirm("This cannot be undone. Erase everything about this address?", abort=True)
    with session.desk(create=False) as desk, desk.store.write() as tx:
        now = desk.clock()
        found = subscribers.erase(tx, key, now=now)
        actions.record(tx, Action(now, owner.account(), "erased somebody", "subscribers"))
    say("erased" if found else "not on record; the address will not be let in by an import")


@command.command("list")
@click.option("--digest", help="Only of this digest.")
@click.option(
    "-n", "limit", default=50, show_default=True, type=click.IntRange(min=1), help="At most so many."
)
@click.option("--after", default=0, help="Only numbers above this one.")
@json_option
@pass_session
def list_(session: Session, digest: str | None, limit: int, after: int, as_json: bool) -> None:
    """List subscriptions; addresses are masked, export has them whole."""
    with session.desk(create=False) as desk, desk.store.read() as tx:
        counts = subscribers.counts(tx)
        known = {*desk.settings.digests, *counts}
        if digest is not None and digest not in known:
            raise UsageError(f"there is no digest {digest!r}{nearest(digest, known)}")
        found = list(subscribers.each(tx, digest=digest, after=after, limit=limit))
    rows = [_row(person, choice) for person, choice in found]
    if as_json:
        print_json({"active": counts, "subscriptions": rows})
        return
    for row in rows:
        hour = "" if row["hour"] is None else f"{row['hour']}:00"
        often = "" if row["frequency"] == "each" else row["frequency"]
        ends = "" if row["active"] else "ended"
        sections = row["sections"] or "all"
        say(
            f"{row['id']:>7}  {row['address']:<34}  {row['digest']:<14}  {sections:<24}  "
            f"{hour:<5}  {often:<6}  {ends}".rstrip()
        )
    say("active: " + (", ".join(f"{digest} {count}" for digest, count in counts.items()) or "nobody"))


def _row(person: Subscriber, choice: Subscription) -> dict[str, Any]:
    return {
        "id": choice.id,
        "address": addresses.masked(person.address),
        "digest": choice.digest,
        "sections": ";".join(choice.sections),
        "hour": choice.hour,
        "frequency": choice.frequency,
        "frequency_until_the_weeks_letter": choice.frequency_now or choice.frequency,
        "language": person.language,
        "timezone": person.timezone,
        "active": choice.active,
    }


def _all_about(session: Session, address: str) -> dict[str, Any]:
    key = _known(address)
    with session.desk(create=False) as desk, desk.store.read() as tx:
        person = subscribers.find(tx, key)
        asked = signups.of_address(tx, addresses.hashed(addresses.key(key)))
        if person is None and asked is None:
            raise UsageError("nobody of that address is on record")
        choices = subscribers.subscriptions_of(tx, person.id) if person else []
        letters = subscribers.letters_to(tx, person.id) if person else []
    return {
        "address": person.address if person else None,
        "language": person.language if person else None,
        "timezone": person.timezone if person else None,
        "created": person.created if person else None,
        "sign_up": asdict(asked) if asked else None,
        "subscriptions": [values_of(as_enrolment(person, one)) for one in choices] if person else [],
        "letters": [
            {"digest": digest, "slot": slot, "state": state.value, "changed": changed}
            for digest, slot, state, changed in letters
        ],
    }


def _tell(report: EnrolReport, name: str) -> None:
    taken = report.taken
    say(
        f"{name}: {taken.new} new, {taken.changed} changed, {taken.unchanged} unchanged, "
        f"{taken.suppressed} suppressed, {report.rejected_count} rejected"
    )
    for one in report.rejected[:_NAMED]:
        warn(f"{name}:{one.line}: {one.reason}")
    if report.rejected_count > _NAMED:
        warn(f"{name}: and {report.rejected_count - _NAMED} more rejected rows; --json names them")


def _known(address: str) -> str:
    try:
        return addresses.of_person(address)
    except ValueError as error:
        raise UsageError(f"ADDRESS: {error}") from None


@contextmanager
def _lines(file: Path) -> Iterator[TextIO]:
    if str(file) == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape", newline="")
        yield sys.stdin
        return
    try:
        stream = open_lines(file)
    except OSError as error:
        raise UnreachableError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    with stream:
        yield stream


@contextmanager
def _target(file: Path) -> Iterator[TextIO]:
    """Open a file that is put in its place only when it is whole; only its owner may read the addresses."""
    if str(file) == "-":
        yield sys.stdout
        return
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        draft.replace(file)
    except OSError as error:
        raise UnreachableError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    finally:
        draft.unlink(missing_ok=True)
