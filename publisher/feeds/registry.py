"""Which feeds there are: files, addresses, autodiscovery, OPML and pages all come from this one list."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from publisher.errors import ConfigError
from publisher.i18n import words
from publisher.model.feed import FORMATS, MEDIA_TYPES, Content, FeedPlan, folded
from publisher.settings.schema import Settings, wording

ALL = "all"


@dataclass(frozen=True, slots=True)
class Discovery:
    """A ``<link rel="alternate">`` with which a page announces a feed.

    Attributes:
        title: what readers see.
        media_type: the format's.
        path: address below the site, with a slash before it.
        key: the feed's key.
    """

    title: str
    media_type: str
    path: str
    key: str


def plans(settings: Settings) -> tuple[FeedPlan, ...]:
    """Return every feed of the site: all, sections, named, languages, tags, authors, in this order.

    Raises:
        ConfigError: two feeds of the operator's own naming have one key.
    """
    found: dict[str, FeedPlan] = {}
    for plan in _chosen(settings):
        if plan.key in found:
            raise ConfigError(
                f"config/site.yaml: {_where(plan)}: a feed with the key {plan.key!r} exists already "
                f"({_where(found[plan.key])}); give it another key"
            )
        found[plan.key] = plan
    for plan in _derived(settings):
        found.setdefault(plan.key, plan)
    return tuple(found.values())


def redirects(settings: Settings) -> dict[str, str]:
    """Return old addresses -> new ones (permanent, 308), each with a slash before it.

    A key ending in a slash stands for everything below it: archive documents keep their names. An address
    that is in use again leads nowhere.
    """
    every = plans(settings)
    taken = {plan.key for plan in every}
    moved: dict[str, str] = {}
    for plan in every:
        for old in plan.was:
            if old in taken:
                continue
            taken.add(old)
            moved |= {f"/feeds/{old}.{form}": f"/{plan.path(form)}" for form in FORMATS}
            moved[f"/feeds/{old}/"] = f"/{plan.page}"
    return moved


def autodiscovery(settings: Settings, language: str | None = None) -> tuple[Discovery, ...]:
    """Return what every page of the site announces, the most general feed first.

    Args:
        settings: the config.
        language: of the page; feeds in other languages than it are left out of it.
    """
    return tuple(
        one
        for plan in plans(settings)
        if language is None or plan.only_language in {None, language}
        for one in announced(settings, plan)
    )


def announced(settings: Settings, plan: FeedPlan) -> tuple[Discovery, ...]:
    """Return what a page announces one feed with, in each format."""
    title = title_of(settings, plan)
    return tuple(Discovery(title, MEDIA_TYPES[form], f"/{plan.path(form)}", plan.key) for form in FORMATS)


def title_of(settings: Settings, plan: FeedPlan) -> str:
    """Return what readers list a feed under: the paper's name, and what the feed gathers."""
    site = settings.site.title_in(plan.language)
    return site if plan.kind == "all" else f"{site}: {plan.title}"


def _chosen(settings: Settings) -> Iterator[FeedPlan]:
    """Feeds whose keys an operator chose."""
    first, feeds = settings.site.languages[0], settings.feeds
    yield FeedPlan(
        key=ALL, kind="all", title=settings.site.title_in(first), language=first, content=feeds.content
    )
    for key, section in settings.sections.items():
        yield FeedPlan(
            key=key,
            kind="section",
            title=wording(section.title, first, key),
            language=first,
            sections=(key,),
            content=section.content or feeds.content,
            was=section.was,
        )
    for key, named in feeds.named.items():
        language = named.language or first
        yield FeedPlan(
            key=key,
            kind="named",
            title=wording(named.title, language, key),
            language=language,
            sections=named.sections,
            tags=tuple(map(folded, named.tags)),
            authors=tuple(map(folded, named.authors)),
            only_language=named.language,
            content=named.content or feeds.content,
            was=named.was,
        )


def _derived(settings: Settings) -> Iterator[FeedPlan]:
    """Feeds whose keys are made here; the prefix keeps them apart from the chosen ones."""
    languages, feeds = settings.site.languages, settings.feeds
    if feeds.languages and len(languages) > 1:
        for language in languages:
            yield FeedPlan(
                key=f"language-{language.lower()}",
                kind="language",
                title=words(language).own_name,
                language=language,
                only_language=language,
                content=feeds.content,
            )
    for word, key in _keyed("tag", feeds.tags):
        yield _by_word("tag", word, key, languages[0], feeds.content)
    for word, key in _keyed("author", feeds.authors):
        yield _by_word("author", word, key, languages[0], feeds.content)


def _by_word(kind: str, word: str, key: str, language: str, content: Content) -> FeedPlan:
    wanted = (folded(word),)
    if kind == "tag":
        return FeedPlan(key=key, kind="tag", title=word, language=language, tags=wanted, content=content)
    return FeedPlan(key=key, kind="author", title=word, language=language, authors=wanted, content=content)


def _keyed(kind: str, wanted: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each word with a key for addresses; of words that fold to one key all but one get a hash.

    The first in the alphabet goes without, so that the order of the config does not matter.
    """
    spelled = {folded(word): word for word in reversed(wanted)}
    first: dict[str, str] = {}
    for fold in sorted(spelled):
        first.setdefault(_slug(fold), fold)
    for fold, word in reversed(spelled.items()):
        slug = _slug(fold)
        tail = "" if first[slug] == fold else f"-{sha256(fold.encode()).hexdigest()[:6]}"
        yield word, f"{kind}-{slug}{tail}"


def _slug(word: str) -> str:
    """Return the word in small ASCII letters, digits and hyphens; a hash where nothing of it is left."""
    plain = (
        unicodedata.normalize("NFKD", word.casefold().replace("đ", "d")).encode("ascii", "ignore").decode()
    )
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48].strip("-")
    return slug or sha256(word.encode()).hexdigest()[:10]


def _where(plan: FeedPlan) -> str:
    return {"all": "the feed of everything", "section": f"sections.{plan.key}"}.get(
        plan.kind, f"feeds.named.{plan.key}"
    )
