"""Bylines at the end of a page: names, ranks and offices, each on its line or together.

Only what can hardly be anything else is taken: everything else stays a paragraph.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from publisher.model.article import Byline

_RANKS = (
    r"(?:Senior |Lieutenant |Lt\.? |Major |Brigadier |Sub-)?(?:Colonel|General|Lieutenant)|Senior Captain"
    r"|Captain|Major|Sergeant|Brigadier|Dr\.?|Doctor|(?:Assoc\. ?)?Prof\.?(?: Dr\.?)?|Professor|MSc\.?"
    r"|Engineer|Architect|Lawyer"
    r"|(?:Đại|Thượng|Trung|Thiếu) (?:tướng|tá|uý|úy|sĩ)|(?:PGS|GS|TS|ThS|BS|KS|KTS|LS)\.?(?: ?TS\.?)?"
    r"|Giáo sư|Phó giáo sư|Tiến sĩ|Thạc sĩ|Bác sĩ|Kỹ sư|Luật sư|Nhà báo|Nhà văn|Nhà thơ|NSƯT|NSND"
)
_RANK_LINE = re.compile(rf"(?:{_RANKS})")
_RANKED = re.compile(rf"({_RANKS})\s+(.+)")
_OFFICE = re.compile(
    r"(?:(?:Acting|Former|Standing|Vice|Deputy|Chief|Political|First|Provincial) )*"
    r"(?:Commander|Head|Director|Chair(?:man|woman|person)?|Secretary|Member|Rector|Principal|Editor|Reporter"
    r"|Correspondent|Commissar|Minister|President|Governor|Chief|Deputy|Manager|Captain|Leader)\b"
    r"|(?:Nguyên )?(?:Chỉ huy|Trưởng|Phó|Quyền|Giám đốc|Tổng giám đốc|Tổng [Bb]iên tập|Chủ tịch|Chủ nhiệm"
    r"|Bí thư|Uỷ viên|Ủy viên|Hiệu trưởng|Chính uỷ|Chính ủy|Tư lệnh|Cục trưởng|Vụ trưởng|Viện trưởng"
    r"|Phóng viên|Chánh|Đội trưởng)\b"
)
_ROLE = re.compile(
    r"(Text and photos?|Photos and text|Story and photos?|Text|Story|Photos?|Written by|By|Bài,? (?:và )?ảnh"
    r"|Tin,? (?:bài,? )?(?:và )?ảnh|Bài|Tin|Ảnh|Thực hiện)\s*:\s*(.+)"
)
_BY = re.compile(r"By (.+)")
_ROLES_APART = re.compile(r"\s*[;|–—]\s*(?=[^:;]{2,20}:)|\s+-\s+(?=[^:;]{2,20}:)")
_NAMES = re.compile(r"\s*(?:,|;|&|/| - | – | — |\band\b|\bvà\b)\s*")
_PICTURES = re.compile(r"photo|ảnh", re.IGNORECASE)
_NAME_WORD = re.compile(r"(?:[^\W\d_a-z]\.)+|[^\W\d_][^\W\d_]*(?:['’-][^\W\d_]+)*")
_NOT_NAMES = frozenset(
    {
        "the",
        "a",
        "an",
        "this",
        "that",
        "these",
        "how",
        "why",
        "what",
        "when",
        "where",
        "who",
        "new",
        "more",
        "our",
    }
    | {"next", "no", "not", "and", "or", "in", "on", "for", "to", "from", "with", "những", "các", "một"}
)
_ENDS = (".", "!", "?", "…", ":", ";", ",", "”", '"', ")")
_LONGEST_NAME, _LONGEST_OFFICE, _MOST_LINES, _MOST_WORDS = 60, 160, 8, 6


@dataclass(frozen=True, slots=True)
class Bylines:
    """What the end of a page says about its makers.

    Attributes:
        lines: how many of the last lines say it.
        bylines: in the order of the page.
        photographer: who made the pictures, when it is said.
    """

    lines: int = 0
    bylines: tuple[Byline, ...] = ()
    photographer: str = ""


def bylines_at_end(lines: Sequence[str]) -> Bylines:
    """Return the bylines that the last lines are, as many lines as can be read so as a whole."""
    for count in range(min(_MOST_LINES, len(lines)), 0, -1):
        found = _whole(lines[len(lines) - count :])
        if found:
            return Bylines(count, tuple(found), _photographer(lines[len(lines) - count :]))
    return Bylines()


def _whole(lines: Sequence[str]) -> list[Byline]:
    """Return the bylines if every line belongs to one, else nothing."""
    found: list[Byline] = []
    at = 0
    while at < len(lines):
        rank = ""
        if _RANK_LINE.fullmatch(lines[at]) and at + 1 < len(lines):
            rank = lines[at]
            at += 1
        named = _named(lines[at])
        if not named:
            return []
        at += 1
        if len(named) == 1:
            named[0], at = _followed(named[0], rank, lines, at)
        found += named
    return found


def _followed(named: Byline, rank: str, lines: Sequence[str], at: int) -> tuple[Byline, int]:
    """Add a rank line and office lines that follow a name; return where the next name may begin."""
    rank = named.rank or rank
    if not rank and at < len(lines) and _RANK_LINE.fullmatch(lines[at]):
        rank = lines[at]
        at += 1
    offices = [named.office] if named.office else []
    while at < len(lines) and _is_office(lines[at], ranked=bool(rank) and not offices):
        offices.append(lines[at])
        at += 1
    return Byline(named.name, rank, ", ".join(offices)), at


def _named(line: str) -> list[Byline]:
    """Return whom a line names: by role, by rank, by office behind a comma, or as plain names."""
    if _ROLE.fullmatch(line):
        return _by_role(line)
    if by := _BY.fullmatch(line):
        return [Byline(name) for name in _names(by[1])]
    if ranked := _RANKED.fullmatch(line):
        name, _, office = ranked[2].partition(",")
        if _is_name(name) and (not office or _is_office(office.strip(), ranked=True)):
            return [Byline(name, ranked[1], office.strip())]
        return []
    name, _, office = line.partition(",")
    if office and _is_name(name) and _is_office(office.strip(), ranked=False):
        return [Byline(name, "", office.strip())]
    return [Byline(name) for name in _names(line)]


def _by_role(line: str) -> list[Byline]:
    found: dict[str, Byline] = {}
    for part in _ROLES_APART.split(line):
        said = _ROLE.fullmatch(part)
        names = _names(said[2], said=True) if said else []
        if not said or not names:
            return []
        only_pictures = said[1].casefold().startswith(("photo", "ảnh")) and "text" not in said[1].casefold()
        for name in names:
            found.setdefault(name, Byline(name, "", said[1] if only_pictures else ""))
    return list(found.values())


def _photographer(lines: Sequence[str]) -> str:
    for line in lines:
        for part in _ROLES_APART.split(line):
            said = _ROLE.fullmatch(part)
            if said and _PICTURES.search(said[1]):
                return said[2]
    return ""


def _names(text: str, *, said: bool = False) -> list[str]:
    """Return the names that a text consists of; nothing when any part is no name."""
    names = [name for name in _NAMES.split(text.strip(" .")) if name]
    good = all(_is_pen_name(name) if said else _is_name(name) for name in names)
    return names if good else []


def _is_name(text: str) -> bool:
    words = text.split()
    return (
        2 <= len(words) <= _MOST_WORDS
        and len(text) <= _LONGEST_NAME
        and all(_NAME_WORD.fullmatch(word) and word[0].isupper() for word in words)
        and not any(word.casefold() in _NOT_NAMES for word in words)
    )


def _is_pen_name(text: str) -> bool:
    """Whether what follows ``Photo:`` can be a name; a role said so, so one word or ``VNA`` will do."""
    words = text.split()
    return 1 <= len(words) <= _MOST_WORDS and len(text) <= _LONGEST_NAME and words[0][0].isupper()


def _is_office(text: str, *, ranked: bool) -> bool:
    if len(text) > _LONGEST_OFFICE or text.endswith(_ENDS) or not text[:1].isupper() or _ROLE.fullmatch(text):
        return False
    return bool(_OFFICE.match(text)) or (ranked and not _is_name(text))
