"""What an edition of a slot would be as things stand: selected, illustrated, rendered; nothing is written."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from publisher.digest.compose import compose, languages_of, may_lead
from publisher.digest.note import note
from publisher.digest.pictures import NO_PICTURES, Illustrations, illustrate, with_logo
from publisher.digest.render import render
from publisher.digest.select import select, unknown_pins
from publisher.i18n import words
from publisher.model.article import Article
from publisher.model.edition import Rendered, Selection
from publisher.model.slot import Slot, SlotKind, is_week
from publisher.settings.schema import Digest, Settings
from publisher.store import Transaction, articles, editions
from publisher.templating import templates

_MOST_CANDIDATES = 2_000
"""Newest first; a digest carries 200 at most."""
_A_WEEK = timedelta(days=8)
"""How far back a week's letter looks at least; a run may come a day late."""
_JUST_MISSED = timedelta(days=1)
"""What lies so little outside the dates is still listed, with the reason."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A selection with what it was made from.

    Attributes:
        selection: what is in, and what is not.
        articles: the picked ones, in the letter's order.
        problems: one line for each thing that the operator should look at.
    """

    selection: Selection
    articles: tuple[Article, ...]
    problems: tuple[str, ...]

    @property
    def nothing(self) -> str | None:
        """Why there is nothing to say, or None when there is."""
        if self.selection.picked:
            return None
        reasons: dict[str, int] = {}
        for choice in self.selection.choices:
            reasons[choice.reason] = reasons.get(choice.reason, 0) + 1
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        return f"nothing new ({told})" if told else "nothing new (no article is recent)"


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition's content, and the pictures that it shows."""

    content: Rendered
    pictures: Illustrations


def plan(tx: Transaction, *, settings: Settings, digest: str, slot: Slot) -> Plan:
    """Select a slot's articles from what the store holds."""
    rule, kind = _rule(settings.digests[digest], slot)
    candidates = _candidates(tx, rule, digest, slot, kind)
    selection = select(
        candidates.values(),
        key=digest,
        rule=rule,
        slot=slot,
        sections=settings.sections,
        languages=languages_of(rule, settings),
        sent=editions.sent(tx, digest, list(candidates), other_than=slot.key, kind=kind),
        since=editions.looked_until(tx, digest, before=slot.due, other_than=slot.key, kind=kind),
    )
    picked = tuple(candidates[choice.article_id] for choice in selection.picked)
    pins = unknown_pins(rule, candidates.values())
    told = (f"config/site.yaml: digests.{digest}.pins: {pin!r} names no recent article" for pin in pins)
    return Plan(selection, picked, tuple(told))


def draft(made: Plan, *, settings: Settings, site: Path) -> Draft:
    """Render the letter of a plan.

    Args:
        made: what is in.
        settings: of the site.
        site: its folder, for pictures, templates and the editor's note.

    Raises:
        ConfigError: a template or the note cannot be used, with its file and line.
    """
    selection = made.selection
    digest = settings.digests[selection.digest]
    pictures = _pictures(made, digest, settings, site)
    if digest.look.logo and digest.layout != "text":
        alt = settings.site.title_in(languages_of(digest, settings)[0])
        pictures = with_logo(pictures, digest.look.logo, alt=alt, site=site, site_url=settings.site.url)
    letter = compose(
        selection,
        {one.id: one for one in made.articles},
        settings=settings,
        note=note(site, selection.digest, selection.slot, languages_of(digest, settings)),
        pictures=pictures,
    )
    own = site / "templates"
    first, *others = (words(language, own) for language in languages_of(digest, settings))
    content = render(
        letter,
        layout=digest.layout,
        look=digest.look,
        templates=templates(own),
        words=first,
        zone=ZoneInfo(settings.site.timezone),
        subject=digest.subject,
        preheader=digest.preheader,
        also=others,
    )
    shown = {name: file for name, file in pictures.files.items() if f"/media/{name}" in _everything(content)}
    return Draft(content, replace(pictures, files=shown))


def _everything(content: Rendered) -> str:
    return content.html + "".join(piece.html for piece in content.pieces)


def _pictures(made: Plan, digest: Digest, settings: Settings, site: Path) -> Illustrations:
    """Get the pictures, where the layout has room for any."""
    if digest.layout != "recent":
        return NO_PICTURES
    return illustrate(
        made.articles,
        large=may_lead(made.selection),
        public=site / "public",
        site_url=settings.site.url,
    )


def _rule(rule: Digest, slot: Slot) -> tuple[Digest, SlotKind | None]:
    """Return the rule for a slot, and which of the digest's slots count as having carried something.

    Readers of the week's letter get no other, so its news are those since the last week's, whatever stood in
    the days' letters in between.
    """
    if not rule.gathers_weeks:
        return rule, None
    if not is_week(slot.key):
        return rule, "day"
    return rule.model_copy(update={"max_age": max(rule.max_age, _A_WEEK)}), "week"


def _candidates(
    tx: Transaction, rule: Digest, digest: str, slot: Slot, kind: SlotKind | None
) -> dict[str, Article]:
    """Return what could be in, and what just missed it, by id."""
    start, end = slot.due - rule.max_age - _JUST_MISSED, slot.due + _JUST_MISSED
    found = articles.recent(tx, limit=_MOST_CANDIDATES, since=start, until=slot.due)
    found += articles.recent(tx, limit=_MOST_CANDIDATES, since=slot.due, until=end)
    found += [one for one in articles.withdrawn_since(tx, start) if start <= one.date <= end]
    named = list(rule.pins)
    if rule.corrections == "announce":
        named += editions.corrected_since(
            tx, digest, since=slot.due - rule.max_age, until=slot.due, kind=kind
        )
    found += articles.by_ids(tx, named).values()
    return {one.id: one for one in found}
