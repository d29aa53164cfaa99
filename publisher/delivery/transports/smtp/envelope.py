"""The commands around a message, and its content as it goes over the wire (RFC 5321). Pure."""

import re
from collections.abc import Sequence

from publisher.delivery.message import Message
from publisher.delivery.transports.smtp.offers import Offers

DOT = b".\r\n"
"""Ends a message whose last line has ended."""

_ADDRESS = re.compile(r"[^\x00-\x20<>\x7f-\x9f]{1,254}")
"""What cannot end a command or a path, and is not too long (RFC 5321 §4.5.3.1.3)."""
_NO_XTEXT = re.compile(r"[^!-*,-<>-~]")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def obstacle(message: Message, offers: Offers) -> str:
    """Return why a message cannot go to this server at all, or nothing."""
    sender, recipient = message.sender, message.recipient
    if not _ADDRESS.fullmatch(sender) or not _ADDRESS.fullmatch(recipient):
        return "the address cannot stand in an envelope"
    if message.utf8 and not offers.smtputf8:
        return "the mail server does not take addresses with letters beyond ASCII (SMTPUTF8)"
    if not message.utf8 and not (sender.isascii() and recipient.isascii()):
        return "the address has letters beyond ASCII and is not marked so"
    if not offers.eight_bit and _is_eight_bit(message):
        return "the mail server does not take letters beyond ASCII (8BITMIME)"
    return ""


def too_large(message: Message, offers: Offers) -> str:
    """Return why this server would refuse a message for its size, or nothing."""
    size = message.size
    if offers.largest and size > offers.largest:
        return f"the mail server takes letters of up to {offers.largest:,} bytes, this one has {size:,}"
    return ""


def mail(message: Message, offers: Offers) -> bytes:
    """Return the command that names the sender, with what is known of the message."""
    words = [f"MAIL FROM:<{message.sender}>"]
    if offers.says_size:
        words.append(f"SIZE={message.size}")
    if offers.eight_bit and _is_eight_bit(message):
        words.append("BODY=8BITMIME")
    if message.utf8:
        words.append("SMTPUTF8")
    if offers.dsn:
        # A report needs the header only, which is small and carries what tells the delivery (RFC 3461 §4.3).
        words += ["RET=HDRS", f"ENVID={xtext(message.envelope_id or message.mark)}"]
    return " ".join(words).encode() + b"\r\n"


def rcpt(message: Message, offers: Offers) -> bytes:
    """Return the command that names the recipient, and when reports are wanted (RFC 3461 §4.1, §4.2)."""
    words = [f"RCPT TO:<{message.recipient}>"]
    if offers.dsn:
        words.append("NOTIFY=FAILURE,DELAY")
        if message.recipient.isascii():
            words.append(f"ORCPT=rfc822;{xtext(message.recipient)}")
    return " ".join(words).encode() + b"\r\n"


def xtext(text: str) -> str:
    """Return ASCII text as a value of RFC 3461 §4: ``+``, ``=`` and what cannot be seen as ``+XX``."""
    return _NO_XTEXT.sub(lambda found: f"+{ord(found[0]):02X}", text)


def on_the_wire(message: Message) -> Sequence[bytes]:
    """Return the content with lines ended by CRLF and leading dots doubled (RFC 5321 §4.5.2).

    A line that ends otherwise may be taken for an end by one server and not by the next, so that one message
    becomes two on its way.
    """
    if message.canonical:
        return message.parts
    lines = _LINE_END.split(message.content)
    if lines[-1]:
        lines.append(b"")
    return [b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)]


def _is_eight_bit(message: Message) -> bool:
    return (message.utf8 or not message.canonical) and not all(map(bytes.isascii, message.parts))
