"""Editions, and the ledger of their deliveries."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from publisher.model.delivery import SUBSCRIPTIONS
from publisher.store.columns import Json, RowId, UtcMoment
from publisher.store.tables.base import metadata

edition = Table(
    "edition",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("slot", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", Text, nullable=False),
    Column("made", UtcMoment, nullable=False),
    Column("due", UtcMoment, nullable=False),
    Column("prepared", UtcMoment),
    Column("selection", Json, nullable=False),
    Column("content", Json),
    UniqueConstraint("digest", "slot"),
    CheckConstraint("state IN ('made', 'skipped', 'lost')", name="state"),
    sqlite_autoincrement=True,
)
"""One per digest and slot. A slot with nothing to say is kept too, as skipped, with its reason.

What may have gone out after the backup that a store was brought back from is *lost*: it never goes out again.
"""

edition_article = Table(
    "edition_article",
    metadata,
    Column("edition_id", RowId, ForeignKey("edition.id"), primary_key=True),
    Column("number", RowId, ForeignKey("article.number"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("corrected", UtcMoment),
    Index("ix_edition_article_number", "number"),
)
"""What went into which edition, so that nothing goes twice; ``corrected`` names the correction it carried."""

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=False),
    Column("edition_id", RowId, nullable=False),
    Column("subscription_id", RowId, nullable=False),
    Column("address", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("sections", Json, nullable=False),
    Column("state", String(12), nullable=False),
    Column("planned", UtcMoment, nullable=False),
    Column("due", UtcMoment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(120), nullable=False),
    Column("lease", UtcMoment),
    Column("reason", Text, nullable=False),
    Column("changed", UtcMoment, nullable=False),
    CheckConstraint(
        f"id = edition_id * {SUBSCRIPTIONS} + subscription_id AND subscription_id < {SUBSCRIPTIONS}",
        name="number",
    ),
    CheckConstraint(
        "state = 'pending' OR state = 'suppressed' OR state = 'sending' OR state = 'accepted' OR "
        "state = 'deferred' OR state = 'failed' OR state = 'uncertain' OR state = 'bounced' OR "
        "state = 'complained'",
        name="state",
    ),
    Index(
        "ix_delivery_open",
        "edition_id",
        "due",
        "id",
        sqlite_where=text("state = 'pending' OR state = 'deferred' OR state = 'sending'"),
        postgresql_where=text("state = 'pending' OR state = 'deferred' OR state = 'sending'"),
    ),
    Index(
        "ix_delivery_owner",
        "owner",
        sqlite_where=text("owner != ''"),
        postgresql_where=text("owner != ''"),
    ),
)
"""The ledger: one row for each edition and subscription, frozen before the first message.

``id`` is made of both (``model.delivery.number``), so the rows of an edition are a range of it, and there
can be no two for one subscription (decision 0114).
``planned`` is when it was first due and never moves; ``due`` moves on with each deferral. ``edition_id`` is
no foreign key: to look it up for each row took PostgreSQL as long as writing the row (decision 0095).
The conditions on ``state`` are chains of OR: of a longer IN SQLite makes a table anew for each row that it
writes (decision 0105).
"""

report = Table(
    "report",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("kind", String(12), nullable=False),
    Column("status", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("delivery_id", RowId),
    Column("address_hash", String(64)),
    Index("ix_report_address", "address_hash", "at"),
)
"""What came back: bounces, complaints, automatic replies. One is known by the SHA-256 of its bytes."""

edition_hold = Table(
    "edition_hold",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("slot", String(10), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("who", String(120), nullable=False),
    Column("why", Text, nullable=False),
    CheckConstraint("kind IN ('paused', 'cancelled')", name="kind"),
)
"""Editions whose deliveries do not go out: paused until somebody resumes them, or cancelled for good.

Named by digest and slot, so that one can be held before it is made.
"""

gate = Table(
    "gate",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("level", Float, nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("opens", UtcMoment),
    Column("queued", UtcMoment),
    Column("reason", Text, nullable=False),
    CheckConstraint("kind IN ('relay', 'domain')", name="kind"),
)
"""What a relay or a recipient domain may still take: its rate as a bucket, and its circuit breaker.

``level`` stood at ``at``; ``opens`` is when a broken one is tried again; until ``queued`` its room is
promised to deliveries that were put off.
"""
