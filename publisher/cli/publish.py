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
from publisher.feeds.publish import PublishReport
from publisher.work import tasks

_SHOWN = 12


@click.command()
@json_option
@pass_session
def command(session: Session, as_json: bool) -> None:
    """Build every feed whose articles changed, and write it to public/."""
    with session.desk() as desk, progress("publishing") as step:
        report = tasks.publish(desk, thorough=True, step=step)
        place = desk.public
    if as_json:
        print_json(
            {
                "written": list(report.written),
                "untouched": report.untouched,
                "removed": list(report.removed),
                "changed": list(report.changed),
                "problems": list(report.problems),
            }
        )
    else:
        _tell(report, str(place))
    ended(PROBLEMS if report.problems else DONE)


def _tell(report: PublishReport, place: str) -> None:
    for mark, paths in (("+", report.written), ("-", report.removed)):
        for path in paths[:_SHOWN]:
            say(f"  {mark} {path}")
        if len(paths) > _SHOWN:
            say(f"  {mark} and {len(paths) - _SHOWN} more")
    removed = f", {len(report.removed)} removed" if report.removed else ""
    say(f"{len(report.written)} written, {report.untouched} untouched{removed}; they are in {place}")
    for problem in report.problems:
        warn(problem)
