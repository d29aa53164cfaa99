"""Which coding a reader is sent: RFC 9110 §12.5.3 as a pure decision."""

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

Coding = Literal["br", "gzip", "identity"]
CODINGS: tuple[Coding, ...] = ("br", "gzip", "identity")
"""What we can send, the smallest first."""
SUFFIXES: dict[Coding, str] = {"br": ".br", "gzip": ".gz", "identity": ""}
"""What the file of each coding is called beside the plain one."""

_PART = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_ALIASES = {"x-gzip": "gzip"}


@lru_cache(maxsize=512)
def preferences(header: str | None) -> tuple[Coding, ...]:
    """Return the codings that a reader takes, best first; empty when it takes none that we have.

    Of codings it likes equally the smallest comes first. No header means the plain bytes: RFC 9110 would
    allow any coding, but programs that say nothing are mostly those that cannot decode. An unreadable part
    is left out.
    """
    if header is None:
        return ("identity",)
    said: dict[str, float] = {}
    for part in header.split(","):
        if (found := _PART.fullmatch(part)) is not None:
            name = found[1].lower()
            said.setdefault(_ALIASES.get(name, name), min(float(found[2] or 1), 1.0))
    weights = {coding: _weight(said, coding) for coding in CODINGS}
    wanted = [coding for coding in CODINGS if weights[coding] > 0]
    return tuple(sorted(wanted, key=lambda coding: -weights[coding]))


def choose(header: str | None, available: Collection[Coding]) -> Coding | None:
    """Return the coding to send, or None when nothing that is there would be taken (406)."""
    return next((coding for coding in preferences(header) if coding in available), None)


def _weight(said: dict[str, float], coding: Coding) -> float:
    if coding in said:
        return said[coding]
    if coding == "identity":
        # Plain bytes are acceptable unless they are refused, by name or by *;q=0; unnamed they come last.
        return 0.0 if said.get("*") == 0 else 0.0001
    return said.get("*", 0.0)
