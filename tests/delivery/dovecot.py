"""A private Dovecot: a real IMAP server for one folder of mail, over TLS, on a free port of this machine."""

import grp
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from imaplib import IMAP4, IMAP4_SSL
from pathlib import Path
from ssl import create_default_context

from tests.delivery import certificates
from tests.ports import free_port

PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
PASSWORD = "only-for-tests"
_PATIENCE = 120

_CONFIG = """\
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
ssl = required
ssl_cert = <{certificate}
ssl_key = <{key}
default_internal_user = {account}
default_login_user = {account}
default_internal_group = {group}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A running one, as one user sees it; each user has a mailbox of their own."""

    user: str
    port: int
    authority: Path

    @property
    def address(self) -> str:
        """Address of the user's folder."""
        return f"imaps://{self.user}@127.0.0.1:{self.port}/INBOX"

    @contextmanager
    def client(self) -> Iterator[IMAP4_SSL]:
        """Give a plain client that is signed in."""
        with IMAP4_SSL(
            "127.0.0.1", self.port, ssl_context=create_default_context(cafile=self.authority)
        ) as one:
            one.login(self.user, PASSWORD)
            one.select("INBOX")
            yield one

    def put(self, content: bytes) -> None:
        """Deliver a message."""
        with self.client() as client:
            said, why = client.append("INBOX", "", "", content.replace(b"\n", b"\r\n"))
            assert said == "OK", why

    def flags(self, folder: str = "INBOX") -> list[str]:
        """Return the flags of each message of a folder, in order."""
        with self.client() as client:
            _, count = client.select(folder, readonly=True)
            if count == [b"0"]:
                return []
            _, found = client.fetch("1:*", "(FLAGS)")
            return [one.decode().partition("FLAGS ")[2] for one in found if isinstance(one, bytes)]


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """Run one until the end of the block, in a folder that any account may pass through."""
    assert PROGRAM is not None
    # Dovecot gives no mail to root; whoever else runs the tests is the only account that it may use.
    account, group, uid, gid = _account()
    certificate, key = certificates.make(folder)
    for name in ("mail", "home"):
        (folder / name).mkdir()
        if os.getuid() == 0:
            os.chown(folder / name, uid, gid)
    folder.chmod(0o711)
    port = free_port()
    config = folder / "dovecot.conf"
    config.write_text(
        _CONFIG.format(
            folder=folder,
            certificate=certificate,
            key=key,
            account=account,
            group=group,
            uid=uid,
            gid=gid,
            password=PASSWORD,
            port=port,
        )
    )
    with (folder / "err").open("wb") as errors:
        process = subprocess.Popen([PROGRAM, "-F", "-c", config], stdout=errors, stderr=errors)
    try:
        server = Server("nobody@courier.example", port, certificate)
        _wait(server, process, folder)
        yield server
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _account() -> tuple[str, str, int, int]:
    found = pwd.getpwnam("dovecot") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    return found.pw_name, grp.getgrgid(found.pw_gid).gr_name, found.pw_uid, found.pw_gid


def _wait(server: Server, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with server.client():
                return
        except (OSError, IMAP4.error) as error:
            # Until all its parts run it may take the connection and say no.
            if process.poll() is not None or time.monotonic() > deadline:
                log = folder / "log"
                said = (folder / "err").read_text() + (log.read_text() if log.exists() else "")
                raise AssertionError(f"Dovecot does not run: {said[-800:]}") from error
            time.sleep(0.05)
