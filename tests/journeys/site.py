"""A site of the tests' own, and what can be seen of it from outside."""

import hashlib
import json
import mailbox
import sqlite3
from contextlib import closing
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

SITE = """\
site:
  title: {en: The Hill Courier, vi: Báo Đồi}
  url: https://courier.example
  languages: [en, vi]
  timezone: Asia/Ho_Chi_Minh
  tag_authority: courier.example,2026
  postal_address: 1 Market Street, Lưa ward
sections:
  politics: {title: {en: Politics, vi: Chính trị}, aliases: [NEWS - POLITICS]}
  economy: {title: {en: Economy, vi: Kinh tế}, aliases: [BUSINESS]}
  society: {title: {en: Society, vi: Xã hội}, aliases: [SOCIAL AFFAIRS]}
  culture: {title: {en: Culture, vi: Văn hoá}, aliases: [CULTURE - TOURISM, CULTURE - SPORTS]}
  travel: {title: {en: Travel, vi: Du lịch}}
sources:
  inbox: {path: var/inbox}
digests:
  morning: {title: {en: The Morning}, limit: 40, per_section: 20}
mail: {sender: news@courier.example}
"""

SCHEDULE = """\
jobs:
  pull: {run: pull, every: 15m}
  publish: {run: publish, every: 15m}
  morning: {run: send morning, every: 1d}
"""

VOLATILE = {
    "firing": {"owner", "lease", "attempts", "started", "ended", "reason"},
    "delivery": {"owner", "lease", "attempts"},
}
"""Columns that tell how a step went rather than what came of it."""


def make_site(folder: Path, *, site: str = SITE, schedule: str = SCHEDULE) -> Path:
    """Write a small config and return the folder."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "site.yaml").write_text(site, encoding="utf-8")
    (folder / "config" / "schedule.yaml").write_text(schedule, encoding="utf-8")
    return folder


def rows(site: Path, query: str) -> list[tuple[Any, ...]]:
    """Ask the site's SQLite store from outside."""
    with closing(sqlite3.connect(site / "var" / "publisher.sqlite3")) as plain:
        return plain.execute(query).fetchall()


def stored(site: Path) -> dict[str, list[str]]:
    """Return every table's rows, without what may differ between an undisturbed run and a mended one."""
    with closing(sqlite3.connect(site / "var" / "publisher.sqlite3")) as plain:
        plain.row_factory = sqlite3.Row
        names = [row[0] for row in plain.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(
                json.dumps(
                    {key: row[key] for key in row.keys() if key not in VOLATILE.get(name, set())},  # noqa: SIM118
                    ensure_ascii=False,
                    default=repr,
                )
                for row in plain.execute(f'SELECT * FROM "{name}"')
            )
            for name in sorted(names)
        }


def published(site: Path) -> dict[str, str]:
    """Return what readers may fetch: path -> hash of its bytes."""
    return {
        str(file.relative_to(site)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted((site / "public").rglob("*"))
        if file.is_file()
    }


def outbox(site: Path) -> list[EmailMessage]:
    """Return the messages in the site's Maildir, parsed, in the order of their recipients."""
    folder = site / "var" / "outbox"
    if not folder.is_dir():
        return []
    parser = BytesParser(policy=policy.default)
    messages = [parser.parsebytes(bytes(message)) for message in mailbox.Maildir(folder, create=False)]
    return sorted(messages, key=lambda message: str(message["To"]))
