"""publisher next: when the schedule's jobs run next, by the config that counts here."""

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import (
    Session,
    json_option,
    nearest,
    pass_session,
    print_json,
    say,
    warn,
    without_zone,
)
from publisher.errors import StoreError, UsageError
from publisher.model.job import rank
from publisher.schedule import calendar
from publisher.schedule.calendar import in_words
from publisher.settings import files
from publisher.settings.load import Reading, read_site
from publisher.settings.problems import ConfigProblems
from publisher.settings.schema import Settings


@click.command(name="next")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many.")
@click.argument("names", nargs=-1, metavar="[JOB...]")
@json_option
@pass_session
def command(session: Session, count: int, names: tuple[str, ...], as_json: bool) -> None:
    """Show the next runs: local time, UTC, job, the rule in words; only of JOB... when any is named.

    Files of config/ that were edited and are not in force yet count, and a line says so; files that are
    older than the revision in force, or cannot be used, give way to it.
    """
    settings, note = _that_counts(session)
    now = session.clock()
    if note:
        warn(note)
    for name in names:
        if name not in settings.jobs:
            raise UsageError(f"there is no job {name!r}{nearest(name, settings.jobs)}")
    wanted = names or tuple(settings.jobs)
    found = list(islice(_coming(settings, wanted, now), count))
    if as_json:
        print_json([_plain(settings, due, name) for due, name in found])
    elif not found:
        _tell_never(settings, names)
    else:
        shown = {name for _, name in found}
        # A job of every few minutes would hide what runs once a day.
        later = _coming(settings, [name for name in wanted if name not in shown], now, once=True)
        _tell(settings, found, list(later), now)


def _that_counts(session: Session) -> tuple[Settings, str]:
    """Return the config that counts here, and how it stands to the files where they differ.

    Raises:
        ConfigError: neither the files nor the store have one that can be used.
    """
    reading = read_site(session.site, os.environ)
    url = reading.settings.store.url if reading.settings else files.store_url(files.in_folder(session.site))
    file = files.store_file(session.site, url)
    if file is not None and not file.exists():
        # Whoever has no store yet does not wait for its library.
        return _usable(reading), ""
    from publisher.work import configs

    try:
        with session.desk(create=False, lenient=True) as desk:
            note = configs.state(desk).note
            said = f"{note}; the times are those of the edited files" if desk.revision is None else note
            return desk.settings, said if note else ""
    except StoreError as error:
        return _usable(reading), f"{error}; these are the times by the files here, whatever is in force"


def _usable(reading: Reading) -> Settings:
    if reading.settings is None:
        raise ConfigProblems(reading.problems)
    return reading.settings


def _coming(
    settings: Settings, names: Iterable[str], now: datetime, *, once: bool = False
) -> Iterator[tuple[datetime, str]]:
    """Yield when each job is due, and its name, in the order in which they run."""

    def of(name: str) -> Iterator[tuple[datetime, int, str]]:
        job = settings.jobs[name]
        found = ((due, rank(job.run), name) for due in calendar.times(job, _zone(settings, name), now))
        return islice(found, 1) if once else found

    return ((due, name) for due, _, name in merge(*(of(name) for name in names)))


def _tell_never(settings: Settings, names: tuple[str, ...]) -> None:
    if not settings.jobs:
        say("nothing is scheduled; add jobs to config/schedule.yaml")
    for name in names or tuple(settings.jobs):
        say(f"{name} is never due: {calendar.rule(settings.jobs[name], _zone(settings, name))}")


def _tell(
    settings: Settings, found: list[tuple[datetime, str]], later: list[tuple[datetime, str]], now: datetime
) -> None:
    every = [*found, *later]
    names = max(len(name) for _, name in every)
    spans = max(len(in_words(due - now)) for due, _ in every)
    say(f"times of {settings.site.timezone}")
    for number, (due, name) in enumerate(every):
        if number == len(found):
            say("and later")
        ahead = f"{in_words(due - now):<{spans}}"
        when = f"{_local(settings, due)}  in {ahead}  {due:%d %H:%M} UTC"
        say(f"{when}  {name:<{names}}  {_job(settings, due, name)}")


def _local(settings: Settings, due: datetime) -> str:
    return f"{due.astimezone(ZoneInfo(settings.site.timezone)):%a %Y-%m-%d %H:%M}"


def _job(settings: Settings, due: datetime, name: str) -> str:
    """Return what a job does and by which rule, and what the clocks do to that run."""
    zone, job = _zone(settings, name), settings.jobs[name]
    rule = without_zone(calendar.rule(job, zone), ZoneInfo(settings.site.timezone))
    note = calendar.clock_change(job, zone, due)
    return f"{job.run}: {rule}{f' ({note})' if note else ''}"


def _plain(settings: Settings, due: datetime, name: str) -> dict[str, object]:
    job, zone = settings.jobs[name], _zone(settings, name)
    return {
        "job": name,
        "run": job.run,
        "local": due.astimezone(ZoneInfo(settings.site.timezone)),
        "utc": due,
        "rule": calendar.rule(job, zone),
        "note": calendar.clock_change(job, zone, due),
    }


def _zone(settings: Settings, name: str) -> ZoneInfo:
    return calendar.zone_of(settings.jobs[name], ZoneInfo(settings.site.timezone))
