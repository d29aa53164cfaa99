"""A letter's two parts, rendered and inlined once, and cut into the pieces that variants are made of."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

from publisher.digest.fit import Layout, as_lead, direction, fitted
from publisher.digest.inline import inlined
from publisher.digest.opening import Opening, Wording, opening
from publisher.digest.textpart import TextPart
from publisher.errors import ConfigError
from publisher.i18n import Words
from publisher.model.contrast import mixed
from publisher.model.edition import PREFERENCES_TOKEN, UNSUBSCRIBE_TOKEN, Piece, Rendered, Role
from publisher.model.letter import Letter, LetterSection, Story
from publisher.settings.schema import Look, wording
from publisher.templating import Templates, markup
from publisher.templating import render as render_template

Place = tuple[str, str | None]
"""Name of a piece and the section that it belongs to."""

_ROLES: dict[str, Role] = {
    "page": "frame",
    "envelope": "mail",
    "preheader": "preheader",
    "padding": "mail",
    "masthead": "frame",
    "lead": "lead",
    "standin": "standin",
    "rest": "rest",
    "section": "section",
    "personal": "mail",
    "imprint": "frame",
}
_WHOLE: Place = ("page", None)
_MAY_BE_LEFT_OUT = frozenset({"envelope", "preheader", "padding", "standin", "rest"})
_MARK = re.compile(r"<!--piece ([a-z]+) ([a-z0-9-]*)-->")
_PADDING = markup("&#847;&zwnj;&nbsp;" * 60)
"""Invisible; keeps mail programs from showing what follows the preheader."""
_PANEL = 0.05
"""How much of the words' colour is in the ground behind a picture that is not shown."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One section, and what of it is set differently when it opens a letter without the real lead."""

    section: LetterSection
    lead: Story
    rest: LetterSection


def render(
    letter: Letter,
    *,
    layout: Layout,
    look: Look,
    templates: Templates,
    words: Words,
    zone: ZoneInfo,
    subject: str | None = None,
    preheader: str | None = None,
    also: Sequence[Words] = (),
) -> Rendered:
    """Return the edition's content.

    Args:
        letter: the articles laid out.
        layout: which of the layouts; ``text`` has no HTML part.
        look: colours, fonts and wording.
        templates: the site's first, then ours.
        words: of the letter's own language.
        zone: of the newsroom, for templates that print times.
        subject, preheader: the config's templates; left out, the lead and the next headlines make them.
        also: further languages in which the date, headings without a section and the foot are repeated.

    Raises:
        ConfigError: a template is missing or wrong, with file and line.
    """
    room = fitted(
        letter,
        layout,
        untitled=words("Untitled"),
        unsectioned=words("More news"),
        also=[(one.language, one("More news")) for one in also],
    )
    headings = tuple(_headings(room, letter, layout))
    tongues = (words, *also)
    part = TextPart(
        letter=room,
        words=words,
        tongues=tongues,
        dates=tuple(one.date(room.day) for one in tongues),
        preferences_url=f"{room.site_url}/preferences/{PREFERENCES_TOKEN}",
        unsubscribe_url=f"{room.site_url}/u/{UNSUBSCRIBE_TOKEN}",
        tagline=wording(look.tagline, words.language),
        footer=wording(look.footer, words.language),
    )
    openings = _openings(part, headings, templates, Wording(subject, preheader))
    texts = _texts(part, headings)
    pages = dict.fromkeys(texts, "")
    if layout != "text":
        name = f"digest/{layout}.html"
        values = _values(part, headings, openings[_WHOLE], look) | {"zone": zone}
        pages = _cut(inlined(render_template(templates, name, **values)))
        _complete(name, pages, texts)
    return _rendered(pages, texts, openings, words.language)


def _values(part: TextPart, headings: Sequence[Heading], whole: Opening, look: Look) -> dict[str, Any]:
    """Return the names that templates know."""
    return {
        **{field.name: getattr(part, field.name) for field in fields(part)},
        "look": look,
        "panel": mixed(look.background, look.text, _PANEL),
        "panel_dark": mixed(look.background_dark, look.text_dark, _PANEL),
        "headings": headings,
        "heading": f"{part.letter.title}, {part.dates[0]}",
        "preheader": whole.preheader,
        "padding": _PADDING,
        "piece": _mark,
        "direction": lambda story: direction(story.title + story.lede, part.words.direction),
    }


def _openings(
    part: TextPart, headings: Sequence[Heading], templates: Templates, phrases: Wording
) -> dict[Place, Opening]:
    """Return subject and preheader of the whole letter, and of those that the lead or a section opens."""
    letter = part.letter

    def opened(stories: Sequence[Story], wanted: Wording) -> Opening:
        date = part.dates[0]
        return opening(letter, stories, date=date, words=part.words, templates=templates, wording=wanted)

    def of_fewer(stories: Sequence[Story]) -> Opening:
        # The config's template may ask for a second story that a choice has not; the whole letter has it.
        try:
            return opened(stories, phrases)
        except ConfigError:
            return opened(stories, Wording())

    found: dict[Place, Opening] = {_WHOLE: opened(letter.stories, phrases)}
    for one in headings:
        found["section", one.section.key] = of_fewer(one.section.stories)
    if letter.lead:
        key = letter.lead.section
        beside = [story for one in headings if one.section.key == key for story in one.section.stories]
        found["lead", key] = of_fewer([letter.lead, *beside])
    return found


def _headings(letter: Letter, original: Letter, layout: Layout) -> Iterator[Heading]:
    for section, before in zip(letter.sections, original.sections, strict=True):
        first, *others = section.stories
        rest = replace(section, stories=tuple(others))
        lead = as_lead(first, before.stories[0], layout)
        yield Heading(_illustrated(section), lead, _illustrated(rest))


def _illustrated(section: LetterSection) -> LetterSection:
    """Return the section with a picture only at the first story that has one: a page needs an eye-catcher."""
    pictured = next((story.article_id for story in section.stories if story.picture), None)
    stories = (
        story if story.article_id == pictured else replace(story, picture=None) for story in section.stories
    )
    return replace(section, stories=tuple(stories))


def _texts(part: TextPart, headings: Sequence[Heading]) -> dict[Place, str]:
    """Return the stretches of the text part by their places."""
    texts: dict[Place, str] = {("masthead", None): part.masthead()}
    letter = part.letter
    if letter.lead:
        texts["lead", letter.lead.section] = part.lead(letter.lead)
    for one in headings:
        key = one.section.key
        if letter.lead:
            texts["standin", key] = part.lead(one.lead)
            texts["rest", key] = part.section(one.rest)
        texts["section", key] = part.section(one.section)
    texts["personal", None] = part.personal()
    texts["imprint", None] = part.imprint()
    return texts


def _mark(name: str, section: str | None = None) -> str:
    """Return the mark with which a template says that a piece begins."""
    return markup(f"<!--piece {name} {section or ''}-->")


def _cut(page: str) -> dict[Place, str]:
    """Return the document's stretches in their order, by the marks before them."""
    first, *rest = _MARK.split(unicodedata.normalize("NFC", page))
    pages: dict[Place, str] = {_WHOLE: first}
    for name, section, stretch in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        pages[name, section or None] = stretch
    return pages


def _complete(name: str, pages: Mapping[Place, str], texts: Mapping[Place, str]) -> None:
    """Raise ConfigError when a template of the site's own does not mark what the text part holds."""
    unknown = [place for place, _ in pages if place not in _ROLES]
    missing = [" ".join(filter(None, place)) for place in texts if place not in pages]
    missing = [place for place in missing if place.split()[0] not in _MAY_BE_LEFT_OUT]
    if unknown:
        raise ConfigError(f"templates/{name}: there is no piece {unknown[0]!r}; known: {', '.join(_ROLES)}")
    if missing:
        raise ConfigError(f"templates/{name}: the piece {missing[0]!r} is not marked; call piece() before it")


def _rendered(
    pages: Mapping[Place, str],
    texts: Mapping[Place, str],
    openings: Mapping[Place, Opening],
    language: str,
) -> Rendered:
    pieces = []
    for place, page in pages.items():
        lines = openings[place] if place in openings and place != _WHOLE else Opening("", "")
        pieces.append(
            Piece(
                role=_ROLES[place[0]],
                section=place[1],
                html=page,
                text=unicodedata.normalize("NFC", texts.get(place, "")),
                subject=lines.subject,
                preheader=lines.preheader,
            )
        )
    whole = openings[_WHOLE]
    public = [piece for piece in pieces if piece.role not in {"standin", "rest"}]
    return Rendered(
        subject=whole.subject,
        preheader=whole.preheader,
        html="".join(piece.html for piece in public),
        text="".join(piece.text for piece in public),
        language=language,
        pieces=tuple(pieces),
    )
