"""HTML as it may stand in a feed, a page or a letter: the only home of nh3.

nh3 parses as browsers do, so broken HTML comes out repaired, and keeps only what is listed here. What it
gives back is well-formed; it is then put into blocks, so that an article's body is a row of paragraphs,
headings, lists, figures and tables whatever wrapped them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from itertools import groupby

import nh3

from publisher.ingest.normalise import web
from publisher.ingest.normalise.text import clean_lines, clean_within, encodable, one_line

_INLINE = frozenset({"a", "b", "br", "code", "em", "i", "img", "strong", "sub", "sup"})
_TABLE = frozenset({"caption", "thead", "tbody", "tfoot", "tr", "td", "th"})
_RENAMED = {"h1": "h2", "h5": "h4", "h6": "h4"}
_LEAVES = frozenset({"p", "h2", "h3", "h4", "figcaption", "dt", "dd"})
_BLOCKS = frozenset({"ul", "ol", "li", "blockquote", "figure", "pre", "table"}) | _LEAVES | _TABLE
_WRAPPERS = frozenset(
    {"address", "article", "aside", "center", "details", "div", "dl", "fieldset", "footer", "form", "header"}
    | {"hr", "main", "nav", "section", "summary"}
)
_VOID = frozenset({"br", "hr", "img"})
_DROPPED_WHOLE = frozenset(
    {"embed", "iframe", "math", "noframes", "object", "script", "style", "svg", "template"}
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt", "width", "height"}, "td": {"colspan"}, "th": {"colspan"}}
_NUMBERS = frozenset({"width", "height", "colspan"})
_CLEANER = nh3.Cleaner(
    tags=set(_INLINE | _BLOCKS | _WRAPPERS | set(_RENAMED)),
    clean_content_tags=set(_DROPPED_WHOLE),
    attributes=_ATTRIBUTES,
    url_schemes=set(web.LINKS),
    link_rel=None,
)
_DEEPEST = 40
_OUTER_BREAKS = re.compile(r"^(?:\s|<br>)+|(?:\s|<br>)+$")
_EXTRA_SPACES = re.compile(r"(<br>| ) +")
_IMAGE = re.compile(r"<img[^<>]*>")
_AND, _HARD_SPACE = "\ufdd0", "\ufdd1"
_REFERENCE = re.compile(r"(&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[A-Za-z][A-Za-z0-9]{1,31});?|&)(=?)")

PictureAddress = Callable[[str], str | None]
"""Turns the address of a picture in the text into an absolute one, or None to leave the picture out."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a body.

    Attributes:
        tag: such as ``p``.
        html: the whole of it, tag included.
        text: its words on one line.
        plain: whether it holds words only, no links, pictures or emphasis.
    """

    tag: str
    html: str
    text: str
    plain: bool


@dataclass(slots=True)
class _Node:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["_Node | str"] = field(default_factory=list)


def sanitise(html: str, base: str | None = None, picture: PictureAddress | None = None) -> list[Block]:
    """Return the blocks of a piece of HTML, safe and whole.

    Args:
        html: anything; broken HTML is read as browsers read it.
        base: what relative addresses are relative to; without it they cannot be kept.
        picture: decides about each picture's address; left out, pictures are treated as links are.
    """
    picture = picture or (lambda address: web.absolute(address, base))
    tree = _Tree(base, picture)
    tree.feed(_CLEANER.clean(_hold_back(html)))
    tree.close()
    return list(_flow(tree.root.children))


def to_html(blocks: Sequence[Block]) -> str:
    """Return blocks as one piece of HTML, a line each."""
    return "\n".join(block.html for block in blocks)


def to_text(blocks: Sequence[Block]) -> str:
    """Return the words of blocks on one line."""
    return " ".join(block.text for block in blocks if block.text)


def images_of(block: Block) -> list[str]:
    """Return the picture elements of a block."""
    return _IMAGE.findall(block.html)


def paragraph(text: str) -> str:
    """Return plain text as a paragraph."""
    return f"<p>{escape(text, quote=False)}</p>"


class _Tree(HTMLParser):
    """Builds a shallow tree from nh3's output; tags nested deeper than anyone reads are passed over."""

    def __init__(self, base: str | None, picture: PictureAddress) -> None:
        super().__init__(convert_charrefs=True)
        self.root = _Node("")
        self._open = [self.root]
        self._beyond = 0
        self._base = base
        self._picture = picture

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = _Node(_RENAMED.get(tag, tag), self._kept(attrs))
        if tag in _VOID:
            self._open[-1].children.append(node)
        elif len(self._open) > _DEEPEST:
            self._beyond += 1
        else:
            self._open[-1].children.append(node)
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID:
            return
        if self._beyond:
            self._beyond -= 1
        elif len(self._open) > 1:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(_give_back(data))

    def _kept(self, attrs: list[tuple[str, str | None]]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in attrs:
            settled = self._settle(name, _give_back(value or ""))
            if settled is not None:
                kept[name] = settled
        return kept

    def _settle(self, name: str, value: str) -> str | None:
        if name == "href":
            return web.absolute(value, self._base, web.LINKS)
        if name == "src":
            return self._picture(value)
        if name in _NUMBERS:
            return value if value.isascii() and value.isdigit() and 0 < int(value[:9]) <= 20_000 else None
        return one_line(value)


def _hold_back(html: str) -> str:
    """Put stand-ins for ``&`` and the non-breaking space, which nh3 escapes in quadratic time.

    The stand-ins are noncharacters, which Unicode keeps free for such a use and no text may contain.
    """
    html = encodable(html).replace(_AND, "").replace(_HARD_SPACE, "")
    return _REFERENCE.sub(_resolve, html).replace("\u00a0", _HARD_SPACE)


def _resolve(found: re.Match[str]) -> str:
    reference, after = found[1], found[2]
    means = unescape(reference) if reference.endswith(";") or not after else reference
    if any(letter in means for letter in "<>\"'"):
        return found[0]
    return means.replace("&", _AND) + after


def _give_back(text: str) -> str:
    return text.replace(_AND, "&").replace(_HARD_SPACE, "\u00a0")


def _flow(children: Sequence[_Node | str]) -> Iterator[Block]:
    """Yield the blocks of mixed content; a run of words between blocks becomes a paragraph."""
    run: list[_Node | str] = []
    for child in children:
        if isinstance(child, str) or (child.tag in _INLINE and not _holds_block(child)):
            run.append(child)
            continue
        yield from _run(run)
        run = []
        yield from _block(child)
    yield from _run(run)


def _run(run: Sequence[_Node | str]) -> Iterator[Block]:
    """Yield paragraphs of inline content; two line breaks in a row part them."""
    part: list[_Node | str] = []
    breaks = 0
    for child in run:
        if isinstance(child, _Node) and child.tag == "br":
            breaks += 1
        elif isinstance(child, _Node) or child.strip():
            if breaks > 1:
                yield from _leaf("p", part)
                part = []
            elif breaks:
                part.append(_Node("br"))
            breaks = 0
            part.append(child)
        elif not breaks:
            part.append(child)
    yield from _leaf("p", part)


def _block(node: _Node) -> Iterator[Block]:
    if node.tag in _LEAVES:
        tag = "p" if node.tag in {"dt", "dd", "figcaption"} else node.tag
        if any(_holds_block(child) for child in node.children if isinstance(child, _Node)):
            yield from _flow(node.children)
        elif tag == "p":
            yield from _run(node.children)
        else:
            yield from _leaf(tag, node.children)
    elif node.tag in {"ul", "ol"}:
        yield from _nested(node.tag, list(_items(node)))
    elif node.tag == "blockquote":
        yield from _nested("blockquote", list(_flow(node.children)))
    elif node.tag == "figure":
        yield from _figure(node)
    elif node.tag == "pre":
        yield from _preformatted(node)
    elif node.tag == "table":
        yield from _table(node)
    else:
        yield from _flow(node.children)


def _leaf(tag: str, children: Sequence[_Node | str]) -> Iterator[Block]:
    html = _OUTER_BREAKS.sub("", _EXTRA_SPACES.sub(r"\1", _inline(children)))
    text = one_line(_words(children))
    if text or "<img" in html:
        yield Block(tag, f"<{tag}>{html}</{tag}>", text, plain="<" not in html)


def _nested(tag: str, parts: Sequence[Block]) -> Iterator[Block]:
    if parts:
        inner = "".join(part.html for part in parts)
        yield Block(tag, f"<{tag}>{inner}</{tag}>", to_text(parts), plain=False)


def _items(node: _Node) -> Iterator[Block]:
    for child in node.children:
        content = child.children if isinstance(child, _Node) and child.tag == "li" else [child]
        parts = list(_flow(content))
        if not parts:
            continue
        if parts[0].tag == "p":
            # A list's words stand in the item itself; a paragraph inside would be spaced out.
            opening = Block("", parts[0].html[3:-4], parts[0].text, parts[0].plain)
            parts = [opening, *parts[1:]]
        yield from _nested("li", parts)


def _figure(node: _Node) -> Iterator[Block]:
    inner: list[str] = []
    words: list[str] = []
    for is_caption, group in groupby(node.children, key=_is_caption):
        content: list[_Node | str] = list(group)
        if is_caption:
            content = [part for one in content if isinstance(one, _Node) for part in one.children]
        parts = list(_flow(content))
        html = " ".join(part.html[3:-4] if part.tag == "p" else part.html for part in parts)
        if html:
            inner.append(f"<figcaption>{html}</figcaption>" if is_caption else html)
        words += [part.text for part in parts if part.text]
    if inner:
        yield Block("figure", f"<figure>{''.join(inner)}</figure>", " ".join(words), plain=False)


def _is_caption(child: _Node | str) -> bool:
    return isinstance(child, _Node) and child.tag == "figcaption"


def _preformatted(node: _Node) -> Iterator[Block]:
    words = clean_lines(_words(node.children)).strip("\n")
    if words.strip():
        yield Block("pre", f"<pre>{escape(words, quote=False)}</pre>", one_line(words), plain=False)


def _table(node: _Node) -> Iterator[Block]:
    html = _cells(node)
    text = one_line(_words(node.children))
    if text or "<img" in html:
        yield Block("table", html, text, plain=False)


def _cells(node: _Node) -> str:
    """Return a table's element; words between the rows have no place and nh3 has moved them out."""
    if node.tag in {"td", "th", "caption"}:
        inner = "".join(part.html for part in _flow(node.children))
        if inner.count("<p>") == 1 and inner.startswith("<p>") and inner.endswith("</p>"):
            inner = inner[3:-4]
    else:
        inner = "".join(_cells(child) for child in node.children if isinstance(child, _Node))
    return f"{_start(node)}{inner}</{node.tag}>"


def _inline(children: Sequence[_Node | str]) -> str:
    out: list[str] = []
    for child in children:
        if isinstance(child, str):
            out.append(escape(clean_within(child), quote=False))
        elif child.tag == "br":
            out.append("<br>")
        elif child.tag == "img":
            out.append(_start(child) if "src" in child.attributes else "")
        else:
            inner = _inline(child.children)
            bare = not _OUTER_BREAKS.sub("", inner) or (child.tag == "a" and "href" not in child.attributes)
            out.append(inner if bare or child.tag not in _INLINE else f"{_start(child)}{inner}</{child.tag}>")
    return "".join(out)


def _start(node: _Node) -> str:
    said = "".join(f' {name}="{escape(value)}"' for name, value in node.attributes.items())
    return f"<{node.tag}{said}>"


def _words(children: Sequence[_Node | str]) -> str:
    out: list[str] = []
    for child in children:
        if isinstance(child, str):
            out.append(child)
        else:
            parted = child.tag == "br" or child.tag in _BLOCKS or child.tag in _WRAPPERS
            out.append(f"\n{_words(child.children)}\n" if parted else _words(child.children))
    return "".join(out)


def _holds_block(node: _Node) -> bool:
    return (
        node.tag in _BLOCKS
        or node.tag in _WRAPPERS
        or any(_holds_block(child) for child in node.children if isinstance(child, _Node))
    )
