"""What comes back after a letter was accepted."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a report means.

    ``hard``: the mailbox does not exist or never takes mail. ``soft``: not this time. ``delayed``: the server
    is still trying. ``unsubscribe``: somebody wrote to the address that leaves. ``auto``: a machine's reply
    that means nothing. ``unknown``: nothing that is understood.
    """

    HARD = "hard"
    SOFT = "soft"
    COMPLAINT = "complaint"
    DELAYED = "delayed"
    UNSUBSCRIBE = "unsubscribe"
    AUTO = "auto"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as it was read.

    Attributes:
        kind: what it means.
        status: code of RFC 3463, such as ``5.1.1``; empty when it names none.
        detail: the server's words on one line, without addresses.
        tokens: of the delivery, as return addresses and envelope ids in it carry them, best first.
        unsubscribe_tokens: as the letter that came back with it, or the address written to, carries them.
        marks: from the Message-ID of that letter.
    """

    kind: Kind
    status: str = ""
    detail: str = ""
    tokens: tuple[str, ...] = ()
    unsubscribe_tokens: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
