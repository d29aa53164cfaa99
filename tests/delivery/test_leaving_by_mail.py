"""A mail to the address in List-Unsubscribe: it leaves, and a machine's answer does not."""

import re

import pytest

from publisher.delivery.bounces import take_in
from publisher.delivery.message import compose
from publisher.delivery.prepare import prepare
from publisher.delivery.reports import read
from publisher.model.report import Kind
from publisher.model.variant import variant
from publisher.store import Store, actions, deliveries, subscribers
from tests.delivery.bureau import MORNING, TOKENS, enrol, make_edition, settings


def asking(token: str, head: str = "", to: str = "unsub+{}@courier.example") -> bytes:
    """A mail as a mail program writes it behind the reader's back."""
    return (
        f"From: Lan <lan@example.com>\nTo: {to.format(token)}\nSubject: unsubscribe\n{head}\nunsubscribe\n"
    ).encode()


def test_the_address_in_the_letter_leaves(store: Store) -> None:
    enrol(store, 2)
    edition = make_edition(store)
    prepare(store, edition, settings=settings(), now=MORNING)
    with store.read() as tx:
        first = next(deliveries.each(tx, edition.id))
    whole = variant(edition.content, ())
    assert whole is not None
    letter = compose(whole, delivery=first, edition=edition, settings=settings(), tokens=TOKENS)
    found = re.search(rb"<mailto:unsub\+([a-z2-7]{24})@courier\.example", letter)
    assert found is not None
    token = found[1].decode()

    done = take_in(store, [asking(token.upper())] * 2, tokens=TOKENS, now=MORNING)

    assert (done.kinds, done.repeated, done.left, done.unmatched) == ({Kind.UNSUBSCRIBE: 1}, 1, 1, 0)
    with store.read() as tx:
        told = actions.latest(tx, limit=5)
        active = {one.id: one.active for _, one in subscribers.each(tx)}
        assert deliveries.waiting(tx)[0] == 2
    assert active == {1: False, 2: True}
    assert [(one.what, one.about) for one in told] == [("left by mail", "subscription 1")]
    assert "@" not in f"{told[0].who} {told[0].about} {told[0].detail}"

    again = take_in(store, [asking(token, "X: 2\n")], tokens=TOKENS, now=MORNING)
    assert (again.left, again.unmatched) == (0, 0)
    with store.read() as tx:
        assert len(actions.latest(tx, limit=5)) == 1


@pytest.mark.parametrize(
    ("mail", "kind"),
    [
        (asking("{}", "Auto-Submitted: auto-replied\n"), Kind.AUTO),
        (asking("{}", "X-Autoreply: yes\n"), Kind.AUTO),
        (asking("{}", "Auto-Submitted: auto-generated\n"), Kind.UNSUBSCRIBE),
        (
            asking("", to="us@courier.example", head="Delivered-To: unsub+{}@courier.example\n"),
            Kind.UNSUBSCRIBE,
        ),
        (asking("", to="bounces+{}@courier.example"), Kind.UNKNOWN),
    ],
)
def test_who_only_answers_does_not_leave(mail: bytes, kind: Kind) -> None:
    content = mail.replace(b"{}", TOKENS.make("unsubscribe", 1).encode())

    assert read(content).kind is kind


def test_a_token_that_is_none_leaves_nobody(sqlite: Store) -> None:
    enrol(sqlite, 1)
    foreign = [TOKENS.make("preferences", 1), "a" * 24, TOKENS.make("unsubscribe", 99)]

    done = take_in(sqlite, map(asking, foreign), tokens=TOKENS, now=MORNING)

    assert (done.left, done.unmatched) == (0, 3)
