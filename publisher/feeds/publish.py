"""publish: from the articles in the store to the files that readers fetch.

What has to be built follows from the change number: a feed whose articles did not change is not read, built
or written. The store records each document before it is written (its hash and Last-Modified); the state
beside the folder is recorded last. A run that was killed in between is made good by the next one: it builds
the same documents again, finds the same hashes, and writes what is not on the disk.
"""

from datetime import datetime
from pathlib import Path

from publisher.errors import StoreError
from publisher.feeds import files
from publisher.feeds.run import Overtaken, PublishReport, Run
from publisher.feeds.survey import Step
from publisher.settings.schema import Settings
from publisher.store import Store

__all__ = ["PublishReport", "publish", "standing"]

_ATTEMPTS = 5


def publish(
    store: Store,
    *,
    settings: Settings,
    site: Path,
    now: datetime,
    thorough: bool = False,
    progress: Step = lambda _what, _done, _of: None,
) -> PublishReport:
    """Bring the site's public folder up to date; a run with nothing to do writes nothing.

    Args:
        store: open.
        settings: the config as it stands.
        site: the site's folder.
        now: decides what is dated in the future and which tombstones are over; no document carries it.
        thorough: look at every file that should be there, archives too, not only at the current documents.
        progress: told what is being done.

    Raises:
        StoreError: the store is away, or other hosts publish into it without end.
        UnreachableError: the folder cannot be written.
        ConfigError: two feeds have one key, or a template is wrong.
    """
    with files.locked(site / "var"):
        for _ in range(_ATTEMPTS):
            try:
                return Run(store, settings, site, now, thorough=thorough, progress=progress).go()
            except Overtaken:
                continue
    raise StoreError(f"store {store.place}: other hosts kept changing the feeds; run publish again")


def standing(whole: str, site: Path, now: datetime) -> tuple[int, PublishReport] | None:
    """Return up to which change of articles the folder stands, and what a run would report of it.

    None when more than a change of articles asks for a build: the config, the time, or a file that is not
    there as it was written.

    Args:
        whole: fingerprint of all that documents depend on but articles.
        site: the site's folder.
        now: decides what is dated in the future.
    """
    state = files.read_state(site / "var")
    if state is None or not files.stands(site / "public", state, whole, now):
        return None
    return state.change, PublishReport(untouched=len(state.files))
