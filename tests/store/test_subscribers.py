"""People: brought in once, their later word wins, and whoever is erased stays away."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from publisher import addresses
from publisher.model.delivery import State
from publisher.model.subscriber import Consent, Enrolment
from publisher.store import Store, deliveries, subscribers, suppressions
from publisher.store.subscribers import Taken
from tests.delivery.bureau import AGREED, MORNING, enrol, make_edition, reader, settings

NOW = MORNING


def take(store: Store, *people: Enrolment, **options: bool) -> Taken:
    with store.write() as tx:
        return subscribers.take(tx, people, now=NOW, **options)


def everybody(store: Store) -> list[tuple[str, str, bool]]:
    with store.read() as tx:
        return [(one.address, choice.digest, choice.active) for one, choice in subscribers.each(tx)]


def test_people_come_in_once(store: Store) -> None:
    people = [reader(number, sections=("economy",), hour=6) for number in range(5)]

    first, second = take(store, *people), take(store, *people)

    assert (first, second) == (Taken(new=5), Taken(unchanged=5))
    with store.read() as tx:
        person, choice = next(iter(subscribers.each(tx)))
        assert subscribers.find(tx, "READER0@EXAMPLE.COM") == person
        assert subscribers.of_subscription(tx, choice.id) == (person, choice)
        assert subscribers.counts(tx) == {"daily": 5}
    assert (choice.sections, choice.hour, choice.consent) == (("economy",), 6, AGREED)


def test_spellings_of_one_mailbox_are_one_person(store: Store) -> None:
    taken = take(store, reader(1), reader(0, address="Reader1@Example.com"), reader(1, digest="weekly"))

    assert taken == Taken(new=2, unchanged=1)
    assert everybody(store) == [
        ("reader1@example.com", "daily", True),
        ("reader1@example.com", "weekly", True),
    ]


def test_an_old_file_does_not_undo_what_people_chose_since(store: Store) -> None:
    take(store, reader(1, hour=6))
    with store.write() as tx:
        _, choice = next(iter(subscribers.each(tx)))
        subscribers.choose(tx, choice, sections=["culture"], hour=8, frequency="each", now=NOW)
        assert subscribers.end(tx, choice.id, now=NOW)
        assert not subscribers.end(tx, choice.id, now=NOW)

    assert take(store, reader(1, hour=6)) == Taken(unchanged=1)

    assert everybody(store) == [("reader1@example.com", "daily", False)]


def test_a_later_consent_or_an_operators_hand_replaces_the_choice(store: Store) -> None:
    later = Consent(at=NOW + timedelta(hours=1), where="stall", text="yes")
    take(store, reader(1, hour=6, language="en"))

    assert take(store, reader(1, hour=9, consent=later, language="vi")) == Taken(changed=1)
    assert take(store, reader(1, hour=10), overrule=True) == Taken(changed=1)

    with store.read() as tx:
        person, choice = next(iter(subscribers.each(tx)))
    assert (person.language, choice.hour, choice.consent) == ("vi", 10, AGREED)


def test_two_languages_of_one_person_do_not_take_turns(store: Store) -> None:
    people = [reader(1, language="en"), reader(1, language="vi", digest="weekly")]

    assert take(store, *people) == Taken(new=2)
    assert take(store, *people) == Taken(unchanged=2)


def test_an_erased_person_leaves_a_hash_and_stays_away(store: Store) -> None:
    enrol(store, 3)
    edition = make_edition(store)
    freeze_all(store, edition.id)

    with store.write() as tx:
        assert subscribers.erase(tx, "Reader1@example.com", now=NOW)

    assert take(store, reader(1)) == Taken(suppressed=1)
    assert [address for address, _, _ in everybody(store)] == ["reader0@example.com", "reader2@example.com"]
    with store.read() as tx:
        assert deliveries.counts(tx, edition.id) == {State.PENDING: 2, State.SUPPRESSED: 1}
        gone = next(deliveries.each(tx, edition.id, states=[State.SUPPRESSED]))
        assert (gone.address, gone.reason) == ("", "erased")
        for table in ("subscriber", "subscription", "delivery", "suppression"):
            for row in tx.execute(text(f"SELECT * FROM {table}")):
                assert "reader1" not in repr(row)


def test_erasing_somebody_unknown_keeps_them_from_coming_in(store: Store) -> None:
    with store.write() as tx:
        assert not subscribers.erase(tx, "stranger@example.com", now=NOW)

    assert take(store, reader(1, address="stranger@example.com")) == Taken(suppressed=1)


def test_whoever_asks_again_is_let_in_again(store: Store) -> None:
    take(store, reader(1, active=False))
    mark = addresses.hashed("reader1@example.com")
    with store.write() as tx:
        assert suppressions.add(tx, mark, reason="bounced", detail="550 no such user", now=NOW)
        assert not suppressions.add(tx, mark, reason="complained", detail="", now=NOW)
        assert suppressions.counts(tx) == {"bounced": 1}
        _, choice = next(iter(subscribers.each(tx)))
        assert subscribers.activate(tx, choice.id, consent=AGREED, now=NOW)
        assert suppressions.find(tx, [mark]) == {}

    assert everybody(store) == [("reader1@example.com", "daily", True)]


@pytest.mark.parametrize("limit", [None, 3, 7, 0])
def test_reading_page_by_page_misses_nobody(
    sqlite: Store, monkeypatch: pytest.MonkeyPatch, limit: int | None
) -> None:
    monkeypatch.setattr(subscribers, "_PAGE", 2)
    enrol(sqlite, 7)

    with sqlite.read() as tx:
        found = [person.address for person, _ in subscribers.each(tx, digest="daily", limit=limit)]

    assert found == [f"reader{number}@example.com" for number in range(7 if limit is None else limit)]


def freeze_all(store: Store, edition_id: int) -> None:
    from publisher.delivery.prepare import prepare
    from publisher.store import editions

    with store.read() as tx:
        edition = editions.by_id(tx, edition_id)
    assert edition is not None
    prepare(store, edition, settings=settings(), now=MORNING)
