"""``publisher ingest``: bring articles in."""

import json
from pathlib import Path
from typing import Any

import click

from publisher.cli.common import (
    DONE,
    PROBLEMS,
    UNREACHABLE,
    Session,
    ended,
    json_option,
    pass_session,
    print_json,
    progress,
    say,
    warn,
)
from publisher.ingest.pull import IngestReport, ingest
from publisher.ingest.report import Problem, Tally
from publisher.ingest.sources.article_schema import SCHEMA
from publisher.work.fetching import fetching

_SHOWN = 50


@click.command()
@click.argument("inputs", nargs=-1, metavar="PATH-OR-URL...")
@click.option("--language", metavar="TAG", help="Language of articles that do not say, such as vi.")
@click.option("--source", "source", metavar="NAME", help="Name under which the articles' ids are known.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of one article in JSON Lines and end.")
@json_option
@pass_session
def command(
    session: Session,
    inputs: tuple[str, ...],
    language: str | None,
    source: str | None,
    schema: bool,
    as_json: bool,
) -> None:
    """Bring articles in from files, folders, patterns, addresses, or - for standard input.

    Saved page text, JSON Lines, RSS and Atom are told apart by what is in them. Doing it again changes
    nothing; a changed article is changed where it stands; one that cannot be taken is named, and the rest
    goes in.
    """
    if schema:
        click.echo(json.dumps(SCHEMA, ensure_ascii=False, indent=2))
        return
    if not inputs:
        raise click.UsageError("name a file, a folder or an address; - is standard input")
    with session.desk() as desk, progress("bringing articles in") as tick:
        report = ingest(
            desk.store,
            inputs,
            settings=desk.settings,
            site=desk.site,
            now=desk.clock(),
            language=language,
            source=source or "",
            inside=Path(),
            fetch=fetching(desk.settings, desk.env),
            progress=tick,
        )
    if as_json:
        print_json(_plain(report))
    else:
        _print(report)
    ended(UNREACHABLE if report.nothing_reached else PROBLEMS if report.rejected else DONE)


def _print(report: IngestReport) -> None:
    for one in report.documents:
        say(f"{one.where}: {_words(one)}")
    if report.placed:
        say(f"{report.placed} moved to the section that the config names for them now")
    say(
        f"{report.new} new, {report.changed} changed, {report.unchanged} unchanged"
        + (f", {report.withdrawn} withdrawn" if report.withdrawn else "")
        + f", {len(report.rejected)} rejected"
    )
    _list("rejected", report.rejected)
    _list("note", report.notes)


def _words(one: Tally) -> str:
    if one.unread:
        return one.unread
    counts = {
        "new": one.new,
        "changed": one.changed,
        "unchanged": one.unchanged,
        "withdrawn": one.withdrawn,
        "rejected": one.rejected,
    }
    said = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "no articles"
    return f"{said} ({one.format})" if one.format else said


def _list(kind: str, problems: list[Problem]) -> None:
    for where, what in problems[:_SHOWN]:
        warn(f"{kind}: {where}: {what}")
    if len(problems) > _SHOWN:
        warn(f"{kind}: and {len(problems) - _SHOWN} more; --json lists them all")


def _plain(report: IngestReport) -> dict[str, Any]:
    return {
        "new": report.new,
        "changed": report.changed,
        "unchanged": report.unchanged,
        "withdrawn": report.withdrawn,
        "placed": report.placed,
        "unreachable": report.unreachable,
        "rejected": [{"where": where, "reason": what} for where, what in report.rejected],
        "notes": [{"where": where, "message": what} for where, what in report.notes],
        "documents": [
            {
                "where": one.where,
                "format": one.format or None,
                "new": one.new,
                "changed": one.changed,
                "unchanged": one.unchanged,
                "withdrawn": one.withdrawn,
                "rejected": one.rejected,
            }
            for one in report.documents
        ],
    }
