"""Articles, their history, and where they came from."""

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, text

from publisher.store.columns import Json, RowId, UtcMoment
from publisher.store.tables.base import metadata

article = Table(
    "article",
    metadata,
    # What is long comes last: SQLite reads a row from its beginning, over as many pages as that takes.
    Column("number", RowId, primary_key=True, autoincrement=False),
    Column("id", String(26), nullable=False, unique=True),
    Column("uri", Text, nullable=False, unique=True),
    Column("source", String(120), nullable=False),
    Column("revision", String(64), nullable=False),
    Column("change", RowId, nullable=False, unique=True),
    Column("language", String(20), nullable=False),
    Column("section", String(64)),
    Column("url", Text),
    Column("comments", Text),
    Column("published", UtcMoment),
    Column("updated", UtcMoment),
    Column("corrected", UtcMoment),
    Column("first_seen", UtcMoment, nullable=False),
    Column("modified", UtcMoment, nullable=False),
    Column("withdrawn", UtcMoment),
    Column("date", UtcMoment, nullable=False),
    Column("agency", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("label", Text, nullable=False),
    Column("bylines", Json, nullable=False),
    Column("tags", Json, nullable=False),
    Column("correction", Text, nullable=False),
    Column("lede", Text, nullable=False),
    Column("pictures", Json, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_article_date", "date", "number"),
    Index("ix_article_section_date", "section", "date", "number"),
    Index("ix_article_language_date", "language", "date", "number"),
    Index(
        "ix_article_withdrawn",
        "withdrawn",
        sqlite_where=text("withdrawn IS NOT NULL"),
        postgresql_where=text("withdrawn IS NOT NULL"),
    ),
    Index(
        "ix_article_corrected",
        "corrected",
        sqlite_where=text("corrected IS NOT NULL"),
        postgresql_where=text("corrected IS NOT NULL"),
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
    Column("date", UtcMoment, nullable=False),
    Index("ix_article_tag_date", "kind", "word", "date", "number"),
    Index("ix_article_tag_number", "number"),
)
"""Tags and authors (``kind``) in their case-folded spelling, with the article's date, for feeds of them."""

source_state = Table(
    "source_state",
    metadata,
    Column("source", String(120), primary_key=True),
    Column("etag", Text, nullable=False),
    Column("last_modified", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
)
"""What a source answered last, so that an unchanged one is not read again."""
