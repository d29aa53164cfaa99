"""Opens a letter in a browser as a mail program would, and says what it finds."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from publisher.resources import builtin

AXE_OPTIONS: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {
        "region": {"enabled": False},
        "landmark-one-main": {"enabled": False},
        "target-size": {"enabled": True},
    },
}
"""WCAG 2.2 A and AA and best practice; a letter is no page with landmarks of its own."""

_STYLE_BLOCK = re.compile(r"<style.*?</style>", re.DOTALL)
_WIDER_THAN_THE_WINDOW = """() => {
    const wide = document.documentElement.clientWidth;
    const over = [...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > wide + 0.5)
        .map(one => one.tagName + ' ' + one.textContent.slice(0, 40));
    return document.documentElement.scrollWidth > wide ? ['the page', ...over] : over;
}"""


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
        found = Axe().run(self.page, options=AXE_OPTIONS).response
        return [
            f"{kind} {one['id']}: {node['html'][:120]}"
            for kind in ("violations", "incomplete")
            for one in found[kind]
            for node in one["nodes"]
        ]

    def overflowing(self) -> list[str]:
        """Return what is wider than the window."""
        over: list[str] = self.page.evaluate(_WIDER_THAN_THE_WINDOW)
        return over


@contextmanager
def opened(
    browser: Browser,
    html: str,
    *,
    width: int = 600,
    light: Literal["light", "dark"] = "light",
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
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=light)
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
