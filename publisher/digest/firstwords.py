"""The first words of an article's body, for articles that have no lede of their own."""

from html.parser import HTMLParser

_BLOCKS = frozenset({"p", "li", "blockquote", "h2", "h3", "h4", "pre"})
_NOT_WORDS = frozenset({"figure", "figcaption", "table", "script", "style"})


def opening_words(body: str) -> str:
    """Return the first paragraph of an article's sanitised HTML as plain text; empty when it has no words."""
    reader = _FirstWords()
    reader.feed(body)
    reader.close()
    return reader.found


class _FirstWords(HTMLParser):
    """Gathers text until the first block that holds any has ended; captions and tables do not count."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = ""
        self._said: list[str] = []
        self._aside = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        self._aside += tag in _NOT_WORDS
        if tag in _BLOCKS:
            self._settle()
        elif tag == "br":
            self._said.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._aside -= tag in _NOT_WORDS and self._aside > 0
        if tag in _BLOCKS:
            self._settle()

    def handle_data(self, data: str) -> None:
        if not self._aside:
            self._said.append(data)

    def close(self) -> None:
        super().close()
        self._settle()

    def _settle(self) -> None:
        said = " ".join("".join(self._said).split())
        self._said.clear()
        self.found = self.found or said
