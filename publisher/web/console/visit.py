"""One request for a page of the console, read and let in; and the replies that pages make."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from hashlib import sha256
from typing import Any
from urllib.parse import quote, urlencode

from publisher.i18n import Words, words
from publisher.model.session import Role
from publisher.settings.schema import Settings
from publisher.templating import Templates, render
from publisher.web.console.told import told
from publisher.web.headers import Header
from publisher.web.people.forms import Form
from publisher.web.reply import Reply
from publisher.work.desk import Desk

ROOT = "/console"
COOKIE, LANGUAGE = "console", "console-language"

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
GUARD: tuple[Header, ...] = (
    # Nothing of the console stays in a browser's cache or in one on the way.
    (b"cache-control", b"no-store"),
    # With no-referrer a browser would send "Origin: null" along with our own forms.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
)
_HTML: tuple[Header, ...] = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", POLICY.encode()),
    (b"x-frame-options", b"DENY"),
    *GUARD,
)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was let in.

    Attributes:
        desk: the site, with the config in force.
        environment: of the templates.
        method: GET or POST; a HEAD is answered as a GET.
        path: as it was asked for, decoded.
        parts: what the address's place holders stand for.
        query: names and values in the address.
        form: of a POST.
        language: of the page.
        role: of who is signed in; None when nobody is.
        token: of the session; empty without one. Never shown.
        is_secure: whether it came over TLS for all we know.
        caller: address that it came from.
        now: when (UTC).
    """

    desk: Desk
    environment: Templates
    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    form: Form
    language: str
    role: Role | None
    token: str = field(repr=False)
    is_secure: bool
    caller: str
    now: datetime

    @property
    def settings(self) -> Settings:
        """The config in force."""
        return self.desk.settings

    @property
    def words(self) -> Words:
        """The words of the page's language, the site's own first."""
        return words(self.language, self.desk.site / "templates")

    def own_name(self, language: str) -> str:
        """Return what a language is called in itself."""
        return words(language).own_name

    @property
    def key(self) -> str:
        """What every form carries in its field ``key``: other sites cannot know it."""
        return form_key(self.token)

    @property
    def can_act(self) -> bool:
        """Whether buttons are of use to whoever looks."""
        return self.role is Role.OPERATOR

    @property
    def who(self) -> str:
        """As the log of who did what names them."""
        return f"console {self.role}"


def form_key(token: str) -> str:
    """Return the key of a session's forms; it opens no session."""
    return hmac.new(token.encode(), b"a form of the console", sha256).hexdigest()[:40]


def page(
    visit: Visit, template: str, /, status: int = 200, *, headers: Iterable[Header] = (), **values: Any
) -> Reply:
    """Return a page.

    Args:
        visit: the request that it answers.
        template: below ``templates/web/``, such as ``console/today.html``. It extends
            ``web/console/base.html`` and has, besides ``values``: visit, words, told, site, zone, now, mark.
        status: of HTTP.
        headers: further ones.
        values: for the template.
    """
    words = visit.words
    html = render(
        visit.environment,
        f"web/{template}",
        visit=visit,
        words=words,
        told=partial(told, words),
        site=visit.settings.site,
        zone=visit.desk.zone,
        now=visit.now,
        mark=mark(visit.environment),
        **values,
    )
    said: Header = (b"content-language", visit.language.encode())
    return Reply(status, (*_HTML, said, *headers), html.encode())


@lru_cache(maxsize=8)
def style(environment: Templates) -> str:
    """Return the style sheet: every ``console/*.css`` after that of the site's own pages."""
    sheets = [name for name in environment.list_templates() if name.startswith("web/console/")]
    names = ["web/style.css", *(name for name in sorted(sheets) if name.endswith(".css"))]
    return "\n".join(render(environment, name) for name in names)


@lru_cache(maxsize=8)
def script(environment: Templates) -> str:
    """Return the only script."""
    return render(environment, "web/console/console.js")


def mark(environment: Templates) -> str:
    """Return what the addresses of both carry, so that a browser may keep them until they change."""
    return sha256((style(environment) + script(environment)).encode()).hexdigest()[:12]


def to(path: str, query: Mapping[str, str] | None = None, *, headers: Iterable[Header] = ()) -> Reply:
    """Return the way on after an action: the browser asks for that page, and a reload does nothing again.

    Args:
        path: below ``/console``, such as ``/editions``.
        query: goes with it.
        headers: further ones.
    """
    place = quote(f"{ROOT}{path}", safe="/~@") + (f"?{urlencode(query)}" if query else "")
    return Reply(303, ((b"location", place.encode()), *GUARD, *headers))


def missing(visit: Visit) -> Reply:
    """Return the page that says that there is nothing at this address."""
    return page(visit, "console/missing.html", 404)


def cookie(visit: Visit, name: str, value: str, *, seconds: int | None = None) -> Header:
    """Return the header that gives the browser a cookie, for the console alone and for no script.

    Args:
        visit: the request.
        name: of the cookie.
        value: of it.
        seconds: for how long; until the browser is closed when left out, 0 takes it away.
    """
    parts = [f"{name}={value}", f"Path={ROOT}/", "HttpOnly", "SameSite=Strict"]
    parts += ["Secure"] if visit.is_secure else []
    parts += [f"Max-Age={seconds}"] if seconds is not None else []
    return (b"set-cookie", "; ".join(parts).encode())
