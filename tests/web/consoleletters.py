"""Editions on record for the console's tests, and a newsroom in which every outsider is up to no good."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from publisher.model.revision import Follower
from publisher.model.slot import Slot
from publisher.model.subscriber import Consent, Enrolment
from publisher.store import Transaction, articles, configs, subscribers
from publisher.store.tables import article, delivery, feed, firing, report, signup, subscriber
from publisher.work import tasks
from tests.web.consolesite import ConsoleSite
from tests.web.newsroom import MORNING, article_data

SLOT = "2026-11-21"
NEXT_SLOT = "2026-11-22"
EVIL = "\"'><img src=x onerror=alert(1)><script>alert(2)</script>{{1234*4321}}"


def with_letters(made: ConsoleSite, people: int = 6, hour: int | None = None) -> ConsoleSite:
    """Make today's letter and send it to the outbox; whoever chose an hour waits for it."""
    with made.store.write() as tx:
        for number in range(9, 0, -1):
            _article(tx, made, number)
        for number in range(people):
            row = Enrolment(
                address=f"lan{number}@example.com",
                digest="daily",
                hour=hour if number % 2 else None,
                consent=Consent(at=MORNING - timedelta(days=40), where="form", text="Yes."),
            )
            subscribers.take(tx, [row], now=MORNING - timedelta(days=40))
    send(made)
    return made


def send(made: ConsoleSite) -> None:
    """Make the edition of the morning, at the site's time, and send what is due."""
    tasks.send(made.desk, "daily", Slot(SLOT, MORNING))


def states(made: ConsoleSite, *names: str) -> None:
    """Let the first deliveries stand in these states."""
    with made.store.write() as tx:
        for number, name in enumerate(names, start=1):
            tx.execute(update(delivery).where(delivery.c.subscription_id == number).values(state=name))


def turn_evil(made: ConsoleSite) -> ConsoleSite:
    """Write HTML into every field that an outsider can fill, past every check on the way in."""
    with made.store.write() as tx:
        two = delivery.c.subscription_id <= 2
        tx.execute(update(delivery).where(two).values(reason=EVIL, address=f"{EVIL}@example.com"))
        tx.execute(update(article).values(title=EVIL, lede=EVIL))
        tx.execute(update(subscriber).where(subscriber.c.id == 1).values(address=f"{EVIL}@example.com"))
        tx.execute(update(report).values(detail=EVIL))
        tx.execute(update(signup).values(address=EVIL, reason=EVIL, network=EVIL[:50]))
        tx.execute(update(firing).values(reason=EVIL))
        tx.execute(update(feed).values(problems=[EVIL]))
        configs.say(tx, "evil", Follower(host=EVIL, revision=None, at=made.now, error=EVIL, note=EVIL))
    return made


def _article(tx: Transaction, made: ConsoleSite, number: int, **values: Any) -> None:
    articles.add(
        tx,
        article_data(number, **values),
        source="letters",
        keys=[f"l{number}"],
        authority="courier.example,2026",
        now=made.now,
    )
