"""DKIM signatures (RFC 6376) with RSA-SHA256 (RFC 8301) and Ed25519 (RFC 8463): the home of cryptography.

Everything that is the same for all recipients is made canonical and hashed once. For one of them it is left
to fill in the values, to hash what follows the first of them, and to sign.
"""

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol, Self

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from publisher import addresses
from publisher.delivery import multibuffer
from publisher.delivery.encoding import Pieces, Slot, cut_open, fill
from publisher.errors import ConfigError
from publisher.settings.schema import Mail
from publisher.settings.secrets import DKIM_KEYS

SIGNED = (
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Help",
    "List-Archive",
    "Feedback-ID",
    "Auto-Submitted",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
)
"""Fields that are signed where they stand (RFC 6376 §5.4.1); both unsubscribe fields by RFC 8058 §4."""

_ONCE = ("From", "To", "Subject", "Date")
"""Named once more than they stand, so that nobody adds a second one (RFC 6376 §8.15)."""

_FEWEST_BITS = 1024
_PADDING, _SHA256 = padding.PKCS1v15(), Prehashed(hashes.SHA256())
_WORTH_A_BATCH = 3
"""A batch takes about as long as two signatures, however many are in it."""
_FOLD = 72
_SPACES = re.compile(rb"[ \t]+")
_FOLDED = re.compile(rb"\r\n(?=[ \t])")


class Hash(Protocol):
    """A hash that has begun."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""

    def digest(self) -> bytes:
        """Return the hash of all bytes so far."""

    def copy(self) -> Self:
        """Return another that has come as far."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One key and where its public half is found: ``SELECTOR._domainkey.DOMAIN``.

    Attributes:
        domain: that vouches.
        selector: of the key.
        key: the private half.
        batch: signs several at once; None where that cannot be.
    """

    domain: str
    selector: str
    key: RSAPrivateKey | Ed25519PrivateKey = field(repr=False)
    batch: multibuffer.Batch | None = field(default=None, repr=False, compare=False)

    @property
    def algorithm(self) -> str:
        """``rsa-sha256`` or ``ed25519-sha256``."""
        return "rsa-sha256" if isinstance(self.key, RSAPrivateKey) else "ed25519-sha256"

    @property
    def bits(self) -> int | None:
        """Length of an RSA key; None for Ed25519, which has one length only."""
        return self.key.key_size if isinstance(self.key, RSAPrivateKey) else None

    def sign(self, data: Sequence[bytes]) -> list[bytes]:
        """Return the signature of each; both algorithms sign the hash of the data (RFC 8463 §3)."""
        hashed = [sha256(one).digest() for one in data]
        signed: list[bytes] = []
        for start in range(0, len(hashed), multibuffer.LANES):
            some = hashed[start : start + multibuffer.LANES]
            made = self.batch(some) if self.batch and len(some) >= _WORTH_A_BATCH else None
            signed += made or [self._one(digest) for digest in some]
        return signed

    def _one(self, digest: bytes) -> bytes:
        if isinstance(self.key, RSAPrivateKey):
            return self.key.sign(digest, _PADDING, _SHA256)
        return self.key.sign(digest)

    def record(self) -> str:
        """Return the TXT record to publish."""
        public = self.key.public_key()
        if isinstance(self.key, RSAPrivateKey):
            kind, data = "rsa", public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            kind, data = "ed25519", public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return f"v=DKIM1; k={kind}; p={base64.b64encode(data).decode('ascii')}"


@dataclass(frozen=True, slots=True)
class Form:
    """One signer's field, all but the hash of the body and the signature.

    Attributes:
        signer: whose.
        before, after: around the hash of the body, as they stand.
        canonical: the same two in canonical form.
    """

    signer: Signer
    before: bytes
    after: bytes
    canonical: tuple[bytes, bytes]

    def covered(self, one: "Sealed") -> bytes:
        """Return what the signature of a letter is over."""
        before, after = self.canonical
        return b"".join([one.head, before, one.body_hash, after])

    def field(self, one: "Sealed", signature: bytes) -> bytes:
        """Return the field of a letter."""
        encoded = _wrapped(base64.b64encode(signature))
        return b"".join([self.before, one.body_hash, self.after, encoded, b"\r\n"])


@dataclass(frozen=True, slots=True)
class Sealed:
    """What is to be signed of one letter.

    Attributes:
        forms: of its signature fields.
        head: the signed fields in canonical form.
        body_hash: in base 64.
    """

    forms: Sequence[Form]
    head: bytes = b""
    body_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Seal:
    """Signs letters that differ only in what fills their slots.

    Attributes:
        forms: none leaves letters unsigned.
        head: the signed fields in canonical form, cut open.
        opening: the body up to its first slot.
        rest: of the body.
        begun: hash of the opening in canonical form.
    """

    forms: Sequence[Form]
    head: Pieces
    opening: bytes
    rest: Pieces
    begun: Hash

    def over(self, values: Mapping[str, bytes], rest: Sequence[bytes]) -> Sealed:
        """Return what is to be signed of one letter.

        Args:
            values: what fills the slots.
            rest: of the body, filled, in pieces.
        """
        if not self.forms:
            return Sealed(())
        hashed = self.begun.copy()
        for piece in rest:
            hashed.update(piece)
        return Sealed(self.forms, fill(self.head, values), base64.b64encode(hashed.digest()))


def signature_fields(letters: Sequence[Sealed]) -> list[bytes]:
    """Return the signature fields of each letter; all were sealed for the same signers."""
    found = [b""] * len(letters)
    for forms in zip(*(one.forms for one in letters), strict=True):
        covered = [form.covered(one) for form, one in zip(forms, letters, strict=True)]
        signatures = forms[0].signer.sign(covered)
        found = [
            field + form.field(one, signature)
            for field, form, one, signature in zip(found, forms, letters, signatures, strict=True)
        ]
    return found


def seal(signers: Sequence[Signer], head: Pieces, body: Pieces) -> Seal:
    """Prepare to sign.

    Args:
        signers: keys; each gives a field of its own.
        head: the header, each field ended by CRLF.
        body: in its canonical form already, as ``encoding`` makes it.
    """
    holders = {f"SlotOf{slot.name}": slot.name for slot in head if isinstance(slot, Slot)}
    by_name = {name: holder for holder, name in holders.items()}
    whole = b"".join(piece if isinstance(piece, bytes) else by_name[piece.name].encode() for piece in head)
    canonical: dict[str, list[bytes]] = {}
    for one in _FOLDED.sub(b"", whole).removesuffix(b"\r\n").split(b"\r\n"):
        name, _, value = one.partition(b":")
        canonical.setdefault(name.decode("ascii").lower(), []).append(_relaxed(name, value))
    names = [name for name in SIGNED if name.lower() in canonical]
    signed = b"".join(line for name in names for line in canonical[name.lower()])
    opening, rest = (body[0], body[1:]) if body and isinstance(body[0], bytes) else (b"", body)
    # RFC 6376 §3.4.4: the canonical form of a body of nothing but line ends is empty.
    bare = opening == b"\r\n" and not rest
    said = ":".join([*names, *(name for name in _ONCE if name in names)]).lower()
    return Seal(
        forms=[_form(signer, said) for signer in signers],
        head=cut_open(signed, holders),
        opening=opening,
        rest=rest,
        begun=sha256(b"" if bare else opening),
    )


def signers(mail: Mail, secret: Callable[[str], str | None]) -> tuple[Signer, ...]:
    """Return the signers that the config names.

    Args:
        mail: the config's part about letters.
        secret: returns a secret of the environment by its name.

    Raises:
        ConfigError: a selector without its key, or a key that is none.
    """
    domain = mail.dkim.domain or addresses.on_the_wire(mail.sender)[0].rpartition("@")[2]
    found = []
    for kind, name in DKIM_KEYS.items():
        selector: str | None = getattr(mail.dkim, kind)
        if selector is None:
            continue
        pem = secret(name)
        if pem is None:
            raise ConfigError(f"mail.dkim names {selector!r}, but {name} is not set (nor {name}_FILE)")
        found.append(signer(domain, selector, pem, where=name))
    return tuple(found)


def signer(domain: str, selector: str, pem: str, *, where: str) -> Signer:
    """Return the signer of a private key.

    Args:
        domain: that vouches.
        selector: of the key.
        pem: the key (PKCS #8 or PKCS #1), without a password.
        where: name of the variable it came from, for the error.

    Raises:
        ConfigError: it is no such key, or too short to be believed (RFC 8301 §3.2).
    """
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ConfigError(f"{where}: no private key in PEM without a password") from None
    if isinstance(key, RSAPrivateKey) and key.key_size < _FEWEST_BITS:
        raise ConfigError(f"{where}: an RSA key of {key.key_size} bits is not believed; make one of 2048")
    if not isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        raise ConfigError(f"{where}: neither an RSA nor an Ed25519 key")
    batch = multibuffer.rsa(key) if isinstance(key, RSAPrivateKey) else multibuffer.ed25519(key)
    return Signer(domain, selector, key, batch)


def _form(signer: Signer, names: str) -> Form:
    before = (
        f"DKIM-Signature: v=1; a={signer.algorithm}; c=relaxed/relaxed; d={signer.domain};\r\n"
        f" s={signer.selector}; bh="
    ).encode("ascii")
    after = f";\r\n h={_folded(names)};\r\n b=".encode("ascii")
    name, _, value = _FOLDED.sub(b"", before).partition(b":")
    # RFC 6376 §3.7: its own field comes last, with an empty b= and without a line end.
    canonical = _relaxed(name, value).removesuffix(b"\r\n")
    return Form(signer, before, after, (canonical, _SPACES.sub(b" ", _FOLDED.sub(b"", after))))


def _relaxed(name: bytes, value: bytes) -> bytes:
    """Return a field in relaxed canonical form (RFC 6376 §3.4.2)."""
    return name.strip().lower() + b":" + _SPACES.sub(b" ", value).strip(b" ") + b"\r\n"


def _folded(names: str) -> str:
    lines, line = [], ""
    for name in names.split(":"):
        if len(line) + len(name) > _FOLD:
            lines.append(line)
            line = ""
        line += f"{name}:"
    return "\r\n ".join([*lines, line]).removesuffix(":")


def _wrapped(signature: bytes) -> bytes:
    return b"\r\n ".join([signature[at : at + _FOLD] for at in range(0, len(signature), _FOLD)])
