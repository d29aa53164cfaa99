"""The half of the schema that says when things run: jobs, and the calendar that they leave days out by."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, model_validator

from publisher.settings.base import Setting
from publisher.settings.days import Days, DaysOrName, Moments, Off, named
from publisher.settings.values import CronLine, Key, RunLine, Span, ZoneName, wrong


class Job(Setting):
    """One line of the schedule: what runs, and when."""

    run: RunLine
    """`pull`, `publish`, `bounces` or `send DIGEST`."""
    cron: CronLine | None = None
    """Five fields: minute hour day-of-month month weekday."""
    every: Span | None = None
    """A span such as 5m, 2h, 1d; counted from midnight of the zone."""
    at: Annotated[Moments, Field(min_length=1)] | None = None
    """Once, or on a few days: 2027-01-28 18:00, or a list of such times on the zone's clocks."""
    timezone: ZoneName | None = None
    """IANA zone; the site's when left out."""
    catch_up: Literal["latest", "all", "none"] = "latest"
    """After an outage: only the latest run that was missed, all of them, or none."""
    max_age: Span | None = None
    """A missed run older than this is skipped and recorded; left out: 6h for send, 1d for the rest."""
    enabled: bool = True
    """Whether it runs."""
    excepted: Annotated[tuple[DaysOrName, ...], Field(alias="except")] = ()
    """Days on which it does not run: dates, ranges (2026-02-14..2026-02-20), names of calendar.yaml."""
    _off: tuple[Off, ...] | None = PrivateAttr(default=None)

    @property
    def off(self) -> tuple[Off, ...]:
        """The days on which it does not run, those of the calendar's names among them."""
        found = self.excepted if self._off is None else self._off
        return tuple(one for one in found if not one.is_name)

    def with_off(self, days: Iterable[Off]) -> Self:
        """Return the job with its excepted days spelt out."""
        job = self.model_copy()
        job._off = tuple(days)  # noqa: SLF001 - the same class
        return job

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        given = [key for key in ("cron", "every", "at") if getattr(self, key) is not None]
        if len(given) != 1:
            what = f"{' and '.join(given)}; keep one" if given else "none; add one"
            raise wrong("pair", f"a job has one of cron, every and at, this has {what}")
        return self


class ScheduleFile(Setting):
    """`config/schedule.yaml`, whole."""

    jobs: dict[Key, Job] = Field(default={})
    """Jobs by name."""


class Holiday(Setting):
    """An entry of the calendar: days on which something does not run."""

    days: Annotated[tuple[Days, ...], Field(min_length=1)]
    """Dates (2027-02-05), ranges (2027-02-05..2027-02-11), and what comes each year (yearly 04-30..05-01)."""
    title: str = ""
    """What people call it, e.g. Tết; its name when left out."""


class CalendarFile(Setting):
    """`config/calendar.yaml`, whole."""

    calendar: dict[Key, Holiday] = Field(default={})
    """Holidays and pauses by the name that jobs write in `except`."""


def days_off(job: Job, calendar: CalendarFile) -> Iterator[Off]:
    """Yield the days on which a job does not run, the names among them spelt out."""
    for one in job.excepted:
        entry = calendar.calendar.get(one.name) if one.is_name else None
        if entry is None:
            yield one
        else:
            yield from (named(days, one.name, entry.title or one.name) for days in entry.days)
