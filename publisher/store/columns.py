"""Column types that behave alike on SQLite and PostgreSQL."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import JSON, TypeDecorator

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECONDS = 1_000_000


class UtcMoment(TypeDecorator[datetime]):
    """An aware moment, kept as whole microseconds since 1970 in UTC.

    SQLite's own date type drops the zone without converting; an integer is exact, sorts, and reads the same
    everywhere.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """Refuse naive moments; turn aware ones into microseconds."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        span = value.astimezone(UTC) - _EPOCH
        return (span.days * 86_400 + span.seconds) * _MICROSECONDS + span.microseconds

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return the moment in UTC."""
        if value is None:
            return None
        return _EPOCH + timedelta(microseconds=value)


RowId = BigInteger().with_variant(Integer(), "sqlite")
"""A row number; SQLite only counts up by itself in a column that is exactly INTEGER."""

Json = JSON(none_as_null=True)
"""A JSON document."""
