"""A small site of the tests' own: a store, real files, and a real server on loopback."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from publisher.feeds.publish import PublishReport
from publisher.model.article import Article, ArticleData, Byline, Picture
from publisher.settings.schema import Settings
from publisher.store import Store, articles
from publisher.web.app import start
from publisher.work.desk import Desk
from publisher.work.public import bring_up_to_date
from publisher.work.webpages import PagesReport
from tests import stores

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
"""Saturday 21 November, 06:30 in Việt Nam."""

LEDE = "Chín mươi phút sau khi nước rút, bến đò Nậm Lưa đón chuyến đầu tiên."
BODY = (
    "<p>Ông lái đò bảo: “Nước lên thì nghỉ, nước xuống thì chạy.”</p><h2>Chuyến đầu</h2>"
    "<p>Mười hai người, ba xe máy &amp; một con bò.</p>"
)


def config(**changes: Any) -> dict[str, Any]:
    """Return the config as plain values; a change names a group of keys."""
    plain: dict[str, Any] = {
        "site": {
            "title": {"en": "The Courier", "vi": "Báo Tin"},
            "url": "https://courier.example",
            "languages": ["en", "vi"],
            "timezone": "Asia/Ho_Chi_Minh",
            "tag_authority": "courier.example,2026",
        },
        "sections": {
            "economy": {"title": {"en": "Economy", "vi": "Kinh tế"}, "was": ["business"]},
            "culture": {"title": {"en": "Culture", "vi": "Văn hoá"}},
        },
        "sources": {},
        "feeds": {"hub": "https://hub.example", "languages": False},
        "digests": {"daily": {"title": {"en": "The Morning", "vi": "Buổi sáng"}}},
        "mail": {"sender": "news@courier.example"},
        "web": {},
        "store": {},
        "jobs": {},
    }
    for name, values in changes.items():
        plain[name] = plain[name] | values
    return plain


def article_data(number: int, **values: Any) -> ArticleData:
    """Return an article's content; odd ones are Vietnamese."""
    vietnamese = number % 2 == 1
    content: dict[str, Any] = {
        "title": f"Bến đò chạy lại, chuyến {number}" if vietnamese else f"Ferry runs again, trip {number}",
        "language": "vi" if vietnamese else "en",
        "section": "economy" if number % 3 else "culture",
        "agency": "BT",
        "lede": LEDE,
        "body": BODY,
        "bylines": (Byline("Hà Thu Lâm", "Thiếu tá", "Đồn biên phòng Pá Khoen"),),
        "pictures": (Picture("/media/ferry.jpg", "Chuyến đò sớm.", "Ảnh: Lò Khang", "Con đò", 1200, 800),),
        "tags": ("đò ngang",),
        "published": MORNING - timedelta(minutes=number),
    }
    return ArticleData(**{**content, **values})


@dataclass
class Newsroom:
    """A site whose clock only moves when it is told to."""

    site: Path
    store: Store
    settings: Settings
    now: datetime = MORNING

    @classmethod
    def open(cls, site: Path, url: str = "sqlite:///var/publisher.sqlite3", **changes: Any) -> "Newsroom":
        """Open a new one."""
        store = stores.make(site, url)
        return cls(site, store, Settings.model_validate(config(**changes)))

    @property
    def desk(self) -> Desk:
        """What the web server works with."""
        return Desk(site=self.site, settings=self.settings, store=self.store, clock=lambda: self.now)

    def configure(self, **changes: Any) -> None:
        """Edit the config."""
        self.settings = Settings.model_validate(config(**changes))

    def add(self, number: int, **values: Any) -> Article:
        """Bring an article in."""
        with self.store.write() as tx:
            return articles.add(
                tx,
                article_data(number, **values),
                source="desk",
                keys=[f"n{number}"],
                authority=self.settings.site.tag_authority,
                now=self.now,
            )

    def stored(self, number: int) -> Article:
        """Return an article as it stands."""
        with self.store.read() as tx:
            found = articles.find(tx, "desk", [f"n{number}"])
        assert found is not None
        return found

    def edit(self, number: int, **values: Any) -> Article:
        """Change an article."""
        stored = self.stored(number)
        with self.store.write() as tx:
            data = replace(
                article_data(number), **{name: getattr(stored, name) for name in ("url", "section")}
            )
            return articles.change(tx, stored, replace(data, **values), now=self.now)

    def withdraw(self, number: int) -> None:
        """Take an article back."""
        stored = self.stored(number)
        with self.store.write() as tx:
            articles.withdraw(tx, stored, when=self.now, now=self.now)

    def publish(self, later: timedelta = timedelta()) -> tuple[PublishReport, PagesReport]:
        """Write feeds and pages."""
        self.now += later
        return bring_up_to_date(self.store, settings=self.settings, site=self.site, now=self.now)

    @contextmanager
    def serving(self) -> Iterator[httpx.Client]:
        """Serve the site on loopback and give a client that adds no header of its own and follows nothing."""
        listening = start(self.desk, host="127.0.0.1", port=0)
        try:
            with httpx.Client(base_url=listening.address, trust_env=False, timeout=120) as client:
                client.headers.clear()
                yield client
        finally:
            listening.stop()
