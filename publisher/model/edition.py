"""One issue of a digest: what was picked, and what was rendered from it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal, Self

UNSUBSCRIBE_TOKEN = "UnsubscribeTokenGoesHere"  # noqa: S105 - a place holder, 24 characters as real ones
PREFERENCES_TOKEN = "PreferencesTokenGoesHere"  # noqa: S105

Role = Literal["frame", "mail", "preheader", "lead", "section", "standin", "rest"]

Reason = Literal[
    "lead",
    "pinned",
    "correction",
    "recent",
    "withdrawn",
    "sent before",
    "before the last edition",
    "too old",
    "excluded",
    "section not in digest",
    "section full",
    "digest full",
    "same story",
    "wrong language",
    "published later",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Why one article is in an edition, or is not.

    Attributes:
        article_id: which.
        title: as it read then.
        section: under which it stands (None: no section).
        picked: whether it is in.
        reason: the rule that decided.
        detail: the figures behind it in words, such as ``8 days old, limit 7``.
    """

    article_id: str
    title: str
    section: str | None
    picked: bool
    reason: Reason
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The recent news picked for an edition, in order, with every omission explained.

    Attributes:
        digest: key of the digest.
        slot: its date (``2026-11-21``) or week (``2026-W47``).
        since: until when the edition before it looked (UTC); None for the first.
        until: the slot's time (UTC); nothing published later is in.
        choices: picked ones in the letter's order, then those left out.
    """

    digest: str
    slot: str
    since: datetime | None
    until: datetime
    choices: tuple[Choice, ...]

    @property
    def picked(self) -> tuple[Choice, ...]:
        """Return what is in, in the letter's order."""
        return tuple(choice for choice in self.choices if choice.picked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of the letter, cut in both parts at the same places.

    Attributes:
        role: what it is for, see below.
        section: key of the section that it belongs to; None when it belongs to none.
        html: its stretch of the HTML part; empty for a text-only layout.
        text: its stretch of the text part.
        subject, preheader: of a letter that this lead, or this section's first story, opens.

    The roles: ``frame`` stands in every letter; ``mail`` in every letter but not in the web version, as it
    holds personal links; ``preheader`` is the place of the preheader; ``lead`` is the lead story; ``section``
    a section with all its stories. When the lead is not in a choice, ``standin`` is a section's first story
    set as a lead, and ``rest`` that section without it.
    """

    role: Role
    section: str | None = None
    html: str = ""
    text: str = ""
    subject: str = ""
    preheader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """An edition's content: the same for everyone, with place holders where a recipient's tokens go.

    Attributes:
        subject: plain text, one line, NFC.
        preheader: plain text, 40 to 130 characters.
        html: whole document with inlined styles; empty for a text-only layout.
        text: the text part, lines ended by LF.
        language: of the letter's own words.
        pieces: what variants are put together from; without pieces every choice gets the whole.
    """

    subject: str
    preheader: str
    html: str
    text: str
    language: str
    pieces: tuple[Piece, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return it as values that JSON knows."""
        return asdict(self)

    @classmethod
    def of(cls, plain: Mapping[str, Any]) -> Self:
        """Return what :meth:`plain` was made from."""
        pieces = tuple(Piece(**piece) for piece in plain.get("pieces", ()))
        return cls(**{**plain, "pieces": pieces})


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A stored edition; its selection and content never change.

    Attributes:
        id: row number.
        made: when it was made (UTC).
        due: the slot's time (UTC).
        prepared: when its audience was frozen (UTC); None until then.
    """

    id: int
    digest: str
    slot: str
    made: datetime
    due: datetime
    selection: Selection
    content: Rendered
    prepared: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The last edition of a digest that carried an article.

    Attributes:
        slot: of that edition.
        corrected: when the correction that it carried was declared (UTC); None when it carried none.
    """

    slot: str
    corrected: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One line about a slot that was dealt with, without the content.

    Attributes:
        id: row number.
        state: ``made``; ``skipped`` when there was nothing to say; ``lost`` when it may have gone out after
            the backup that the store was brought back from.
        reason: why there is no letter; empty for a made one.
        made: when that was decided (UTC).
        due: the slot's time (UTC).
        prepared: when its audience was frozen (UTC).
        subject: of the letter; empty for a skipped one.
        stories: how many articles it carries.
    """

    id: int
    digest: str
    slot: str
    state: Literal["made", "skipped", "lost"]
    reason: str
    made: datetime
    due: datetime
    prepared: datetime | None
    subject: str
    stories: int
