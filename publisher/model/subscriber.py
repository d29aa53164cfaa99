"""People who get digests."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Frequency = Literal["each", "daily", "weekly"]
"""How often somebody wants a digest: each edition, one letter a day, one a week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """When, where and to which words a person agreed."""

    at: datetime
    where: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A person's address and habits; ``timezone`` None means the site's."""

    id: int
    address: str
    language: str | None
    timezone: str | None
    created: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A person's choice of a digest.

    Attributes:
        sections: keys; empty for all of the digest's.
        hour: local hour (0 to 23) at which they want it; None: when it is made.
        frequency: how often they want it, of what the digest offers.
        frequency_now: what counts until the next week's letter; None when it is ``frequency``.
        active: confirmed and not ended.
        changed: when it was last changed (UTC).
    """

    id: int
    subscriber_id: int
    digest: str
    sections: tuple[str, ...]
    hour: int | None
    frequency: Frequency
    frequency_now: Frequency | None
    active: bool
    consent: Consent
    changed: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A subscription together with its person: a row of a file of subscribers, or of a form.

    Attributes:
        address: in its normal form.
        sections: in the order of the config, each once; equal choices are equal tuples.
        frequency: None says nothing about it: what is on record stays, else ``each``.
        active: False keeps the choice on record without mailing it (not confirmed yet, or ended).
    """

    address: str
    language: str | None = None
    timezone: str | None = None
    digest: str
    sections: tuple[str, ...] = ()
    hour: int | None = None
    frequency: Frequency | None = None
    active: bool = True
    consent: Consent = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """Why an address is never mailed.

    Attributes:
        reason: one word: ``erased``, ``bounced``, ``complained``, ``operator``.
        detail: what a server said or an operator noted; never an address.
    """

    reason: str
    detail: str
    at: datetime
