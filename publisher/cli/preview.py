"""publisher preview: see an edition before it goes."""

from pathlib import Path

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
from publisher.digest.issue import Preview
from publisher.work import preview as work
from publisher.work import tasks


@click.command(name="preview")
@click.argument("digest")
@click.option(
    "--at", "when", metavar="WHEN", help="A date, week or time: 2026-11-21, 2026-W47, 2026-11-21T06:30."
)
@click.option("--weekly", is_flag=True, help="The week's letter of a digest with an edition a day.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the files; var/preview/DIGEST/SLOT of the site when left out.",
)
@json_option
@pass_session
def command(
    session: Session, digest: str, when: str | None, weekly: bool, out: Path | None, as_json: bool
) -> None:
    """Write an edition's HTML, text, message and explained selection; send and record nothing."""
    with session.desk(create=False) as desk, progress("making the letter"):
        slot = tasks.slot_of(desk, digest, when, a_week=weekly)
        shown, files = work.preview(desk, digest, slot)
        folder = out or desk.var / "preview" / digest / slot.key
        work.write(files, folder)
        became = work.became(desk, digest, slot)
    if as_json:
        names = [str(folder / name) for name in files]
        print_json(work.explained(shown) | {"became": became, "files": names})
    else:
        _tell(shown, became, folder, [name for name in files if not name.startswith("media/")])
    ended(PROBLEMS if shown.problems or shown.held_back else DONE)


def _tell(shown: Preview, became: str, folder: Path, names: list[str]) -> None:
    selection = shown.selection
    picked = len(selection.picked)
    say(f"{selection.digest} {selection.slot}: {_standing(shown, became)}")
    say(f"  subject   {shown.rendered.subject}")
    say(f"  articles  {picked} in, {len(selection.choices) - picked} left out")
    for choice in selection.picked:
        say(f"    {choice.section or '-':<12} {choice.title}  ({choice.reason}: {choice.detail})")
    say(f"  files     {folder}: {', '.join(names)}")
    for problem in shown.problems:
        warn(problem)


def _standing(shown: Preview, became: str) -> str:
    would = f"would be skipped: {shown.skipped_reason}" if shown.skipped_reason else ""
    if shown.held_back:
        would = "would be held back, its letter fails the check"
    if shown.edition is not None or not would or became.startswith("no letter went"):
        return became
    if became.startswith("not made yet"):
        return would
    return f"{became.partition(';')[0]}; it {would}"
