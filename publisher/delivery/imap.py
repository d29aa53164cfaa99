"""Reports that wait in an IMAP folder: the home of IMAPClient.

A message is put away there (marked, moved, deleted) only when it is stored here, and how far a folder has
been read is noted only behind that. So whoever is killed in between finds it once more, and knows it by its
bytes.
"""

import json
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from publisher.delivery.inbox import Waiting
from publisher.errors import UnreachableError, UsageError
from publisher.model.report import Kind
from publisher.store import Store, counters

_PORT = 993
_SECONDS = 60
_AT_ONCE = 16
_LARGEST = 1024 * 1024
"""A report is read up to here; what follows is the letter that it brings back."""
_NOTE_AFTER = 100
"""So many are put away before it is noted how far the folder has been read."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder on a server.

    Attributes:
        host, port, user: as in ``imaps://user@host:port/Folder``.
        folder: ``INBOX`` when left out.
    """

    host: str
    port: int
    user: str
    folder: str

    @property
    def fact(self) -> str:
        """Under which name it is noted how far it has been read; holds no address."""
        said = f"{self.user} {self.host} {self.port} {self.folder}"
        return f"imap {sha256(said.encode()).hexdigest()[:24]}"


@dataclass(slots=True)
class Folder:
    """What reading a folder came upon.

    Attributes:
        problems: one line for each message that the server did not give out; it stays where it is.
    """

    problems: list[str] = field(default_factory=list)


def place_of(address: str) -> Place:
    """Return the folder that an address names.

    Raises:
        UsageError: it is no such address.
    """
    parts = urlsplit(address)
    try:
        port = parts.port or _PORT
    except ValueError:
        port = 0
    if parts.scheme != "imaps" or not parts.hostname or not parts.username or not port:
        raise UsageError(f"{parts.scheme}://… is no mailbox; write imaps://user@host/INBOX")
    if parts.password:
        raise UsageError("a password does not stand in the address; it is PUBLISHER_IMAP_PASSWORD")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    return Place(parts.hostname, port, unquote(parts.username), folder)


@contextmanager
def opened(place: Place, password: str) -> Iterator[IMAPClient]:
    """Open a connection over TLS, the server's certificate verified.

    Raises:
        UnreachableError: the server is away, is not who it says, or does not let us in.
    """
    name = f"imaps://{place.host}:{place.port}"
    try:
        server = IMAPClient(
            place.host, place.port, ssl_context=ssl.create_default_context(), timeout=_SECONDS
        )
    except (OSError, IMAPClientError) as error:
        raise UnreachableError(f"{name}: {_said(error)}") from error
    try:
        server.login(place.user, password)
        yield server
    except LoginError:
        raise UnreachableError(
            f"{name}: it does not take user and password; see PUBLISHER_IMAP_PASSWORD"
        ) from None
    except (OSError, IMAPClientError) as error:
        raise UnreachableError(f"{name}, folder {place.folder}: {_said(error)}") from error
    finally:
        _close(server)


def waiting(
    server: IMAPClient, place: Place, store: Store, found: Folder, *, then: str = "keep"
) -> Iterator[Waiting]:
    """Yield the messages of a folder that were not read yet, oldest first.

    Args:
        server: as opened.
        place: which folder.
        store: where it is noted how far it has been read (UIDVALIDITY and UID, RFC 9051 §2.3.1.1).
        found: told of messages that cannot be had.
        then: what becomes of one that is stored and understood: ``keep``, ``delete``, ``move to FOLDER``.
            What is not understood is only marked as read, for a person to look at.
    """
    validity = server.select_folder(place.folder)[b"UIDVALIDITY"]
    read = _read_up_to(store, place, validity)
    # "n:*" names the last message even when its number is below n.
    numbers = sorted(one for one in server.search(["UID", f"{read + 1}:*"]) if one > read)
    put_away = 0
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        contents = _fetched(server, some)
        for number in some:
            content = contents.get(number)
            if content is None:
                found.problems.append(f"message {number} of {place.folder} cannot be read; it stays there")
                continue
            yield Waiting(content, lambda kind, number=number: _put_away(server, number, kind, then))  # type: ignore[misc]
            put_away += 1
            if put_away % _NOTE_AFTER == 0:
                _note(store, place, validity, number)
    if numbers:
        _note(store, place, validity, numbers[-1])


def _fetched(server: IMAPClient, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return the messages by number; when the server stumbles over one, each is asked for alone."""
    what = f"BODY.PEEK[]<0.{_LARGEST}>"
    try:
        answer = server.fetch(numbers, [what])
    except IMAPClientError as error:
        if isinstance(error, IMAPClient.AbortError):
            raise
        if len(numbers) == 1:
            return {}
        return {number: one for each in numbers for number, one in _fetched(server, [each]).items()}
    return {number: content for number in numbers if (content := _body(answer.get(number, {})))}


def _body(parts: dict[bytes, object]) -> bytes | None:
    found = next((value for name, value in parts.items() if name.startswith(b"BODY[]")), None)
    return found if isinstance(found, bytes) and found.strip() else None


def _put_away(server: IMAPClient, number: int, kind: Kind, then: str) -> None:
    server.add_flags([number], [rb"\Seen"], silent=True)
    if kind is Kind.UNKNOWN or then == "keep":
        return
    if then != "delete":
        folder = then.removeprefix("move to ")
        if not server.folder_exists(folder):
            server.create_folder(folder)
        if server.has_capability("MOVE"):
            server.move([number], folder)
            return
        server.copy([number], folder)
    server.delete_messages([number], silent=True)
    if server.has_capability("UIDPLUS"):
        server.uid_expunge([number])


def _read_up_to(store: Store, place: Place, validity: int) -> int:
    with store.read() as tx:
        noted = counters.fact(tx, place.fact)
    if noted is None:
        return 0
    known = json.loads(noted)
    return int(known["uid"]) if known["validity"] == validity else 0


def _note(store: Store, place: Place, validity: int, number: int) -> None:
    with store.write() as tx:
        counters.set_fact(tx, place.fact, json.dumps({"validity": validity, "uid": number}))


def _close(server: IMAPClient) -> None:
    try:
        server.logout()
    except (OSError, IMAPClientError):
        server.shutdown()


def _said(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be verified: {error.verify_message}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return " ".join(str(error).split())[:200] or type(error).__name__
