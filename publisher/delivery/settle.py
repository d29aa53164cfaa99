"""Settling uncertain deliveries from a relay's log."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from publisher.delivery.message import mark_of
from publisher.delivery.relaylog import accepted
from publisher.model.delivery import State
from publisher.model.edition import Edition
from publisher.store import Store, deliveries, editions


def settle_from_log(
    store: Store, lines: Iterable[str], *, absent_again: bool, now: datetime
) -> dict[State, int]:
    """Settle every uncertain delivery that a relay's log tells of.

    Args:
        store: the ledger.
        lines: of the log.
        absent_again: the log is whole, so a letter that does not stand in it was never taken and goes out
            again; when False such a letter stays uncertain.
        now: when.

    Returns:
        How many uncertain deliveries went to, or stayed in, each state.
    """
    taken = accepted(lines)
    done: Counter[State] = Counter()
    known: dict[int, Edition | None] = {}
    with store.write() as tx:
        for one in deliveries.uncertain(tx):
            if one.edition_id not in known:
                known[one.edition_id] = editions.by_id(tx, one.edition_id)
            edition = known[one.edition_id]
            if edition is not None and mark_of(edition, one.id) in taken:
                to, reason = State.ACCEPTED, "settled: in the relay's log"
            elif absent_again:
                to, reason = State.PENDING, "settled: not in the relay's log"
            else:
                done[State.UNCERTAIN] += 1
                continue
            deliveries.settle(tx, one.id, to, reason, now=now)
            done[to] += 1
    return {state: done[state] for state in State if done[state]}
