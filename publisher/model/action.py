"""What people do by hand, as it is kept: who did what to what, and when."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Action:
    """One entry of the log of who did what.

    Attributes:
        at: when.
        who: the account on this machine, or the role at the console; never an address.
        what: one word or two: paused, resumed, config rolled back.
        about: the edition, job or delivery, as people name it.
        detail: one line more; may be empty. Never an address or a secret.
    """

    at: datetime
    who: str
    what: str
    about: str
    detail: str = ""
