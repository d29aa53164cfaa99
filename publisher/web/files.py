"""The files of ``public/`` as answers ready to be sent, kept in memory until they change on the disk."""

import os
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG

from publisher.web import headers
from publisher.web.conditional import http_date
from publisher.web.delta import History
from publisher.web.headers import Header, Manners
from publisher.web.negotiate import CODINGS, SUFFIXES, Coding
from publisher.web.readers import Tallies, Tally
from publisher.web.reply import Reply

# Letters of any script, never a dot in front: no dotfiles, no temporary files, no way up.
_SEGMENT = re.compile(r"\w[\w.~@+-]*")
_ARTICLE = re.compile(r"articles/[a-z0-9]+")
_HIDDEN = (".gz", ".br", ".tmp", ".part", "~")
_LONGEST = 1024
FRESH_SECONDS = 0.01
"""A file is looked at on the disk at most this often, so that a storm of polls costs no system calls."""
MEMORY = 96 * 1024 * 1024
"""Bytes of bodies kept."""
LARGEST_KEPT = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Representation:
    """The file's content in one coding.

    Attributes:
        tag: opaque tag of its strong ETag: a hash of exactly these bytes.
        quoted: the tag as it stands in a header.
        ok: the answer with all of it.
        not_modified: the answer to a reader that has it.
    """

    tag: str
    quoted: bytes
    ok: Reply
    not_modified: Reply


@dataclass(slots=True)
class Resource:
    """One file in every coding that is there.

    Attributes:
        path: below ``public/``.
        is_feed: whether feed rules hold (limits, delta, CORS).
        modified: Last-Modified, seconds since 1970.
        by_coding: its representations.
        tags: of all of them.
        history: of a feed, what its earlier versions held.
        tally: of a feed, how often it was asked for; None where nobody counts.
    """

    path: str
    is_feed: bool
    modified: int
    by_coding: dict[Coding, Representation]
    tags: frozenset[str]
    history: History
    signature: tuple[object, ...]
    tally: Tally | None = None
    checked: float = 0.0
    chosen: dict[bytes | None, Representation | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Bytes that it keeps in memory."""
        return sum(len(one.ok.body) for one in self.by_coding.values())


class Files:
    """Finds and keeps the files of one folder."""

    def __init__(self, folder: Path, manners: Manners, tallies: Tallies | None = None) -> None:
        self.tallies = tallies
        self._folder = os.path.realpath(folder)
        self._manners = manners
        self._kept: OrderedDict[str, Resource] = OrderedDict()
        self._size = 0

    def get(self, address: str, now: float) -> Resource | None:
        """Return what stands at an address, or None.

        Args:
            address: the request's decoded path.
            now: seconds of any clock that only grows.
        """
        found = self._kept.get(address)
        if found is not None and now - found.checked < FRESH_SECONDS:
            return found
        path = below(address)
        if path is None:
            return None
        fresh = self._look(path, found)
        if fresh is not found:
            self._replace(address, found, fresh)
        if fresh is not None:
            fresh.checked = now
            if self.tallies is not None and fresh.is_feed:
                self.tallies.stir()
        return fresh

    def _look(self, path: str, known: Resource | None) -> Resource | None:
        whole = f"{self._folder}/{path}"
        signature = tuple(_signature(whole + suffix) for suffix in SUFFIXES.values())
        if signature[-1] is None:
            return None
        if known is not None and known.signature == signature:
            return known
        return self._load(path, whole, signature, known)

    def _load(
        self, path: str, whole: str, signature: tuple[object, ...], known: Resource | None
    ) -> Resource | None:
        plain = self._read(whole)
        if plain is None:
            return None
        body, modified = plain
        bodies: dict[Coding, bytes] = {"identity": body}
        if headers.is_text(path):
            for coding in CODINGS[:-1]:
                sibling = self._read(whole + SUFFIXES[coding])
                # A file's codings are written one after the other; one of another version is not sent.
                if sibling is not None and sibling[1] == modified:
                    bodies[coding] = sibling[0]
        feed = headers.is_feed(path)
        made = {coding: self._represent(path, coding, bodies[coding], modified) for coding in bodies}
        tags = frozenset(one.tag for one in made.values())
        history = known.history if known else History()
        if feed and known is not None and known.tags != tags:
            history.remember(known.tags, known.by_coding["identity"].ok.body)
        tally = self.tallies.of(path) if feed and self.tallies else None
        return Resource(path, feed, modified, made, tags, history, signature, tally)

    def _read(self, whole: str) -> tuple[bytes, int] | None:
        """Return a file's bytes and its modification time in whole seconds; None when it is none of ours."""
        if os.path.realpath(whole) != whole:
            return None
        try:
            with open(whole, "rb") as stream:  # noqa: PTH123 - half the cost of Path.open, on a path per poll
                return stream.read(), int(os.fstat(stream.fileno()).st_mtime)
        except OSError:
            return None

    def _represent(self, path: str, coding: Coding, body: bytes, modified: int) -> Representation:
        tag = sha256(body).hexdigest()[:32]
        quoted = f'"{tag}"'.encode()
        validators: tuple[Header, ...] = (
            (b"etag", quoted),
            (b"last-modified", http_date(modified).encode()),
            *headers.kept(path, self._manners),
        )
        encoded: tuple[Header, ...] = (
            ((b"content-encoding", coding.encode()),) if coding != "identity" else ()
        )
        whole = (*validators, *encoded, *headers.described(path, self._manners))
        return Representation(
            tag=tag, quoted=quoted, ok=Reply(200, whole, body), not_modified=Reply(304, validators)
        )

    def _replace(self, address: str, old: Resource | None, new: Resource | None) -> None:
        if old is not None:
            del self._kept[address]
            self._size -= old.size
        if new is None or new.size > LARGEST_KEPT:
            return
        self._kept[address] = new
        self._size += new.size
        while self._size > MEMORY:
            _, gone = self._kept.popitem(last=False)
            self._size -= gone.size


def below(address: str) -> str | None:
    """Return the path below ``public/`` that an address may stand for, or None for one that never may.

    A folder's address ends in a slash and means the ``index.html`` in it; an article's means it without one.
    """
    if not address.startswith("/") or len(address) > _LONGEST:
        return None
    path = address[1:] + ("index.html" if address.endswith("/") else "")
    if _ARTICLE.fullmatch(path):
        path += "/index.html"
    if path.endswith(_HIDDEN) or not all(map(_SEGMENT.fullmatch, path.split("/"))):
        return None
    return path


def _signature(whole: str) -> object:
    try:
        found = os.stat(whole)  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return None
    return (found.st_mtime_ns, found.st_size, found.st_ino) if S_ISREG(found.st_mode) else None
