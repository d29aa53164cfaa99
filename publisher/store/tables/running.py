"""The schedule, the config, and what this site keeps about itself."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text, text

from publisher.store.columns import Json, RowId, UtcMoment
from publisher.store.tables.base import metadata

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

job = Table(
    "job",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("planned_to", UtcMoment, nullable=False),
    Column("since", UtcMoment, nullable=False),
    Column("rule", Json),
    Column("revision", RowId),
)
"""Watermark: every run of the job up to here is in ``firing``.

``rule`` is what it was last planned by, in force since then; NULL while the schedule names no such job.
``revision`` of the config was the one in force then.
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
    Column("revision", RowId),
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
"""Every planned run and what became of it. A skipped one with ``through`` stands for all up to there.

``revision`` is the number of the config that it was planned by.
"""

config_revision = Table(
    "config_revision",
    metadata,
    Column("number", RowId, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Column("who", String(120), nullable=False),
    Column("how", String(16), nullable=False),
    Column("site", Text, nullable=False),
    Column("schedule", Text, nullable=False),
    Column("extra", Json, nullable=False),
    Column("changes", Json, nullable=False),
)
"""Every config that was in force, as it was written; the highest number is the one in force.

``how`` it came: a file, the console, a rollback. ``extra`` holds further files by name; ``changes`` says in
words what it changed.
"""

action = Table(
    "action",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", UtcMoment, nullable=False),
    Column("who", String(120), nullable=False),
    Column("what", String(40), nullable=False),
    Column("about", String(200), nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_action_at", "at"),
    sqlite_autoincrement=True,
)
"""What people did by hand: who, when, what, to what. Never with an address or a secret."""

session = Table(
    "session",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("role", String(10), nullable=False),
    Column("who", String(120), nullable=False),
    Column("created", UtcMoment, nullable=False),
    Column("seen", UtcMoment, nullable=False),
    CheckConstraint("role IN ('reader', 'operator')", name="role"),
)
"""Who is signed in at the console; ``id`` is the SHA-256 of what the browser holds."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("network", String(50), nullable=False),
    Column("at", UtcMoment, nullable=False),
    Index("ix_attempt_network", "network", "at"),
    sqlite_autoincrement=True,
)
"""Passwords that were refused at the console, to slow down guessing."""
