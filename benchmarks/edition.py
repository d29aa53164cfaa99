"""What a thousand different choices of sections cost, beside rendering and inlining each of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations, cycle, islice
from statistics import median
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

from publisher.digest.gate import encoded_size
from publisher.digest.render import render
from publisher.i18n import words
from publisher.model.edition import Rendered
from publisher.model.letter import Letter, LetterPicture, LetterSection, Story
from publisher.model.variant import variant
from publisher.resources import builtin
from publisher.settings.schema import Look
from publisher.templating import templates

SITE = "https://muonglua.example"
CHOICES = 1000
EACH = 40
"""So many letters are rendered one by one; the time of all is reckoned from them."""
SECTIONS = 12
"""With twelve sections there are 4,095 different choices."""


def main() -> None:
    """Print the figures of one run."""
    some = _letter(25)
    choices = list(islice(_choices(some), CHOICES))
    _rendered(some)
    content = _rendered(some)
    once = _median(lambda: _rendered(some), 9)
    together = _median(lambda: [variant(content, chosen) for chosen in choices], 5)
    singly = _median(lambda: [_rendered(_chosen(some, one)) for one in choices[:EACH]], 1) / EACH * CHOICES
    size, encoded = len(content.html.encode()), encoded_size(content.html)
    print(f"an edition of 25 articles in {SECTIONS} sections: {size:,} bytes, {encoded:,} encoded")
    print(f"{len(set(map(tuple, choices))):,} different choices of sections\n")
    print(f"{'processor time':44}{'ms':>10}{'÷ one edition':>16}")
    rows = (
        ("rendered and inlined once", once),
        (f"{CHOICES:,} choices put together from its pieces", together),
        ("both", once + together),
        (f"each of {CHOICES:,} rendered and inlined (from {EACH})", singly),
    )
    for name, seconds in rows:
        print(f"{name:44}{seconds * 1000:10,.1f}{seconds / once:16,.2f}")
    verdict = "holds" if once + together < 2 * once else "DOES NOT HOLD"
    print(f"\nless than twice the cost of one: {verdict}")


def _letter(count: int) -> Letter:
    """Return a Vietnamese letter of the sample newsroom's articles, over more sections than it has."""
    lines = (builtin("sample") / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    known = [one for one in map(json.loads, lines) if one.get("language") == "vi" and one.get("lede")]
    stories = [_story(known[place % len(known)], place) for place in range(count)]
    empty = Letter(
        digest="morning",
        slot="2026-11-21",
        title="Bản tin sáng",
        day=date(2026, 11, 21),
        language="vi",
        site_title="Báo Mường Lưa",
        site_url=SITE,
        web_url=f"{SITE}/editions/morning/2026-11-21",
        lead=None,
        sections=(),
    )
    return _of(empty, stories[0], stories[1:])


def _story(one: dict[str, Any], place: int) -> Story:
    url = f"{SITE}/media/{place}.jpg"
    return Story(
        article_id=f"a{place}",
        section=f"section-{place % SECTIONS}",
        section_title=f"Section {place % SECTIONS}",
        title=one["title"],
        lede=one["lede"],
        url=f"{SITE}/articles/{place}",
        language="vi",
        picture=LetterPicture(url=url, width=176, height=132, alt="Tranh minh hoạ"),
        large=LetterPicture(url=url, width=600, height=400, alt="Tranh minh hoạ"),
    )


def _rendered(letter: Letter) -> Rendered:
    return render(
        letter,
        layout="recent",
        look=Look(),
        templates=templates(),
        words=words("vi"),
        zone=ZoneInfo("Asia/Ho_Chi_Minh"),
    )


def _of(base: Letter, lead: Story | None, rest: list[Story]) -> Letter:
    keys = dict.fromkeys(story.section for story in rest)
    sections = (
        LetterSection(key=key, title=f"Section {key}", stories=tuple(s for s in rest if s.section == key))
        for key in keys
    )
    return replace(base, lead=lead, sections=tuple(sections))


def _chosen(some: Letter, keys: tuple[str, ...]) -> Letter:
    """Return the letter that somebody would lay out for this choice alone."""
    stories = [story for story in some.stories if story.section in keys]
    return _of(some, stories[0], stories[1:])


def _choices(some: Letter) -> Iterator[tuple[str, ...]]:
    keys = [section.key for section in some.sections if section.key]
    sizes = [combinations(keys, size) for size in range(1, len(keys) + 1)]
    for size in cycle(sizes):
        if (found := next(size, None)) is not None:
            yield found


def _median(work: Callable[[], object], times: int) -> float:
    """Return the median of so many runs, in seconds of the processor."""
    return median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    start = process_time()
    work()
    return process_time() - start


if __name__ == "__main__":
    main()
