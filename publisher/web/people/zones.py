"""The time zones that a form offers: the places of the IANA list, by continent."""

from functools import lru_cache
from importlib.resources import files

Group = tuple[str, tuple[tuple[str, str], ...]]
"""A continent, and the key and name of each place in it."""


@lru_cache(maxsize=1)
def zones() -> tuple[Group, ...]:
    """Return every place of the list's own table, names without underscores, in order."""
    lines = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8").splitlines()
    keys = sorted(line.split("\t")[2] for line in lines if line and not line.startswith("#"))
    areas = sorted({key.partition("/")[0] for key in keys})
    return tuple(
        (area, tuple((key, name_of(key)) for key in keys if key.startswith(f"{area}/"))) for area in areas
    )


def is_offered(key: str) -> bool:
    """Return whether a key is among them."""
    return any(key == one for _, places in zones() for one, _ in places)


def name_of(key: str) -> str:
    """Return a key as people read it: ``Ho Chi Minh`` for ``Asia/Ho_Chi_Minh``."""
    return key.partition("/")[2].replace("_", " ").replace("/", ", ") or key
