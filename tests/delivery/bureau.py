"""A post office for the tests of sending: a site's settings, an edition, people who subscribed to it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.model.edition import (
    PREFERENCES_TOKEN,
    UNSUBSCRIBE_TOKEN,
    Edition,
    Piece,
    Rendered,
    Selection,
)
from publisher.model.subscriber import Consent, Enrolment
from publisher.settings.schema import Settings
from publisher.store import Store, editions, subscribers
from publisher.tokens import Tokens, tokens_of

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
"""Saturday 21 November, 06:30 in Việt Nam: the slot's time of the edition."""

TOKENS: Tokens = tokens_of("a-key-that-is-only-good-for-tests")

AGREED = Consent(
    at=datetime(2026, 9, 14, 13, 11, 5, tzinfo=UTC),
    where="https://courier.example/vi/ban-tin",
    text="Tôi đồng ý nhận bản tin.",
)


def settings(mail: dict[str, Any] | None = None, **digest: Any) -> Settings:
    """Return the settings of a bilingual site with the digests ``daily`` and ``weekly``."""
    return Settings.model_validate(
        {
            "site": {
                "title": {"en": "The Courier", "vi": "Báo Mường Lưa"},
                "url": "https://courier.example",
                "languages": ["en", "vi"],
                "timezone": "Asia/Ho_Chi_Minh",
                "tag_authority": "courier.example,2026",
            },
            "sections": {
                "politics": {"title": {"en": "Politics", "vi": "Chính trị"}},
                "economy": {"title": {"en": "Economy", "vi": "Kinh tế"}, "aliases": ["BUSINESS"]},
                "culture": {"title": {"en": "Culture", "vi": "Văn hoá"}},
            },
            "sources": {},
            "feeds": {},
            "digests": {
                "daily": {"title": {"en": "The Morning"}} | digest,
                "weekly": {"title": {"en": "The Week"}, "slot": "week", "sections": [{"section": "culture"}]},
            },
            "mail": {"sender": "news@courier.example"} | (mail or {}),
            "web": {},
            "store": {},
            "jobs": {},
        }
    )


def links(before: str, after: str) -> str:
    """Return the personal links of a letter between two texts."""
    return (
        f"{before}https://courier.example/u/{UNSUBSCRIBE_TOKEN}{after}"
        f"https://courier.example/preferences/{PREFERENCES_TOKEN}{after}"
    )


def rendered(**values: Any) -> Rendered:
    """Return a letter with a lead in politics and a section economy."""
    pieces = (
        Piece(
            role="frame", html="<!DOCTYPE html><html><body><h1>Báo Mường Lưa</h1>", text="BÁO MƯỜNG LƯA\n\n"
        ),
        Piece(
            role="lead", section="politics", html="<p>Phà chạy lại</p>", text="Phà chạy lại\n", subject="Phà"
        ),
        Piece(role="section", section="economy", html="<p>Giá chè</p>", text="Giá chè\n", subject="Giá chè"),
        Piece(role="mail", html=links('<a href="', '">'), text=links("", "\n")),
        Piece(role="frame", html="</body></html>", text="--\n"),
    )
    content: dict[str, Any] = {
        "subject": "Phà Nậm Lưa chạy lại sau ba tuần",
        "preheader": "Bốn tin nữa",
        "html": "".join(piece.html for piece in pieces),
        "text": "".join(piece.text for piece in pieces),
        "language": "vi",
        "pieces": pieces,
    }
    return Rendered(**content | values)


def make_edition(
    store: Store, *, slot: str = "2026-11-21", due: datetime = MORNING, **content: Any
) -> Edition:
    """Keep an edition of ``daily`` and return it."""
    selection = Selection(digest="daily", slot=slot, since=None, until=due, choices=())
    with store.write() as tx:
        return editions.add(tx, selection, rendered(**content), [], now=due + timedelta(seconds=5))[0]


def reader(number: int, **values: Any) -> Enrolment:
    """Return a reader's row."""
    row: dict[str, Any] = {"address": f"reader{number}@example.com", "digest": "daily", "consent": AGREED}
    return Enrolment(**row | values)


def enrol(store: Store, people: Iterable[Enrolment] | int) -> None:
    """Bring readers in."""
    rows = [reader(number) for number in range(people)] if isinstance(people, int) else list(people)
    with store.write() as tx:
        subscribers.take(tx, rows, now=MORNING - timedelta(days=1))
