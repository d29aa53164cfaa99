"""Which letters people can ask for, and a choice among them in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from publisher.i18n import Words, words
from publisher.model.signup import Choice
from publisher.settings.base import wording
from publisher.settings.schema import Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """A digest as the forms show it.

    Attributes:
        key: of the digest.
        title: in the reader's language.
        about: how often, and the languages of its articles.
        sections: key and title of each that can be chosen.
    """

    key: str
    title: str
    about: str
    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InWords:
    """A choice as people read it back; ``hour`` is empty for "when it is made"."""

    title: str
    sections: tuple[str, ...]
    hour: str


def offered(settings: Settings) -> tuple[str, ...]:
    """Return the keys of the digests that a job sends, in the order of the config."""
    sent = {job.run.removeprefix("send ") for job in settings.jobs.values() if job.enabled}
    return tuple(key for key in settings.digests if key in sent)


def sections_of(settings: Settings, digest: str) -> tuple[str, ...]:
    """Return the keys of the sections that can be chosen in a digest, in its order."""
    return tuple(one.section for one in settings.digests[digest].sections) or tuple(settings.sections)


def offers(settings: Settings, digests: Iterable[str], said: Words) -> tuple[Offer, ...]:
    """Return digests as the forms show them."""
    return tuple(_offer(settings, key, said) for key in digests)


def within(settings: Settings, choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """Return what of the choices the config still has."""
    return tuple(
        Choice(
            digest=one.digest,
            sections=tuple(key for key in sections_of(settings, one.digest) if key in one.sections),
            hour=one.hour,
        )
        for one in choices
        if one.digest in settings.digests
    )


def in_words(settings: Settings, choices: Iterable[Choice], said: Words) -> tuple[InWords, ...]:
    """Return choices as people read them back."""
    return tuple(
        InWords(
            title=title_of(settings, one.digest, said),
            sections=tuple(wording(settings.sections[key].title, said.language) for key in one.sections),
            hour="" if one.hour is None else hour_in_words(one.hour, said),
        )
        for one in within(settings, choices)
    )


def title_of(settings: Settings, digest: str, said: Words) -> str:
    """Return a digest's title in the reader's language; its key when the config has it no more."""
    rule = settings.digests.get(digest)
    return wording(rule.title, said.language) if rule else digest


def hour_in_words(hour: int, said: Words) -> str:
    """Return an hour of the day (0 to 23) as people write it."""
    return said.time(datetime(2000, 1, 1, hour, tzinfo=UTC), ZoneInfo("UTC"))


def _offer(settings: Settings, key: str, said: Words) -> Offer:
    rule = settings.digests[key]
    often = said("Every day") if rule.slot == "day" else said("Once a week")
    languages = ", ".join(words(one).own_name for one in rule.languages or settings.site.languages)
    return Offer(
        key=key,
        title=wording(rule.title, said.language),
        about=f"{often} · {languages}",
        sections=tuple(
            (one, wording(settings.sections[one].title, said.language)) for one in sections_of(settings, key)
        ),
    )
