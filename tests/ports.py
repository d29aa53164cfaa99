"""Ports on loopback for programs that have to be told theirs.

A port that the system picked and that was closed again may go to anybody else's connection before the program
listens on it. So these are of a range from which the system never picks, another one for each worker.
"""

import os
import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager

_FIRST, _SHARE, _WORKERS = 20_000, 700, 16


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    first, step = _FIRST + worker * _SHARE, random.SystemRandom().randrange(_SHARE)
    while True:
        yield first + step % _SHARE
        step += 1


_ports = _own_ports()


def free_port() -> int:
    """Return a port on which nobody listens; none is given twice in a row."""
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise AssertionError("there is always a next one")


@contextmanager
def closed_port() -> Iterator[int]:
    """Give a port that refuses connections: it is taken, and nobody listens there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield int(taken.getsockname()[1])
