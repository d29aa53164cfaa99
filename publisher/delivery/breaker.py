"""When a relay or a domain that fails again and again is left in peace, and when it is tried again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES = 10
"""So many in a row open it."""
FIRST = timedelta(seconds=30)
LONGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Breaker:
    """How things went lately.

    Attributes:
        failures: in a row.
        opens: when the next letter may be tried; None while all may go.
        reason: the last failure, without any address.
    """

    failures: int = 0
    opens: datetime | None = None
    reason: str = ""


def failed(breaker: Breaker, now: datetime, reason: str) -> Breaker:
    """Return the breaker after one more failure."""
    failures = breaker.failures + 1
    return Breaker(failures, now + _wait(failures) if failures >= FAILURES else None, reason)


def barred_until(breaker: Breaker, now: datetime) -> datetime | None:
    """Return until when nothing may go; None when something may.

    No longer than the longest wait, so that a clock that was wrong for a while bars nothing for ever.
    """
    if breaker.opens is None or not now < breaker.opens <= now + LONGEST:
        return None
    return breaker.opens


def is_on_trial(breaker: Breaker, now: datetime) -> bool:
    """Return whether its time is over, and one letter may try whether all is well again."""
    return breaker.opens is not None and barred_until(breaker, now) is None


def tried(breaker: Breaker, now: datetime) -> Breaker:
    """Return the breaker while one letter tries; nothing else may go meanwhile."""
    return Breaker(breaker.failures, now + _wait(breaker.failures), breaker.reason)


def _wait(failures: int) -> timedelta:
    doublings: int = 2 ** min(max(failures - FAILURES, 0), 10)
    return min(FIRST * doublings, LONGEST)
