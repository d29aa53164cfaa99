"""What feeds are made from besides articles: what the config and the site's own templates decide; in short.

Most runs find nothing to do, and they find that out with these fingerprints. So they are kept as long as the
config is the same object and no template has another size or time.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from publisher.feeds import build, files, registry
from publisher.model.feed import FeedPlan
from publisher.settings.schema import Settings

_PAGE_TEMPLATES = ("base.html", "card.html", "feed.html", "feeds.html", "feeds.css", "style.css")

Stamps = tuple[tuple[int, int] | None, ...]
"""Sizes and times of files; None for one that is not there."""


@dataclass(frozen=True, slots=True)
class Prints:
    """Fingerprints.

    Attributes:
        whole: of all that documents depend on but articles.
        plans: every feed of the site.
        by_feed: feed key -> what it depends on but its articles and their sections' titles.
        titles: section key -> its titles, apart, so that a new section touches no old entry.
        stamps: of the site's own templates and words.
    """

    whole: str
    plans: tuple[FeedPlan, ...]
    by_feed: dict[str, str]
    titles: dict[str, str]
    stamps: Stamps


class Same:
    """A config that is equal only to itself: comparing two takes longer than what is saved."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.settings is self.settings

    def __hash__(self) -> int:
        return id(self.settings)


def prints(settings: Settings, site: Path) -> Prints:
    """Return the fingerprints as they are now.

    Raises:
        ConfigError: two feeds have one key.
    """
    names = [f"web/{name}" for name in _PAGE_TEMPLATES]
    names += [f"locale/{language}.po" for language in settings.site.languages]
    return _made(Same(settings), tuple(files.measure(f"{site}/templates/{name}") for name in names))


@lru_cache(maxsize=4)
def _made(same: Same, stamps: Stamps) -> Prints:
    settings = same.settings
    plans, feeds = registry.plans(settings), settings.feeds
    parts = (feeds.entries, feeds.archives, feeds.tombstones, feeds.refresh, feeds.hub)
    common = (settings.site.model_dump_json(), parts, stamps)
    return Prints(
        whole=build.fingerprint(settings.model_dump_json(include={"site", "sections", "feeds"}), stamps),
        plans=plans,
        by_feed={plan.key: build.fingerprint(plan, *common) for plan in plans},
        titles={key: build.fingerprint(sorted(one.title.items())) for key, one in settings.sections.items()},
        stamps=stamps,
    )
