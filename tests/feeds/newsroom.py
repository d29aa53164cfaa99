"""A small newsroom for the tests of feeds: its config, its articles, its folder."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from publisher.feeds.publish import PublishReport, publish
from publisher.model.article import Article, ArticleData, Byline, Picture
from publisher.settings.schema import ScheduleFile, Settings, SiteFile
from publisher.store import Store, articles

AUTHORITY = "courier.example,2026"
START = datetime(2026, 9, 1, 1, 30, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


def settings(*, site: dict[str, Any] | None = None, **parts: Any) -> Settings:
    """Return a config; ``site`` and ``feeds`` are laid over the defaults here, others replace theirs."""
    whole: dict[str, Any] = {
        "sections": {
            "politics": {"title": {"en": "Politics", "vi": "Chính trị"}},
            "economy": {"title": {"en": "Economy", "vi": "Kinh tế"}},
        },
        "mail": {"sender": "news@courier.example"},
    }
    whole |= parts
    whole["site"] = {
        "title": {"en": "The Hill Courier", "vi": "Báo Đồi"},
        "url": "https://courier.example",
        "languages": ["en", "vi"],
        "timezone": "Asia/Ho_Chi_Minh",
        "tag_authority": AUTHORITY,
        "description": {"en": "News of seven communes.", "vi": "Tin của bảy xã."},
        "email": "desk@courier.example",
        "copyright": "© The Hill Courier",
        "logo": "https://courier.example/logo.png",
        "icon": "https://courier.example/icon.png",
    } | (site or {})
    return Settings.of(SiteFile.model_validate(whole), ScheduleFile(jobs={}))


def data(number: int = 1, **fields: Any) -> ArticleData:
    """Return the content of an article that has everything."""
    whole = ArticleData(
        title=f"Chợ phiên số {number} mở cửa trước bình minh",
        language="vi",
        section="economy",
        agency="BĐ",
        lede=f"Phiên chợ thứ {number} có gừng, gạo nếp & vải thổ cẩm.",
        body=f"<p>Đoạn thứ nhất của bài {number}.</p><h2>Giá</h2><p>Gừng <b>11.500</b> đồng/kg.</p>",
        pictures=(
            Picture(
                url=f"https://courier.example/media/{number}.jpg",
                caption="Người bán gừng qua cầu.",
                credit="Ảnh: Hà Thu Lâm",
                alt="Ba người trên cầu treo",
                width=1200,
                height=800,
                media_type="image/jpeg",
                length=123_456,
            ),
        ),
        bylines=(Byline("Hà Thu Lâm"), Byline("Cà Văn Ín", "Đại uý", "Đồn biên phòng")),
        tags=("chợ phiên",),
        url=f"https://courier.example/kinh-te/{number}.html",
        comments=f"https://courier.example/y-kien/{number}",
        published=START + timedelta(hours=number),
    )
    return replace(whole, **fields)


def article(number: int = 1, **fields: Any) -> Article:
    """Return an article as the store would give it; ``fields`` may be content or the store's own."""
    own: dict[str, Any] = {
        "id": f"a{number:015}",
        "uri": f"tag:{AUTHORITY}:a{number:015}",
        "number": number,
        "source": "desk",
        "first_seen": START,
        "modified": START,
        "change": number,
    }
    names = {*own, "withdrawn"}
    content = data(number, **{name: value for name, value in fields.items() if name not in names})
    kept = {name: getattr(content, name) for name in ArticleData.__dataclass_fields__}
    return Article(**kept, **own | {name: value for name, value in fields.items() if name in names})


class Newsroom:
    """A site with a store, and what an editor does there."""

    def __init__(self, store: Store, site: Path, config: Settings | None = None) -> None:
        self.store, self.site, self.config = store, site, config or settings()
        self.now = NOW

    @property
    def public(self) -> Path:
        return self.site / "public"

    def write(self, *numbers: int, **fields: Any) -> list[Article]:
        """Bring articles in."""
        with self.store.write() as tx:
            return [
                articles.add(
                    tx,
                    data(number, **fields),
                    source="desk",
                    keys=[f"k{number}"],
                    authority=AUTHORITY,
                    now=self.now,
                )
                for number in numbers
            ]

    def edit(self, one: Article, **fields: Any) -> Article:
        """Change an article's content."""
        with self.store.write() as tx:
            stored = articles.get(tx, one.id)
            assert stored is not None
            kept = {name: getattr(stored, name) for name in ArticleData.__dataclass_fields__}
            return articles.change(tx, stored, ArticleData(**kept | fields), now=self.now)

    def withdraw(self, one: Article, when: datetime | None = None) -> None:
        """Take an article back."""
        with self.store.write() as tx:
            articles.withdraw(tx, one, when=when or self.now, now=self.now)

    def publish(self, **options: Any) -> PublishReport:
        """Run the verb."""
        return publish(self.store, settings=self.config, site=self.site, now=self.now, **options)

    def read(self, path: str) -> bytes:
        """Return a published file."""
        return (self.public / path).read_bytes()

    def stamps(self) -> dict[str, tuple[int, int]]:
        """Return size and time of everything published."""
        return {
            str(path.relative_to(self.public)): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in sorted(self.public.rglob("*"))
            if path.is_file()
        }
