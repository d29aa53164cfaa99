"""Signing in at the console and out: passwords, sessions, and the limit for guessing."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from publisher import passwords
from publisher.model.action import Action
from publisher.model.session import Refused, Role, Session
from publisher.settings.secrets import CONSOLE_PASSWORDS, secret
from publisher.store import Transaction, actions, sessions
from publisher.work.desk import Desk

WINDOW = timedelta(minutes=15)
PER_NETWORK, OVERALL = 5, 100
"""Refused passwords within :data:`WINDOW` after which no further one is looked at.

The second counts for everybody but this machine's own people, whom nobody can lock out from elsewhere.
"""
KEPT = timedelta(days=7)
"""So long it stays on record that a password was refused, and from where."""
OFTEN = 10
"""So many within a day, or as many from one network as lock it, are worth a look."""
HERE = "this machine"
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Locked:
    """Too many passwords were wrong; the next one is looked at after ``wait``."""

    wait: timedelta


@dataclass(frozen=True, slots=True)
class Entered:
    """Somebody is in; ``token`` is what the browser holds, and is kept nowhere."""

    token: str
    session: Session


def kept_passwords(env: Mapping[str, str]) -> dict[Role, str]:
    """Return the password of each role that has one; none: the console lets nobody in.

    Raises:
        ConfigError: a password cannot be used, or its file cannot be read.
    """
    found = {Role(role): (name, secret(env, name)) for role, name in CONSOLE_PASSWORDS.items()}
    return {role: passwords.checked(value, name) for role, (name, value) in found.items() if value}


def sign_in(desk: Desk, password: str, *, caller: str, before: str = "") -> Entered | Locked | None:
    """Let somebody in who knows a password.

    Args:
        desk: the open site.
        password: as it was given.
        caller: address that the request came from.
        before: token of a session that this browser had; it ends.

    Returns:
        Entered; None when no role has this password; Locked when too many were wrong, whatever this one is.

    Raises:
        ConfigError: a password of the environment cannot be used.
    """
    now, kept, place = desk.clock(), kept_passwords(desk.env), network(caller)
    number = _take_turn(desk, place, now)
    if isinstance(number, Locked):
        return number
    role = _role(kept, password)
    if role is None:
        return None
    token = secrets.token_urlsafe(32)
    made = Session(_id(kept, token), role, f"console {role}", now, now)
    with desk.store.write() as tx:
        sessions.forgive(tx, number)
        if before:
            sessions.end(tx, _id(kept, before))
        sessions.begin(tx, made)
        actions.record(tx, Action(now, made.who, "signed in", "console"))
    return Entered(token, made)


def who_is(desk: Desk, token: str, *, is_visit: bool = True) -> Session | None:
    """Return the session of a browser's token; None when there is none, or its time is over.

    Args:
        desk: the open site.
        token: what the browser holds.
        is_visit: False for what a page asks for by itself: that keeps no session alive.
    """
    kept = kept_passwords(desk.env)
    if not token or not kept:
        return None
    now, session_id = desk.clock(), _id(kept, token)
    with desk.store.read() as tx:
        found = sessions.find(tx, session_id)
    if found is None or found.role not in kept or found.is_over(now):
        return None
    if is_visit and now - found.seen >= _SEEN_EVERY:
        with desk.store.write() as tx:
            sessions.touch(tx, session_id, now=now)
    return found


def sign_out(desk: Desk, token: str) -> None:
    """End the session of a browser's token; again without harm."""
    with desk.store.write() as tx:
        sessions.end(tx, _id(kept_passwords(desk.env), token))


def network(caller: str) -> str:
    """Return what guesses are counted by: an IPv4 address, the /64 of an IPv6 address, or this machine."""
    try:
        found = ip_address(caller.partition("%")[0])
    except ValueError:
        return caller[:50]
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if found.is_loopback:
        return HERE
    return str(found) if isinstance(found, IPv4Address) else f"{IPv6Address(int(found) >> 64 << 64)}/64"


def refused(tx: Transaction, now: datetime, span: timedelta = KEPT) -> list[Refused]:
    """Return the passwords that were refused within a span, by network, the latest first.

    A network is told no closer than it takes to see where guesses come from: the /24 of an IPv4 address.
    """
    found: dict[str, Refused] = {}
    for one in sessions.refused(tx, since=now - span):
        place = wide(one.network)
        known = found.get(place)
        found[place] = (
            Refused(place, known.count + one.count, min(known.first, one.first), known.last)
            if known
            else replace(one, network=place)
        )
    return list(found.values())


def is_guessing(found: Sequence[Refused]) -> bool:
    """Return whether so many refused passwords of a day look like somebody who tries them out."""
    counts = [one.count for one in found]
    return sum(counts) >= OFTEN or max(counts, default=0) >= PER_NETWORK


def wide(place: str) -> str:
    """Return what is told of a network that guesses are counted by."""
    try:
        return str(ip_network(f"{IPv4Address(place)}/24", strict=False))
    except ValueError:
        return place


def _take_turn(desk: Desk, place: str, now: datetime) -> int | Locked:
    """Count an attempt before it is looked at, so that many at once find no more room than one by one."""
    since = now - WINDOW
    with desk.store.write() as tx:
        sessions.queue_attempts(tx)
        sessions.prune_attempts(tx, before=now - KEPT)
        mine, first = sessions.attempts(tx, since=since, network=place)
        if mine >= PER_NETWORK and first:
            return Locked(first - since)
        others, first = sessions.attempts(tx, since=since, except_for=HERE)
        if place != HERE and others >= OVERALL and first:
            return Locked(first - since)
        return sessions.add_attempt(tx, place, now=now)


def _role(kept: Mapping[Role, str], password: str) -> Role | None:
    """Return whose password it is. Each role's is tried, so that the time says nothing about which."""
    given = password[: passwords.LONGEST + 1]
    roles = (Role.OPERATOR, Role.READER)
    right = [role for role in roles if passwords.matches(kept.get(role) or _nobodys(), given)]
    return next((role for role in right if role in kept), None)


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return passwords.hashed(secrets.token_urlsafe(18))


def _id(kept: Mapping[Role, str], token: str) -> str:
    """Return a session's id. The passwords are in it: when one is changed, everybody signs in again."""
    parts = [token, *(kept.get(role, "") for role in Role)]
    return sha256("\0".join(parts).encode()).hexdigest()
