"""What axe says of a page, and a ruler."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PAGE: dict[str, Any] = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations", "incomplete"],
}
"""WCAG 2.2 A and AA and best practice."""
LETTER: dict[str, Any] = PAGE | {
    "rules": PAGE["rules"] | {"region": {"enabled": False}, "landmark-one-main": {"enabled": False}}
}
"""The same; a letter is no page with landmarks of its own."""
FRAMING: dict[str, Any] = PAGE | {
    "rules": PAGE["rules"] | {"frame-tested": {"enabled": False}},
    "iframes": False,
}
"""For pages with a letter in a frame: letters have tests of their own, and no script may run in there."""
COLOURS: dict[str, Any] = PAGE | {"runOnly": {"type": "rule", "values": ["color-contrast", "target-size"]}}
"""What differs from one light and one window to another."""

_IS_THERE = "() => 'axe' in window"
_RUN = "options => axe.run(options)"
_WIDER_THAN_THE_WINDOW = """() => {
    const wide = document.documentElement.clientWidth;
    const over = [...document.body.querySelectorAll('*')]
        .filter(one => one.getBoundingClientRect().right > wide + 0.5)
        .map(one => one.tagName + ' ' + one.textContent.slice(0, 40));
    return document.documentElement.scrollWidth > wide ? ['the page', ...over] : over;
}"""


def defects(page: Page, options: dict[str, Any] = PAGE) -> list[str]:
    """Return what axe is sure of and what it is not sure of."""
    if not page.evaluate(_IS_THERE):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(_RUN, options)
    return [
        f"{kind} {one['id']}: {node['html'][:160]}"
        for kind in ("violations", "incomplete")
        for one in found[kind]
        for node in one["nodes"]
    ]


def overflowing(page: Page) -> list[str]:
    """Return what is wider than the window."""
    over: list[str] = page.evaluate(_WIDER_THAN_THE_WINDOW)
    return over
