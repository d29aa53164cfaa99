"""The editor's note of an edition: Markdown that an editor writes, HTML that a letter may carry.

A digest in several languages may have a note in each; they stand one after the other, as its dates do.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unicodedata import normalize
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from publisher.errors import ConfigError
from publisher.i18n import words

MOST_BYTES = 10_000
_RULES = (
    *("paragraph", "heading", "lheading", "list", "blockquote", "reference"),
    *("text", "newline", "escape", "entity", "emphasis", "link", "autolink"),
    *("balance_pairs", "fragments_join"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def note(site: Path, digest: str, slot: str, languages: Sequence[str] = ()) -> str:
    """Return the notes in ``config/notes/DIGEST`` as HTML; empty when there are none.

    Args:
        site: its folder.
        digest: its key.
        slot: of the edition.
        languages: of the digest. ``SLOT.LANGUAGE.md`` is the note in one of them; ``SLOT.md`` stands for the
            first, or for all where it is the only one. A language without a note has none.

    Raises:
        ConfigError: a file cannot be used; an edition is not made without the words its editor wrote.
    """
    first, *others = languages or ("",)
    whole = _read(site, f"config/notes/{digest}/{slot}.md")
    own = _read(site, f"config/notes/{digest}/{slot}.{first}.md") if first else ""
    further = ((one, _read(site, f"config/notes/{digest}/{slot}.{one}.md")) for one in others)
    told = [
        own or whole,
        *(f'<div lang="{one}" dir="{words(one).direction}">{said}</div>' for one, said in further if said),
    ]
    return "\n".join(filter(None, told))


def _read(site: Path, place: str) -> str:
    """Return one note as HTML; empty when there is no such file."""
    try:
        content = (site / place).read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read: {(error.strerror or str(error)).lower()}") from error
    if len(content) > MOST_BYTES:
        raise ConfigError(f"{place}: {len(content)} bytes; a note may have {MOST_BYTES}")
    try:
        return html(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{place}: is not UTF-8 text; save it as UTF-8") from None


def html(markdown: str) -> str:
    """Return the note's HTML: paragraphs, lists, quotations, emphasis and links, and nothing else.

    HTML in it is shown as it was typed; a link that is not absolute (http, https, mailto) stays plain text; a
    heading becomes a strong line, because the headings of the letter belong to its stories.
    """
    return str(_parser().render(normalize("NFC", _CONTROL.sub("", markdown)))).strip()


def _parser() -> MarkdownIt:
    parser = _Parser("zero", {"html": False}).enable(_RULES)
    for which, tag in (("heading_open", "<p><strong>"), ("heading_close", "</strong></p>\n")):
        parser.add_render_rule(which, _constant(tag))
    parser.add_render_rule("link_open", _link)
    return parser


def _constant(tag: str) -> Any:
    def rule(
        _self: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: EnvType
    ) -> str:
        return tag

    return rule


def _link(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    """Set a link as the letter's other links are, so that it is as legible in the dark as they are."""
    tokens[index].attrSet("class", "link")
    return self.renderToken(tokens, index, options, env)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - markdown-it's name
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme == "mailto" or (parts.scheme in {"http", "https"} and bool(parts.netloc))
