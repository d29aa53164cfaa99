"""Laying out the sample newsroom as a site of its own."""

import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from publisher.resources import builtin

_DATES = ("published", "updated", "corrected", "withdrawn")


def lay_out(folder: Path, *, now: datetime) -> Path:
    """Put the sample newsroom's articles where the site's ``pull`` finds them.

    The articles' dates are moved by whole days, so that the newest is less than a day old and a digest of
    recent news has something to say in any year. What is there already stays as it is.

    Args:
        folder: a site that has its config.
        now: the present.

    Returns:
        The folder with the articles, pages and pictures.
    """
    inbox = folder / "var" / "inbox"
    if inbox.exists():
        return inbox
    making = inbox.with_name("inbox.part")
    shutil.rmtree(making, ignore_errors=True)
    shutil.copytree(builtin("sample") / "pages", making)
    shutil.copytree(builtin("sample") / "pictures", making / "pictures")
    lines = (builtin("sample") / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    articles = _moved([json.loads(line) for line in lines if line.strip()], now)
    text = "".join(json.dumps(article, ensure_ascii=False) + "\n" for article in articles)
    (making / "articles.jsonl").write_text(text, encoding="utf-8")
    making.rename(inbox)
    return inbox


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
