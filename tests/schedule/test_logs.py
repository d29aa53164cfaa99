"""The log tells what happened, in words or JSON, and never an address, a token or a password."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from publisher import logs

SECRETS = ["lan.nguyen@example.org", "Tr0ub4dor", "tok3n-of-24-characters-xx"]


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    handlers, level = logging.root.handlers[:], logging.root.level
    yield
    structlog.reset_defaults()
    logging.root.handlers, logging.root.level = handlers, level


def test_plain_line_has_the_words_and_the_bound_ids(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    with logs.bound(job="morning", slot="2026-11-21"):
        logs.logger("publisher.schedule.jobs").info("done", made="4 letters")
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.rstrip().endswith('done job=morning slot=2026-11-21 made="4 letters"')


def test_a_number_is_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.logger("publisher.x").info("prepared", recipients=412)
    assert "recipients=412" in capsys.readouterr().err


def test_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    logs.logger("publisher.x").warning("tiếng Việt", count=3)
    found = json.loads(capsys.readouterr().err)
    assert (found["event"], found["level"], found["count"], found["where"]) == (
        "tiếng Việt",
        "warning",
        3,
        "x",
    )


def test_steps_are_quiet_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    logs.logger("publisher.x").debug("a step")
    assert capsys.readouterr().err == ""
    logs.configure(verbose=True)
    logs.logger("publisher.x").debug("a step")
    assert "a step" in capsys.readouterr().err


@pytest.mark.parametrize("as_json", [False, True])
@pytest.mark.parametrize(
    "event",
    [
        {"event": f"refused {SECRETS[0]}: no such user"},
        {"event": "x", "to": f"<{SECRETS[0]}>"},
        {"event": "x", "password": SECRETS[1]},
        {"event": f"GET /u/{SECRETS[2]} 200"},
        {"event": f"https://courier.example/preferences/{SECRETS[2]}?x=1"},
        {"event": f"cannot reach postgresql://news:{SECRETS[1]}@db.example/paper"},
        {"event": "x", "deep": {"list": [{"token": SECRETS[2]}, f"token={SECRETS[2]}"]}},
        {"event": f"Authorization: Bearer {SECRETS[2]}"},
        {"event": "x", "error": ValueError(f"bad {SECRETS[0]}")},
    ],
)
def test_nothing_secret_is_written(
    event: dict[str, object], as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=as_json)
    logs.logger("publisher.x").info(**event)  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert said
    for secret in SECRETS:
        assert secret not in said


@pytest.mark.parametrize(
    ("as_json", "verbose", "trace"), [(False, False, False), (False, True, True), (True, False, True)]
)
def test_a_failure_is_one_line_for_people(
    as_json: bool, verbose: bool, trace: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(json=as_json, verbose=verbose)
    try:
        raise RuntimeError(f"no room for {SECRETS[0]}")
    except RuntimeError:
        logs.logger("publisher.x").exception("job failed")
    said = capsys.readouterr().err
    assert ("Traceback" in said) is trace
    assert "RuntimeError: no room for (address)" in said
    if not trace:
        assert said.count("\n") == 1


def test_what_libraries_warn_of_is_shown_in_our_shape(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(json=True)
    logging.getLogger("apscheduler.scheduler").warning("missed by %s", "lan.nguyen@example.org")
    logging.getLogger("apscheduler.scheduler").info("chatter")
    found = json.loads(capsys.readouterr().err)
    assert found["event"] == "missed by (address)"
    assert found["where"] == "apscheduler.scheduler"
