"""What the config says of mail servers to hand letters to."""

from typing import Annotated, Literal

from pydantic import Field

from publisher.settings.base import Setting
from publisher.settings.values import Domain


class Smtp(Setting):
    """A mail server to hand messages to."""

    host: str
    """Name of the server."""
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    """Usually 587 (STARTTLS), 465 (TLS) or 25."""
    tls: Literal["starttls", "tls", "none"] = "starttls"
    """`none` only for a server on this machine."""
    ca_file: str | None = None
    """Certificates (PEM) that vouch for its own, relative to the site; the system's when left out."""
    username: str | None = None
    """The password comes from the environment: PUBLISHER_SMTP_PASSWORD, or PUBLISHER_SMTP_PASSWORD_NAME."""
    ehlo: Domain | None = None
    """What we call ourselves (EHLO), a name that leads back to us; this machine's full name when left out."""
    connections: Annotated[int, Field(ge=1, le=100)] = 16
    """At most so many connections from one process."""
    weight: Annotated[int, Field(ge=1, le=100)] = 1
    """Its share of the letters, beside the other relays'."""
    rate: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """At most so many letters a minute, from all processes together; any number when left out."""
