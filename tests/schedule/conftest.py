"""A desk with a schedule of the test's own and a clock that the test moves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher import logs
from publisher.model.job import Firing, Outcome, RunReport
from publisher.settings.schema import CalendarFile, ScheduleFile, Settings, SiteFile
from publisher.store import Store
from publisher.work.desk import Desk

SITE = {
    "site": {
        "title": {"en": "The Courier"},
        "url": "https://courier.example",
        "languages": ["en", "vi"],
        "timezone": "Asia/Ho_Chi_Minh",
        "tag_authority": "courier.example,2026",
    },
    "digests": {"morning": {"title": {"en": "Morning"}}, "evening": {"title": {"en": "Evening"}}},
    "mail": {"sender": "news@courier.example"},
}

Jobs = Mapping[str, Mapping[str, Any]]


def settings_of(jobs: Jobs, calendar: Mapping[str, Any] | None = None, **site: Any) -> Settings:
    """Return settings with these jobs and holidays; ``site`` replaces keys of the site."""
    whole = SITE | {"site": {**SITE["site"], **site}}  # type: ignore[dict-item]
    return Settings.of(
        SiteFile.model_validate(whole),
        ScheduleFile.model_validate({"jobs": jobs}),
        calendar=CalendarFile.model_validate({"calendar": calendar or {}}),
    )


@dataclass
class Hands:
    """Stands in for the tasks: notes what it was given, and answers what the test says."""

    answer: Callable[[Firing], RunReport] = lambda firing: RunReport(Outcome.DONE, f"did {firing.run}")
    given: list[Firing] = field(default_factory=list)

    def __call__(self, firing: Firing) -> RunReport:
        self.given.append(firing)
        return self.answer(firing)

    @property
    def jobs(self) -> list[str]:
        return [one.job for one in self.given]


@dataclass
class Bench:
    """A store, a moment and a schedule."""

    store: Store
    now: datetime
    folder: Path
    settings: Settings
    hands: Hands = field(default_factory=Hands)

    @property
    def desk(self) -> Desk:
        return Desk(site=self.folder, settings=self.settings, store=self.store, clock=lambda: self.now)

    def schedule(self, jobs: Jobs) -> None:
        self.settings = settings_of(jobs)

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)

    def local(self, text: str) -> None:
        """Set the clock to a time of the site."""
        self.now = datetime.fromisoformat(text).replace(tzinfo=self.desk.zone)


@pytest.fixture(autouse=True)
def quiet() -> None:
    """The log as commands have it."""
    logs.configure()


@pytest.fixture
def bench(store: Store, now: datetime, tmp_path: Path) -> Bench:
    """A bench on each database in turn, at 06:30 local time."""
    return Bench(store=store, now=now, folder=tmp_path, settings=settings_of({}))


@pytest.fixture
def small_bench(sqlite: Store, now: datetime, tmp_path: Path) -> Bench:
    """A bench where the database makes no difference."""
    return Bench(store=sqlite, now=now, folder=tmp_path, settings=settings_of({}))
