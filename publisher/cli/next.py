"""publisher next: when the schedule's jobs run next."""

import os
from collections.abc import Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say
from publisher.schedule import calendar
from publisher.schedule.explain import in_words
from publisher.settings.load import load
from publisher.settings.schema import Settings


@click.command(name="next", short_help="Show the next runs, in words.")
@click.option("-n", "count", type=click.IntRange(1, 10_000), default=10, show_default=True, help="How many.")
@json_option
@pass_session
def command(session: Session, count: int, as_json: bool) -> None:
    """Show the next runs: local time, UTC, job, the rule in words."""
    settings, now = load(session.site, os.environ), session.clock()
    found = list(islice(_coming(settings, now), count))
    if as_json:
        print_json([_plain(settings, due, name) for due, name in found])
    elif not found:
        say("nothing is scheduled; add jobs to config/schedule.yaml")
    else:
        _tell(settings, found, now)


def _coming(settings: Settings, now: datetime) -> Iterator[tuple[datetime, str]]:
    """Yield when each job is due, and its name, earliest first."""

    def of(name: str) -> Iterator[tuple[datetime, str]]:
        job = settings.jobs[name]
        return ((due, name) for due in calendar.times(job, _zone(settings, name), now))

    return merge(*(of(name) for name in settings.jobs))


def _tell(settings: Settings, found: list[tuple[datetime, str]], now: datetime) -> None:
    site = ZoneInfo(settings.site.timezone)
    wide = max(len(name) for _, name in found)
    say(f"times of {site.key}")
    for due, name in found:
        zone, job = _zone(settings, name), settings.jobs[name]
        note = calendar.clock_change(job, zone, due)
        say(
            f"{due.astimezone(site):%a %Y-%m-%d %H:%M}  in {in_words(due - now):<9}  {due:%d %H:%M} UTC  "
            f"{name:<{wide}}  {job.run}: {calendar.rule(job, zone)}{f' ({note})' if note else ''}"
        )


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
