"""What a server offers beyond plain SMTP: its reply to EHLO (RFC 5321 §4.1.1.1). Pure."""

from dataclasses import dataclass

from publisher.delivery.transports.smtp.replies import Reply


@dataclass(frozen=True, slots=True)
class Offers:
    """Extensions that we know.

    Attributes:
        pipelining: several commands at once (RFC 2920).
        starttls: encryption (RFC 3207).
        smtputf8: addresses beyond ASCII (RFC 6531).
        eight_bit: bodies beyond ASCII (RFC 6152).
        dsn: reports as we want them (RFC 3461).
        says_size: the size of a message may be said ahead (RFC 1870).
        largest: octets of the largest message; 0 when it does not say.
        logins: ways to show a password, in capitals (RFC 4954).
    """

    pipelining: bool = False
    starttls: bool = False
    smtputf8: bool = False
    eight_bit: bool = False
    dsn: bool = False
    says_size: bool = False
    largest: int = 0
    logins: frozenset[str] = frozenset()


def offers(reply: Reply) -> Offers:
    """Read the reply to EHLO; what it says twice or in small letters counts alike."""
    said: dict[str, list[str]] = {}
    # The first line is the server's name and its greeting.
    for line in reply.lines[1:]:
        keyword, *words = line.decode("ascii", "replace").upper().replace("AUTH=", "AUTH ", 1).split() or [""]
        said.setdefault(keyword, []).extend(words)
    size = next(iter(said.get("SIZE", ())), "")
    return Offers(
        pipelining="PIPELINING" in said,
        starttls="STARTTLS" in said,
        smtputf8="SMTPUTF8" in said,
        eight_bit="8BITMIME" in said,
        dsn="DSN" in said,
        says_size="SIZE" in said,
        largest=int(size) if size.isascii() and size.isdigit() and len(size) < 20 else 0,
        logins=frozenset(said.get("AUTH", ())),
    )
