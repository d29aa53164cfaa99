"""Column types that behave alike on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import JSON, TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


def to_moment(value: datetime) -> int:
    """Return an aware moment as whole microseconds since 1970.

    Raises:
        ValueError: it has no time zone.
    """
    if value.tzinfo is None:
        raise ValueError("a moment without a time zone cannot be stored")
    span = value.astimezone(UTC) - _EPOCH
    return (span.days * 86_400 + span.seconds) * _MICROSECONDS + span.microseconds


# The same moments are read again and again: of the articles in every feed, of the letters of an edition.
@lru_cache(maxsize=16_384)
def from_moment(value: int) -> datetime:
    """Return the moment, in UTC, that :func:`to_moment` was given."""
    return _EPOCH + timedelta(microseconds=value)


def _read(value: int | None) -> datetime | None:
    return None if value is None else from_moment(value)


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since 1970 in UTC.

    SQLite's own date type drops the zone without converting; an integer is exact, sorts, and reads the same
    everywhere.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse naive moments; turn aware ones into microseconds."""
        return None if value is None else to_moment(value)

    def result_processor(
        self,
        dialect: Dialect,  # noqa: ARG002
        coltype: object,  # noqa: ARG002
    ) -> Callable[[int | None], datetime | None]:
        """Return what makes the moment, in UTC, of what the database gave."""
        return _read


RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A row number; SQLite only counts up by itself in a column that is exactly INTEGER."""

Json = JSON(none_as_null=True)
"""A JSON document."""
