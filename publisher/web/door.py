"""Where requests come in: files are answered here, with nothing in between; the rest goes on to Starlette.

Feed readers ask for the same few files day and night, mostly to hear that nothing is new. That answer is made
once and kept, so the way to it has no router, no request object and no system call in it.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from time import monotonic
from urllib.parse import quote

from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.web import delta, headers
from publisher.web.conditional import listed, not_modified_since, tags
from publisher.web.files import Files, Representation, Resource, below
from publisher.web.headers import Header
from publisher.web.negotiate import choose, preferences
from publisher.web.polls import Polls, caller
from publisher.web.reply import Reply

ALLOWED: Header = (b"allow", b"GET, HEAD, OPTIONS")
NOT_ALLOWED = Reply(405, (ALLOWED,))
OPTIONS = Reply(204, (ALLOWED,))
PREFLIGHT = Reply(204, (ALLOWED, *headers.PREFLIGHT))
NOT_ACCEPTABLE = Reply(406, ((b"vary", b"Accept-Encoding"),))
_DECIDING = frozenset(
    {b"accept-encoding", b"if-none-match", b"if-modified-since", b"a-im", b"x-forwarded-for"}
)
_KEPT_CHOICES = 64
_KEPT_DELTAS = 64

Pairs = Iterable[tuple[bytes, bytes]]
"""A request's headers, names in small letters."""


class Door:
    """The outermost ASGI application."""

    def __init__(
        self,
        files: Files,
        *,
        rest: ASGIApp,
        polls: Polls,
        moved: Mapping[str, str],
        proxies: frozenset[str] = frozenset(),
    ) -> None:
        """Take what it works with.

        Args:
            files: of ``public/``.
            rest: answers whatever is no file.
            polls: the limit for repeated unconditional polls.
            moved: old addresses -> new ones; a key that ends in a slash stands for everything below it.
            proxies: addresses whose X-Forwarded-For is believed.
        """
        self._files = files
        self._rest = rest
        self._polls = polls
        self._moved = moved
        self._proxies = proxies
        self._deltas: OrderedDict[tuple[str, str], bytes | None] = OrderedDict()

    def become(self, other: "Door") -> None:
        """Answer from now on as another door would: an edited config takes effect while connections stay."""
        before = self._files
        vars(self).update(vars(other))
        _close(before)

    def close(self) -> None:
        """Write down what was counted."""
        _close(self._files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        found = None
        if scope["type"] == "http":
            found = self.reply(scope["method"], scope["path"], scope["headers"], scope.get("client"))
        if found is None:
            await self._rest(scope, receive, send)
            return
        await send(found.start)
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else found.body})

    def reply(self, method: str, path: str, pairs: Pairs, client: tuple[str, int] | None) -> Reply | None:
        """Return the answer to a request for a file; None when it is for something else.

        Args:
            method: GET, HEAD or any other.
            path: decoded.
            pairs: the request's headers, names in small letters.
            client: address and port of the peer.
        """
        if self._moved and (new := moved_to(self._moved, path)) is not None:
            return Reply(308, ((b"location", new.encode("ascii")),))
        resource = self._files.get(path, monotonic())
        if resource is None:
            return self._folder(path)
        if method in {"GET", "HEAD"}:
            found = self._decide(resource, method, pairs, client)
            if resource.tally is not None:
                resource.tally[found.status] += 1
            return found
        if method == "OPTIONS":
            return PREFLIGHT if headers.is_public_data(resource.path) else OPTIONS
        return NOT_ALLOWED

    def _decide(self, resource: Resource, method: str, pairs: Pairs, client: tuple[str, int] | None) -> Reply:
        said = _said(pairs)
        accepts, if_none_match = said.get(b"accept-encoding"), said.get(b"if-none-match")
        chosen = _chosen(resource, accepts)
        if chosen is None:
            return NOT_ACCEPTABLE
        if if_none_match is not None:
            if if_none_match == chosen.quoted:
                return chosen.not_modified
            return self._not_matched_at_once(resource, chosen, accepts, if_none_match, said.get(b"a-im"))
        if_modified_since = said.get(b"if-modified-since")
        if if_modified_since is not None:
            same = not_modified_since(if_modified_since.decode("latin-1"), resource.modified)
            return chosen.not_modified if same else chosen.ok
        if resource.is_feed and method == "GET":
            wait = self._wait(resource, client, said.get(b"x-forwarded-for"))
            if wait is not None:
                return _too_often(wait)
        return chosen.ok

    def _wait(
        self, resource: Resource, client: tuple[str, int] | None, forwarded: bytes | None
    ) -> int | None:
        said = None if forwarded is None else forwarded.decode("latin-1")
        address = caller(client[0] if client else None, said, self._proxies)
        return self._polls.wait(address, resource.path, resource.by_coding["identity"].tag, monotonic())

    def _not_matched_at_once(
        self,
        resource: Resource,
        chosen: Representation,
        accepts: bytes | None,
        if_none_match: bytes,
        a_im: bytes | None,
    ) -> Reply:
        """Decide a request whose If-None-Match is not just the tag of what was chosen for it."""
        said = if_none_match.decode("latin-1")
        held = {chosen.tag: chosen} | {
            resource.by_coding[coding].tag: resource.by_coding[coding]
            for coding in preferences(None if accepts is None else accepts.decode("latin-1"))
            if coding in resource.by_coding
        }
        tag = listed(said, held, resource.tags)
        if tag is not None:
            return _tagged(resource, tag).not_modified
        if resource.is_feed and a_im is not None and delta.asked(a_im.decode("latin-1")):
            news = self._news(resource, said)
            if news is not None:
                return _only_news(resource.by_coding["identity"].ok, news)
        return chosen.ok

    def _news(self, resource: Resource, if_none_match: str) -> bytes | None:
        plain = resource.by_coding["identity"]
        key = plain.tag, if_none_match
        if key not in self._deltas:
            before = resource.history.of(tags(if_none_match))
            self._deltas[key] = None if before is None else delta.delta(plain.ok.body, before)
            if len(self._deltas) > _KEPT_DELTAS:
                self._deltas.popitem(last=False)
        return self._deltas[key]

    def _folder(self, path: str) -> Reply | None:
        """Send a reader of a folder without its slash to where the folder's page is."""
        # An article's page answers with and without the slash: what is gone by one name is gone by the other.
        if path.endswith("/") or below(path) == below(path + "/"):
            return None
        if self._files.get(path + "/", monotonic()) is None:
            return None
        return Reply(308, ((b"location", quote(path).encode() + b"/"),))


def _close(files: Files) -> None:
    if files.tallies is not None:
        files.tallies.close()


def moved_to(moved: Mapping[str, str], path: str) -> str | None:
    """Return where an old address leads: as it is listed, or the longest listed folder that it lies in."""
    found = moved.get(path)
    if found is not None:
        return found
    folder = path.rpartition("/")[0]
    while folder:
        found = moved.get(folder + "/")
        if found is not None:
            rest = path[len(folder) + 1 :]
            return found + rest if _is_plain(rest) else None
        folder = folder.rpartition("/")[0]
    return None


@lru_cache(maxsize=1024)
def _is_plain(text: str) -> bool:
    """Whether a part of a path may be repeated in a header; and never climbs."""
    return text.isascii() and text.isprintable() and ".." not in text and not set(text) & set(' "<>\\')


def _said(pairs: Pairs) -> dict[bytes, bytes]:
    """Return what decides, of all the headers; one that stands there twice is a list in two parts."""
    said: dict[bytes, bytes] = {}
    for name, value in pairs:
        if name in _DECIDING:
            said[name] = said[name] + b"," + value if name in said else value
    return said


def _chosen(resource: Resource, accepts: bytes | None) -> Representation | None:
    try:
        return resource.chosen[accepts]
    except KeyError:
        coding = choose(None if accepts is None else accepts.decode("latin-1"), resource.by_coding)
        found = None if coding is None else resource.by_coding[coding]
        if len(resource.chosen) < _KEPT_CHOICES:
            resource.chosen[accepts] = found
        return found


def _tagged(resource: Resource, tag: str) -> Representation:
    return next(one for one in resource.by_coding.values() if one.tag == tag)


def _only_news(whole: Reply, news: bytes) -> Reply:
    """Return the 226: its tag is the whole feed's, for that is what the reader has afterwards."""
    told = tuple(pair for pair in whole.headers if pair[0] not in {b"cache-control", b"vary"})
    added = (
        (b"im", b"feed"),
        (b"vary", b"Accept-Encoding, A-IM, If-None-Match"),
        # RFC 3229 §10.1: a cache that does not know 226 must not keep it as if it were the whole feed.
        (b"cache-control", b"no-store, im"),
    )
    return Reply(226, (*told, *added), news)


def _too_often(wait: int) -> Reply:
    said = (b"retry-after", str(wait).encode()), (b"cache-control", b"no-store")
    return Reply(429, (*said, *headers.CORS))
