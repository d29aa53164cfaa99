"""A small newsroom for the tests of the letter: articles in few words, its settings, a fixed morning."""

from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.model.article import Article, Byline, Picture
from publisher.model.slot import Slot
from publisher.settings.schema import Digest, Section, Settings

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
"""Saturday 21 November, 06:30 in Việt Nam."""
SLOT = Slot("2026-11-21", MORNING)

SECTIONS = {
    "politics": Section(title={"en": "Politics", "vi": "Chính trị"}),
    "economy": Section(title={"en": "Economy", "vi": "Kinh tế"}),
    "culture": Section(title={"en": "Culture", "vi": "Văn hoá"}),
}

TITLES = (
    "Ferry across the Nậm Lưa runs again",
    "Tea growers ask for a fair scale",
    "Library opens on Sunday evenings",
    "Two hundred plum trees for Pá Khoen",
    "Night market moves behind the stadium",
    "School kitchen wins a clean report",
    "Road to Sáng Lìn closes for blasting",
    "Weavers show their grandmothers’ patterns",
    "Water pipe reaches the last house",
    "Choir practises in the old cinema",
)


def article(number: int, hours: float = 1, **values: Any) -> Article:
    """Return an article that is so many hours old at :data:`MORNING`."""
    date = MORNING - timedelta(hours=hours)
    content: dict[str, Any] = {
        "title": f"{TITLES[number % len(TITLES)]} {'again ' * (number // len(TITLES))}".strip(),
        "language": "en",
        "section": "economy",
        "lede": f"Lede of article {number}.",
        "published": date,
        "first_seen": date,
        "modified": date,
    }
    ids = {"id": f"a{number}", "uri": f"tag:courier.example,2026:a{number}", "source": "desk"}
    return Article(**{**ids, "number": number, "change": number, **content, **values})


def picture(name: str = "ferry.jpg", **values: Any) -> Picture:
    """Return a picture below the site's own address."""
    return Picture(**{"url": f"/media/{name}", "caption": "The ferry at noon.", "alt": "A ferry", **values})


def byline(name: str = "Hà Thu Lâm") -> Byline:
    """Return a byline."""
    return Byline(name)


def settings(**digest: Any) -> Settings:
    """Return the settings of a bilingual site with one digest, ``daily``."""
    return Settings.model_validate(
        {
            "site": {
                "title": {"en": "The Courier", "vi": "Báo Tin"},
                "url": "https://courier.example",
                "languages": ["en", "vi"],
                "timezone": "Asia/Ho_Chi_Minh",
                "tag_authority": "courier.example,2026",
                "postal_address": "1 Lưa Street, Mường Lưa",
            },
            "sections": {key: {"title": section.title} for key, section in SECTIONS.items()},
            "sources": {},
            "feeds": {},
            "digests": {"daily": {"title": {"en": "The Morning", "vi": "Buổi sáng"}} | digest},
            "mail": {"sender": "news@courier.example"},
            "web": {},
            "store": {},
            "jobs": {},
        }
    )


def rule(**values: Any) -> Digest:
    """Return a digest's settings."""
    return Digest.model_validate({"title": {"en": "The Morning"}} | values)
