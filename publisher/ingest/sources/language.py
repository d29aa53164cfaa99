"""A guess at the language of a text: Vietnamese, English, or no guess."""

import re
import unicodedata

_WORD = re.compile(r"[^\W\d_]+")
_MARKS = frozenset("\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323")
_ENGLISH = frozenset(
    {"a", "and", "are", "as", "at", "be", "by", "for", "from", "has", "have", "in", "is", "it", "of", "on"}
    | {"that", "the", "their", "they", "this", "to", "was", "were", "will", "with"}
)
_LEAST_WORDS = 5


def guess(text: str) -> str | None:
    """Return ``vi``, ``en`` or None.

    English about Vietnam is full of Vietnamese names, so it takes more than a third of the words with
    Vietnamese marks to be Vietnamese, and a tenth of small English words to be English.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text[:20_000]).lower())
    if len(words) < _LEAST_WORDS:
        return None
    marked = sum(1 for word in words if _vietnamese(word))
    if marked * 3 > len(words):
        return "vi"
    if sum(1 for word in words if word in _ENGLISH) * 10 >= len(words):
        return "en"
    return None


def _vietnamese(word: str) -> bool:
    return not word.isascii() and (
        "đ" in word or any(m in _MARKS for m in unicodedata.normalize("NFD", word))
    )
