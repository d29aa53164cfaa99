"""What has to be built: only what changed, and all of what changed; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from publisher.model.feed import FeedPlan, Move, Place


@dataclass(frozen=True, slots=True)
class Errand:
    """A feed to build.

    Attributes:
        plan: which.
        whole: every document of it, because it is new or is written differently now.
        places: where articles changed; the archive documents there have to be looked at too.
        missing: archive documents that are not there as they were written.
    """

    plan: FeedPlan
    whole: bool = False
    places: frozenset[Place] = frozenset()
    missing: frozenset[str] = field(default=frozenset())


def errands(
    plans: Sequence[FeedPlan],
    *,
    prints: Mapping[str, str],
    built: Mapping[str, str],
    moves: Iterable[Move],
    missing: Iterable[str],
) -> list[Errand]:
    """Return the feeds to build, in the order of the registry.

    Args:
        plans: all feeds.
        prints: feed key -> fingerprint of what it is made from now.
        built: the same, of what it was last made from.
        moves: articles that changed since.
        missing: paths of documents that are not there as they were written.
    """
    due = {plan.key: Errand(plan, whole=True) for plan in plans if built.get(plan.key) != prints[plan.key]}
    for move in moves:
        for plan in plans:
            here = frozenset((place.date, move.number) for place in move.places if plan.holds(place))
            if here:
                errand = due.get(plan.key, Errand(plan))
                due[plan.key] = replace(errand, places=errand.places | here)
    by_key = {plan.key: plan for plan in plans}
    for path in missing:
        key, archive = parsed(path)
        if key in by_key:
            errand = due.get(key, Errand(by_key[key]))
            due[key] = replace(errand, missing=errand.missing | {archive} if archive else errand.missing)
    return [due[plan.key] for plan in plans if plan.key in due]


def parsed(path: str) -> tuple[str, str | None]:
    """Return the feed's key and the archive's name in a document's path; the key is empty for other files.

    The page of a feed counts as one of its current documents.
    """
    folder, _, rest = path.removeprefix("feeds/").partition("/")
    if not path.startswith("feeds/"):
        return "", None
    if rest:
        return folder, None if rest == "index.html" else rest.rpartition(".")[0]
    stem, _, suffix = folder.rpartition(".")
    return ("", None) if suffix == "html" else (stem, None)
