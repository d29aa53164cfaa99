"""Questions to the DNS: the only home of dnspython."""

from collections.abc import Callable, Sequence

import dns.exception
import dns.resolver

_SECONDS = 5.0

Lookup = Callable[[str, str], Sequence[str] | None]


def asker() -> Lookup:
    """Return a function that asks; when nobody answered once it does not ask again, a try takes seconds."""
    away = False

    def ask(name: str, kind: str) -> Sequence[str] | None:
        nonlocal away
        found = None if away else lookup(name, kind)
        away = found is None
        return found

    return ask


def lookup(name: str, kind: str) -> Sequence[str] | None:
    """Return the records of a name as text; empty when there are none, None when nobody answered.

    Args:
        name: whole, without a dot at the end.
        kind: such as ``TXT``; strings of one TXT record are put together (RFC 7208 §3.3).
    """
    try:
        answer = dns.resolver.resolve(f"{name}.", kind, lifetime=_SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ()
    except (dns.exception.DNSException, OSError):
        return None
    if kind == "TXT":
        return tuple(b"".join(record.strings).decode("utf-8", "replace") for record in answer)
    return tuple(record.to_text() for record in answer)


def nobody(_name: str, _kind: str) -> Sequence[str] | None:
    """Answer as if nobody could be asked."""
    return None
