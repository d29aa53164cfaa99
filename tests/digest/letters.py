"""Letters of the sample newsroom for tests of rendering: any size, in English, Vietnamese or both."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from publisher.digest.fit import Layout
from publisher.digest.render import render
from publisher.i18n import Words, words
from publisher.model.edition import Rendered
from publisher.model.letter import Letter, LetterPicture, LetterSection, Story
from publisher.resources import builtin
from publisher.settings.schema import Look
from publisher.templating import templates

Language = Literal["en", "vi", "both"]

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SITE = "https://muonglua.example"
TITLES = {
    "en": ("Politics", "Economy", "Society", "Culture", "Sport", "Environment"),
    "vi": ("Thời sự – Chính trị", "Kinh tế", "Xã hội", "Văn hoá – Du lịch", "Thể thao", "Môi trường"),
}
KEYS = ("politics", "economy", "society", "culture", "sport", "environment")
NOTE = (
    "<p>Good morning. The market opens <strong>late</strong> today, and "
    f'<a href="{SITE}/articles/note">the ferry</a> does not run.</p><ul><li>Rain until noon</li>'
    "<li>Clear at night</li></ul>"
)


def sample(language: str) -> list[dict[str, Any]]:
    """Return the sample newsroom's articles of that language that have a lede."""
    lines = (builtin("sample") / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [one for one in found if one.get("language") == language and one.get("lede")]


def picture(name: str, width: int, alt: str) -> LetterPicture:
    """Return a picture at an address of the paper, three to two."""
    return LetterPicture(url=f"{SITE}/media/{name}", width=width, height=width * 2 // 3, alt=alt)


def stories(language: Language, count: int) -> list[Story]:
    """Return so many stories, over the six sections in turn; two of three have pictures."""
    known = [sample("en"), sample("vi")] if language == "both" else [sample(language)]
    mixed = [one for row in zip(*known, strict=False) for one in row]
    return [_story(mixed[place % len(mixed)], place, language) for place in range(count)]


def _story(one: dict[str, Any], place: int, language: Language) -> Story:
    key = KEYS[place % len(KEYS)]
    shown = (one.get("pictures") or [{"alt": "A drawing for the article"}])[0]
    name = f"{place}.jpg"
    pictured = place % 3 != 2
    alt = shown.get("alt") or shown.get("caption") or "A drawing for the article"
    return Story(
        article_id=f"a{place}",
        section=key,
        section_title=TITLES["vi" if language == "vi" else "en"][place % len(KEYS)],
        title=one["title"],
        lede=re.sub(r"^\w+ ?[-–] ", "", one["lede"]),
        url=f"{SITE}/articles/{place:05d}",
        language=one["language"],
        picture=picture(name, 176, alt) if pictured else None,
        large=picture(name, 600, alt) if pictured else None,
        byline=", ".join(author["name"] for author in one.get("authors", ())),
    )


def letter(language: Language = "en", count: int = 12, *, note: str = "") -> Letter:
    """Return a letter of so many stories, the first of them leading."""
    return letter_of(stories(language, count), language="vi" if language == "vi" else "en", note=note)


def letter_of(some: Sequence[Story], *, language: str = "en", note: str = "", led: bool = True) -> Letter:
    """Return a letter of these stories in their sections' order."""
    lead = replace(some[0], picture=some[0].large) if some and led else None
    rest = some[1:] if lead else some
    sections = [
        LetterSection(key=key, title=title, stories=tuple(one for one in rest if one.section == key))
        for key, title in zip((*KEYS, None), (*TITLES[language], ""), strict=True)
    ]
    return Letter(
        digest="morning",
        slot="2026-11-21",
        title={"en": "Morning Letter", "vi": "Bản tin sáng"}[language],
        day=date(2026, 11, 21),
        language=language,
        site_title={"en": "The Mường Lưa Courier", "vi": "Báo Mường Lưa"}[language],
        site_url=SITE,
        web_url=f"{SITE}/editions/morning/2026-11-21",
        lead=lead,
        sections=tuple(section for section in sections if section.stories),
        note=note,
        postal_address={"en": "12 Bờ Sông Street, Mường Lưa", "vi": "12 phố Bờ Sông, Mường Lưa"}[language],
        feeds_url=f"{SITE}/feeds/",
    )


def rendered(
    some: Letter,
    layout: Layout = "recent",
    *,
    look: Look | None = None,
    subject: str | None = None,
    preheader: str | None = None,
    also: Sequence[Words] = (),
) -> Rendered:
    """Render a letter with our own templates."""
    return render(
        some,
        layout=layout,
        look=look or Look(),
        templates=templates(),
        words=words(some.language),
        zone=ZONE,
        subject=subject,
        preheader=preheader,
        also=also,
    )
