"""publisher status: one screen about the site."""

from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say
from publisher.cli.editions import held_in_words
from publisher.model.job import Outcome
from publisher.settings.schema import wording
from publisher.work.configs import ConfigState
from publisher.work.overview import EditionLine, JobLine, Overview, overview
from publisher.work.queue import Standing


@click.command(name="status", short_help="Show how everything stands, on one screen.")
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
    say(f"store     {found.place}: {total} article{'' if total == 1 else 's'}")
    for key, title in [*titles.items(), (None, "no section")]:
        if found.articles.get(key):
            say(f"          {found.articles[key]:>6}  {title}")
    newest = f", the last changed {_when(found.newest_feed, zone)}" if found.newest_feed else ""
    say(f"feeds     {found.feeds} documents{newest}")
    _tell_config(found.config, zone)
    say("jobs" if found.jobs else "jobs      none; add some to config/schedule.yaml")
    for job in found.jobs:
        _tell_job(job, zone)
    say("editions" if found.editions else "editions  none yet")
    for line in found.editions:
        say(f"  {line.issue.digest} {line.issue.slot:<10}  {_ledger(line)}")
        if line.hold:
            say(f"  {'':<10}  {held_in_words(line.hold, zone)}")
    if found.waiting:
        are = "delivery is" if found.waiting == 1 else "deliveries are"
        say(f"waiting   {found.waiting} {are} still to be sent")
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


def _tell_job(job: JobLine, zone: ZoneInfo) -> None:
    due = f"next {_when(job.next_due, zone)}" if job.next_due else "never due"
    say(f"  {job.name:<10}  {job.run:<14}  {job.rule}; {due if job.enabled else 'not enabled'}")
    if job.last:
        mark = {Outcome.FAILED: "FAILED", Outcome.PROBLEMS: "with problems"}.get(job.last.outcome, "done")
        say(f"  {'':<10}  last {_when(job.last.due, zone)}, {mark}: {job.last.reason}")


def _ledger(line: EditionLine) -> str:
    one = line.issue
    if one.state != "made":
        return f"no letter: {one.reason}"
    if one.prepared is None:
        return f"{one.stories} articles; its audience is not frozen yet"
    counts = ", ".join(f"{count} {state}" for state, count in line.counts.items())
    return (
        f"{one.stories} articles; {sum(line.counts.values())} recipients: {counts or 'nobody is subscribed'}"
    )


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
