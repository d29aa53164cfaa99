"""A real mail server on loopback that writes down what it accepts and fails as planned."""

import asyncio
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Plan = Callable[[str, int], str]
"""(recipient, how often it was tried before) -> a reply, or ``drop before``, ``drop after``."""


def takes_all(_recipient: str, _times: int) -> str:
    return "250 OK"


@dataclass
class Postmaster:
    """Accepts messages as planned.

    Attributes:
        plan: answer to the final dot.
        on_rcpt: answer to RCPT.
        accepted: (recipient, content) in the order of acceptance.
    """

    plan: Plan = takes_all
    on_rcpt: Plan = takes_all
    on_mail: str = "250 OK"
    accepted: list[tuple[str, bytes]] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    sessions: set[int] = field(default_factory=set)
    logins: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.sessions.add(id(session))
        self.encrypted.append(session.ssl is not None)
        self.senders.append(address)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.on_mail

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.on_rcpt(address, self.asked[address])
        self.asked[address] += 1
        if answer == "drop before":
            hang_up(server)
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        answer = self.plan(recipient, self.tried[recipient])
        self.tried[recipient] += 1
        if answer == "hang":
            await asyncio.sleep(30)
        if answer != "drop before" and (answer == "drop after" or answer.startswith("250")):
            content = envelope.content
            self.accepted.append(
                (recipient, content if isinstance(content, bytes) else (content or "").encode())
            )
        if answer.startswith("drop"):
            hang_up(server)
        return answer

    def login(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"open sesame", handled=False)

    @property
    def recipients(self) -> list[str]:
        """Who got a message, in order; somebody named twice got two."""
        return [recipient for recipient, _ in self.accepted]


def hang_up(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


@contextmanager
def serving(
    master: Postmaster,
    certificate: tuple[Path, Path] | None = None,
    listen: dict[str, Any] | None = None,
    **options: Any,
) -> Iterator[int]:
    """Run the server; give its port."""
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        options = {"tls_context": context} | options
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    listening = asyncio.run_coroutine_threadsafe(
        loop.create_server(
            lambda: SMTP(master, hostname="mx.example", loop=loop, **options),
            "127.0.0.1",
            0,
            **(listen or {}),
        ),
        loop,
    ).result(120)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result(120)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(120)
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
