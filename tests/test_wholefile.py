"""Whole files: killed at any moment, nothing half and nothing left over."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from publisher import owner, wholefile


def test_a_file_is_there_whole_and_readable_by_a_web_server(tmp_path: Path) -> None:
    wholefile.put(tmp_path / "media" / "a.jpg", b"first")
    wholefile.put(tmp_path / "media" / "a.jpg", b"second")

    assert (tmp_path / "media" / "a.jpg").read_bytes() == b"second"
    assert [file.name for file in (tmp_path / "media").iterdir()] == ["a.jpg"]


def test_a_file_named_after_its_content_is_written_once(tmp_path: Path) -> None:
    wholefile.put_once(tmp_path / "x", b"1")
    written = (tmp_path / "x").stat().st_mtime_ns
    wholefile.put_once(tmp_path / "x", b"1")
    assert (tmp_path / "x").stat().st_mtime_ns == written


def test_what_a_killed_writer_left_is_removed_and_a_living_ones_draft_stays(tmp_path: Path) -> None:
    killed = "import os, signal; from publisher import wholefile; from pathlib import Path;"
    killed += "os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
    killed += "wholefile.put(Path('a.jpg'), b'half')"
    done = subprocess.run([sys.executable, "-c", killed], cwd=tmp_path, check=False)
    assert done.returncode == -9
    assert len(list(tmp_path.iterdir())) == 1
    mine = tmp_path / f".a.jpg.{owner.me().replace('/', '+')}.1.part"
    mine.write_bytes(b"another thread's")

    wholefile._sweep(tmp_path / "a.jpg")

    assert list(tmp_path.iterdir()) == [mine]


def test_a_failed_write_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        wholefile.put(tmp_path / "a", b"x")
    assert list(tmp_path.iterdir()) == []
