"""One request for a subscriber's page, and the page that answers it."""

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

from publisher.i18n import Words, words
from publisher.settings.look import Look
from publisher.settings.schema import Settings
from publisher.templating import Templates, render, templates
from publisher.web.headers import Header
from publisher.web.pages import preferred
from publisher.web.people.forms import Form
from publisher.web.polls import caller
from publisher.web.reply import Reply
from publisher.work.desk import Desk

_PLAIN = Look()
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, read.

    Attributes:
        method: GET or POST; a HEAD is answered as a GET.
        token: from the address; empty on a page without one.
        wanted: language that the address names, if the site has it.
        accepted: the site's language that the browser likes best.
        query: names and values in the address.
        form: of a POST.
        caller: address that it came from.
        foreign: whether a page of another site sent it (Fetch Metadata).
        now: when (UTC).
    """

    method: str
    token: str
    wanted: str | None
    accepted: str
    query: dict[str, str]
    form: Form
    caller: str
    foreign: bool
    now: datetime

    def language(self, own: str | None = None) -> str:
        """Return the page's language: as its address says, as the letters are, or as the browser asks."""
        return self.wanted or own or self.accepted


@dataclass(frozen=True, slots=True)
class Rooms:
    """What the pages of one site are made with."""

    desk: Desk
    environment: Templates
    proxies: frozenset[str]

    @classmethod
    def of(cls, desk: Desk, proxies: frozenset[str]) -> "Rooms":
        """Return those of an open site.

        Args:
            desk: the open site.
            proxies: addresses whose X-Forwarded-For is believed.
        """
        return cls(desk, templates(desk.site / "templates"), proxies)

    @property
    def settings(self) -> Settings:
        """The config."""
        return self.desk.settings

    def visit(self, request: Request, form: Form) -> Visit:
        """Return what a request says."""
        languages = self.settings.site.languages
        wanted = request.query_params.get("lang")
        return Visit(
            method="POST" if request.method == "POST" else "GET",
            token=request.path_params.get("token", ""),
            wanted=wanted if wanted in languages else None,
            accepted=preferred(request, languages),
            query=dict(request.query_params),
            form=form,
            caller=caller(
                request.client.host if request.client else None,
                request.headers.get("x-forwarded-for"),
                self.proxies,
            ),
            foreign=request.headers.get("sec-fetch-site") == "cross-site",
            now=self.desk.clock(),
        )

    def words(self, language: str) -> Words:
        """Return a language's words, the site's own first."""
        return words(language, self._own)

    def page(
        self,
        visit: Visit,
        name: str,
        language: str,
        *,
        status: int = 200,
        more: Iterable[Header] = (),
        **values: Any,
    ) -> Reply:
        """Return a page.

        Args:
            visit: the request that it answers.
            name: of its template below ``web/people/``.
            language: of its words.
            status: of HTTP.
            more: further headers.
            values: for the template.
        """
        html = render(
            self.environment,
            f"web/people/{name}.html",
            words=self.words(language),
            site=self.settings.site,
            look=_look(self.settings),
            discovery=(),
            others=self._others(visit, language),
            is_private=bool(visit.token),
            root="../" if visit.token else "",
            query=f"?lang={visit.wanted}" if visit.wanted else "",
            **values,
        )
        said = Reply(status, (*_headers(html, self.settings, language), *more), html.encode())
        return replace(said, headers=(*said.headers, NOINDEX)) if visit.token or status != 200 else said

    def unknown(self, visit: Visit) -> Reply:
        """Return the page for a token that nobody has, or that is of no use any more."""
        return self.page(visit, "unknown", visit.language(), status=404)

    def _others(self, visit: Visit, language: str) -> list[tuple[str, str, str]]:
        """Return name, tag and address of this page in the site's other languages."""
        kept = {name: value for name, value in visit.query.items() if name in {"digest", "all"}}
        return [
            (self.words(one).own_name, one, f"?{urlencode(kept | {'lang': one})}")
            for one in self.settings.site.languages
            if one != language
        ]

    @property
    def _own(self) -> Path:
        return self.desk.site / "templates"


def _look(settings: Settings) -> Look | None:
    """Return the look that the newsroom gave its letters, those of the first; None when it gave them none."""
    look = next((rule.look for rule in settings.digests.values()), _PLAIN)
    seen = ("logo", "tagline", "footer")
    own = look.model_dump(exclude=set(seen)) != _PLAIN.model_dump(exclude=set(seen))
    return look if own else None


NOINDEX: Header = (b"x-robots-tag", b"noindex, nofollow")


def mark(text: str) -> str:
    """Return by what a form names the words that it showed: no others are kept as what was agreed to."""
    return sha256(text.encode()).hexdigest()[:16]


def _headers(html: str, settings: Settings, language: str) -> list[Header]:
    return [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-language", language.encode()),
        # What a link with a token shows is for one person, and the form holds the time.
        (b"cache-control", b"no-store"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", _policy(html, settings.site.icon).encode()),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-content-type-options", b"nosniff"),
    ]


def _policy(html: str, icon: str | None) -> str:
    """Return what the page may do: show its own style block and its icon, and send its form home."""
    hashes = [base64.b64encode(sha256(style.encode()).digest()).decode() for style in _STYLE.findall(html)]
    styles = " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
    parts = urlsplit(icon or "")
    pictures = f"data: {parts.scheme}://{parts.netloc}" if icon else "data:"
    return (
        f"default-src 'none'; style-src {styles}; img-src {pictures}; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
