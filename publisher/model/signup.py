"""Asking for letters: what somebody chose, before the address's owner has confirmed it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from publisher.model.subscriber import Frequency

LIFE = timedelta(days=7)
"""How long the link in the confirmation mail works; after it the address is forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody wants of one digest.

    Attributes:
        sections: keys in the order of the config; empty for all.
        hour: 0 to 23 on their clocks; None: when it is made.
        frequency: how often, of what the digest offers.
    """

    digest: str
    sections: tuple[str, ...] = ()
    hour: int | None = None
    frequency: Frequency = "each"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A sign-up form that is filled in well.

    Attributes:
        address: in its normal form.
        language: of the letters' own words, and of the confirmation mail.
        choices: at least one.
        where: address of the page.
        text: the words agreed to, exactly as the page showed them.
    """

    address: str = field(repr=False)
    language: str
    choices: tuple[Choice, ...]
    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignUp:
    """A wish on record.

    Attributes:
        created: when it was first sent in (UTC).
        confirmed: when the address's owner confirmed it (UTC); None before.
        attempts: how often sending its mail was begun.
        way: through what a mail that is under way goes, or why it did not go.
    """

    id: int
    wish: Wish
    created: datetime
    confirmed: datetime | None
    attempts: int
    way: str
