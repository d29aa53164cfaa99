from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from publisher.ingest.decide import Add, Change, Hearing, Keep, Pass, Withdraw, decide
from publisher.model.article import Article, ArticleData, Byline, Draft, Picture

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
THEN = NOW - timedelta(days=3)
AFRESH = Hearing(heard=False, older=False, language="en", now=NOW)
HEARD = replace(AFRESH, heard=True)
OLDER = replace(AFRESH, older=True)
LEDE = "The ferry at Bến Đá crossed the Lưa again on Monday, nine weeks after the flood."


def draft(**said: Any) -> Draft:
    return Draft(**({"source": "pages", "keys": ("id:1",), "where": "p:1", "title": "Ferry returns"} | said))


def stored(**said: Any) -> Article:
    known: dict[str, Any] = {
        "id": "a1",
        "uri": "tag:x,2026:a1",
        "number": 1,
        "source": "pages",
        "first_seen": THEN,
        "modified": THEN,
        "change": 1,
        "title": "Ferry returns",
        "language": "en",
        "lede": LEDE,
    }
    return Article(**(known | said))


def changed(drafts: Draft, known: Article, hearing: Hearing = AFRESH) -> ArticleData:
    intent = decide([drafts], known, hearing)
    assert isinstance(intent, Change), intent
    return intent.data


def test_a_new_article_takes_the_language_of_the_site() -> None:
    intent = decide([draft(lede=LEDE)], None, replace(AFRESH, language="vi"))

    assert intent == Add(ArticleData(title="Ferry returns", language="vi", lede=LEDE))


def test_nothing_new_is_kept() -> None:
    known = stored(body="<p>b</p>", section="economy", label="BUSINESS")

    assert decide([draft(lede=LEDE)], known, AFRESH) == Keep(known)
    assert decide([draft(lede=LEDE, label="ECONOMY", section="economy")], known, AFRESH) == Keep(known)


def test_what_a_source_does_not_say_stays() -> None:
    known = stored(body="<p>b</p>", bylines=(Byline("Vừ Lan"),), section="economy")

    data = changed(draft(title="Ferry is back"), known)

    assert (data.title, data.body, data.bylines, data.section) == (
        "Ferry is back",
        "<p>b</p>",
        (Byline("Vừ Lan"),),
        "economy",
    )


def test_a_section_moves_by_a_new_label_and_stays_for_an_unknown_one() -> None:
    known = stored(section="culture", label="CULTURE - TOURISM")

    assert changed(draft(label="TRAVEL", section="travel"), known).section == "travel"
    assert decide([draft(label="GARDENS")], known, AFRESH) == Keep(known)
    assert changed(draft(label="GARDENS"), stored()).label == "GARDENS"


def test_an_older_page_moves_nothing_that_has_a_section_and_fills_what_has_none() -> None:
    older = draft(label="CULTURE - TOURISM", section="culture")

    known = stored(section="travel", label="TRAVEL")
    assert decide([older], known, OLDER) == Keep(known)
    assert changed(older, stored(), OLDER).section == "culture"
    assert changed(replace(older, title="New headline"), known, OLDER).section == "travel"


def test_what_was_heard_before_only_fills_gaps() -> None:
    known = stored(title="Ferry is back", section="travel")

    assert decide([draft(lede=LEDE, section="culture", label="C")], known, HEARD) == Keep(known)
    data = changed(draft(title="Ferry returns", body="<p>b</p>", section="culture"), known, HEARD)
    assert (data.title, data.body, data.section) == ("Ferry is back", "<p>b</p>", "travel")


def test_a_picture_that_was_found_later_fills_its_place() -> None:
    known = stored(pictures=(Picture(caption="A boat."),))
    found = (Picture(url="/media/1.jpg", caption="A boat."),)

    assert changed(draft(pictures=found), known, HEARD).pictures == found
    assert decide([draft(pictures=known.pictures)], stored(pictures=found), HEARD) == Keep(
        stored(pictures=found)
    )


def test_a_lede_that_is_cut_short_takes_nobodys_place() -> None:
    known = stored(body="<p>b</p>")

    assert decide([draft(lede="The ferry at Bến Đá crossed the Lưa…")], known, AFRESH) == Keep(known)


def test_a_correction_is_declared_once() -> None:
    first = changed(draft(correction="It was Tuesday."), stored())
    assert (first.correction, first.corrected) == ("It was Tuesday.", NOW)

    known = stored(correction="It was Tuesday.", corrected=THEN)
    assert decide([draft(correction="It was Tuesday.")], known, AFRESH) == Keep(known)
    assert changed(draft(correction="It was Wednesday."), known).corrected == NOW


def test_a_correction_with_a_time_of_its_own_keeps_it() -> None:
    said = draft(correction="It was Tuesday.", updated=THEN)

    assert changed(said, stored()).corrected == THEN
    intent = decide([said], None, AFRESH)
    assert isinstance(intent, Add)
    assert intent.data.corrected == THEN


def test_only_a_new_updated_is_no_change() -> None:
    known = stored(updated=THEN)

    assert decide([draft(updated=NOW)], known, AFRESH) == Keep(known)
    assert changed(draft(updated=NOW, title="New"), known).updated == NOW


def test_who_says_only_when_it_changed_says_it_was_published_by_then() -> None:
    intent = decide([draft(updated=THEN)], None, AFRESH)

    assert isinstance(intent, Add)
    assert intent.data.published == THEN


def test_withdrawing_and_standing_again() -> None:
    known = stored()
    gone = stored(withdrawn=THEN)

    assert decide([draft(title="", withdrawn=NOW)], known, AFRESH) == Withdraw(known, NOW)
    assert decide([draft(title="", withdrawn=NOW)], gone, AFRESH) == Keep(gone)
    assert decide([draft()], gone, AFRESH) == Keep(gone)
    assert decide([draft(restored=True)], gone, HEARD) == Keep(gone)
    intent = decide([draft(restored=True)], gone, AFRESH)
    assert isinstance(intent, Change)
    assert intent.restore
    assert isinstance(decide([draft(withdrawn=NOW)], None, AFRESH), Pass)
    assert decide([draft(withdrawn=NOW)], known, HEARD) == Keep(known)


def test_several_tellings_of_one_document_are_one_change() -> None:
    known = stored()

    data = decide([draft(title="Second"), draft(title="Third", body="<p>b</p>")], known, AFRESH)
    assert isinstance(data, Change)
    assert (data.data.title, data.data.body) == ("Third", "<p>b</p>")
    assert decide([draft(title="Second"), draft()], known, AFRESH) == Keep(known)
    assert isinstance(decide([draft(), draft(withdrawn=NOW)], known, AFRESH), Withdraw)
