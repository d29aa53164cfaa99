"""publisher backup: the whole site in one file."""

from pathlib import Path

import click

from publisher.cli.common import Session, json_option, pass_session, print_json, say
from publisher.work import backup


@click.command()
@click.argument("to", required=False, type=click.Path(path_type=Path), metavar="[FILE-OR-DIR]")
@click.option("--keep", type=click.IntRange(min=1), help="Remove all but so many dated backups afterwards.")
@json_option
@pass_session
def command(session: Session, to: Path | None, keep: int | None, as_json: bool) -> None:
    """Write the store, the config, the site's templates and its key to one file; var/backups by default.

    The site may go on working. The file holds addresses and keys: keep it as you keep the store.
    """
    with session.desk(create=False) as desk:
        made = backup.make(desk, to, keep=keep)
    size = made.path.stat().st_size
    if as_json:
        print_json({"path": made.path, "size": size, "taken": made.taken, "store": made.kind})
        return
    say(f"{made.path}: {size / 1e6:.1f} MB, the site as of {made.taken:%Y-%m-%d %H:%M:%S} UTC")
    say(f"bring it back with: publisher --site NEW-FOLDER restore {made.path}")
