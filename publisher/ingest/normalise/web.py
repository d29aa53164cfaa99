"""Addresses as articles carry them: absolute, of a scheme that is safe to follow."""

import re
from urllib.parse import quote, urljoin, urlsplit

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_UNSAFE = re.compile(r"[\s\"<>\\^`{|}]")
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SCHEME = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*):")

WEB = frozenset({"http", "https"})
LINKS = frozenset({"http", "https", "mailto", "tel"})
MAX_LENGTH = 2000


def absolute(address: str, base: str | None, schemes: frozenset[str] = WEB) -> str | None:
    """Return the address whole, or None when it cannot be followed.

    Args:
        address: as written; may be relative.
        base: absolute address that it is relative to, when there is one.
        schemes: what it may lead to.

    Returns:
        None for an empty or overlong address, one of another scheme (``javascript:``, ``data:``, ``file:``),
        a relative one without a base, and one that RFC 3986 cannot read.
    """
    plain = _CONTROLS.sub("", address).strip()
    if not plain or len(plain) > MAX_LENGTH:
        return None
    try:
        whole = urljoin(base, plain) if base else plain
        if whole.startswith("//"):
            whole = f"https:{whole}"
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if scheme not in schemes or (scheme in WEB and not host):
        return None
    return _PERCENT.sub("%25", _UNSAFE.sub(lambda found: quote(found[0]), whole))


def is_relative(address: str) -> bool:
    """Whether the address needs a base: neither a scheme nor ``//host`` in front."""
    plain = _CONTROLS.sub("", address).strip()
    return bool(plain) and not plain.startswith(("//", "#")) and not _SCHEME.match(plain)
