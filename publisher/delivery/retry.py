"""When a deferred letter is tried again. Pure."""

from datetime import datetime, timedelta

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
)
"""Wait after the first, second, … attempt; the last one repeats."""

_SPREAD = 8


def next_try(attempts: int, deadline: datetime, now: datetime, *, row: int = 0) -> datetime | None:
    """Return when to try again, or None when that would be past the deadline.

    Args:
        attempts: how often sending has begun, at least 1.
        deadline: after it nothing is sent.
        now: of the last attempt.
        row: of the delivery; spreads the retries of many over an eighth of the wait, so that a server which
            was too busy does not get them all at once again.
    """
    wait = BACKOFF[min(attempts, len(BACKOFF)) - 1]
    again = now + wait + wait / _SPREAD * ((row % 100) / 100)
    return again if again < deadline else None
