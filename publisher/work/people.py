"""What people do about their letters: ask, confirm, choose, leave, come back. Done twice is done once.

A token is all that anybody has to show. Whoever is not known by one learns nothing, and every page that is
only looked at reads and writes nothing.
"""

from collections.abc import Collection, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from publisher import addresses
from publisher.delivery.dkim import signers
from publisher.model.signup import LIFE, Choice, SignUp, Wish
from publisher.model.subscriber import Consent, Enrolment, Subscriber, Subscription
from publisher.settings.secrets import secret
from publisher.store import Transaction, signups, subscribers, suppressions
from publisher.tokens import Purpose
from publisher.work import confirmation, offers, tasks
from publisher.work.desk import Desk

DAY = timedelta(days=1)
UNDO = timedelta(days=1)
"""How long whoever left can come back with one click. Later they sign up again, so that nobody who was
forwarded an old letter can subscribe its reader."""

OPERATOR = "operator"
BARRED = frozenset({"complained", OPERATOR})
"""Such addresses get no mail because of a form: to type an address in is no proof that it is one's own."""

_IPV4_BITS, _IPV6_BITS = 24, 48


@dataclass(frozen=True, slots=True)
class Standing:
    """A person as a token shows them.

    Attributes:
        person: who.
        own: the subscription that the token was made for.
        all: everything they subscribed to, ended ones included.
        returnable: keys of the digests that they left so lately that a click brings them back.
    """

    person: Subscriber
    own: Subscription
    all: tuple[Subscription, ...]
    returnable: tuple[str, ...]

    @property
    def active(self) -> tuple[Subscription, ...]:
        """What they get."""
        return tuple(one for one in self.all if one.active)

    @property
    def is_open(self) -> bool:
        """Whether their preferences can be changed: they get something, or did until just now."""
        return bool(self.active or self.returnable)


def sign_up(desk: Desk, wish: Wish, *, caller: str) -> bool:
    """Put a wish on record, so that a mail asks its address's owner to confirm.

    Within a day an address gets one such mail; a later wish takes the place of one that is not confirmed.
    Nothing that comes back tells whether the address is known.

    Args:
        desk: the open site.
        wish: what is asked for.
        caller: address that the request came from.

    Returns:
        False when the caller's network has asked too often; nothing is on record then.
    """
    now, hashed, limit = (
        desk.clock(),
        addresses.hashed(addresses.key(wish.address)),
        desk.settings.web.sign_ups,
    )
    with desk.store.write() as tx:
        signups.queue(tx)
        signups.prune(tx, before=now - LIFE)
        if limit and signups.count_from(tx, network(caller), since=now - DAY) >= limit:
            return False
        before = signups.of_address(tx, hashed, since=now - DAY)
        if before is not None:
            signups.amend(tx, before.id, wish)
            return True
        found = suppressions.find(tx, [hashed]).get(hashed)
        barred = f"{signups.BARRED}{found.reason}" if found and found.reason in BARRED else ""
        signups.add(tx, wish, address_hash=hashed, network=network(caller), barred=barred, now=now)
    return True


def send_confirmations(desk: Desk) -> datetime | None:
    """Send the confirmation mails that are due; return when the next one is, or None.

    Raises:
        PublisherError: nothing can be sent now; it all waits.
    """
    keys = signers(desk.settings.mail, lambda name: secret(desk.env, name))
    with closing(tasks.transport(desk)) as way:
        confirmation.send(
            confirmation.Office(
                desk.store, desk.settings, desk.site, tasks.tokens(desk), desk.clock, way, signers=keys
            )
        )
    return next_confirmation(desk)


def next_confirmation(desk: Desk) -> datetime | None:
    """Return when a confirmation mail is to be sent next, or None."""
    with desk.store.read() as tx:
        return signups.next_due(tx)


def asked(desk: Desk, token: str) -> SignUp | None:
    """Return the sign-up that a token confirms; None when there is none, or its time is over."""
    number = tasks.tokens(desk).read("confirm", token)
    if number is None:
        return None
    with desk.store.read() as tx:
        return _still_good(signups.get(tx, number), desk.clock())


def confirm(desk: Desk, token: str) -> tuple[SignUp, Standing] | None:
    """Let a sign-up's letters begin, with the consent that they rest on; a second time changes nothing.

    Returns:
        What was confirmed, now or before, and the person; None when there is nothing (any more) to confirm.
    """
    number, now = tasks.tokens(desk).read("confirm", token), desk.clock()
    if number is None:
        return None
    with desk.store.write() as tx:
        found = _still_good(signups.get(tx, number), now)
        if found is None:
            return None
        choices = offers.within(desk.settings, found.wish.choices)
        if signups.confirm(tx, number, now=now):
            _begin(tx, found, choices, now)
        person = subscribers.find(tx, found.wish.address)
        standing = None if person is None else _standing(tx, person, choices, now)
    return None if standing is None else (found, standing)


def standing(desk: Desk, purpose: Purpose, token: str) -> Standing | None:
    """Return the person whose letters carry a token; None when there is nobody (any more)."""
    number, now = tasks.tokens(desk).read(purpose, token), desk.clock()
    if number is None:
        return None
    with desk.store.read() as tx:
        return _of(tx, number, now)


def set_preferences(
    desk: Desk,
    token: str,
    choices: Sequence[Choice],
    *,
    language: str | None,
    timezone: str | None,
    where: str,
    text: str,
) -> Standing | None:
    """Make a person's letters what they chose: those that are not chosen end.

    Args:
        desk: the open site.
        token: from a letter.
        choices: all that they want from now on.
        language: of the letters' own words; None for each letter's own.
        timezone: IANA name of the clocks that their hours are meant by; None for the newsroom's.
        where, text: the page, and the words on it that a letter which begins now rests on.

    Returns:
        How they stand now; None when there is nobody (any more).
    """
    number, now = tasks.tokens(desk).read("preferences", token), desk.clock()
    if number is None:
        return None
    with desk.store.write() as tx:
        found = _of(tx, number, now)
        if found is None or not found.is_open:
            return found
        subscribers.settle(tx, found.person.id, language=language, timezone=timezone)
        wanted = {one.digest: one for one in choices}
        kept = {one.digest: one for one in found.active}
        for digest, old in kept.items():
            if digest not in desk.settings.digests:
                # No form shows it, so that it was not ticked says nothing.
                continue
            if digest not in wanted:
                subscribers.end(tx, old.id, now=now)
            elif _as_chosen(old) != wanted[digest]:
                new = wanted[digest]
                subscribers.choose(
                    tx, old, sections=new.sections, hour=new.hour, frequency=new.frequency, now=now
                )
        begun = [one for digest, one in wanted.items() if digest not in kept]
        if wanted:
            _welcome(tx, found.person.address)
        _subscribe(tx, found.person, begun, Consent(at=now, where=where, text=text), now)
        return _of(tx, number, now)


def unsubscribe(desk: Desk, token: str, *, everything: bool = False) -> Standing | None:
    """End the subscription of a token, or everything that its person gets; None when there is nobody."""
    number, now = tasks.tokens(desk).read("unsubscribe", token), desk.clock()
    if number is None:
        return None
    with desk.store.write() as tx:
        found = _of(tx, number, now)
        if found is None:
            return None
        for one in found.active if everything else [found.own]:
            subscribers.end(tx, one.id, now=now)
        return _of(tx, number, now)


def resubscribe(
    desk: Desk, token: str, digests: Collection[str], *, where: str, text: str
) -> Standing | None:
    """Bring back those of the digests that the person has just left; None when there is nobody."""
    number, now = tasks.tokens(desk).read("unsubscribe", token), desk.clock()
    if number is None:
        return None
    with desk.store.write() as tx:
        found = _of(tx, number, now)
        if found is None:
            return None
        for one in found.all:
            if one.digest in digests and one.digest in found.returnable:
                subscribers.activate(tx, one.id, consent=Consent(at=now, where=where, text=text), now=now)
        return _of(tx, number, now)


def network(caller: str) -> str:
    """Return what callers of one office share: the /24 of an IPv4 address, the /48 of an IPv6 one."""
    try:
        found = ip_address(caller.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    bits = _IPV6_BITS if isinstance(found, IPv6Address) else _IPV4_BITS
    gap = found.max_prefixlen - bits
    return f"{type(found)(int(found) >> gap << gap)}/{bits}"


def _still_good(found: SignUp | None, now: datetime) -> SignUp | None:
    return found if found is not None and now < found.created + LIFE else None


def _begin(tx: Transaction, found: SignUp, choices: Sequence[Choice], now: datetime) -> None:
    wish = found.wish
    consent = Consent(
        at=now, where=f"{wish.where} (asked {found.created:%Y-%m-%dT%H:%M:%SZ})", text=wish.text
    )
    _welcome(tx, wish.address)
    subscribers.take(
        tx, [_enrolment(wish.address, wish.language, one, consent) for one in choices], now=now, overrule=True
    )


def _welcome(tx: Transaction, address: str) -> None:
    """Let an address be mailed again: its owner asks for letters, and only an operator overrules that."""
    hashed = addresses.hashed(addresses.key(address))
    found = suppressions.find(tx, [hashed]).get(hashed)
    if found is not None and found.reason != OPERATOR:
        suppressions.lift(tx, hashed)


def _subscribe(
    tx: Transaction, person: Subscriber, choices: Sequence[Choice], consent: Consent, now: datetime
) -> None:
    if choices:
        rows = [_enrolment(person.address, None, one, consent) for one in choices]
        subscribers.take(tx, rows, now=now, overrule=True)


def _as_chosen(one: Subscription) -> Choice:
    return Choice(digest=one.digest, sections=one.sections, hour=one.hour, frequency=one.frequency)


def _enrolment(address: str, language: str | None, choice: Choice, consent: Consent) -> Enrolment:
    return Enrolment(
        address=address,
        language=language,
        digest=choice.digest,
        sections=choice.sections,
        hour=choice.hour,
        frequency=choice.frequency,
        consent=consent,
    )


def _of(tx: Transaction, subscription_id: int, now: datetime) -> Standing | None:
    found = subscribers.of_subscription(tx, subscription_id)
    if found is None:
        return None
    person, own = found
    every = tuple(subscribers.subscriptions_of(tx, person.id))
    return Standing(
        person, own, every, tuple(one.digest for one in every if not one.active and now < one.changed + UNDO)
    )


def _standing(
    tx: Transaction, person: Subscriber, choices: Sequence[Choice], now: datetime
) -> Standing | None:
    wanted = {one.digest for one in choices}
    mine = [one for one in subscribers.subscriptions_of(tx, person.id) if one.digest in wanted]
    return _of(tx, mine[0].id, now) if mine else None
