"""Making a new site: the commented config, with the newsroom's own name and address in it."""

import os
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from publisher.errors import UsageError
from publisher.resources import builtin
from publisher.settings import jsonschema
from publisher.settings.document import Path as Key
from publisher.settings.edit import commented_out, with_values
from publisher.settings.load import read
from publisher.settings.places import CALENDAR_FILE, SCHEDULE_FILE, SITE_FILE

INBOX = "var/inbox"
"""Where the config's first source looks: a new site has it, empty, so that its first pull finds no fault."""
_LANGUAGES = ("en", "vi")
"""Of the config that ships with the program."""
_OF_THE_SAMPLE: tuple[Key, ...] = (("site", "description"), ("site", "postal_address"))
"""What is only true of the sample's paper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a newcomer has said about their newsroom; None leaves the place holder.

    Attributes:
        title: the paper's name.
        url: where readers will find it.
        timezone: of the newsroom.
        sender: address in From.
    """

    title: str | None = None
    url: str | None = None
    timezone: str | None = None
    sender: str | None = None


def make_site(folder: Path, wishes: Wishes = Wishes(), *, now: datetime) -> list[Path]:
    """Make a site's folder with its config, ready to be checked.

    Args:
        folder: made when it is not there.
        wishes: what is known of the newsroom.
        now: the present; the year goes into the tag authority.

    Returns:
        The files made, in the order in which one reads them.

    Raises:
        UsageError: there is a config already, the folder cannot be made, or a wish makes no sense.
    """
    texts = _texts(wishes, now)
    taken = next((name for name in texts if (folder / name).exists()), None)
    if taken:
        raise UsageError(f"{folder / taken} is there already, and nothing was changed; choose another folder")
    try:
        (folder / INBOX).mkdir(parents=True, exist_ok=True)
        return [_written(folder / name, text) for name, text in texts.items()]
    except OSError as error:
        raise UsageError(f"{error.filename or folder} cannot be made: {error.strerror}") from error


def _texts(wishes: Wishes, now: datetime) -> dict[str, str]:
    """Return every file of the new site by its path."""
    site = (builtin("config") / "site.yaml").read_text(encoding="utf-8")
    schedule = (builtin("config") / "schedule.yaml").read_text(encoding="utf-8")
    site = with_values(site, _values(wishes, now))
    if wishes.title:
        site = commented_out(site, _OF_THE_SAMPLE)
    wrong = read(site.encode(), schedule.encode(), {}).problems
    if wrong:
        one = wrong[0]
        raise UsageError(f"--{one.path.split('.')[1]}: {one.message}{'; ' if one.hint else ''}{one.hint}")
    schemas = {
        f"config/.schema/{jsonschema.file_name(which)}": jsonschema.text(which) for which in jsonschema.NAMES
    }
    calendar = (builtin("config") / "calendar.yaml").read_text(encoding="utf-8")
    return {SITE_FILE: site, SCHEDULE_FILE: schedule, CALENDAR_FILE: calendar, **schemas}


def _values(wishes: Wishes, now: datetime) -> dict[Key, str]:
    said: dict[Key, str | None] = {("site", "timezone"): wishes.timezone, ("mail", "sender"): wishes.sender}
    if wishes.title:
        said |= {("site", "title", language): wishes.title for language in _LANGUAGES}
        said[("site", "copyright")] = f"© {wishes.title}"
    if wishes.url:
        domain = _domain(wishes.url)
        said[("site", "url")] = wishes.url
        said[("site", "tag_authority")] = f"{domain},{now.year}" if domain else None
        address = wishes.sender or (f"newsroom@{domain}" if "." in domain else None)
        said |= {("site", "email"): address, ("mail", "sender"): address}
    return {path: value for path, value in said.items() if value}


def _domain(url: str) -> str:
    try:
        return re.sub(r"^www\.", "", urlsplit(url if "://" in url else f"https://{url}").hostname or "")
    except ValueError:
        return ""


def _written(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644), "w", encoding="utf-8"
    ) as stream:
        stream.write(text)
    return file
