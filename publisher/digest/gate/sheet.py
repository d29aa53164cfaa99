"""What the gate examines, and what it finds."""

from dataclasses import dataclass
from typing import Literal

from publisher.digest.gate.page import Page


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a letter.

    Attributes:
        level: ``fail`` keeps it from being sent, ``warn`` does not.
        rule: short name of the rule, stable for programs.
        detail: one sentence with the place and the figures.
    """

    level: Literal["fail", "warn"]
    rule: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A letter under examination.

    Attributes:
        subject: decoded.
        preheader: None when nobody knows which text it is, as in a message file.
        html: decoded HTML part; empty when there is none.
        text: decoded text part; None when only a page is examined.
        page: the parsed HTML part.
        unsubscribe: what the address of the reader's way out ends with, or holds.
        html_encoded, text_encoded: bytes of the parts as they travel.
    """

    subject: str
    preheader: str | None
    html: str
    text: str | None
    page: Page | None
    unsubscribe: str
    html_encoded: int
    text_encoded: int
