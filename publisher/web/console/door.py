"""The door of the console: who may pass, and with what.

In this order: the address names a host of ours, the caller may see the console at all, somebody is signed in,
their role is enough, and a form is small, came from one of our pages and carries its key.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.model.session import Role, Session
from publisher.settings.schema import Settings
from publisher.templating import Templates, templates
from publisher.web.console.address import Address
from publisher.web.console.visit import COOKIE, GUARD, LANGUAGE, ROOT, Visit, form_key, missing, page, to
from publisher.web.headers import Header
from publisher.web.pages import preferred, response
from publisher.web.people.forms import Form
from publisher.web.polls import caller
from publisher.web.reply import Reply
from publisher.work import signin
from publisher.work.desk import Desk
from publisher.work.panels import inforce

__all__ = ["Porter", "missing"]

SECONDS_FOR_A_BODY = 15
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_FIELDS = 500
_PLAIN: tuple[Header, ...] = ((b"content-type", b"text/plain; charset=utf-8"), *GUARD)
_CLOSE: Header = (b"connection", b"close")
_NOT_OURS = Reply(421, _PLAIN, b"No console is served under this name; see web.console_hosts.\n")
_NOT_HERE = Reply(404, _PLAIN, b"There is no page at this address.\n")
_TOO_LARGE = Reply(413, (*_PLAIN, _CLOSE), b"This is too large for a form.\n")
_TOO_SLOW = Reply(408, (*_PLAIN, _CLOSE), b"The form did not arrive in time.\n")
_SIGNED_OUT = Reply(401, _PLAIN, b"Nobody is signed in any more.\n")
_NO_FORM = Reply(415, _PLAIN, b"This is no form.\n")
_METHODS = ["GET", "HEAD", "POST"]


@dataclass(frozen=True, slots=True)
class Porter:
    """Stands at the door of one site's console."""

    desk: Desk
    environment: Templates
    proxies: frozenset[str]

    @classmethod
    def of(cls, desk: Desk, proxies: frozenset[str]) -> "Porter":
        """Return the one of an open site.

        Args:
            desk: the open site.
            proxies: addresses whose X-Forwarded-For is believed.
        """
        return cls(desk, templates(desk.site / "templates"), proxies)

    def route(self, address: Address) -> Route:
        """Return the route of an address."""

        async def endpoint(request: Request) -> Response:
            refused = self._stranger(request)
            if refused is not None:
                return response(refused)
            form: Form | Reply = Form()
            if request.method == "POST":
                form = await _form(request, address.largest)
            if isinstance(form, Reply):
                return response(form)
            return response(await run_in_threadpool(self._answer, address, request, form))

        return Route(ROOT + address.path, endpoint, methods=_METHODS)

    def bare(self) -> Route:
        """Return the route of the console's address without its slash."""

        async def endpoint(request: Request) -> Response:
            return response(self._stranger(request) or to("/"))

        return Route(ROOT, endpoint, methods=["GET", "HEAD"])

    def _answer(self, address: Address, request: Request, form: Form) -> Reply:
        token = request.cookies.get(COOKIE, "")
        kept = signin.kept_passwords(self.desk.env)
        session = signin.who_is(self.desk, token, is_visit=address.is_visit) if kept else None
        visit = self._visit(request, form, session, token if session else "")
        if not kept and address.role is not None:
            return page(visit, "console/closed.html", 403)
        is_post = request.method == "POST"
        needed = address.acts if is_post else address.role
        if needed is not None and session is None:
            if not address.is_visit:
                return _SIGNED_OUT
            return to("/sign-in", None if is_post else _next(request))
        if needed is Role.OPERATOR and not visit.can_act:
            return page(visit, "console/refused.html", 403, reason="role")
        if not is_post:
            return address.get(visit)
        if address.post is None:
            return Reply(405, ((b"allow", b"GET, HEAD"), *_PLAIN), b"Nothing can be done here.\n")
        if not self._is_own(request) or (visit.role is not None and not _has_key(visit)):
            return page(visit, "console/refused.html", 403, reason="form")
        return address.post(visit)

    def _visit(self, request: Request, form: Form, session: Session | None, token: str) -> Visit:
        languages = self.desk.settings.site.languages
        wanted = [request.query_params.get("lang"), request.cookies.get(LANGUAGE)]
        return Visit(
            # Whoever has just saved an edit sees it, before this process has followed it.
            desk=inforce.up_to_date(self.desk) if session else self.desk,
            environment=self.environment,
            method="POST" if request.method == "POST" else "GET",
            path=request.scope["path"],
            parts=dict(request.path_params),
            query=dict(request.query_params),
            form=form,
            language=next((one for one in wanted if one in languages), None) or preferred(request, languages),
            role=session.role if session else None,
            token=token,
            is_secure=self._is_secure(request),
            caller=self._caller(request),
            now=self.desk.clock(),
        )

    def _stranger(self, request: Request) -> Reply | None:
        """Return the answer to a request that is none of the console's business; None to one that may be."""
        settings = self.desk.settings
        if settings.web.console == "off":
            return _NOT_HERE
        host = _named(request)
        if settings.web.console == "local":
            local = signin.network(self._caller(request)) == signin.HERE and host in _LOOPBACK
            return None if local else _NOT_HERE
        return None if host in hosts(settings) else _NOT_OURS

    def _caller(self, request: Request) -> str:
        return caller(
            request.client.host if request.client else None,
            request.headers.get("x-forwarded-for"),
            self.proxies,
        )

    def _is_secure(self, request: Request) -> bool:
        peer = request.client.host if request.client else None
        if (peer is None or peer in self.proxies) and "x-forwarded-proto" in request.headers:
            return request.headers["x-forwarded-proto"].strip().lower() == "https"
        site = urlsplit(self.desk.settings.site.url)
        return site.scheme == "https" and _named(request) == site.hostname

    def _is_own(self, request: Request) -> bool:
        """Return whether a form came from a page of ours, by what browsers say and pages cannot change.

        Sec-Fetch-Site is sent to hosts with TLS and to this machine, Origin to all.
        """
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site is not None and site not in {"same-origin", "none"}:
            return False
        if origin is not None:
            return _netloc(origin) == request.headers.get("host", "").lower() != "" or (
                # A proxy that passes the name on may leave the port out.
                "x-forwarded-for" in request.headers and _host(_netloc(origin)) == _named(request) != ""
            )
        return site is not None


def hosts(settings: Settings) -> frozenset[str]:
    """Return the names under which the console answers when it is open to other machines."""
    named = {urlsplit(settings.site.url).hostname or "", settings.web.host, *settings.web.console_hosts}
    return _LOOPBACK | {one.lower() for one in named if one not in {"", "0.0.0.0", "::"}}  # noqa: S104


def _named(request: Request) -> str:
    return _host(request.headers.get("host", ""))


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _host(header: str) -> str:
    """Return the name in a Host header, without its port; empty when it is none."""
    try:
        found = urlsplit(f"//{header}")
        return found.hostname or "" if found.netloc == header and "@" not in header else ""
    except ValueError:
        return ""


def _next(request: Request) -> Mapping[str, str]:
    path = request.scope["path"]
    return {} if path == f"{ROOT}/" else {"next": path}


def _has_key(visit: Visit) -> bool:
    return compare_digest(visit.form.one("key").encode(), form_key(visit.token).encode())


async def _form(request: Request, largest: int) -> Form | Reply:
    """Read the body, no more of it than the form may have, and no longer than somebody honest needs."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return _NO_FORM
    body = bytearray()
    try:
        async with asyncio.timeout(SECONDS_FOR_A_BODY):
            async for piece in request.stream():
                body += piece
                if len(body) > largest:
                    return _TOO_LARGE
    except (TimeoutError, ClientDisconnect):
        return _TOO_SLOW
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        return _NO_FORM
    fields: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        fields[name] = (*fields.get(name, ()), value)
    return Form(fields)
