"""What large mail providers ask of a sender (Gmail and Yahoo since 2024, Microsoft since 2025), one by one.

Each check answers well, wrong with what to publish or change, or that it could not be asked. Questions to the
network come in as functions.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from publisher import addresses
from publisher.delivery import multibuffer
from publisher.delivery.dkim import Signer
from publisher.errors import UnreachableError
from publisher.settings.schema import Mail

Lookup = Callable[[str, str], Sequence[str] | None]
"""(name, kind of record) -> the records; empty when there is none, None when nobody could be asked."""

_GOOD_BITS = 2048
_LEAST_ROOM = 512 * 1024 * 1024
_NOT_ASKED = "not asked: no DNS server answered"


class Standing(StrEnum):
    """How a check came out."""

    WELL = "well"
    WRONG = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer; ``advice`` is what to publish or change, empty when there is nothing."""

    name: str
    standing: Standing
    said: str
    advice: str = ""


def examine(mail: Mail, site_url: str, signers: Sequence[Signer], lookup: Lookup) -> Iterable[Finding]:
    """Yield what the config and the DNS say about letters from this sender."""
    domain = domain_of(mail.sender)
    yield spf(domain_of(mail.bounces or mail.sender), lookup)
    yield from dkim(domain, signers, lookup)
    yield dmarc(domain, lookup)
    yield alignment(domain, domain_of(mail.bounces or mail.sender), signers)
    yield one_click(site_url)
    returns = domain_of(mail.bounces or mail.sender)
    for name in dict.fromkeys((domain, returns, mail.list_domain or domain)):
        yield takes_mail(name, lookup)
    for host in dict.fromkeys(server.host for server in mail.servers.values()):
        yield reverse(host, lookup)


def domain_of(address: str) -> str:
    """Return an address's domain as the DNS has it."""
    return addresses.on_the_wire(address)[0].rpartition("@")[2]


def spf(domain: str, lookup: Lookup) -> Finding:
    """Check that exactly one SPF record says who may send (RFC 7208 §3.2)."""
    records = lookup(domain, "TXT")
    if records is None:
        return Finding("SPF", Standing.UNKNOWN, _NOT_ASKED, f'dig TXT {domain}, look for "v=spf1"')
    found = [text for text in records if text.lower().split(" ")[0] == "v=spf1"]
    advice = f'{domain}. TXT "v=spf1 include:YOUR-RELAY -all"'
    if not found:
        return Finding("SPF", Standing.WRONG, f"{domain} publishes none", advice)
    if len(found) > 1:
        return Finding(
            "SPF", Standing.WRONG, f"{domain} publishes {len(found)}; servers then believe none", advice
        )
    if found[0].rstrip().lower().endswith(("+all", " all")):
        return Finding("SPF", Standing.WRONG, f"{domain} lets everybody send: {found[0]}", advice)
    return Finding("SPF", Standing.WELL, found[0])


def dkim(domain: str, signers: Sequence[Signer], lookup: Lookup) -> Iterable[Finding]:
    """Check that letters are signed, by keys that are long enough and stand in the DNS (RFC 6376 §3.6)."""
    if not signers:
        yield Finding(
            "DKIM",
            Standing.WRONG,
            "letters are not signed here",
            f"set mail.dkim, or let the relay sign for {domain}",
        )
    for one in signers:
        yield _key(one, lookup)
    if signers:
        yield signing(signers, multibuffer.why_not())


def signing(signers: Sequence[Signer], why_not: str) -> Finding:
    """Say how fast letters are signed: that is most of what a letter costs.

    Args:
        signers: of each letter.
        why_not: why the library that signs several at once is not used; empty where it is.
    """
    alone = [one.algorithm for one in signers if one.batch is None]
    if not alone:
        return Finding("signing", Standing.WELL, f"{multibuffer.LANES} letters at a time")
    said = f"one letter at a time by {' and '.join(alone)}, without Intel's multi-buffer library"
    return Finding("signing", Standing.WELL, f"{said}: {why_not or 'it does not take keys like this'}")


def dmarc(domain: str, lookup: Lookup) -> Finding:
    """Check that a DMARC policy stands at the sender's domain or above it."""
    names = [f"_dmarc.{parent}" for parent in _and_above(domain)]
    for name in names:
        records = lookup(name, "TXT")
        if records is None:
            return Finding("DMARC", Standing.UNKNOWN, _NOT_ASKED, f"dig TXT _dmarc.{domain}")
        if found := [text for text in records if text.lower().startswith("v=dmarc1")]:
            return Finding("DMARC", Standing.WELL, f"{name}: {found[0]}")
    advice = f'_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:YOUR-MAILBOX"'
    return Finding("DMARC", Standing.WRONG, f"{domain} publishes none", advice)


def alignment(domain: str, return_domain: str, signers: Sequence[Signer]) -> Finding:
    """Check that From goes with the signature or with the return address, as DMARC wants."""
    vouching = [one.domain for one in signers if _related(one.domain, domain)]
    if vouching:
        return Finding("alignment", Standing.WELL, f"From {domain} is vouched for by {vouching[0]}")
    if _related(return_domain, domain):
        return Finding("alignment", Standing.WELL, f"From {domain} goes with the return address, by SPF only")
    return Finding(
        "alignment",
        Standing.WRONG,
        f"neither a signature nor the return address goes with From {domain}",
        f"set mail.dkim.domain to {domain}, or mail.bounces to an address there",
    )


def one_click(site_url: str) -> Finding:
    """Check that unsubscribing with one click is offered (RFC 8058)."""
    if site_url.startswith("https://"):
        return Finding("one-click", Standing.WELL, f"{site_url}/u/… takes the click")
    return Finding(
        "one-click",
        Standing.WRONG,
        f"{site_url} is not https, so letters offer no one-click",
        "serve site.url by https",
    )


def takes_mail(domain: str, lookup: Lookup) -> Finding:
    """Check that answers, bounces and mails that unsubscribe find a server (RFC 5321 §5.1, RFC 7505)."""
    records = lookup(domain, "MX")
    if records is None:
        return Finding("MX", Standing.UNKNOWN, _NOT_ASKED, f"dig MX {domain}")
    hosts = [text.split()[-1].rstrip(".") for text in records if text.split()]
    if hosts == [""]:
        return Finding(
            "MX", Standing.WRONG, f"{domain} says that it takes no mail", f"{domain}. MX 10 YOUR-HOST."
        )
    if hosts:
        return Finding("MX", Standing.WELL, f"{domain} takes mail at {hosts[0]}")
    if lookup(domain, "A") or lookup(domain, "AAAA"):
        return Finding("MX", Standing.WELL, f"{domain} has no MX record; mail goes to the host itself")
    return Finding(
        "MX", Standing.WRONG, f"{domain} takes no mail: nothing comes back", f"{domain}. MX 10 YOUR-HOST."
    )


def reverse(host: str, lookup: Lookup) -> Finding:
    """Check that the relay's address leads back to a name."""
    found = lookup(host, "A")
    if found is None:
        return Finding("PTR", Standing.UNKNOWN, _NOT_ASKED, f"dig {host}, then dig -x on what it says")
    if not found:
        return Finding("PTR", Standing.WRONG, f"{host} has no address", "see its host below mail")
    names = lookup(".".join(reversed(found[0].split("."))) + ".in-addr.arpa", "PTR")
    if names is None:
        return Finding("PTR", Standing.UNKNOWN, _NOT_ASKED, f"dig -x {found[0]}")
    if not names:
        return Finding("PTR", Standing.WRONG, f"{found[0]} leads to no name", "ask whoever owns the address")
    return Finding("PTR", Standing.WELL, f"{found[0]} is {names[0].rstrip('.')}")


def relay(name: str, connect: Callable[[], object]) -> Finding:
    """Check that the relay takes our connection, with its certificate and our password."""
    try:
        connect()
    except UnreachableError as error:
        return Finding("relay", Standing.WRONG, str(error), "see mail, and PUBLISHER_SMTP_PASSWORD")
    return Finding("relay", Standing.WELL, f"{name} takes our connection")


def own_key(file: Path) -> Finding:
    """Check that nobody else reads the key that the links in letters are made with."""
    if not file.exists():
        return Finding(
            "key", Standing.WELL, "links are made with PUBLISHER_SECRET, or no letter was made yet"
        )
    if file.stat().st_mode & 0o077:
        return Finding("key", Standing.WRONG, f"{file} can be read by others", f"chmod 600 {file}")
    return Finding("key", Standing.WELL, f"{file} can be read by its owner only; back it up with the store")


def disk(folder: Path, free: int) -> Finding:
    """Check that there is room for the store and the outbox."""
    said = f"{free // 1024**2:,} MB free below {folder}"
    if free < _LEAST_ROOM:
        return Finding(
            "disk", Standing.WRONG, said, "make room; nothing is lost when it fills, but nothing goes out"
        )
    return Finding("disk", Standing.WELL, said)


def clock(now: datetime, last_made: datetime | None) -> Finding:
    """Check that the clock does not stand before what was already done."""
    if last_made is not None and now < last_made:
        said = f"it shows {now:%Y-%m-%d %H:%M} UTC, an edition was made at {last_made:%Y-%m-%d %H:%M}"
        return Finding("clock", Standing.WRONG, said, "let it be set by NTP")
    return Finding("clock", Standing.WELL, f"{now:%Y-%m-%d %H:%M:%S} UTC; whether NTP sets it was not asked")


def _key(one: Signer, lookup: Lookup) -> Finding:
    name = f"{one.selector}._domainkey.{one.domain}"
    wanted = f'{name}. TXT "{one.record()}"'
    records = lookup(name, "TXT")
    if records is None:
        return Finding(f"DKIM {one.selector}", Standing.UNKNOWN, _NOT_ASKED, f"publish {wanted}")
    public = one.record().rpartition("p=")[2]
    if not any(public in "".join(text.split()) for text in records):
        said = f"{name} holds another key" if records else f"{name} does not exist"
        return Finding(f"DKIM {one.selector}", Standing.WRONG, said, f"publish {wanted}")
    if one.bits and one.bits < _GOOD_BITS:
        return Finding(
            f"DKIM {one.selector}", Standing.WRONG, f"{one.bits} bits", f"make a key of {_GOOD_BITS}"
        )
    return Finding(f"DKIM {one.selector}", Standing.WELL, f"{name} holds our {one.algorithm} key")


def _and_above(domain: str) -> list[str]:
    parts = domain.split(".")
    return [".".join(parts[at:]) for at in range(max(len(parts) - 1, 1))]


def _related(one: str, other: str) -> bool:
    """Return whether two domains are one, or one lies below the other, as relaxed alignment has it."""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
