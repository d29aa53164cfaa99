"""A newsroom on disk with config files, readers and a past, and somebody who is signed in at its console."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from lxml import etree

from publisher import passwords
from publisher.feeds.publish import publish
from publisher.model.action import Action
from publisher.model.job import Firing, Mark, Outcome
from publisher.model.report import Kind, Report
from publisher.model.subscriber import Consent, Enrolment
from publisher.settings.load import load
from publisher.store import (
    Store,
    actions,
    articles,
    firings,
    pollcounts,
    reports,
    subscribers,
    suppressions,
)
from publisher.web.app import start
from publisher.work import configs
from publisher.work.desk import Desk
from publisher.work.panels import inforce
from tests import stores
from tests.web.newsroom import MORNING, article_data
from tests.web.people import FORM

OPERATOR, READER = "a password of the operator", "a password of the reader"
PLAIN = {"PUBLISHER_CONSOLE_PASSWORD": OPERATOR, "PUBLISHER_CONSOLE_READER_PASSWORD": READER}
"""As they are, for a hash takes its time and most tests are about something else."""
HASHED = {
    "PUBLISHER_CONSOLE_PASSWORD": passwords.hashed(OPERATOR),
    "PUBLISHER_CONSOLE_READER_PASSWORD": passwords.hashed(READER),
}

SITE = """\
site:
  title: {en: The Courier, vi: Báo Tin}
  url: https://courier.example
  languages: [en, vi]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
  postal_address: 14 Bến Đò, Mường Lưa
sections:
  economy: {title: {en: Economy, vi: Kinh tế}}
  culture: {title: {en: Culture, vi: Văn hoá}}
feeds: {hub: https://hub.example}
digests:
  daily: {title: {en: The Morning, vi: Buổi sáng}}
  weekly: {title: {en: The Week, vi: Tuần qua}, slot: week}
mail: {sender: news@courier.example}
"""

SCHEDULE = """\
# When things run.
jobs:
  # Feeds.
  publish:
    run: publish
    every: 15m

  # The morning letter; keep it before the buses leave.
  morning:
    run: send daily
    cron: 30 6 * * *   # half past six

  friday:
    run: send weekly
    cron: 0 17 * * fri
"""


@dataclass
class ConsoleSite:
    """The site; its clock only moves when it is told to."""

    folder: Path
    store: Store
    now: datetime = MORNING + timedelta(hours=3)

    @property
    def desk(self) -> Desk:
        """The site as its server has it."""
        settings = load(self.folder, {})
        desk = Desk(site=self.folder, settings=settings, store=self.store, clock=lambda: self.now, env=PLAIN)
        return inforce.up_to_date(desk)

    def file(self, name: str = "schedule") -> Path:
        """Return a config file."""
        return self.folder / "config" / f"{name}.yaml"

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the site; yields its address."""
        listening = start(self.desk, host="127.0.0.1", port=0)
        try:
            yield listening.address
        finally:
            listening.stop()


def make(folder: Path, *, site: str = SITE, schedule: str = SCHEDULE) -> ConsoleSite:
    """Return a new site with one revision of its config and nothing else."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "site.yaml").write_text(site, encoding="utf-8")
    (folder / "config" / "schedule.yaml").write_text(schedule, encoding="utf-8", newline="")
    made = ConsoleSite(folder, stores.make(folder))
    made.now -= timedelta(days=30)
    configs.save(made.desk, schedule=schedule, who="anna on desk1", how="start")
    made.now += timedelta(days=30)
    return made


def with_past(made: ConsoleSite) -> ConsoleSite:
    """Give a site articles, feeds, readers, runs and a log."""
    desk, now = made.desk, made.now
    with made.store.write() as tx:
        for number in range(9, 0, -1):
            articles.add(
                tx,
                article_data(number, pictures=()),
                source="desk",
                keys=[f"n{number}"],
                authority=desk.settings.site.tag_authority,
                now=now,
            )
    publish(made.store, settings=desk.settings, site=made.folder, now=now)
    _readers(made)
    _people(made)
    _runs(made)
    with made.store.write() as tx:
        for hours, what in ((50, "paused edition"), (49, "resumed edition")):
            about = "daily 2026-11-19"
            actions.record(tx, Action(now - timedelta(hours=hours), "anna on desk1", what, about, "typo"))
    return made


def _readers(made: ConsoleSite) -> None:
    with made.store.write() as tx:
        for back in range(20):
            day = f"{made.now - timedelta(days=back):%Y-%m-%d}"
            counts = {("feeds/all.rss", 200): 40 + back * 3, ("feeds/all.rss", 304): 900 - back * 20}
            counts |= {("feeds/culture.atom", 304): 60, ("feeds/culture.atom", 429): back % 3}
            pollcounts.add(tx, day, {key: count for key, count in counts.items() if count})


def _people(made: ConsoleSite) -> None:
    for number in range(24):
        row = Enrolment(
            address=f"reader{number}@example.com",
            digest="daily" if number % 3 else "weekly",
            language=("vi", "en", None)[number % 3],
            sections=("culture",) if number % 5 == 0 else (),
            hour=7 if number % 4 == 0 else None,
            consent=Consent(at=made.now - timedelta(days=number), where="sign-up page", text="Yes, please."),
        )
        with made.store.write() as tx:
            subscribers.take(tx, [row], now=made.now - timedelta(days=number))
    with made.store.write() as tx:
        for number in (3, 4):
            person = subscribers.find(tx, f"reader{number}@example.com")
            assert person is not None
            [one] = subscribers.subscriptions_of(tx, person.id)
            subscribers.end(tx, one.id, now=made.now - timedelta(days=2))
        for number, kind in enumerate((Kind.HARD, Kind.SOFT, Kind.COMPLAINT)):
            reports.add(
                tx,
                f"report {number}",
                Report(kind=kind),
                delivery_id=None,
                address_hash=None,
                now=made.now - timedelta(days=number),
            )
        suppressions.add(tx, "0" * 64, reason="bounced", detail="no such mailbox", now=made.now)


def _runs(made: ConsoleSite) -> None:
    yesterday = MORNING - timedelta(days=1)
    rows = [
        (yesterday, Outcome.DONE, "made daily 2026-11-20 with 9 articles; 22 accepted"),
        (MORNING, Outcome.PROBLEMS, "made daily 2026-11-21 with 9 articles; 21 accepted, 1 failed"),
    ]
    with made.store.write() as tx:
        for name, rule in (
            ("morning", {"run": "send daily", "cron": "30 6 * * *"}),
            ("friday", {"run": "send weekly", "cron": "0 17 * * fri"}),
            ("publish", {"run": "publish", "every": "15m"}),
        ):
            mark = Mark(job=name, planned_to=made.now, since=made.now - timedelta(days=30), rule=rule)
            firings.begin_mark(tx, mark)
        firings.add(
            tx,
            [
                Firing(
                    job="morning",
                    due=due,
                    run="send daily",
                    outcome=outcome,
                    attempts=1,
                    started=due + timedelta(seconds=90),
                    ended=due + timedelta(seconds=102),
                    reason=reason,
                )
                for due, outcome, reason in rows
            ],
        )


class Shown:
    """An answer of the console, read as a browser would."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer, self.status = answer, answer.status_code
        self.tree: Any = etree.fromstring(answer.content or b"<html/>", etree.HTMLParser(encoding="utf-8"))

    @property
    def text(self) -> str:
        """All that is written in its main part."""
        return _written(self.tree.xpath("//main"))

    @property
    def heading(self) -> str:
        """Its first heading."""
        return str(self.tree.xpath("normalize-space(//h1)"))

    def part(self, name: str) -> str:
        """Return what is written in the element of that id, or class."""
        named = "@id=$name or contains(concat(' ', @class, ' '), concat(' ', $name, ' '))"
        return _written(self.tree.xpath(f"//*[{named}]", name=name)[:1])

    def links(self) -> list[str]:
        """Return where the links of its main part lead."""
        return [str(one) for one in self.tree.xpath("//main//a/@href")]

    def fields(self, action: str) -> dict[str, str]:
        """Return what the form that goes there holds."""
        found: dict[str, str] = {}
        for one in self.tree.xpath(
            "//form[@action=$action]//input|//form[@action=$action]//textarea", action=action
        ):
            text = one.get("value") if one.tag == "input" else (one.text or "").removeprefix("\n")
            found[one.get("name")] = text or ""
        return found


_APART = {"dd", "details", "div", "dt", "figcaption", "h2", "h3", "h4", "li", "p", "pre", "span", "td", "th"}


def _written(elements: list[Any]) -> str:
    """Return what stands in elements, blocks apart from each other as they are on the screen."""
    return " ".join("".join(piece for one in elements for piece in _pieces(one)).split())


def _pieces(element: Any) -> Iterator[str]:
    yield " " if element.tag in _APART else ""
    yield element.text or ""
    for one in element:
        yield from _pieces(one)
        yield one.tail or ""
    yield " " if element.tag in _APART else ""


class Console:
    """Somebody at the console over plain HTTP, who keeps its cookies and follows nothing."""

    def __init__(self, address: str, password: str | None = OPERATOR) -> None:
        self.client = httpx.Client(base_url=address, trust_env=False, timeout=120)
        self.client.headers["origin"] = address
        if password:
            shown = self.get("/console/sign-in")
            fields = shown.fields("/console/sign-in")
            assert self.post("/console/sign-in", fields | {"password": password}).status == 303

    def get(self, path: str) -> Shown:
        """Open a page."""
        return Shown(self.client.get(path))

    def post(self, path: str, fields: Mapping[str, str]) -> Shown:
        """Send a form in."""
        body = urlencode(fields).encode()
        return Shown(self.client.post(path, content=body, headers={"content-type": FORM}))

    def send(self, page: Shown, action: str, **fields: str) -> Shown:
        """Fill the form of a page in, and send it."""
        return self.post(action.partition("#")[0], page.fields(action) | fields)


def edited(made: ConsoleSite, schedule: str, who: str = "binh on desk2") -> int:
    """Let somebody else put another schedule into force; return its number."""
    found = configs.save(made.desk, schedule=schedule, who=who, how="file")
    assert not isinstance(found, tuple)
    return found.number
