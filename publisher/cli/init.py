"""``publisher init``: a new site with a commented config."""

from pathlib import Path

import click

from publisher.cli.common import Session, pass_session, say
from publisher.work.newsite import Wishes, make_site


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), metavar="DIR")
@click.option("--title", help="Name of the paper.")
@click.option("--url", help="Where readers will find it, e.g. https://courier.example.")
@click.option("--timezone", help="Of the newsroom, e.g. Asia/Ho_Chi_Minh.")
@click.option("--sender", help="Address from which letters come.")
@pass_session
def command(
    session: Session,
    folder: Path,
    title: str | None,
    url: str | None,
    timezone: str | None,
    sender: str | None,
) -> None:
    """Make a new site in DIR: its config, in which every key is shown and explained.

    A config that is there already is never touched.
    """
    wishes = Wishes(title=title, url=url, timezone=timezone, sender=sender)
    for file in make_site(folder, wishes, now=session.clock()):
        if not file.parent.name.startswith("."):
            say(f"made {file}")
    say()
    say("Next:")
    say(f"  cd {folder}")
    say("  edit config/site.yaml             the paper, its sections, its newsletters")
    say("  publisher check                   every mistake, with line and column")
    say("  publisher ingest PATH-OR-URL      bring articles in")
    say("  publisher publish                 write the feeds into public/")
    say("  publisher run                     from now on by itself")
