"""What an edit of the schedule will do: runs added, moved and dropped, and the letters that they carry."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from publisher.model.slot import slot_at
from publisher.schedule import calendar, catchup
from publisher.settings.schema import Digest, Job

Jobs = Mapping[str, Job]


@dataclass(frozen=True, slots=True)
class Shift:
    """What becomes of one job; times are UTC, ascending.

    Attributes:
        job: its name.
        before, after: its rule in words; empty where it was not, or is no more.
        zone: on whose clocks to show it.
        kept: runs that stay as they are.
        moved: (from, to) on the same day.
        added, dropped: the others.
    """

    job: str
    before: str
    after: str
    zone: ZoneInfo
    kept: int
    moved: tuple[tuple[datetime, datetime], ...]
    added: tuple[datetime, ...]
    dropped: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What becomes of the letter of a slot: one sentence, because its runs come or go.

    Attributes:
        digest, slot: which.
        kind: ``missing``: it will not go any more; ``added``: it will go now; ``again``: one more run is
            planned for a slot whose letter has been made, or has a run already, so that nothing more goes;
            ``twice``: a second letter goes on one day, because slots are counted in another way.
        sentence: in words.
    """

    digest: str
    slot: str
    kind: str
    sentence: str


def shifts(before: Jobs, after: Jobs, site: ZoneInfo, now: datetime, until: datetime) -> list[Shift]:
    """Return what an edit does to each job that it changes, in the order of the new schedule.

    Args:
        before: the rules in force.
        after: the edited schedule.
        site: the site's zone.
        now: runs later than this are counted (UTC).
        until: and up to here.
    """
    names = [*after, *(name for name in before if name not in after)]
    found = [_shift(name, before.get(name), after.get(name), site, now, until) for name in names]
    return [one for one in found if one is not None]


def letters(
    before: Jobs,
    after: Jobs,
    digests: Mapping[str, Digest],
    made: Mapping[tuple[str, str], datetime],
    site: ZoneInfo,
    now: datetime,
    until: datetime,
    *,
    was_digests: Mapping[str, Digest] | None = None,
    was_site: ZoneInfo | None = None,
) -> list[Letter]:
    """Return the letters that come, go, or are planned twice by an edit, earliest slot first.

    Args:
        before: the rules in force.
        after: the edited schedule.
        digests: of the edited config.
        made: (digest, slot) of the editions that were made already -> when each was due.
        site: the zone of the slots.
        now: runs later than this are counted (UTC).
        until: and up to here.
        was_digests, was_site: the same before the edit, where they differ.
    """
    was = _slots(before, was_digests or digests, was_site or site, now, until)
    will = _slots(after, digests, site, now, until)
    found = []
    for digest, slot in sorted({*was, *will}, key=lambda key: (key[1], key[0])):
        old, new = was[digest, slot], will[digest, slot]
        fresh = [due for due in new if due not in old]
        about = f"{digest} {slot}"
        at = f"{fresh[0].astimezone(site):%Y-%m-%d %H:%M}" if fresh else ""
        if (digest, slot) in made:
            if fresh:
                said = f"{about}: its letter is made already; the run at {at} sends nothing new"
                found.append(Letter(digest, slot, "again", said))
        elif fresh and (went := _went(digest, fresh[0], made, site)):
            said = f"{about}: a second letter on one day: {went} has gone, and one more goes at {at}"
            found.append(Letter(digest, slot, "twice", said))
        elif old and not new:
            if _same_day(digest, old, will, site):
                continue
            said = f"{about}: no letter any more; to send it by hand: publisher send {digest} --at {slot}"
            found.append(Letter(digest, slot, "missing", said))
        elif new and not old:
            found.append(Letter(digest, slot, "added", f"{about}: a letter goes at {at}"))
        elif fresh and len(new) > len(old):
            said = f"{about}: has {len(new)} runs now; only the first sends, the run at {at} finds it done"
            found.append(Letter(digest, slot, "again", said))
    return found


def _went(digest: str, due: datetime, made: Mapping[tuple[str, str], datetime], site: ZoneInfo) -> str | None:
    """Return the slot of a letter that went on the day of that moment."""
    day = due.astimezone(site).date()
    return next(
        (slot for (one, slot), at in made.items() if one == digest and at.astimezone(site).date() == day),
        None,
    )


def _same_day(
    digest: str, dues: list[datetime], will: Mapping[tuple[str, str], list[datetime]], site: ZoneInfo
) -> bool:
    """Return whether a letter of the digest still goes on the day of those runs, for whatever slot."""
    days = {due.astimezone(site).date() for due in dues}
    return any(
        one == digest and new[0].astimezone(site).date() in days for (one, _), new in will.items() if new
    )


def _shift(
    name: str, before: Job | None, after: Job | None, site: ZoneInfo, now: datetime, until: datetime
) -> Shift | None:
    zones = [calendar.zone_of(job, site) if job else site for job in (before, after)]
    rules = [
        catchup.rule_of(job, zone) if job else None for job, zone in zip((before, after), zones, strict=True)
    ]
    if rules[0] == rules[1]:
        return None
    zone = zones[1] if after else zones[0]
    old, new = (
        list(calendar.times(job, place, now, until)) if job else []
        for job, place in zip((before, after), zones, strict=True)
    )
    moved, added, dropped = _paired(sorted(set(new) - set(old)), sorted(set(old) - set(new)), zone)
    return Shift(
        job=name,
        before=_words(before, zones[0]),
        after=_words(after, zones[1]),
        zone=zone,
        kept=len(set(old) & set(new)),
        moved=moved,
        added=added,
        dropped=dropped,
    )


def _words(job: Job | None, zone: ZoneInfo) -> str:
    return f"{job.run}, {calendar.rule(job, zone)}" if job else ""


def _paired(
    added: list[datetime], dropped: list[datetime], zone: ZoneInfo
) -> tuple[tuple[tuple[datetime, datetime], ...], tuple[datetime, ...], tuple[datetime, ...]]:
    """Tell runs that moved within a day from those that came or went: as many came that day as went."""
    came, went = _by_day(added, zone), _by_day(dropped, zone)
    same = [day for day in came if len(came[day]) == len(went.get(day, []))]
    moved = tuple(pair for day in same for pair in zip(went[day], came[day], strict=True))
    return (
        moved,
        tuple(due for day, dues in came.items() if day not in same for due in dues),
        tuple(due for day, dues in went.items() if day not in same for due in dues),
    )


def _by_day(dues: list[datetime], zone: ZoneInfo) -> dict[date, list[datetime]]:
    found: dict[date, list[datetime]] = defaultdict(list)
    for due in dues:
        found[due.astimezone(zone).date()].append(due)
    return dict(found)


def _slots(
    jobs: Jobs, digests: Mapping[str, Digest], site: ZoneInfo, now: datetime, until: datetime
) -> dict[tuple[str, str], list[datetime]]:
    found: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for job in jobs.values():
        task, _, digest = job.run.partition(" ")
        if task == "send" and digest in digests:
            for due in calendar.times(job, calendar.zone_of(job, site), now, until):
                found[digest, slot_at(due, digests[digest].slot, site).key].append(due)
    return found
