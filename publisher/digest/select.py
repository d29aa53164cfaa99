"""Which recent news stand in an edition, and why: pure, and it explains itself.

Every candidate gets exactly one :class:`Choice`. The stages, each a function below:

1. *bar*: what may not stand whatever the room (withdrawn, sent before, too old, ...);
2. *fold*: of two articles that tell one story the better one stays;
3. *lead*: one story leads, by the digest's rule;
4. *fill*: pins, the lead and corrections first, then each section's first story before any section's second,
   newest first, until a section or the letter is full;
5. *order*: the lead, the sections in their order, what has no section at the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.digest.similar import Fold, fold
from publisher.model.article import Article
from publisher.model.edition import Choice, Reason, Selection, Sent
from publisher.model.slot import Slot
from publisher.settings.schema import Digest, Section

_UNITS = (("day", 86_400, 2), ("hour", 3_600, 1), ("minute", 60, 1))
"""Unit, seconds, and from how many on it is used: 30 hours say more than one day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every stage looks at."""

    rule: Digest
    until: datetime
    since: datetime | None
    languages: tuple[str, ...]
    sent: Mapping[str, Sent]
    order: tuple[str, ...]
    limits: Mapping[str, int]
    known: frozenset[str]
    pins: Mapping[str, int]
    excluded: frozenset[str]

    def section(self, article: Article) -> str | None:
        """Return the section under which it stands; one that the config does not know is none."""
        return article.section if article.section in self.known else None

    def pin(self, article: Article) -> int | None:
        """Return its place among the pins, or None."""
        names = [article.id, *([article.url] if article.url else [])]
        found = [self.pins[name] for name in names if name in self.pins]
        return min(found, default=None)

    def limit(self, section: str | None) -> int:
        """Return how many of a section may stand."""
        return self.rule.per_section if section is None else self.limits.get(section, self.rule.per_section)

    def carries_correction(self, article: Article) -> bool:
        """Whether it went out, was corrected since, and the digest announces that."""
        sent = self.sent.get(article.id)
        return (
            sent is not None
            and self.rule.corrections == "announce"
            and article.corrected is not None
            and article.corrected <= self.until
            and article.corrected != sent.corrected
        )


def select(
    candidates: Iterable[Article],
    *,
    key: str,
    rule: Digest,
    slot: Slot,
    sections: Mapping[str, Section],
    languages: Sequence[str],
    sent: Mapping[str, Sent],
    since: datetime | None,
) -> Selection:
    """Pick an edition's articles and say of every candidate why it is in or out.

    Args:
        candidates: articles to choose from, in any order; withdrawn and late ones may be among them.
        key: of the digest.
        rule: the digest's settings.
        slot: of the edition; what is dated after its time is out.
        sections: the site's, in their order.
        languages: of the digest; the first is that of its own words, and its articles lead before others.
        sent: article id -> the last edition of this digest that carried it.
        since: until when the edition before looked (UTC); what was here by then is out, picked or not.
    """
    desk = _desk(rule, slot, sections, languages, sent, since)
    everything = sorted({one.id: one for one in candidates}.values(), key=lambda one: one.order, reverse=True)
    barred = [(one, why) for one in everything if (why := _bar(desk, one))]
    out = {one.id: why for one, why in barred}
    eligible = [one for one in everything if one.id not in out]
    folded = _fold(desk, eligible, [one for one in everything if one.id in sent and not one.withdrawn])
    for article_id, found in folded.items():
        out[article_id] = ("same story", _same(found, sent))
    eligible = [one for one in eligible if one.id not in folded]
    lead = _lead(desk, eligible)
    picked, full = _fill(desk, eligible, lead)
    out |= full
    placed = [_picked(desk, one, lead, place) for one, place in _order(desk, picked, lead)]
    left = [_left(desk, one, *out[one.id]) for one in everything if one.id in out]
    return Selection(digest=key, slot=slot.key, since=since, until=slot.due, choices=(*placed, *left))


def unknown_pins(rule: Digest, candidates: Iterable[Article]) -> tuple[str, ...]:
    """Return the pins that name no candidate: misspelt, or of an article that is not recent any more."""
    known = {name for one in candidates for name in (one.id, one.url)}
    return tuple(pin for pin in rule.pins if pin not in known)


def _desk(
    rule: Digest,
    slot: Slot,
    sections: Mapping[str, Section],
    languages: Sequence[str],
    sent: Mapping[str, Sent],
    since: datetime | None,
) -> _Desk:
    chosen = rule.sections
    return _Desk(
        rule=rule,
        until=slot.due,
        since=since,
        languages=tuple(languages),
        sent=sent,
        order=tuple(dict.fromkeys(one.section for one in chosen)) or tuple(sections),
        limits={one.section: one.limit for one in chosen if one.limit is not None},
        known=frozenset(sections),
        pins={pin: place for place, pin in reversed(list(enumerate(rule.pins)))},
        excluded=frozenset(word.casefold() for word in rule.exclude),
    )


_Why = tuple[Reason, str]


def _bar(desk: _Desk, one: Article) -> _Why | None:
    """Return why an article may not stand whatever the room, or None; the strongest reason wins."""
    found = _bar_for_ever(desk, one) or _bar_for_now(desk, one)
    if found and desk.pin(one) is not None:
        return found[0], f"{found[1]}; its pin does not change that"
    return found


def _bar_for_ever(desk: _Desk, one: Article) -> _Why | None:
    if one.withdrawn:
        side = "before" if one.withdrawn <= desk.until else "after"
        return "withdrawn", f"{span(abs(desk.until - one.withdrawn))} {side} the slot's time"
    if not any(_speaks(one.language, language) for language in desk.languages):
        return "wrong language", f"{one.language}; the digest takes {', '.join(desk.languages)}"
    if word := _excluding(desk, one):
        return "excluded", f"by {word}"
    sent = desk.sent.get(one.id)
    if sent and not desk.carries_correction(one):
        corrected = one.corrected is not None and one.corrected != sent.corrected
        return "sent before", f"in {sent.slot}" + ("; its correction is not announced" if corrected else "")
    return None


def _bar_for_now(desk: _Desk, one: Article) -> _Why | None:
    if one.date > desk.until:
        return "published later", f"{span(one.date - desk.until)} after the slot's time"
    if desk.carries_correction(one):
        return None
    age = desk.until - one.date
    if age > desk.rule.max_age:
        return "too old", f"{span(age)} old, limit {span(desk.rule.max_age)}"
    if desk.pin(one) is not None:
        return None
    here = max(one.date, one.first_seen)
    if desk.since is not None and here <= desk.since:
        return "before the last edition", f"here {span(desk.since - here)} before that one was made"
    return _misplaced(desk, one)


def _misplaced(desk: _Desk, one: Article) -> _Why | None:
    section = desk.section(one)
    if section is None and not desk.rule.unsectioned:
        return "section not in digest", "names no section that the site knows"
    if section is not None and section not in desk.order:
        return "section not in digest", section
    return None


def _speaks(language: str, wanted: str) -> bool:
    return language == wanted or language.startswith(wanted + "-")


def _excluding(desk: _Desk, one: Article) -> str | None:
    names = [one.id, *([one.url] if one.url else []), *one.tags]
    return next((name for name in names if name.casefold() in desk.excluded), None)


def _fold(desk: _Desk, eligible: Sequence[Article], standing: Sequence[Article]) -> dict[str, Fold]:
    """Fold near-duplicates under the better one; what is owed (a correction) is never folded away."""
    owed = [one for one in eligible if desk.carries_correction(one)]
    rest = [one for one in eligible if not desk.carries_correction(one)]
    best = sorted(rest, key=lambda one: _worth(desk, one), reverse=True)
    known = {one.id for one in owed}
    return fold(best, standing=[*owed, *(one for one in standing if one.id not in known)])


def _worth(desk: _Desk, one: Article) -> tuple[bool, bool, bool, int, tuple[datetime, int]]:
    """Sort key of what to keep: pinned, signed by our own people, with a picture, longer, newer."""
    length = len(one.lede) + len(one.body)
    return desk.pin(one) is not None, bool(one.bylines), _pictured(one), length, one.order


def _same(found: Fold, sent: Mapping[str, Sent]) -> str:
    where = f", sent in {sent[found.kept.id].slot}" if found.kept.id in sent else ""
    return f"as {found.kept.id} “{found.kept.title}”{where} ({found.alike:.0%} alike)"


def _lead(desk: _Desk, eligible: Sequence[Article]) -> tuple[Article, str] | None:
    """Return the story that leads and why, or None when only a pin could and there is none."""
    news = [one for one in eligible if not desk.carries_correction(one)]
    roomy = [one for one in news if desk.limit(desk.section(one)) > 0]
    pinned = [one for one in roomy if desk.pin(one) is not None]
    if pinned:
        return min(pinned, key=lambda one: desk.pin(one) or 0), "pinned"
    if desk.rule.lead == "pinned" or not roomy:
        return None
    own = [one for one in roomy if _speaks(one.language, desk.languages[0])]
    if desk.rule.lead == "pictured":
        for some in (own, roomy):
            if found := next((one for one in some if _pictured(one)), None):
                return found, "newest with a picture"
    return (own or roomy)[0], "newest" if desk.rule.lead == "newest" else "newest; none has a picture"


def _pictured(one: Article) -> bool:
    return any(picture.url for picture in one.pictures)


def _fill(
    desk: _Desk, eligible: Sequence[Article], lead: tuple[Article, str] | None
) -> tuple[list[Article], dict[str, _Why]]:
    """Give out the room; return what stands, and why the rest does not."""
    taken: Counter[str | None] = Counter()
    picked: list[Article] = []
    out: dict[str, _Why] = {}
    for one, rank in _queue(desk, eligible, lead):
        section = desk.section(one)
        if taken[section] >= desk.limit(section):
            out[one.id] = ("section full", f"number {rank} of its section, limit {desk.limit(section)}")
        elif len(picked) >= desk.rule.limit:
            out[one.id] = ("digest full", f"number {rank} of its section, limit {desk.rule.limit} in all")
        else:
            taken[section] += 1
            picked.append(one)
    return picked, out


def _queue(
    desk: _Desk, eligible: Sequence[Article], lead: tuple[Article, str] | None
) -> list[tuple[Article, int]]:
    """Return the articles in the order in which they are given room, each with its rank in its section."""
    first = lead[0].id if lead else None

    def urgency(one: Article) -> tuple[int, int]:
        pin = desk.pin(one)
        if one.id == first:
            return 0, 0
        if pin is not None:
            return 1, pin
        return (2 if desk.carries_correction(one) else 3), 0

    by_section: defaultdict[str | None, list[Article]] = defaultdict(list)
    for one in sorted(eligible, key=urgency):
        by_section[desk.section(one)].append(one)
    ranked = [(one, rank) for some in by_section.values() for rank, one in enumerate(some, start=1)]
    ranked.sort(key=lambda pair: pair[0].order, reverse=True)
    ranked.sort(key=lambda pair: (urgency(pair[0]), pair[1]))
    return ranked


def _order(
    desk: _Desk, picked: Sequence[Article], lead: tuple[Article, str] | None
) -> list[tuple[Article, int]]:
    """Return what stands in the letter's order, each with its place in its section."""
    # Pins may bring in a section that the digest does not list; it stands after those that it does.
    found = {section for one in picked if (section := desk.section(one)) is not None}
    sections: list[str | None] = [*desk.order, *sorted(found - set(desk.order)), None]
    first = [one for one in picked if lead and one.id == lead[0].id]
    rest = [one for one in picked if not (lead and one.id == lead[0].id)]
    placed = [(one, 1) for one in first]
    for section in sections:
        some = [one for one in rest if desk.section(one) == section]
        some.sort(key=lambda one: one.order, reverse=True)
        some.sort(key=lambda one: _standing(desk, one))
        placed += [(one, place) for place, one in enumerate(some, start=1)]
    return placed


def _standing(desk: _Desk, one: Article) -> tuple[int, int]:
    """Pins first in their order, then the news, corrections last."""
    pin = desk.pin(one)
    if desk.carries_correction(one):
        return 2, 0
    return (1, 0) if pin is None else (0, pin)


def _picked(desk: _Desk, one: Article, lead: tuple[Article, str] | None, place: int) -> Choice:
    age = f"{span(desk.until - one.date)} old"
    reason: Reason = "recent"
    detail = f"{age}, number {place} in its section"
    if lead and one.id == lead[0].id:
        reason, detail = "lead", f"{lead[1]}, {age}"
    elif desk.carries_correction(one):
        reason, detail = "correction", f"sent in {desk.sent[one.id].slot}, corrected since"
    elif desk.pin(one) is not None:
        reason, detail = "pinned", age
    return _choice(desk, one, reason, detail, picked=True)


def _left(desk: _Desk, one: Article, reason: Reason, detail: str) -> Choice:
    return _choice(desk, one, reason, detail, picked=False)


def _choice(desk: _Desk, one: Article, reason: Reason, detail: str, *, picked: bool) -> Choice:
    return Choice(
        article_id=one.id,
        title=one.title,
        section=desk.section(one),
        picked=picked,
        reason=reason,
        detail=detail,
    )


def span(length: timedelta) -> str:
    """Return a length of time in words: ``8 days``, ``30 hours``, ``1 minute``."""
    seconds = max(int(length.total_seconds()), 0)
    for unit, size, least in _UNITS:
        if seconds >= least * size:
            number = seconds // size
            return f"{number} {unit}" + ("s" if number > 1 else "")
    return "less than a minute"
