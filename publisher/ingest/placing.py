"""Sections of stored articles, by the config as it stands now."""

from datetime import datetime
from hashlib import sha256

from publisher.settings.labels import folded, section_of
from publisher.settings.schema import Settings
from publisher.store import Store, articles, counters, sources

FACT = "sections.placed by"


def place_sections(store: Store, settings: Settings, now: datetime) -> int:
    """Move articles whose label a section names now, and those of a section that has another key now.

    Does so once for each state of the config's sections: otherwise it reads one row.

    Returns:
        How many articles moved.
    """
    wanted = _fingerprint(settings)
    with store.read() as tx:
        if counters.fact(tx, FACT) == wanted:
            return 0
    renamed = {old: key for key, section in settings.sections.items() for old in section.was}
    with store.write() as tx:
        sources.queue(tx)
        if counters.fact(tx, FACT) == wanted:
            return 0
        labels = {
            label: key
            for label in articles.unplaced_labels(tx)
            if (key := section_of(label, settings.sections)) is not None
        }
        moved = articles.place(
            tx, {old: key for old, key in renamed.items() if old not in settings.sections}, labels, now=now
        )
        counters.set_fact(tx, FACT, wanted)
    return moved


def _fingerprint(settings: Settings) -> str:
    """Return a hash of all that decides where an article belongs."""
    said = [
        (key, sorted(map(folded, (*section.title.values(), *section.aliases))), section.was)
        for key, section in settings.sections.items()
    ]
    return sha256(repr(said).encode()).hexdigest()
