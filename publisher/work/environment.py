"""What a site needs besides a config without mistakes: folders, room, a store, templates, secrets."""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo

from publisher.errors import PublisherError
from publisher.model.slot import day_of, is_week
from publisher.settings import files
from publisher.settings.lint import Counts
from publisher.settings.schema import Mail, Settings
from publisher.settings.secrets import (
    DKIM_KEYS,
    SMTP_PASSWORD,
    STORE_PASSWORD,
    not_set,
    secret,
    smtp_password,
    smtp_password_name,
    source_secret_name,
)

if TYPE_CHECKING:
    from publisher.store import Store

_TOO_LITTLE, _LITTLE = 50 * 2**20, 500 * 2**20


@dataclass(frozen=True, slots=True)
class Lack:
    """Something around the config that is missing or broken; ``str()`` of it is the line.

    Attributes:
        what: such as ``var`` or ``PUBLISHER_SMTP_PASSWORD``.
        message: what is wrong and what to do.
        severity: ``error`` keeps the site from working, ``lint`` does not.
    """

    what: str
    message: str
    severity: Literal["error", "lint"] = "error"

    def __str__(self) -> str:
        return f"environment: {self.what}: {self.message}"


def lacks(
    site: Path, settings: Settings, env: Mapping[str, str], now: datetime
) -> tuple[list[Lack], Counts | None]:
    """Return what is missing around a valid config, and what the store holds. Nothing is written.

    Args:
        site: its folder.
        settings: its config.
        env: the environment.
        now: the present; notes of editions before today are over.

    Returns:
        The lacks, and the counts for lints; None for them when there is no store yet or it cannot be read.
    """
    stored, counts = _store(site, settings, env)
    found = [
        *_folders(site),
        *_room(site),
        *stored,
        *_secrets(settings, env),
        *_templates(site, settings),
        *_sources(site, settings),
        *_notes(site, settings, now),
    ]
    return found, counts


def _folders(site: Path) -> Iterator[Lack]:
    for name in ("var", "public"):
        folder = site / name
        if folder.exists() and not folder.is_dir():
            yield Lack(name, "is a file where a folder belongs; move it away")
        elif not os.access(_nearest(folder), os.W_OK | os.X_OK):
            yield Lack(name, f"cannot be written by this user; give it {_nearest(folder)}")


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists."""
    return next(part for part in (folder, *folder.parents) if part.exists())


def _room(site: Path) -> Iterator[Lack]:
    free = shutil.disk_usage(_nearest(site / "var")).free
    if free < _LITTLE:
        severity: Literal["error", "lint"] = "error" if free < _TOO_LITTLE else "lint"
        yield Lack("disk", f"only {free // 2**20} MB are free where var lies; make room", severity)


def _store(site: Path, settings: Settings, env: Mapping[str, str]) -> tuple[list[Lack], Counts | None]:
    url = settings.store.url
    file = files.store_file(site, url)
    if file and not file.exists():
        # Whoever has no store yet does not wait for its library.
        return [], None
    from publisher.store import open_store

    try:
        store = open_store(
            url, folder=site, create=False, upgrade=False, password=secret(env, STORE_PASSWORD)
        )
        try:
            return [], _counts(store)
        finally:
            store.close()
    except PublisherError as error:
        said = str(error)
        return [Lack("store", said.removeprefix("store ").removeprefix("store.url: "))], None


def _counts(store: "Store") -> Counts | None:
    from publisher.store import articles, subscribers

    if not store.is_current:
        return None
    with store.read() as tx:
        return Counts(subscribers=subscribers.counts(tx), labels=articles.unplaced_labels(tx))


def _secrets(settings: Settings, env: Mapping[str, str]) -> Iterator[Lack]:
    signing = {name: getattr(settings.mail.dkim, key) for key, name in DKIM_KEYS.items()}
    needed = [(name, f"the selector {selector}") for name, selector in signing.items() if selector]
    yield from _relays(settings.mail, env)
    for key, source in settings.sources.items():
        if source.enabled and source.is_closed:
            name = source_secret_name(key, bearer=source.bearer)
            path = f"sources.{key}.{'bearer' if source.bearer else 'username'}"
            yield from _set(name, path, env)
    for name, key in needed:
        yield from _set(name, key, env)


def _set(name: str, needed_by: str, env: Mapping[str, str]) -> Iterator[Lack]:
    """Yield that a secret is not set, or that its file cannot be read."""
    try:
        if not secret(env, name):
            yield Lack(name, not_set(name, needed_by))
    except PublisherError as error:
        yield Lack(name, str(error))


def _relays(mail: Mail, env: Mapping[str, str]) -> Iterator[Lack]:
    for key, server in mail.servers.items() if mail.transport == "smtp" else ():
        alone = server is mail.smtp
        path = "mail.smtp" if alone else f"mail.relays.{key}"
        name = SMTP_PASSWORD if alone else smtp_password_name(key)
        try:
            _, found = smtp_password(env, key, alone=alone)
        except PublisherError as error:
            yield Lack(name, str(error))
            continue
        if server.username and not found:
            yield Lack(name, not_set(name, f"{path}.username"))


def _templates(site: Path, settings: Settings) -> Iterator[Lack]:
    folder = site / "templates"
    lines = [
        (f"digests.{key}.{name}", source)
        for key, digest in settings.digests.items()
        for name, source in (("subject", digest.subject), ("preheader", digest.preheader))
        if source
    ]
    if not (folder.is_dir() or lines):
        return
    from publisher import i18n, templating

    if folder.is_dir():
        for line in templating.mistakes(folder):
            where, _, what = line.partition(": ")
            yield Lack(where, what)
        for language in settings.site.languages:
            try:
                i18n.words(language, folder)
            except PublisherError as error:
                yield Lack("templates", str(error))
    for where, source in lines:
        if wrong := templating.mistake_in_line(source):
            yield Lack(where, f"is no template: {wrong}")


def _sources(site: Path, settings: Settings) -> Iterator[Lack]:
    for key, source in settings.sources.items():
        if source.enabled and source.path and not (site / source.path).exists():
            yield Lack(f"sources.{key}.path", f"there is no {source.path} yet", "lint")


def _notes(site: Path, settings: Settings, now: datetime) -> Iterator[Lack]:
    """Yield what is odd about the editors' notes of editions that are still to come."""
    today = now.astimezone(ZoneInfo(settings.site.timezone)).date()
    for key, digest in settings.digests.items():
        folder, languages = f"config/notes/{key}", digest.languages or settings.site.languages
        written: dict[str, set[str]] = {}
        for file in sorted((site / folder).glob("*.md")):
            slot, _, language = file.stem.partition(".")
            last = _last_day(slot)
            if last is None:
                yield Lack(
                    f"{folder}/{file.name}", "names no slot: write 2026-11-21.md or 2026-W47.md", "lint"
                )
            elif last >= today:
                written.setdefault(slot, set()).add(language)
        for slot, found in written.items():
            yield from _note(f"{folder}/{slot}", key, found, languages)


def _note(place: str, digest: str, found: set[str], languages: Sequence[str]) -> Iterator[Lack]:
    """Yield which of an edition's notes is missing, or in a language that its digest does not have."""
    own = found - {""}
    for one in sorted(own - set(languages)):
        yield Lack(f"{place}.{one}.md", f"is left out: {digest} is in {', '.join(languages)}", "lint")
    # A single note without a language is meant for all readers; the first language's may go by that name.
    known = own | ({languages[0]} if "" in found else set())
    for one in languages if own & set(languages) else ():
        if one not in known:
            said = " and ".join(sorted(known & set(languages)))
            yield Lack(f"{place}.{one}.md", f"there is none, and there is a note in {said}", "lint")


def _last_day(slot: str) -> date | None:
    """Return the last day of a slot; None when it is none."""
    try:
        return day_of(slot) + timedelta(days=6 if is_week(slot) else 0)
    except ValueError:
        return None
