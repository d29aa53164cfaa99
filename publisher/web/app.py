"""The web server of a site, put together: files at the door, pages and health behind it."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from publisher import logs
from publisher.errors import PublisherError, StoreError
from publisher.store import articles
from publisher.web import console, people
from publisher.web.door import Door
from publisher.web.files import Files
from publisher.web.metrics import Watch
from publisher.web.pages import Pages, manners_of, response, route
from publisher.web.polls import Polls
from publisher.web.readers import Tallies
from publisher.web.reply import Reply
from publisher.web.server import Listening, in_thread
from publisher.work.desk import Desk
from publisher.work.webpages import moved

_log = logs.logger(__name__)
THIS_MACHINE = ("127.0.0.1", "::1")
_PLAIN = ((b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store"))


def application(desk: Desk, more: Sequence[BaseRoute] = ()) -> Door:
    """Return the site's web application.

    Args:
        desk: the open site.
        more: further routes, such as the console.
    """
    pages = Pages.of(desk)
    settings = desk.settings
    proxies = frozenset({*THIS_MACHINE, *settings.web.proxies})
    behind = Starlette(
        routes=[
            *_own_routes(desk, proxies),
            *pages.routes(),
            *people.routes(desk, proxies),
            *console.routes(desk, proxies),
            *more,
        ],
        exception_handlers={
            HTTPException: _Failure(pages).refused,
            PublisherError: _Failure(pages).away,
        },
    )
    return Door(
        Files(desk.public, manners_of(desk), Tallies(desk)),
        rest=behind,
        polls=Polls(settings.web.polls, int(settings.feeds.refresh.total_seconds())),
        moved=moved(settings),
        proxies=proxies,
    )


def start(
    desk: Desk, *, host: str | None = None, port: int | None = None, more: Sequence[BaseRoute] = ()
) -> Listening:
    """Serve the site in a thread of its own; returns when the port is open.

    Args:
        desk: the open site; its store must stay open until the server is stopped.
        host: address to listen on; the config's when left out.
        port: the config's when left out; 0 takes any that is free.
        more: further routes.

    Raises:
        UnreachableError: the port is taken.
    """
    web = desk.settings.web
    return in_thread(application(desk, more), host or web.host, web.port if port is None else port)


class _Failure:
    """Answers where a route gave none."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    async def refused(self, request: Request, error: Exception) -> Response:
        """Say what is wrong with the request: mostly that nothing is at its address."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return response(await run_in_threadpool(self._pages.missing, request))
        allowed = dict(getattr(error, "headers", None) or {})
        pairs = tuple((name.lower().encode(), value.encode()) for name, value in allowed.items())
        return response(Reply(status, (*_PLAIN, *pairs), b"This cannot be done here.\n"))

    async def away(self, _request: Request, error: Exception) -> Response:
        """Say that it cannot be done now; the log has the reason, not the address: it may hold a token."""
        _log.error("a page could not be made", error=str(error))
        return response(Reply(503, (*_PLAIN, (b"retry-after", b"30")), b"Not now; please try again.\n"))


def _own_routes(desk: Desk, proxies: frozenset[str]) -> list[BaseRoute]:
    def healthy(_request: Request) -> Reply:
        return Reply(200, _PLAIN, b"ok\n")

    def ready(_request: Request) -> Reply:
        try:
            with desk.store.read() as tx:
                articles.newest_change(tx)
        except StoreError:
            return Reply(503, (*_PLAIN, (b"retry-after", b"10")), b"the store cannot be reached\n")
        return Reply(200, _PLAIN, b"ready\n")

    def home(_request: Request) -> Reply:
        return Reply(302, ((b"location", b"/feeds/"), (b"cache-control", b"public, max-age=60")))

    return [
        route("/healthz", healthy),
        route("/readyz", ready),
        route("/metrics", Watch(desk, proxies).answer),
        route("/", home),
    ]
