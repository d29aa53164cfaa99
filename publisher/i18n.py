"""Words, dates and numbers in the reader's language: the only home of Babel.

The catalogues are gettext files, ``templates/locale/LANGUAGE.po``; English is what the templates say. Another
language is one file more, and a site's own ``templates/locale`` adds to or replaces single messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import NullTranslations, c2py
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.core import get_locale_identifier, parse_locale
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    format_timedelta,
    get_day_names,
)
from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from babel.numbers import format_decimal

from publisher.errors import ConfigError
from publisher.resources import builtin

Length = Literal["full", "long", "medium", "short"]


class _Messages(NullTranslations):
    """Looks messages up in catalogues, later ones first; English stands where none has the message."""

    def __init__(self, catalogs: Sequence[Catalog]) -> None:
        super().__init__()
        self._catalogs = tuple(reversed(catalogs))

    def gettext(self, message: str) -> str:
        for catalog in self._catalogs:
            found = catalog.get(message)
            if found and isinstance(found.string, str) and found.string:
                return found.string
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        for catalog in self._catalogs:
            found = catalog.get(msgid1)
            if found and isinstance(found.string, tuple | list) and any(found.string):
                form = c2py(catalog.plural_expr)(n)
                return str(found.string[min(form, len(found.string) - 1)])
        return msgid1 if n == 1 else msgid2


@dataclass(frozen=True, slots=True)
class Words:
    """One language's words and forms."""

    language: str
    locale: Locale
    messages: NullTranslations

    def __call__(self, message: str) -> str:
        """Return the message in this language."""
        return self.messages.gettext(message)

    def count(self, one: str, many: str, number: int) -> str:
        """Return the message that goes with a number, with ``{n}`` filled in."""
        return self.messages.ngettext(one, many, number).replace("{n}", self.number(number))

    def date(self, moment: datetime | date, zone: ZoneInfo | None = None, length: Length = "full") -> str:
        """Return the date as people write it, on the zone's calendar."""
        day = moment.astimezone(zone) if isinstance(moment, datetime) and zone else moment
        return format_date(day, length, locale=self.locale)

    def moment(self, moment: datetime, zone: ZoneInfo, length: Length = "medium") -> str:
        """Return date and time on the zone's clocks."""
        return format_datetime(moment, length, tzinfo=zone, locale=self.locale)

    def time(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return hours and minutes on the zone's clocks."""
        return format_time(moment, "short", tzinfo=zone, locale=self.locale)

    def short(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return weekday, day, month and time on the zone's clocks, in few letters."""
        local = moment.astimezone(zone)
        day = format_skeleton("MMMEd", local.replace(tzinfo=None), locale=self.locale)
        return f"{day}, {local:%H:%M}"

    def clock(self, moment: datetime, zone: ZoneInfo) -> str:
        """Return hours and minutes as the schedule writes them: of 24 hours, in every language."""
        return f"{moment.astimezone(zone):%H:%M}"

    def weekday(self, number: int) -> str:
        """Return the name of the day of the week; 0 is Monday."""
        return str(get_day_names(locale=self.locale)[number])

    def span(self, span: timedelta, *, ahead: bool = False) -> str:
        """Return how long something takes, or in what time it comes, as people say it: ``in 4 hours``."""
        return str(format_timedelta(span, threshold=1.95, add_direction=ahead, locale=self.locale))

    def number(self, number: float) -> str:
        """Return the number as people write it."""
        return format_decimal(number, locale=self.locale)

    @property
    def own_name(self) -> str:
        """What the language is called in itself, such as ``Tiếng Việt``."""
        name = self.locale.get_display_name() or self.language
        return name[:1].upper() + name[1:]

    @property
    def direction(self) -> str:
        """``ltr`` or ``rtl``."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"


def words(language: str, site_templates: Path | None = None) -> Words:
    """Return the words of a language.

    A catalogue is read again when its file has changed, also while the program runs.

    Args:
        language: BCP 47.
        site_templates: the site's own ``templates/``, whose ``locale`` comes first.

    Raises:
        ConfigError: a catalogue cannot be read, with file and line.
    """
    folders = [builtin("templates"), *([site_templates] if site_templates else [])]
    files = [folder / "locale" / f"{language}.po" for folder in folders]
    catalogs = [_read(file, file.stat().st_mtime_ns) for file in files if file.is_file()]
    return Words(language, _locale(language), _Messages(catalogs))


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(get_locale_identifier(parse_locale(language, sep="-")))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=64)
def _read(file: Path, changed: int) -> Catalog:
    """Read a catalogue; ``changed`` (its time of change) only keeps an old reading from being given again."""
    del changed
    try:
        with file.open("rb") as stream:
            return read_po(stream, abort_invalid=True)
    except PoFileError as error:
        raise ConfigError(
            f"{file}:{error.lineno + 1}: not a line of a message catalogue: {error.line}"
        ) from error
    except (ValueError, OSError) as error:
        raise ConfigError(f"{file}: cannot be read as a message catalogue: {error}") from error
