"""Which letters people can ask for, and a choice among them in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from publisher.i18n import Words, words
from publisher.model.signup import Choice
from publisher.model.slot import WEEK_DAYS
from publisher.model.subscriber import Frequency
from publisher.settings.base import wording
from publisher.settings.schema import Digest, Settings


@dataclass(frozen=True, slots=True)
class Offer:
    """A digest as the forms show it.

    Attributes:
        key: of the digest.
        title: in the reader's language.
        about: how often, and the languages of its articles.
        sections: key and title of each that can be chosen.
        frequencies: word and name of each that can be chosen.
    """

    key: str
    title: str
    about: str
    sections: tuple[tuple[str, str], ...]
    frequencies: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class InWords:
    """A choice as people read it back.

    Attributes:
        often: empty where there was nothing to choose.
        hour: empty for "when it is made".
    """

    title: str
    sections: tuple[str, ...]
    often: str
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
            frequency=frequency_in(settings.digests[one.digest], one.frequency),
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
            often=_chosen(settings.digests[one.digest], one.frequency, said),
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


def frequency_in(rule: Digest, chosen: Frequency) -> Frequency:
    """Return what a choice of frequency means in a digest that may not offer it (any more)."""
    return chosen if chosen in rule.frequencies else rule.frequencies[0]


def often_in_words(rule: Digest, chosen: Frequency, said: Words) -> str:
    """Return how often that is, as people say it."""
    weekly = rule.slot == "week" or frequency_in(rule, chosen) == "weekly"
    return said("Once a week") if weekly else said("Every day")


def changes_on(rule: Digest, now: datetime, zone: ZoneInfo) -> date:
    """Return the day of the week's letter after which a change of frequency counts."""
    today = now.astimezone(zone).date()
    return today + timedelta(days=(WEEK_DAYS.index(rule.week_day) - today.weekday()) % 7)


def _chosen(rule: Digest, chosen: Frequency, said: Words) -> str:
    return often_in_words(rule, chosen, said) if len(rule.frequencies) > 1 else ""


def _offer(settings: Settings, key: str, said: Words) -> Offer:
    rule = settings.digests[key]
    often = " / ".join(often_in_words(rule, one, said) for one in rule.frequencies)
    languages = ", ".join(words(one).own_name for one in rule.languages or settings.site.languages)
    return Offer(
        key=key,
        title=wording(rule.title, said.language),
        about=f"{often} · {languages}",
        sections=tuple(
            (one, wording(settings.sections[one].title, said.language)) for one in sections_of(settings, key)
        ),
        frequencies=tuple((one, often_in_words(rule, one, said)) for one in rule.frequencies),
    )
