"""What relays and recipient domains may take in this run: rates and circuit breakers, shared by the store.

With no rate in the config and nothing in trouble, it asks the store one short question for each group of
claims.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache

from publisher import addresses
from publisher.delivery import breaker, pace
from publisher.delivery.breaker import Breaker
from publisher.delivery.pace import Bucket
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.model.delivery import Delivery
from publisher.settings.schema import Mail
from publisher.store import Transaction, gates
from publisher.store.gates import Gate, Kind

Key = tuple[Kind, str]
Later = dict[int, tuple[datetime, str]]
"""Row of a delivery -> when it may be tried, and why not now."""

_REST = "*"
_MINUTE = 60
_STOCK = 16
"""So many letters of a relay's room are taken ahead; what is not used of it is lost when this is killed."""
_SPREAD = timedelta(milliseconds=50)


@dataclass(frozen=True, slots=True)
class Held:
    """A relay or domain that takes nothing at present."""

    kind: Kind
    name: str
    until: datetime
    reason: str

    @property
    def sentence(self) -> str:
        """Say it in one line."""
        return (
            f"{self.kind} {self.name} is not tried before {self.until:%Y-%m-%d %H:%M:%S} UTC: {self.reason}"
        )


def held(tx: Transaction, now: datetime) -> list[Held]:
    """Return which relays and domains are left in peace at present."""
    return [
        Held(one.kind, one.name, until, f"{one.failures} failures in a row, the last: {one.reason}")
        for one in gates.troubled(tx)
        if (until := breaker.barred_until(_breaker(one), now)) is not None
    ]


@dataclass(slots=True)
class Limits:
    """One run's view of them.

    Attributes:
        transport: is told what each relay may take.
        rates: letters a second, of those that have a limit.
        troubled: gates that failed lately, as they stood when deliveries were last claimed.
        closed: whether every relay is left in peace at present.
        left: of a rated relay's room, what was taken from the bucket and is not used yet.
    """

    transport: Transport
    rates: Mapping[Key, float]
    troubled: dict[Key, Gate] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)
    closed: bool = False
    _news: list[tuple[Key, str | None]] = field(default_factory=list)

    @classmethod
    def of(cls, mail: Mail, transport: Transport) -> "Limits":
        """Return the limits that the config names; without relays only those of domains."""
        servers = mail.servers if transport.relays() else {}
        relays: dict[Key, float] = {
            ("relay", name): one.rate / _MINUTE for name, one in servers.items() if one.rate is not None
        }
        domains: dict[Key, float] = {("domain", name): rate / _MINUTE for name, rate in mail.rates.items()}
        return cls(transport, relays | domains)

    def has_room(self, tx: Transaction, now: datetime) -> bool:
        """Take a fresh look; return whether any relay may take anything."""
        self.troubled = {(one.kind, one.name): one for one in gates.troubled(tx)}
        keys: list[Key] = [("relay", name) for name in self.transport.relays()]
        barred = [
            key
            for key in keys
            if key in self.troubled and breaker.barred_until(_breaker(self.troubled[key]), now)
        ]
        self.closed = bool(keys) and len(barred) == len(keys)
        open_ones = [key for key in keys if key not in barred]
        if not open_ones or any(key not in self.rates or self.left[key[1]] for key in open_ones):
            return not self.closed
        found = gates.seen(tx, open_ones)
        return any(
            key not in found or pace.filled(_bucket(found[key]), self.rates[key], now).level >= 1
            for key in open_ones
        )

    def look(self, tx: Transaction, claimed: Sequence[Delivery], under_way: int, now: datetime) -> Later:
        """Tell the relays what they may take; return which of the claimed must wait.

        Nothing is taken from a bucket yet: that is done with the intent.
        """
        keys = [(one.id, _to(one)) for one in claimed] if self._any_domain else []
        wanted = {key for _, key in keys if self._counts(key)}
        found = self._opened(tx, wanted | self._relays(), now)
        later: Later = {}
        passed: Counter[Key] = Counter()
        for row, key in keys:
            wait = self._wait(found, key, passed[key], now) if key in found else None
            if wait is None:
                passed[key] += 1
            else:
                later[row] = wait[0] + _SPREAD * (row % 20), wait[1]
        self._allow(found, under_way, now)
        self._keep(tx, found)
        return later

    def grant(self, tx: Transaction, group: Sequence[Delivery], under_way: int, now: datetime) -> Later:
        """Take room for a group, together with its intent; return which of it must wait.

        Also writes down what was heard since, and stocks up relays' room.
        """
        keys = {_to(one) for one in group} if self._rated_domains else set()
        news = {key for key, _ in self._news}
        found = self._opened(tx, {key for key in keys if self._rate(key)} | news | self._low(under_way), now)
        if not found:
            return {}
        self._learn(found, now)
        later: Later = {}
        for one in group:
            key = _to(one)
            rate = self._rate(key)
            if rate is not None:
                granted, bucket = pace.taken(_bucket(found[key]), rate, now, 1)
                if not granted:
                    again, bucket = pace.put_off(bucket, rate, now)
                    later[one.id] = again, _too_many(key[1], rate)
                found[key] = _with(found[key], bucket)
        self._stock(found, under_way, now)
        self._keep(tx, found)
        return later

    def heard(self, results: Iterable[tuple[Delivery, Result]]) -> None:
        """Take note of answers; they are written down with the next intent."""
        for one, result in results:
            if not result.relay:
                continue
            if ("relay", result.relay) in self.rates:
                self.left[result.relay] -= 1
            if result.relay_ails:
                self._news.append((("relay", result.relay), result.text))
            elif result.verdict is Verdict.DEFERRED:
                self._news.append((_to(one), result.text))
            elif result.verdict is Verdict.ACCEPTED and self.troubled:
                well: list[Key] = [("relay", result.relay), _to(one)]
                self._news += [(key, None) for key in well if key in self.troubled]
        for trouble in self.transport.troubles():
            self._news.append((("relay", trouble.relay), trouble.text))

    def note(self, tx: Transaction, now: datetime) -> None:
        """Write down what was heard; at the end of a run, give back the room that was not used."""
        found = self._opened(tx, {key for key, _ in self._news} | {("relay", one) for one in +self.left}, now)
        self._learn(found, now)
        for relay, count in (+self.left).items():
            key: Key = ("relay", relay)
            found[key] = replace(found[key], level=found[key].level + count)
        self.left.clear()
        self._keep(tx, found)

    @property
    def _rated_domains(self) -> bool:
        return any(kind == "domain" for kind, _ in self.rates)

    @property
    def _any_domain(self) -> bool:
        return self._rated_domains or any(kind == "domain" for kind, _ in self.troubled)

    def _relays(self) -> set[Key]:
        names: list[Key] = [("relay", name) for name in self.transport.relays()]
        return {key for key in names if self._counts(key)}

    def _low(self, under_way: int) -> set[Key]:
        rated: list[Key] = [
            ("relay", name) for name in self.transport.relays() if ("relay", name) in self.rates
        ]
        return {key for key in rated if self.left[key[1]] - under_way < _STOCK // 2}

    def _counts(self, key: Key) -> bool:
        return key in self.troubled or self._rate(key) is not None

    def _rate(self, key: Key) -> float | None:
        return self.rates.get(key, self.rates.get((key[0], _REST)) if key[0] == "domain" else None)

    def _opened(self, tx: Transaction, keys: set[Key], now: datetime) -> dict[Key, Gate]:
        known = gates.known(tx, keys)
        return {
            (kind, name): known.get((kind, name))
            or Gate(kind=kind, name=name, level=pace.burst(self._rate((kind, name)) or 0), at=now)
            for kind, name in sorted(keys)
        }

    def _wait(
        self, found: dict[Key, Gate], key: Key, passed: int, now: datetime
    ) -> tuple[datetime, str] | None:
        one, rate = found[key], self._rate(key)
        state = _breaker(one)
        if until := breaker.barred_until(state, now):
            return until, f"{one.name} is left in peace: {one.reason}"
        if breaker.is_on_trial(state, now):
            # One letter finds out; to everybody else it is closed meanwhile.
            found[key] = _as(one, breaker.tried(state, now))
            return None
        if rate is None or pace.filled(_bucket(one), rate, now).level - passed >= 1:
            return None
        again, bucket = pace.put_off(_bucket(one), rate, now)
        found[key] = _with(one, bucket)
        return again, _too_many(one.name, rate)

    def _allow(self, found: dict[Key, Gate], under_way: int, now: datetime) -> None:
        for relay in self.transport.relays():
            key: Key = ("relay", relay)
            state = _breaker(found[key]) if key in found else Breaker()
            if breaker.barred_until(state, now):
                self.transport.allow(relay, 0)
            elif breaker.is_on_trial(state, now):
                found[key] = _as(found[key], breaker.tried(state, now))
                self.transport.allow(relay, 1)
            elif key in self.rates:
                self._take(found, relay, under_way, now)
            else:
                self.transport.allow(relay, None)

    def _stock(self, found: dict[Key, Gate], under_way: int, now: datetime) -> None:
        for relay in self.transport.relays():
            key: Key = ("relay", relay)
            if key in found and key in self.rates and not _breaker(found[key]).opens:
                self._take(found, relay, under_way, now)
            elif key in found and key not in self.rates and not _breaker(found[key]).opens:
                self.transport.allow(relay, None)

    def _take(self, found: dict[Key, Gate], relay: str, under_way: int, now: datetime) -> None:
        key: Key = ("relay", relay)
        wanted = max(_STOCK - self.left[relay], 0)
        granted, bucket = pace.taken(_bucket(found[key]), self.rates[key], now, wanted)
        self.left[relay] += granted
        found[key] = _with(found[key], bucket)
        # Which relay has those under way is not known: each may have all of them.
        self.transport.allow(relay, max(self.left[relay] - under_way, 0))

    def _learn(self, found: dict[Key, Gate], now: datetime) -> None:
        for key, failure in self._news:
            state = _breaker(found[key])
            found[key] = _as(
                found[key], Breaker() if failure is None else breaker.failed(state, now, failure)
            )
            if failure is None:
                self.troubled.pop(key, None)
            else:
                self.troubled[key] = found[key]
                if key[0] == "relay" and found[key].opens:
                    self.transport.allow(key[1], 0)
        self._news.clear()

    def _keep(self, tx: Transaction, found: Mapping[Key, Gate]) -> None:
        for one in found.values():
            gates.keep(tx, one)


def _too_many(domain: str, rate: float) -> str:
    return f"{domain} takes {rate * _MINUTE:g} letters a minute"


def _breaker(one: Gate) -> Breaker:
    return Breaker(one.failures, one.opens, one.reason)


def _as(one: Gate, state: Breaker) -> Gate:
    return replace(one, failures=state.failures, opens=state.opens, reason=state.reason)


def _bucket(one: Gate) -> Bucket:
    return Bucket(one.level, one.at, one.queued)


def _with(one: Gate, bucket: Bucket) -> Gate:
    return replace(one, level=bucket.level, at=bucket.at, queued=bucket.queued)


def _to(one: Delivery) -> Key:
    return "domain", _domain(one.address)


@lru_cache(maxsize=4096)
def _domain(address: str) -> str:
    return addresses.on_the_wire(address)[0].rpartition("@")[2].lower()
