"""Several processes at one site: what one did counts with what all did, and all have the same keys."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from threading import Event

from publisher import logs
from publisher.delivery.send import SendReport
from publisher.errors import ConfigError
from publisher.model.delivery import OPEN, State
from publisher.store import Store, counters, deliveries
from publisher.tokens import Tokens
from publisher.work import queue

_KEYS = "keys"
_OTHER = (
    "PUBLISHER_SECRET: the other hosts of this site have another key, so their links would not be understood "
    "here; give every host the same PUBLISHER_SECRET, see docs/hosts.md"
)
_LOOK_SECONDS = 0.2
_UNDONE = {*OPEN, State.SENDING}
_LOOKS = 150
"""Half a minute: a process that is slower still ends its own part."""

_log = logs.logger(__name__)


def sent_by_all(
    store: Store, edition_id: int, before: Mapping[State, int], sent: SendReport, *, stop: Event | None = None
) -> SendReport:
    """Return what became of an edition that several processes sent at once.

    Args:
        store: the ledger.
        edition_id: which edition.
        before: its deliveries by state before the sending.
        sent: what this process did of it.
        stop: set from outside: then nobody is waited for.
    """
    waiting = stop or Event()
    for _ in range(_LOOKS):
        with store.read() as tx:
            others = deliveries.owners(tx)
        if sent.stopped or not others or waiting.wait(_LOOK_SECONDS):
            break
    with store.read() as tx:
        after = deliveries.counts(tx, edition_id)
        left, due = deliveries.waiting(tx, edition_id)
    grown = {state: count - before.get(state, 0) for state, count in after.items()}
    ended = {state: count for state, count in grown.items() if count > 0 and state not in _UNDONE}
    return replace(sent, ended=ended, settled={}, waiting=left, next_due=due)


def check_keys(store: Store, tokens: Tokens) -> None:
    """Make sure that links made on one host are understood on every other.

    The store keeps a few bits of each key, enough to tell two keys apart and too few to tell what they are.
    Where nobody is at work the site may begin with new keys, because old ones can be lost.

    Args:
        store: that all hosts share.
        tokens: of this host.

    Raises:
        ConfigError: processes are at work that have other keys.
    """
    mine = [hmac.digest(key, b"which key", "sha256")[:3].hex() for key in tokens.keys]
    with store.read() as tx:
        said, standing = counters.fact(tx, _KEYS), queue.standing(tx)
    known = json.loads(said) if said else []
    if known and not set(mine) & set(known):
        if standing is None or not standing.hosts:
            _log.warning("PUBLISHER_SECRET is another key than before: links in earlier letters are dead")
        else:
            raise ConfigError(_OTHER)
    if mine != known:
        with store.write() as tx:
            counters.hold(tx, _KEYS)
            counters.set_fact(tx, _KEYS, json.dumps(mine))
