"""From the two files to settings, or to everything that is wrong with them at once."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from publisher.settings import document as yaml
from publisher.settings.compare import UNORDERED
from publisher.settings.document import Document
from publisher.settings.explain import explained
from publisher.settings.meaning import schedule_mistakes, site_mistakes
from publisher.settings.places import CALENDAR_FILE, SCHEDULE_FILE, SITE_FILE, Place, Places
from publisher.settings.problems import ConfigProblems, Problem, in_order, problem_at
from publisher.settings.schema import CalendarFile, ScheduleFile, Settings, SiteFile
from publisher.settings.secrets import secret

__all__ = ["OVERRIDES", "Reading", "fingerprint", "load", "read", "read_files", "read_site", "secret"]

OVERRIDES: dict[str, tuple[str, str]] = {
    "PUBLISHER_STORE_URL": ("store", "url"),
    "PUBLISHER_WEB_HOST": ("web", "host"),
    "PUBLISHER_WEB_PORT": ("web", "port"),
}
"""Environment variable -> key of site.yaml that it replaces: what differs between hosts of one config."""

_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reading:
    """What two files say.

    Attributes:
        settings: None while there are problems.
        problems: all of them, in the order of the files.
    """

    settings: Settings | None
    problems: tuple[Problem, ...]


def load(site: Path, env: Mapping[str, str]) -> Settings:
    """Return the settings of a site.

    Args:
        site: its folder.
        env: the environment, for :data:`OVERRIDES`.

    Raises:
        ConfigProblems: with all mistakes of both files.
    """
    reading = read_site(site, env)
    if reading.settings is None:
        raise ConfigProblems(reading.problems)
    return reading.settings


def read_site(site: Path, env: Mapping[str, str]) -> Reading:
    """Return what the files of a site's folder say; one that cannot be read is a problem like any other."""
    found: dict[str, bytes] = {}
    problems = []
    for name in (SITE_FILE, SCHEDULE_FILE, CALENDAR_FILE):
        try:
            found[name] = (site / name).read_bytes()
        except FileNotFoundError:
            if name == CALENDAR_FILE:
                continue
            problems.append(
                _at_top(name, "there is no such file", "copy it from a site made by: publisher init DIR")
            )
        except OSError as error:
            problems.append(_at_top(name, f"cannot be read: {error.strerror}"))
    if not found and all(problem.message == "there is no such file" for problem in problems):
        hint = "make one with: publisher init DIR; or name another folder with: publisher --site DIR"
        return Reading(None, (_at_top(SITE_FILE, f"there is no site in {site}", hint),))
    reading = read(found.get(SITE_FILE), found.get(SCHEDULE_FILE), env, found.get(CALENDAR_FILE))
    return Reading(None, tuple(in_order([*problems, *reading.problems]))) if problems else reading


def read_files(files: Mapping[str, bytes], env: Mapping[str, str]) -> Reading:
    """Return what files say that are held by their names; one that is needed and missing is a problem."""
    missing = [
        _at_top(name, "there is no such file", "copy it from a site made by: publisher init DIR")
        for name in (SITE_FILE, SCHEDULE_FILE)
        if name not in files
    ]
    reading = read(files.get(SITE_FILE), files.get(SCHEDULE_FILE), env, files.get(CALENDAR_FILE))
    return Reading(None, tuple(in_order([*missing, *reading.problems]))) if missing else reading


def read(
    site: bytes | None, schedule: bytes | None, env: Mapping[str, str], calendar: bytes | None = None
) -> Reading:
    """Return what the bytes of the files say.

    Args:
        site: content of ``config/site.yaml``; None when it is not there.
        schedule: content of ``config/schedule.yaml``; None when it is not there.
        env: the environment, for :data:`OVERRIDES`.
        calendar: content of ``config/calendar.yaml``; None when it is not there, which is fine.
    """
    one, two = _document(SITE_FILE, site), _document(SCHEDULE_FILE, schedule)
    three = yaml.read(CALENDAR_FILE, calendar or b"")
    _override(one, env)
    problems = [
        *(problem for document in (one, two, three) for problem in document.problems),
        *site_mistakes(one),
        *schedule_mistakes(one, two, three),
    ]
    taken = {(problem.file, problem.line, problem.path) for problem in problems}
    site_file = _fitted(SiteFile, one, problems, taken)
    schedule_file = _fitted(ScheduleFile, two, problems, taken)
    calendar_file = _fitted(CalendarFile, three, problems, taken)
    if problems or site_file is None or schedule_file is None or calendar_file is None:
        return Reading(None, tuple(in_order(problems)))
    places = Places(dict(_places(one, two, three)))
    return Reading(Settings.of(site_file, schedule_file, places, calendar_file), ())


def fingerprint(settings: Settings) -> str:
    """Return the SHA-256 (hex) of what the settings say.

    It is the same however and wherever the files are written; a key at its default counts as left out.
    """
    said = settings.model_dump(mode="json", exclude_defaults=True)
    said |= {key: dict(sorted(said.get(key, {}).items())) for key in UNORDERED}
    return sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def _document(file: str, content: bytes | None) -> Document:
    if content is None:
        return Document(file, (), readable=False)
    return yaml.read(file, content)


def _override(site: Document, env: Mapping[str, str]) -> None:
    """Lay values from the environment over the file's; a mistake in one is told with the variable's name."""
    for variable, (group, key) in OVERRIDES.items():
        if env.get(variable) and site.readable:
            part = site.data.get(group)
            site.data[group] = {**(part if isinstance(part, dict) else {}), key: env[variable]}
            site.keys[(group, key)] = site.values[(group, key)] = Place(f"environment {variable}", 1, 1)


def _fitted(
    model: type[_Model], document: Document, problems: list[Problem], taken: set[tuple[str, int, str]]
) -> _Model | None:
    """Return the file as its model; what does not fit joins the problems, unless its place has one."""
    if not document.readable:
        return None
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        found = explained(document, model, error)
        problems.extend(one for one in found if (one.file, one.line, one.path) not in taken)
        return None


def _places(*documents: Document) -> Iterator[tuple[str, Place]]:
    for document in documents:
        yield from ((yaml.dotted(path), place) for path, place in document.keys.items())


def _at_top(name: str, message: str, hint: str = "") -> Problem:
    return problem_at(Place(name, 1, 1), "", message, hint)
