"""What a template needs of an edition: the picked articles laid out, nothing left to look up."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterPicture:
    """A picture scaled for its slot; ``url`` is absolute, the size is what it is shown at in CSS pixels."""

    url: str
    width: int
    height: int
    alt: str
    caption: str = ""
    credit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One article in the letter.

    Attributes:
        article_id: of the store.
        section: key, or None.
        section_title: in the letter's language; empty without a section.
        title, lede: plain text; the lede without its agency prefix.
        url: absolute address of the article.
        language: BCP 47 of title and lede.
        picture: for its place (large for the lead); None when there is none.
        large: the same picture for the lead's place; needed of the first story of each section, which leads
            the letters of subscribers who did not choose the lead's section.
        byline: names joined for print; empty when nobody is named.
        correction: note of a declared correction; empty otherwise.
        pinned: whether the operator put it first.
    """

    article_id: str
    section: str | None
    section_title: str
    title: str
    lede: str
    url: str
    language: str
    picture: LetterPicture | None = None
    large: LetterPicture | None = None
    byline: str = ""
    correction: str = ""
    pinned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterSection:
    """A section's stories; ``key`` None is the last one, of articles without a section.

    Attributes:
        title: in the letter's own language.
        also: (language, title) in the further languages of a letter in several, where it differs.
    """

    key: str | None
    title: str
    stories: tuple[Story, ...]
    also: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """An edition, ready to be rendered.

    Attributes:
        digest, slot: which edition.
        title: the digest's name in its language.
        day: of the slot, on the newsroom's calendar.
        language: of the letter's own words.
        site_title, site_url: the paper.
        web_url: address of the web version.
        lead: the story that leads; it stands in no section below.
        sections: in order, none empty.
        note: editor's note as sanitised HTML; empty when there is none.
        postal_address: for the foot.
        feeds_url: page of the feeds.
        logo: of the paper, for the masthead; its name in letters when None.
    """

    digest: str
    slot: str
    title: str
    day: date
    language: str
    site_title: str
    site_url: str
    web_url: str
    lead: Story | None
    sections: tuple[LetterSection, ...]
    note: str = ""
    postal_address: str = ""
    feeds_url: str = ""
    logo: LetterPicture | None = None

    @property
    def stories(self) -> tuple[Story, ...]:
        """Every story in the letter's order."""
        lead = (self.lead,) if self.lead else ()
        return lead + tuple(story for section in self.sections for story in section.stories)
