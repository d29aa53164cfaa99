"""Taking a saved config into force while everything runs; an invalid one changes nothing."""

from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from publisher.errors import ConfigError
from publisher.settings.schema import Settings

CONFIG_ERROR = "config.error"
"""Fact in the store: when and why the config files were refused, as JSON; empty while all is well."""


class News(StrEnum):
    """What a look at the config files found."""

    NOTHING = "nothing"
    TAKEN = "taken"
    REFUSED = "refused"
    SAME = "same"


class ConfigWatch:
    """The config in force, and the files that it came from.

    Content is compared, not times: editors and mounts replace files, and some keep their times. An edit
    counts when two looks in a row found the same: a file that is half written is not taken for a mistake.
    """

    def __init__(self, folder: Path, settings: Settings, load: Callable[[], Settings]) -> None:
        """Begin with the config as it stands.

        Args:
            folder: where the files are.
            settings: what they said when they were read last.
            load: reads them; raises ConfigError when they cannot be used.
        """
        self._folder, self._load = folder, load
        # The files may have been edited since they were read, so the first look reads them again.
        self._taken = self._seen = ""
        self.settings = settings
        self.error = ""

    def look(self, *, at_once: bool = False) -> News:
        """Look for an edit and take it into force.

        Args:
            at_once: do not wait for a second look, because somebody says that the file is whole.

        Returns:
            TAKEN: ``settings`` is new. REFUSED: ``error`` says why the files cannot be used. SAME: the files
            say what is in force already. NOTHING: no edit, or one that may still be going on.
        """
        found = self._print()
        settled, self._seen = found == self._seen or at_once, found
        if not settled or (found == self._taken and not at_once):
            return News.NOTHING
        self._taken = found
        try:
            settings = self._load()
        except ConfigError as error:
            self.error = str(error)
            return News.REFUSED
        self.error = ""
        if settings == self.settings:
            return News.SAME
        self.settings = settings
        return News.TAKEN

    def _print(self) -> str:
        """Return a fingerprint of all files of the folder."""
        found = sha256()
        for name in ("site.yaml", "schedule.yaml"):
            try:
                content = (self._folder / name).read_bytes()
            except OSError:
                content = b"\0missing"
            found.update(len(content).to_bytes(8) + content)
        return found.hexdigest()
