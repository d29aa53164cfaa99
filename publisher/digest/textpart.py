"""The text part, written from the same data as the HTML part and cut at the same places."""

from collections.abc import Sequence
from dataclasses import dataclass
from html.parser import HTMLParser
from textwrap import wrap

from publisher.i18n import Words
from publisher.model.letter import Letter, LetterSection, Story

WIDTH = 72
"""Characters in a line; an address is never broken."""
RULE = 36
"""Characters of a rule; a phone shows that many."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """Writes the stretches of one letter's text part.

    Attributes:
        letter: fitted to its layout.
        words: of the letter's own language.
        tongues: the letter's own language first, then others in which the foot is repeated.
        dates: of the slot in words, in each of these languages.
        preferences_url, unsubscribe_url: with place holders.
        tagline, footer: from the look; empty when there is none.
    """

    letter: Letter
    words: Words
    tongues: Sequence[Words]
    dates: Sequence[str]
    preferences_url: str
    unsubscribe_url: str
    tagline: str = ""
    footer: str = ""

    def masthead(self) -> str:
        """Return paper, title, date and the editor's note."""
        title = [] if self.letter.title == self.letter.site_title else [self.letter.title]
        lines = [
            self.letter.site_title.upper(),
            *title,
            *self.dates,
            *([self.tagline] if self.tagline else []),
        ]
        said = [note_text(self.letter.note)]
        if not self.letter.stories:
            said.append(self.words("There is no news since the last letter."))
        words = "".join(f"{part}\n\n\n" for part in said if part)
        return "\n".join([*lines, "=" * RULE, ""]) + "\n" + words

    def lead(self, story: Story) -> str:
        """Return the story that leads."""
        kicker = f"[{story.section_title}]\n" if story.section_title else ""
        return kicker + self._story(story, with_byline=True) + "\n"

    def section(self, section: LetterSection) -> str:
        """Return a section's heading and stories; nothing when it has none."""
        if not section.stories:
            return ""
        rule = "-" * RULE
        titles = [section.title, *(title for _, title in section.also)]
        heading = f"{' · '.join(titles).upper()}\n{rule}\n\n"
        return heading + "".join(self._story(story) for story in section.stories) + "\n"

    def personal(self) -> str:
        """Return why the reader gets it and the links that are their own."""
        return "=" * RULE + "\n\n" + "".join(self._links(words) for words in self.tongues)

    def imprint(self) -> str:
        """Return who sends it."""
        lines = [self.footer, self.letter.site_title, self.letter.postal_address]
        said = "\n".join(part for line in lines if line for part in wrapped(line))
        feeds = f"\n\n{self.words('All feeds')}:\n{self.letter.feeds_url}" if self.letter.feeds_url else ""
        return f"{said}\n{self.letter.site_url}{feeds}\n"

    def _story(self, story: Story, *, with_byline: bool = False) -> str:
        lines = wrapped(story.title)
        if story.lede:
            lines += ["", *wrapped(story.lede)]
        if with_byline and story.byline:
            lines += ["", *wrapped(story.byline)]
        if story.correction:
            lines += ["", *wrapped(f"{self.words('Correction')}: {story.correction}")]
        return "\n".join([*lines, "", story.url, "", "", ""])

    def _links(self, words: Words) -> str:
        why = wrapped(
            words("You get {title} because you subscribed to it.").replace("{title}", self.letter.title)
        )
        links = (
            (words("Choose sections and hour"), self.preferences_url),
            (words("Unsubscribe"), self.unsubscribe_url),
            (words("Read on the web"), self.letter.web_url),
        )
        return "\n".join([*why, "", *(f"{name}:\n{url}\n" for name, url in links), ""])


def wrapped(text: str) -> list[str]:
    """Return the text in lines of at most 72 characters; a longer word keeps its own line.

    An address that fills a line is moved in by one, since a line that is an address leads to a story.
    """
    lines = wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)
    return [f" {line}" if line.startswith(("http://", "https://")) else line for line in lines]


def note_text(note: str) -> str:
    """Return the editor's note as paragraphs and list items, addresses after their words."""
    reader = _NoteReader()
    reader.feed(note)
    reader.close()
    return reader.text()


class _NoteReader(HTMLParser):
    """Collects the paragraphs of a little sanitised HTML."""

    BLOCKS = frozenset({"p", "li", "ul", "ol", "blockquote", "h2", "h3", "h4", "pre", "div"})

    def __init__(self) -> None:
        super().__init__()
        self._paragraphs: list[str] = [""]
        self._address = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in self.BLOCKS:
            self._paragraphs.append("- " if tag == "li" else "")
        elif tag == "a":
            self._address = dict(attrs).get("href") or ""
        elif tag == "br":
            self._paragraphs[-1] += " "

    def handle_endtag(self, tag: str) -> None:
        if tag in self.BLOCKS:
            self._paragraphs.append("")
        elif tag == "a" and self._address and not self._paragraphs[-1].endswith(self._address):
            self._paragraphs[-1] += f" <{self._address}>"

    def handle_data(self, data: str) -> None:
        self._paragraphs[-1] += data

    def text(self) -> str:
        said = [" ".join(paragraph.split()) for paragraph in self._paragraphs]
        return "\n\n".join("\n".join(wrapped(paragraph)) for paragraph in said if paragraph.strip("- "))
