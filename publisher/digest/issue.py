"""Making the edition of a slot once, and seeing beforehand what it would be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.digest import pictures
from publisher.digest.draft import Draft, Plan, draft, plan
from publisher.digest.gate import check
from publisher.digest.gate.sheet import Finding
from publisher.errors import PublisherError, UnreachableError, UsageError
from publisher.model.edition import Edition, Rendered, Selection
from publisher.model.slot import Slot, begins, is_week
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, articles, editions

_TRIES = 5
"""How often an edition is rendered anew because articles changed while it was; each time takes moments."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of a slot.

    Attributes:
        edition: of the slot; None when it was skipped or held back.
        created: whether this call made it.
        skipped_reason: why there is none, when there was nothing to say.
        problems: one line for each thing that the operator should look at; with neither an edition nor a
            reason for skipping, why the edition was held back.
    """

    edition: Edition | None
    created: bool
    skipped_reason: str | None
    problems: tuple[str, ...]

    @property
    def held_back(self) -> bool:
        """Whether the letter failed its check: nothing is stored, and it can be made once that is mended."""
        return self.edition is None and self.skipped_reason is None


@dataclass(frozen=True, slots=True)
class Preview:
    """What the edition of a slot would be, or is.

    Attributes:
        selection: what is in, and why; what is not, and why.
        rendered: the content.
        files: the pictures that it shows, name below ``/media/`` -> bytes.
        problems: one line for each thing that the operator should look at.
        edition: the stored one, when it is made already; it is what is shown then.
        skipped_reason: why it would not be made as things stand.
        held_back: whether it would fail its check.
    """

    selection: Selection
    rendered: Rendered
    files: Mapping[str, bytes]
    problems: tuple[str, ...]
    edition: Edition | None = None
    skipped_reason: str | None = None
    held_back: bool = False


def make(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    digest: str,
    slot: Slot,
    now: datetime,
    also: Callable[[Transaction, Edition], None] = lambda _tx, _edition: None,
) -> Made:
    """Make the edition of a slot, unless it is made.

    Selection and content are stored in one transaction, after everything that can fail. Of two that make the
    same slot at the same moment the second gets the first one's edition. Pictures are written before, under
    addresses that hold their hash, so a crash in between leaves files that the next try finds and uses.

    Args:
        store: where articles and editions are.
        settings: of the site.
        site: its folder.
        digest: key of the digest.
        slot: of the edition; due at the latest now, so that later news belongs to the next one.
        now: the present.
        also: done in the transaction that stores the edition.

    Raises:
        UsageError: there is no such digest, or the slot has not begun.
        ConfigError: a template or the editor's note cannot be used.
        UnreachableError: pictures cannot be written.
    """
    _known(settings, digest)
    zone = ZoneInfo(settings.site.timezone)
    if begins(slot, zone) > now:
        raise UsageError(
            f"slot {slot.key} has not begun; see what it would hold with: "
            f"publisher preview {digest} --at {slot.key}"
        )
    slot = _bounded(store, settings, digest, replace(slot, due=min(slot.due, now)))
    for _ in range(_TRIES):
        made = _try(store, settings=settings, site=site, digest=digest, slot=slot, now=now, also=also)
        if made is not None:
            return made
    raise PublisherError(
        f"{digest} {slot.key}: articles changed each time the edition was made; nothing is stored, try again"
    )


def preview(store: Store, *, settings: Settings, site: Path, digest: str, slot: Slot) -> Preview:
    """Return what the edition of a slot is, or would be; neither store nor site is written to.

    Args:
        store: where articles and editions are.
        settings: of the site.
        site: its folder.
        digest: key of the digest.
        slot: of the edition; one that lies ahead shows what stands now, and what is in store for it.

    Raises:
        UsageError: there is no such digest.
        ConfigError: a template or the editor's note cannot be used.
    """
    _known(settings, digest)
    with store.read() as tx:
        stored = editions.get(tx, digest, slot.key)
        if stored is not None:
            return _stored(stored, settings, site)
        planned = plan(tx, settings=settings, digest=digest, slot=slot)
    drafted = draft(planned, settings=settings, site=site)
    found = check(drafted.content)
    skips = settings.digests[digest].empty == "skip"
    return Preview(
        selection=planned.selection,
        rendered=drafted.content,
        files=drafted.pictures.files,
        problems=(*planned.problems, *drafted.pictures.problems, *_told(found)),
        skipped_reason=planned.nothing if skips else None,
        held_back=_fails(found),
    )


def _bounded(store: Store, settings: Settings, digest: str, slot: Slot) -> Slot:
    """Return the slot; a week's, of a digest with an edition a day, is due when the last day's was.

    So both kinds of letter have carried the same news then, and whoever changes from one to the other misses
    nothing and gets nothing twice.
    """
    if not (settings.digests[digest].gathers_weeks and is_week(slot.key)):
        return slot
    with store.read() as tx:
        carried = editions.carried_until(tx, digest)
    return replace(slot, due=min(slot.due, carried)) if carried else slot


def _known(settings: Settings, digest: str) -> None:
    if digest not in settings.digests:
        raise UsageError(f"there is no digest {digest!r}; known: {', '.join(settings.digests) or 'none'}")


def _try(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    digest: str,
    slot: Slot,
    now: datetime,
    also: Callable[[Transaction, Edition], None],
) -> Made | None:
    """Make the edition; None when what it is made from changed in the meantime."""
    with store.read() as tx:
        stored = editions.get(tx, digest, slot.key)
        if stored is not None:
            return Made(stored, created=False, skipped_reason=None, problems=())
        known = editions.issue(tx, digest, slot.key)
        if known is not None and known.state == "lost":
            return Made(None, created=False, skipped_reason=known.reason, problems=())
        seen = _state(tx, digest)
        planned = plan(tx, settings=settings, digest=digest, slot=slot)
    if planned.nothing and settings.digests[digest].empty == "skip":
        return _skip(store, planned, planned.nothing, now)
    drafted = draft(planned, settings=settings, site=site)
    found = check(drafted.content)
    problems = (*planned.problems, *drafted.pictures.problems, *_told(found))
    if _fails(found):
        return Made(None, created=False, skipped_reason=None, problems=problems)
    _keep(drafted, site)
    with store.write() as tx:
        changed = _state(tx, digest) != seen
        if changed and plan(tx, settings=settings, digest=digest, slot=slot) != planned:
            return None
        made, created = editions.add(tx, planned.selection, drafted.content, planned.articles, now=now)
        if created:
            also(tx, made)
    return Made(made, created=created, skipped_reason=None, problems=problems)


def _fails(found: Sequence[Finding]) -> bool:
    return any(finding.level == "fail" for finding in found)


def _told(found: Sequence[Finding]) -> Iterator[str]:
    for finding in found:
        then = "; the edition is held back until that is mended" if finding.level == "fail" else ""
        yield f"letter check, {finding.rule}: {finding.detail}{then}"


def _state(tx: Transaction, digest: str) -> tuple[int, int]:
    """Return what moves when an article changes or an edition is made."""
    return articles.newest_change(tx), editions.newest(tx, digest)


def _skip(store: Store, planned: Plan, reason: str, now: datetime) -> Made:
    """Keep that there was nothing to say; a slot that is on record is not written again."""
    digest, slot = planned.selection.digest, planned.selection.slot
    with store.read() as tx:
        known = editions.issue(tx, digest, slot)
    if known is None:
        with store.write() as tx:
            known = editions.skip(tx, planned.selection, reason, now=now)
    if known.state == "made":
        with store.read() as tx:
            return Made(editions.get(tx, digest, slot), created=False, skipped_reason=None, problems=())
    return Made(None, created=False, skipped_reason=reason, problems=planned.problems)


def _keep(drafted: Draft, site: Path) -> None:
    try:
        pictures.keep(drafted.pictures.files, site / "public")
    except OSError as error:
        raise UnreachableError(
            f"{error.filename or site / 'public'}: {(error.strerror or 'cannot be written').lower()}; the "
            "edition is not made, mend it and run the same command again"
        ) from error


def _stored(edition: Edition, settings: Settings, site: Path) -> Preview:
    return Preview(
        selection=edition.selection,
        rendered=edition.content,
        files=pictures.shown(edition.content.html, site / "public", settings.site.url),
        problems=(),
        edition=edition,
    )
