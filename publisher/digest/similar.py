"""Telling that two articles tell the same story, such as the wire's version and our own.

Pure. Precision comes before recall: a story told twice is a blemish, a story lost by a wrong guess is a gap.
Diacritics count, for in Vietnamese *ma*, *má* and *mà* are three words; capitals and punctuation do not.
Syllables are short and common there, so pairs of neighbouring words decide, not single ones.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from unicodedata import normalize

from publisher.digest.firstwords import opening_words
from publisher.model.article import Article

_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\d+")

TITLES_EQUAL = 0.75
"""Titles that share this much speak of one thing, unless the ledes speak of different ones."""
TITLES_NEAR = 0.3
LEDES_NEAR = 0.4
"""Titles and ledes that share this much together tell one story."""
LEDES_EQUAL = 0.9
"""Ledes that share this much, and every number, tell one story whatever the titles are."""
LEDES_APART = 0.15
"""Under equal titles, ledes that share less than this are two items of one column (``In brief``)."""
SAME_DAY = timedelta(hours=18)
"""Titles alone tell one story only of articles this close: a column returns under its title."""
_ENOUGH_TITLE = 3
_ENOUGH_LEDE = 8
"""Word pairs without which a title or lede says too little to go by."""

Pairs = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Gist:
    """What is compared of an article: language, date, the word pairs of title and lede, their numbers."""

    language: str
    date: datetime
    title: Pairs
    lede: Pairs
    title_numbers: frozenset[str]
    lede_numbers: frozenset[str]

    @property
    def pairs(self) -> Pairs:
        """Every word pair."""
        return self.title | self.lede


@dataclass(frozen=True, slots=True)
class Fold:
    """An article that tells the story of another one.

    Attributes:
        kept: the one that stands for both.
        alike: how much they share, 0 to 1.
    """

    kept: Article
    alike: float


def gist(article: Article) -> Gist:
    """Return what is compared of an article; the first words of its body stand for a missing lede."""
    title = _words(article.title)
    lede = article.lede or opening_words(article.body)
    return Gist(
        language=article.language.split("-")[0],
        date=article.date,
        title=frozenset(pairwise(title)),
        lede=frozenset(pairwise(_words(lede))),
        title_numbers=frozenset(_NUMBER.findall(article.title)),
        lede_numbers=frozenset(_NUMBER.findall(lede)),
    )


def same_story(one: Gist, other: Gist) -> float | None:
    """Return how much two articles share when they tell the same story, else None.

    Titles whose numbers differ never do: ``Market prices, November 14`` and ``…, November 21`` are two issues
    of one column.
    """
    numbers = one.title_numbers, other.title_numbers
    if one.language != other.language or (all(numbers) and numbers[0] != numbers[1]):
        return None
    titles, ledes = _shared(one.title, other.title), _shared(one.lede, other.lede)
    both_ledes = min(len(one.lede), len(other.lede)) >= _ENOUGH_LEDE
    if both_ledes and ledes >= LEDES_EQUAL and one.lede_numbers == other.lede_numbers:
        return ledes
    if both_ledes and titles >= TITLES_NEAR and ledes >= LEDES_NEAR:
        return (titles + ledes) / 2
    if titles < TITLES_EQUAL or min(len(one.title), len(other.title)) < _ENOUGH_TITLE:
        return None
    if both_ledes:
        return titles if ledes >= LEDES_APART else None
    return titles if abs(one.date - other.date) <= SAME_DAY else None


def fold(articles: Sequence[Article], *, standing: Iterable[Article] = ()) -> dict[str, Fold]:
    """Return which articles tell the story of one before them, by id.

    Args:
        articles: best first; of two that tell one story the first stays.
        standing: went out before; what tells their story again is folded under them.
    """
    kept: dict[str, tuple[Article, Gist]] = {}
    where: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    folded: dict[str, Fold] = {}
    before = {article.id for article in standing}
    for article in (*standing, *articles):
        mark = gist(article)
        found = None if article.id in before else _nearest(mark, kept, where)
        if found:
            folded[article.id] = found
            continue
        kept[article.id] = (article, mark)
        for pair in mark.pairs:
            where[pair].append(article.id)
    return folded


def _nearest(
    mark: Gist, kept: dict[str, tuple[Article, Gist]], where: dict[tuple[str, str], list[str]]
) -> Fold | None:
    """Return the most alike of the kept ones; the index leaves all those out that share no word pair."""
    near = {article_id for pair in mark.pairs if pair in where for article_id in where[pair]}
    best: Fold | None = None
    for article_id in sorted(near):
        article, other = kept[article_id]
        alike = same_story(mark, other)
        if alike is not None and (best is None or alike > best.alike):
            best = Fold(article, alike)
    return best


def _words(text: str) -> list[str]:
    return _WORD.findall(normalize("NFC", text).casefold())


def _shared(one: Pairs, other: Pairs) -> float:
    """Return twice what they share over what they hold (Dice): 1 for equal ones, 0 for strangers."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0
