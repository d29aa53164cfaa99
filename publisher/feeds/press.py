"""Documents of one feed, from what the store holds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256

from publisher.feeds import build, codings, formats, frames
from publisher.feeds.archives import cuts, month
from publisher.feeds.entries import Entries
from publisher.model.feed import (
    FORMATS,
    Chain,
    Feed,
    FeedPlan,
    Format,
    Frame,
    Kept,
    Listed,
    Place,
    Placement,
    Tombstone,
)
from publisher.settings.schema import Settings
from publisher.store import Transaction, feedentries, feedfiles
from publisher.store.feedfiles import ArchiveRow, FeedRow

DOCUMENT_LIMIT = 2_000_000
"""Google's: a feed larger than this holds fewer articles."""
_ROOM = DOCUMENT_LIMIT - 100_000
"""Bytes for entries; the rest is for what stands around them."""
_SUMMARY = 5_000
"""What an entry hardly exceeds when it is a summary."""
TOMBSTONES = 2_000
CORRECTED = 20
"""Older articles that a current feed holds because they were corrected lately."""
_PAGE = 2_000


@dataclass(frozen=True)
class Sheet:
    """A document, not yet a file.

    Attributes:
        path: below ``public/``.
        body: its bytes.
        stamp: its Last-Modified is not earlier; whole seconds.
        frame: what stands around its entries, where it is made of kept ones.
        digests: of its entries.
        deflated: the same as pieces of a gzip stream.
        lasts: whether it hardly ever changes.
    """

    path: str
    body: bytes
    stamp: datetime
    frame: Frame | None = None
    digests: bytes = b""
    deflated: tuple[bytes, ...] = ()
    lasts: bool = True

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 (hex) of what decides its bytes: other bytes have another one.

        That is the frame and the digests of the entries, where these are kept: each is made once.
        """
        if self.frame is None:
            return sha256(self.body).hexdigest()
        parts = (self.frame.head, self.frame.between, self.frame.tail, self.digests)
        lengths = b" ".join(b"%d" % len(part) for part in parts)
        return sha256(b"\n".join((lengths, *parts))).hexdigest()

    def pieces(self) -> Sequence[bytes]:
        """Return the whole of it as pieces of a gzip stream; none where it is not made of such."""
        return codings.framed(self.frame, self.deflated) if self.frame is not None else ()


@dataclass(frozen=True, slots=True)
class Current:
    """What the current documents of a feed hold.

    Attributes:
        plan: which feed.
        row: as it is to be recorded.
        listed: newest first, only what is in the documents.
        entries: in the same order, then what is older and was corrected lately.
        tombstones: what was withdrawn lately.
        stamp: when anything in it last changed.
    """

    plan: FeedPlan
    row: FeedRow
    listed: tuple[Listed, ...]
    entries: tuple[Kept, ...]
    tombstones: tuple[Tombstone, ...]
    stamp: datetime


@dataclass(slots=True)
class Press:
    """Builds documents.

    Attributes:
        settings: the config.
        now: nothing dated later is published.
        entries: of this run.
        notes: what could not be done as it should, in the order in which it was met.
    """

    settings: Settings
    now: datetime
    entries: Entries
    notes: dict[str, None] = field(default_factory=dict)
    _tombstones: list[tuple[Tombstone, Placement]] | None = None
    _corrections: list[tuple[Listed, Placement]] | None = None

    def current(self, tx: Transaction, plan: FeedPlan, known: FeedRow | None) -> Current:
        """Choose what the current documents of a feed hold.

        Args:
            tx: the transaction.
            plan: which feed.
            known: its row, when it was published before.
        """
        listed = feedentries.newest(tx, plan, limit=self.settings.feeds.entries, now=self.now)
        older = self._corrected(tx, plan, listed)
        found = self.entries.of(tx, plan, [*listed, *older], keep=True)
        graves = tuple(stone for stone, place in self._graves(tx) if plan.holds(place))
        notes = [one.note for one in found.values() if one.note]
        usable = [one for one in (*listed, *older) if one.number in found and found[one.number].usable]
        fitting = usable[: _fitting([found[one.number] for one in usable])]
        recent = [one for one in fitting if one not in older]
        wanted = len(usable) - len([one for one in usable if one in older])
        if len(recent) < wanted:
            notes.append(f"feeds/{plan.key}: holds {len(recent)} of {wanted} articles, to stay below 2 MB")
        self.notes |= dict.fromkeys(notes)
        uri = known.uri if known else build.mint(plan, self.settings)
        significant = [one.significant for one in (*listed, *older)] + [grave.when for grave in graves]
        row = FeedRow(
            key=plan.key,
            uri=uri,
            updated=self._latest([*significant, *([known.updated] if known else [])]),
            members=tuple(one.number for one in fitting),
            problems=tuple(notes),
        )
        modified = [one.modified for one in (*listed, *older)]
        stamp = self._latest([*modified, *(grave.when for grave in graves)])
        return Current(plan, row, tuple(recent), tuple(found[one.number] for one in fitting), graves, stamp)

    def current_sheets(self, current: Current, older: str | None) -> Iterator[Sheet]:
        """Yield the current documents of a feed in every format; ``older`` is its newest archive."""
        feed = build.feed(
            current.plan,
            self.settings,
            feed_id=current.row.uri,
            updated=current.row.updated,
            tombstones=current.tombstones,
            chain=Chain(older=older),
            way=self.entries.manner(current.plan)[0],
        )
        entries = self.entries.known(current.plan, current.row.members)
        for form in FORMATS:
            frame = frames.frame(form, feed)
            body = frame.around([one.of(form) for one in entries])
            deflated = tuple(one.deflated(form) for one in entries)
            digests = b"".join(one.digests[form] for one in entries)
            yield Sheet(feed.plan.path(form), body, current.stamp, frame, digests, deflated, lasts=False)

    def due_cuts(self, tx: Transaction, current: Current, last: ArchiveRow | None) -> list[ArchiveRow]:
        """Return the archive documents to cut off now; ``last`` is the newest there is."""
        if not current.listed or _nothing_to_cut(current.listed, last):
            return []
        waiting = self._waiting(tx, current.plan, (last.date, last.number) if last else None)
        newest, keep = current.listed[0].date, len(current.listed)
        found = cuts(waiting, newest=newest, keep=keep, taken=last.name if last else None)
        first = last.position + 1 if last else 1
        return [
            ArchiveRow(current.plan.key, position, cut.name, cut.date, cut.number, cut.updated)
            for position, cut in enumerate(found, first)
        ]

    def archive_sheets(
        self,
        tx: Transaction,
        plan: FeedPlan,
        feed_row: FeedRow,
        row: ArchiveRow,
    ) -> tuple[list[Sheet], datetime]:
        """Return an archive document in every format, and its ``updated``."""
        older, newer = feedfiles.neighbours(tx, row)
        listed = feedentries.between(
            tx,
            plan,
            after=(older.date, older.number) if older else None,
            upto=(row.date, row.number),
            now=self.now,
        )[::-1]
        found = self.entries.of(tx, plan, listed, keep=False)
        self.notes |= dict.fromkeys(one.note for one in found.values() if one.note)
        found |= self._shortened(tx, plan, row, listed, found)
        updated = self._latest([row.updated, *(one.significant for one in listed)])
        feed = build.feed(
            plan,
            self.settings,
            feed_id=feed_row.uri,
            updated=updated,
            chain=Chain(row.name, older.name if older else None, newer.name if newer else None),
            way=self.entries.manner(plan)[0],
        )
        stamp = self._latest([one.modified for one in listed])
        entries = [found[one.number] for one in listed if one.number in found and found[one.number].usable]
        return [_lasting(feed, form, entries, stamp) for form in FORMATS], updated

    def _shortened(
        self,
        tx: Transaction,
        plan: FeedPlan,
        row: ArchiveRow,
        listed: Sequence[Listed],
        found: dict[int, Kept],
    ) -> dict[int, Kept]:
        """Return summaries for the longest articles of a document that has grown beyond its limit.

        Articles may grow, or arrive, after their document was cut; where it was cut never moves.
        """
        sizes = {number: _size(one) for number, one in found.items()}
        over, chosen = sum(sizes.values()) - _ROOM, []
        for one in sorted(listed, key=lambda one: -sizes.get(one.number, 0)):
            if over <= 0:
                break
            over -= sizes.get(one.number, 0) - _SUMMARY
            chosen.append(one)
        if not chosen:
            return {}
        self.notes[
            f"feeds/{plan.key}/{row.name}: holds {len(chosen)} of {len(listed)} articles as summaries, "
            "to stay below 2 MB"
        ] = None
        return self.entries.of(tx, replace(plan, content="summary"), chosen, keep=False)

    def _corrected(self, tx: Transaction, plan: FeedPlan, listed: Sequence[Listed]) -> list[Listed]:
        """Return older articles that were corrected lately: readers do not look at archives again.

        RFC 5005 §4 advises to put into the subscription document what everybody has to see of a change.
        """
        if len(listed) < self.settings.feeds.entries:
            return []
        if self._corrections is None:
            since = self.now - self.settings.feeds.tombstones
            self._corrections = feedentries.corrected(tx, since=since, limit=TOMBSTONES)
        oldest = listed[-1].place
        older = [one for one, place in self._corrections if one.place < oldest and plan.holds(place)]
        return sorted(older[:CORRECTED], key=lambda one: one.place, reverse=True)

    def _graves(self, tx: Transaction) -> list[tuple[Tombstone, Placement]]:
        """Return what was withdrawn lately; asked once a run."""
        if self._tombstones is None:
            since = self.now - self.settings.feeds.tombstones
            self._tombstones = feedentries.tombstones(tx, since=since, limit=TOMBSTONES)
        return self._tombstones

    def _waiting(self, tx: Transaction, plan: FeedPlan, after: Place | None) -> Iterator[Listed]:
        """Yield what no archive document holds yet, oldest first."""
        while True:
            page = feedentries.between(
                tx, plan, after=after, upto=None, now=self.now, limit=_PAGE, measured=True
            )
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].place

    def _latest(self, moments: Sequence[datetime]) -> datetime:
        """Return the latest moment in whole seconds; that of the site's beginning when there is none."""
        return max(moments, default=beginning(self.settings)).replace(microsecond=0)


def _nothing_to_cut(listed: Sequence[Listed], last: ArchiveRow | None) -> bool:
    """Return whether all that no archive holds yet is of one month, and in the current documents.

    Args:
        listed: what those hold, newest first.
        last: the newest archive document.
    """
    if last is None or (last.date, last.number) < listed[-1].place:
        return False
    waiting = [one.date for one in listed if one.place > (last.date, last.number)]
    return not waiting or month(waiting[0]) == month(waiting[-1])


def beginning(settings: Settings) -> datetime:
    """Return the date of the site's tag authority: what a feed is dated by before it has an article."""
    parts = [int(part) for part in settings.site.tag_authority.rpartition(",")[2].split("-")]
    year, month, day = (*parts, 1, 1)[:3]
    return datetime(year, month, day, tzinfo=UTC)


def _size(one: Kept) -> int:
    """Return the bytes of an entry in the format that takes the most room."""
    return max(len(one.rss), len(one.atom), len(one.json)) + 2


def _fitting(entries: Sequence[Kept]) -> int:
    """Return how many entries fit into a document, in the format that takes the most room."""
    if sum(map(_size, entries)) <= _ROOM:
        return len(entries)
    left = dict.fromkeys(FORMATS, _ROOM)
    for count, one in enumerate(entries):
        for form in FORMATS:
            left[form] -= len(one.of(form)) + 2
        if count and min(left.values()) < 0:
            return count
    return len(entries)


def _lasting(feed: Feed, form: Format, entries: Sequence[Kept], stamp: datetime) -> Sheet:
    body = formats.frame(form, feed).around([one.of(form) for one in entries])
    return Sheet(feed.plan.path(form, feed.chain.archive), body, stamp)
