"""What is wrong with a config, in a form that people and programs can use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from publisher.errors import ConfigError
from publisher.settings.places import Place

_LONGEST = 240
_PASSWORD_IN_ADDRESS = re.compile(r"(://[^\s:/@]*:)[^\s@]+@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake, or one thing that is probably wrong; ``str()`` of it is the whole line.

    Attributes:
        file: such as ``config/site.yaml``.
        line, column: of the key or value, from 1.
        path: dotted path of the key; empty where the file cannot be read as YAML.
        message: what is wrong.
        hint: what to write instead; may be empty.
        source_line: the line as it stands in the file, secrets covered.
        severity: ``error`` stops the config from being used, ``lint`` does not.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    hint: str = ""
    source_line: str = ""
    severity: Literal["error", "lint"] = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        where = f"{self.path}: " if self.path else ""
        hint = f"; {self.hint}" if self.hint else ""
        return f"{place}{where}{self.message}{hint}"


class ConfigProblems(ConfigError):  # noqa: N818 - it is many
    """All mistakes of the site's configuration; ``str()`` gives one line each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = tuple(problems)


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems as a reader goes through the files, each once: site.yaml first, from the top."""
    return sorted(dict.fromkeys(problems), key=_order)


def _order(problem: Problem) -> tuple[bool, str, int, int]:
    return problem.file != "config/site.yaml", problem.file, problem.line, problem.column


def problem_at(place: Place, path: str, message: str, hint: str = "", source_line: str = "") -> Problem:
    """Return a problem at a place, its words on one line, however long the value that they quote."""
    message, hint = (" ".join(covered(text).split()) for text in (message, hint))
    return Problem(
        file=place.file,
        line=place.line,
        column=place.column,
        path=" ".join(path.split()),
        message=f"{message[:_LONGEST]}…" if len(message) > _LONGEST else message,
        hint="" if len(hint) > _LONGEST else hint,
        source_line=covered(source_line),
    )


def covered(text: str) -> str:
    """Return the text with passwords in addresses covered."""
    return _PASSWORD_IN_ADDRESS.sub(r"\1***@", text)
