"""Text as XML 1.0 can carry it, in NFC, with the leftovers of its way here taken out.

One control character kills a whole feed, so it goes where text comes in and nowhere later.
"""

import re
import unicodedata
from hashlib import sha256
from html import unescape

_BIDI_OPEN = {
    "\u202a": "\u2066",
    "\u202b": "\u2067",
    "\u2066": "\u2066",
    "\u2067": "\u2067",
    "\u2068": "\u2068",
}
_BIDI_OVERRIDE = "\u202d\u202e"
_BIDI_CLOSE = "\u202c\u2069"
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")

_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000))
    + "]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\u2028\u2029]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u180e\ufff9-\ufffb]")
_JOINERS = re.compile(r"(?<![^\s])[\u200c\u200d]+|[\u200c\u200d]+(?=\s|$)")
_SPACES = re.compile("[\t \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_DOUBLE_SPACES = re.compile("  +")
_ODD = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\xa0\u00ad\u1680\u180e\u2000-\u200d\u2028-\u202f\u205f-\u2069\u3000"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\uffff]|[\U0001fffe-\U0010ffff]"
)
"""Whatever the rules below look at; most texts have none of it."""
_KEPT_ALONE = {"\u00a0", "\u202f"}
_BEFORE_MARK = re.compile("[\u00a0\u202f](?=[:;!?%»])|(?<=«)[\u00a0\u202f]|(?<=\\d)[\u00a0\u202f](?=\\d)")

_TAG_NAMES = "a|abbr|b|big|br|cite|code|del|em|font|h[1-6]|i|ins|mark|p|q|s|small|span|strong|sub|sup|u|wbr"
_TAG = re.compile(
    rf"</?(?:{_TAG_NAMES})(?:\s+[\w:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=]+))*\s*/?>", re.IGNORECASE
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")

_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "`": "'"})
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_AGENCY = re.compile(r"^\(?([^\W\d_]{2,8}(?:\.[^\W\d_]{1,8})?)\)?\s*[-\u2010-\u2015\u2212]\s+")


def clean(text: str) -> str:
    """Return the text as XML 1.0 Char (XML §2.2) in NFC, each line end as one newline, runs of spaces as one.

    A C1 control is read as Windows-1252, as HTML reads its references; other controls, lone surrogates,
    noncharacters, soft hyphens and zero-width spaces go. A non-breaking space stays where it holds a number
    or a punctuation mark together. Marks of direction never reach beyond their own line.
    """
    if not _ODD.search(text):
        tidy = unicodedata.normalize("NFC", text)
        return "\n".join(_DOUBLE_SPACES.sub(" ", line).strip(" ") for line in tidy.split("\n"))
    text = _SURROGATE_PAIR.sub(_join_pair, text)
    text = _LINE_ENDS.sub("\n", text)
    text = _FORBIDDEN.sub(_replace_forbidden, text)
    text = _INVISIBLE.sub("", text)
    return "\n".join(_clean_line(line) for line in text.split("\n"))


def encodable(text: str) -> str:
    """Return the text with halves of surrogate pairs joined, or taken out where the other half is missing."""
    return _SURROGATE.sub("", _SURROGATE_PAIR.sub(_join_pair, text))


def clean_within(text: str) -> str:
    """Return cleaned text that stands between tags: its outer spaces stay, as one space each."""
    cleaned = one_line(text)
    before = " " if text[:1].isspace() else ""
    after = " " if text[-1:].isspace() and cleaned else ""
    return before + cleaned + after


def clean_lines(text: str) -> str:
    """Return text fit for XML whose spaces and line ends mean something, as in a poem or code."""
    text = _FORBIDDEN.sub(_replace_forbidden, _LINE_ENDS.sub("\n", _SURROGATE_PAIR.sub(_join_pair, text)))
    lines = (_settle_bidi(line) for line in _INVISIBLE.sub("", text).split("\n"))
    return unicodedata.normalize("NFC", "\n".join(lines)).expandtabs(4)


def faults(text: str) -> str:
    """Return what of the text cannot be published and is taken out, in words; empty when all of it can."""
    found = _FORBIDDEN.search(_SURROGATE_PAIR.sub("", text))
    if not found:
        return ""
    code = ord(found[0])
    kind = "half a surrogate pair" if 0xD800 <= code <= 0xDFFF else "a control character"
    return f"{kind} (U+{code:04X}) was {'replaced' if _replace_forbidden(found) else 'taken out'}"


def one_line(text: str) -> str:
    """Return cleaned text on one line."""
    return " ".join(part for part in clean(text).split("\n") if part)


def plain_line(text: str) -> str:
    """Return cleaned text on one line, with markup taken off and one level of entities resolved.

    Only what is a tag of HTML for certain goes: ``x < y`` and ``<Name>`` stay as they are.
    """
    return one_line(_ENTITY.sub(lambda found: unescape(found[0]), _TAG.sub(_instead_of_tag, text)))


def fold(text: str) -> str:
    """Return what two spellings of one headline or lede have in common: capitals, quotes, dashes, spaces."""
    folded = unicodedata.normalize("NFC", text.casefold().translate(_QUOTES))
    return " ".join(_DASHES.sub("-", folded).split())


def fingerprint(text: str) -> str:
    """Return a short hash of a text's folded form."""
    return sha256(fold(text).encode("utf-8", "replace")).hexdigest()[:32]


def split_agency(lede: str) -> tuple[str, str]:
    """Return (agency, the rest) of a lede such as ``ĐBP - In recent years …``.

    The agency is two to eight capital letters before a dash; without one it is empty and the lede unchanged.
    """
    found = _AGENCY.match(lede)
    if found and found[1].isupper() and lede[found.end() :].strip():
        return found[1], lede[found.end() :].lstrip()
    return "", lede


def _join_pair(found: re.Match[str]) -> str:
    high, low = (ord(half) for half in found[0])
    return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def _replace_forbidden(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0x80 <= code <= 0x9F:
        return bytes([code]).decode("cp1252", "ignore")
    return ""


def _clean_line(line: str) -> str:
    if _BIDI.search(line):
        line = _settle_bidi(line)
    line = unicodedata.normalize("NFC", _JOINERS.sub("", line))
    return _SPACES.sub(_settle_space, line).strip(" \u00a0\u202f")


def _settle_space(found: re.Match[str]) -> str:
    if found[0] not in _KEPT_ALONE:
        return " "
    around = found.string[max(0, found.start() - 1) : found.end() + 1]
    return found[0] if _BEFORE_MARK.search(around) else " "


def _settle_bidi(line: str) -> str:
    """Turn embeddings into isolates, drop overrides, and close what is open at the end of the line."""
    out: list[str] = []
    opened: list[bool] = []
    for letter in line:
        if letter in _BIDI_OPEN:
            opened.append(True)
            out.append(_BIDI_OPEN[letter])
        elif letter in _BIDI_OVERRIDE:
            opened.append(False)
        elif letter in _BIDI_CLOSE:
            if opened and opened.pop():
                out.append("\u2069")
        else:
            out.append(letter)
    return "".join(out) + "\u2069" * sum(opened)


def _instead_of_tag(found: re.Match[str]) -> str:
    name = found[0].strip("</").split()[0].lower()
    return " " if re.match(r"br|p|h\d", name) else ""
