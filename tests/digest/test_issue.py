"""Making an edition: once, whole, and again after whatever stopped it."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.digest import issue
from publisher.digest.draft import Draft, Plan, draft
from publisher.digest.issue import Made, Preview, make, preview
from publisher.errors import ConfigError, UnreachableError, UsageError
from publisher.model.article import Article, ArticleData, Picture
from publisher.model.slot import Slot
from publisher.store import Store, articles, editions
from tests.digest.newsroom import MORNING, SLOT, TITLES, settings
from tests.digest.test_pictures import drawing, reply, serving

DAY = timedelta(days=1)


def bring(store: Store, number: int, hours: float = 2, **values: Any) -> Article:
    """Bring an article in that is so many hours old at :data:`MORNING`."""
    date = values.pop("published", MORNING - timedelta(hours=hours))
    content: dict[str, Any] = {
        "title": TITLES[number] if number < len(TITLES) else f"Day {number} on the ward’s meeting",
        "language": "en",
        "section": "economy",
        "lede": f"What happened, and to whom, is told in the lede of article number {number}.",
        "published": date,
    }
    with store.write() as tx:
        return articles.add(
            tx,
            ArticleData(**(content | values)),
            source="desk",
            keys=[f"k{number}"],
            authority="courier.example,2026",
            now=date or MORNING - timedelta(hours=hours),
        )


def do(store: Store, site: Path, *, slot: Slot = SLOT, now: datetime | None = None, **digest: Any) -> Made:
    return make(store, settings=settings(**digest), site=site, digest="daily", slot=slot, now=now or slot.due)


def see(store: Store, site: Path, *, slot: Slot = SLOT, **digest: Any) -> Preview:
    return preview(store, settings=settings(**digest), site=site, digest="daily", slot=slot)


def later(days: int) -> Slot:
    due = MORNING + days * DAY
    return Slot(f"2026-11-{21 + days}", due)


def titles(made: Made) -> list[str]:
    assert made.edition is not None
    return [choice.title for choice in made.edition.selection.picked]


def everything(folder: Path) -> dict[str, str]:
    """Return the hash of every file below a folder."""
    # SQLite notes in -shm which connection reads; it holds no data.
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.suffix != ".sqlite3-shm")
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_an_edition_is_made_once(store: Store, tmp_path: Path) -> None:
    for number in range(4):
        bring(store, number, number + 1)

    first = do(store, tmp_path)
    bring(store, 9)
    second = do(store, tmp_path, now=MORNING + timedelta(hours=2))

    assert (first.created, second.created) == (True, False)
    assert first.edition == second.edition
    assert first.edition is not None
    assert len(first.edition.selection.picked) == 4
    assert first.edition.content.subject == TITLES[0]
    assert all(title in first.edition.content.text for title in TITLES[:4])


def test_a_second_call_writes_nothing(sqlite: Store, tmp_path: Path) -> None:
    bring(sqlite, 1)
    do(sqlite, tmp_path)
    do(sqlite, tmp_path, slot=later(1))
    before = everything(tmp_path)

    do(sqlite, tmp_path)
    do(sqlite, tmp_path, slot=later(1))

    assert everything(tmp_path) == before


def test_two_makers_get_one_edition(store: Store, tmp_path: Path) -> None:
    for number in range(3):
        bring(store, number)
    start = threading.Barrier(3)
    made: list[Made] = []

    def one() -> None:
        start.wait()
        made.append(do(store, tmp_path))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(one.created for one in made) == [False, False, True]
    assert len({one.edition.id for one in made if one.edition}) == 1


def test_nothing_new_is_recorded_with_the_reason_and_mended_by_news(store: Store, tmp_path: Path) -> None:
    bring(store, 1, 24 * 8 - 1)

    skipped = do(store, tmp_path, max_age="7d")
    with store.read() as tx:
        kept = editions.issue(tx, "daily", SLOT.key)
    bring(store, 2)
    made = do(store, tmp_path)

    assert (skipped.edition, skipped.created, skipped.held_back) == (None, False, False)
    assert skipped.skipped_reason == "nothing new (1 too old)"
    assert kept is not None
    assert (kept.state, kept.reason) == ("skipped", "nothing new (1 too old)")
    assert made.created
    assert len(titles(made)) == 1


def test_a_digest_may_be_sent_empty(store: Store, tmp_path: Path) -> None:
    made = do(store, tmp_path, empty="send")

    assert made.created
    assert titles(made) == []
    assert made.edition is not None
    assert made.edition.content.subject


def test_no_article_goes_twice_and_none_is_lost_between_editions(store: Store, tmp_path: Path) -> None:
    carried: list[str] = []
    for day in range(5):
        slot = later(day)
        # One before the edition, one a second after it, one that comes in late with an old date.
        bring(store, 3 * day, published=slot.due - timedelta(hours=1))
        bring(store, 3 * day + 1, published=slot.due + timedelta(seconds=1))
        made = do(store, tmp_path, slot=slot, now=slot.due + timedelta(seconds=5), per_section=50)
        assert made.edition is not None
        carried += [choice.article_id for choice in made.edition.selection.picked]
        with store.write() as tx:
            articles.add(
                tx,
                ArticleData(title=f"Told late on day {day}", language="en", published=slot.due - DAY / 2),
                source="desk",
                keys=[f"late{day}"],
                authority="courier.example,2026",
                now=slot.due + timedelta(hours=1),
            )
    last = do(store, tmp_path, slot=later(5), per_section=50)
    assert last.edition is not None
    carried += [choice.article_id for choice in last.edition.selection.picked]

    assert len(carried) == len(set(carried)) == 15


def test_a_past_slot_holds_what_stood_then(store: Store, tmp_path: Path) -> None:
    bring(store, 1, published=MORNING - timedelta(hours=1))
    bring(store, 2, published=MORNING + timedelta(hours=1))
    bring(store, 3, published=None, hours=-1)

    made = do(store, tmp_path, now=MORNING + 3 * DAY)

    assert titles(made) == [TITLES[1]]
    assert made.edition is not None
    left = {choice.title: choice.reason for choice in made.edition.selection.choices if not choice.picked}
    assert left == {TITLES[2]: "published later", TITLES[3]: "published later"}


def test_a_slot_that_has_not_begun_is_refused(store: Store, tmp_path: Path) -> None:
    bring(store, 1)

    with pytest.raises(UsageError, match=r"slot 2026-11-23 has not begun; .* publisher preview daily --at"):
        do(store, tmp_path, slot=later(2), now=MORNING)
    with pytest.raises(UsageError, match="there is no digest 'weekly'; known: daily"):
        make(store, settings=settings(), site=tmp_path, digest="weekly", slot=SLOT, now=MORNING)


def test_an_edition_of_later_today_is_due_now(store: Store, tmp_path: Path) -> None:
    bring(store, 1)
    made = do(store, tmp_path, slot=replace(SLOT, due=MORNING + timedelta(hours=8)), now=MORNING)
    bring(store, 2, -1)
    next_day = do(store, tmp_path, slot=later(1))

    assert made.edition is not None
    assert made.edition.due == MORNING
    assert titles(next_day) == [TITLES[2]]


def test_a_correction_goes_out_once_when_the_digest_says_so(store: Store, tmp_path: Path) -> None:
    first = bring(store, 1)
    do(store, tmp_path)
    with store.write() as tx:
        articles.change(
            tx,
            first,
            replace(first, correction="It runs at noon.", corrected=MORNING - timedelta(minutes=1)),
            now=MORNING + timedelta(minutes=5),
        )

    quiet = see(store, tmp_path, slot=later(1))
    second = do(store, tmp_path, slot=later(1), corrections="announce")
    third = do(store, tmp_path, slot=later(2), corrections="announce")

    assert quiet.skipped_reason == "nothing new (1 sent before)"
    assert titles(second) == [first.title]
    assert second.edition is not None
    assert "It runs at noon." in second.edition.content.html
    assert "It runs at noon." in second.edition.content.text
    assert third.skipped_reason == "nothing new (1 sent before)"


def test_pictures_are_kept_before_the_edition_and_only_those_that_it_shows(
    store: Store, tmp_path: Path
) -> None:
    media = tmp_path / "public" / "media"
    media.mkdir(parents=True)
    (media / "ferry.jpg").write_bytes(drawing(1600, 1000))
    bring(store, 1, pictures=(Picture(url="/media/ferry.jpg", alt="A ferry"),))
    bring(store, 2, 5, pictures=(Picture(url="/media/gone.jpg", alt="Gone"),))

    made = do(store, tmp_path)

    assert made.edition is not None
    (fitted,) = [file.name for file in media.iterdir() if file.name != "ferry.jpg"]
    assert f'src="https://courier.example/media/{fitted}"' in made.edition.content.html
    assert fitted.endswith("-1200x750.jpg")
    (problem,) = made.problems
    assert problem.startswith(f"picture /media/gone.jpg of “{TITLES[2]}”: ")


def test_a_letter_without_room_for_pictures_asks_for_none(store: Store, tmp_path: Path) -> None:
    bring(store, 1, pictures=(Picture(url="/media/gone.jpg", alt="Gone"),))

    assert see(store, tmp_path, layout="brief").problems == ()
    plain = see(store, tmp_path, layout="text")
    assert (plain.problems, plain.rendered.html) == ((), "")


def template(site: Path, name: str, content: str) -> Path:
    file = site / "templates" / "digest" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    return file


@pytest.mark.parametrize("content", ["{{ letter.nothing }}", "{% if %}", "{{ 1 / 0 }}"])
def test_a_mistake_in_a_template_is_one_line_and_nothing_is_lost(
    store: Store, tmp_path: Path, content: str
) -> None:
    bring(store, 1)
    earlier = do(store, tmp_path)
    bring(store, 2, -10)
    file = template(tmp_path, "recent.html", f"\n{content}")

    with pytest.raises(ConfigError, match=r"recent\.html:2") as caught:
        do(store, tmp_path, slot=later(1))
    assert "\n" not in str(caught.value)
    with store.read() as tx:
        assert [one.slot for one in editions.listed(tx)] == [SLOT.key]
        assert editions.latest(tx, "daily") == earlier.edition

    file.unlink()
    assert do(store, tmp_path, slot=later(1)).created


def test_a_letter_that_fails_its_check_is_held_back_until_that_is_mended(
    store: Store, tmp_path: Path
) -> None:
    bring(store, 1)
    file = template(tmp_path, "foot.html", '{{ piece("personal") }}<p>Stay!</p>{{ piece("imprint") }}')

    held = do(store, tmp_path)
    shown = see(store, tmp_path)
    with store.read() as tx:
        assert editions.listed(tx) == []
    file.unlink()
    mended = do(store, tmp_path)

    assert held.held_back
    assert (held.edition, held.skipped_reason, held.created) == (None, None, False)
    assert any("unsubscribe" in problem and "held back" in problem for problem in held.problems)
    assert shown.held_back
    assert mended.created


def while_drafting(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], times: int = 1) -> None:
    """Let something happen while the letter is rendered."""
    left = [times]

    def slow(made: Plan, **values: Any) -> Draft:
        if left[0]:
            left[0] -= 1
            act()
        return draft(made, **values)

    monkeypatch.setattr(issue, "draft", slow)


def test_what_is_withdrawn_while_the_letter_is_rendered_is_not_in_it(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, 1)
    wrong = bring(store, 2)

    def withdraw() -> None:
        with store.write() as tx:
            articles.withdraw(tx, wrong, when=MORNING, now=MORNING)

    while_drafting(monkeypatch, withdraw)

    made = do(store, tmp_path)

    assert titles(made) == [TITLES[1]]
    assert made.edition is not None
    assert TITLES[2] not in made.edition.content.html


def test_what_comes_in_meanwhile_but_changes_nothing_costs_no_second_rendering(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, 1)
    while_drafting(monkeypatch, lambda: bring(store, 2, -48))

    assert titles(do(store, tmp_path)) == [TITLES[1]]


def test_a_store_that_never_rests_ends_in_one_line(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, 1)
    numbers = iter(range(2, 100))
    while_drafting(monkeypatch, lambda: bring(store, next(numbers)), times=50)

    with pytest.raises(Exception, match="daily 2026-11-21: articles changed each time"):
        do(store, tmp_path)


def test_a_crash_before_the_edition_is_stored_leaves_nothing_half_done(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(store, 1)

    def crash(*_args: object, **_values: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(editions, "_carry", crash)
        with pytest.raises(RuntimeError):
            do(store, tmp_path)
    with store.read() as tx:
        assert editions.listed(tx) == []

    assert do(store, tmp_path).created


def test_a_public_folder_that_cannot_be_written_is_told(sqlite: Store, tmp_path: Path) -> None:
    (tmp_path / "public").mkdir()
    (tmp_path / "public" / "media").write_text("in the way")

    with serving(reply(drawing(1600, 1000))) as (base, _):
        bring(sqlite, 1, pictures=(Picture(url=f"{base}/ferry.jpg", alt="A ferry"),))
        with pytest.raises(UnreachableError, match="the edition is not made, mend it") as caught:
            do(sqlite, tmp_path)

    assert "\n" not in str(caught.value)
    with sqlite.read() as tx:
        assert editions.listed(tx) == []


def test_a_preview_is_what_is_made_and_then_shows_what_was_made(store: Store, tmp_path: Path) -> None:
    bring(store, 1)
    bring(store, 2, section="politics")

    before = see(store, tmp_path)
    made = do(store, tmp_path)
    bring(store, 3)
    after = see(store, tmp_path)

    assert made.edition is not None
    assert (before.selection, before.rendered) == (made.edition.selection, made.edition.content)
    assert before.edition is None
    assert (after.edition, after.rendered) == (made.edition, made.edition.content)


def test_the_same_articles_give_the_same_bytes(tmp_path: Path, store: Store) -> None:
    for number in range(6):
        bring(store, number, section=["economy", "politics", None][number % 3])

    one, other = see(store, tmp_path), see(store, tmp_path)

    assert one == other


@pytest.mark.parametrize("layout", ["recent", "brief", "text"])
def test_an_editors_note_stands_in_both_parts(sqlite: Store, tmp_path: Path, layout: str) -> None:
    notes = tmp_path / "config" / "notes" / "daily"
    notes.mkdir(parents=True)
    (notes / "2026-11-21.md").write_text(
        "# Chào buổi sáng\n\nThe *ferry* has a [timetable](https://courier.example/ferry).\n",
        encoding="utf-8",
    )
    bring(sqlite, 1)

    made = do(sqlite, tmp_path, layout=layout)
    next_day = do(sqlite, tmp_path, slot=later(1), empty="send")

    assert made.problems == ()
    assert made.edition is not None
    for part in (made.edition.content.text, *([made.edition.content.html] if layout != "text" else [])):
        assert (
            part.index("Chào buổi sáng") < part.index("https://courier.example/ferry") < part.index(TITLES[1])
        )
    assert next_day.edition is not None
    assert "timetable" not in next_day.edition.content.text


def test_a_pin_that_names_nothing_is_told(store: Store, tmp_path: Path) -> None:
    bring(store, 1)

    made = do(store, tmp_path, pins=["nobody"])

    assert made.created
    assert made.problems == ("config/site.yaml: digests.daily.pins: 'nobody' names no recent article",)


HOSTILE: list[dict[str, Any]] = [
    {"title": "<script>alert(1)</script> & {{ 7 * 7 }}", "lede": "</p><style>*{display:none}</style>"},
    {"title": "x" * 300, "lede": "y" * 900},
    {"title": "🙂🙂🙂", "lede": ""},
    {"title": "Only a picture", "lede": "", "pictures": (Picture(url="/media/none.jpg"),)},
    {"title": "שלום עולם", "lede": "مرحبا بالعالم", "section": None},
    {"title": "Tiếng Việt giữa hai dòng", "language": "vi", "lede": "Một câu ngắn.", "section": "culture"},
]


@pytest.mark.parametrize("count", [0, 1, 40])
@pytest.mark.parametrize("layout", ["recent", "brief", "text"])
def test_hostile_articles_leave_the_letter_whole(
    sqlite: Store, tmp_path: Path, layout: str, count: int
) -> None:
    for number in range(count):
        bring(sqlite, number, number / 10)
    for number, values in enumerate(HOSTILE if count else []):
        bring(sqlite, 100 + number, 1, **values)

    made = do(sqlite, tmp_path, layout=layout, empty="send", limit=60, per_section=60)

    assert made.created, made.problems
    assert made.edition is not None
    content = made.edition.content
    assert "<script>" not in content.html
    assert "{{ 7" not in content.subject or count
    assert len(titles(made)) == (count + len(HOSTILE) if count else 0)
