"""The first tables."""

import sqlalchemy as sa
from alembic import op

from publisher.store.columns import Json, RowId, UtcMoment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "action",
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_action_at", "action", ["at"], unique=False)
    op.create_table(
        "article",
        sa.Column("number", RowId, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("change", RowId, nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=64), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("comments", sa.Text(), nullable=True),
        sa.Column("published", UtcMoment(), nullable=True),
        sa.Column("updated", UtcMoment(), nullable=True),
        sa.Column("corrected", UtcMoment(), nullable=True),
        sa.Column("first_seen", UtcMoment(), nullable=False),
        sa.Column("modified", UtcMoment(), nullable=False),
        sa.Column("withdrawn", UtcMoment(), nullable=True),
        sa.Column("date", UtcMoment(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("bylines", Json, nullable=False),
        sa.Column("tags", Json, nullable=False),
        sa.Column("correction", sa.Text(), nullable=False),
        sa.Column("lede", sa.Text(), nullable=False),
        sa.Column("pictures", Json, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_article")),
        sa.UniqueConstraint("change", name=op.f("uq_article_change")),
        sa.UniqueConstraint("id", name=op.f("uq_article_id")),
        sa.UniqueConstraint("uri", name=op.f("uq_article_uri")),
    )
    op.create_index(
        "ix_article_corrected",
        "article",
        ["corrected"],
        unique=False,
        sqlite_where=sa.text("corrected IS NOT NULL"),
        postgresql_where=sa.text("corrected IS NOT NULL"),
    )
    op.create_index("ix_article_date", "article", ["date", "number"], unique=False)
    op.create_index("ix_article_language_date", "article", ["language", "date", "number"], unique=False)
    op.create_index("ix_article_section_date", "article", ["section", "date", "number"], unique=False)
    op.create_index(
        "ix_article_withdrawn",
        "article",
        ["withdrawn"],
        unique=False,
        sqlite_where=sa.text("withdrawn IS NOT NULL"),
        postgresql_where=sa.text("withdrawn IS NOT NULL"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", RowId, nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempt_network", "attempt", ["network", "at"], unique=False)
    op.create_table(
        "config_revision",
        sa.Column("number", RowId, autoincrement=False, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("extra", Json, nullable=False),
        sa.Column("changes", Json, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_config_revision")),
    )
    op.create_table(
        "counter",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", RowId, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", RowId, autoincrement=False, nullable=False),
        sa.Column("edition_id", RowId, nullable=False),
        sa.Column("subscription_id", RowId, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("sections", Json, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("planned", UtcMoment(), nullable=False),
        sa.Column("due", UtcMoment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("lease", UtcMoment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed", UtcMoment(), nullable=False),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'suppressed' OR state = 'sending' OR state = 'accepted' OR state = 'deferred' OR state = 'failed' OR state = 'uncertain' OR state = 'bounced' OR state = 'complained'",
            name=op.f("ck_delivery_state"),
        ),
        sa.CheckConstraint(
            "id = edition_id * 1000000000 + subscription_id AND subscription_id < 1000000000",
            name=op.f("ck_delivery_number"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["edition_id", "due", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' OR state = 'deferred' OR state = 'sending'"),
        postgresql_where=sa.text("state = 'pending' OR state = 'deferred' OR state = 'sending'"),
    )
    op.create_index(
        "ix_delivery_owner",
        "delivery",
        ["owner"],
        unique=False,
        sqlite_where=sa.text("owner != ''"),
        postgresql_where=sa.text("owner != ''"),
    )
    op.create_table(
        "edition",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made", UtcMoment(), nullable=False),
        sa.Column("due", UtcMoment(), nullable=False),
        sa.Column("prepared", UtcMoment(), nullable=True),
        sa.Column("selection", Json, nullable=False),
        sa.Column("content", Json, nullable=True),
        sa.CheckConstraint("state IN ('made', 'skipped', 'lost')", name=op.f("ck_edition_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edition")),
        sa.UniqueConstraint("digest", "slot", name=op.f("uq_edition_digest_slot")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "edition_hold",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('paused', 'cancelled')", name=op.f("ck_edition_hold_kind")),
        sa.PrimaryKeyConstraint("digest", "slot", name=op.f("pk_edition_hold")),
    )
    op.create_table(
        "feed",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("uri", sa.Text(), nullable=False),
        sa.Column("updated", UtcMoment(), nullable=False),
        sa.Column("members", Json, nullable=False),
        sa.Column("problems", Json, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_feed")),
        sa.UniqueConstraint("uri", name=op.f("uq_feed_uri")),
    )
    op.create_table(
        "feed_archive",
        sa.Column("feed", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("date", UtcMoment(), nullable=False),
        sa.Column("number", RowId, nullable=False),
        sa.Column("updated", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "position", name=op.f("pk_feed_archive")),
        sa.UniqueConstraint("feed", "name", name=op.f("uq_feed_archive_feed_name")),
    )
    op.create_table(
        "feed_entry",
        sa.Column("number", RowId, autoincrement=False, nullable=False),
        sa.Column("manner", sa.String(length=32), nullable=False),
        sa.Column("change", RowId, nullable=False),
        sa.Column("rss", sa.LargeBinary(), nullable=False),
        sa.Column("atom", sa.LargeBinary(), nullable=False),
        sa.Column("json", sa.LargeBinary(), nullable=False),
        sa.Column("rss_deflated", sa.LargeBinary(), nullable=False),
        sa.Column("atom_deflated", sa.LargeBinary(), nullable=False),
        sa.Column("json_deflated", sa.LargeBinary(), nullable=False),
        sa.Column("card", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("number", "manner", name=op.f("pk_feed_entry")),
    )
    op.create_table(
        "feed_file",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("change", RowId, nullable=False),
        sa.Column("modified", UtcMoment(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_feed_file")),
    )
    op.create_table(
        "firing",
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("due", UtcMoment(), nullable=False),
        sa.Column("through", UtcMoment(), nullable=True),
        sa.Column("run", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("lease", UtcMoment(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("started", UtcMoment(), nullable=True),
        sa.Column("ended", UtcMoment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("revision", RowId, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('planned', 'running', 'done', 'problems', 'failed', 'skipped')",
            name=op.f("ck_firing_outcome"),
        ),
        sa.PrimaryKeyConstraint("job", "due", name=op.f("pk_firing")),
    )
    op.create_index("ix_firing_due", "firing", ["due", "job"], unique=False)
    op.create_index(
        "ix_firing_open",
        "firing",
        ["due"],
        unique=False,
        sqlite_where=sa.text("outcome IN ('planned', 'running')"),
        postgresql_where=sa.text("outcome IN ('planned', 'running')"),
    )
    op.create_index(
        "ix_firing_through",
        "firing",
        ["job", "due"],
        unique=False,
        sqlite_where=sa.text("through IS NOT NULL"),
        postgresql_where=sa.text("through IS NOT NULL"),
    )
    op.create_table(
        "gate",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("level", sa.Float(), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("opens", UtcMoment(), nullable=True),
        sa.Column("queued", UtcMoment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('relay', 'domain')", name=op.f("ck_gate_kind")),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_gate")),
    )
    op.create_table(
        "job",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("planned_to", UtcMoment(), nullable=False),
        sa.Column("since", UtcMoment(), nullable=False),
        sa.Column("rule", Json, nullable=True),
        sa.Column("revision", RowId, nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job")),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_meta")),
    )
    op.create_table(
        "ping",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", UtcMoment(), nullable=False),
        sa.Column("lease", UtcMoment(), nullable=True),
        sa.Column("at", UtcMoment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'failed')", name=op.f("ck_ping_state")),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_ping")),
    )
    op.create_table(
        "poll_count",
        sa.Column("path", sa.String(length=255), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("status", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("count", RowId, nullable=False),
        sa.PrimaryKeyConstraint("path", "day", "status", name=op.f("pk_poll_count")),
    )
    op.create_table(
        "report",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("delivery_id", RowId, nullable=True),
        sa.Column("address_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("fingerprint", name=op.f("pk_report")),
    )
    op.create_index("ix_report_address", "report", ["address_hash", "at"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("created", UtcMoment(), nullable=False),
        sa.Column("seen", UtcMoment(), nullable=False),
        sa.CheckConstraint("role IN ('reader', 'operator')", name=op.f("ck_session_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
    )
    op.create_table(
        "signup",
        sa.Column("id", RowId, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("choices", Json, nullable=False),
        sa.Column("consent_where", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("created", UtcMoment(), nullable=False),
        sa.Column("confirmed", UtcMoment(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", UtcMoment(), nullable=False),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("lease", UtcMoment(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'sending', 'sent', 'failed', 'uncertain')", name=op.f("ck_signup_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signup")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_signup_address_hash", "signup", ["address_hash", "created"], unique=False)
    op.create_index("ix_signup_created", "signup", ["created"], unique=False)
    op.create_index("ix_signup_network", "signup", ["network", "created"], unique=False)
    op.create_index(
        "ix_signup_open",
        "signup",
        ["due", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "source_state",
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("etag", sa.Text(), nullable=False),
        sa.Column("last_modified", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_source_state")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", RowId, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("address_key", sa.String(length=320), nullable=False),
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("created", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscriber_address_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppression")),
    )
    op.create_table(
        "article_key",
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=512), nullable=False),
        sa.Column("number", RowId, nullable=False),
        sa.ForeignKeyConstraint(["number"], ["article.number"], name=op.f("fk_article_key_number")),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_article_key")),
    )
    op.create_index(op.f("ix_article_key_number"), "article_key", ["number"], unique=False)
    op.create_table(
        "article_revision",
        sa.Column("change", RowId, autoincrement=False, nullable=False),
        sa.Column("number", RowId, nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("recorded", UtcMoment(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("stood", Json, nullable=True),
        sa.ForeignKeyConstraint(["number"], ["article.number"], name=op.f("fk_article_revision_number")),
        sa.PrimaryKeyConstraint("change", name=op.f("pk_article_revision")),
    )
    op.create_index(op.f("ix_article_revision_number"), "article_revision", ["number"], unique=False)
    op.create_table(
        "article_tag",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("word", sa.String(length=200), nullable=False),
        sa.Column("number", RowId, nullable=False),
        sa.Column("date", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["article.number"], name=op.f("fk_article_tag_number")),
        sa.PrimaryKeyConstraint("kind", "word", "number", name=op.f("pk_article_tag")),
    )
    op.create_index("ix_article_tag_date", "article_tag", ["kind", "word", "date", "number"], unique=False)
    op.create_index("ix_article_tag_number", "article_tag", ["number"], unique=False)
    op.create_table(
        "edition_article",
        sa.Column("edition_id", RowId, nullable=False),
        sa.Column("number", RowId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("corrected", UtcMoment(), nullable=True),
        sa.ForeignKeyConstraint(["edition_id"], ["edition.id"], name=op.f("fk_edition_article_edition_id")),
        sa.ForeignKeyConstraint(["number"], ["article.number"], name=op.f("fk_edition_article_number")),
        sa.PrimaryKeyConstraint("edition_id", "number", name=op.f("pk_edition_article")),
    )
    op.create_index("ix_edition_article_number", "edition_article", ["number"], unique=False)
    op.create_table(
        "subscription",
        sa.Column("id", RowId, nullable=False),
        sa.Column("subscriber_id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sections", Json, nullable=False),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.Column("frequency", sa.String(length=8), server_default="each", nullable=False),
        sa.Column("frequency_now", sa.String(length=8), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("consent_at", UtcMoment(), nullable=False),
        sa.Column("consent_where", sa.Text(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("changed", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_subscription_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("subscriber_id", "digest", name=op.f("uq_subscription_subscriber_id_digest")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_subscription_digest",
        "subscription",
        ["digest", "id"],
        unique=False,
        sqlite_where=sa.text("active"),
        postgresql_where=sa.text("active"),
    )
