"""Editions: once per slot, whole, and nothing of them forgotten."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from publisher.model.article import Article, ArticleData
from publisher.model.edition import Choice, Piece, Rendered, Selection, Sent
from publisher.store import Store, Transaction, articles, editions

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
DAY = timedelta(days=1)

CONTENT = Rendered(
    subject="Phà Nậm Lưa chạy lại",
    preheader="Bốn tin nữa 🙂",
    html="<!DOCTYPE html><p>Mường Lưa</p>",
    text="Mường Lưa\n",
    language="vi",
    pieces=(Piece(role="frame", html="<p>", text="a"), Piece(role="section", section="economy", html="b")),
)


def keep(tx: Transaction, number: int, **values: object) -> Article:
    content = ArticleData(title=f"Article {number}", language="en", published=MORNING - DAY, **values)  # type: ignore[arg-type]
    return articles.add(
        tx, content, source="desk", keys=[f"k{number}"], authority="courier.example,2026", now=MORNING - DAY
    )


def selection(
    slot: str = "2026-11-21", due: datetime = MORNING, *, of: tuple[Article, ...] = ()
) -> Selection:
    choices = [
        Choice(
            article_id=one.id,
            title=one.title,
            section=None,
            picked=True,
            reason="recent",
            detail="1 hour old",
        )
        for one in of
    ]
    left = Choice(
        article_id="zz",
        title="Giá mạ",
        section="economy",
        picked=False,
        reason="too old",
        detail="8 days old",
    )
    return Selection(digest="daily", slot=slot, since=due - DAY, until=due, choices=(*choices, left))


def test_an_edition_comes_back_exactly(store: Store) -> None:
    with store.write() as tx:
        article = keep(tx, 1)
        picked = selection(of=(article,))
        made, created = editions.add(tx, picked, CONTENT, [article], now=MORNING)

    with store.read() as tx:
        stored = editions.get(tx, "daily", "2026-11-21")
        assert stored == made == editions.by_id(tx, made.id) == editions.latest(tx, "daily")
        assert editions.selection_of(tx, "daily", "2026-11-21") == picked
    assert created
    assert (made.selection, made.content, made.made, made.due) == (picked, CONTENT, MORNING, MORNING)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(texts, texts, st.datetimes(timezones=st.just(UTC)), st.none() | st.datetimes(timezones=st.just(UTC)))
def test_every_selection_and_content_goes_through_json(
    subject: str, title: str, until: datetime, since: datetime | None
) -> None:
    choice = Choice(
        article_id="a", title=title, section=None, picked=False, reason="same story", detail=subject
    )
    picked = Selection(digest="daily", slot="2026-11-21", since=since, until=until, choices=(choice,))
    content = Rendered(
        subject=subject,
        preheader="",
        html=title,
        text=title,
        language="vi",
        pieces=(Piece(role="lead", html=title),),
    )

    plain = editions._row(picked, until)["selection"]

    assert editions._selection(plain) == picked
    assert Rendered.of(content.plain()) == content


def test_the_second_maker_gets_the_firsts(store: Store) -> None:
    with store.write() as tx:
        first, second = keep(tx, 1), keep(tx, 2)
    start = threading.Barrier(2)
    results: list[tuple[int, str, bool]] = []

    def make(article: Article) -> None:
        start.wait()
        with store.write() as tx:
            made, created = editions.add(tx, selection(of=(article,)), CONTENT, [article], now=MORNING)
        results.append((made.id, made.selection.picked[0].article_id, created))

    threads = [threading.Thread(target=make, args=(one,)) for one in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(created for *_, created in results) == [False, True]
    assert results[0][:2] == results[1][:2]
    with store.read() as tx:
        assert len(editions.sent(tx, "daily", [first.id, second.id])) == 1


def test_a_skipped_slot_is_kept_with_its_reason_and_can_still_be_made(store: Store) -> None:
    with store.write() as tx:
        article = keep(tx, 1)
        skipped = editions.skip(tx, selection(), "nothing new", now=MORNING)
        again = editions.skip(tx, selection(), "another reason", now=MORNING + DAY)
        assert editions.get(tx, "daily", "2026-11-21") is None
        assert editions.looked_until(tx, "daily", before=MORNING + DAY, other_than="x") is None

    assert skipped == again
    assert (skipped.state, skipped.reason, skipped.subject, skipped.stories) == (
        "skipped",
        "nothing new",
        "",
        0,
    )

    with store.write() as tx:
        made, created = editions.add(tx, selection(of=(article,)), CONTENT, [article], now=MORNING + DAY)
        still = editions.skip(tx, selection(), "too late", now=MORNING + 2 * DAY)
    assert (created, made.made, made.id) == (True, MORNING + DAY, skipped.id)
    assert (still.state, still.reason, still.subject, still.stories) == ("made", "", CONTENT.subject, 1)


def test_what_was_sent_names_the_last_edition_that_carried_it(store: Store) -> None:
    with store.write() as tx:
        first, second, third = keep(tx, 1), keep(tx, 2, correction="No.", corrected=MORNING), keep(tx, 3)
        editions.add(tx, selection(of=(first, second)), CONTENT, [first, second], now=MORNING)
        later = selection("2026-11-22", MORNING + DAY, of=(first,))
        editions.add(tx, later, CONTENT, [first], now=MORNING)
        asked = [first.id, second.id, third.id]

        assert editions.sent(tx, "daily", asked) == {
            first.id: Sent(slot="2026-11-22"),
            second.id: Sent(slot="2026-11-21", corrected=MORNING),
        }
        assert editions.sent(tx, "daily", asked, other_than="2026-11-22")[first.id] == Sent(slot="2026-11-21")
        assert editions.sent(tx, "weekly", asked) == {}
        assert editions.looked_until(tx, "daily", before=MORNING + 2 * DAY, other_than="x") == MORNING + DAY
        assert editions.looked_until(tx, "daily", before=MORNING + DAY, other_than="x") == MORNING
        assert editions.corrected_since(tx, "daily", since=MORNING - DAY, until=MORNING) == [second.id]
        assert editions.corrected_since(tx, "daily", since=MORNING + DAY, until=MORNING + DAY) == []


def test_the_list_is_latest_first(store: Store) -> None:
    with store.write() as tx:
        article = keep(tx, 1)
        editions.add(tx, selection(of=(article,)), CONTENT, [article], now=MORNING)
        editions.skip(tx, selection("2026-11-22", MORNING + DAY), "nothing new", now=MORNING + DAY)

        assert [(one.slot, one.state, one.stories) for one in editions.listed(tx)] == [
            ("2026-11-22", "skipped", 0),
            ("2026-11-21", "made", 1),
        ]
        assert [one.slot for one in editions.listed(tx, digest="daily", made_only=True)] == ["2026-11-21"]
        assert editions.listed(tx, digest="weekly") == []
        assert len(editions.listed(tx, limit=1)) == 1


def test_a_failure_half_way_leaves_no_edition(store: Store) -> None:
    with store.write() as tx:
        article = keep(tx, 1)

    def fail() -> None:
        with store.write() as tx:
            editions.add(tx, selection(of=(article,)), CONTENT, [article], now=MORNING)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    with store.read() as tx:
        assert editions.listed(tx) == []
        assert tx.execute(text("SELECT count(*) FROM edition_article")).scalar() == 0


def test_a_lost_slot_is_never_made_and_ends_the_span_of_the_next(store: Store) -> None:
    with store.write() as tx:
        assert editions.lose(tx, selection(), "restored from a backup", now=MORNING)
        assert editions.get(tx, "daily", "2026-11-21") is None
        assert editions.looked_until(tx, "daily", before=MORNING + DAY, other_than="2026-11-22") == MORNING

    with store.read() as tx:
        issue = editions.issue(tx, "daily", "2026-11-21")
    assert issue is not None
    assert (issue.state, issue.reason) == ("lost", "restored from a backup")


def test_a_made_slot_is_never_lost_but_a_skipped_one_may_be(store: Store) -> None:
    other = selection("2026-11-22", MORNING + DAY)
    with store.write() as tx:
        editions.add(tx, selection(), CONTENT, (), now=MORNING)
        editions.skip(tx, other, "nothing is new", now=MORNING)

        assert not editions.lose(tx, selection(), "restored", now=MORNING)
        assert editions.lose(tx, other, "restored", now=MORNING)
        assert editions.get(tx, "daily", "2026-11-21") is not None
