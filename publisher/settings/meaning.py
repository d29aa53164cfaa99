"""Mistakes that no single value shows: names that nothing answers to, names that clash, secrets in a file.

It works on what the files say rather than on the finished settings, so that a misspelt key in one place does
not hide an unknown section in another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from publisher.settings import suggest
from publisher.settings.days import is_name
from publisher.settings.document import Document, Path, scalars
from publisher.settings.labels import folded
from publisher.settings.problems import Problem
from publisher.settings.secrets import is_secret_value, variable_for
from publisher.settings.values import is_language

LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


def site_mistakes(site: Document) -> Iterator[Problem]:
    """Yield the mistakes within ``config/site.yaml``."""
    yield from _strayed_secrets(site)
    yield from _unknown_sections(site)
    yield from _unknown_languages(site)
    yield from _clashing_keys(site)
    yield from _clashing_labels(site)
    yield from _insecure_unsubscribe(site)


def schedule_mistakes(site: Document, schedule: Document, calendar: Document) -> Iterator[Problem]:
    """Yield the mistakes of schedule and calendar; ``config/site.yaml`` says which digests there are."""
    yield from _strayed_secrets(schedule)
    yield from _strayed_secrets(calendar)
    if calendar.readable:
        yield from _unknown_holidays(schedule, calendar)
    if not site.readable:
        return
    digests = _map(site.data, "digests")
    for name, job in _maps(schedule.data, "jobs"):
        verb, _, digest = " ".join(str(job.get("run", "")).split()).partition(" ")
        if verb == "send" and digest and digest not in digests:
            message, hint = _unknown("digest", digest, digests, "digests")
            meant = suggest.closest(digest, digests)
            yield schedule.problem(
                ("jobs", name, "run"), message, f"did you mean send {meant}" if meant else hint, at_value=True
            )


def _unknown_holidays(schedule: Document, calendar: Document) -> Iterator[Problem]:
    known = _map(calendar.data, "calendar")
    for name, job in _maps(schedule.data, "jobs"):
        for number, entry in enumerate(_list(job, "except")):
            if isinstance(entry, str) and is_name(entry) and entry.strip() not in known:
                message, hint = _unknown("holiday", entry.strip(), known, "config/calendar.yaml")
                yield schedule.problem(("jobs", name, "except", number), message, hint, at_value=True)


def _strayed_secrets(document: Document) -> Iterator[Problem]:
    for path, text in scalars(document.data):
        if is_secret_value(text):
            where = ".".join(str(part) for part in path)
            variable = variable_for(where)
            hint = f"take it out and set {variable} in the environment" if variable else "take it out"
            yield document.problem(path, "a password or key does not belong in a file", hint, at_value=True)


def _unknown_sections(site: Document) -> Iterator[Problem]:
    sections = _map(site.data, "sections")
    for path, key in _section_mentions(site.data):
        if isinstance(key, str) and key not in sections:
            now = next(
                (now for now, section in _maps(site.data, "sections") if key in _list(section, "was")), None
            )
            message, hint = _unknown("section", key, sections, "sections")
            yield site.problem(path, message, f"it is called {now} now" if now else hint, at_value=True)


def _section_mentions(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    for name, source in _maps(data, "sources"):
        if "section" in source:
            yield ("sources", name, "section"), source["section"]
    for name, feed in _maps(_map(data, "feeds"), "named"):
        for number, key in enumerate(_list(feed, "sections")):
            yield ("feeds", "named", name, "sections", number), key
    for name, digest in _maps(data, "digests"):
        for number, entry in enumerate(_list(digest, "sections")):
            if isinstance(entry, dict) and "section" in entry:
                yield ("digests", name, "sections", number, "section"), entry["section"]


def _unknown_languages(site: Document) -> Iterator[Problem]:
    listed = _list(_map(site.data, "site"), "languages")
    known = [language for language in listed if isinstance(language, str) and is_language(language)]
    if not known:
        return
    for path, language in _language_mentions(site.data):
        if isinstance(language, str) and is_language(language) and language not in known:
            message = f"{language!r} is none of the site's languages, {', '.join(known)}"
            meant = suggest.closest(language, known)
            yield site.problem(
                path, message, f"did you mean {meant}" if meant else "add it to site.languages", at_value=True
            )
    title = _map(_map(site.data, "site"), "title")
    for language in known:
        if title and language not in title:
            yield site.problem(
                ("site", "title"),
                f"has no wording for {language}, a language of the site",
                f"add {language}: …",
            )


def _language_mentions(data: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    for name, source in _maps(data, "sources"):
        yield ("sources", name, "language"), source.get("language")
    for name, feed in _maps(_map(data, "feeds"), "named"):
        yield ("feeds", "named", name, "language"), feed.get("language")
    for name, digest in _maps(data, "digests"):
        for number, language in enumerate(_list(digest, "languages")):
            yield ("digests", name, "languages", number), language


def _clashing_keys(site: Document) -> Iterator[Problem]:
    """Yield names of feeds that two things claim: each is one address below /feeds/."""
    taken = {"all": "the feed of everything"}
    for path, name, owner in _feed_names(site.data):
        if name in taken:
            listed = isinstance(path[-1], int)
            yield site.problem(
                path, f"the name {name} is taken by {taken[name]}", "choose another", at_value=listed
            )
        else:
            taken[name] = owner


def _feed_names(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    for key in _map(data, "sections"):
        yield ("sections", key), key, f"the section {key}"
    for name in _map(_map(data, "feeds"), "named"):
        yield ("feeds", "named", name), name, f"the feed feeds.named.{name}"
    for key, section in _maps(data, "sections"):
        for number, old in enumerate(_list(section, "was")):
            yield ("sections", key, "was", number), str(old), f"a former name of the section {key}"
    for key, feed in _maps(_map(data, "feeds"), "named"):
        for number, old in enumerate(_list(feed, "was")):
            yield ("feeds", "named", key, "was", number), str(old), f"a former name of the feed {key}"


@dataclass(frozen=True, slots=True)
class _Label:
    key: str
    line: int


def _clashing_labels(site: Document) -> Iterator[Problem]:
    """Yield labels that two sections claim: an article could go to either."""
    taken: dict[str, _Label] = {}
    for path, key, label in _labels(site.data):
        first = taken.setdefault(folded(label), _Label(key, site.place(path).line))
        if first.key != key:
            message = f"{label!r} already means the section {first.key} (line {first.line})"
            yield site.problem(path, message, "keep it in one of them", at_value=True)


def _labels(data: Mapping[str, Any]) -> Iterator[tuple[Path, str, str]]:
    yield from ((("sections", key), key, key) for key in _map(data, "sections"))
    for key, section in _maps(data, "sections"):
        for language, title in _map(section, "title").items():
            if isinstance(title, str):
                yield ("sections", key, "title", language), key, title
    for key, section in _maps(data, "sections"):
        for number, alias in enumerate(_list(section, "aliases")):
            if isinstance(alias, str):
                yield ("sections", key, "aliases", number), key, alias


def _insecure_unsubscribe(site: Document) -> Iterator[Problem]:
    """RFC 8058 §3.1: the one-click unsubscribe address is an HTTPS URI; mail programs ignore any other."""
    url = _map(site.data, "site").get("url")
    if _map(site.data, "mail").get("transport") != "smtp" or not isinstance(url, str):
        return
    if url.startswith("http://") and urlsplit(url).hostname not in LOCAL_HOSTS:
        message = "letters need an https address for their unsubscribe link (RFC 8058)"
        yield site.problem(
            ("site", "url"), message, f"write https://{url.removeprefix('http://')}", at_value=True
        )


def _unknown(what: str, name: str, known: Mapping[str, Any], where: str) -> tuple[str, str]:
    meant = suggest.closest(name, known)
    hint = (
        f"did you mean {meant}" if meant else f"known: {', '.join(known)}" if known else f"add it to {where}"
    )
    return f"there is no {what} {name!r}", hint


def _map(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _maps(data: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    yield from ((name, part) for name, part in _map(data, key).items() if isinstance(part, dict))


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    found = data.get(key)
    return found if isinstance(found, list) else []
