"""publisher config: the revisions of the config, what each changed, and going back to one."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import NUMBER, PROBLEMS, Session, ended, json_option, pass_session, print_json, say
from publisher.cli.diff import plain, tell
from publisher.errors import ConfigError
from publisher.model.revision import Revision
from publisher.settings.compare import Change, compare
from publisher.settings.problems import ConfigProblems
from publisher.settings.schema import Settings
from publisher.work import configs
from publisher.work.desk import Desk
from publisher.work.effects import forecast, told


@click.group(name="config")
def command() -> None:
    """Tell which configs were in force, and put an old one back.

    Each config that comes into force is kept as a numbered revision, its files as they were written. All
    processes on all hosts run the one with the highest number.
    """


@command.command(short_help="List the revisions.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many.")
@json_option
@pass_session
def history(session: Session, count: int, as_json: bool) -> None:
    """List the revisions, newest first: number, since when, who, how, what changed."""
    with session.desk(create=False, lenient=True) as desk:
        found, zone = configs.history(desk, limit=count), desk.zone
    if as_json:
        print_json([_plain(one) for one in found])
    elif not found:
        say("there is no revision yet; publisher run makes the first")
    for one in () if as_json else found:
        say(f"{one.number:>4}  {_when(one.at, zone)}  {one.how:<8}  {one.who}")
        for change in one.changes or ("the first one" if one.number == 1 else "only comments or layout",):
            say(f"      {change}")


@command.command(short_help="Print a revision's files.")
@click.argument("number", type=NUMBER)
@json_option
@pass_session
def show(session: Session, number: int, as_json: bool) -> None:
    """Print the files of revision NUMBER as they were written."""
    with session.desk(create=False, lenient=True) as desk:
        one, zone = configs.revision(desk, number), desk.zone
    if as_json:
        print_json(_plain(one) | {"files": dict(one.files)})
        return
    say(f"# revision {one.number}, in force since {_when(one.at, zone)}, by {one.who} ({one.how})")
    for name, text in one.files.items():
        say(f"# ---- {name}")
        click.echo(text.removeprefix("\ufeff"), nl=not text.endswith("\n"))


@command.command(short_help="Tell what differs between two revisions.")
@click.argument("first", type=NUMBER, required=False, metavar="[A]")
@click.argument("second", type=NUMBER, required=False, metavar="[B]")
@json_option
@pass_session
def diff(session: Session, first: int | None, second: int | None, as_json: bool) -> None:
    """Tell in words what changed from revision A to revision B.

    Without B from A to the one in force, and what going back to A would do; without either, what the newest
    one changed.
    """
    with session.desk(create=False, lenient=True) as desk:
        newest = next(iter(configs.history(desk, limit=1)), None)
        if newest is None:
            raise ConfigError("there is no revision yet; publisher run makes the first")
        one = configs.revision(desk, first or max(1, newest.number - 1))
        other = configs.revision(desk, second or newest.number)
        if first is None and newest.number == 1 and not as_json:
            say("revision 1 is the first: nothing was in force before it")
            return
        changes = compare(_settings(desk, one), _settings(desk, other))
        back = forecast(desk, _settings(desk, one)) if first and not second else None
    if as_json:
        print_json(
            {
                "from": one.number,
                "to": other.number,
                "changes": [_change(change) for change in changes],
                "going_back": plain(back) if back else None,
            }
        )
        return
    say(f"from revision {one.number} to {other.number}:")
    for change in changes:
        say(f"  {change}")
    if not changes:
        say("  nothing but comments or layout" if one.fingerprint != other.fingerprint else "  nothing")
    if back and changes:
        say(f"Going back to revision {one.number} (publisher config rollback {one.number}) would mean:")
        tell(list(told(back)))


@command.command(short_help="Put an old revision into force again.")
@click.argument("number", type=NUMBER)
@click.option("--why", default="", help="A line for the log of who did what.")
@json_option
@pass_session
def rollback(session: Session, number: int, why: str, as_json: bool) -> None:
    """Put the files of revision NUMBER into force again, as a new revision, and write them to config/.

    What was in config/ and never in force is kept in var/config-kept. Refused when the old config cannot be
    used any more.
    """
    with session.desk(create=False, lenient=True) as desk:
        made = configs.rollback(desk, number, who=configs.account(), why=why)
        note = configs.state(desk).note
        zone = desk.zone
    if not isinstance(made, Revision):
        raise ConfigProblems(made)
    if as_json:
        print_json(_plain(made) | {"note": note})
    else:
        since = _when(made.at, zone)
        say(f"revision {made.number} is in force since {since}; its files are those of {number}")
        for change in made.changes:
            say(f"  {change}")
        if note:
            say(note)
    ended(PROBLEMS if note else 0)


def _settings(desk: Desk, one: Revision) -> Settings:
    reading = configs.settings_of(one, desk.env)
    if reading.settings is None:
        raise ConfigProblems(reading.problems)
    return reading.settings


def _plain(one: Revision) -> dict[str, Any]:
    return {
        "number": one.number,
        "at": one.at,
        "who": one.who,
        "how": one.how,
        "fingerprint": one.fingerprint,
        "changes": list(one.changes),
    }


def _change(change: Change) -> dict[str, str]:
    return {
        "path": change.path,
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "sentence": str(change),
    }


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
