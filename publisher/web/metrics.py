"""``/metrics`` for Prometheus: the home of prometheus_client.

Figures, no addresses; yet they say how a newsroom is doing, so only this machine and the watchers that the
config names are answered.
"""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request

from publisher.errors import StoreError
from publisher.web.headers import Header
from publisher.web.polls import caller
from publisher.web.reply import Reply
from publisher.work.desk import Desk
from publisher.work.metrics import Family, metrics

KEPT_SECONDS = 5
"""How long figures are told again: counting millions of rows for each of many watchers would be felt."""
_PLAIN: tuple[Header, ...] = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
)
_TYPE: Header = (b"content-type", CONTENT_TYPE_PLAIN_0_0_4.encode("ascii"))
_NOT_YOU = Reply(403, _PLAIN, b"Only this machine and web.watchers are told.\n")


@dataclass(slots=True)
class Watch:
    """Answers at ``/metrics``."""

    desk: Desk
    proxies: frozenset[str]
    _lock: Lock = field(default_factory=Lock)
    _said: bytes = b""
    _until: float = 0.0

    def answer(self, request: Request) -> Reply:
        """Return the figures, or why they are not told."""
        peer = request.client.host if request.client else None
        address = caller(peer, request.headers.get("x-forwarded-for"), self.proxies)
        if not self._may_know(address):
            return _NOT_YOU
        return Reply(200, (_TYPE, (b"cache-control", b"no-store")), self._figures())

    def _may_know(self, address: str) -> bool:
        try:
            asking = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(asking, ipaddress.IPv6Address) and asking.ipv4_mapped:
            asking = asking.ipv4_mapped
        watchers = [ipaddress.ip_network(one, strict=False) for one in self.desk.settings.web.watchers]
        return asking.is_loopback or any(asking in one for one in watchers)

    def _figures(self) -> bytes:
        with self._lock:
            if monotonic() >= self._until:
                self._said = self._counted()
                self._until = monotonic() + KEPT_SECONDS
            return self._said

    def _counted(self) -> bytes:
        registry = CollectorRegistry()
        try:
            found = metrics(self.desk, self.desk.clock())
        except StoreError:
            found = ()
        up = Family("store_up", "1 while the store can be read.", (({}, 1 if found else 0),))
        registry.register(_Told((up, *found)))
        return generate_latest(registry)


class _Told(Collector):
    """Hands figures that are counted already to the library."""

    def __init__(self, families: tuple[Family, ...]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Yield them in its shape."""
        for family in self._families:
            names = list(family.samples[0][0]) if family.samples else []
            told = GaugeMetricFamily(f"publisher_{family.name}", family.about, labels=names)
            for labels, value in family.samples:
                told.add_metric([labels[name] for name in names], value)
            yield told
