"""What people hold back: an edition that is paused until somebody resumes it, or cancelled for good."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class HoldKind(StrEnum):
    """How an edition is held."""

    PAUSED = "paused"
    CANCELLED = "cancelled"


class Wish(StrEnum):
    """What somebody asks for an edition."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One edition that does not go out.

    Attributes:
        digest, slot: which; it may be one that is not made yet.
        at: since when (UTC).
        who: did it; an account of this machine or a role, never an address.
        why: in their words; may be empty.
    """

    digest: str
    slot: str
    kind: HoldKind
    at: datetime
    who: str
    why: str = ""

    @property
    def reason(self) -> str:
        """Why its deliveries end, for the ledger: ``edition cancelled by lan: wrong lead``."""
        return f"edition {self.kind} by {self.who}{f': {self.why}' if self.why else ''}"


def refusal(held: Hold | None, wish: Wish) -> str:
    """Return why a wish cannot be granted, in a few words; empty when it can.

    Args:
        held: how the edition is held now; None when it is not.
        wish: what is asked. To ask for what is so already is no mistake, but for resuming: whoever resumes
            an edition believes that it was paused.
    """
    if held is not None and held.kind is HoldKind.CANCELLED and wish is not Wish.CANCEL:
        return f"it was cancelled by {held.who}, and that is for good"
    if held is None and wish is Wish.RESUME:
        return "it is not paused"
    return ""
