"""The lines of a saved page, and its large parts: the article, remains of a comment form, lists of news."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from publisher.ingest.normalise.text import clean, faults

BULLET = re.compile(r"^[•●▪◦‣·*]\s*")
_HEADINGS = frozenset(
    {
        "recent news",
        "latest news",
        "related news",
        "other news",
        "more news",
        "most recent",
        "recent articles",
    }
    | {"tin mới", "tin mới nhất", "tin mới hơn", "tin liên quan", "tin khác", "các tin khác", "tin gần đây"}
    | {"tin cùng chuyên mục", "bài mới", "bài liên quan"}
)
_FORM = re.compile(
    r"you have \d+ ?/ ?\d+ characters left|please enter (?:at least )?\d+ (?:or more )?characters"
    r"|(?:bạn )?còn (?:lại )?\d+ ?/ ?\d+ ký tự(?: còn lại)?"
    r"|vui lòng nhập (?:tối thiểu |ít nhất )?\d+ ký tự(?: trở lên)?"
)
_FORM_WORDS = re.compile(
    r"(?:(?:leave|post|write|add) a |your |send |\d+ )?comments?(?: ?\(\d+\))?|send|submit"
    r"|your (?:name|e-?mail)"
    r"|(?:(?:gửi|viết|đăng|ý kiến) )?bình luận(?: của bạn)?(?: ?\(\d+\))?|gửi|ý kiến bạn đọc|họ (?:và )?tên"
)
_WIDEST = 100
_FULL = 45


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a page.

    Attributes:
        number: counted from 1.
        indent: of how many spaces.
        text: cleaned; empty for an empty line.
        fault: what had to be taken out of it, in words.
    """

    number: int
    indent: int
    text: str
    fault: str = ""


@dataclass(slots=True)
class Page:
    """A page's parts: the article's lines, empty ones left out, and those of each listed item, top first."""

    article: list[Line] = field(default_factory=list)
    items: list[list[Line]] = field(default_factory=list)


def lines_of(text: str) -> list[Line]:
    """Return the lines of a page, those that were broken at a fixed width made whole again."""
    lines = [
        Line(number, len(raw) - len(raw.lstrip()), clean(raw), faults(raw))
        for number, raw in enumerate(re.split("\r\n|\r|\n|\x0b|\x0c|\u2028|\u2029", text), 1)
    ]
    return list(_unwrapped(lines)) if _is_wrapped(lines) else lines


def parts_of(lines: Sequence[Line]) -> Page:
    """Tell the article, form remains and lists apart.

    A list begins at its heading, only when an item follows, and ends where the indentation of its items does.
    Form remains are dropped where they end a part of the article and nowhere else.
    """
    page = Page()
    part: list[Line] = []
    at = 0
    while at < len(lines):
        if _starts_list(lines, at):
            page.article += _without_form(part, before_list=True)
            part = []
            at = _read_list(lines, at + 1, page.items)
        else:
            part += [lines[at]] if lines[at].text else []
            at += 1
    page.article += _without_form(part, before_list=False)
    return page


def _starts_list(lines: Sequence[Line], at: int) -> bool:
    if lines[at].text.casefold().rstrip(":") not in _HEADINGS:
        return False
    following = next((line for line in lines[at + 1 :] if line.text), None)
    return following is not None and bool(BULLET.match(following.text))


def _read_list(lines: Sequence[Line], at: int, items: list[list[Line]]) -> int:
    """Add the items that begin at a line; return where the list has ended."""
    while not lines[at].text:
        at += 1
    first = lines[at]
    second = next((line for line in lines[at + 1 :] if line.text), first)
    deep = second.indent > first.indent or bool(BULLET.match(second.text))
    while at < len(lines):
        line = lines[at]
        if BULLET.match(line.text) and line.indent <= first.indent:
            items.append([line])
        elif _starts_list(lines, at) or (line.text and deep and line.indent <= first.indent):
            return at
        elif line.text:
            items[-1].append(line)
        at += 1
    return at


def _without_form(part: list[Line], *, before_list: bool) -> list[Line]:
    """Drop form remains at the end; words that might be an article's own only beside some that cannot."""
    kept = len(part)
    while kept and _form(part[kept - 1].text):
        kept -= 1
    certain = before_list or any(_FORM.fullmatch(_bare(line.text)) for line in part[kept:])
    return part[:kept] if certain else part


def _form(text: str) -> bool:
    bare = _bare(text)
    return bool(_FORM.fullmatch(bare) or _FORM_WORDS.fullmatch(bare))


def _bare(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold()).rstrip(" !.:…")


def _is_wrapped(lines: Sequence[Line]) -> bool:
    """Whether a page was broken at a fixed width: no long line, and full lines that go on in the next."""
    if any(len(line.text) > _WIDEST for line in lines):
        return False
    goes_on = sum(
        1
        for line, following in pairwise(lines)
        if _runs_on(line) and following.text and following.text[0].islower()
    )
    return goes_on > 1


def _runs_on(line: Line) -> bool:
    return len(line.text) >= _FULL


def _unwrapped(lines: Sequence[Line]) -> Iterator[Line]:
    whole: Line | None = None
    last = 0
    for line in lines:
        if whole and line.text and last >= _FULL and not BULLET.match(line.text):
            fault = whole.fault or line.fault
            whole = Line(whole.number, whole.indent, f"{whole.text} {line.text}", fault)
        else:
            if whole:
                yield whole
            whole = line
        last = len(line.text)
    if whole:
        yield whole
