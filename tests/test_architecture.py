"""The house's arrows: who may import whom, which library lives where, and who may ask for the time."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

ROOMS = {"ingest", "feeds", "digest", "delivery", "schedule", "web"}

LAYERS: list[set[str]] = [
    {"publisher.errors", "publisher.resources", "publisher.model", "publisher.addresses", "publisher.cron"},
    {
        "publisher.clock",
        "publisher.http",
        "publisher.owner",
        "publisher.passwords",
        "publisher.logs",
        "publisher.pictures",
        "publisher.tokens",
    },
    {"publisher.wholefile"},
    {"publisher.settings.values", "publisher.settings.places", "publisher.settings.base"},
    {"publisher.settings.days"},
    {"publisher.settings.timetable"},
    {
        "publisher.settings.schema",
        "publisher.settings.look",
        "publisher.settings.relays",
        "publisher.settings.sources",
    },
    {"publisher.settings", "publisher.i18n", "publisher.templating"},
    {"publisher.store"},
    {"publisher.ingest", "publisher.feeds", "publisher.digest", "publisher.delivery", "publisher.schedule"},
    {"publisher.work"},
    {
        "publisher.schedule.jobs",
        "publisher.schedule.timer",
        "publisher.schedule.crew",
        "publisher.schedule.service",
        "publisher.web",
    },
    {"publisher.cli"},
    {"publisher.app", "publisher.__main__"},
]
"""From the ground up; a module may import what stands on its own layer or below it."""

HOMES: dict[str, tuple[str, ...]] = {
    "argon2": ("publisher.passwords",),
    "alembic": ("publisher.store",),
    "apscheduler": ("publisher.schedule.timer",),
    "babel": ("publisher.i18n",),
    "click": ("publisher.cli", "publisher.app"),
    "cronsim": ("publisher.cron",),
    "cryptography": ("publisher.delivery.dkim", "publisher.delivery.multibuffer"),
    "cssutils": ("publisher.digest",),
    "ctypes": ("publisher.delivery.multibuffer",),
    "dns": ("publisher.delivery.dns",),
    "email_validator": ("publisher.addresses",),
    "flufl": ("publisher.delivery.reports",),
    "feedgen": ("publisher.feeds.formats",),
    "feedparser": ("publisher.ingest.sources",),
    "imapclient": ("publisher.delivery.imap",),
    "jinja2": ("publisher.templating",),
    "markdown_it": ("publisher.digest",),
    "nh3": ("publisher.ingest.normalise",),
    "PIL": ("publisher.pictures",),
    "procrastinate": ("publisher.work.queue",),
    "psycopg": ("publisher.work.queue",),
    "premailer": ("publisher.digest.inline",),
    "prometheus_client": ("publisher.web.metrics",),
    "pydantic": ("publisher.settings",),
    "rich": ("publisher.cli",),
    "ruamel": ("publisher.settings",),
    "sqlalchemy": ("publisher.store",),
    "starlette": ("publisher.web",),
    "structlog": ("publisher.logs",),
    "uvicorn": ("publisher.web",),
}

CLOCK_READERS = ("publisher.app",)
"""It hands the clock down; verbs read what they are handed, everything else takes ``now``."""

CLOCK_CALLS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "localtime", "gmtime"}


def modules(root: Path) -> Iterator[tuple[str, ast.Module]]:
    """Yield every module below ``root/publisher`` with its syntax tree."""
    for file in sorted((root / "publisher").rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        yield name, ast.parse(file.read_text(encoding="utf-8"), str(file))


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the full names that a module imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, places: tuple[str, ...] | set[str]) -> str | None:
    """Return the longest of the places that the name is, or lies in."""
    found = [place for place in places if name == place or name.startswith(place + ".")]
    return max(found, key=len, default=None)


def layer(name: str) -> int | None:
    """Return on which layer a name stands; the most exact entry decides."""
    best: tuple[int, int] | None = None
    for height, places in enumerate(LAYERS):
        place = within(name, places)
        if place and (best is None or len(place) > best[0]):
            best = (len(place), height)
    return None if best is None else best[1]


def room(name: str) -> str | None:
    """Return the room that a module lies in."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else None


def complaints(root: Path) -> list[str]:
    """Return every arrow that runs the wrong way, as sentences."""
    found: list[str] = []
    for name, tree in modules(root):
        found += _arrows(name, tree)
        found += _clocks(name, tree)
    return found


def _arrows(name: str, tree: ast.Module) -> list[str]:
    found = []
    own = layer(name)
    if name != "publisher" and own is None:
        found.append(f"{name} stands on no layer; give it one")
    for target in imports(tree):
        top = target.split(".")[0]
        if top == "publisher":
            found += _inside(name, own, target)
        elif top in HOMES and not within(name, HOMES[top]):
            found.append(f"{name} imports {top}, whose home is {', '.join(HOMES[top])}")
    return found


def _inside(name: str, own: int | None, target: str) -> list[str]:
    found = []
    height = layer(target)
    if own is not None and height is not None and height > own:
        found.append(f"{name} imports {target}, which stands above it")
    theirs, ours = room(target), room(name)
    if theirs and ours and theirs != ours:
        found.append(f"{name} imports {target} of another room")
    return found


def _clocks(name: str, tree: ast.Module) -> list[str]:
    if name == "publisher.clock" or within(name, CLOCK_READERS):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _asks_time(node.func):
            found.append(f"{name}:{node.lineno} asks for the time; take now as an argument")
    found += [
        f"{name} imports {target}; only app may; take a Clock as an argument"
        for target in imports(tree)
        if target == "publisher.clock.system_clock"
    ]
    return found


def _asks_time(call: ast.Attribute) -> bool:
    owner = call.value
    names = {"datetime", "date", "time", "dt"}
    if isinstance(owner, ast.Name) and owner.id in names:
        # A deadline or a lease inside an edge may be timed by the monotonic clock, which is no date.
        return call.attr in CLOCK_CALLS and call.attr != "monotonic"
    return isinstance(owner, ast.Attribute) and owner.attr in names and call.attr in CLOCK_CALLS - {"time"}


def test_no_arrow_runs_back() -> None:
    assert complaints(REPOSITORY) == []


@pytest.mark.parametrize(
    ("path", "source", "says"),
    [
        ("store/x.py", "from publisher.feeds import build\n", "stands above it"),
        ("store/x.py", "def f():\n    import publisher.feeds.build\n", "stands above it"),
        ("feeds/x.py", "import sqlalchemy as sa\n", "imports sqlalchemy, whose home is publisher.store"),
        ("feeds/x.py", "from sqlalchemy import select\n", "imports sqlalchemy"),
        ("feeds/x.py", "from publisher.digest import select\n", "of another room"),
        ("ingest/x.py", "from publisher.work import tasks\n", "stands above it"),
        ("feeds/x.py", "from datetime import datetime\nx = datetime.now()\n", "asks for the time"),
        ("digest/x.py", "import datetime\nx = datetime.datetime.utcnow()\n", "asks for the time"),
        ("digest/x.py", "import time\nx = time.time()\n", "asks for the time"),
        ("store/x.py", "from publisher.clock import system_clock\n", "only app may"),
        ("model/x.py", "from datetime import date\nx = date.today()\n", "asks for the time"),
    ],
)
def test_a_wrong_arrow_is_found(tmp_path: Path, path: str, source: str, says: str) -> None:
    file = tmp_path / "publisher" / path
    file.parent.mkdir(parents=True)
    file.write_text(source, encoding="utf-8")

    found = complaints(tmp_path)

    assert any(says in complaint for complaint in found), found


def test_every_home_is_real() -> None:
    """A library that nobody imports any more has no business in the list."""
    used = {target.split(".")[0] for _, tree in modules(REPOSITORY) for target in imports(tree)}

    assert set(HOMES) - used == set()
