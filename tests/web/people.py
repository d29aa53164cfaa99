"""A newsroom with letters, and somebody who uses its pages over a plain HTTP connection."""

import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlencode

import httpx
from lxml import etree

from publisher.model.subscriber import Consent, Enrolment, Subscription
from publisher.store import subscribers
from publisher.store.tables import metadata
from publisher.work import tasks
from tests.web.newsroom import MORNING, Newsroom

LETTERS: dict[str, Any] = {
    "digests": {
        "daily": {"title": {"en": "The Morning", "vi": "Buổi sáng"}},
        "weekly": {
            "title": {"en": "The Week", "vi": "Tuần qua"},
            "slot": "week",
            "languages": ["vi"],
            "sections": [{"section": "culture"}],
        },
        "draft": {"title": {"en": "Not sent yet"}},
    },
    "jobs": {
        "morning": {"run": "send daily", "cron": "30 6 * * *"},
        "friday": {"run": "send weekly", "cron": "0 17 * * fri"},
        "later": {"run": "send draft", "cron": "0 9 * * *", "enabled": False},
        "pull": {"run": "pull", "every": "15m"},
    },
}
OFFERED: dict[str, Any] = {
    "digests": LETTERS["digests"]
    | {"daily": LETTERS["digests"]["daily"] | {"frequencies": ["each", "weekly"], "week_day": "fri"}}
}
"""The daily letter may be had once a week."""
FORM = "application/x-www-form-urlencoded"
AGREED = Consent(at=MORNING - timedelta(days=60), where="paper form", text="Yes.")


@dataclass
class Page:
    """An answer, read as a browser would."""

    answer: httpx.Response
    tree: Any = field(init=False)

    def __post_init__(self) -> None:
        self.tree = etree.fromstring(self.answer.content, etree.HTMLParser(encoding="utf-8"))

    @property
    def status(self) -> int:
        return self.answer.status_code

    @property
    def heading(self) -> str:
        return str(self.tree.xpath("normalize-space(//h1)"))

    @property
    def text(self) -> str:
        return str(self.tree.xpath("normalize-space(//main)"))

    @property
    def language(self) -> str:
        return str(self.tree.get("lang"))

    def hidden(self) -> dict[str, str]:
        """Return what the form sends along by itself."""
        return {one.get("name"): one.get("value") for one in self.tree.xpath('//input[@type="hidden"]')}

    def value(self, name: str) -> str:
        return str(self.tree.xpath(f'string(//*[@name="{name}"]/@value)'))

    def ticked(self, name: str) -> list[str]:
        return [str(one) for one in self.tree.xpath(f'//input[@name="{name}"][@checked]/@value')]

    def picked(self, name: str) -> str:
        return str(self.tree.xpath(f'string(//select[@name="{name}"]//option[@selected]/@value)'))

    def buttons(self) -> list[tuple[str, str]]:
        """Return name and value of each button."""
        return [(one.get("name", ""), one.get("value", "")) for one in self.tree.xpath("//button")]


class Reader:
    """Somebody with a client that keeps no cookies and follows nothing."""

    def __init__(self, newsroom: Newsroom, client: httpx.Client) -> None:
        self.newsroom, self.client = newsroom, client
        self._came: list[Path] = []

    def get(self, path: str, **headers: str) -> Page:
        return Page(self.client.get(path, headers=headers))

    def post(self, path: str, fields: Any = (), **headers: str) -> Page:
        content = urlencode(list(fields.items()) if isinstance(fields, dict) else fields, doseq=True)
        return Page(
            self.client.post(path, content=content.encode(), headers={"content-type": FORM} | headers)
        )

    def ask(self, address: Any = "lan@example.com", **fields: Any) -> Page:
        """Open the form, look at it for some seconds, send it in; a field may be given under any name.

        ``query``, ``seconds`` and ``headers`` are no fields.
        """
        query, headers = fields.pop("query", ""), fields.pop("headers", {})
        shown = self.get(f"/subscribe{query}")
        self.newsroom.now += timedelta(seconds=fields.pop("seconds", 5))
        sent = {"digest": "daily", "address": address, "homepage": ""} | shown.hidden() | fields
        return self.post(f"/subscribe{query}", sent, **headers)

    def mails(self, count: int) -> list[EmailMessage]:
        """Wait until so many mails lie in the outbox and return them in order of their subjects' arrival."""
        until = monotonic() + 120
        while len(found := self.outbox()) < count and monotonic() < until:
            sleep(0.02)
        assert len(found) == count
        return found

    def outbox(self) -> list[EmailMessage]:
        # Files that came one soon after the other may bear the same time; what was seen before came before.
        folder = self.newsroom.site / "var" / "outbox" / "new"
        for file in sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime_ns):
            if file not in self._came:
                self._came.append(file)
        return [read(file) for file in self._came if file.exists()]

    def confirmation(self, count: int = 1) -> str:
        """Return the address of the button in the last of so many mails, without the site."""
        return link(self.mails(count)[-1], "confirm")

    def subscribed(self, address: str = "lan@example.com") -> dict[str, Subscription]:
        """Return what somebody gets, by digest."""
        with self.newsroom.store.read() as tx:
            person = subscribers.find(tx, address)
            mine = subscribers.subscriptions_of(tx, person.id) if person else []
        return {one.digest: one for one in mine if one.active}

    def token(self, purpose: Any, address: str = "lan@example.com", digest: str = "daily") -> str:
        with self.newsroom.store.read() as tx:
            person = subscribers.find(tx, address)
            assert person is not None
            mine = {one.digest: one.id for one in subscribers.subscriptions_of(tx, person.id)}
        return tasks.tokens(self.newsroom.desk).make(purpose, mine[digest])


def read(file: Path) -> EmailMessage:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def link(message: EmailMessage, room: str) -> str:
    found = re.search(rf"https://courier\.example(/{room}/[a-z2-7]{{24}})\b", part(message, "plain"))
    assert found is not None
    return found[1]


def stored(newsroom: Newsroom) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of the store."""
    with newsroom.store.read() as tx:
        return {
            table.name: sorted((tuple(row) for row in tx.execute(table.select())), key=repr)
            for table in metadata.sorted_tables
        }


def enrol(newsroom: Newsroom, address: str = "lan@example.com", **values: Any) -> None:
    """Subscribe somebody as an import would."""
    plain: dict[str, Any] = {"address": address, "digest": "daily", "consent": AGREED}
    row = Enrolment(**plain | values)
    with newsroom.store.write() as tx:
        subscribers.take(tx, [row], now=newsroom.now - timedelta(days=30))


@contextmanager
def reading(newsroom: Newsroom, **changes: Any) -> Iterator[Reader]:
    """Serve the newsroom with its letters."""
    newsroom.configure(**LETTERS | changes)
    with newsroom.serving() as client:
        yield Reader(newsroom, client)
