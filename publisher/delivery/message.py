"""The bytes of a letter: built once for everyone with the same choice, then filled in for each recipient.

The header set follows RFC 5322, 2369 and 2919 (list fields), 8058 (one-click unsubscribing), 3834 (automatic
mail) and what Gmail, Yahoo and Microsoft ask of bulk senders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from publisher import addresses
from publisher.delivery.dkim import Hash, Seal, Sealed, Signer, seal, signature_fields
from publisher.delivery.encoding import Pieces, Slot, encoded, filled, gathered, joined
from publisher.delivery.headers import list_field, mailbox_field, one_line, plain_field, text_field
from publisher.model.delivery import Delivery
from publisher.model.edition import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Edition
from publisher.model.variant import Variant
from publisher.settings.schema import Settings
from publisher.tokens import Tokens, base32

HOLDERS: Mapping[str, str] = {UNSUBSCRIBE_TOKEN: "unsubscribe", PREFERENCES_TOKEN: "preferences"}
_MARK_BYTES = 15
"""As many as 24 letters and digits hold."""


@dataclass(frozen=True, slots=True)
class Message:
    """A letter to one recipient.

    Attributes:
        mark: 24 letters and digits; the same for each attempt of a delivery, unlike any other's.
        sender: return address of the envelope.
        recipient: address as on the wire.
        utf8: whether only a server with SMTPUTF8 takes it (RFC 6531).
        parts: the bytes one after the other, lines ended by CRLF; what letters have in common they share.
        envelope_id: what a report of the delivery names it by (ENVID, RFC 3461); the mark when left empty.
        canonical: whether every line of them is known to end with CRLF and none to begin with a dot,
            and all to be ASCII unless ``utf8``; what is not known is looked up on the way out.
    """

    mark: str
    sender: str
    recipient: str
    utf8: bool
    parts: Sequence[bytes]
    envelope_id: str = ""
    canonical: bool = False

    @property
    def content(self) -> bytes:
        """All of it in one."""
        return b"".join(self.parts)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(map(len, self.parts))


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter for everyone with the same choice, cut open where a recipient's values go."""

    edition: Edition
    settings: Settings
    head: Pieces
    seal: Seal
    marks: Hash
    sender: tuple[str, str]
    plain: bool

    def to(self, delivery: Delivery, tokens: Tokens) -> Message:
        """Return the letter as one recipient gets it; for several there is :func:`signed`."""
        return signed([self.draft(delivery, tokens)])[0]

    def draft(self, delivery: Delivery, tokens: Tokens) -> "Draft":
        """Return the letter as one recipient gets it, all but its signatures.

        Raises:
            ValueError: why there cannot be one, fit for the ledger: the address cannot stand in it, or a
                number is too large for a token.
        """
        try:
            recipient, utf8 = addresses.on_the_wire(delivery.address)
        except ValueError as error:
            raise ValueError(f"address: {error}") from None
        mark = _mark(self.marks, delivery.id)
        values = {
            "to": one_line(recipient).encode(),
            "date": _date(delivery.planned, self.settings.site.timezone),
            "mark": mark.encode(),
            "unsubscribe": tokens.make("unsubscribe", delivery.subscription_id).encode(),
            "preferences": tokens.make("preferences", delivery.subscription_id).encode(),
        }
        rest = filled(self.seal.rest, values)
        name = tokens.make("message", delivery.id)
        opening, closing = self.sender
        return Draft(
            mark=mark,
            sender=f"{opening}{name}{closing}" if closing else opening,
            recipient=recipient,
            utf8=utf8,
            parts=[*filled(self.head, values), b"\r\n", self.seal.opening, *rest],
            envelope_id=name,
            canonical=self.plain or utf8,
            sealed=self.seal.over(values, rest),
        )


@dataclass(slots=True)
class Draft:
    """A message before it is signed: its bytes in parts, and what its signatures are over."""

    mark: str
    sender: str
    recipient: str
    utf8: bool
    parts: Sequence[bytes]
    envelope_id: str
    canonical: bool
    sealed: Sealed

    def signed(self, signatures: bytes) -> Message:
        """Return the message with these signature fields."""
        parts = gathered([signatures, *self.parts])
        return Message(
            self.mark, self.sender, self.recipient, self.utf8, parts, self.envelope_id, self.canonical
        )


def signed(drafts: Sequence[Draft]) -> list[Message]:
    """Return the letters with their signatures, made several at once where that can be.

    Each is the same to the byte whenever it is made, and whatever it is made together with.
    """
    signatures = signature_fields([one.sealed for one in drafts])
    return [one.signed(signature) for one, signature in zip(drafts, signatures, strict=True)]


def letter(
    variant: Variant, *, edition: Edition, settings: Settings, signers: Sequence[Signer] = ()
) -> Letter:
    """Build what everyone with the same choice gets.

    Args:
        variant: its content, with place holders for tokens.
        edition: for the dates and names in the header.
        settings: of the site; nothing in them can break out of its field.
        signers: keys that sign it.
    """
    kind, body = _body(variant)
    head = joined([*_identity(variant, edition, settings), *_list_fields(edition, settings), kind])
    plain = all(piece.isascii() for piece in head if isinstance(piece, bytes))
    sealed = seal(signers, head, body)
    return Letter(edition, settings, head, sealed, _marks(edition), _return_path(settings), plain)


def compose(
    variant: Variant,
    *,
    delivery: Delivery,
    edition: Edition,
    settings: Settings,
    tokens: Tokens,
    signers: Sequence[Signer] = (),
) -> bytes:
    """Return the bytes of one letter, for when there is only one; many share a :class:`Letter`."""
    built = letter(variant, edition=edition, settings=settings, signers=signers)
    return built.to(delivery, tokens).content


def mark_of(edition: Edition, delivery_id: int) -> str:
    """Return what Message-ID and outbox file are named by.

    It comes from the delivery's id and what its edition will always be, and from no key: a retry has the same
    one even when keys were changed in between, and a store made anew does not repeat an old one's.
    """
    return _mark(_marks(edition), delivery_id)


def _marks(edition: Edition) -> Hash:
    return sha256(f"{edition.digest}\n{edition.slot}\n{edition.made.isoformat()}\n".encode())


def _mark(begun: Hash, delivery_id: int) -> str:
    hashed = begun.copy()
    hashed.update(str(delivery_id).encode())
    return base32(hashed.digest()[:_MARK_BYTES])


def list_domain(settings: Settings) -> str:
    """Return the domain of List-Id, Message-ID and the list's own addresses, in its A-label form."""
    domain = settings.mail.list_domain or settings.mail.sender.rpartition("@")[2]
    return addresses.on_the_wire(f"list@{domain}")[0].rpartition("@")[2]


def _identity(variant: Variant, edition: Edition, settings: Settings) -> list[bytes | Slot]:
    mail, language = settings.mail, edition.content.language
    sender, _ = addresses.on_the_wire(mail.sender)
    name = settings.site.title_in(language)
    fields: list[bytes | Slot] = [mailbox_field("From", name, sender), b"To: ", Slot("to"), b"\r\n"]
    if mail.reply_to:
        fields.append(mailbox_field("Reply-To", "", addresses.on_the_wire(mail.reply_to)[0]))
    return [
        *fields,
        text_field("Subject", variant.subject),
        b"Date: ",
        Slot("date"),
        b"\r\nMessage-ID: <",
        Slot("mark"),
        f"@{list_domain(settings)}>\r\n".encode("ascii"),
        plain_field("Content-Language", language),
    ]


def _list_fields(edition: Edition, settings: Settings) -> list[bytes | Slot]:
    domain, site = list_domain(settings), settings.site.url
    help_address, _ = addresses.on_the_wire(settings.mail.reply_to or settings.mail.sender)
    fields: list[bytes | Slot] = [
        plain_field("List-Id", f"<{edition.digest}.{domain}>"),
        f"List-Unsubscribe: <{site}/u/".encode(),
        Slot("unsubscribe"),
        b">,\r\n <mailto:unsub+",
        Slot("unsubscribe"),
        f"@{domain}?subject=unsubscribe>\r\n".encode(),
    ]
    if site.startswith("https://"):
        # RFC 8058 §3.1: the one-click field goes with an HTTPS address only.
        fields.append(plain_field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return [
        *fields,
        list_field("List-Help", f"mailto:{help_address}?subject=help"),
        list_field("List-Archive", f"{site}/editions/{edition.digest}/{edition.slot}"),
        plain_field("List-Post", "NO"),
        plain_field("Auto-Submitted", "auto-generated"),
        plain_field("Precedence", "bulk"),
        plain_field("X-Auto-Response-Suppress", "All"),
        plain_field("Feedback-ID", f"{edition.slot}:{edition.digest}:digest:{domain}"),
        plain_field("MIME-Version", "1.0"),
    ]


def _body(variant: Variant) -> tuple[bytes, Pieces]:
    """Return the last header fields, which say what the body is, and the body."""
    text_head, text_body = _part(variant.text, "plain")
    if not variant.html:
        return text_head, text_body
    html_head, html_body = _part(variant.html, "html")
    # "=_" stands in no line of either encoding, so the boundary can be in no part (RFC 2045 §6.7).
    boundary = "=_" + sha256(f"{variant.text}\n{variant.html}".encode()).hexdigest()[:32]
    between = f"--{boundary}\r\n".encode("ascii")
    body: list[bytes | Slot] = [
        *(between, text_head, b"\r\n", *text_body),
        *(between, html_head, b"\r\n", *html_body),
        f"--{boundary}--\r\n".encode("ascii"),
    ]
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n'
    return kind.encode("ascii"), joined(body)


def _part(text: str, subtype: str) -> tuple[bytes, Pieces]:
    encoding, pieces = encoded(text, HOLDERS)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n"
    return head.encode("ascii"), pieces


def _return_path(settings: Settings) -> tuple[str, str]:
    """Return the envelope's sender in two halves; with a mailbox for bounces a token is between (VERP)."""
    if settings.mail.bounces is None:
        return addresses.on_the_wire(settings.mail.sender)[0], ""
    local, _, domain = addresses.on_the_wire(settings.mail.bounces)[0].rpartition("@")
    return f"{local}+", f"@{domain}"


@lru_cache(maxsize=512)
def _date(moment: datetime, zone: str) -> bytes:
    return format_datetime(moment.astimezone(ZoneInfo(zone)).replace(microsecond=0)).encode("ascii")
