"""What is published, and what the hubs were told."""

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from publisher.store.columns import Json, RowId, UtcMoment
from publisher.store.tables.base import metadata

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

poll_count = Table(
    "poll_count",
    metadata,
    Column("path", String(255), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("status", Integer, primary_key=True, autoincrement=False),
    Column("count", RowId, nullable=False),
)
"""How often readers asked for a document of a feed, by the site's day and by HTTP status; not who asked."""
