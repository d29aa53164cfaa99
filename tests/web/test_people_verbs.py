"""Many at once, on each database: limits hold, a confirmation counts once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from publisher.cli.common import Session
from publisher.cli.subscribers import _all_about
from publisher.model.signup import Choice, Wish
from publisher.store import Store, signups, subscribers
from publisher.store.tables import signup
from publisher.work import people, tasks
from publisher.work.desk import Desk
from tests.delivery.bureau import MORNING, settings


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """A site that takes five sign-ups from a network."""
    config = settings()
    config = config.model_copy(update={"web": config.web.model_copy(update={"sign_ups": 5})})
    return Desk(site=tmp_path, settings=config, store=store, clock=lambda: MORNING)


def wish(address: str) -> Wish:
    return Wish(address=address, language="en", choices=(Choice(digest="daily"),), where="here", text="Yes.")


def at_once(count: int, what: Callable[[int], Any]) -> list[Any]:
    with ThreadPoolExecutor(8) as threads:
        return list(threads.map(what, range(count)))


def rows(desk: Desk) -> list[Any]:
    with desk.store.read() as tx:
        return list(tx.execute(signup.select()))


def test_a_network_finds_no_more_room_by_coming_all_at_once(desk: Desk) -> None:
    taken = at_once(
        20, lambda number: people.sign_up(desk, wish(f"r{number}@example.com"), caller="203.0.113.9")
    )

    assert taken.count(True) == len(rows(desk)) == 5


def test_an_address_gets_one_mail_however_often_at_once(desk: Desk) -> None:
    at_once(20, lambda number: people.sign_up(desk, wish("lan@example.com"), caller=f"198.51.{number}.1"))

    assert len(rows(desk)) == 1


def test_a_confirmation_counts_once(desk: Desk) -> None:
    people.sign_up(desk, wish("lan@example.com"), caller="203.0.113.9")
    token = tasks.tokens(desk).make("confirm", rows(desk)[0].id)
    found = at_once(16, lambda _number: people.confirm(desk, token))

    assert len({one[1].own.id for one in found if one}) == 1
    assert None not in found
    with desk.store.read() as tx:
        assert subscribers.counts(tx) == {"daily": 1}


def test_leaving_and_coming_back_at_once_ends_in_order(desk: Desk) -> None:
    people.sign_up(desk, wish("lan@example.com"), caller="203.0.113.9")
    confirmed = people.confirm(desk, tasks.tokens(desk).make("confirm", rows(desk)[0].id))
    assert confirmed is not None
    token = tasks.tokens(desk).make("unsubscribe", confirmed[1].own.id)

    def do(number: int) -> object:
        if number % 2:
            return people.unsubscribe(desk, token)
        return people.resubscribe(desk, token, ["daily"], where="here", text="Again.")

    at_once(12, do)
    left = people.unsubscribe(desk, token)
    assert left is not None
    assert left.active == ()
    assert left.returnable == ("daily",)


def test_whatever_waits_is_part_of_what_is_kept_about_somebody(desk: Desk) -> None:
    people.sign_up(desk, wish("lan@example.com"), caller="203.0.113.9")
    session = Session(desk.site, lambda _site, *, create=True, lenient=False: desk, desk.clock)
    known = _all_about(session, "LAN@example.com")

    assert known["subscriptions"] == []
    assert known["sign_up"]["wish"]["address"] == "lan@example.com"
    assert known["sign_up"]["confirmed"] is None


def test_a_number_is_never_given_out_again(desk: Desk) -> None:
    """Or an old mail's button would confirm what somebody else has asked for."""
    people.sign_up(desk, wish("lan@example.com"), caller="203.0.113.9")
    first = rows(desk)[0].id
    with desk.store.write() as tx:
        signups.forget(tx, rows(desk)[0].address_hash)
    people.sign_up(desk, wish("thu@example.com"), caller="203.0.113.9")

    assert rows(desk)[0].id > first
