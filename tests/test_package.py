"""The wheel carries everything: an installed program works from any folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY


@pytest.mark.slow
def test_a_wheel_is_all_it_takes(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    done = subprocess.run(
        [sys.executable, "-m", "publisher", "demo", "--json"],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["articles"] >= 40
    assert {one["digest"] for one in told["editions"]} == {"morning", "tuan"}
    assert all(one["accepted"] > 0 for one in told["editions"])
    assert (elsewhere / "demo" / "public" / "feeds" / "all.rss").is_file()
    assert "py.typed" in {Path(name).name for name in zipfile.ZipFile(wheel).namelist()}
