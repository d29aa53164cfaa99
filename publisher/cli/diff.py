"""publisher diff: what an edit of the schedule will do, before it is saved."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say
from publisher.errors import UsageError
from publisher.schedule import catchup
from publisher.schedule.forecast import Letter, Shift, letters, shifts
from publisher.settings.load import read
from publisher.settings.places import SITE_FILE
from publisher.settings.problems import ConfigProblems
from publisher.settings.schema import Job, Settings
from publisher.store import editions, firings, subscribers
from publisher.work.desk import Desk

DAYS = 7


@click.command(name="diff", short_help="Tell what an edited schedule would do.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@json_option
@pass_session
def command(session: Session, file: Path | None, as_json: bool) -> None:
    """Tell what a schedule will do against what runs now, over the next 7 days.

    FILE is an edited schedule.yaml that is not in its place yet; without it the saved one is compared with
    what was in force when `publisher run` looked last. Nothing is changed.
    """
    with session.desk(create=False) as desk:
        now = desk.clock()
        settings = _edited(session.site, file) if file else desk.settings
        before = _in_force(desk)
        span = (now, now + timedelta(days=DAYS))
        found = shifts(before, settings.jobs, desk.zone, *span)
        with desk.store.read() as tx:
            made = {(one.digest, one.slot) for one in editions.listed(tx, limit=1000) if one.state == "made"}
            readers = subscribers.counts(tx)
        moved = letters(before, settings.jobs, settings.digests, made, desk.zone, *span)
    if as_json:
        print_json(_plain(found, moved, readers))
    else:
        _tell(found, moved, readers)


def _edited(site: Path, file: Path) -> Settings:
    """Return the site's settings with that schedule in place of its own."""
    try:
        reading = read((site / SITE_FILE).read_bytes(), file.read_bytes(), os.environ)
    except OSError as error:
        raise UsageError(f"{error.filename}: {(error.strerror or str(error)).lower()}") from None
    if reading.settings is None:
        raise ConfigProblems([replace(one, file=_named(one.file, file)) for one in reading.problems])
    return reading.settings


def _named(name: str, file: Path) -> str:
    return name if name == SITE_FILE else str(file)


def _in_force(desk: Desk) -> dict[str, Job]:
    """Return the jobs as the store has them: what `publisher run` goes by."""
    with desk.store.read() as tx:
        found = {name: catchup.job_of(mark.rule) for name, mark in firings.marks(tx).items()}
    return {name: job for name, job in found.items() if job is not None}


def _tell(found: list[Shift], moved: list[Letter], readers: Mapping[str, int]) -> None:
    if not found:
        say("nothing changes: this is what runs now")
    for one in found:
        _tell_shift(one)
    for letter in moved:
        count = readers.get(letter.digest, 0)
        whom = f" ({count} subscriber{'' if count == 1 else 's'})" if letter.kind != "again" else ""
        say(f"{letter.sentence}{whom}")


def _tell_shift(one: Shift) -> None:
    if not one.after:
        say(f"{one.job}: taken out; it was: {one.before}")
    elif not one.before:
        say(f"{one.job}: new: {one.after}")
    else:
        say(f"{one.job}: now {one.after}; it was: {one.before}")
    for before, after in one.moved[:1]:
        more = f", and {len(one.moved) - 1} more" if len(one.moved) > 1 else ""
        say(f"  moved    {_when(before, one.zone)} to {after.astimezone(one.zone):%H:%M}{more}")
    for word, dues in (("added", one.added), ("dropped", one.dropped)):
        if dues:
            more = f" to {_when(dues[-1], one.zone)}" if len(dues) > 1 else ""
            say(f"  {word:<8} {len(dues)} in {DAYS} days: {_when(dues[0], one.zone)}{more}")
    if one.before and one.after and not (one.moved or one.added or one.dropped):
        say(f"  the same {one.kept} runs in {DAYS} days")


def _plain(found: list[Shift], moved: list[Letter], readers: Mapping[str, int]) -> dict[str, object]:
    return {
        "jobs": [
            {
                "job": one.job,
                "before": one.before,
                "after": one.after,
                "kept": one.kept,
                "moved": [list(pair) for pair in one.moved],
                "added": list(one.added),
                "dropped": list(one.dropped),
            }
            for one in found
        ],
        "letters": [
            {
                "digest": one.digest,
                "slot": one.slot,
                "kind": one.kind,
                "sentence": one.sentence,
                "subscribers": readers.get(one.digest, 0),
            }
            for one in moved
        ],
    }


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
