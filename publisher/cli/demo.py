"""publisher demo: the sample newsroom, from articles to an outbox."""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import click

from publisher.cli.common import (
    DONE,
    PROBLEMS,
    Session,
    Tick,
    ended,
    json_option,
    print_json,
    progress,
    say,
    warn,
)
from publisher.delivery import enrol
from publisher.model.delivery import State
from publisher.resources import builtin
from publisher.work import demo, newsite, tasks
from publisher.work.desk import Desk
from publisher.work.overview import overview
from publisher.work.preview import preview, write
from publisher.work.tasks import Sent


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo made, for its closing list."""

    articles: int
    rejected: tuple[str, ...]
    documents: int
    subscribers: int
    sent: tuple[Sent, ...]


@click.command(name="demo")
@click.argument(
    "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("demo"), metavar="[DIR]"
)
@json_option
@click.pass_context
def command(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Take a sample newsroom through the whole way, in DIR (demo when left out).

    Run it again and it goes on where it is: nothing is brought in, published or sent twice.
    """
    session: Session = ctx.obj
    folder = folder.resolve()
    with progress("laying out the sample newsroom") as tick:
        if not (folder / "config").exists():
            newsite.make_site(folder, now=session.clock())
        with Session(folder, session.open_desk, session.clock).desk() as desk:
            shown, previews = _take_through(desk, tick)
    if as_json:
        print_json(_plain(shown, folder))
    else:
        _tell(shown, folder, previews)
    troubled = shown.rejected or any(one.made.held_back or one.lost for one in shown.sent)
    ended(PROBLEMS if troubled else DONE)


def _take_through(desk: Desk, tick: Tick) -> tuple[Shown, list[Path]]:
    pulled = demo.bring_in(desk, step=tick)
    tick("publishing", 0, None)
    tasks.publish(desk, step=tick)
    with enrol.open_lines(builtin("sample") / "subscribers.csv") as lines:
        people = enrol.bring_in(desk.store, lines, settings=desk.settings, now=desk.clock())
    sent, previews = [], []
    for digest in desk.settings.digests:
        slot = tasks.slot_of(desk, digest, None)
        sent.append(tasks.send(desk, digest, slot, step=tick))
        shown, files = preview(desk, digest, slot)
        if shown.edition is not None:
            place = desk.var / "preview" / digest / slot.key
            write(files, place)
            previews.append(place / "edition.html")
    stands = overview(desk, desk.clock())
    return (
        Shown(
            articles=sum(stands.articles.values()),
            rejected=tuple(f"{where}: {why}" for where, why in pulled.rejected),
            documents=stands.feeds,
            subscribers=people.taken.new + people.taken.changed + people.taken.unchanged,
            sent=tuple(sent),
        ),
        previews,
    )


def _tell(shown: Shown, folder: Path, previews: list[Path]) -> None:
    here = _near(folder)
    say(f"A sample newsroom stands in {here}:")
    say()
    say(f"  articles     {shown.articles:>4}  from saved pages and JSON Lines in {here / 'var' / 'inbox'}")
    say(f"  feeds        {shown.documents:>4}  documents; begin with {here / 'public/feeds/index.html'}")
    say(f"  subscribers  {shown.subscribers:>4}  all invented")
    for one in shown.sent:
        edition = one.made.edition
        name = f"{edition.digest} {one.slot.key}" if edition else one.slot.key
        say(f"  edition            {name}: {tasks.in_words(one)}")
    for page in previews:
        say(f"  letter             {_near(page)}")
    say(f"  outbox             {here / 'var' / 'outbox'}, a Maildir: mutt -f {here / 'var' / 'outbox'}")
    for line in shown.rejected:
        warn(f"rejected: {line}")
    if any(one.sent and one.sent.waiting for one in shown.sent):
        say()
        say("Some subscribers chose an hour of their own; publisher run sends theirs when it comes.")
    say()
    say("Next:")
    say(f"  cd {here}")
    program = _program()
    say(f"  {program} status          how everything stands")
    say(f"  {program} next            what will run, and when")
    say(f"  {program} why morning     why the morning letter did or did not go")
    say(f"  {program} run             from now on by itself; Ctrl-C ends it")


def _program() -> str:
    """Return how this program is called from another folder: by its name where that is on the path."""
    return "publisher" if shutil.which("publisher") else str(Path(sys.executable).with_name("publisher"))


def _near(path: Path) -> Path:
    """Return the path as seen from the current folder, where it lies below it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path


def _plain(shown: Shown, folder: Path) -> dict[str, object]:
    return {
        "folder": str(folder),
        "articles": shown.articles,
        "rejected": list(shown.rejected),
        "documents": shown.documents,
        "subscribers": shown.subscribers,
        "editions": [
            {
                "digest": one.made.edition.digest if one.made.edition else None,
                "slot": one.slot.key,
                "outcome": str(one.outcome),
                "accepted": one.sent.ended.get(State.ACCEPTED, 0) if one.sent else 0,
                "words": tasks.in_words(one),
            }
            for one in shown.sent
        ],
    }
