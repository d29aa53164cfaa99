"""What is valid and probably wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from publisher.settings import lint_times
from publisher.settings.labels import where_to_map
from publisher.settings.meaning import LOCAL_HOSTS
from publisher.settings.places import SITE_FILE, Place
from publisher.settings.problems import Problem, in_order, problem_at
from publisher.settings.schema import Mail, Settings, Smtp, Words

Finding = tuple[str, str, str]
"""Path, what is probably wrong, what to do."""

_EXAMPLE = re.compile(r"(^|[@./])(example|invalid|test)([,:/]|$)|(^|[@./])example\.(com|net|org)\b")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a store holds, as far as the config should agree with it.

    Attributes:
        subscribers: digest -> active subscriptions.
        labels: section label that no section has -> articles that print it.
    """

    subscribers: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, int] = field(default_factory=dict)


def lints(settings: Settings, now: datetime, counts: Counts | None = None) -> list[Problem]:
    """Return what is valid and probably wrong, in the order of the files.

    Args:
        settings: the config.
        now: the present (UTC); what daylight saving does is looked up in the 13 months from then.
        counts: of the store; without them nothing is said about subscribers and labels.
    """
    found = [
        *_addresses(settings),
        *_wordings(settings),
        *_unused(settings),
        *_mail(settings),
        *lint_times.findings(settings, now),
        *(_stored(settings, counts) if counts else ()),
    ]
    return in_order([_problem(settings, *finding) for finding in found])


def _problem(settings: Settings, path: str, message: str, hint: str) -> Problem:
    place = settings.places.find(path) or Place(SITE_FILE, 1, 1)
    return replace(problem_at(place, path, message, hint), severity="lint")


def _addresses(settings: Settings) -> Iterator[Finding]:
    url = urlsplit(settings.site.url)
    if url.scheme == "http" and url.hostname not in LOCAL_HOSTS:
        yield "site.url", "readers and mail programs expect https", f"write https://{url.netloc}{url.path}"
    for path, value in _public_names(settings):
        if value and _EXAMPLE.search(value.casefold()):
            yield path, f"{value} is a placeholder that reaches nobody", "write your own"


def _public_names(settings: Settings) -> Iterator[tuple[str, str | None]]:
    site, mail = settings.site, settings.mail
    yield "site.url", site.url
    yield "site.tag_authority", site.tag_authority
    yield "site.email", site.email
    yield "mail.sender", mail.sender
    yield "mail.reply_to", mail.reply_to
    yield from ((f"{path}.host", server.host) for path, server in _servers(mail))
    for name, source in settings.sources.items():
        yield f"sources.{name}.url", source.url


def _wordings(settings: Settings) -> Iterator[Finding]:
    for key, section in settings.sections.items():
        yield from _missing_words(f"sections.{key}.title", section.title, settings.site.languages)
    for key, digest in settings.digests.items():
        yield from _missing_words(
            f"digests.{key}.title", digest.title, digest.languages or settings.site.languages
        )
    for key, feed in settings.feeds.named.items():
        yield from _missing_words(
            f"feeds.named.{key}.title", feed.title, (feed.language,) if feed.language else ()
        )


def _missing_words(path: str, words: Words, languages: tuple[str, ...]) -> Iterator[Finding]:
    for language in languages:
        if language not in words:
            shown = next(iter(words.values()))
            yield path, f"has no wording for {language}; readers see {shown!r}", f"add {language}: …"


def _unused(settings: Settings) -> Iterator[Finding]:
    """Sections that no digest carries, digests that no job sends, sources that no job reads."""
    carried = [[entry.section for entry in digest.sections] for digest in settings.digests.values()]
    for key in settings.sections:
        if carried and all(carried) and not any(key in some for some in carried):
            yield f"sections.{key}", "no digest carries this section", "add it to the sections of one"
    runs = {job.run for job in settings.jobs.values() if job.enabled}
    for key in settings.digests:
        if f"send {key}" not in runs:
            yield (
                f"digests.{key}",
                "no job sends this digest",
                f"add a job with run: send {key} to schedule.yaml",
            )
    reads = any(source.enabled for source in settings.sources.values())
    if reads and "pull" not in runs:
        yield "sources", "no job reads the sources", "add a job with run: pull to schedule.yaml"
    if "publish" not in runs:
        yield "jobs", "no job keeps the feeds up to date", "add a job with run: publish"
    for name, job in settings.jobs.items():
        if job.enabled and job.run == "pull" and not reads:
            yield f"jobs.{name}.run", "there is no source to pull from", "add one to sources in site.yaml"


def _servers(mail: Mail) -> Iterator[tuple[str, Smtp]]:
    """Yield each mail server with its path."""
    for name, server in mail.servers.items():
        yield ("mail.smtp" if server is mail.smtp else f"mail.relays.{name}"), server


def _mail(settings: Settings) -> Iterator[Finding]:
    mail = settings.mail
    for path, server in _servers(mail):
        if mail.transport != "smtp":
            yield path, "this server is not used: letters go into var/outbox", "write transport: smtp"
        if server.tls == "none" and server.host not in LOCAL_HOSTS:
            yield (
                f"{path}.tls",
                "letters and addresses go over the network in the open",
                "write starttls or tls",
            )
    if settings.digests and not settings.site.postal_address:
        yield (
            "site",
            "letters carry no postal address; the law of many countries asks for it",
            "add postal_address",
        )
    for key, digest in settings.digests.items():
        if digest.per_section > digest.limit:
            yield (
                f"digests.{key}.per_section",
                f"is more than limit, {digest.limit}",
                "lower it, or raise limit",
            )


def _stored(settings: Settings, counts: Counts) -> Iterator[Finding]:
    for key in settings.digests:
        if not counts.subscribers.get(key):
            yield (
                f"digests.{key}",
                "nobody has subscribed to this digest",
                "add people with: publisher subscribers add or import",
            )
    for label, number in sorted(counts.labels.items()):
        advice = where_to_map(label, settings.sections).partition(": ")[2]
        articles = "1 article has" if number == 1 else f"{number} articles have"
        yield "sections", f"{articles} the label {label!r}, which no section knows", advice
