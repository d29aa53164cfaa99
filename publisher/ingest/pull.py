"""Bringing articles in: the verbs ``ingest`` (what a person names) and ``pull`` (what the config names)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from publisher.ingest.decide import Hearing
from publisher.ingest.document import (
    ArticleSource,
    Document,
    Origin,
    Read,
    Reader,
    Rejected,
    Unchanged,
    Unreachable,
    Validators,
)
from publisher.ingest.intake import is_older, placed, placed_by_tags, take_in
from publisher.ingest.naming import fitting, owner, source_name
from publisher.ingest.normalise import web
from publisher.ingest.normalise.tidy import tidy
from publisher.ingest.pictures import Album
from publisher.ingest.placing import place_sections
from publisher.ingest.report import IngestReport, Problem, Tally
from publisher.ingest.sources import jsonlines, pagetext, syndication
from publisher.ingest.sources.fetch import Address
from publisher.ingest.sources.locate import LARGEST, Files, StandardInput
from publisher.ingest.sources.recognise import HEAD, Format, Unknown, recognise
from publisher.model.article import Draft
from publisher.settings.schema import Settings, Source
from publisher.store import Store, sources
from publisher.store.sources import SourceState

__all__ = ["IngestReport", "Problem", "ingest", "place_sections", "pull"]

READING = "1"
"""Number of the reading rules: a new one has documents read again that were read under an older one."""

BATCH = 200
"""Articles a transaction: a crash leaves whole articles, and a second run adds the rest."""

Progress = Callable[[str, int, int | None], None]
"""Told what is being done, how many are done, of how many."""

READERS: dict[Format, Reader] = {
    "page text": pagetext.read,
    "JSON Lines": jsonlines.read,
    "RSS or Atom": syndication.read,
}

Fetch = Callable[[str, str], ArticleSource]
"""Makes the source for an address, told the site's own."""


def _silent(_what: str, _done: int, _of: int | None) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class _Input:
    """One place to read, and what is said of its articles.

    Attributes:
        places: where its documents lie.
        source: the name its articles are known under; empty: named after what the documents are.
        language: of articles that do not say.
        section: the same.
        again: read it although nothing changed.
    """

    places: ArticleSource
    source: str = ""
    language: str | None = None
    section: str | None = None
    again: bool = False


def ingest(
    store: Store,
    inputs: Sequence[str],
    *,
    settings: Settings,
    site: Path,
    now: datetime,
    language: str | None = None,
    source: str = "",
    inside: Path | None = None,
    fetch: Fetch = Address,
    progress: Progress = _silent,
) -> IngestReport:
    """Bring in what a person names, whether it was read before or not.

    Args:
        store: open.
        inputs: paths, patterns, addresses, or ``-``.
        settings: the config.
        site: the site's folder.
        now: when.
        language: of articles that do not say.
        source: the name their articles are known under; left out, that of the configured source that the
            input belongs to, else one by format.
        inside: where relative paths begin; the current folder when left out.
        fetch: makes the source for an address.
        progress: told of every batch.
    """
    begin = inside or Path()
    work = _Work(store, settings, site, now, progress, IngestReport())
    work.report.placed = place_sections(store, settings, now)
    for said in inputs:
        found = owner(said, settings, site, begin)
        name, known = found or ("", Source(url=settings.site.url))
        if said == "-":
            places: ArticleSource = StandardInput()
        elif web.absolute(said, None):
            places = fetch(said, settings.site.url)
        else:
            places = Files(said, begin)
        work.read(_Input(places, source or name, language or known.language, known.section, again=True))
    return work.report


def pull(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    now: datetime,
    fetch: Fetch = Address,
    progress: Progress = _silent,
) -> IngestReport:
    """Bring in what is new at the configured sources; what did not change since is not read again."""
    work = _Work(store, settings, site, now, progress, IngestReport())
    work.report.placed = place_sections(store, settings, now)
    for name, source in settings.sources.items():
        if not source.enabled:
            continue
        if source.url is not None:
            places: ArticleSource = fetch(source.url, settings.site.url)
        else:
            places = Files(source.path or "", site, may_be_empty=True)
        work.read(_Input(places, name, source.language, source.section))
    return work.report


@dataclass(frozen=True, slots=True)
class _Work:
    """A run: what all its documents share."""

    store: Store
    settings: Settings
    site: Path
    now: datetime
    progress: Progress
    report: IngestReport

    def read(self, given: _Input) -> None:
        """Read every document of an input."""
        for found in given.places.documents(lambda place: self._validators(given, place)):
            if isinstance(found, Unreachable):
                self.report.unreachable += 1
                self.report.reject(found.where, found.reason)
            elif isinstance(found, Unchanged):
                self.report.documents.append(Tally(found.where, unread="unchanged"))
            else:
                self._document(found, given)

    def _validators(self, given: _Input, place: str) -> Validators:
        if given.again or not given.source:
            return Validators()
        with self.store.read() as tx:
            state = sources.state(tx, given.source, place)
        same = state.fingerprint.startswith(_rules(given))
        return Validators(state.etag, state.last_modified) if same else Validators()

    def _document(self, document: Document, given: _Input) -> None:
        tally = Tally(document.where)
        self.report.documents.append(tally)
        self.progress(document.where, 0, None)
        try:
            with document.open() as stream:
                self._read(stream, document, given, tally)
        except OSError as error:
            self._reject(
                tally, document.where, f"it stopped half-way: {(error.strerror or 'unknown').lower()}"
            )

    def _read(self, stream: BinaryIO, document: Document, given: _Input, tally: Tally) -> None:
        found = _recognised(stream)
        source = given.source or ("" if isinstance(found, Unknown) else source_name(found, stream))
        fingerprint = f"{_rules(given)} {_hash(stream)}"[:64]
        with self.store.read() as tx:
            heard = sources.state(tx, source, document.place).fingerprint == fingerprint
        if heard and not given.again:
            tally.unread = "unchanged"
        elif isinstance(found, Unknown):
            self._reject(tally, document.where, found.reason)
        else:
            tally.format = found
            stream.seek(0)
            origin = Origin(source, document.where, self.now, given.language, document.base)
            drafts = self._tidied(READERS[found](stream, origin), document, given, found)
            self._batches(drafts, tally, heard=heard, page=found == "page text")
        if source:
            self._remember(source, document, fingerprint)

    def _reject(self, tally: Tally, where: str, reason: str) -> None:
        tally.rejected += 1
        self.report.reject(where, reason)

    def _tidied(
        self, reading: Iterator[Read], document: Document, given: _Input, format_: Format
    ) -> Iterator[Read]:
        """Yield every draft clean and with its section, or why it is not taken."""
        album = Album(document.folder, self.site / "public", self.settings.site.url)
        place = placed_by_tags if format_ == "RSS or Atom" else placed
        for read in reading:
            if isinstance(read, Draft):
                read = tidy(read, base=document.base, pictures=album, now=self.now)
            if isinstance(read, Draft):
                read = place(self._in_language(read), self.settings, given.section)
            yield read

    def _in_language(self, draft: Draft) -> Draft:
        return replace(draft, language=fitting(draft.language, self.settings.site.languages))

    def _batches(self, reading: Iterator[Read], tally: Tally, *, heard: bool, page: bool) -> None:
        taken: set[str] = set()
        language = self.settings.site.languages[0]
        done = 0
        while batch := list(islice(reading, BATCH)):
            drafts = [one for one in batch if isinstance(one, Draft)]
            for one in batch:
                if isinstance(one, Rejected):
                    self._reject(tally, one.where, one.reason)
            if drafts:
                with self.store.write() as tx:
                    older = page and is_older(tx, drafts, language)
                    take_in(
                        tx,
                        drafts,
                        Hearing(heard, older, language, self.now),
                        taken=taken,
                        authority=self.settings.site.tag_authority,
                        report=self.report,
                        tally=tally,
                    )
            done += len(batch)
            self.progress(tally.where, done, None)

    def _remember(self, source: str, document: Document, fingerprint: str) -> None:
        """Put on record what was read to its end; what is on record already is not written again."""
        found = SourceState(document.validators.etag, document.validators.last_modified, fingerprint)
        with self.store.read() as tx:
            if sources.state(tx, source, document.place) == found:
                return
        with self.store.write() as tx:
            sources.queue(tx)
            sources.set_state(tx, source, document.place, found)


def _recognised(stream: BinaryIO) -> Format | Unknown:
    head = stream.read(HEAD)
    found = recognise(head)
    if not isinstance(found, Unknown) and found != "JSON Lines" and _is_long(stream, head):
        return Unknown(f"more than {LARGEST // 1_000_000} MB")
    return found


def _rules(given: _Input) -> str:
    """Return a short hash of all that decides how a document of an input is read."""
    said = f"{READING} {given.language} {given.section}"
    return sha256(said.encode()).hexdigest()[:8]


def _hash(stream: BinaryIO) -> str:
    stream.seek(0)
    found = sha256()
    while part := stream.read(1_048_576):
        found.update(part)
    return found.hexdigest()


def _is_long(stream: BinaryIO, head: bytes) -> bool:
    size = len(head)
    while size <= LARGEST and (part := stream.read(1_048_576)):
        size += len(part)
    return size > LARGEST
