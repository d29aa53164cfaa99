"""Sources whose servers want to know who asks."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from publisher.clock import system_clock
from publisher.ingest.sources.fetch import Address, Closed
from publisher.settings.schema import Settings, Source
from publisher.store import Store
from publisher.work import tasks
from publisher.work.desk import Desk
from publisher.work.environment import lacks
from publisher.work.fetching import fetching
from tests.web.newsroom import config

READER = "https://courier.example"
WIRE, DESK = "https://wire.example/feed.xml", "https://desk.example/news.jsonl"
SOURCES = {
    "wire-1": {"url": WIRE, "username": "tòa soạn"},
    "desk": {"url": DESK, "bearer": True},
    "open": {"url": "http://open.example/feed"},
}


def settings() -> Settings:
    return Settings.model_validate(config(sources=SOURCES))


def asked(env: Mapping[str, str], url: str) -> Address:
    found = fetching(settings(), env)(url, READER)
    assert isinstance(found, Address)
    return found


def test_a_password_and_a_token_come_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("abc.DEF-123~=\n", encoding="utf-8")
    env = {
        "PUBLISHER_SOURCE_PASSWORD_WIRE_1": "mật khẩu: 7",
        "PUBLISHER_SOURCE_TOKEN_DESK_FILE": str(tmp_path / "token"),
    }

    kind, _, code = asked(env, WIRE).authorization.partition(" ")
    assert (kind, base64.b64decode(code).decode()) == ("Basic", "tòa soạn:mật khẩu: 7")
    assert asked(env, DESK).authorization == "Bearer abc.DEF-123~="
    assert asked(env, "http://open.example/feed").authorization == ""
    assert asked(env, "https://other.example/feed").authorization == ""


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({}, "PUBLISHER_SOURCE_TOKEN_DESK is not set, and sources.desk.bearer needs it"),
        ({"PUBLISHER_SOURCE_TOKEN_DESK": "two\r\nX-Lines: 1"}, "PUBLISHER_SOURCE_TOKEN_DESK is no token"),
        ({"PUBLISHER_SOURCE_TOKEN_DESK_FILE": "/nowhere"}, "/nowhere cannot be read"),
    ],
)
def test_without_it_the_server_is_not_asked_and_the_rest_goes_in(
    env: Mapping[str, str], says: str, sqlite: Store, tmp_path: Path
) -> None:
    found = fetching(settings(), env)(DESK, READER)
    assert isinstance(found, Closed)
    assert (found.where, says in found.reason, "X-Lines" in found.reason) == (DESK, True, False)

    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox/a.jsonl").write_text('{"title": "A ferry", "language": "en"}\n', encoding="utf-8")
    both = {"desk": SOURCES["desk"], "inbox": {"path": "inbox"}}
    desk = Desk(tmp_path, Settings.model_validate(config(sources=both)), sqlite, system_clock, env)
    report = tasks.pull(desk)
    assert (report.new, report.unreachable, len(report.rejected)) == (1, 1, 1)


def test_check_names_what_is_not_set(tmp_path: Path) -> None:
    found, _ = lacks(tmp_path, settings(), {"PUBLISHER_SOURCE_TOKEN_DESK": "t"}, system_clock())

    assert [one.what for one in found] == ["PUBLISHER_SOURCE_PASSWORD_WIRE_1"]
    assert "sources.wire-1.username needs it" in found[0].message


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"url": "http://wire.example/feed", "username": "lan"}, "anybody on the way could read it"),
        ({"url": WIRE, "username": "lan", "bearer": True}, "a password or a token"),
        ({"url": WIRE, "username": "lan:x"}, "no colon"),
        ({"path": "in", "bearer": True}, "only a source with url"),
    ],
)
def test_what_makes_no_sense_is_refused(said: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Source.model_validate(said)


def test_on_this_machine_nobody_is_on_the_way() -> None:
    assert Source.model_validate({"url": "http://127.0.0.1:8000/feed", "username": "lan"}).is_closed
