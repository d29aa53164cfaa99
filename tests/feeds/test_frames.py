"""Frames that are remembered are those that would be made."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from publisher.feeds import build, formats, frames, registry
from publisher.model.feed import FORMATS, Chain, Feed, Format, Tombstone
from tests.feeds.newsroom import settings

CONFIG = settings(feeds={"hub": "https://hub.example/"})
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
GRAVE = Tombstone("tag:muonglua.example,2026:a", datetime(2026, 11, 20, 8, tzinfo=UTC))


def feed(updated: datetime = FIRST) -> Feed:
    plan = registry.plans(CONFIG)[0]
    return build.feed(plan, CONFIG, feed_id="tag:muonglua.example,2026:feeds/all", updated=updated)


@pytest.mark.parametrize("form", FORMATS)
def test_a_remembered_frame_has_the_bytes_of_one_made_anew(form: Format) -> None:
    moment = datetime(2026, 11, 21, 23, 30, 7, tzinfo=UTC)
    later = [
        replace(feed(), updated=moment),
        replace(feed(), updated=moment.astimezone(timezone(timedelta(hours=7)))),
        replace(feed(), updated=moment, tombstones=(GRAVE,)),
        replace(feed(), updated=moment, chain=Chain(older="2026-10")),
        replace(feed(), updated=moment, title=formats.frame(form, feed()).head.decode()),
        replace(feed(), updated=moment, rights="<updated>1970-01-01T00:00:00+00:00</updated>"),
        replace(feed(), updated=moment + timedelta(hours=1)),
    ]
    for one in later:
        assert frames.frame(form, one) == formats.frame(form, one)
        assert frames.frame(form, one) == formats.frame(form, one)
    heads = {frames.frame(form, one).head for one in (later[0], later[-1])}
    assert len(heads) == (1 if form == "json" else 2)
