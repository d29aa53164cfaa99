"""A private Postfix on loopback, with a queue and a log of its own."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import free_port

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
maillog_file = {home}/log/mail.log
maillog_file_prefixes = {home}
myhostname = mx.courier.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{onwards}
smtp_dns_support_level = disabled
smtp_tls_security_level = none
smtpd_tls_security_level = none
smtpd_relay_restrictions = permit_mynetworks, reject
biff = no
"""
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    port: int
    log: Path


@contextmanager
def running(onwards: int) -> Iterator[Postfix]:
    """Run Postfix; it hands everything on to that port. Skips where there is none or it cannot be run."""
    if shutil.which("postfix", path="/usr/sbin:/usr/local/sbin") is None or os.geteuid() != 0:
        pytest.skip("there is no Postfix that this user may start")
    # Below pytest's own folders nobody but root may look; Postfix's daemons are somebody else.
    home = Path(tempfile.mkdtemp(prefix="postfix-"))
    home.chmod(0o755)
    try:
        yield from _run(home, onwards)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(home: Path, onwards: int) -> Iterator[Postfix]:
    owner = pwd.getpwnam("postfix")
    for name in ("queue", "data", "log", "config"):
        (home / name).mkdir()
    os.chown(home / "data", owner.pw_uid, owner.pw_gid)
    port = free_port()
    config = home / "config"
    (config / "main.cf").write_text(MAIN.format(home=home, onwards=onwards))
    (config / "master.cf").write_text(MASTER.format(port=port))
    started = subprocess.run(
        ["/usr/sbin/postfix", "-c", config, "start"], capture_output=True, text=True, check=False
    )
    if started.returncode:
        pytest.skip(f"Postfix does not start here: {started.stderr.strip()[-200:]}")
    try:
        yield Postfix(port, home / "log" / "mail.log")
    finally:
        subprocess.run(["/usr/sbin/postfix", "-c", config, "stop"], capture_output=True, check=False)
