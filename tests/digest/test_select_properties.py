"""Selection, whatever comes in: each candidate judged once, limits kept, order of arrival of no effect."""

from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.digest.select import select
from publisher.model.article import Article
from publisher.model.edition import Selection, Sent
from publisher.settings.schema import Digest
from tests.digest.newsroom import MORNING, SECTIONS, SLOT, TITLES, article, byline, picture, rule

HOURS = st.integers(min_value=-30, max_value=300)
WORDS = st.sampled_from([*TITLES, "Cold spell to reach northern mountains", "🙂", "Giá mạ tăng"])


@st.composite
def articles(draw: st.DrawFn) -> list[Article]:
    count = draw(st.integers(0, 14))
    return [draw(an_article(number)) for number in range(count)]


def an_article(number: int) -> st.SearchStrategy[Article]:
    moments = HOURS.map(lambda hours: MORNING - timedelta(hours=hours))
    return st.builds(
        lambda **values: article(number, **values),
        hours=HOURS,
        title=WORDS,
        lede=WORDS,
        language=st.sampled_from(["en", "vi", "en-GB", "fr"]),
        section=st.sampled_from([*SECTIONS, None, "gone"]),
        tags=st.sampled_from([(), ("advert",)]),
        pictures=st.sampled_from([(), (picture(),)]),
        bylines=st.sampled_from([(), (byline(),)]),
        withdrawn=st.none() | moments,
        corrected=st.none() | moments,
    )


rules = st.builds(
    rule,
    limit=st.integers(1, 6),
    per_section=st.integers(1, 3),
    lead=st.sampled_from(["newest", "pictured", "pinned"]),
    pins=st.lists(st.sampled_from(["a0", "a3", "a5", "nobody"]), max_size=3),
    exclude=st.sampled_from([[], ["ADVERT", "a2"]]),
    sections=st.sampled_from([[], [{"section": "culture", "limit": 0}, {"section": "economy", "limit": 2}]]),
    unsectioned=st.booleans(),
    corrections=st.sampled_from(["ignore", "announce"]),
)
sent_before = st.dictionaries(
    st.sampled_from([f"a{number}" for number in range(14)]), st.just(Sent(slot="2026-11-20")), max_size=4
)
since_when = st.none() | st.just(MORNING - timedelta(hours=24))


def pick(candidates: list[Article], digest: Digest, **told: Any) -> Selection:
    return select(
        candidates, key="daily", rule=digest, slot=SLOT, sections=SECTIONS, languages=("en", "vi"), **told
    )


@settings(max_examples=150, deadline=None)
@given(articles(), rules, sent_before, since_when, st.randoms(use_true_random=False))
def test_whatever_comes_in(
    candidates: list[Article], digest: Digest, sent: dict[str, Sent], since: Any, random: Random
) -> None:
    found = pick(candidates, digest, sent=sent, since=since)
    by_id = {one.id: one for one in candidates}

    # Each candidate is judged exactly once, with the figures behind it.
    assert sorted(choice.article_id for choice in found.choices) == sorted(by_id)
    assert all(choice.detail for choice in found.choices)

    # The order in which candidates arrive changes nothing.
    shuffled = list(candidates)
    random.shuffle(shuffled)
    assert pick(shuffled, digest, sent=sent, since=since) == found

    # Limits hold, in all and per section.
    assert len(found.picked) <= digest.limit
    limits = {one.section: one.limit for one in digest.sections}
    for section in {choice.section for choice in found.picked}:
        held = sum(choice.section == section for choice in found.picked)
        limit = limits.get(section) if section else None
        assert held <= (digest.per_section if limit is None else limit)

    # Nothing that may not stand stands.
    for choice in found.picked:
        one = by_id[choice.article_id]
        assert one.withdrawn is None
        assert one.date <= found.until
        assert one.language != "fr"
        assert not {"advert", "a2"} & {*one.tags, one.id} or not digest.exclude
        if choice.reason == "correction":
            assert one.id in sent
            assert digest.corrections == "announce"
        else:
            assert one.id not in sent
            assert found.until - one.date <= digest.max_age

    # One story leads at most, and it comes first.
    assert all(choice.reason != "lead" for choice in found.picked[1:])

    # Sections stand together, after the lead, what has none at the end.
    run = [choice.section for choice in found.picked if choice.reason != "lead"]
    together = list(dict.fromkeys(run))
    assert run == [section for section in together for _ in range(run.count(section))]
    assert None not in together[:-1]


@settings(max_examples=60, deadline=None)
@given(articles(), rules)
def test_what_one_edition_picked_the_next_does_not(candidates: list[Article], digest: Digest) -> None:
    first = pick(candidates, digest, sent={}, since=None)
    by_id = {one.id: one for one in candidates}
    sent = {
        choice.article_id: Sent(slot="2026-11-21", corrected=by_id[choice.article_id].corrected)
        for choice in first.picked
    }

    second = pick(candidates, digest, sent=sent, since=first.until)

    assert not {choice.article_id for choice in first.picked} & {one.article_id for one in second.picked}
