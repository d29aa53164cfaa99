from dataclasses import replace
from datetime import UTC, datetime

import pytest

from publisher.ingest.same import id_key, kindred, pair, same_story, shortened, story_keys, url_key
from publisher.model.article import Article, Draft

NOW = datetime(2026, 11, 20, tzinfo=UTC)
LEDE = "The ferry at Bến Đá crossed the Lưa again on Monday, nine weeks after the flood had taken its cable."
EDITED = "The ferry at Bến Đá crossed the Lưa again on Tuesday, nine weeks after the flood took its cable."
OTHER = "Eleven schools will have new roofs before the rains, if the council agrees on Friday."


def stored(number: int, title: str, lede: str) -> Article:
    return Article(
        id=f"a{number}",
        uri=f"tag:x,2026:a{number}",
        number=number,
        source="pages",
        first_seen=NOW,
        modified=NOW,
        change=number,
        title=title,
        language="en",
        lede=lede,
    )


def draft(title: str, lede: str, *keys: str) -> Draft:
    return Draft(source="pages", keys=keys or story_keys(title, lede), where="p:1", title=title, lede=lede)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Ferry returns", LEDE), ("Ferry returns", LEDE), True),
        (("Ferry returns", LEDE), ("FERRY  RETURNS", LEDE), True),
        (("Ferry returns", LEDE), ("The ferry is back", LEDE), True),
        (("Ferry returns", LEDE), ("Ferry returns", EDITED), True),
        (("Ferry returns", LEDE), ("Ferry returns", ""), True),
        (("Ferry returns", LEDE), ("Ferry returns", "The ferry at Bến Đá crossed the Lưa…"), True),
        (("Ferry returns", LEDE), ("Ferry returns", OTHER), False),
        (("Ferry returns", LEDE), ("The ferry is back", EDITED), False),
        (("Ferry returns", ""), ("The ferry is back", ""), False),
    ],
)
def test_the_rule_by_which_two_tellings_are_one(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    assert same_story(*one, *other) is same
    assert same_story(*other, *one) is same


def test_an_edited_lede_is_kindred_and_a_cut_one_is_shortened() -> None:
    assert kindred(LEDE, EDITED)
    assert not kindred(LEDE, OTHER)
    assert shortened("The ferry at Bến Đá crossed […]", LEDE)
    assert not shortened(LEDE, LEDE)
    assert not shortened("The…", LEDE)


def test_keys_fit_the_store_however_long_the_words() -> None:
    keys = (
        *story_keys("Dài " * 500, LEDE * 50),
        id_key("x" * 5000),
        url_key("https://e.example/" + "y" * 5000),
    )

    assert all(len(key) <= 512 for key in keys)
    assert len(set(keys)) == len(keys)


def test_two_articles_of_one_list_are_never_fused() -> None:
    old = stored(1, "Market prices", LEDE)
    known = dict.fromkeys(story_keys(old.title, old.lede), old)
    # Both could be the stored one: the first by an edited lede, the second to the letter.
    drafts = [draft("Market prices", EDITED), draft("Market prices", LEDE)]

    assert pair(drafts, known, set()) == [None, old]


def test_an_article_found_in_one_batch_is_not_found_again_in_the_next() -> None:
    old = stored(1, "Market prices", LEDE)
    known = dict.fromkeys(story_keys(old.title, old.lede), old)
    taken: set[str] = set()

    assert pair([draft("Market prices", LEDE)], known, taken) == [old]
    assert pair([draft("Market prices", EDITED)], known, taken) == [None]


def test_a_changed_headline_and_a_changed_lede_find_their_article() -> None:
    one, two = stored(1, "Ferry returns", LEDE), stored(2, "School roofs", OTHER)
    known = {key: article for article in (one, two) for key in story_keys(article.title, article.lede)}

    assert pair([draft("Roofs for schools", OTHER), draft("Ferry returns", EDITED)], known, set()) == [
        two,
        one,
    ]


def test_the_sources_own_id_decides_whatever_the_words() -> None:
    old = stored(1, "Ferry returns", LEDE)

    assert pair([draft("Quite another", OTHER, id_key("7"))], {id_key("7"): old}, set()) == [old]


def test_a_link_helps_only_when_the_words_agree() -> None:
    old = stored(1, "Ferry returns", LEDE)
    known = {id_key("1"): old, url_key("https://e.example/"): old}
    changed = draft("Ferry returns", LEDE, id_key("2"), url_key("https://e.example/"))

    assert pair([changed], known, set()) == [old]
    assert pair([replace(changed, title="Other", lede=OTHER)], known, set()) == [None]
