"""The console: what a newsroom's people look at and act with, whole without script.

Each module of :data:`PAGES` has ``ADDRESSES``; the door in front of them all lets nobody by who is not signed
in, whose role is too small, or whose form did not come from one of these pages.
"""

from importlib import import_module

from starlette.routing import BaseRoute

from publisher.web.console.address import Address
from publisher.web.console.door import Porter, missing
from publisher.work.desk import Desk

PAGES = (
    "static",
    "signin",
    "today",
    "editions",
    "deliveries",
    "wishes",
    "jobs",
    "feeds",
    "people",
    "schedule",
    "editor",
    "log",
)
"""Modules of this package with pages, in no order that matters."""


def addresses() -> list[Address]:
    """Return every address of the console."""
    modules = [import_module(f"publisher.web.console.{name}") for name in PAGES]
    return [one for module in modules for one in module.ADDRESSES]


def routes(desk: Desk, proxies: frozenset[str]) -> list[BaseRoute]:
    """Return the console's routes.

    Args:
        desk: the open site.
        proxies: addresses whose X-Forwarded-For is believed.
    """
    porter = Porter.of(desk, proxies)
    every = [porter.route(one) for one in addresses()]
    return [*every, porter.route(Address("/{rest:path}", get=missing)), porter.bare()]
