"""A real Chromium, once for the whole run, that never reaches the network."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright

FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
PATIENCE = 120_000
"""Milliseconds for whatever a page is asked to do; only a test that fails waits so long."""
WITH_PICTURES = bool(os.environ.get("PUBLISHER_SCREENSHOTS"))
"""With it in the environment the tests leave pictures of what they look at, for a third of their time."""


def chromium() -> str | None:
    """Return the machine's Chromium: what PUBLISHER_CHROMIUM names, or what lies on the path."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return os.environ.get("PUBLISHER_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless; skipped where the machine has none."""
    program = chromium()
    if program is None:
        pytest.skip("no Chromium on this machine; set PUBLISHER_CHROMIUM")
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        try:
            running = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=PATIENCE)
        except Error as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        _give_time(patch)
        if not WITH_PICTURES:
            _leave_out_pictures(patch)
        yield running
        running.close()


def _give_time(patch: pytest.MonkeyPatch) -> None:
    plain = Browser.new_context

    def patient(self: Browser, **options: Any) -> BrowserContext:
        context = plain(self, **options)
        context.set_default_timeout(PATIENCE)
        return context

    patch.setattr(Browser, "new_context", patient)


def _leave_out_pictures(patch: pytest.MonkeyPatch) -> None:
    plain = Page.screenshot

    def looked_at(self: Page, **options: Any) -> bytes:
        return b"" if "path" in options else plain(self, **options)

    patch.setattr(Page, "screenshot", looked_at)


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Where pictures of the letters are left for people to look at."""
    folder = Path(__file__).resolve().parents[2] / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
