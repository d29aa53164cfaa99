"""Which article is which: keys for what has no id, and the rule by which two tellings are one story."""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from publisher.ingest.normalise.text import fingerprint, fold, one_line
from publisher.model.article import Article, Draft

_ID = "id:"
_LONGEST = 400
_KINDRED = 0.5
_SHORTENED = ("…", "...", "[…]", "[...]")


def id_key(said: str) -> str:
    """Return the key of an article whose source has an id for it."""
    return _short(_ID, one_line(said))


def url_key(address: str) -> str:
    """Return the key of an article by its own address."""
    return _short("url:", one_line(address))


def story_keys(title: str, lede: str) -> tuple[str, ...]:
    """Return the keys of an article that has nothing but its words: headline, then lede."""
    return _short("title:", fold(title)), *((f"lede:{fingerprint(lede)}",) if lede.strip() else ())


def is_id(key: str) -> bool:
    """Whether the key decides alone; every other one needs the article's words to agree."""
    return key.startswith(_ID)


def same_story(title: str, lede: str, other_title: str, other_lede: str) -> bool:
    """Whether two tellings are one article.

    The same lede under another headline is the same article with a changed headline. The same headline with a
    changed lede is the same article while half of the lede's words still stand in their order; with a wholly
    different lede it is another article. Where one of them has no lede the headline decides.
    """
    return likeness(title, lede, other_title, other_lede) > 0


def likeness(title: str, lede: str, other_title: str, other_lede: str) -> int:
    """Return how surely two tellings are one article: 3 both equal, 2 lede, 1 headline, 0 not at all."""
    same_title = fold(title) == fold(other_title)
    same_lede = bool(lede.strip()) and fold(lede) == fold(other_lede)
    if same_lede:
        return 3 if same_title else 2
    if same_title and (not lede.strip() or not other_lede.strip() or kindred(lede, other_lede)):
        return 1
    return 0


def kindred(lede: str, other: str) -> bool:
    """Whether one lede is the other edited, or cut short."""
    if shortened(lede, other) or shortened(other, lede):
        return True
    words, others = fold(lede).split(), fold(other).split()
    return SequenceMatcher(None, words, others, autojunk=False).ratio() >= _KINDRED


def shortened(text: str, whole: str) -> bool:
    """Whether a text is the beginning of the whole, cut off with dots."""
    folded = fold(text)
    for end in _SHORTENED:
        if folded.endswith(end):
            begun = folded[: -len(end)].rstrip(" .,;:")
            return len(begun) > 20 and fold(whole).startswith(begun)
    return False


def pair(drafts: Sequence[Draft], known: Mapping[str, Article], taken: set[str]) -> list[Article | None]:
    """Find the stored article of each draft.

    Args:
        drafts: of one document.
        known: key -> the stored article that it stands for.
        taken: ids of articles that drafts of this document already are; grows. Two articles of one list are
            never fused: but for an id of the source's own, an article is found by one draft only.

    Returns:
        As many as there are drafts; None for a new article.
    """
    found: list[Article | None] = [_by_id(draft, known) for draft in drafts]
    taken.update(article.id for article in found if article)
    claims = sorted(
        (-_sureness(draft, article), at, rank, article.id)
        for at, draft in enumerate(drafts)
        if found[at] is None
        for rank, article in enumerate(_candidates(draft, known))
        if _sureness(draft, article)
    )
    articles = {article.id: article for article in known.values()}
    for _, at, _, article_id in claims:
        if found[at] is None and article_id not in taken:
            found[at] = articles[article_id]
            taken.add(article_id)
    return found


def _by_id(draft: Draft, known: Mapping[str, Article]) -> Article | None:
    return next((known[key] for key in draft.keys if is_id(key) and key in known), None)


def _candidates(draft: Draft, known: Mapping[str, Article]) -> list[Article]:
    return [known[key] for key in draft.keys if key in known and not is_id(key)]


def _sureness(draft: Draft, article: Article) -> int:
    return likeness(draft.title, draft.lede or "", article.title, article.lede)


def _short(kind: str, said: str) -> str:
    return f"{kind}{said}" if len(said) <= _LONGEST else f"{kind}#{fingerprint(said)}"
