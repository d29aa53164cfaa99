"""A real Chromium, once for the whole run, that never reaches the network."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def chromium() -> str | None:
    """Return the machine's Chromium: what PUBLISHER_CHROMIUM names, or what lies on the path."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return os.environ.get("PUBLISHER_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless; skipped where the machine has none."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine; set PUBLISHER_CHROMIUM")
    with sync_playwright() as playwright:
        try:
            running = playwright.chromium.launch(executable_path=program, args=FLAGS)
        except Error as error:
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield running
        running.close()


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the letters are left for people to look at."""
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
