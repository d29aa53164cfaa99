"""How many letters may go now: a bucket that fills at a steady rate. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may still go.

    Attributes:
        level: letters that could go at ``at``.
        at: when that was so (UTC).
        queued: until when the coming room is promised to letters that were put off; None when none is.
    """

    level: float
    at: datetime
    queued: datetime | None = None


def burst(rate: float) -> float:
    """Return how many may go at once after a rest: a second's worth, and never less than one."""
    return max(rate, 1.0)


def filled(bucket: Bucket, rate: float, now: datetime) -> Bucket:
    """Return the bucket as it is now; a clock that went back adds nothing and takes nothing away."""
    gained = max((now - bucket.at) / _SECOND, 0.0) * rate
    return replace(bucket, level=min(bucket.level + gained, burst(rate)), at=now)


def taken(bucket: Bucket, rate: float, now: datetime, wanted: int) -> tuple[int, Bucket]:
    """Return how many of those wanted may go now, and the bucket without them."""
    full = filled(bucket, rate, now)
    granted = min(wanted, int(full.level + 1e-9))
    return granted, replace(full, level=full.level - granted)


def put_off(bucket: Bucket, rate: float, now: datetime) -> tuple[datetime, Bucket]:
    """Return when one more letter may be tried, each a little after the one before it."""
    last = bucket.queued if bucket.queued is not None and bucket.queued > now else now
    again = last + _SECOND / rate
    return again, replace(bucket, queued=again)
