"""The tables. A change here needs a migration; a test compares the two."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from publisher.store.columns import Json, RowId, UtcMoment

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

counter = Table(
    "counter",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", RowId, nullable=False),
)
"""Numbers that only grow. A row is locked until its transaction ends, so numbers become visible in order."""

meta = Table(
    "meta",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
)
"""Single facts about the site, such as the fingerprint of the config that sections were last placed by."""

article = Table(
    "article",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=False),
    Column("id", String(26), nullable=False, unique=True),
    Column("uri", Text, nullable=False, unique=True),
    Column("source", String(120), nullable=False),
    Column("revision", String(64), nullable=False),
    Column("change", RowId, nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("language", String(20), nullable=False),
    Column("section", String(64)),
    Column("label", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("lede", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("pictures", Json, nullable=False),
    Column("bylines", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("url", Text),
    Column("comments", Text),
    Column("published", UtcMoment),
    Column("updated", UtcMoment),
    Column("correction", Text, nullable=False),
    Column("corrected", UtcMoment),
    Column("first_seen", UtcMoment, nullable=False),
    Column("modified", UtcMoment, nullable=False),
    Column("withdrawn", UtcMoment),
    Column("date", UtcMoment, nullable=False),
    Index("ix_article_date", "date", "number"),
    Index("ix_article_section_date", "section", "date", "number"),
    Index("ix_article_language_date", "language", "date", "number"),
    Index(
        "ix_article_withdrawn",
        "withdrawn",
        sqlite_where=text("withdrawn IS NOT NULL"),
        postgresql_where=text("withdrawn IS NOT NULL"),
    ),
)
"""``date`` is published, else first_seen: what recency is sorted by."""

article_key = Table(
    "article_key",
    metadata,
    Column("source", String(120), primary_key=True),
    Column("key", String(512), primary_key=True),
    Column("number", RowId, ForeignKey("article.number"), nullable=False, index=True),
)
"""What a source recognises its articles by; one article may have several."""

article_revision = Table(
    "article_revision",
    metadata,
    Column("change", RowId, primary_key=True, autoincrement=False),
    Column("number", RowId, ForeignKey("article.number"), nullable=False, index=True),
    Column("revision", String(64), nullable=False),
    Column("recorded", UtcMoment, nullable=False),
    Column("what", Text, nullable=False),
    Column("stood", Json),
)
"""Each change of an article: its content's hash, which fields moved, and where it stood if it left there."""

article_tag = Table(
    "article_tag",
    metadata,
    Column("kind", String(8), primary_key=True),
    Column("word", String(200), primary_key=True),
    Column("number", RowId, ForeignKey("article.number"), primary_key=True),
)
"""Tags and authors (``kind``) in their case-folded spelling, for feeds by tag and by author."""

source_state = Table(
    "source_state",
    metadata,
    Column("source", String(120), primary_key=True),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
)
"""What a source answered last, so that an unchanged one is not read again."""

feed = Table(
    "feed",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("uri", Text, nullable=False, unique=True),
    Column("updated", UtcMoment, nullable=False),
    Column("members", Json, nullable=False),
    Column("problems", Json, nullable=False),
)
"""Each feed that was ever published: its id for ever, its ``updated`` that only grows, what stands in it."""

feed_archive = Table(
    "feed_archive",
    metadata,
    Column("feed", String(80), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("name", String(20), nullable=False),
    Column("date", UtcMoment, nullable=False),
    Column("number", RowId, nullable=False),
    Column("updated", UtcMoment, nullable=False),
    UniqueConstraint("feed", "name"),
)
"""Archive documents: each holds what is newer than the one before and no newer than (date, number)."""

feed_entry = Table(
    "feed_entry",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=False),
    Column("manner", String(32), primary_key=True),
    Column("change", RowId, nullable=False),
    Column("rss", LargeBinary, nullable=False),
    Column("atom", LargeBinary, nullable=False),
    Column("json", LargeBinary, nullable=False),
    Column("rss_deflated", LargeBinary, nullable=False),
    Column("atom_deflated", LargeBinary, nullable=False),
    Column("json_deflated", LargeBinary, nullable=False),
    Column("card", Json, nullable=False),
    Column("note", Text, nullable=False),
)
"""Entries as they were serialised, for articles that stand in a current feed; good while ``change`` is."""

feed_file = Table(
    "feed_file",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("change", RowId, nullable=False),
    Column("modified", UtcMoment, nullable=False),
    Column("size", Integer, nullable=False),
)
"""What is published: the hash of its bytes, up to which change it was built, and its Last-Modified."""

ping = Table(
    "ping",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("fingerprint", String(64), nullable=False),
    Column("hub", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", UtcMoment, nullable=False),
    Column("lease", UtcMoment),
    Column("at", UtcMoment),
    Column("reason", Text, nullable=False),
    CheckConstraint("state IN ('pending', 'accepted', 'failed')", name="state"),
)
"""What the hub was last told, or has to be told, of each document of a feed."""

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
    CheckConstraint("state IN ('made', 'skipped')", name="state"),
    sqlite_autoincrement=True,
)
"""One per digest and slot. A slot with nothing to say is kept too, as skipped, with its reason."""

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

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("edition_id", RowId, ForeignKey("edition.id"), nullable=False),
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
    UniqueConstraint("edition_id", "subscription_id"),
    CheckConstraint(
        "state IN ('pending', 'sending', 'accepted', 'deferred', 'failed', 'uncertain', 'bounced', "
        "'complained', 'suppressed')",
        name="state",
    ),
    Index(
        "ix_delivery_open",
        "due",
        "id",
        sqlite_where=text("state IN ('pending', 'deferred', 'sending')"),
        postgresql_where=text("state IN ('pending', 'deferred', 'sending')"),
    ),
    Index(
        "ix_delivery_owner",
        "owner",
        sqlite_where=text("owner != ''"),
        postgresql_where=text("owner != ''"),
    ),
    sqlite_autoincrement=True,
)
"""The ledger: one row for each edition and subscription, frozen before the first message.

``planned`` is when it was first due and never moves; ``due`` moves on with each deferral.
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

job = Table(
    "job",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("planned_to", UtcMoment, nullable=False),
    Column("since", UtcMoment, nullable=False),
    Column("rule", Json),
)
"""Watermark: every run of the job up to here is in ``firing``.

``rule`` is what it was last planned by, in force since then; NULL while the schedule names no such job.
"""

firing = Table(
    "firing",
    metadata,
    Column("job", String(64), primary_key=True),
    Column("due", UtcMoment, primary_key=True),
    Column("through", UtcMoment),
    Column("run", String(80), nullable=False),
    Column("outcome", String(10), nullable=False),
    Column("owner", String(120), nullable=False),
    Column("lease", UtcMoment),
    Column("attempts", Integer, nullable=False),
    Column("started", UtcMoment),
    Column("ended", UtcMoment),
    Column("reason", Text, nullable=False),
    CheckConstraint(
        "outcome IN ('planned', 'running', 'done', 'problems', 'failed', 'skipped')", name="outcome"
    ),
    Index("ix_firing_due", "due", "job"),
    Index(
        "ix_firing_through",
        "job",
        "due",
        sqlite_where=text("through IS NOT NULL"),
        postgresql_where=text("through IS NOT NULL"),
    ),
    Index(
        "ix_firing_open",
        "due",
        sqlite_where=text("outcome IN ('planned', 'running')"),
        postgresql_where=text("outcome IN ('planned', 'running')"),
    ),
)
"""Every planned run and what became of it. A skipped one with ``through`` stands for all up to there."""
