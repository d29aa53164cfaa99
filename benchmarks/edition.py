"""What a thousand different choices of sections cost, beside rendering and inlining each of them.

Run from the repository's root: python -m benchmarks.edition
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, cycle, islice
from statistics import median
from time import perf_counter

from publisher.digest.gate import encoded_size
from publisher.model.letter import Letter, LetterSection, Story
from publisher.model.variant import variant
from tests.digest.letters import letter, rendered

CHOICES = 1000
EACH = 40
"""So many letters are rendered one by one; the time of all is reckoned from them."""
SECTIONS = 12
"""With twelve sections there are 4,095 different choices."""


def main() -> None:
    """Print the figures of one run."""
    some = _letter(25)
    choices = list(islice(_choices(some), CHOICES))
    rendered(some)
    content = rendered(some)
    once = _median(lambda: rendered(some), 9)
    together = _median(lambda: [variant(content, chosen) for chosen in choices], 5)
    singly = _median(lambda: [rendered(_chosen(some, one)) for one in choices[:EACH]], 1) / EACH * CHOICES
    size, encoded = len(content.html.encode()), encoded_size(content.html)
    print(f"an edition of 25 articles in {SECTIONS} sections: {size:,} bytes, {encoded:,} encoded")
    print(f"{len(set(map(tuple, choices))):,} different choices of sections\n")
    print(f"{'':44}{'ms':>10}{'÷ one edition':>16}")
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
    """Return a letter whose stories are spread over more sections than the sample newsroom has."""
    base = letter("vi", count)
    stories = [
        replace(story, section=f"section-{place % SECTIONS}") for place, story in enumerate(base.stories)
    ]
    return _of(base, stories[0], stories[1:])


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
    """Return the median of so many runs, in seconds."""
    return median(_timed(work) for _ in range(times))


def _timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


if __name__ == "__main__":
    main()
