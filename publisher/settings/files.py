"""The config's files as they are written: read together, told apart byte for byte, put in their place."""

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from publisher.settings import document
from publisher.settings.places import FILES, SITE_FILE

__all__ = ["FILES", "Files", "contents", "fingerprint", "in_folder", "store_file", "store_url", "texts"]

Files = Mapping[str, bytes]
"""Name (``config/site.yaml``) -> content; a file that is not there is left out."""

_DEFAULT_STORE = "sqlite:///var/publisher.sqlite3"


def in_folder(site: Path) -> dict[str, bytes]:
    """Return the files of a site's folder; one that cannot be read counts as not there."""
    found = {}
    for name in FILES:
        try:
            found[name] = (site / name).read_bytes()
        except OSError:
            continue
    return found


def fingerprint(files: Files) -> str:
    """Return the SHA-256 (hex) of the files, byte for byte."""
    found = sha256()
    for name in FILES:
        content = files.get(name, b"\0missing")
        found.update(len(content).to_bytes(8) + content)
    return found.hexdigest()


def texts(files: Files) -> dict[str, str]:
    """Return valid files as text that becomes the same bytes again, a byte order mark included."""
    return {name: content.decode("utf-8") for name, content in files.items()}


def contents(texts: Mapping[str, str]) -> dict[str, bytes]:
    """Return the bytes of files kept as text."""
    return {name: text.encode() for name, text in texts.items()}


def store_url(files: Files) -> str:
    """Return the store's address as the files say it, with other mistakes in them or not."""
    read = document.read(SITE_FILE, files.get(SITE_FILE, b""))
    store = read.data.get("store")
    said = store.get("url") if isinstance(store, dict) else None
    return said if isinstance(said, str) else _DEFAULT_STORE


def store_file(site: Path, url: str) -> Path | None:
    """Return the file that a store's address names, there or not; None for one that is no file."""
    return site / url.partition("///")[2] if url.startswith("sqlite") else None
