"""A letter's stories cut to what a layout has room for; nothing here knows HTML."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from publisher.model.letter import Letter, LetterPicture, LetterSection, Story

Layout = Literal["recent", "brief", "text"]

WIDE, SIDE, LOGO = (600, 450), (176, 176), (300, 64)
"""Most CSS pixels, width and height, of a lead's picture, of one beside a story, and of the masthead's."""

TITLE, CORRECTION = 320, 600
"""Most characters; a real one is never near it, and a broken one does not fill the letter."""


@dataclass(frozen=True, slots=True)
class Room:
    """Most characters of a lede, and whether pictures stand in the layout."""

    lead: int
    lede: int
    pictures: bool


ROOM: dict[Layout, Room] = {
    "recent": Room(lead=420, lede=300, pictures=True),
    "brief": Room(lead=200, lede=140, pictures=False),
    "text": Room(lead=420, lede=300, pictures=False),
}


def fitted(
    letter: Letter,
    layout: Layout,
    *,
    untitled: str,
    unsectioned: str,
    also: Sequence[tuple[str, str]] = (),
) -> Letter:
    """Return the letter with ledes, pictures and titles as the layout sets them.

    Args:
        letter: as it was put together.
        layout: decides the room.
        untitled: stands for a headline that is empty.
        unsectioned: heading of the stories without a section, when the letter names none.
        also: the same in the letter's further languages, each with its language.
    """
    room = ROOM[layout]

    def story(story: Story, most: int) -> Story:
        return replace(
            story,
            title=clipped(story.title, TITLE) or clipped(story.lede, 90) or untitled,
            lede=clipped(story.lede, most),
            byline=clipped(story.byline, TITLE),
            correction=clipped(story.correction, CORRECTION),
            picture=scaled(story.picture, SIDE) if room.pictures else None,
            large=scaled(story.large, WIDE) if room.pictures else None,
        )

    def section(section: LetterSection) -> LetterSection:
        stories = tuple(story(one, room.lede) for one in section.stories)
        if not line(section.title):
            return replace(section, title=unsectioned, also=tuple(also), stories=stories)
        further = tuple((language, line(title)) for language, title in section.also)
        return replace(section, title=line(section.title), also=further, stories=stories)

    lead = letter.lead
    if lead:
        wide = scaled(lead.picture, WIDE) if room.pictures else None
        lead = replace(story(lead, room.lead), picture=wide)
    sections = tuple(section(one) for one in letter.sections)
    return replace(letter, lead=lead, sections=sections, logo=scaled(letter.logo, LOGO))


def as_lead(story: Story, original: Story, layout: Layout) -> Story:
    """Return a section's story as the lead of those who did not choose the real lead's section.

    Args:
        story: as it is fitted for its section.
        original: as it was before, with its whole lede.
        layout: decides the room.
    """
    return replace(story, picture=story.large, lede=clipped(original.lede, ROOM[layout].lead))


def line(text: str) -> str:
    """Return the text in NFC on one line."""
    return unicodedata.normalize("NFC", " ".join(text.split()))


def clipped(text: str, most: int) -> str:
    """Return at most so many characters: up to a sentence's end, else a word's and an ellipsis."""
    whole = line(text)
    if len(whole) <= most:
        return whole
    head = whole[: most - 1]
    sentence = max(head.rfind(mark) for mark in (". ", "! ", "? ", "… "))
    if sentence > most // 2:
        return head[: sentence + 1]
    clause = max(head.rfind(mark) for mark in (", ", "; ", " – ", ": "))
    space = head.rfind(" ")
    if clause > most * 2 // 3 or space > most // 2:
        head = head[: clause if clause > most * 2 // 3 else space]
    return _whole_letters(head, whole).rstrip(" ,;:–-") + "…"


def scaled(picture: LetterPicture | None, most: tuple[int, int]) -> LetterPicture | None:
    """Return the picture shown at most so many CSS pixels wide and high, its proportions kept."""
    if picture is None:
        return None
    share = min(1.0, most[0] / picture.width, most[1] / picture.height)
    width, height = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    return replace(picture, width=width, height=height)


def direction(text: str, default: str) -> str:
    """Return ``ltr`` or ``rtl`` by the text's first letter that has a direction (Unicode UAX 9, rule P2)."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in {"R", "AL"}:
            return "rtl"
        if kind == "L":
            return "ltr"
    return default


def _whole_letters(head: str, whole: str) -> str:
    """Return the head without a letter or emoji that the cut went through."""
    joiner, selector = "\N{ZERO WIDTH JOINER}", "\N{VARIATION SELECTOR-16}"
    end = len(head)
    while end and (
        unicodedata.combining(whole[end]) or whole[end] in {joiner, selector} or whole[end - 1] == joiner
    ):
        end -= 1
    return whole[:end]
