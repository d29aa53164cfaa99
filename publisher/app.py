"""The composition root: the only place that builds settings, clock, store and the command line.

What a site needs is imported when one is opened: a list of commands starts without it.
"""

import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import click

from publisher import __version__
from publisher.cli import Commands
from publisher.cli.common import Session
from publisher.clock import Clock, system_clock
from publisher.errors import PublisherError

if TYPE_CHECKING:
    from publisher.settings.load import Reading
    from publisher.store import Store
    from publisher.work.desk import Desk

INTERRUPTED = 130


def open_desk(site: Path, *, clock: Clock, create: bool = True, lenient: bool = False) -> "Desk":
    """Open a site with the config that counts: its files, or the revision in force where they are older.

    Args:
        site: the site's folder.
        clock: what verbs read.
        create: make the store when there is none.
        lenient: when the files cannot be used, open with the revision in force.

    Raises:
        ConfigError: the config cannot be used.
        StoreError: the store cannot be opened.
    """
    from publisher.settings.load import read_site
    from publisher.settings.problems import ConfigProblems
    from publisher.work.configs import in_force
    from publisher.work.desk import Desk

    reading = read_site(site, os.environ)
    if reading.settings is None and not lenient:
        raise ConfigProblems(reading.problems)
    store = _open_store(site, reading, create=create)
    settings, revision = in_force(site, store, os.environ, reading.settings)
    if settings is None:
        store.close()
        raise ConfigProblems(reading.problems)
    return Desk(site=site, settings=settings, store=store, clock=clock, env=os.environ, revision=revision)


def _open_store(site: Path, reading: "Reading", *, create: bool) -> "Store":
    """Open the store that the files name, with other mistakes in them or not."""
    from publisher.settings.files import in_folder, store_url
    from publisher.settings.problems import ConfigProblems
    from publisher.settings.secrets import STORE_PASSWORD, secret
    from publisher.store import open_store

    said = reading.settings.store.url if reading.settings else os.environ.get("PUBLISHER_STORE_URL")
    url = said or store_url(in_folder(site))
    password = secret(os.environ, STORE_PASSWORD)
    try:
        return open_store(url, folder=site, create=create and bool(reading.settings), password=password)
    except PublisherError:
        if reading.settings is None:
            raise ConfigProblems(reading.problems) from None
        raise


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with: publisher demo",
)
@click.version_option(__version__, prog_name="publisher")
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="PUBLISHER_SITE",
    default=Path(),
    help="The site's folder; the current one when left out.",
)
@click.option("--log", type=click.Choice(["plain", "json"]), envvar="PUBLISHER_LOG", default="plain")
@click.option("-v", "--verbose", is_flag=True, help="Log every step.")
@click.pass_context
def cli(ctx: click.Context, site: Path, log: str, verbose: bool) -> None:
    """Publish a newsroom's articles as feeds and as a letter to its subscribers."""

    def opens(site: Path, *, create: bool = True, lenient: bool = False) -> "Desk":
        # What never opens a site has nothing to log.
        from publisher.logs import configure

        configure(json=log == "json", verbose=verbose)
        return open_desk(site, clock=system_clock, create=create, lenient=lenient)

    ctx.obj = Session(site=site.resolve(), open_desk=opens, clock=system_clock)


def main() -> None:
    """Run the command line; every error that a person sees is one line."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code."""
    try:
        return int(cli.main(arguments, prog_name="publisher", standalone_mode=False) or 0)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "publisher"
        _complain(f"{_sentence(error.format_message())} (see: {path} --help)")
        return 2
    except click.ClickException as error:
        _complain(error.format_message())
        return error.exit_code
    except PublisherError as error:
        _complain(str(error))
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        _complain("stopped")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has enough; say nothing, and keep Python from complaining at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001 - the last wall: a person gets one line, the details go on request
        if os.environ.get("PUBLISHER_DEBUG"):
            traceback.print_exc()
        _complain(_unexpected(error))
        return 1


def _complain(line: str) -> None:
    click.echo(f"publisher: {line}" if "\n" not in line else line, err=True)


def _sentence(text: str) -> str:
    return text[:1].lower() + text[1:].rstrip(".")


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror.lower()}"
    said = " ".join(str(error).split())[:300]
    return (
        f"unexpected error, a defect of this program: {type(error).__name__}: {said} "
        "(PUBLISHER_DEBUG=1 prints where)"
    )
