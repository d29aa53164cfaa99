"""What a web server has to know that files cannot say: where old addresses lead, and what was taken back.

Our own server answers 308 and 410 from config and store. For a server that has only the folder the same is
written down: ``var/web/moved.map`` and ``var/web/gone.map`` for nginx (docs/nginx.conf includes them), and
``public/_redirects`` for static hosts that read such a file. Those have no way to say 410: there a withdrawn
article is just not there.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from publisher.errors import UnreachableError
from publisher.wholefile import put

REDIRECTS = "_redirects"
MOVED = "web/moved.map"
"""Below ``var/``; there even when nothing moved, for a web server that includes it."""
_GONE = "web/gone.map"
_BELOW = "(?<publisher_rest>[A-Za-z0-9._-]*)"


def write_moved(site: Path, moved: Mapping[str, str], gone: Sequence[str]) -> list[str]:
    """Write down what moved and what is gone; return the paths below ``public/`` that were written.

    Args:
        site: the site's folder.
        moved: old addresses -> new ones; a key that ends in a slash stands for everything below it.
        gone: ids of withdrawn articles.

    Raises:
        UnreachableError: the folder cannot be written.
    """
    var = site / "var"
    redirects = site / "public" / REDIRECTS
    wanted = {
        var / MOVED: moved_map(moved),
        var / _GONE: gone_map(gone),
        redirects: static_redirects(moved),
    }
    written = [file for file, text in wanted.items() if _differs(file, text) and _put(file, text)]
    return [REDIRECTS] if redirects in written else []


def moved_map(moved: Mapping[str, str]) -> str:
    """Return the lines of nginx's map from ``$uri`` to where it leads."""
    lines = (
        f'"~^{re.escape(old)}{_BELOW}$" "{new}$publisher_rest";\n'
        if old.endswith("/")
        else f'"{old}" "{new}";\n'
        for old, new in moved.items()
    )
    return "".join(lines)


def gone_map(gone: Sequence[str]) -> str:
    """Return the lines of nginx's map of addresses that answer 410."""
    return "".join(f'"/articles/{one}{slash}" 1;\n' for one in gone for slash in ("", "/"))


def static_redirects(moved: Mapping[str, str]) -> str:
    """Return the lines of a static host's ``_redirects``: from, to, status."""
    lines = (
        f"{old}* {new}:splat 308\n" if old.endswith("/") else f"{old} {new} 308\n"
        for old, new in moved.items()
    )
    return "".join(lines)


def _differs(file: Path, text: str) -> bool:
    """Return whether a file says something else; one that says nothing need not be there."""
    try:
        return file.read_bytes() != text.encode()
    except OSError:
        return bool(text) or file.suffix == ".map"


def _put(file: Path, text: str) -> bool:
    try:
        put(file, text.encode())
    except OSError as error:
        raise UnreachableError(f"{file}: cannot be written: {error.strerror or error}") from error
    return True
