"""What an edit of the config will do, told before it is saved: runs, letters, readers, addresses."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from publisher.feeds import registry
from publisher.model.feed import FeedPlan
from publisher.model.plural import number_of
from publisher.schedule import catchup
from publisher.schedule.forecast import Letter, Shift, letters, shifts
from publisher.settings import files as written
from publisher.settings.compare import Change, compare
from publisher.settings.load import read_files
from publisher.settings.schema import Digest, Job, Mail, Settings
from publisher.store import choices, configs, editions, firings
from publisher.store.choices import Choice
from publisher.work.desk import Desk

DAYS = 7
"""Runs are counted so far ahead."""

Kind = Literal["run", "letter", "readers", "feed", "address", "look", "mail", "setting"]
Weight = Literal["loss", "risk", "change"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that an edit does; ``str()`` of it is the sentence.

    Attributes:
        kind: ``run``: runs added, moved, dropped; ``letter``: editions that come, go, or have a second run;
            ``readers``: subscribers whose letter changes; ``feed``, ``address``: what can be fetched;
            ``look``: what letters look like; ``mail``: how they leave; ``setting``: everything else.
        about: the job, digest, feed or key.
        sentence: in words.
        weight: ``loss``: somebody misses something; ``risk``: somebody gets something twice, or a letter
            leaves another way; ``change``: the rest.
        subscribers: whom it meets.
        details: further lines.
    """

    kind: Kind
    about: str
    sentence: str
    weight: Weight = "change"
    subscribers: int = 0
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The two configs and what the store knows; everything that effects are found from.

    Attributes:
        old, new: settings.
        jobs: the rules that run now.
        made: (digest, slot) -> when its edition was due.
        choices: what subscribers chose.
        now: the present (UTC).
    """

    old: Settings
    new: Settings
    jobs: Mapping[str, Job]
    made: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    choices: tuple[Choice, ...] = ()
    now: datetime

    @property
    def until(self) -> datetime:
        """How far ahead runs are counted."""
        return self.now + timedelta(days=DAYS)

    def shifts(self) -> list[Shift]:
        """Return what becomes of each job that changes."""
        return shifts(self.jobs, self.new.jobs, _zone(self.new), self.now, self.until)

    def letters(self) -> list[Letter]:
        """Return the letters that come, go, or are planned twice."""
        return letters(
            self.jobs,
            self.new.jobs,
            self.new.digests,
            self.made,
            _zone(self.new),
            self.now,
            self.until,
            was_digests=self.old.digests,
            was_site=_zone(self.old),
        )

    def readers(self, digest: str, fits: Callable[[Choice], bool] = lambda _choice: True) -> int:
        """Return how many subscriptions of a digest made a choice that fits."""
        return sum(one.people for one in self.choices if one.digest == digest and fits(one))


def effects(desk: Desk, new: Settings) -> tuple[Effect, ...]:
    """Return what putting these settings into force would do, the most serious kinds first.

    They are compared with what runs now: the revision in force and the rules that jobs were planned by last.
    Nothing is written.
    """
    return tuple(told(forecast(desk, new)))


def forecast(desk: Desk, new: Settings) -> Forecast:
    """Return everything that the effects of an edit are found from."""
    with desk.store.read() as tx:
        latest = configs.latest(tx)
        ruled = {name: catchup.job_of(mark.rule) for name, mark in firings.marks(tx).items()}
        made = {(one.digest, one.slot): one.due for one in editions.listed(tx, limit=1000, made_only=True)}
        chosen = choices.choices(tx)
    old = read_files(written.contents(latest.files), desk.env).settings if latest else None
    return Forecast(
        old=old or desk.settings,
        new=new,
        jobs={name: job for name, job in ruled.items() if job is not None},
        made=made,
        choices=tuple(chosen),
        now=desk.clock(),
    )


def told(found: Forecast) -> Iterator[Effect]:
    """Yield the effects of an edit in words."""
    yield from _letters(found)
    yield from _readers(found)
    yield from _runs(found)
    yield from _feeds(found)
    yield from _mail(found.old, found.new)
    yield from _looks(found)
    yield from _others(found.old, found.new)


def _runs(found: Forecast) -> Iterator[Effect]:
    for one in found.shifts():
        if not one.after:
            sentence = f"{one.job}: taken out; it was: {one.before}"
        elif not one.before:
            sentence = f"{one.job}: new: {one.after}"
        else:
            sentence = f"{one.job}: now {one.after}; it was: {one.before}"
        yield Effect("run", one.job, sentence, details=tuple(_shifted(one)))


def _shifted(one: Shift) -> Iterator[str]:
    for before, after in one.moved[:1]:
        more = f", and {len(one.moved) - 1} more" if len(one.moved) > 1 else ""
        yield f"moved    {_when(before, one.zone)} to {after.astimezone(one.zone):%H:%M}{more}"
    for word, dues in (("added", one.added), ("dropped", one.dropped)):
        if dues:
            more = f" to {_when(dues[-1], one.zone)}" if len(dues) > 1 else ""
            yield f"{word:<8} {len(dues)} in {DAYS} days: {_when(dues[0], one.zone)}{more}"
    if one.before and one.after and not (one.moved or one.added or one.dropped):
        yield f"the same {one.kept} runs in {DAYS} days"


def _letters(found: Forecast) -> Iterator[Effect]:
    weights: dict[str, Weight] = {"missing": "loss", "twice": "risk", "again": "change", "added": "change"}
    for one in found.letters():
        count = found.readers(one.digest)
        whom = f" ({_subscribers(count)})" if one.kind != "again" else ""
        sentence = f"{one.sentence}{whom}"
        yield Effect("letter", one.digest, sentence, weights[one.kind], 0 if one.kind == "again" else count)


def _readers(found: Forecast) -> Iterator[Effect]:
    """Yield whose letter changes: digests and sections that come and go, and who chose what goes."""
    old, new = found.old, found.new
    for key in [*old.digests, *(key for key in new.digests if key not in old.digests)]:
        before, after = old.digests.get(key), new.digests.get(key)
        if after is None:
            count = found.readers(key)
            said = f"the digest {key} is taken out: {_subscribers(count)} of it get no letter any more"
            yield Effect("readers", key, said, "loss" if count else "change", count)
        elif before is None:
            yield Effect("readers", key, f"the digest {key} is new; people can choose it when they subscribe")
        else:
            yield from _carried(found, key, before, after)


def _carried(found: Forecast, key: str, before: Digest, after: Digest) -> Iterator[Effect]:
    was, will = _sections(found.old, before), _sections(found.new, after)
    everyone = found.readers(key)
    gone = [section for section in was if section not in will]
    for section in gone:
        chose = found.readers(key, lambda one, section=section: section in one.sections)  # type: ignore[misc]
        who = f"{_subscribers(chose)} chose it, {_subscribers(everyone)} in all"
        said = f"{key} carries {section} no more: {who}"
        yield Effect("readers", key, said, "loss" if everyone else "change", everyone)
    lost = found.readers(key, lambda one: bool(one.sections) and not set(one.sections) & set(will))
    if gone and lost:
        said = f"{key}: {_subscribers(lost)} chose nothing but what goes, and get no letter any more"
        yield Effect("readers", key, said, "loss", lost)
    for section in will:
        if section not in was:
            said = f"{key} carries {section} now ({_subscribers(everyone)})"
            yield Effect("readers", key, said, subscribers=everyone)


def _feeds(found: Forecast) -> Iterator[Effect]:
    old, new = found.old, found.new
    was, will = ({plan.key: plan for plan in registry.plans(settings)} for settings in (old, new))
    leads = {path: to for path, to in registry.redirects(new).items() if not path.endswith("/")}
    for key, plan in was.items():
        if key not in will:
            yield _vanished(plan, leads)
    for key, plan in will.items():
        if key not in was:
            yield Effect("feed", key, f"a new feed: /feeds/{key} ({plan.title}), in RSS, Atom and JSON")
        elif was[key] != plan:
            yield Effect("feed", key, f"the feed /feeds/{key} changes: {_feed_change(was[key], plan)}")
    before = registry.redirects(old)
    for path in before:
        if path.endswith(".rss") and path not in leads and path.split("/")[2][:-4] not in will:
            said = f"the old address {path} leads nowhere any more; readers of it get an error"
            yield Effect("address", path, said, "loss")
    if old.site.url != new.site.url:
        said = f"every address moves from {old.site.url} to {new.site.url}; the old ones have to lead there"
        yield Effect("address", "site.url", said, "risk")


def _vanished(plan: FeedPlan, leads: Mapping[str, str]) -> Effect:
    to = leads.get(f"/feeds/{plan.key}.rss")
    if to:
        said = f"the feed /feeds/{plan.key} is redirected to {to.rpartition('.')[0]}"
        return Effect("address", plan.key, said)
    said = f"the feed /feeds/{plan.key} vanishes; to lead its readers on, name {plan.key} in was: of another"
    return Effect("feed", plan.key, said, "loss")


def _feed_change(before: FeedPlan, after: FeedPlan) -> str:
    words = []
    if before.title != after.title:
        words.append(f"it is called {after.title}")
    if before.content != after.content:
        words.append(f"it carries {'text and summary' if after.content == 'both' else after.content}")
    selection = [(one.sections, one.tags, one.authors, one.only_language) for one in (before, after)]
    if selection[0] != selection[1]:
        words.append("it gathers other articles")
    fresh = [old for old in after.was if old not in before.was]
    if fresh:
        words.append(f"it is found under {', '.join(fresh)} too")
    return ", ".join(words) or "its former names or its language"


def _mail(old: Settings, new: Settings) -> Iterator[Effect]:
    one, other = old.mail, new.mail
    if _way(one) != _way(other):
        yield Effect("mail", "mail", f"letters leave {_way(other)}; until now {_way(one)}", "risk")
    for key, before, after in (
        ("mail.sender", one.sender, other.sender),
        ("mail.reply_to", one.reply_to, other.reply_to),
        ("mail.bounces", one.bounces, other.bounces),
        ("mail.list_domain", one.list_domain, other.list_domain),
    ):
        if before != after:
            said = f"{key}: letters carry {after or 'none'}; until now {before or 'none'}"
            yield Effect("mail", key, said, "risk")
    if one.dkim != other.dkim:
        said = "letters are signed in another way (mail.dkim); its keys have to stand in the DNS first"
        yield Effect("mail", "mail.dkim", said, "risk")


def _way(mail: Mail) -> str:
    if mail.transport == "smtp":
        ways = [f"{one.host}:{one.port} ({one.tls})" for one in mail.servers.values()]
        return f"through {', '.join(ways)}"
    return "into var/outbox, to nobody"


def _looks(found: Forecast) -> Iterator[Effect]:
    for key, after in found.new.digests.items():
        before = found.old.digests.get(key)
        if before is None:
            continue
        words = [*_look_words(before, after)]
        if words:
            count = found.readers(key)
            said = f"the letter {key} looks different: {', '.join(words)}; see: publisher preview {key}"
            yield Effect("look", key, said, subscribers=count)


def _look_words(before: Digest, after: Digest) -> Iterator[str]:
    if before.layout != after.layout:
        yield f"layout {after.layout}"
    old, new = before.look.model_dump(), after.look.model_dump()
    yield from (f"{key} {new[key] or 'none'}" for key in new if new[key] != old[key])


_TOLD = ("jobs", "mail.transport", "mail.smtp", "mail.relays", "mail.sender", "mail.reply_to", "mail.bounces")
_TOLD_TOO = ("mail.list_domain", "mail.dkim", "site.url", "feeds.named", "feeds.tags", "feeds.authors")


def _others(old: Settings, new: Settings) -> Iterator[Effect]:
    """Yield what changes besides, key by key, and what that key asks of people."""
    for change in compare(old, new):
        if not _is_told(change):
            yield Effect("setting", change.path, str(change), details=tuple(_advice(change.path)))


def _is_told(change: Change) -> bool:
    parts = change.path.split(".")
    in_digest = parts[0] == "digests" and (
        change.kind in {"added", "removed"} or parts[2:3] in (["look"], ["layout"], ["sections"])
    )
    whole_section = parts[0] == "sections" and change.kind in {"added", "removed"}
    listed = any(change.path == one or change.path.startswith(f"{one}.") for one in (*_TOLD, *_TOLD_TOO))
    return in_digest or whole_section or listed


def _advice(path: str) -> Iterable[str]:
    if path == "store.url":
        yield "counts when the programs are started again, on each host by itself; no host follows it"
    if path.startswith(("web.host", "web.port")):
        yield "counts when the programs are started again"
    if path == "site.tag_authority":
        yield "articles that are published keep their ids; only new ones are minted by it"


def _sections(settings: Settings, digest: Digest) -> list[str]:
    named = [one.section for one in digest.sections if one.limit != 0]
    return named if digest.sections else list(settings.sections)


def _subscribers(count: int) -> str:
    return number_of(count, "subscriber")


def _zone(settings: Settings) -> ZoneInfo:
    return ZoneInfo(settings.site.timezone)


def _when(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M}"
