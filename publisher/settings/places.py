"""Where things stand in the config files, so that any message can name file and line."""

from collections.abc import Mapping
from dataclasses import dataclass, field

SITE_FILE = "config/site.yaml"
SCHEDULE_FILE = "config/schedule.yaml"
CALENDAR_FILE = "config/calendar.yaml"
FILES = (SITE_FILE, SCHEDULE_FILE, CALENDAR_FILE)
"""Everything that a config is; the last may be missing."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a config file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Places:
    """Dotted path (``sections.economy.aliases``) -> where its key stands.

    Two are always equal: settings that say the same are the same, wherever it is written.
    """

    at: Mapping[str, Place] = field(default_factory=dict, compare=False, repr=False)

    def find(self, path: str) -> Place | None:
        """Return where that path stands, or the nearest path above it that is written; None for neither."""
        while path and path not in self.at:
            path = path.rpartition(".")[0]
        return self.at.get(path)
