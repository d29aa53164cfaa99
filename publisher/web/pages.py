"""Pages made when they are asked for: articles not written yet, editions, and what to say instead."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from publisher.i18n import words
from publisher.model.article import Article
from publisher.model.slot import day_of
from publisher.model.variant import FeedLink, web_version
from publisher.settings.schema import wording
from publisher.store import articles, editions
from publisher.templating import Templates, render, templates
from publisher.web import headers
from publisher.web.conditional import http_date, http_seconds, listed, not_modified_since
from publisher.web.headers import Manners
from publisher.web.reply import Reply
from publisher.work.desk import Desk
from publisher.work.reading import article_page, message_page, own_address, page_path
from publisher.work.webpages import announced

Answer = Callable[[Request], Reply]
"""Answers a request, in a thread: it may ask the store."""

LISTED_EDITIONS = 500


@dataclass(frozen=True, slots=True)
class Pages:
    """Answers with pages of one site."""

    desk: Desk
    environment: Templates

    @classmethod
    def of(cls, desk: Desk) -> "Pages":
        """Return the pages of an open site."""
        return cls(desk, templates(desk.site / "templates"))

    def routes(self) -> list[Route]:
        """Return the addresses that they answer."""
        return [
            route("/articles/{id}", self.article),
            route("/articles/{id}/", self.article),
            route("/editions/{digest}", self.editions),
            route("/editions/{digest}/", self.editions),
            route("/editions/{digest}/{slot}", self.edition),
        ]

    def article(self, request: Request) -> Reply:
        """Answer with a reading page, with where the article really is, or with 410 when it was withdrawn."""
        with self.desk.store.read() as tx:
            found = articles.get(tx, request.path_params["id"])
        if found is None or found.date > self.desk.clock():
            return self.missing(request)
        if found.withdrawn:
            return self.message(
                request, 410, "Withdrawn", "The newsroom has taken this article back.", found.language
            )
        if found.url:
            return Reply(308, ((b"location", own_address(found.url).encode()),))
        return self._reading_page(request, found)

    def edition(self, request: Request) -> Reply:
        """Answer with the web version of an edition: the same for everyone, nobody's links in it."""
        digest, slot = request.path_params["digest"], request.path_params["slot"]
        with self.desk.store.read() as tx:
            found = editions.get(tx, digest, slot)
        if found is None:
            return self.missing(request)
        links = [
            FeedLink(self.desk.settings.site.url + one.path, one.media_type, one.title)
            for one in announced(self.desk.settings, found.content.language)
        ]
        body = web_version(found.content, links).encode()
        return conditional(request, self._whole("editions/x.html", body, int(found.made.timestamp())))

    def editions(self, request: Request) -> Reply:
        """Answer with the list of a digest's editions, the latest first."""
        key, settings = request.path_params["digest"], self.desk.settings
        digest = settings.digests.get(key)
        if digest is None:
            return self.missing(request)
        language = (digest.languages or settings.site.languages)[0]
        said = words(language, self.desk.site / "templates")
        with self.desk.store.read() as tx:
            made = editions.listed(tx, digest=key, limit=LISTED_EDITIONS, made_only=True)
        body = render(
            self.environment,
            "web/editions.html",
            words=said,
            site=settings.site,
            discovery=announced(settings, language),
            title=wording(digest.title, language),
            subscribe=None,
            editions=[
                {
                    "address": f"/editions/{key}/{one.slot}",
                    "date": said.date(day_of(one.slot)),
                    "subject": one.subject,
                }
                for one in made
            ],
        ).encode()
        newest = max((int(one.made.timestamp()) for one in made), default=0)
        return conditional(request, self._whole("editions/index.html", body, newest))

    def missing(self, request: Request) -> Reply:
        """Answer that there is nothing at this address."""
        return self.message(request, 404, "Nothing is here", "There is no page at this address.")

    def message(
        self, request: Request, status: int, title: str, text: str, language: str | None = None
    ) -> Reply:
        """Answer with a page that says one thing, in the given or the reader's preferred language."""
        said = language or preferred(request, self.desk.settings.site.languages)
        page = message_page(
            self.desk.settings, self.environment, title, text, language=said, own=self.desk.site / "templates"
        )
        pairs = (
            (b"content-type", b"text/html; charset=utf-8"),
            (b"cache-control", b"public, max-age=60"),
            (b"vary", b"Accept-Language"),
            (b"x-content-type-options", b"nosniff"),
        )
        return Reply(status, (*pairs, *headers.SECURITY), page)

    def _reading_page(self, request: Request, found: Article) -> Reply:
        own = self.desk.site / "templates"
        body = article_page(found, self.desk.settings, self.environment, own)
        return conditional(request, self._whole(page_path(found.id), body, int(found.modified.timestamp())))

    def _whole(self, path: str, body: bytes, modified: int) -> Reply:
        """Return the same answer as the file of that path would give in its plain coding."""
        manners = manners_of(self.desk)
        validators = (
            (b"etag", f'"{sha256(body).hexdigest()[:32]}"'.encode()),
            (b"last-modified", http_date(modified).encode()),
        )
        return Reply(
            200, (*validators, *headers.kept(path, manners), *headers.described(path, manners)), body
        )


def route(path: str, answer: Answer, methods: tuple[str, ...] = ("GET",)) -> Route:
    """Return a route whose answers are made in a thread."""

    async def endpoint(request: Request) -> Response:
        return response(await run_in_threadpool(answer, request))

    return Route(path, endpoint, methods=list(methods))


def response(reply: Reply) -> Response:
    """Return an answer in Starlette's form; its headers stay as they are."""
    made = Response(reply.body, status_code=reply.status)
    made.raw_headers = [
        *reply.headers,
        *(pair for pair in made.raw_headers if pair[0] == b"content-length"),
    ]
    return made


def conditional(request: Request, whole: Reply) -> Reply:
    """Return 304 in place of the whole answer where the reader has it."""
    said = dict(whole.headers)
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is not None:
        tag = said[b"etag"].decode().strip('"')
        same = listed(if_none_match, (tag,), (tag,)) is not None
    else:
        since = request.headers.get("if-modified-since")
        modified = http_seconds(said[b"last-modified"].decode())
        same = since is not None and modified is not None and not_modified_since(since, modified)
    if not same:
        return whole
    kept = {b"etag", b"last-modified", b"cache-control", b"vary", b"access-control-allow-origin"}
    return Reply(304, tuple(pair for pair in whole.headers if pair[0] in kept))


def manners_of(desk: Desk) -> Manners:
    """Return what the config says about answers."""
    site, feeds = desk.settings.site, desk.settings.feeds
    return Manners(site.url, int(feeds.refresh.total_seconds()), feeds.hub)


def preferred(request: Request, languages: tuple[str, ...]) -> str:
    """Return the site's language that the reader names first, else the site's first."""
    for part in request.headers.get("accept-language", "").split(","):
        wanted = part.split(";")[0].strip().lower()
        for language in languages:
            if wanted and (
                wanted == language.lower() or wanted.split("-")[0] == language.lower().split("-")[0]
            ):
                return language
    return languages[0]
