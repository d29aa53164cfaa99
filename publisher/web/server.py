"""Listening: the only place that knows uvicorn."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread

import uvicorn
from starlette.types import ASGIApp

from publisher.errors import UnreachableError
from publisher.web.door import Door
from publisher.web.protocol import DoorProtocol

BACKLOG = 1024
CLOSING_SECONDS = 5
IDLE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Listening:
    """A server that runs in a thread of its own.

    Attributes:
        address: where it can be reached, such as ``http://127.0.0.1:8080``.
        door: what answers; :meth:`Door.become` renews it.
        stop: ends it and waits until it has ended; again without harm.
    """

    address: str
    door: Door
    stop: Callable[[], None]


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there; port 0 takes any that is free.

    Raises:
        UnreachableError: the port is taken, or the address is none of this machine's.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        opened = socket.socket(family, kind, protocol)
    except OSError as error:
        raise UnreachableError(
            f"web.host: {host!r} is no address of this machine: {_reason(error)}"
        ) from error
    try:
        if os.name == "posix":
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind(place)
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except OSError as error:
        opened.close()
        raise UnreachableError(_cannot(host, port, error)) from error
    return opened


def address_of(opened: socket.socket) -> str:
    """Return the address at which a listening socket can be reached from this machine."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(application: ASGIApp, opened: socket.socket, stop: Event | None = None) -> None:
    """Serve until the event is set or, in a process's main thread, a signal comes; answer what is on its way.

    Args:
        application: the outermost ASGI application.
        opened: from :func:`listen`; closed at the end.
        stop: ends it from another thread.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http=DoorProtocol,
            log_config=None,
            # Rubbish on the wire is answered with 400 and is no event of ours.
            log_level="error",
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=CLOSING_SECONDS,
        )
    )
    try:
        if stop is None:
            server.run(sockets=[opened])
        else:
            _until(server, opened, stop)
    finally:
        opened.close()
        if isinstance(application, Door):
            application.close()


def in_thread(door: Door, host: str, port: int) -> Listening:
    """Listen there and serve in a thread; returns when the port is open.

    Raises:
        UnreachableError: the port is taken, or the address is none of this machine's.
    """
    opened = listen(host, port)
    address, stop = address_of(opened), Event()
    thread = Thread(target=serve, args=(door, opened, stop), name="web")
    thread.start()

    def end() -> None:
        stop.set()
        thread.join()

    return Listening(address, door, end)


def _until(server: uvicorn.Server, opened: socket.socket, stop: Event) -> None:
    async def both() -> None:
        async def watch() -> None:
            while not stop.is_set() and not server.should_exit:
                await asyncio.sleep(0.05)
            server.should_exit = True

        watching = asyncio.create_task(watch())
        await server.serve(sockets=[opened])
        await watching

    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(both())


def _cannot(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"web.port: something else listens on {host}:{port} already; "
            f"stop it, or take another port: publisher web --port {port + 1}"
        )
    if error.errno == errno.EACCES:
        return f"web.port: {port} is for the system's own services; take one above 1023"
    return f"web.host: cannot listen on {host}:{port}: {_reason(error)}"


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
