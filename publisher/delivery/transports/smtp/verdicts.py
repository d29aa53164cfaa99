"""What a server's words mean for a message, and for the relay. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from publisher.delivery.transports.base import Verdict
from publisher.delivery.transports.smtp.replies import Reply

CLOSING = 421
_ADDRESS = re.compile(r"<?[^\s<>@]*@[^\s<>]+>?|<[^\s<>]*>")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LONGEST, _LOOKED_AT = 300, 1000
_OF_US = frozenset({CLOSING, 500, 502, 503, 504, 530, 534, 535, 538, 555})
"""Codes that speak of our commands or our password, wherever they stand (RFC 5321 §4.2.2, RFC 4954 §6)."""
_NO_RELAYING = re.compile(r"\brelay(?:ing)?\b.*\b(?:denied|not|prohibited)\b|\bauthenticat", re.IGNORECASE)


class Step(StrEnum):
    """What a reply answers."""

    RSET = "RSET"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    DOT = "the letter"
    NOTHING = "an end without a letter"
    QUIT = "QUIT"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message.

    Attributes:
        verdict, text: what, and why, on one line.
        relay_ails: whether that tells of the relay rather than of the message.
        never_said: whether this server was not even asked, because it lacks what the message needs.
    """

    verdict: Verdict
    text: str
    relay_ails: bool = False
    never_said: bool = False


def unreachable(error: Exception) -> str:
    """Return why there is no connection, in the system's words."""
    return f"cannot be reached: {said((isinstance(error, OSError) and error.strerror) or str(error))}"


def said(text: str | bytes) -> str:
    """Return a server's words on one line, without addresses: the ledger's reasons are logged."""
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    if (
        len(plain) <= _LONGEST
        and plain.isascii()
        and plain.isprintable()
        and "@" not in plain
        and "<" not in plain
    ):
        # As most of what servers say: there is nothing to take out.
        return " ".join(plain.split())
    if len(plain) > _LOOKED_AT:
        plain = plain[:_LOOKED_AT].rpartition(" ")[0]
    return " ".join(_ADDRESS.sub("<…>", _UNSEEN.sub(" ", plain)).split())[:_LONGEST]


def told(reply: Reply) -> str:
    """Return a reply's code and words on one line."""
    return said(f"{reply.code} {reply.text}")


def refusal(step: Step, reply: Reply) -> Outcome | None:
    """Return what a reply to MAIL, RCPT or DATA refuses, or None when it agrees.

    A refused sender says nothing about the recipient: the next letters would fail alike. So do a missing
    password, and words about relaying.
    """
    good = 354 if step is Step.DATA else 250
    if reply.code // 100 == good // 100:
        return None
    if step is Step.MAIL or reply.code in _OF_US or reply.code < 400:
        return Outcome(Verdict.DEFERRED, told(reply), relay_ails=True)
    if reply.code < 500:
        return Outcome(Verdict.DEFERRED, told(reply))
    if step is Step.RCPT and _NO_RELAYING.search(reply.text):
        return Outcome(Verdict.DEFERRED, told(reply), relay_ails=True)
    return Outcome(Verdict.FAILED, told(reply))


def final(reply: Reply) -> Outcome:
    """Return what the reply to the final dot decides."""
    kind = reply.code // 100
    if kind == 2:
        return Outcome(Verdict.ACCEPTED, told(reply))
    if kind == 3:
        return Outcome(Verdict.UNCERTAIN, f"no answer to the letter but: {told(reply)}", relay_ails=True)
    if kind == 4 or reply.code in _OF_US:
        return Outcome(Verdict.DEFERRED, told(reply), relay_ails=reply.code in _OF_US)
    return Outcome(Verdict.FAILED, told(reply))
