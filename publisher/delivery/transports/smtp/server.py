"""A mail server as we want to meet it: where it is, how it is encrypted, who we say we are."""

import ipaddress
import socket
import ssl
from dataclasses import dataclass, field
from pathlib import Path

from publisher.delivery.transports.smtp.opening import Wanted
from publisher.errors import UnreachableError
from publisher.settings.relays import Smtp as SmtpSettings


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long we wait, in seconds; those of RFC 5321 §4.5.3.2, but for connecting and leaving.

    Attributes:
        connect: for the connection, and for each step of beginning to encrypt.
        greeting: for the server's first words.
        command: for the answer to MAIL, RCPT and what else there is.
        data: for the answer to DATA.
        block: for the next part of a message to leave.
        dot: for the answer to the final dot.
        leave: for goodbyes.
        patience: for a relay whose turn it is, while others could take the message.
    """

    connect: float = 30
    greeting: float = 300
    command: float = 300
    data: float = 120
    block: float = 180
    dot: float = 600
    leave: float = 2
    patience: float = 0.05


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the config.

    Attributes:
        name: its key in the config.
        settings: its part of the config.
        label: how a person knows it.
        password, password_name: and the variable that it stands in.
        site: folder that a file of certificates is relative to.
    """

    name: str
    settings: SmtpSettings
    label: str
    password: str = field(default="", repr=False)
    password_name: str = "PUBLISHER_SMTP_PASSWORD"  # noqa: S105 - the name of a variable
    site: Path = Path()

    @classmethod
    def alone(cls, settings: SmtpSettings, password: str | None, site: Path = Path()) -> "Server":
        """Return the one server of ``mail.smtp``."""
        label = f"mail server {settings.host}:{settings.port}"
        return cls("smtp", settings, label, password or "", site=site)

    def context(self) -> ssl.SSLContext | None:
        """Return what checks the server's certificate; None when nothing is encrypted.

        Raises:
            UnreachableError: the file of certificates cannot be read.
        """
        if self.settings.tls == "none":
            return None
        file = self.settings.ca_file
        try:
            context = ssl.create_default_context(cafile=str(self.site / file) if file else None)
        except OSError as error:
            why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
            raise UnreachableError(f"{self.label}: ca_file {file} cannot be used: {why}") from None
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context

    def wanted(self, own_address: str) -> Wanted:
        """Return what has to be so before a message is sent over a connection from that address."""
        settings = self.settings
        return Wanted(
            me=settings.ehlo or _own_name() or own_address,
            starttls=settings.tls == "starttls",
            username=settings.username or "",
            password=self.password,
            password_name=self.password_name,
            may_login=settings.tls != "none" or _is_here(settings.host),
        )


def _own_name() -> str:
    """Return our full name, without asking anybody for it."""
    name = socket.gethostname()
    return name if "." in name.strip(".") and name.isascii() and " " not in name else ""


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
