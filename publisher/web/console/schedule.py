"""The schedule: each job in plain words, its next times, what became of its runs, and moving its hour."""

from publisher.errors import UsageError
from publisher.settings.schema import Job
from publisher.web.console import terms
from publisher.web.console.address import reader
from publisher.web.console.editor import look
from publisher.web.console.visit import Visit, missing, page
from publisher.web.reply import Reply
from publisher.work import configs
from publisher.work.panels import editor
from publisher.work.panels import schedule as panel
from publisher.work.panels.schedule import JobPanel


def every(visit: Visit) -> Reply:
    """Answer with all jobs."""
    found = panel.jobs(visit.desk, visit.words, visit.now)
    return page(
        visit,
        "console/schedule.html",
        jobs=[(one, _task(visit, one)) for one in found],
        state=configs.state(visit.desk),
        saved=visit.query.get("saved", "") if visit.query.get("saved", "").isdecimal() else "",
        terms=terms,
    )


def one(visit: Visit) -> Reply:
    """Answer with one job: its rule, its next times, its runs, and an answer to "why?"."""
    job = panel.job(visit.desk, visit.parts["name"], visit.words, visit.now)
    if job is None:
        return missing(visit)
    return _job(visit, job)


def move(visit: Visit) -> Reply:
    """Answer with what moving a job's hour would change; saving it is the next step."""
    job = panel.job(visit.desk, visit.parts["name"], visit.words, visit.now)
    if job is None:
        return missing(visit)
    try:
        draft = editor.at_another_hour(visit.desk, job.name, visit.form.one("time")[:20])
    except UsageError as error:
        return _job(visit, job, 422, wrong=str(error))
    return look(visit, draft, moved=job.name)


def _job(visit: Visit, job: JobPanel, status: int = 200, wrong: str = "") -> Reply:
    when, misread = visit.query.get("when", "").strip()[:40], ""
    try:
        answers = panel.why(visit.desk, job, when, visit.now)
    except ValueError as error:
        answers, misread = [], str(error)
    return page(
        visit,
        "console/job.html",
        422 if misread else status,
        job=job,
        task=_task(visit, job),
        runs=panel.history(visit.desk, job, visit.now),
        answers=answers,
        when=when,
        misread=misread,
        wrong=wrong,
        rule={job.plain: job.rule.text} if job.rule else {},
        terms=terms,
    )


def _task(visit: Visit, job: JobPanel) -> str:
    if job.job is None:
        return visit.words("Taken out of the schedule")
    return visit.words(terms.TASKS[_kind(job.job)]).replace("{title}", job.title or job.job.run)


def _kind(job: Job) -> str:
    return job.run.partition(" ")[0]


ADDRESSES = (reader("/schedule", every), reader("/schedule/{name}", one, move))
