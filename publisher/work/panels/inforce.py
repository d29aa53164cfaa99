"""The config in force, for pages that must show an edit the moment after it was saved.

A server takes a new revision up within two seconds; whoever has just pressed "Save" looks sooner.
"""

from dataclasses import replace

from publisher.model.revision import Revision
from publisher.store import configs
from publisher.work.configs import settings_of
from publisher.work.desk import Desk


def latest(desk: Desk) -> Revision | None:
    """Return the revision in force; None before any process made one."""
    with desk.store.read() as tx:
        return configs.latest(tx)


def up_to_date(desk: Desk) -> Desk:
    """Return the desk with the settings of the revision in force, where this program can read them."""
    with desk.store.read() as tx:
        newest = configs.newest(tx)
        if newest is None or newest[0] == desk.revision:
            return desk
        found = configs.latest(tx)
    if found is None:
        return desk
    settings = settings_of(found, desk.env).settings
    return replace(desk, settings=settings, revision=found.number) if settings else desk
