"""What the gate sees of an HTML part: its elements with their styles, and the rules of its style blocks.

Read with the standard library's parser, as the gate must see what is written and not what a browser would
make of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(slots=True, eq=False)
class Element:
    """One element.

    Attributes:
        tag, attributes: as written, names in small letters.
        style: inline declarations.
        parent: None for the outermost.
        words: all text in it, alternative texts of pictures included, in order.
        own: text directly in it.
    """

    tag: str
    attributes: Mapping[str, str]
    style: Mapping[str, str]
    parent: "Element | None"
    words: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)

    def get(self, name: str) -> str:
        """Return an attribute's value, empty when it has none."""
        return self.attributes.get(name, "")

    @property
    def text(self) -> str:
        """Its text with white space made single."""
        return " ".join("".join(self.words).split())

    @property
    def place(self) -> str:
        """How a person finds it: its tag and the beginning of its words."""
        return f"<{self.tag}> {self.text[:40]!r}" if self.text else f"<{self.tag}>"

    @property
    def classes(self) -> list[str]:
        """Names of its classes."""
        return self.get("class").split()

    def line_up(self) -> Iterator["Element"]:
        """Yield the element and what it stands in, from inside out."""
        here: Element | None = self
        while here is not None:
            yield here
            here = here.parent

    @property
    def hidden(self) -> bool:
        """Whether nobody sees or hears it."""
        return any(element.style.get("display") == "none" for element in self.line_up())


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a style block; ``media`` is empty outside @media."""

    media: str
    selector: str
    declarations: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed HTML part."""

    source: str
    elements: tuple[Element, ...]
    rules: tuple[Rule, ...]
    styles: str

    def all(self, *tags: str) -> Iterator[Element]:
        """Yield the elements of these tags in their order."""
        return (element for element in self.elements if element.tag in tags)


def parse(html: str) -> Page:
    """Return what a gate can see of the document."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    styles = "\n".join("".join(element.own) for element in reader.elements if element.tag == "style")
    return Page(html, tuple(reader.elements), tuple(rules(styles)), styles)


def declarations(style: str) -> dict[str, str]:
    """Return the declarations of a style attribute or rule, without ``!important``."""
    pairs = (part.partition(":") for part in style.split(";"))
    return {
        name.strip().lower(): value.replace("!important", "").strip() for name, mark, value in pairs if mark
    }


def rules(styles: str) -> Iterator[Rule]:
    """Yield the rules of style blocks, those within @media with their query."""
    rest = _CSS_COMMENT.sub("", styles)
    while "{" in rest:
        head, _, rest = rest.partition("{")
        body, rest = _block(rest)
        name = " ".join(head.split())
        if name.startswith("@"):
            yield Rule(name, "", {})
            yield from (Rule(name, rule.selector, rule.declarations) for rule in rules(body))
        else:
            yield Rule("", name, declarations(body))


def _block(rest: str) -> tuple[str, str]:
    """Split after the brace that closes the block."""
    depth = 1
    for place, character in enumerate(rest):
        depth += (character == "{") - (character == "}")
        if not depth:
            return rest[:place], rest[place + 1 :]
    return rest, ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        parent = self._open[-1] if self._open else None
        element = Element(tag, attributes, declarations(attributes.get("style", "")), parent)
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)
        elif attributes.get("alt"):
            element.own.append(attributes["alt"])
            self._say(f" {attributes['alt']} ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open):
            while self._open.pop().tag != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].own.append(data)
            self._say(data)

    def _say(self, data: str) -> None:
        for element in self._open:
            element.words.append(data)
