"""Paragraphs, cross-headings and captions of a saved page told apart.

Nothing marks them but their shape, so each needs good evidence; what has none stays a paragraph in its place.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

Kind = Literal["paragraph", "heading", "caption"]

_CREDIT = re.compile(
    r"\s*\(?\b(?:File |Archive )?(Photos?|Pictures?|Images?|Illustration|Graphics?|Drawing"
    r"|Ảnh(?: (?:minh hoạ|minh họa|tư liệu))?"
    r"|Đồ hoạ|Đồ họa|Minh hoạ|Minh họa|Nguồn ảnh)\s*:\s*([^:.!?]{1,58}(?:\.[^\s:.!?][^:.!?]{0,20})?)\)?\.?$"
)
_POSITION = re.compile(
    r"\((?:(?:far|front|back|second|third|fourth|standing|seated|from|on|in|the|row|and)[ ,]+)*"
    r"(?:left|right|center|centre|middle|foreground|background)\b[^()]{0,30}\)"
    r"|\([^()]{0,40}\b(?:trái|phải|giữa)\b[^()]{0,30}\)",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?…][\"”’')\]]*\s+(?=[^\Wa-z\d_]|[“\"(])")
_QUOTED = re.compile(r"[“”\"«»]")
_CONNECTED = re.compile(
    r"(?:He|She|It|They|We|I|You|This|That|These|Those|There|Here|But|And|Or|So|Yet|However|Meanwhile|Moreover|Also"
    r"|Then|Now|Thus|Therefore|Still|Instead|In addition|As a result|For example|His|Her|Their|Its|Our|My"
    r"|Nobody|No one"
    r"|Ông|Bà|Anh|Chị|Em|Họ|Nó|Tôi|Chúng|Nhưng|Và|Tuy|Song|Vì|Do|Bởi|Nên|Đó|Đây|Khi"
    r"|Nếu|Theo|Ngoài|Bên cạnh|Trong khi"
    r"|Đến nay|Hiện|Không ai|Từ đó|Sau đó|Trước đó)\b"
)
_HEADING_ENDS = (".", ",", ";", ":", "!", "…", "”", '"', ")", "-", "–")
_NO_CAPTION_ENDS = ("?", "!", ":", ";", ",")
_LONGEST_HEADING, _LONGEST_QUESTION, _MOST_HEADING_WORDS = 90, 60, 14
_LONGEST_CAPTION, _LONGEST_CREDITED, _LONG_PARAGRAPH = 160, 320, 180
_FEWEST_CAPTION_WORDS = 5


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption's words and who made the picture."""

    caption: str
    credit: str


def kinds(lines: Sequence[str], *, lede: str) -> list[Kind]:
    """Return what each line between lede and byline is.

    Args:
        lines: in order, none empty.
        lede: the paragraph that stands before them.
    """
    around = [lede, *lines, ""]
    typical = median([len(line) for line in (lede, *lines) if len(line) > _LONGEST_CAPTION] or [0])
    return [_kind(around, at, typical) for at in range(1, len(lines) + 1)]


def caption_of(line: str) -> Caption:
    """Split a caption from its credit, ``… Photo: Name``; the credit is empty when none is said."""
    found = _CREDIT.search(line)
    if not found:
        return Caption(line, "")
    return Caption(line[: found.start()].rstrip(" (-–,"), found[2].strip(" )"))


def is_credited(line: str) -> bool:
    """Whether a line ends by saying who made a picture."""
    return len(line) <= _LONGEST_CREDITED and bool(_CREDIT.search(line))


def _kind(around: Sequence[str], at: int, typical: float) -> Kind:
    line, before, after = around[at], around[at - 1], around[at + 1]
    if is_credited(line):
        return "caption"
    if _is_heading(line) and len(after) > 2 * len(line) and not _is_heading(after):
        return "paragraph" if before and _is_heading(before) else "heading"
    if not _is_one_sentence(line):
        return "paragraph"
    placed = bool(_POSITION.search(line)) and len(line) <= _LONGEST_CAPTION * 1.5
    if placed or (
        _stands_out(line, typical) and _is_long(before) and (_is_long(after) or _is_heading(after))
    ):
        return "caption"
    return "paragraph"


def _is_heading(line: str) -> bool:
    if (
        not line
        or line.endswith(_HEADING_ENDS)
        or len(line.split()) > _MOST_HEADING_WORDS
        or is_credited(line)
    ):
        return False
    longest = _LONGEST_QUESTION if line.endswith("?") else _LONGEST_HEADING
    return len(line) <= longest and (line[0].isupper() or line[0].isdigit() or line[0] in "“\"'‘")


def _is_one_sentence(line: str) -> bool:
    return not _SENTENCE_END.search(line) and not _QUOTED.match(line) and line[0].isupper()


def _stands_out(line: str, typical: float) -> bool:
    """Whether a line is so much shorter than the page's paragraphs that it cannot be one of them."""
    return (
        len(line) <= _LONGEST_CAPTION
        and 2 * len(line) <= typical
        and len(line.split()) >= _FEWEST_CAPTION_WORDS
        and (line.endswith(".") or (len(line) > _LONGEST_HEADING and not line.endswith(_NO_CAPTION_ENDS)))
        and not _QUOTED.search(line)
        and not _CONNECTED.match(line)
    )


def _is_long(line: str) -> bool:
    return len(line) >= _LONG_PARAGRAPH or bool(_SENTENCE_END.search(line)) or is_credited(line)
