"""The sample newsroom as a site of its own."""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from publisher.ingest.report import IngestReport
from publisher.resources import builtin
from publisher.work import tasks
from publisher.work.desk import Desk
from publisher.work.tasks import Step

_DATES = ("published", "updated", "corrected", "withdrawn")
_PAGES_EARLIER = timedelta(hours=60)
"""The saved pages carry no dates; the sample has them come in some days before the dated articles."""


def bring_in(desk: Desk, *, step: Step) -> IngestReport:
    """Put the sample's pages and articles where the site's ``pull`` finds them, and pull.

    The articles' dates are moved by whole days, so that the newest is less than a day old and a digest of
    recent news has something to say in any year. What is there already stays as it is, and is not read again.
    """
    now, inbox = desk.clock(), desk.var / "inbox"
    if not any(inbox.glob("*")):
        with suppress(FileNotFoundError):
            inbox.rmdir()
        _place(inbox, _lay_pages)
        tasks.pull(replace(desk, clock=lambda: now - _PAGES_EARLIER), step=step)
    if not (inbox / "articles.jsonl").exists():
        _place(inbox / "articles.jsonl", lambda file: _lay_articles(file, now))
    return tasks.pull(desk, step=step)


def _place(target: Path, make: Callable[[Path], None]) -> None:
    """Make a file or folder whole before it gets its name."""
    making = target.with_name(f".{target.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True)
    make(making)
    making.rename(target)


def _lay_pages(folder: Path) -> None:
    shutil.copytree(builtin("sample") / "pages", folder)
    shutil.copytree(builtin("sample") / "pictures", folder / "pictures")


def _lay_articles(file: Path, now: datetime) -> None:
    lines = (builtin("sample") / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    articles = _moved([json.loads(line) for line in lines if line.strip()], now)
    text = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    file.write_text(text, encoding="utf-8")


def _moved(articles: list[dict[str, object]], now: datetime) -> list[dict[str, object]]:
    newest = max(datetime.fromisoformat(str(one["published"])) for one in articles if "published" in one)
    shift = timedelta(days=(now - newest) // timedelta(days=1))
    return [
        one
        | {
            name: (datetime.fromisoformat(str(one[name])) + shift).isoformat()
            for name in _DATES
            if name in one
        }
        for one in articles
    ]
