"""Subscribers, their choices, and who must not be written to."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from publisher.store.columns import Json, RowId, UtcMoment
from publisher.store.tables.base import metadata

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_key", String(320), nullable=False, unique=True),
    Column("address_hash", String(64), nullable=False),
    Column("language", String(20)),
    Column("timezone", String(64)),
    Column("created", UtcMoment, nullable=False),
    sqlite_autoincrement=True,
)
"""People. ``address_hash`` is what ``suppression`` is kept by, so that the two meet inside the store."""

subscription = Table(
    "subscription",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("subscriber_id", RowId, ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("sections", Json, nullable=False),
    Column("hour", Integer),
    Column("frequency", String(8), nullable=False, server_default="each"),
    Column("frequency_now", String(8)),
    Column("active", Boolean, nullable=False),
    Column("consent_at", UtcMoment, nullable=False),
    Column("consent_where", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("changed", UtcMoment, nullable=False),
    UniqueConstraint("subscriber_id", "digest"),
    Index(
        "ix_subscription_digest", "digest", "id", sqlite_where=text("active"), postgresql_where=text("active")
    ),
    sqlite_autoincrement=True,
)

"""``frequency`` is what a person chose; ``frequency_now`` what still counts until the next week's letter."""

suppression = Table(
    "suppression",
    metadata,
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(40), nullable=False),
    Column("detail", Text, nullable=False),
    Column("at", UtcMoment, nullable=False),
)
"""Addresses that are never mailed, kept as SHA-256 of their normal form so that an erased one stays out."""

signup = Table(
    "signup",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("address", Text, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Column("network", String(50), nullable=False),
    Column("language", String(20), nullable=False),
    Column("choices", Json, nullable=False),
    Column("consent_where", Text, nullable=False),
    Column("consent_text", Text, nullable=False),
    Column("created", UtcMoment, nullable=False),
    Column("confirmed", UtcMoment),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcMoment, nullable=False),
    Column("owner", String(120), nullable=False),
    Column("lease", UtcMoment),
    Column("reason", Text, nullable=False),
    CheckConstraint("state IN ('waiting', 'sending', 'sent', 'failed', 'uncertain')", name="state"),
    Index("ix_signup_address_hash", "address_hash", "created"),
    Index("ix_signup_network", "network", "created"),
    Index("ix_signup_created", "created"),
    Index(
        "ix_signup_open",
        "due",
        "id",
        sqlite_where=text("state IN ('waiting', 'sending')"),
        postgresql_where=text("state IN ('waiting', 'sending')"),
    ),
    sqlite_autoincrement=True,
)
"""Who asked for letters on the sign-up page, and what became of the mail that asks them to confirm.

A row is forgotten after some days. ``network`` and ``created`` are what limits are counted by.
"""
