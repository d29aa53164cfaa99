"""What becomes of an article: pure, from what its drafts say and what is stored.

What a source says comes after what it said before, with three exceptions that keep a second reading from
undoing a later one:

- A document that was read before, byte for byte, has been heard: its drafts only fill gaps.
- A page whose list of news is older than what is stored moves no article out of the section that it has.
- A lede that is cut short does not take the place of the whole one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from publisher.ingest.same import shortened
from publisher.model.article import CONTENT_FIELDS, Article, ArticleData, Draft, content_of


@dataclass(frozen=True, slots=True)
class Hearing:
    """How far a document's word goes.

    Attributes:
        heard: it was read before as it is.
        older: its list of news is older than what is stored.
        language: of articles for which nobody says one.
        now: when.
    """

    heard: bool
    older: bool
    language: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Add:
    """A new article."""

    data: ArticleData


@dataclass(frozen=True, slots=True)
class Change:
    """New content for a stored article, which may stand again with it."""

    stored: Article
    data: ArticleData
    restore: bool = False


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing that a reader could notice."""

    stored: Article


@dataclass(frozen=True, slots=True)
class Withdraw:
    """A stored article is taken back."""

    stored: Article
    when: datetime


@dataclass(frozen=True, slots=True)
class Pass:
    """An article that was withdrawn before it was ever seen here."""

    reason: str


Intent = Add | Change | Keep | Withdraw | Pass


@dataclass(frozen=True, slots=True)
class _State:
    content: ArticleData | None
    withdrawn: datetime | None


def decide(drafts: Sequence[Draft], stored: Article | None, hearing: Hearing) -> Intent:
    """Return what becomes of one article.

    Args:
        drafts: all that one document says of it, in its order; at least one.
        stored: the article, when it is known.
        hearing: how far the document's word goes.
    """
    before = _State(content_of(stored) if stored else None, stored.withdrawn if stored else None)
    after = before
    for draft in drafts:
        after = _lay(after, draft, hearing)
    return _intent(stored, before, after)


def _intent(stored: Article | None, before: _State, after: _State) -> Intent:
    if after.content is None or (stored is None and after.withdrawn):
        return Pass("withdrawn, and never seen here before")
    if stored is None:
        return Add(after.content)
    if after.withdrawn:
        return Keep(stored) if before.withdrawn else Withdraw(stored, after.withdrawn)
    restore = before.withdrawn is not None
    if restore or _differs(before.content, after.content):
        return Change(stored, after.content, restore)
    return Keep(stored)


def _lay(state: _State, draft: Draft, hearing: Hearing) -> _State:
    if draft.withdrawn:
        again = hearing.heard and state.content is not None
        return state if again else _State(state.content, state.withdrawn or draft.withdrawn)
    withdrawn = None if draft.restored and not hearing.heard else state.withdrawn
    if state.content is None:
        return _State(_first(draft, hearing), withdrawn)
    said = _said(draft, state.content, hearing)
    return _State(replace(state.content, **said), withdrawn)


def _first(draft: Draft, hearing: Hearing) -> ArticleData:
    data = draft.over(None, language=hearing.language)
    corrected = _corrected(draft, "", hearing.now) if data.correction else None
    # Who says only when an article was last changed says that it was published by then.
    return replace(data, published=data.published or data.updated, corrected=corrected)


def _said(draft: Draft, known: ArticleData, hearing: Hearing) -> dict[str, Any]:
    said = {name: value for name in CONTENT_FIELDS if (value := getattr(draft, name)) is not None}
    if not draft.title:
        said.pop("title")
    if draft.lede and known.lede and known.body and shortened(draft.lede, known.lede):
        said.pop("lede")
    said.pop("corrected", None)
    if known.section and (hearing.older or hearing.heard or draft.section in {None, known.section}):
        # The label goes with the section: an unknown one, or another for the same section, moves nothing.
        said = {name: value for name, value in said.items() if name not in {"section", "label"}}
    if hearing.heard:
        return {name: value for name, value in said.items() if _is_gap(name, value, known)}
    if draft.correction and draft.correction != known.correction:
        said["corrected"] = _corrected(draft, known.correction, hearing.now)
    return said


def _is_gap(name: str, value: Any, known: ArticleData) -> bool:
    """Whether something is known now that was not: a body, a section, a picture's file."""
    held = getattr(known, name)
    if name == "pictures":
        return sum(1 for one in value if one.url) > sum(1 for one in held if one.url)
    return not held


def _corrected(draft: Draft, before: str, now: datetime) -> datetime | None:
    """Return when a correction was declared: as the newsroom says, else when it is first seen."""
    if draft.correction == before:
        return None
    return draft.corrected or draft.updated or now


def _differs(before: ArticleData | None, after: ArticleData) -> bool:
    """Whether more than ``updated`` moved: a source that says so without a change says nothing."""
    return before is not None and replace(after, updated=before.updated) != before
