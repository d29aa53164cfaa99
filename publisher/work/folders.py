"""Every host has a public folder of its own: word of what one of them published, for the others.

The store says what each document holds; the word only says when to look. A host that was away, or is new, or
has lost files, finds the last word and writes what it does not have.
"""

from dataclasses import dataclass
from datetime import datetime

from publisher.model.job import Firing, kind
from publisher.store import Transaction, counters, firings

_FACT = "published"


@dataclass(frozen=True, slots=True)
class Word:
    """The last that was heard of publishing.

    Attributes:
        at: for which moment documents were last written anew, on any host (UTC); None before the first.
        run: the last planned run that ended, whether it wrote anything or not.
    """

    at: datetime | None
    run: Firing | None


def tell(tx: Transaction, now: datetime) -> None:
    """Say that documents were written as they have to be at that moment; the word never goes back."""
    counters.hold(tx, _FACT)
    before = last(tx).at
    if before is None or before < now:
        counters.set_fact(tx, _FACT, now.isoformat())


def last(tx: Transaction) -> Word:
    """Return the last word."""
    said = counters.fact(tx, _FACT)
    runs = [one for one in firings.last_of_each(tx).values() if kind(one.run) == "publish" and one.ended]
    return Word(
        at=datetime.fromisoformat(said) if said else None,
        run=max(runs, key=lambda one: (one.ended or one.due, one.job), default=None),
    )
