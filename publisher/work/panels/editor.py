"""The config's files as the console edits them: checked, weighed and saved by the same rules as anywhere."""

from dataclasses import dataclass
from typing import Literal

from publisher.errors import UsageError
from publisher.model.revision import Revision
from publisher.settings import files as written
from publisher.settings.edit import with_values
from publisher.settings.lint import Counts, lints
from publisher.settings.load import Reading
from publisher.settings.places import CALENDAR_FILE, SCHEDULE_FILE, SITE_FILE
from publisher.settings.problems import Problem
from publisher.settings.schema import Settings
from publisher.store import articles, subscribers
from publisher.work import configs
from publisher.work.configs import Effect
from publisher.work.desk import Desk
from publisher.work.panels import inforce, merge, rules

Name = Literal["schedule", "site", "calendar"]
FILES: dict[str, str] = {"schedule": SCHEDULE_FILE, "site": SITE_FILE, "calendar": CALENDAR_FILE}
"""What addresses call the files."""

_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as somebody edits it.

    Attributes:
        name: as addresses call it.
        text: with plain line ends.
        base: number of the revision that it was taken from; None before there is any.
    """

    name: str
    text: str
    base: int | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What is to be said of a draft.

    Attributes:
        problems: mistakes; with any of them nothing can be saved.
        lints: what is valid and probably wrong, in this file.
        effects: what saving it would do; empty with mistakes, or when it says what is in force.
        is_same: whether it is the very text in force.
        settings: what the config would say; None with mistakes.
    """

    problems: tuple[Problem, ...]
    lints: tuple[Problem, ...] = ()
    effects: tuple[Effect, ...] = ()
    is_same: bool = False
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """Somebody else was faster.

    Attributes:
        revision: which is in force now.
        theirs: what it changed in this file since the draft was taken.
        mine: what the draft changes.
        together: both; None where they changed the same place.
    """

    revision: Revision
    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    together: str | None


def draft(desk: Desk, name: str) -> Draft:
    """Return a file as it is in force, to be edited."""
    found = inforce.latest(desk)
    return Draft(name, plain(_texts(desk).get(FILES[name], "")), found.number if found else None)


def at_another_hour(desk: Desk, job: str, time: str) -> Draft:
    """Return the schedule with a job moved to another time of day, comments and layout as they were.

    Args:
        desk: the site, with the config in force.
        job: the job's name.
        time: of day, such as ``07:15``.

    Raises:
        UsageError: the job has no time of day of its own, or this is none.
    """
    found = desk.settings.jobs.get(job)
    if found is None or not rules.time_of_day(found):
        raise UsageError(f"job {job!r} has no single time of day; edit its rule in the schedule")
    try:
        line = rules.at_time(found.cron or "", time)
    except ValueError:
        raise UsageError(f"{time!r} is no time of day; write one like 06:30") from None
    old = draft(desk, "schedule")
    try:
        return Draft(old.name, with_values(old.text, {("jobs", job, "cron"): line}), old.base)
    except KeyError:
        raise UsageError("the rule does not stand on one line; edit it in the schedule") from None


def check(desk: Desk, edited: Draft) -> Checked:
    """Return what is wrong with a draft, and what saving it would do; writes nothing."""
    reading = _reading(desk, edited)
    if reading.settings is None:
        return Checked(reading.problems)
    file, now = FILES[edited.name], desk.clock()
    with desk.store.read() as tx:
        counts = Counts(subscribers.counts(tx), articles.unplaced_labels(tx))
    found = tuple(one for one in lints(reading.settings, now, counts) if one.file == file)
    same = edited.text == draft(desk, edited.name).text
    effects = () if same else configs.effects(desk, reading.settings)
    return Checked((), found, effects, same, reading.settings)


def save(desk: Desk, edited: Draft, who: str) -> Revision | tuple[Problem, ...] | Meanwhile:
    """Put a draft into force everywhere.

    Returns:
        The revision that it is now; the mistakes that keep it from being used; or who was faster. In the
        last two cases nothing has changed.
    """
    overtaken = meanwhile(desk, edited)
    if overtaken is not None:
        return overtaken
    texts = {edited.name: edited.text if "\r\n" not in _raw(desk, edited.name) else _windows(edited.text)}
    try:
        return configs.save(desk, **texts, who=who, how="console", base=edited.base)
    except UsageError:
        overtaken = meanwhile(desk, edited)
        if overtaken is None:
            raise
        return overtaken


def meanwhile(desk: Desk, edited: Draft) -> Meanwhile | None:
    """Return what came into force since a draft was taken; None when nothing did."""
    found = inforce.latest(desk)
    if found is None or edited.base == found.number:
        return None
    file = FILES[edited.name]
    theirs = plain(found.files.get(file, ""))
    base = plain(_base(desk, edited, file))
    return Meanwhile(
        revision=found,
        theirs=merge.difference(base, theirs),
        mine=merge.difference(base, edited.text),
        together=merge.merged(base, edited.text, theirs),
    )


def plain(text: str) -> str:
    """Return a text with plain line ends, without a byte order mark."""
    return text.removeprefix(_MARK).replace("\r\n", "\n").replace("\r", "\n")


def _base(desk: Desk, edited: Draft, file: str) -> str:
    if edited.base is None:
        return ""
    try:
        return configs.revision(desk, edited.base).files.get(file, "")
    except UsageError:
        return ""


def _reading(desk: Desk, edited: Draft) -> Reading:
    return configs.edited(desk, **{edited.name: edited.text})


def _texts(desk: Desk) -> dict[str, str]:
    found = inforce.latest(desk)
    if found is not None:
        return dict(found.files)
    return {
        name: content.decode("utf-8", "replace") for name, content in written.in_folder(desk.site).items()
    }


def _raw(desk: Desk, name: str) -> str:
    return _texts(desk).get(FILES[name], "")


def _windows(text: str) -> str:
    return text.replace("\n", "\r\n")
