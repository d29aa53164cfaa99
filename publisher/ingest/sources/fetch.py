"""Documents on the web: the only home of httpx."""

import re
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx

from publisher import __version__
from publisher.ingest.document import Document, Located, Unchanged, Unreachable, Validators
from publisher.ingest.sources.locate import LARGEST, rewound

_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/plain;q=0.8, */*;q=0.1"
_TIMES = httpx.Timeout(20, connect=10)
_REDIRECTS = 5
_LONGEST_WAIT = 120
_SECRET = re.compile(r"//[^/@?#]*@")
_HELD_IN_MEMORY = 4_000_000


@dataclass(frozen=True, slots=True)
class Address:
    """A document at an address.

    Attributes:
        url: absolute, http or https.
        reader: the site's address, so that a server's owner can see who asks.
        seconds: how long the whole answer may take.
        authorization: for its server (RFC 9110 §11.6.2), and for no other that it redirects to; never shown.
    """

    url: str
    reader: str
    seconds: float = _LONGEST_WAIT
    authorization: str = field(default="", repr=False)

    @property
    def where(self) -> str:
        """The address for reports: without a name and password."""
        return _SECRET.sub("//", self.url, count=1)

    def documents(self, known: Callable[[str], Validators]) -> Iterator[Located]:
        """Yield the document, that it is unchanged, or why it cannot be had.

        Asks with the validators of the last answer (RFC 9110 §13.1). At most 50 MB are read, whatever their
        coding unpacks to, and at most five redirects followed, to http and https only.
        """
        with tempfile.SpooledTemporaryFile(max_size=_HELD_IN_MEMORY) as kept:
            yield self._get(kept, known(self.url))

    def _get(self, kept: "tempfile.SpooledTemporaryFile[bytes]", known: Validators) -> Located:
        try:
            with (
                httpx.Client(timeout=_TIMES, follow_redirects=True, max_redirects=_REDIRECTS) as client,
                client.stream("GET", self.url, headers=self._headers(known)) as response,
            ):
                return self._answer(response, kept)
        except httpx.TooManyRedirects:
            return self._away(f"more than {_REDIRECTS} redirects")
        except httpx.UnsupportedProtocol:
            return self._away("it leads to an address that is neither http nor https")
        except httpx.TimeoutException:
            return self._away("no answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError, ValueError) as error:
            return self._away(" ".join(str(error).split())[:160] or type(error).__name__)

    def _answer(self, response: httpx.Response, kept: "tempfile.SpooledTemporaryFile[bytes]") -> Located:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Unchanged(self.where)
        if not response.is_success:
            return self._away(f"the server answered {response.status_code} {response.reason_phrase}".rstrip())
        size = 0
        last = time.monotonic() + self.seconds
        for part in response.iter_bytes():
            size += len(part)
            if size > LARGEST:
                return self._away(f"more than {LARGEST // 1_000_000} MB")
            if time.monotonic() > last:
                return self._away(f"not whole after {self.seconds:g} seconds")
            kept.write(part)
        validators = Validators(response.headers.get("etag", ""), response.headers.get("last-modified", ""))
        return Document(self.where, self.url, rewound(kept), base=str(response.url), validators=validators)

    def _headers(self, known: Validators) -> dict[str, str]:
        headers = {"User-Agent": f"newsroom-publisher/{__version__} (+{self.reader})", "Accept": _ACCEPT}
        if self.authorization:
            # httpx drops it where a redirect leads to another host, port or scheme.
            headers["Authorization"] = self.authorization
        if known.etag:
            headers["If-None-Match"] = known.etag
        if known.last_modified:
            headers["If-Modified-Since"] = known.last_modified
        return headers

    def _away(self, reason: str) -> Unreachable:
        return Unreachable(self.where, reason)


@dataclass(frozen=True, slots=True)
class Closed:
    """An address that is not asked, because what its server wants to know is not at hand."""

    where: str
    reason: str

    def documents(self, _known: Callable[[str], Validators]) -> Iterator[Located]:
        """Yield why."""
        yield Unreachable(self.where, self.reason)
