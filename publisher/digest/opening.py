"""What a mail program shows of a letter before it is opened: subject and preheader."""

from collections.abc import Sequence
from dataclasses import dataclass

from publisher.digest.fit import clipped, line
from publisher.i18n import Words
from publisher.model.letter import Letter, Story
from publisher.templating import Templates, render_line

SUBJECT_MOST, PREHEADER_LEAST, PREHEADER_MOST = 120, 40, 130
"""Characters."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Subject and preheader, plain text on one line each."""

    subject: str
    preheader: str


@dataclass(frozen=True, slots=True)
class Wording:
    """The config's templates of the two lines; None for the default from the lead."""

    subject: str | None = None
    preheader: str | None = None


def opening(
    letter: Letter,
    stories: Sequence[Story],
    *,
    date: str,
    words: Words,
    templates: Templates,
    wording: Wording,
) -> Opening:
    """Return subject and preheader of a letter that holds these stories, the first of them leading.

    A template may use ``lead`` (the first story), ``stories`` (all that are certain to be in: of a choice of
    sections, those beside the lead), ``title`` (of the digest), ``site``, ``section`` (title of the lead's
    section), ``date`` and ``day``.

    Raises:
        ConfigError: a template is wrong, with its key in the config.
    """
    lead = stories[0] if stories else None
    names = {
        "lead": lead,
        "stories": stories,
        "title": letter.title,
        "site": letter.site_title,
        "section": lead.section_title if lead else "",
        "date": date,
        "day": letter.day,
    }

    def written(template: str | None, key: str) -> str:
        if template is None or lead is None:
            return ""
        return render_line(templates, template, f"config/site.yaml: digests.{letter.digest}.{key}", **names)

    fallback = lead.title if lead else f"{letter.title}, {date}"
    subject = clipped(written(wording.subject, "subject") or fallback, SUBJECT_MOST)
    preheader = written(wording.preheader, "preheader") or _headlines(stories[1:], words)
    return Opening(subject, _filled(preheader, lead, letter, date, words))


def _headlines(others: Sequence[Story], words: Words) -> str:
    """Return as many of the next headlines as fit."""
    said = ""
    for story in others:
        longer = (
            f"{said}; {story.title}"
            if said
            else words("Also: {headlines}").replace("{headlines}", story.title)
        )
        if len(longer) > PREHEADER_MOST:
            break
        said = longer
    return said


def _filled(preheader: str, lead: Story | None, letter: Letter, date: str, words: Words) -> str:
    """Return the preheader made long enough that no program fills the place with the letter's first links."""
    news = (
        words("The news of {date} from {site}").replace("{date}", date).replace("{site}", letter.site_title)
    )
    said = line(preheader)
    for more in (lead.lede if lead else "", letter.title, news):
        if len(said) >= PREHEADER_LEAST:
            break
        said = " · ".join(part for part in (said, line(more)) if part)
    return clipped(said, PREHEADER_MOST)
