"""Drafts -> store: a batch of one document's articles decided and recorded in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from publisher.ingest.decide import Add, Change, Hearing, Intent, Keep, Pass, Withdraw, decide
from publisher.ingest.report import IngestReport, Tally
from publisher.ingest.same import is_id, pair
from publisher.model.article import Article, Draft
from publisher.settings.labels import section_of, where_to_map
from publisher.settings.schema import Settings
from publisher.store import Transaction, articles, sources


@dataclass(frozen=True, slots=True)
class Story:
    """All that one batch says of one article; ``known`` are the keys that stand for stored articles."""

    drafts: tuple[Draft, ...]
    stored: Article | None
    known: frozenset[str]

    @property
    def keys(self) -> tuple[str, ...]:
        """Every key that it is told under, strongest first."""
        return tuple(dict.fromkeys(key for draft in self.drafts for key in draft.keys))


def placed(draft: Draft, settings: Settings, section: str | None) -> Draft:
    """Return the draft with its section, and a note when its label names none.

    Args:
        draft: with its label.
        settings: whose sections the label is looked up in.
        section: of articles of this source that do not say.
    """
    if not draft.label:
        return replace(draft, section=section)
    key = section_of(draft.label, settings.sections)
    if key is not None:
        return replace(draft, section=key)
    advice = where_to_map(draft.label, settings.sections, settings.places)
    note = f'no section is called "{draft.label}", kept without one; {advice}'
    return replace(draft, notes=(*draft.notes, note))


def placed_by_tags(draft: Draft, settings: Settings, section: str | None) -> Draft:
    """Return a feed's entry with the section that the first of its categories names; the rest stay tags."""
    for tag in draft.tags or ():
        key = section_of(tag, settings.sections)
        if key is not None:
            tags = tuple(other for other in draft.tags or () if other != tag)
            return replace(draft, section=key, label=tag, tags=tags)
    return replace(draft, section=section)


def take_in(
    tx: Transaction,
    drafts: Sequence[Draft],
    hearing: Hearing,
    *,
    taken: set[str],
    authority: str,
    report: IngestReport,
    tally: Tally,
) -> None:
    """Decide and record a batch.

    Args:
        tx: a writing transaction.
        drafts: of one document, oldest first.
        hearing: how far the document's word goes.
        taken: ids of articles that earlier batches of the document were; grows.
        authority: who mints ids.
        report: gets the notes.
        tally: is counted up.
    """
    sources.queue(tx)
    for story in _stories(tx, drafts, taken):
        intent = decide(story.drafts, story.stored, hearing)
        _record(tx, story, intent, authority=authority, now=hearing.now, taken=taken)
        _count(tally, intent)
        for draft in story.drafts:
            report.note(draft.where, draft.notes)
        if isinstance(intent, Pass):
            report.note(story.drafts[-1].where, [intent.reason])


def is_older(tx: Transaction, drafts: Sequence[Draft], language: str) -> bool:
    """Whether a page's list is older than what is stored: its newest article is known and not the latest."""
    if not drafts:
        return False
    newest = drafts[-1]
    known = sources.known(tx, newest.source, newest.keys)
    found = pair([newest], known, set())[0]
    latest = sources.newest_number(tx, newest.source, newest.language or language)
    return found is not None and found.number < latest


def _stories(tx: Transaction, drafts: Sequence[Draft], taken: set[str]) -> Iterator[Story]:
    """Yield what is said of each article, in the order of its first telling."""
    if not drafts:
        return
    known = sources.known(tx, drafts[0].source, (key for draft in drafts for key in draft.keys))
    grouped: dict[str, list[Draft]] = {}
    stored: dict[str, Article] = {}
    for at, (draft, found) in enumerate(zip(drafts, pair(drafts, known, taken), strict=True)):
        own = next((key for key in draft.keys if is_id(key)), f"draft {at}")
        group = found.id if found else own
        if found:
            stored[group] = found
        grouped.setdefault(group, []).append(draft)
    on_record = frozenset(known)
    for group, told in grouped.items():
        yield Story(tuple(told), stored.get(group), on_record)


def _record(
    tx: Transaction, story: Story, intent: Intent, *, authority: str, now: datetime, taken: set[str]
) -> None:
    source = story.drafts[0].source
    match intent:
        case Add(data):
            added = articles.add(tx, data, source=source, keys=story.keys, authority=authority, now=now)
            taken.add(added.id)
            return
        case Change(stored, data, restore):
            if data.revision() != stored.revision():
                stored = articles.change(tx, stored, data, now=now)
            if restore:
                articles.withdraw(tx, stored, when=None, now=now)
        case Withdraw(stored, when):
            articles.withdraw(tx, stored, when=when, now=now)
        case Keep(stored):
            pass
        case Pass():
            return
    if fresh := [key for key in story.keys if key not in story.known]:
        articles.add_keys(tx, stored.number, source, fresh)


def _count(tally: Tally, intent: Intent) -> None:
    match intent:
        case Add():
            tally.new += 1
        case Change():
            tally.changed += 1
        case Withdraw():
            tally.withdrawn += 1
        case Keep() | Pass():
            tally.unchanged += 1
