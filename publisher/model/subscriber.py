"""People who get digests."""

from dataclasses import dataclass
from datetime import datetime


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
        active: confirmed and not ended.
    """

    id: int
    subscriber_id: int
    digest: str
    sections: tuple[str, ...]
    hour: int | None
    active: bool
    consent: Consent
