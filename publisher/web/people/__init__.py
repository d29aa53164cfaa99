"""Pages where people ask for letters, confirm, choose and leave: no script, no cookie, nothing by GET."""

import asyncio
from collections.abc import Callable

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from publisher.web.headers import Header
from publisher.web.pages import response
from publisher.web.people.forms import LARGEST, Form, read
from publisher.web.people.leave import leave
from publisher.web.people.outgoing import Outgoing
from publisher.web.people.preferences import preferences
from publisher.web.people.subscribe import confirm, subscribe
from publisher.web.people.visit import Rooms, Visit
from publisher.web.reply import Reply
from publisher.work.desk import Desk

Page = Callable[[Rooms, Visit], Reply]

SECONDS_FOR_A_BODY = 15
_METHODS = ["GET", "HEAD", "POST", "OPTIONS"]
_ALLOW: Header = (b"allow", b"GET, HEAD, POST, OPTIONS")
_PLAIN: tuple[Header, ...] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
)
_OPTIONS = Reply(204, (_ALLOW, (b"cache-control", b"no-store")))
_TOO_LARGE = Reply(413, _PLAIN, b"This is too large for a form.\n")
_TOO_SLOW = Reply(408, _PLAIN, b"The form did not arrive in time.\n")


def routes(desk: Desk, proxies: frozenset[str]) -> list[BaseRoute]:
    """Return the addresses of subscribers' pages.

    Args:
        desk: the open site.
        proxies: addresses whose X-Forwarded-For is believed.
    """
    rooms, outgoing = Rooms.of(desk, proxies), Outgoing(desk)
    outgoing.begin()
    return [
        _route(rooms, "/subscribe", subscribe, then=outgoing.send),
        _route(rooms, "/confirm/{token}", confirm),
        _route(rooms, "/preferences/{token}", preferences),
        _route(rooms, "/u/{token}", leave),
    ]


def _route(rooms: Rooms, path: str, page: Page, then: Callable[[], None] | None = None) -> Route:
    """Return a route; ``then`` runs after a POST is answered, whatever the answer."""

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return response(_OPTIONS)
        form: Form | Reply = await _form(request) if request.method == "POST" else Form()
        if isinstance(form, Reply):
            return response(form)
        answer = response(await run_in_threadpool(lambda: page(rooms, rooms.visit(request, form))))
        if then is not None and request.method == "POST":
            answer.background = BackgroundTask(then)
        return answer

    return Route(path, endpoint, methods=_METHODS)


async def _form(request: Request) -> Form | Reply:
    """Read the body, no more of it than a form has, and no longer than somebody honest needs."""
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            async for piece in request.stream():
                body += piece
                if len(body) > LARGEST:
                    return _TOO_LARGE
    except (TimeoutError, ClientDisconnect):
        return _TOO_SLOW
    return read(request.headers.get("content-type", ""), bytes(body))
