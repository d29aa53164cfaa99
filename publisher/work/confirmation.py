"""The mail that asks an address's owner to confirm a sign-up: the same rules as for letters.

Intent committed, message handed over, outcome committed. What a process left in the middle is looked up where
the way out can be asked, and is *uncertain* where it cannot: it is never sent again by itself.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher import addresses, owner
from publisher.clock import Clock
from publisher.delivery.dkim import Signer, seal, signature_fields
from publisher.delivery.encoding import encoded, fill, joined
from publisher.delivery.headers import mailbox_field, one_line, plain_field, text_field
from publisher.delivery.message import Message, list_domain
from publisher.delivery.retry import next_try
from publisher.delivery.transports.base import Result, Transport, Verdict
from publisher.i18n import words
from publisher.model.signup import LIFE, SignUp
from publisher.settings.schema import Settings
from publisher.store import Store, Transaction, signups
from publisher.store.signups import Outcome
from publisher.templating import render, templates
from publisher.tokens import Tokens
from publisher.work.offers import in_words

LEASE = timedelta(minutes=15)
"""Longer than the longest wait for a server's answer."""
DEADLINE = timedelta(hours=24)
"""Whoever has waited longer for the mail has forgotten that they asked."""

_GROUP = 20
_MARK = 24
_NO_ANSWER = "the sending process ended before an answer was noted"
_STATES = {
    Verdict.ACCEPTED: signups.SENT,
    Verdict.FAILED: signups.FAILED,
    Verdict.UNCERTAIN: signups.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Office:
    """What sending works with."""

    store: Store
    settings: Settings
    site: Path
    tokens: Tokens
    clock: Clock
    transport: Transport
    signers: Sequence[Signer] = field(default=(), repr=False)


def send(office: Office) -> dict[str, int]:
    """Send every confirmation mail that is due; return how many came to which state.

    Raises:
        UnreachableError: nothing can be handed over; what was not begun waits.
        ConfigError: a template is wrong; nothing was begun.
        StoreError: the store is away.
    """
    counts: dict[str, int] = {}
    _settle_what_was_left(office)
    while group := _claim(office):
        for one in _hand_over(office, group):
            counts[one.state] = counts.get(one.state, 0) + 1
    return counts


def message(
    signup: SignUp, settings: Settings, site: Path, tokens: Tokens, signers: Sequence[Signer]
) -> Message:
    """Return the mail for a sign-up; the same bytes on each attempt.

    Nothing stands in it that a visitor wrote but the address.

    Raises:
        ConfigError: a template is wrong, with file and line.
        ValueError: the address cannot be written to.
    """
    recipient, utf8 = addresses.on_the_wire(signup.wish.address)
    sender, _ = addresses.on_the_wire(settings.mail.sender)
    mark = mark_of(signup)
    said = words(signup.wish.language, site / "templates")
    paper, zone = settings.site.title_in(said.language), ZoneInfo(settings.site.timezone)
    fields = [
        mailbox_field("From", paper, sender),
        f"To: {one_line(recipient)}\r\n".encode(),
        text_field("Subject", said("Please confirm: letters from {site}").replace("{site}", paper)),
        plain_field("Date", format_datetime(signup.created.astimezone(zone).replace(microsecond=0))),
        plain_field("Message-ID", f"<{mark}@{list_domain(settings)}>"),
        plain_field("Content-Language", said.language),
        # RFC 3834 §5: nobody's holiday reply is wanted.
        plain_field("Auto-Submitted", "auto-generated"),
        plain_field("X-Auto-Response-Suppress", "All"),
        plain_field("MIME-Version", "1.0"),
    ]
    if settings.mail.reply_to:
        reply_to, _ = addresses.on_the_wire(settings.mail.reply_to)
        fields.insert(2, mailbox_field("Reply-To", "", reply_to))
    kind, body = _body(signup, settings, site, tokens)
    head = joined([*fields, kind])
    [signatures] = signature_fields([seal(signers, head, [body]).over({}, ())])
    return Message(mark, sender, recipient, utf8, [signatures, fill(head, {}), b"\r\n", body])


def mark_of(signup: SignUp) -> str:
    """Return what Message-ID and outbox file are named by; see ``delivery.message.mark_of``."""
    seed = f"confirm\n{signup.created.isoformat()}\n{signup.id}"
    return base64.b32encode(sha256(seed.encode()).digest())[:_MARK].decode("ascii").lower()


def _body(signup: SignUp, settings: Settings, site: Path, tokens: Tokens) -> tuple[bytes, bytes]:
    """Return the field that says what the body is, and the body."""
    environment, said = templates(site / "templates"), words(signup.wish.language, site / "templates")
    zone = ZoneInfo(settings.site.timezone)
    values = {
        "words": said,
        "site": settings.site,
        "link": f"{settings.site.url}/confirm/{tokens.make('confirm', signup.id)}",
        "letters": in_words(settings, signup.wish.choices, said),
        "agreed": signup.wish.text,
        "asked": f"{said.date(signup.created, zone, 'long')}, {said.time(signup.created, zone)}",
        "days": LIFE.days,
    }
    parts = [
        _part(render(environment, f"mail/confirm.{suffix}", **values), kind)
        for suffix, kind in (("txt", "plain"), ("html", "html"))
    ]
    # "=_" stands in no line of either encoding, so the boundary can be in no part (RFC 2045 §6.7).
    boundary = "=_" + mark_of(signup)
    pieces = [f"--{boundary}\r\n".encode() + part for part in parts]
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    return kind.encode("ascii"), b"".join([*pieces, f"--{boundary}--\r\n".encode()])


def _part(text: str, subtype: str) -> bytes:
    encoding, pieces = encoded(text, {})
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode("ascii") + fill(pieces, {})


def _settle_what_was_left(office: Office) -> None:
    now = office.clock()
    with office.store.read() as tx:
        if not _left(tx, now):
            return
    with office.store.write() as tx:
        for (who, _), mails in _left(tx, now).items():
            signups.finish(tx, who, [_found(office.transport, one) for one in mails])


def _left(tx: Transaction, now: datetime) -> dict[tuple[str, datetime], list[SignUp]]:
    """Return the mails whose sender is gone."""
    held = signups.under_way(tx)
    return {key: mails for key, mails in held.items() if key[1] < now or owner.is_dead(key[0])}


def _found(transport: Transport, one: SignUp) -> Outcome:
    arrived = transport.arrived(mark_of(one)) if one.way == transport.name else None
    if arrived is None:
        return Outcome(id=one.id, state=signups.UNCERTAIN, reason=f"{one.way}: {_NO_ANSWER}")
    if arrived:
        return Outcome(id=one.id, state=signups.SENT, reason=f"in the {transport.name}")
    return Outcome(id=one.id, state=signups.WAITING)


def _claim(office: Office) -> list[SignUp]:
    with office.store.read() as tx:
        due = signups.next_due(tx)
    now = office.clock()
    if due is None or due > now:
        return []
    room = min(office.transport.room(), _GROUP)
    with office.store.write() as tx:
        return signups.claim(
            tx, owner.me(), way=office.transport.name, until=now + LEASE, now=now, limit=room
        )


def _hand_over(office: Office, group: Sequence[SignUp]) -> list[Outcome]:
    """Hand a claimed group over and note what became of it, also when that is cut short."""
    waiting, sent, outcomes = {one.id: one for one in group}, {}, []
    try:
        for one in group:
            built = _built(office, one)
            del waiting[one.id]
            if isinstance(built, Outcome):
                outcomes.append(built)
                continue
            sent[built.mark] = one
            office.transport.take(built, again=one.attempts > 1)
        while sent:
            outcomes += [
                _outcome(sent.pop(one.mark), one, office.clock()) for one in office.transport.results()
            ]
    finally:
        outcomes += [Outcome(id=one, state=signups.WAITING) for one in waiting]
        with office.store.write() as tx:
            signups.finish(tx, owner.me(), outcomes)
    return outcomes


def _built(office: Office, one: SignUp) -> Message | Outcome:
    try:
        return message(one, office.settings, office.site, office.tokens, office.signers)
    except ValueError as error:
        return Outcome(id=one.id, state=signups.FAILED, reason=f"address: {error}")


def _outcome(one: SignUp, result: Result, now: datetime) -> Outcome:
    state = _STATES.get(result.verdict)
    if state is not None:
        return Outcome(id=one.id, state=state, reason=result.text)
    due = next_try(one.attempts, one.created + DEADLINE, now, row=one.id)
    return Outcome(id=one.id, state=signups.WAITING if due else signups.FAILED, reason=result.text, due=due)
