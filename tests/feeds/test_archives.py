"""Archives (RFC 5005 §4): linked both ways, closed for good, and with the current feed every live article."""

import json
import re
from datetime import UTC, datetime, timedelta

import feedparser
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from publisher.feeds.archives import cuts, month
from publisher.model.feed import Listed
from tests.feeds.newsroom import START, Newsroom, settings

FEW = settings(feeds={"entries": 10})
DAY = timedelta(days=1)


def walk(newsroom: Newsroom, key: str, form: str) -> list[tuple[str, list[str]]]:
    """Follow a feed from the current document to its oldest archive; return (path, ids) of each."""
    path, found = f"feeds/{key}.{form}", []
    newer: str | None = None
    while path:
        found.append((path, ids(newsroom, path)))
        links = relations(newsroom, path)
        if form != "json" and len(found) > 2:
            assert links["next-archive"] == newer, path
        newer = f"https://courier.example/{path}"
        path = links.get("prev-archive", "").removeprefix("https://courier.example/")
    return found


def ids(newsroom: Newsroom, path: str) -> list[str]:
    if path.endswith("json"):
        return [item["id"] for item in json.loads(newsroom.read(path))["items"]]
    parsed = feedparser.parse(newsroom.read(path))
    assert not parsed.bozo
    return [entry.id for entry in parsed.entries]


def relations(newsroom: Newsroom, path: str) -> dict[str, str]:
    body = newsroom.read(path)
    if path.endswith("json"):
        following = json.loads(body).get("next_url")
        return {"prev-archive": following} if following else {}
    head = re.split(rb"<(?:entry|item)[ >]", body)[0].decode()
    return {
        link[1]: link[2]
        for link in re.finditer(r'link rel="([a-z-]+)" href="([^"]+)"', head)
        if link[1] != "hub"
    }


def test_the_current_feed_and_the_archives_hold_every_live_article_once_in_order(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    written = newsroom.write(*range(1, 8), *range(900, 920), *range(1700, 1712))
    newsroom.publish()
    for form in ("rss", "atom", "json"):
        documents = walk(newsroom, "all", form)
        archived = [one for _, there in documents[1:] for one in there]
        assert len(archived) == len(set(archived))
        assert set(archived) | set(documents[0][1]) == {one.uri for one in written}
        assert archived == sorted(archived, key=[one.uri for one in reversed(written)].index)
        assert [path for path, _ in documents[1:]] == [
            f"feeds/all/2026-11.{form}",
            f"feeds/all/2026-10.{form}",
            f"feeds/all/2026-09.{form}",
        ]


def test_archive_documents_say_that_they_are(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    newsroom.write(1, 2, 900)
    newsroom.publish()
    for form in ("rss", "atom"):
        body = newsroom.read(f"feeds/all/2026-09.{form}")
        assert b"<fh:archive/>" in body
        assert relations(newsroom, f"feeds/all/2026-09.{form}")["current"].endswith(f"/feeds/all.{form}")
        assert relations(newsroom, f"feeds/all/2026-09.{form}")["self"].endswith(f"/feeds/all/2026-09.{form}")
        assert b"fh:archive/" not in newsroom.read(f"feeds/all.{form}")


def test_a_closed_archive_stays_as_it_is_while_the_feed_goes_on(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    newsroom.write(1, 2)
    number = 100
    closed: dict[str, int] = {}
    for _ in range(12):
        newsroom.write(*range(number, number + 7))
        number += 107
        newsroom.publish()
        stamps = newsroom.stamps()
        for path, time in closed.items():
            assert stamps[path][1] == time, path
        archives = sorted(path for path in stamps if re.fullmatch(r"feeds/all/2026-.*\.atom", path))
        # The newest is given its next-archive once, when there is one.
        ordered = [path for path, _ in walk(newsroom, "all", "atom")][2:]
        assert set(ordered) < set(archives) or not archives
        closed = {path: stamps[path][1] for path in ordered}
    assert len(closed) > 3


def test_a_withdrawn_article_leaves_the_archive_and_only_that_document_is_written(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    written = newsroom.write(*range(1, 8), *range(900, 920), *range(1700, 1712))
    newsroom.publish()
    newsroom.withdraw(written[3])
    report = newsroom.publish()
    archives = {path for path in report.written if re.search(r"/20\d\d-", path)}
    assert {path.split("/")[2].split(".")[0] for path in archives} == {"2026-09"}
    for form in ("rss", "atom", "json"):
        assert written[3].uri not in ids(newsroom, f"feeds/all/2026-09.{form}")
        found = {one for _, there in walk(newsroom, "economy", form) for one in there}
        assert found == {one.uri for one in written} - {written[3].uri}


def test_an_article_with_a_date_long_past_goes_to_its_month(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    newsroom.write(*range(1, 8), *range(900, 920), *range(1700, 1712))
    newsroom.publish()
    [late] = newsroom.write(2000, published=START + timedelta(hours=3, minutes=1))
    [first] = newsroom.write(2001, published=START - timedelta(days=90))
    newsroom.publish()
    assert late.uri in ids(newsroom, "feeds/all/2026-09.atom")
    assert first.uri in ids(newsroom, "feeds/all/2026-09.atom")


def test_an_article_that_moves_changes_the_archives_of_both_sections(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    written = newsroom.write(*range(1, 8), *range(900, 920))
    newsroom.write(*range(10, 14), *range(950, 960), section="politics")
    newsroom.publish()
    newsroom.edit(written[2], section="politics")
    newsroom.publish()
    assert written[2].uri in ids(newsroom, "feeds/politics/2026-09.rss")
    assert written[2].uri not in ids(newsroom, "feeds/economy/2026-09.rss")


def test_without_archives_there_are_none_and_old_ones_go(newsroom: Newsroom) -> None:
    newsroom.write(1, 2, 900)
    newsroom.publish()
    assert (newsroom.public / "feeds/all/2026-09.rss").exists()
    newsroom.config = settings(feeds={"archives": False})
    newsroom.publish()
    assert not list(newsroom.public.glob("feeds/*/2026*"))
    assert b"prev-archive" not in newsroom.read("feeds/all.atom")
    assert newsroom.publish(thorough=True).written == ()


@effort(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    hours=st.lists(st.integers(0, 4000), max_size=120).map(sorted),
    keep=st.integers(1, 20),
    split=st.integers(0, 120),
)
def test_cuts_leave_what_the_current_feed_can_hold(hours: list[int], keep: int, split: int) -> None:
    listed = [
        Listed(number, number, moment := START + timedelta(hours=hour), moment, moment)
        for number, hour in enumerate(hours)
    ]
    waiting, taken, names, ends = listed[:split], None, [], []
    for following in ([], listed[split:]):
        waiting = [*waiting, *following]
        if waiting:
            found = list(cuts(waiting, newest=waiting[-1].date, keep=keep, taken=taken))
            names += [cut.name for cut in found]
            ends += [(cut.date, cut.number) for cut in found]
            taken = names[-1] if names else None
            waiting = [one for one in waiting if not ends or one.place > ends[-1]]
            assert len(waiting) <= keep
            assert len({month(one.date) for one in waiting}) <= 1
    assert len(names) == len(set(names))
    assert ends == sorted(ends)


def test_an_archive_holds_less_when_its_articles_are_long() -> None:
    moment = datetime(2026, 10, 3, tzinfo=UTC)
    listed = [Listed(number, number, moment, moment, moment, 100_000) for number in range(20)]
    later = Listed(99, 99, moment + 40 * DAY, moment, moment, 10)
    found = list(cuts([*listed, later], newest=later.date, keep=50, taken=None))
    assert [cut.name for cut in found] == ["2026-10", "2026-10-2", "2026-10-3", "2026-10-4"]


def test_an_archive_whose_articles_grew_stays_below_its_limit_and_says_so(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    [*written] = newsroom.write(*range(1, 5))
    newsroom.write(*range(1700, 1712))
    newsroom.publish()
    [path] = [path for path, numbers in walk(newsroom, "economy", "rss") if written[0].uri in numbers]
    before = ids(newsroom, path)
    for one in written[:3]:
        newsroom.edit(one, body=f"<p>{'gừng ' * 120_000}</p>")

    report = newsroom.publish()

    assert ids(newsroom, path) == before
    name = path.removesuffix(".rss")
    assert f"{name}: holds 1 of 4 articles as summaries, to stay below 2 MB" in report.problems
    for form in ("rss", "atom", "json"):
        assert len(newsroom.read(f"{name}.{form}")) < 2_000_000
    assert newsroom.publish().written == ()


def test_a_corrected_article_of_an_archive_comes_back_for_a_while(newsroom: Newsroom) -> None:
    newsroom.config = FEW
    old, *_ = newsroom.write(*range(1, 5))
    newsroom.write(*range(1700, 1712))
    newsroom.publish()
    assert old.uri not in ids(newsroom, "feeds/all.atom")
    newsroom.edit(old, lede="Một lỗi chính tả đã sửa.")
    newsroom.publish()
    assert old.uri not in ids(newsroom, "feeds/all.atom"), "a silent edit is not announced"

    newsroom.edit(old, correction="Gừng giá 11.500 đồng.", corrected=newsroom.now)
    newsroom.publish()

    for form in ("rss", "atom", "json"):
        [*recent, last] = ids(newsroom, f"feeds/economy.{form}")
        assert (len(recent), last) == (10, old.uri)
        assert "11.500" in newsroom.read(f"feeds/economy.{form}").decode()
    assert old.uri in ids(newsroom, "feeds/economy/2026-09.atom")
    times = newsroom.stamps()
    assert newsroom.publish().written == ()
    assert newsroom.stamps() == times
    newsroom.now += newsroom.config.feeds.tombstones + timedelta(minutes=1)
    assert "feeds/economy.atom" in newsroom.publish().written
    assert old.uri not in ids(newsroom, "feeds/economy.atom")
    assert newsroom.publish().written == ()
