"""``publisher check``: everything that is wrong with a site, at once."""

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from publisher.cli.common import (
    DONE,
    PROBLEMS,
    USAGE,
    Session,
    ended,
    json_option,
    pass_session,
    print_json,
    say,
)
from publisher.model.plural import number_of
from publisher.settings import jsonschema
from publisher.settings.lint import lints
from publisher.settings.load import fingerprint, read_site
from publisher.settings.problems import Problem
from publisher.settings.schema import Settings
from publisher.work.environment import Lack, lacks


@dataclass(frozen=True, slots=True)
class Verdict:
    """All that was found out about a site; ``settings`` is None when its config cannot be used."""

    settings: Settings | None
    errors: Sequence[Problem] = ()
    lints: Sequence[Problem] = ()
    environment: Sequence[Lack] = ()

    def exit_code(self, *, strict: bool) -> int:
        """Return 2 for anything that keeps the site from working, 1 for lints when strict, else 0."""
        if self.errors or any(lack.severity == "error" for lack in self.environment):
            return USAGE
        return PROBLEMS if strict and (self.lints or self.environment) else DONE


@click.command()
@click.option("--strict", is_flag=True, help="Exit with 1 when something valid is probably wrong.")
@click.option(
    "--schema", type=click.Choice(jsonschema.NAMES), help="Print the JSON Schema of a file and end."
)
@json_option
@pass_session
def command(session: Session, strict: bool, schema: jsonschema.Which | None, as_json: bool) -> None:
    """Tell every mistake in the config at once, with file, line and column.

    Then what is valid and probably wrong, then what the site lacks around it: room, rights, a store that
    answers, secrets. Nothing is changed. Ends with 0 when all is well, 2 when the site cannot work so.
    """
    if schema:
        click.echo(jsonschema.text(schema), nl=False)
        return
    verdict = _judged(session)
    if as_json:
        _print_json(verdict)
    else:
        _print(verdict)
    ended(verdict.exit_code(strict=strict))


def _judged(session: Session) -> Verdict:
    reading = read_site(session.site, os.environ)
    if reading.settings is None:
        return Verdict(None, errors=reading.problems)
    now = session.clock()
    around, counts = lacks(session.site, reading.settings, os.environ, now)
    return Verdict(
        reading.settings,
        lints=lints(reading.settings, now, counts),
        environment=around,
    )


def _print(verdict: Verdict) -> None:
    for problem in verdict.errors:
        say(str(problem))
        if problem.source_line:
            say(f"    {problem.source_line}")
            say(f"    {_marker(problem)}")
    if verdict.lints:
        say("Valid, and probably not meant:")
        for problem in verdict.lints:
            say(str(problem))
    for lack in verdict.environment:
        say(str(lack))
    say(_summary(verdict))


def _marker(problem: Problem) -> str:
    """Return a caret under the column, with tabs kept so that it stands right on every screen."""
    before = problem.source_line[: problem.column - 1]
    return "".join(letter if letter == "\t" else " " for letter in before) + "^"


def _summary(verdict: Verdict) -> str:
    if verdict.errors:
        return f"{number_of(len(verdict.errors), 'mistake')} in the config."
    broken = sum(lack.severity == "error" for lack in verdict.environment)
    if broken:
        return f"The config has no mistakes; {number_of(broken, 'thing')} around it must be mended."
    odd = len(verdict.lints) + len(verdict.environment)
    return f"No mistakes; {number_of(odd, 'thing')} to look at." if odd else "No mistakes."


def _print_json(verdict: Verdict) -> None:
    print_json(
        {
            "valid": verdict.settings is not None,
            "fingerprint": fingerprint(verdict.settings) if verdict.settings else None,
            "errors": [asdict(problem) | {"line_text": str(problem)} for problem in verdict.errors],
            "lints": [asdict(problem) | {"line_text": str(problem)} for problem in verdict.lints],
            "environment": [asdict(lack) for lack in verdict.environment],
        }
    )
