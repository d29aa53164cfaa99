"""What building feeds costs, beside feedgen alone and beside writing the same files, in one run.

    python -m benchmarks.feeds [--rounds 7] [--sizes 1000,100000,1000000] [--keep DIR]

(a) A full build of all feeds: 20 sections and everything, 50 whole entries each, as bytes in memory: nothing
    is compressed or written. The reference is feedgen alone, given the same articles and asked for every
    element of ours that it knows: both links, creators, categories with schemes, enclosure, Media RSS. Beside
    it stands feedgen as its own documentation shows it, with half of the elements. Ours writes more than
    either: captions and credits, the language of each entry; and it cleans every text and address. Cold and
    warm make RSS and Atom, as feedgen does; "all of it" makes JSON Feed too.
(b) A tick with 3 new articles, in stores of different sizes, with feeds by tag and by author that hold every
    article or few; beside writing the same files with fsync. The first hours do not count: in each of them
    sections have their first archives cut. And a tick with nothing to do, with all that
    looks after sections, reading pages and sitemaps.

The third figure, requests a second beside nginx, is ``python -m benchmarks.serving``. Measurements are taken
in turns and the median is kept, so that a busy machine disturbs both alike.
"""

import argparse
import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

from feedgen.feed import FeedGenerator
from sqlalchemy import delete, insert

from publisher.feeds import build, formats, registry
from publisher.feeds.content import material
from publisher.feeds.entries import Entries
from publisher.feeds.press import Press
from publisher.feeds.publish import publish
from publisher.feeds.run import Run
from publisher.model.article import Article, ArticleData, Byline, Picture
from publisher.model.feed import FeedPlan, Format, folded
from publisher.settings.schema import ScheduleFile, Settings, SiteFile
from publisher.store import Store, articles, counters, open_store
from publisher.store.tables import article, article_tag, counter
from publisher.work.public import bring_up_to_date

AUTHORITY = "muonglua.example,2026"
SECTIONS = 20
ENTRIES = 50
START = datetime(2000, 1, 1, tzinfo=UTC)
STEP = timedelta(minutes=11)
WORDS = "sông núi chợ đò nước rừng đường bản mưa gạo chè lúa the market opened before dawn"
TWO: tuple[Format, ...] = ("rss", "atom")
WHAT = {
    "same": "feedgen alone, the same elements as far as it knows them",
    "few": "feedgen alone, as its documentation shows it",
    "cold": "ours, cold: RSS and Atom, articles in memory, every entry written",
    "warm": "ours, warm: RSS and Atom from the store, entries kept",
    "warm, all of it": "ours, warm: RSS, Atom and JSON Feed, with the pieces of their gzip forms",
    "all of it": "ours, cold: RSS, Atom and JSON Feed from the store, every entry written",
}
WORDED = {"tags": ["market", "flood"], "authors": ["Hà Thu Lâm"]}
RARE = 500
"""One article in so many is about the rare subject."""
NEW = 3
"""Articles that come in within an hour, each of another section."""
TURN = -(-SECTIONS // NEW)
"""Hours until every section got an article, and had its first archive cut: no hours like others."""
TARGETS = {"cold": 1.15, "warm": 0.15, "tick": 2.0, "growth": 1.1, "empty": 1.0}


def main() -> None:
    """Print the figures of one run."""
    options = _options()
    folder = Path(options.keep or tempfile.mkdtemp(prefix="feeds-"))
    try:
        full_build(folder / "full", options.rounds)
        ticks(folder, [int(size) for size in options.sizes.split(",")], options.rounds)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def full_build(site: Path, rounds: int) -> None:
    """(a): cold, with every entry to be written, and warm, with the entries kept from before."""
    size = SECTIONS * ENTRIES * 2
    cold, settings = _newsroom(site / "cold", size)
    warm, _ = _newsroom(site / "warm", size)
    _published(warm, settings, site / "warm", _now(size))
    plans = registry.plans(settings)
    with cold.read() as tx:
        groups = {plan: articles.recent(tx, limit=ENTRIES, sections=plan.sections) for plan in plans}
    times: dict[str, list[float]] = {name: [] for name in WHAT}
    for _ in range(rounds):
        times["same"].append(_timed(lambda: [_feedgen(group, whole=True) for group in groups.values()]))
        times["few"].append(_timed(lambda: [_feedgen(group, whole=False) for group in groups.values()]))
        times["cold"].append(_timed(lambda: _in_memory(groups, settings)))
        times["warm"].append(_timed(lambda: _from_kept(warm, settings, size)))
        times["warm, all of it"].append(_timed(lambda: _build(warm, settings, size)))
        times["all of it"].append(_timed(lambda: _build(cold, settings, size)))
    bytes_ = _build(warm, settings, size)
    assert bytes_ == _build(cold, settings, size)
    print(f"(a) {len(plans)} feeds of {ENTRIES} whole entries, {bytes_ / 1e6:.1f} MB in three formats")
    print(f"    {'':<78} {'ms':>7} {'a feed':>6}  of the same, of the few")
    for name, what in WHAT.items():
        took = median(times[name])
        same, few = took / median(times["same"]), took / median(times["few"])
        target = TARGETS.get(name)
        verdict = f"{same:.2f}" if target is None else _verdict(same, target)
        print(f"    {what:<78} {took:7.1f} {took / len(plans):6.2f}  {verdict}, {few:.2f}")
    cold.close()
    warm.close()


@dataclass
class Room:
    """A newsroom of some size, and what its ticks took in milliseconds.

    Attributes:
        site, size, store, settings, now: as they are.
        tick: with three new articles.
        writing: the same files alone, with fsync.
        empty: processor time of a tick with nothing to do.
        files: how many files a tick writes.
    """

    site: Path
    size: int
    store: Store
    settings: Settings
    now: datetime
    tick: list[float] = field(default_factory=list)
    writing: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    files: int = 0

    @classmethod
    def of(cls, site: Path, size: int) -> "Room":
        """Return a newsroom that has published what it has."""
        store, settings = _newsroom(site, size, worded=True)
        made = cls(site, size, store, settings, max(_now(size), _latest(store)))
        _published(store, settings, site, made.now)
        made.bring_up_to_date()
        return made

    def round(self) -> None:
        """Let an hour pass in which three articles come in, and one in which nothing happens."""
        self.now += timedelta(hours=1)
        _bring_in(self.store, self.now)
        started = time.perf_counter()
        report = publish(self.store, settings=self.settings, site=self.site, now=self.now)
        self.tick.append((time.perf_counter() - started) * 1e3)
        self.files = 3 * len(report.written)
        self.writing.append(_write_again(self.site, report.written))
        self.bring_up_to_date()
        self.empty.append(_work(self.bring_up_to_date))

    def forget(self) -> None:
        """Begin to measure."""
        for times in (self.tick, self.writing, self.empty):
            times.clear()

    def bring_up_to_date(self) -> None:
        """Do what a run of the schedule does: feeds, reading pages and sitemaps."""
        bring_up_to_date(self.store, settings=self.settings, site=self.site, now=self.now)


def ticks(folder: Path, sizes: list[int], rounds: int) -> None:
    """(b): three new articles, and none; in turns, so that a busy machine disturbs every size alike."""
    rooms = [Room.of(folder / f"store-{size}", size) for size in sizes]
    for room in rooms:
        for _ in range(TURN):
            room.round()
        room.forget()
    for _ in range(rounds * 3):
        for room in rooms:
            room.round()
    print("(b) a tick with 3 new articles in 3 sections, archives on")
    for room in rooms:
        ratio = median(one / other for one, other in zip(room.tick, room.writing, strict=True))
        tick, writing = median(room.tick), median(room.writing)
        empty = f"empty {_verdict(median(room.empty), TARGETS['empty'])} ms of work"
        print(
            f"    {room.size:>9,} articles  tick {tick:6.1f} ms; writing the same {room.files} files with"
            f" fsync {writing:6.1f} ms: {_verdict(ratio, TARGETS['tick'])};"
            f" {empty}"
        )
        room.store.close()
    pairs = zip(rooms[-1].tick, rooms[0].tick, strict=True)
    growth = median(large / small for large, small in pairs)
    print(f"    largest store over smallest: {_verdict(growth, TARGETS['growth'])}")


def _build(store: Store, settings: Settings, size: int) -> int:
    """Build every current document as a run does, write none; return how many bytes they have."""
    press = Press(settings, _now(size), Entries(settings))
    with store.read() as tx:
        current = [press.current(tx, plan, None) for plan in registry.plans(settings)]
    made = [sheet for one in current for sheet in press.current_sheets(one, None)]
    assert all(sheet.pieces() for sheet in made)
    return sum(len(sheet.body) for sheet in made)


def _from_kept(store: Store, settings: Settings, size: int) -> None:
    """Build RSS and Atom of entries that are kept in the store."""
    press = Press(settings, _now(size), Entries(settings))
    with store.read() as tx:
        current = [press.current(tx, plan, None) for plan in registry.plans(settings)]
    for one in current:
        feed = build.feed(one.plan, settings, feed_id=one.row.uri, updated=one.row.updated)
        for form in TWO:
            formats.frame(form, feed).around([entry.of(form) for entry in one.entries])


def _in_memory(groups: dict[FeedPlan, list[Article]], settings: Settings) -> None:
    """Build RSS and Atom of articles that are in memory: what feedgen does, each entry once."""
    entries: dict[tuple[int, Format], bytes] = {}
    for plan, group in groups.items():
        feed = build.feed(plan, settings, feed_id=build.mint(plan, settings), updated=group[0].significant)
        for one in group:
            if (one.number, "rss") not in entries:
                said = material(one, feed.manner)
                for form in TWO:
                    entries[one.number, form] = formats.entry(form, said)
        for form in TWO:
            formats.frame(form, feed).around([entries[one.number, form] for one in group])


def _feedgen(group: Sequence[Article], *, whole: bool) -> tuple[bytes, bytes]:
    """Build RSS and Atom with feedgen, as its documentation does it or with all that it knows of ours."""
    made = FeedGenerator()
    if whole:
        made.load_extension("dc")
        made.load_extension("media")
    made.id("https://muonglua.example/feeds/")
    made.title("The Mường Lưa Courier")
    made.description("News of Mường Lưa")
    made.link(href="https://muonglua.example/feeds/")
    made.updated(group[0].significant)
    for one in group:
        entry = made.add_entry(order="append")
        entry.id(one.uri)
        entry.title(one.title)
        entry.link(href=one.url)
        entry.author([{"name": byline.name} for byline in one.bylines])
        entry.published(one.date)
        entry.updated(one.significant)
        entry.summary(one.lede)
        entry.content(_figures(one) + f"<p>{one.lede}</p>{one.body}", type="html")
        if whole:
            _whole(entry, one)
        else:
            for tag in one.tags:
                entry.category(term=tag)
    return made.rss_str(), made.atom_str()


def _whole(entry: Any, one: Article) -> None:
    entry.category(term=one.section, scheme=f"tag:{AUTHORITY}:sections", label="Section")
    for tag in one.tags:
        entry.category(term=tag, scheme=f"tag:{AUTHORITY}:tags", label=tag)
    entry.dc.dc_creator([byline.name for byline in one.bylines])
    entry.dc.dc_language(one.language)
    for picture in one.pictures:
        entry.link(href=picture.url, rel="enclosure", type=picture.media_type, length=str(picture.length))
        entry.enclosure(picture.url, str(picture.length), picture.media_type)
        size = {"width": str(picture.width), "height": str(picture.height)}
        entry.media.content(
            url=picture.url,
            medium="image",
            type=picture.media_type,
            fileSize=str(picture.length),
            lang=one.language,
            group=None,
            **size,
        )
        entry.media.thumbnail(url=picture.url, group=None, **size)


def _figures(one: Article) -> str:
    return "".join(
        f'<figure><img src="{picture.url}" alt="{picture.alt}">'
        f"<figcaption>{picture.caption} <small>{picture.credit}</small></figcaption></figure>"
        for picture in one.pictures
    )


def _newsroom(site: Path, size: int, *, worded: bool = False) -> tuple[Store, Settings]:
    """Return a store of that many articles; only the newest 5,000 are long, to keep the disk out of it."""
    sections = {f"s{number}": {"title": {"en": f"Section {number}"}} for number in range(SECTIONS)}
    whole = {
        "site": {
            "title": {"en": "The Mường Lưa Courier"},
            "url": "https://muonglua.example",
            "languages": ["en"],
            "timezone": "Asia/Ho_Chi_Minh",
            "tag_authority": AUTHORITY,
        },
        "sections": sections,
        "mail": {"sender": "news@muonglua.example"},
        "feeds": {"entries": ENTRIES} | (WORDED if worded else {}),
    }
    settings = Settings.of(SiteFile.model_validate(whole), ScheduleFile(jobs={}))
    random.seed(2026)
    store = open_store("sqlite:///var/publisher.sqlite3", folder=site)
    with store.read() as tx:
        there = articles.newest_change(tx)
    for start in range(there, size, 5_000):
        rows = [_row(number, size) for number in range(start, min(start + 5_000, size))]
        with store.write() as tx:
            tx.execute(insert(article), rows)
            tx.execute(insert(article_tag), [word for row in rows for word in _indexed(row)])
            tx.execute(delete(counter))
            last = rows[-1]["number"]
            names = (articles.CHANGE, articles.NUMBER)
            tx.execute(insert(counter), [{"name": name, "value": last} for name in names])
    return store, settings


def _indexed(row: dict[str, Any]) -> list[dict[str, Any]]:
    words = [("tag", tag) for tag in row["tags"]] + [("author", one["name"]) for one in row["bylines"]]
    return [
        {"kind": kind, "word": folded(word), "number": row["number"], "date": row["date"]}
        for kind, word in words
    ]


def _row(number: int, size: int) -> dict[str, Any]:
    date = START + number * STEP
    content = _article(number, long=number >= size - 5_000)
    return {
        **{name: getattr(content, name) for name in ArticleData.__dataclass_fields__},
        "pictures": [asdict(one) for one in content.pictures],
        "bylines": [asdict(one) for one in content.bylines],
        "tags": list(content.tags),
        "number": number + 1,
        "id": f"a{number:015}",
        "uri": f"tag:{AUTHORITY}:a{number:015}",
        "source": "desk",
        "revision": "",
        "change": number + 1,
        "first_seen": date,
        "modified": date,
        "date": date,
        "published": date,
    }


def _article(number: int, *, long: bool) -> ArticleData:
    paragraphs = [_words(90) if long else _paragraph(number % 97) for _ in range(9 if long else 1)]
    picture = Picture(
        url=f"https://muonglua.example/media/{number}.jpg",
        caption=_words(14),
        credit="Photo: Hà Thu Lâm",
        width=1200,
        height=800,
        media_type="image/jpeg",
        length=180_000,
    )
    return ArticleData(
        title=_words(11),
        language="en",
        section=f"s{number % SECTIONS}",
        agency="BML",
        lede=_words(38) if long else _paragraph(number % 89)[:150],
        body="".join(f"<p>{paragraph}</p>" for paragraph in paragraphs),
        pictures=(picture,) if long else (),
        bylines=(Byline("Hà Thu Lâm"),),
        tags=("market", "weather", "flood") if number % RARE == 0 else ("market", "weather"),
        url=f"https://muonglua.example/{number}.html",
    )


@cache
def _paragraph(_which: int) -> str:
    return _words(90)


def _words(count: int) -> str:
    return " ".join(random.choices(WORDS.split(), k=count))


def _now(size: int) -> datetime:
    return START + size * STEP


def _published(store: Store, settings: Settings, site: Path, now: datetime) -> None:
    """Publish once; the archives of the past are cut but taken as written, they are not what is measured."""
    with patch.object(Run, "_archive_batch"):
        publish(store, settings=settings, site=site, now=now)


def _latest(store: Store) -> datetime:
    with store.read() as tx:
        return articles.recent(tx, limit=1)[0].date


def _bring_in(store: Store, now: datetime) -> None:
    with store.write() as tx:
        first = counters.current(tx, articles.NUMBER)
        for number in range(first, first + NEW):
            date = now - timedelta(minutes=first + NEW - number)
            content = replace(_article(number, long=True), published=date)
            articles.add(tx, content, source="desk", keys=[f"k{number}"], authority=AUTHORITY, now=now)


def _write_again(site: Path, paths: Sequence[str]) -> float:
    """Return the milliseconds that writing these files and their coded forms takes, with fsync and rename."""
    public = site / "public"
    bodies = [(public / f"{path}{coded}").read_bytes() for path in paths for coded in ("", ".gz", ".br")]
    folder = site / "again"
    folder.mkdir(exist_ok=True)
    started = time.perf_counter()
    for number, body in enumerate(bodies):
        handle = os.open(folder / f".{number}.part", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.write(handle, body)
        os.fsync(handle)
        os.close(handle)
        (folder / f".{number}.part").replace(folder / str(number))
    return (time.perf_counter() - started) * 1e3


def _timed(do: Callable[[], object]) -> float:
    started = time.perf_counter()
    do()
    return (time.perf_counter() - started) * 1e3


def _work(do: Callable[[], object]) -> float:
    """Return the milliseconds of processor time, which waiting for other processes does not count in."""
    started = time.process_time()
    for _ in range(20):
        do()
    return (time.process_time() - started) * 1e3 / 20


def _verdict(value: float, target: float) -> str:
    return f"{value:.2f} (aim {target:g}{'' if value <= target else ', MISSED'})"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What building feeds costs.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--sizes", default="1000,100000,1000000")
    parser.add_argument("--keep", help="use this folder, and leave the stores in it for the next time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
