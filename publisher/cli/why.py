"""publisher why: what happened, or will happen, to a run, and why."""

from dataclasses import asdict

import click

from publisher.cli.common import Session, json_option, nearest, pass_session, print_json, say, warn
from publisher.cli.editions import held_in_words
from publisher.errors import UsageError
from publisher.schedule import calendar
from publisher.schedule.explain import Explanation, Question, explain, latest, spans_of
from publisher.store import firings, holds
from publisher.work import configs
from publisher.work.desk import Desk


@click.command(name="why")
@click.argument("job")
@click.argument("when", required=False)
@json_option
@pass_session
def command(session: Session, job: str, when: str | None, as_json: bool) -> None:
    """Explain what happened, or will happen, for a run of JOB.

    WHEN is a day (2026-11-21), a minute (2026-11-21T06:30) or 06:30 for today, on the job's clocks; without
    it the last run and the next are explained.
    """
    with session.desk(create=False, lenient=True) as desk:
        found = _answers(desk, job, when)
        held = [] if as_json else _held(desk, job)
        note = configs.state(desk).note
    if note:
        warn(note)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        for line in [*(one.sentence for one in found), *held]:
            say(line)


def _held(desk: Desk, name: str) -> list[str]:
    """Return in words which editions of the digest that a job sends are held."""
    job = desk.settings.jobs.get(name)
    if job is None or not job.run.startswith("send "):
        return []
    digest = job.run.partition(" ")[2]
    with desk.store.read() as tx:
        found = [one for one in holds.listed(tx) if one.digest == digest]
    return [f"edition {one.digest} {one.slot}: {held_in_words(one, desk.zone)}" for one in found]


def _answers(desk: Desk, name: str, when: str | None) -> list[Explanation]:
    now, job = desk.clock(), desk.settings.jobs.get(name)
    with desk.store.read() as tx:
        marks = firings.marks(tx)
        if job is None and name not in marks:
            known = [*desk.settings.jobs, *marks]
            hint = nearest(name, known) or f"; known: {', '.join(desk.settings.jobs) or 'none'}"
            raise UsageError(f"there is no job {name!r}{hint}")
        zone = calendar.zone_of(job, desk.zone) if job else desk.zone
        question = Question(name, job, zone, marks.get(name), now, desk.settings.places)
        try:
            return explain(tx, question, spans_of(when, zone, now)) if when else latest(tx, question)
        except ValueError as error:
            raise UsageError(str(error)) from None
