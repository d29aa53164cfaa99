"""Who is signed in at the console."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(hours=1)
"""A session that asks for no page for so long is over."""
LONGEST = timedelta(hours=12)
"""And so is every session after this, whatever it asked for."""


class Role(StrEnum):
    """What somebody may do: look, or change as well."""

    READER = "reader"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Session:
    """A session as the store keeps it; ``id`` is a hash, and opens nothing."""

    id: str
    role: Role
    who: str
    created: datetime
    seen: datetime

    def is_over(self, now: datetime) -> bool:
        """Return whether its time is over."""
        return now - self.seen >= IDLE or now - self.created >= LONGEST


@dataclass(frozen=True, slots=True)
class Refused:
    """Passwords that were refused from one network: how many, and when the first and the last (UTC)."""

    network: str
    count: int
    first: datetime
    last: datetime
