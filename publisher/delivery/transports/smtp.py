"""A mail server that takes our messages (RFC 5321), over one connection that is kept open."""

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable, Sequence

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.errors import UnreachableError
from publisher.settings.schema import Smtp as SmtpSettings

_TIMEOUT = 60
_FINAL_TIMEOUT = 600
"""RFC 5321 §4.5.3.2.6: a server may take ten minutes to answer the final dot."""
_CLOSING = 421
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
_LONGEST = 300


class Smtp(Transport):
    """A transport to one server."""

    def __init__(self, settings: SmtpSettings, password: str | None) -> None:
        self.name = f"mail server {settings.host}:{settings.port}"
        self._settings = settings
        self._password = password
        self._connection: smtplib.SMTP | None = None
        self._taken: list[Result] = []

    def room(self) -> int:
        """Return 1, with a connection open."""
        if self._connection is None:
            self._connection = self._connect()
        return 1

    def take(self, message: Message, *, again: bool) -> None:  # noqa: ARG002 - a server keeps no trace for us
        """Send a message and note the answer."""
        verdict, text = self._exchange(message)
        self._taken.append(Result(message.mark, verdict, text))

    def results(self, *, wait: bool = True) -> Sequence[Result]:  # noqa: ARG002 - everything is done by then
        """Return the noted answers."""
        done, self._taken = self._taken, []
        return done

    def arrived(self, mark: str) -> bool | None:  # noqa: ARG002 - SMTP has no such question
        """Return None: only the server's log knows."""
        return None

    def close(self) -> None:
        """Say goodbye."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                connection.quit()

    def _connect(self) -> smtplib.SMTP:
        place = self.name
        try:
            connection = self._greeted()
        except smtplib.SMTPAuthenticationError as error:
            raise UnreachableError(
                f"{place}: it refused user name or password ({_said(error.smtp_error)}); "
                "set PUBLISHER_SMTP_PASSWORD"
            ) from None
        except smtplib.SMTPNotSupportedError as error:
            raise UnreachableError(f"{place}: {_said(str(error))}; see mail.smtp.tls and username") from None
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(f"{place}: its certificate is not valid: {error.verify_message}") from None
        except smtplib.SMTPResponseException as error:
            raise UnreachableError(f"{place}: {error.smtp_code} {_said(error.smtp_error)}") from None
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(f"{place}: cannot be reached: {_said(str(error))}") from None
        if connection.sock is not None:
            connection.sock.settimeout(_TIMEOUT)
        return connection

    def _greeted(self) -> smtplib.SMTP:
        wanted = self._settings
        context = ssl.create_default_context()
        connection: smtplib.SMTP
        if wanted.tls == "tls":
            connection = smtplib.SMTP_SSL(wanted.host, wanted.port, timeout=_TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(wanted.host, wanted.port, timeout=_TIMEOUT)
        try:
            if wanted.tls == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if wanted.username:
                connection.login(wanted.username, self._password or "")
        except BaseException:
            connection.close()
            raise
        return connection

    def _exchange(self, message: Message) -> tuple[Verdict, str]:
        connection = self._connection
        assert connection is not None, "room() comes before take()"
        if message.utf8 and not connection.has_extn("smtputf8"):
            return (
                Verdict.FAILED,
                "the mail server does not take addresses with letters beyond ASCII (SMTPUTF8)",
            )
        try:
            refused = self._envelope(connection, message)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Verdict.DEFERRED, f"connection lost before the letter: {_said(str(error))}"
        if refused is not None:
            return refused
        return self._content(connection, message.content)

    def _envelope(self, connection: smtplib.SMTP, message: Message) -> tuple[Verdict, str] | None:
        """Name sender and recipient and ask to begin; return why the server refuses, or None."""
        options = ["SMTPUTF8", "BODY=8BITMIME"] if message.utf8 else []
        # A 5xx to the sender's address is no word about the recipient: the next ones would fail alike.
        steps: tuple[tuple[Callable[[], tuple[int, bytes]], Verdict], ...] = (
            (lambda: connection.mail(message.sender, options), Verdict.DEFERRED),
            (lambda: connection.rcpt(message.recipient), Verdict.FAILED),
            (lambda: connection.docmd("DATA"), Verdict.FAILED),
        )
        for step, for_good in steps:
            code, answer = step()
            if code < 400:
                continue
            if code == _CLOSING:
                self._drop()
            else:
                connection.rset()
            return (for_good if code >= 500 else Verdict.DEFERRED), f"{code} {_said(answer)}"
        return None

    def _content(self, connection: smtplib.SMTP, content: bytes) -> tuple[Verdict, str]:
        try:
            connection.send(content)
        except (OSError, smtplib.SMTPException) as error:
            # Without the final dot no server may deliver (RFC 5321 §4.1.1.4).
            self._drop()
            return Verdict.DEFERRED, f"connection lost within the letter: {_said(str(error))}"
        try:
            if connection.sock is not None:
                connection.sock.settimeout(_FINAL_TIMEOUT)
            connection.send(b".\r\n")
            code, answer = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return Verdict.UNCERTAIN, f"no answer after the letter: {_said(str(error))}"
        return self._verdict(code, answer)

    def _verdict(self, code: int, answer: bytes) -> tuple[Verdict, str]:
        text = f"{code} {_said(answer)}"
        if code == _CLOSING:
            self._drop()
        elif self._connection is not None and self._connection.sock is not None:
            self._connection.sock.settimeout(_TIMEOUT)
        if code < 400:
            return Verdict.ACCEPTED, text
        return (Verdict.FAILED if code >= 500 else Verdict.DEFERRED), text

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _said(answer: str | bytes) -> str:
    """Return a server's words on one line, without addresses: the ledger's reasons are logged."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _ADDRESS.sub("<…>", " ".join(text.split()))[:_LONGEST]
