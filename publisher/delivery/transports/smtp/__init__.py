"""A mail server that takes our messages (RFC 5321), or several that share them."""

import time
from collections.abc import Callable

from publisher.delivery.transports.smtp.relays import Relays
from publisher.delivery.transports.smtp.server import Server, Timeouts
from publisher.settings.relays import Smtp as SmtpSettings

__all__ = ["Relays", "Server", "Smtp", "Timeouts"]


class Smtp(Relays):
    """A transport to one server."""

    def __init__(
        self,
        settings: SmtpSettings,
        password: str | None,
        *,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - a frozen value
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__([Server.alone(settings, password)], timeouts=timeouts, clock=clock)
