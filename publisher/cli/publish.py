"""``publisher publish``: write the feeds whose articles changed."""

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
from publisher.model.plural import number_of
from publisher.work import tasks
from publisher.work.tasks import Published

_SHOWN = 12


@click.command()
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """Write every feed and page whose articles changed to public/, and tell the hub."""
    with session.desk() as desk, progress("publishing") as step:
        report = tasks.publish(desk, thorough=True, step=step)
        place = desk.public
    if as_json:
        print_json(
            {
                "written": list(report.written),
                "untouched": report.feeds.untouched,
                "removed": list(report.removed),
                "changed": list(report.feeds.changed),
                "problems": list(report.problems),
            }
        )
    else:
        _tell(report, str(place))
    ended(PROBLEMS if report.problems else DONE)


def _tell(report: Published, place: str) -> None:
    for mark, paths in (("+", report.written), ("-", report.removed)):
        for path in paths[:_SHOWN]:
            say(f"  {mark} {path}")
        if len(paths) > _SHOWN:
            say(f"  {mark} and {len(paths) - _SHOWN} more")
    removed = f", {len(report.removed)} removed" if report.removed else ""
    told = f"; the hub was told of {len(report.pings.accepted)}" if report.pings.accepted else ""
    untouched = f"{number_of(report.feeds.untouched, 'feed')} untouched"
    say(f"{len(report.written)} written, {untouched}{removed}; in {place}{told}")
    for problem in report.problems:
        warn(problem)
