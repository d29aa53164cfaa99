"""Who asks for the same feed again and again without saying what they have: a limit for those alone."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

_MOST = 20_000
_NETWORK_BITS = 64


class Polls:
    """Counts full answers of one version of one feed to one address.

    A conditional request is never counted, whatever comes of it, and neither is the first fetch of a new
    version; who is behind an address or what program they use is not asked.
    """

    def __init__(self, limit: int, seconds: int) -> None:
        """Take the limit: so many in so many seconds; 0 for none."""
        self.limit, self.seconds = limit, seconds
        self._seen: OrderedDict[tuple[str, str], tuple[str, float, int]] = OrderedDict()

    def wait(self, address: str, path: str, tag: str, now: float) -> int | None:
        """Count one unconditional request; return how many seconds to wait, or None when it may pass.

        Args:
            address: whose.
            path: of the feed.
            tag: of the version that would be sent.
            now: seconds of a clock that only grows.
        """
        if not self.limit:
            return None
        key = (household(address), path)
        version, since, count = self._seen.pop(key, (tag, now, 0))
        if version != tag or now - since >= self.seconds:
            version, since, count = tag, now, 0
        self._seen[key] = (version, since, count + 1)
        if len(self._seen) > _MOST:
            self._seen.popitem(last=False)
        return max(1, round(since + self.seconds - now)) if count >= self.limit else None


def household(address: str) -> str:
    """Return what one reader's requests share: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(IPv6Address(int(found) >> _NETWORK_BITS << _NETWORK_BITS))


def caller(peer: str | None, forwarded: str | None, proxies: frozenset[str]) -> str:
    """Return who asks: the peer, or, where that is a proxy of ours, the last address that it vouches for.

    Args:
        peer: the other end of the connection; None for a socket without addresses, which only a proxy uses.
        forwarded: the X-Forwarded-For header.
        proxies: addresses of proxies of ours.
    """
    if forwarded and (peer is None or peer in proxies):
        for said in reversed([part.strip() for part in forwarded.split(",")]):
            if said and said not in proxies:
                return said[:64]
    return peer or ""
