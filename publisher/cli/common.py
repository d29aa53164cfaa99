"""What the commands share: the site they work on, printing, exit codes, progress."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

import click

from publisher.clock import Clock

if TYPE_CHECKING:
    # A list of commands needs neither the config's library nor the store's.
    from publisher.work.desk import Desk

DONE, PROBLEMS, USAGE, UNREACHABLE = 0, 1, 2, 3

NUMBER = click.IntRange(1, 2**63 - 1)
"""The number of a row; no store holds a larger one."""

Tick = Callable[[str, int, int | None], None]
"""Reports progress: what is being done, how many are done, of how many (None: not known)."""


class OpenDesk(Protocol):
    """Opens a site; ``app`` supplies it, so that no command builds anything itself."""

    def __call__(self, site: Path, *, create: bool = True, lenient: bool = False) -> "Desk":
        """Read the config and open the store.

        Args:
            site: the site's folder.
            create: make a store where there is none.
            lenient: when the files cannot be used, open with the config in force, as the store has it.
        """


@dataclass(frozen=True, slots=True)
class Session:
    """``ctx.obj`` of every command.

    Attributes:
        site: folder named by --site, PUBLISHER_SITE or the current one.
        open_desk: opens it.
        clock: for commands that need the time before a site is open.
    """

    site: Path
    open_desk: OpenDesk
    clock: Clock

    @contextmanager
    def desk(self, *, create: bool = True, lenient: bool = False) -> "Iterator[Desk]":
        """Open the site for one command and close its store afterwards."""
        desk = self.open_desk(self.site, create=create, lenient=lenient)
        try:
            yield desk
        finally:
            desk.store.close()


json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
pass_session = click.pass_obj


def say(line: str = "") -> None:
    """Print a line of the result."""
    click.echo(line)


def warn(line: str) -> None:
    """Print a problem that did not stop the command."""
    click.echo(line, err=True)


def print_json(value: Any) -> None:
    """Print a result for programs: one JSON document, keys in the order given, moments as RFC 3339."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def nearest(word: str, words: Iterable[str]) -> str:
    """Return ``; did you mean X?`` for the nearest of the words, or nothing."""
    found = get_close_matches(word, list(words), n=1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""


def without_zone(rule: str, zone: ZoneInfo) -> str:
    """Return a job's rule in words without the zone, where all times beside it are of that zone."""
    return re.sub(rf" {re.escape(zone.key)}(?![\w/+-])", "", rule, count=1)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def ended(code: int) -> None:
    """End the command with that exit code unless it is 0."""
    if code:
        raise click.exceptions.Exit(code)


@contextmanager
def progress(what: str) -> Iterator[Tick]:
    """Show a bar on a terminal for anything longer than a moment; elsewhere show nothing."""
    if not sys.stderr.isatty():
        yield lambda _what, _done, _total: None
        return
    # Imported here because it takes longer than most commands.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.completed:.0f}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tick(now_doing: str, done: int, total: int | None) -> None:
            bar.update(task, description=now_doing, completed=done, total=total)

        yield tick
