"""The Maildir: whole letters only, each delivery once."""

import mailbox
import os
from pathlib import Path

import pytest

from publisher.delivery.message import Message
from publisher.delivery.transports.base import Result, Verdict
from publisher.delivery.transports.maildir import Maildir
from publisher.errors import UnreachableError

TAKEN = Verdict.ACCEPTED


def message(mark: str, text: str = "Mường Lưa") -> Message:
    content = f"Subject: {mark}\r\nTo: a@example.com\r\n\r\n{text}\r\n".encode()
    return Message(mark, "news@courier.example", "a@example.com", False, [content])


def test_a_mail_program_reads_what_was_written(tmp_path: Path) -> None:
    way = Maildir(tmp_path / "outbox")
    for number in range(3):
        way.take(message(f"m{number}"), again=False)

    assert way.results() == [Result(f"m{number}", TAKEN, "in the outbox") for number in range(3)]
    assert way.results() == []
    box = mailbox.Maildir(tmp_path / "outbox", create=False)
    assert sorted(str(one["Subject"]) for one in box) == ["m0", "m1", "m2"]
    assert b"\r" not in (tmp_path / "outbox" / "new" / "m0").read_bytes()
    assert not list((tmp_path / "outbox" / "tmp").iterdir())


@pytest.mark.parametrize("moved_to", ["new/m0", "cur/m0:2,", "cur/m0:2,RS", "cur/m0"])
def test_handing_over_again_leaves_one_message_wherever_it_was_moved(tmp_path: Path, moved_to: str) -> None:
    way = Maildir(tmp_path)
    way.take(message("m0"), again=False)
    way.results()
    (tmp_path / "new" / "m0").rename(tmp_path / moved_to)

    later = Maildir(tmp_path)
    later.take(message("m0"), again=True)
    later.take(message("m1"), again=True)

    assert [one.verdict for one in later.results()] == [TAKEN, TAKEN]
    assert later.arrived("m0")
    assert not later.arrived("m2")
    assert len(mailbox.Maildir(tmp_path, create=False)) == 2


def test_a_message_read_between_two_questions_is_seen(tmp_path: Path) -> None:
    way = Maildir(tmp_path)
    assert not way.arrived("m0")
    way.take(message("m0"), again=False)
    (tmp_path / "new" / "m0").rename(tmp_path / "cur" / "m0:2,S")
    assert way.arrived("m0")


def test_half_letters_of_killed_processes_are_swept_away_and_those_of_living_ones_stay(
    tmp_path: Path,
) -> None:
    Maildir(tmp_path)
    (tmp_path / "tmp" / "m0.999999999").write_text("half")
    (tmp_path / "tmp" / f"m1.{os.getppid()}").write_text("half")
    (tmp_path / "tmp" / "foreign").write_text("somebody else's")

    Maildir(tmp_path)

    assert sorted(file.name for file in (tmp_path / "tmp").iterdir()) == ["foreign", f"m1.{os.getppid()}"]


def test_an_outbox_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("no folder")
    with pytest.raises(UnreachableError, match=r"outbox .*outbox: "):
        Maildir(tmp_path / "outbox")


def test_a_full_disk_defers_the_letter_and_leaves_no_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = Maildir(tmp_path)

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        way.take(message("m0"), again=False)
        patch.undo()
        assert way.results() == [Result("m0", Verdict.DEFERRED, "outbox: No space left on device")]
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]
