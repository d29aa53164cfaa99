"""publisher restore: a site as a backup has it."""

from pathlib import Path

import click

from publisher import owner
from publisher.cli.common import PROBLEMS, Session, ended, json_option, pass_session, print_json, say, warn
from publisher.model.plural import number_of
from publisher.work import backup
from publisher.work.restore import Restored, restore


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@click.option("--replace", is_flag=True, help="Put aside the site that is there.")
@json_option
@pass_session
def command(session: Session, file: Path, replace: bool, as_json: bool) -> None:
    """Bring the site (--site) back as it was when the backup FILE was made. Stop its programs first.

    Letters that were due since the backup may have gone out: none of them is sent again by itself.
    """
    done = restore(
        backup.read(file),
        session.site,
        opens=session.open_desk,
        now=session.clock(),
        who=owner.account(),
        replace=replace,
    )
    if as_json:
        print_json(
            {
                "articles": done.articles,
                "uncertain": done.uncertain,
                "lost": list(done.lost),
                "aside": done.aside,
            }
        )
    else:
        _tell(session.site, done)
    ended(PROBLEMS if done.uncertain or done.lost else 0)


def _tell(site: Path, done: Restored) -> None:
    say(f"{site}: brought back, {number_of(done.articles, 'article')}")
    if done.aside:
        say(f"what was there is in {done.aside}")
    for edition in done.lost:
        warn(f"edition {edition} may have gone out since the backup and is not sent again")
    if done.uncertain:
        what = "delivery" if done.uncertain == 1 else "deliveries"
        warn(
            f"{done.uncertain} {what} may have gone out since the backup; settle: "
            "publisher deliveries settle --help"
        )
    say("next: publisher check, then publisher publish, then publisher run")
