"""The first words with a server: greeting, EHLO, encryption, password. Pure: replies in, bytes out."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

from publisher.delivery.transports.smtp.offers import Offers, offers
from publisher.delivery.transports.smtp.replies import Reply
from publisher.delivery.transports.smtp.verdicts import told

_PASSWORD_REFUSED = frozenset({530, 534, 535, 538})
_WAYS = ("PLAIN", "LOGIN")


class RefusedError(Exception):
    """The server cannot be used; ``str()`` of it says why, in one line and without our password."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What has to be so before a message is sent.

    Attributes:
        me: how we call ourselves, a name or an address in brackets.
        starttls: encryption is asked for after the greeting.
        username, password: shown where there is a name.
        password_name: the variable that the password stands in.
        may_login: whether a password may go over this connection, once it is encrypted or need not be.
    """

    me: str
    starttls: bool = False
    username: str = ""
    password: str = ""
    password_name: str = "PUBLISHER_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
    may_login: bool = True


class Opening:
    """One connection's first words.

    Attributes:
        out: what is to be written; whoever writes it empties it.
        step: what the server is expected to answer, for timeouts.
        wants_tls: encryption is to begin now; :meth:`secured` tells that it has.
        done: a message may be sent.
        offers: what the server can do.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._next: Callable[[Reply], None] = self._greeted
        self.out: list[bytes] = []
        self.step = "greeting"
        self.wants_tls = False
        self.done = False
        self.offers = Offers()

    def heard(self, reply: Reply) -> None:
        """Take the next reply.

        Raises:
            RefusedError: the server cannot be used.
        """
        self._next(reply)

    def secured(self) -> None:
        """Begin anew, encrypted: what was offered before counts no more (RFC 3207 §4.2)."""
        self.wants_tls = False
        self.offers = Offers()
        self._say("EHLO", f"EHLO {self._wanted.me}", self._introduced_safely)

    def _say(self, step: str, line: str, then: Callable[[Reply], None]) -> None:
        self.step, self._next = step, then
        self.out.append(line.encode() + b"\r\n")

    def _greeted(self, reply: Reply) -> None:
        if reply.code // 100 != 2:
            raise RefusedError(told(reply))
        then = self._introduced if self._wanted.starttls else self._introduced_safely
        self._say("EHLO", f"EHLO {self._wanted.me}", then)

    def _introduced(self, reply: Reply) -> None:
        """Ask for encryption: nothing else is said before it."""
        if reply.code // 100 == 2:
            self.offers = offers(reply)
        if not self.offers.starttls:
            raise RefusedError("it offers no encryption (STARTTLS); see mail.smtp.tls")
        self._say("STARTTLS", "STARTTLS", self._may_secure)

    def _may_secure(self, reply: Reply) -> None:
        if reply.code != 220:
            raise RefusedError(f"it refuses encryption (STARTTLS: {told(reply)}); see mail.smtp.tls")
        self.wants_tls = True
        self._next = self._unasked

    def _introduced_safely(self, reply: Reply) -> None:
        if reply.code // 100 == 2:
            self.offers = offers(reply)
            self._login()
        elif reply.code >= 500 and reply.code != 530:
            self._say("HELO", f"HELO {self._wanted.me}", self._known)
        else:
            raise RefusedError(told(reply))

    def _known(self, reply: Reply) -> None:
        if reply.code // 100 != 2:
            raise RefusedError(told(reply))
        self._login()

    def _login(self) -> None:
        wanted = self._wanted
        if not wanted.username:
            self._finish()
            return
        if not wanted.may_login:
            raise RefusedError("no password is shown over a connection in the open; see mail.smtp.tls")
        way = next((way for way in _WAYS if way in self.offers.logins), None)
        if way is None:
            raise RefusedError(
                "it asks for no password in a way that we know (AUTH PLAIN, AUTH LOGIN); "
                "see mail.smtp.tls and username"
            )
        if way == "PLAIN":
            whole = _in_base64(f"\0{wanted.username}\0{wanted.password}")
            self._say("AUTH", f"AUTH PLAIN {whole}", self._let_in)
        else:
            self._say("AUTH", "AUTH LOGIN", self._asked_for_name)

    def _asked_for_name(self, reply: Reply) -> None:
        self._answer(reply, self._wanted.username, self._asked_for_password)

    def _asked_for_password(self, reply: Reply) -> None:
        self._answer(reply, self._wanted.password, self._let_in)

    def _answer(self, reply: Reply, value: str, then: Callable[[Reply], None]) -> None:
        if reply.code != 334:
            self._let_in(reply)
        else:
            self._say("AUTH", _in_base64(value), then)

    def _let_in(self, reply: Reply) -> None:
        if reply.code == 235:
            self._finish()
        elif reply.code in _PASSWORD_REFUSED:
            raise RefusedError(
                f"it refused user name or password ({told(reply)}); set {self._wanted.password_name}"
            )
        else:
            raise RefusedError(f"it could not check our password ({told(reply)})")

    def _finish(self) -> None:
        self.done = True
        self._next = self._unasked

    def _unasked(self, reply: Reply) -> None:
        raise RefusedError(f"it speaks unasked: {told(reply)}")


def _in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")
