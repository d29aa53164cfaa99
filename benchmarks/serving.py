"""Requests a second for a feed of 200 KB, beside nginx serving the same files in the same run.

    python -m benchmarks.serving [--seconds 2] [--rounds 3]

Whole, not modified, and compressed; one worker each, over loopback. Rounds are taken in turns and the median
is kept. On a busy machine look at the CPU time of an answer instead of the rate. wrk asks where it is
installed; else a small client of our own, which sends sixteen requests at a time because it could not keep
up otherwise.
"""

import argparse
import multiprocessing
import os
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from publisher.feeds import drafts
from publisher.feeds.drafts import Output
from publisher.web.door import Door
from publisher.web.files import Files
from publisher.web.headers import Manners
from publisher.web.polls import Polls
from publisher.web.server import listen, serve

PATH = "/feeds/all.rss"
CONNECTIONS = 16
PIPELINED = 16
TARGETS = {"200": 0.6, "304": 0.3, "gzip": 0.35}
SYLLABLES = ("sông", "núi", "chợ", "đò", "thuyền", "nước", "rừng", "đường", "bản", "mưa", "gạo", "chè", "lúa")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    arguments.add_argument("--seconds", type=float, default=2, help="of each measurement")
    arguments.add_argument("--rounds", type=int, default=3)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="serving") as name:
        folder = Path(name)
        make_feed(folder / "public")
        size = (folder / "public" / PATH[1:]).stat().st_size
        client = "wrk" if shutil.which("wrk") else f"own client, {PIPELINED} requests at a time"
        print(f"serving a feed of {size // 1000} KB, {CONNECTIONS} connections, client: {client}")
        with ours(folder) as own, nginx(folder) as reference:
            report(own, reference, chosen.seconds, chosen.rounds)


@dataclass(frozen=True)
class Server:
    """A server that is being measured: where it listens, and its process."""

    port: int
    process: int


def report(own: Server, reference: Server | None, seconds: float, rounds: int) -> None:
    """Measure in turns and print one line for each kind of answer."""
    if reference is None:
        print("nginx is not installed, so there is nothing to compare with: apt-get install nginx-light")
    print(f"{'':8} {'answers a second':>26} {'':16} {'CPU microseconds an answer':>30}")
    print(
        f"{'answer':8} {'nginx':>12} {'publisher':>13} {'ratio':>7} {'wanted':>8} "
        f"{'nginx':>14} {'publisher':>10} {'ratio':>6}"
    )
    for kind, wanted in TARGETS.items():
        servers = [server for server in (own, reference) if server]
        taken: dict[Server, list[tuple[float, float]]] = {server: [] for server in servers}
        for _ in range(rounds):
            for server, figures in taken.items():
                figures.append(measured(server, headers_for(kind, server.port), seconds))
        rates = {server: median(rate for rate, _ in figures) for server, figures in taken.items()}
        costs = {server: median(cost for _, cost in figures) for server, figures in taken.items()}
        if reference is None:
            print(
                f"{kind:8} {'-':>12} {rates[own]:13,.0f} {'-':>7} {wanted:8.2f} {'-':>14} {costs[own]:10.1f}"
            )
            continue
        print(
            f"{kind:8} {rates[reference]:12,.0f} {rates[own]:13,.0f} {rates[own] / rates[reference]:7.2f} "
            f"{wanted:8.2f} {costs[reference]:14.1f} {costs[own]:10.1f} {costs[reference] / costs[own]:6.2f}"
        )


def measured(server: Server, headers: dict[str, str], seconds: float) -> tuple[float, float]:
    """Return answers a second, and what one costs the server in microseconds of CPU (0 where nobody says)."""
    before, began = cpu_seconds(server.process), time.perf_counter()
    answers = rate(server.port, headers, seconds)
    spent = time.perf_counter() - began
    return answers, (cpu_seconds(server.process) - before) / (answers * spent) * 1e6


def cpu_seconds(process: int) -> float:
    """Return the CPU time of a process so far, as Linux tells it; 0 elsewhere."""
    try:
        words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def make_feed(public: Path) -> None:
    """Write a feed of about 200 KB of words that compress as real ones do, with its coded forms."""
    chance = random.Random(1)
    words = [f"{chance.choice(SYLLABLES)}{chance.choice(['', ',', '.'])}" for _ in range(4000)]
    items = "".join(
        f"<item><guid>tag:news.example:{number}</guid><title>{' '.join(chance.sample(words, 9))}</title>"
        f"<description>{' '.join(chance.choices(words, k=560))}</description></item>\n"
        for number in range(50)
    )
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>{items}</channel></rss>\n'
    drafts.write(public, [Output(PATH[1:], body.encode(), datetime(2026, 11, 20, tzinfo=UTC))])


@contextmanager
def ours(folder: Path) -> Iterator[Server]:
    """Serve with the program's own server, in a process of its own and without the limit on polls."""
    opened = listen("127.0.0.1", 0)
    door = Door(
        Files(folder / "public", Manners("https://courier.example", 900)),
        rest=_nothing,
        polls=Polls(0, 900),
        moved={},
    )
    process = multiprocessing.get_context("fork").Process(target=serve, args=(door, opened), daemon=True)
    process.start()
    port = int(opened.getsockname()[1])
    opened.close()
    wait_for(port)
    yield Server(port, process.pid or 0)
    process.terminate()
    process.join()


@contextmanager
def nginx(folder: Path) -> Iterator[Server | None]:
    """Serve the same folder with one nginx worker; None where nginx is not installed."""
    program = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        yield None
        return
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    config = folder / "nginx.conf"
    config.write_text(
        f"worker_processes 1; daemon off; master_process off; pid {folder}/nginx.pid;\n"
        "error_log stderr crit; events { worker_connections 512; }\n"
        "http { access_log off; keepalive_requests 100000000; open_file_cache max=100; sendfile on;\n"
        "tcp_nopush on; types { application/rss+xml rss; }\n"
        f"client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;\n"
        f"uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/public; gzip_static on; }} }}\n"
    )
    process = subprocess.Popen([program, "-p", str(folder), "-c", str(config)])
    try:
        wait_for(port)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait()


def headers_for(kind: str, port: int) -> dict[str, str]:
    """Return the request's headers that lead to that kind of answer, and hold the server to it."""
    wanted = {"200": {}, "gzip": {"Accept-Encoding": "gzip"}}.get(kind, {})
    if kind == "304":
        found = re.search(rb"(?im)^etag: (\S+)", ask(port, {}))
        assert found is not None
        wanted = {"If-None-Match": found[1].decode()}
    answer = ask(port, wanted)
    assert answer.startswith(b"HTTP/1.1 304" if kind == "304" else b"HTTP/1.1 200"), answer[:80]
    assert (b"content-encoding: gzip" in answer.lower()) == (kind == "gzip")
    return wanted


def rate(port: int, headers: dict[str, str], seconds: float) -> float:
    """Return answers a second."""
    if shutil.which("wrk") is None:
        return own_rate(port, headers, seconds)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s"]
    for name, value in headers.items():
        command += ["-H", f"{name}: {value}"]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}{PATH}"], check=True, capture_output=True, text=True
    ).stdout
    assert "Non-2xx" not in said or "If-None-Match" in headers, said
    return float(said.split("Requests/sec:")[1].split()[0])


def own_rate(port: int, headers: dict[str, str], seconds: float) -> float:
    """Return answers a second, as one connection gets them that asks for many at a time."""
    length = len(ask(port, headers, close=False))
    burst = request(headers) * PIPELINED
    done, began = 0, time.perf_counter()
    with socket.create_connection(("127.0.0.1", port)) as plain:
        while (spent := time.perf_counter() - began) < seconds:
            plain.sendall(burst)
            missing = length * PIPELINED
            while missing:
                missing -= len(plain.recv(min(missing, 1 << 20)))
            done += PIPELINED
    return done / spent


def request(headers: dict[str, str], *, close: bool = False) -> bytes:
    """Return a request as it goes over the wire."""
    every = {"Host": "127.0.0.1"} | headers | ({"Connection": "close"} if close else {})
    lines = [f"GET {PATH} HTTP/1.1", *(f"{name}: {value}" for name, value in every.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def ask(port: int, headers: dict[str, str], *, close: bool = True) -> bytes:
    """Return one whole answer."""
    got = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        plain.sendall(request(headers, close=close))
        plain.settimeout(5 if close else 0.3)
        try:
            while more := plain.recv(1 << 20):
                got += more
        except TimeoutError:
            pass
    return bytes(got)


def wait_for(port: int) -> None:
    """Wait until something listens there."""
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"nothing listens on port {port}")


async def _nothing(_scope: object, _receive: object, _send: object) -> None:
    """Stand behind the door; nobody gets there."""


if __name__ == "__main__":
    main()
