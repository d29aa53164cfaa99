"""A small newsroom for the tests of ingest: its config, its pages, and a way to bring them in."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from publisher.ingest.pull import IngestReport, ingest, pull
from publisher.model.article import Article
from publisher.settings.schema import ScheduleFile, Settings, SiteFile
from publisher.store import Store, articles

SECTIONS: dict[str, Any] = {
    "politics": {"title": {"en": "Politics", "vi": "Chính trị"}, "aliases": ["NEWS - POLITICS"]},
    "economy": {"title": {"en": "Economy", "vi": "Kinh tế"}, "aliases": ["BUSINESS"]},
    "culture": {"title": {"en": "Culture", "vi": "Văn hoá"}, "aliases": ["CULTURE - TOURISM"]},
    "travel": {"title": {"en": "Travel", "vi": "Du lịch"}},
}

PAGE = """\
Ferry returns to Bến Đá

BML - The ferry at Bến Đá crossed the Lưa again on Monday, nine weeks after the flood had taken \
its cable. Forty people and three motorbikes were on the first crossing, and most of them came \
back with the second.

Ferryman Lò Văn Ím had spent the nine weeks in his sister's house, where he mended nets and did \
not look at the river. He says that he knew by the sound of the water when it would be low \
enough. The new cable is of steel, cost VND 84 million, and was carried up from the road in \
eleven lengths by pupils of the boarding school.

Pupils of the boarding school carry the cable up from the road.

What the villages pay

A crossing costs VND 3,000, as it did before. Children and teachers pay nothing. The commune \
has asked the two villages on the far bank to give one working day a month for the landing, and \
both have agreed to it.

Vừ Mai Lan
Comment

You have 500/500 characters left

Please enter 5 or more characters!!!

Recent news

  • 'Ferry returns to Bến Đá

    Ferry returns to Bến Đá

    BUSINESS -
    BML - The ferry at Bến Đá crossed the Lưa again on Monday, nine weeks after the flood had taken \
its cable. Forty people and three motorbikes were on the first crossing, and most of them came \
back with the second.
  • 'Council votes on school roofs

    Council votes on school roofs

    NEWS - POLITICS -
    BML – The council will vote on Friday on new roofs for eleven village schools.
  • 'Weavers’ fair moves to spring

    Weavers’ fair moves to spring

    CULTURE - TOURISM -
    BML - The fair will be held in the second week of March.
"""


def settings_of(*, sections: dict[str, Any] | None = None, **sources: Any) -> Settings:
    """Return a config with these sources and sections."""
    site = SiteFile.model_validate(
        {
            "site": {
                "title": {"en": "The Hill Courier", "vi": "Báo Đồi"},
                "url": "https://courier.example",
                "languages": ["en", "vi"],
                "timezone": "Asia/Ho_Chi_Minh",
                "tag_authority": "courier.example,2026",
            },
            "sections": SECTIONS if sections is None else sections,
            "sources": sources,
            "mail": {"sender": "news@courier.example"},
        }
    )
    return Settings.of(site, ScheduleFile())


@dataclass
class Newsroom:
    """A site, its store, and what a person would type."""

    store: Store
    site: Path
    now: datetime
    settings: Settings

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the site."""
        path = self.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        return path

    def ingest(self, *inputs: str, **options: Any) -> IngestReport:
        """Run ``publisher ingest``."""
        options = dict[str, Any](settings=self.settings, now=self.now, inside=self.site) | options
        return ingest(self.store, inputs, site=self.site, **options)

    def pull(self, **options: Any) -> IngestReport:
        """Run the job ``pull``."""
        options = dict[str, Any](settings=self.settings, now=self.now) | options
        return pull(self.store, site=self.site, **options)

    def articles(self) -> list[Article]:
        """Return all articles in the order of their arrival, withdrawn ones too."""
        with self.store.read() as tx:
            return sorted(articles.changed_since(tx, 0), key=lambda one: one.number)

    def titled(self, title: str) -> Article:
        """Return the one article of that title."""
        (found,) = [one for one in self.articles() if one.title == title]
        return found
