"""The tables. A change here needs a migration; a test compares the two."""

from publisher.store.tables.articles import article, article_key, article_revision, article_tag, source_state
from publisher.store.tables.base import metadata
from publisher.store.tables.feeds import feed, feed_archive, feed_entry, feed_file, ping, poll_count
from publisher.store.tables.letters import delivery, edition, edition_article, edition_hold, gate, report
from publisher.store.tables.people import signup, subscriber, subscription, suppression
from publisher.store.tables.running import (
    action,
    attempt,
    config_revision,
    counter,
    firing,
    job,
    meta,
    session,
)

__all__ = [
    "action",
    "article",
    "article_key",
    "article_revision",
    "article_tag",
    "attempt",
    "config_revision",
    "counter",
    "delivery",
    "edition",
    "edition_article",
    "edition_hold",
    "feed",
    "feed_archive",
    "feed_entry",
    "feed_file",
    "firing",
    "gate",
    "job",
    "meta",
    "metadata",
    "ping",
    "poll_count",
    "report",
    "session",
    "signup",
    "source_state",
    "subscriber",
    "subscription",
    "suppression",
]
