"""``/metrics``: figures from the ledgers, told to watchers only."""

from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from publisher.model.job import Firing, Mark, Outcome
from publisher.store import firings, sessions
from publisher.web import metrics
from publisher.work.metrics import metrics as counted_anew
from tests.conftest import REPOSITORY
from tests.web.newsroom import MORNING, Newsroom

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def figures(newsroom: Newsroom) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    """Return what a watcher reads: name -> labels -> value."""
    with newsroom.serving() as client:
        answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        family.name: {tuple(sorted(one.labels.items())): one.value for one in family.samples}
        for family in text_string_to_metric_families(answer.text)
    }


def test_a_job_that_failed_is_late_and_says_so(newsroom: Newsroom) -> None:
    newsroom.configure(
        jobs={"pull": {"run": "pull", "every": "1h"}, "morning": {"run": "publish", "every": "1d"}}
    )
    runs = [
        Firing(
            job="pull",
            due=MORNING - 2 * HOUR,
            run="pull",
            outcome=Outcome.FAILED,
            started=MORNING - 2 * HOUR + timedelta(seconds=3),
            ended=MORNING - 2 * HOUR + timedelta(seconds=10),
            reason="away",
        ),
        Firing(job="pull", due=MORNING - HOUR, run="pull", outcome=Outcome.PLANNED),
    ]
    with newsroom.store.write() as tx:
        firings.begin_mark(tx, Mark(job="pull", planned_to=MORNING, since=MORNING - DAY, rule={}))
        firings.add(tx, runs)

    told = figures(newsroom)

    pull = (("job", "pull"),)
    assert told["publisher_store_up"] == {(): 1}
    assert told["publisher_job_late_seconds"] == {pull: 3600, (("job", "morning"),): 0}
    assert told["publisher_job_last_lateness_seconds"] == {pull: 3}
    assert told["publisher_job_last_duration_seconds"] == {pull: 7}
    assert told["publisher_job_last_success"] == {pull: 0}
    assert told["publisher_job_runs_last_day"] == {
        (("job", "pull"), ("outcome", "failed")): 1,
        (("job", "pull"), ("outcome", "planned")): 1,
    }
    # 07:00 in Việt Nam is the next full hour after 06:30.
    assert told["publisher_job_next_due_timestamp_seconds"][pull] == (MORNING + HOUR / 2).timestamp()


def test_feeds_and_articles_are_counted(newsroom: Newsroom) -> None:
    newsroom.publish()

    told = figures(newsroom)

    assert told["publisher_articles"] == {(("section", "culture"),): 2, (("section", "economy"),): 5}
    assert told["publisher_feed_documents"][()] > 3
    assert told["publisher_feeds_newest_timestamp_seconds"] == {(): MORNING.timestamp()}
    assert (("feed", "all"),) in told["publisher_feed_updated_timestamp_seconds"]


def test_on_sqlite_nothing_is_told_of_shared_work(newsroom: Newsroom) -> None:
    told = {name: values for name, values in figures(newsroom).items() if name.startswith("publisher_queue_")}

    assert list(told.values()) == [{}] * 4


def test_wrong_passwords_of_a_day_are_counted(newsroom: Newsroom) -> None:
    with newsroom.store.write() as tx:
        for age in (timedelta(), HOUR, DAY + HOUR):
            sessions.add_attempt(tx, "203.0.113.9", now=MORNING - age)

    assert figures(newsroom)["publisher_console_passwords_refused_last_day"] == {(): 2}


def test_a_refused_edit_shows(newsroom: Newsroom) -> None:
    folder = newsroom.site / "config"
    folder.mkdir()
    for name in ("site.yaml", "schedule.yaml"):
        (folder / name).write_bytes((REPOSITORY / "config" / name).read_bytes())
    assert figures(newsroom)["publisher_config_reload_success"] == {(): 1}

    (folder / "site.yaml").write_text("site: [", encoding="utf-8")

    assert figures(newsroom)["publisher_config_reload_success"] == {(): 0}


def test_a_store_that_is_away_is_told_too(newsroom: Newsroom) -> None:
    newsroom.store.close()
    database = Path(newsroom.store.place)
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()
    database.mkdir()

    assert figures(newsroom)["publisher_store_up"] == {(): 0}


@pytest.mark.parametrize(
    ("forwarded", "watchers", "status"),
    [
        (None, (), 200),
        ("203.0.113.9", (), 403),
        ("203.0.113.9", ("203.0.113.0/24",), 200),
        ("203.0.113.9", ("203.0.114.0/24",), 403),
        ("2001:db8::7", ("2001:db8::/32",), 200),
        ("2001:db8::7", ("10.0.0.0/8",), 403),
        ("::ffff:203.0.113.9", ("203.0.113.9",), 200),
        ("nobody", ("0.0.0.0/0",), 403),
    ],
)
def test_only_watchers_are_told(
    newsroom: Newsroom, forwarded: str | None, watchers: tuple[str, ...], status: int
) -> None:
    newsroom.configure(web={"watchers": watchers})
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    with newsroom.serving() as client:
        answer = client.get("/metrics", headers=headers)

    assert answer.status_code == status
    assert ("publisher_" in answer.text) == (status == 200)


def test_many_watchers_are_told_from_one_count(newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    count = counted_anew

    def counting(*args: object) -> object:
        counted.append(1)
        return count(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(metrics, "metrics", counting)
    monkeypatch.setattr(metrics, "KEPT_SECONDS", 3600)
    with newsroom.serving() as client:
        first = client.get("/metrics").text
        assert [client.get("/metrics").text for _ in range(5)] == [first] * 5

    assert len(counted) == 1


def test_no_address_and_no_host_is_in_it(newsroom: Newsroom) -> None:
    with newsroom.serving() as client:
        assert "@" not in client.get("/metrics").text
