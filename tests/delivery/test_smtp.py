"""The mail server's edge: encryption that is verified, a password, and one line when it does not work."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp import Smtp, Timeouts
from publisher.errors import UnreachableError
from publisher.settings.schema import Smtp as SmtpSettings
from tests.delivery import certificates
from tests.delivery.postmaster import Postmaster, serving

LETTER = Message(
    "m1", "news@courier.example", "a@example.com", False, [b"Subject: x\r\n\r\nM=C6=B0=E1=BB=9Dng\r\n"]
)


def relay(port: int, password: str | None = None, **values: Any) -> Smtp:
    return Smtp(SmtpSettings.model_validate({"host": "127.0.0.1", "port": port} | values), password)


def sent(way: Smtp) -> Verdict:
    assert way.room() == 1
    way.take(LETTER, again=False)
    (result,) = way.results()
    way.close()
    return result.verdict


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """A certificate that this process trusts."""
    files = certificates.make(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    return files


def test_starttls_and_password(pem: tuple[Path, Path]) -> None:
    master = Postmaster()
    with serving(master, pem, authenticator=master.login, auth_required=True) as port:
        assert sent(relay(port, "open sesame", username="news")) is Verdict.ACCEPTED

    assert master.accepted == [("a@example.com", LETTER.content)]
    assert master.logins == ["news"]
    assert master.encrypted == [True]


def test_tls_from_the_first_byte(pem: tuple[Path, Path], implicit_tls: Callable[..., Any]) -> None:
    master = Postmaster()
    with implicit_tls(master, pem) as port:
        assert sent(relay(port, tls="tls")) is Verdict.ACCEPTED
    assert master.recipients == ["a@example.com"]


@pytest.fixture
def implicit_tls(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A server that speaks TLS at once."""

    def serve(master: Postmaster, files: tuple[Path, Path]) -> Any:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*files)
        return serving(master, listen={"ssl": context})

    return serve


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    master = Postmaster()
    with (
        serving(master, certificates.make(tmp_path)) as port,
        pytest.raises(UnreachableError, match="its certificate is not valid"),
    ):
        sent(relay(port))
    assert master.accepted == []


def test_a_certificate_for_another_host_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = certificates.make(tmp_path, address="192.0.2.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(files[0]))
    with (
        serving(Postmaster(), files) as port,
        pytest.raises(UnreachableError, match="certificate is not valid"),
    ):
        sent(relay(port))


def test_without_starttls_no_letter_and_no_password_leave(caplog: pytest.LogCaptureFixture) -> None:
    master = Postmaster()
    with serving(master) as port, pytest.raises(UnreachableError, match=r"STARTTLS.*mail.smtp.tls"):
        sent(relay(port, "open sesame", username="news"))
    assert master.logins == []


def test_a_wrong_password_is_told_without_repeating_it(pem: tuple[Path, Path]) -> None:
    master = Postmaster()
    with (
        serving(master, pem, authenticator=master.login, auth_required=True) as port,
        pytest.raises(
            UnreachableError, match=r"refused user name or password.*PUBLISHER_SMTP_PASSWORD"
        ) as caught,
    ):
        sent(relay(port, "hunter2hunter2", username="news"))
    assert "hunter2" not in str(caught.value)


def test_a_server_without_extensions_is_spoken_to_in_plain_smtp(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unknown(self: SMTP, hostname: str) -> None:
        await self.push("502 5.5.1 EHLO not known here")

    monkeypatch.setattr(SMTP, "smtp_EHLO", unknown)
    master = Postmaster()
    with serving(master) as port:
        assert sent(relay(port, tls="none")) is Verdict.ACCEPTED


def test_a_server_that_hangs_up_before_the_letter_defers_it(monkeypatch: pytest.MonkeyPatch) -> None:
    master = Postmaster(on_rcpt=lambda _who, _times: "drop before")
    with serving(master) as port:
        assert sent(relay(port, tls="none")) is Verdict.DEFERRED
    assert master.accepted == []


def test_the_next_letter_gets_a_connection_of_its_own_after_a_lost_one() -> None:
    master = Postmaster(plan=lambda _who, times: "250 OK" if times else "drop before")
    with serving(master) as port:
        way = relay(port, tls="none")
        assert sent(way) is Verdict.UNCERTAIN
        assert sent(way) is Verdict.ACCEPTED
    assert len(master.sessions) == 2


def test_a_silent_server_is_given_up() -> None:
    master = Postmaster(plan=lambda _who, _times: "hang")
    with serving(master) as port:
        settings = SmtpSettings(host="127.0.0.1", port=port, tls="none")
        assert sent(Smtp(settings, None, timeouts=Timeouts(dot=0.3))) is Verdict.UNCERTAIN
