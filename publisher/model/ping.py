"""Telling a hub that a feed has changed (WebSub): when to try again, and when to give up. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PingState = Literal["pending", "accepted", "failed"]

BACKOFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
)
"""Wait after the first, second, … attempt; the last one repeats."""
ATTEMPTS = 12
"""After so many, about a day, only the feed's next change is announced."""
_TOO_EARLY = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Ping:
    """What a hub was or has to be told of one document of a feed.

    Attributes:
        path: below ``public/``; its address is the topic.
        fingerprint: of the bytes that the hub is told of.
        hub: its address.
        state: whether the hub knows.
        attempts: for these bytes.
        due: when to try again, while it is pending.
        at: of the last attempt.
        reason: what the hub said last.
    """

    path: str
    fingerprint: str
    hub: str
    state: PingState
    attempts: int
    due: datetime
    at: datetime | None = None
    reason: str = ""


def settled(attempts: int, status: int | None, now: datetime) -> tuple[PingState, datetime]:
    """Return what an attempt came to, and when the next one is due.

    Any 2xx is acceptance; 5xx, no answer and "too early" are tried again; anything else is a refusal that
    would only be repeated.

    Args:
        attempts: with this one.
        status: of the hub's answer; None without an answer.
        now: of the attempt.
    """
    if status is not None and 200 <= status < 300:
        return "accepted", now
    again = status is None or status >= 500 or status in _TOO_EARLY
    if not again or attempts >= ATTEMPTS:
        return "failed", now
    return "pending", now + BACKOFF[min(attempts, len(BACKOFF)) - 1]
