"""publisher status: one screen about the site."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say, without_zone
from publisher.cli.editions import held_in_words
from publisher.model.job import Outcome
from publisher.model.plural import number_of
from publisher.settings.schema import wording
from publisher.work.configs import ConfigState
from publisher.work.overview import EditionLine, JobLine, Overview, overview
from publisher.work.queue import Standing


@click.command(name="status")
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """Show the store, the last and next runs, feeds, editions with their ledger, and problems."""
    with session.desk(create=False, lenient=True) as desk:
        found = overview(desk, desk.clock())
        if as_json:
            print_json(_plain(found))
        else:
            titles = {key: wording(one.title, "en") for key, one in desk.settings.sections.items()}
            _tell(found, desk.zone, titles)


def _plain(found: Overview) -> dict[str, Any]:
    plain = asdict(found)
    plain["articles"] = {key or "": count for key, count in found.articles.items()}
    return plain


def _tell(found: Overview, zone: ZoneInfo, titles: dict[str, str]) -> None:
    total = sum(found.articles.values())
    say(f"store     {found.place}: {number_of(total, 'article')}")
    for key, title in [*titles.items(), (None, "no section")]:
        if found.articles.get(key):
            say(f"          {found.articles[key]:>6}  {title}")
    newest = f", the last changed {_when(found.newest_feed, zone)}" if found.newest_feed else ""
    say(f"feeds     {number_of(found.feeds, 'document')}{newest}")
    _tell_config(found.config, zone)
    say(f"jobs      times of {zone}" if found.jobs else "jobs      none; add some to config/schedule.yaml")
    _tell_jobs(found.jobs, zone)
    say("editions" if found.editions else "editions  none yet")
    _tell_editions(found.editions, zone)
    if found.waiting:
        say(f"waiting   {number_of(found.waiting, 'delivery is', 'deliveries are')} still to be sent")
    if found.shared is not None:
        say(f"workers   {_shared(found.shared)}")
    say("problems" if found.problems else "problems  none")
    for problem in found.problems:
        say(f"  {problem}")


def _tell_config(config: ConfigState, zone: ZoneInfo) -> None:
    if config.revision is None or config.since is None:
        say("config    no revision yet; publisher run makes the first")
        return
    say(f"config    revision {config.revision} since {_when(config.since, zone)}, by {config.who}")
    for one in config.followers:
        if one.revision != config.revision or len(config.followers) > 1:
            say(f"          {one.host} runs revision {one.revision}, said {_when(one.at, zone)}")


def _shared(shared: Standing) -> str:
    hosts = ", ".join(f"{count} on {host}" for host, count in shared.hosts.items())
    jobs = [f"{count} {queue} waiting" for queue, count in shared.waiting.items()]
    jobs += [f"{count} {queue} under way" for queue, count in shared.running.items()]
    jobs += [f"{shared.stalled} of a process that is gone"] if shared.stalled else []
    return f"{hosts or 'none'}; jobs: {', '.join(jobs) or 'none'}"


def _tell_jobs(jobs: Sequence[JobLine], zone: ZoneInfo) -> None:
    names = max((len(one.name) for one in jobs), default=0)
    runs = max((len(one.run) for one in jobs), default=0)
    for job in jobs:
        due = f"next {_when(job.next_due, zone)}" if job.next_due else "never due"
        rule = without_zone(job.rule, zone)
        # A job that is switched off says so in its rule.
        say(f"  {job.name:<{names}}  {job.run:<{runs}}  {rule}{f'; {due}' if job.enabled else ''}")
        if job.last:
            mark = {Outcome.FAILED: "FAILED", Outcome.PROBLEMS: "with problems"}.get(job.last.outcome, "done")
            say(f"  {'':<{names}}  last {_when(job.last.due, zone)}, {mark}: {job.last.reason}")


def _tell_editions(lines: Sequence[EditionLine], zone: ZoneInfo) -> None:
    names = [f"{line.issue.digest} {line.issue.slot}" for line in lines]
    wide = max((len(name) for name in names), default=0)
    for name, line in zip(names, lines, strict=True):
        say(f"  {name:<{wide}}  {_ledger(line)}")
        if line.hold:
            say(f"  {'':<{wide}}  {held_in_words(line.hold, zone)}")


def _ledger(line: EditionLine) -> str:
    one = line.issue
    if one.state != "made":
        return f"no letter: {one.reason}"
    if one.prepared is None:
        return f"{number_of(one.stories, 'article')}; its audience is not frozen yet"
    counts = ", ".join(f"{count} {state}" for state, count in line.counts.items())
    people = number_of(sum(line.counts.values()), "recipient")
    return f"{number_of(one.stories, 'article')}; {people}: {counts or 'nobody is subscribed'}"


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
