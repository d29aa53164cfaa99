"""Opens a letter in a browser as a mail program would, and says what it finds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from playwright.sync_api import Browser, Page, Route

from publisher.resources import builtin
from tests.browser import axe

Light = Literal["light", "dark"]
HEIGHT = 900

_STYLE_BLOCK = re.compile(r"<style.*?</style>", re.DOTALL)


@dataclass
class Opened:
    """A letter in a window.

    Attributes:
        page: the window.
        asked: what it asked of the network: kind and address.
    """

    page: Page
    asked: list[tuple[str, str]] = field(default_factory=list)

    def defects(self) -> list[str]:
        """Return what axe is sure of and what it is not sure of."""
        return axe.defects(self.page, axe.LETTER)

    def overflowing(self) -> list[str]:
        """Return what is wider than the window."""
        return axe.overflowing(self.page)

    def shown(self, width: int, light: Light) -> None:
        """Show it in a window of another width, to a reader who prefers another light."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=light)


@contextmanager
def opened(
    browser: Browser,
    html: str,
    *,
    width: int = 600,
    light: Light = "light",
    styles: bool = True,
    pictures: bool = True,
) -> Iterator[Opened]:
    """Open a letter.

    Args:
        browser: the running one.
        html: the letter.
        width: of the window, CSS pixels.
        light: what the reader's device prefers.
        styles: whether style blocks are kept; many programs drop them.
        pictures: whether pictures are loaded.
    """
    context = browser.new_context(viewport={"width": width, "height": HEIGHT}, color_scheme=light)
    page = context.new_page()
    window = Opened(page)
    drawings = sorted((builtin("sample") / "pictures").glob("*.jpg"))

    def answer(route: Route) -> None:
        window.asked.append((route.request.resource_type, route.request.url))
        number = re.search(r"/media/(\d+)", route.request.url)
        if pictures and number and drawings:
            route.fulfill(path=drawings[int(number[1]) % len(drawings)])
        else:
            route.abort()

    page.route("**/*", answer)
    page.set_content(html if styles else _STYLE_BLOCK.sub("", html), wait_until="load")
    try:
        yield window
    finally:
        context.close()
