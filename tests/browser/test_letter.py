"""Letters in a real browser: accessible, inside their window and silent, in every light and state."""

from functools import cache
from itertools import product
from pathlib import Path
from typing import cast

import pytest
from playwright.sync_api import Browser

from publisher.digest.fit import Layout
from publisher.i18n import words
from publisher.model.variant import variant, web_version
from tests.browser.letterbox import Light, opened
from tests.digest.hostile import HOSTILE
from tests.digest.letters import NOTE, Language, letter, rendered

pytestmark = pytest.mark.browser

LAYOUTS: tuple[Layout, ...] = ("recent", "brief")
WIDTHS = (320, 600, 1200)
LIGHTS: tuple[Light, ...] = ("light", "dark")


@cache
def html(layout: Layout, language: Language) -> str:
    """Return a letter of twelve stories and an editor's note."""
    also = [words("vi")] if language == "both" else []
    return rendered(letter(language, 12, note=NOTE), layout, also=also).html


@pytest.mark.parametrize("pictures", [True, False], ids=["pictures", "no-pictures"])
@pytest.mark.parametrize("styles", [True, False], ids=["styles", "no-styles"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_everyone_can_read_it(
    browser: Browser, screenshots: Path, layout: Layout, *, styles: bool, pictures: bool
) -> None:
    wrong: dict[str, list[str]] = {}
    with opened(browser, html(layout, "both"), styles=styles, pictures=pictures) as window:
        for width, light in product(WIDTHS, LIGHTS):
            window.shown(width, light)
            state = f"{light}-{width}{'' if styles else '-no-styles'}{'' if pictures else '-no-pictures'}"
            window.page.screenshot(path=screenshots / f"{layout}-both-{state}.png", full_page=True)
            wrong[state] = [*window.overflowing(), *window.defects()]

        assert {state: found for state, found in wrong.items() if found} == {}
        assert {kind for kind, _ in window.asked} <= {"image"}


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_language_is_as_good(
    browser: Browser, screenshots: Path, layout: Layout, language: Language
) -> None:
    with opened(browser, html(layout, language)) as window:
        for light in LIGHTS:
            window.shown(320, light)
            window.page.screenshot(path=screenshots / f"{layout}-{language}-{light}-320.png", full_page=True)

            assert window.overflowing() == [], light
            assert window.defects() == [], light


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_article_breaks_it(browser: Browser, screenshots: Path, layout: Layout, name: str) -> None:
    page = rendered(HOSTILE[name], layout).html
    with opened(browser, page, width=320) as window:
        window.page.screenshot(path=screenshots / f"hostile-{name}-{layout}.png", full_page=True)

        assert window.overflowing() == []
        assert window.defects() == []
        assert {kind for kind, _ in window.asked} <= {"image"}
        assert window.page.evaluate("window.harmed") is None
    with opened(browser, page, width=320, styles=False) as window:
        assert window.overflowing() == []


@pytest.mark.parametrize("layout", ["recent", "brief", "text"])
def test_the_web_version_is_as_good(browser: Browser, screenshots: Path, layout: str) -> None:
    content = rendered(letter("vi", 12), cast("Layout", layout))
    with opened(browser, web_version(content), width=320) as window:
        window.page.screenshot(path=screenshots / f"web-{layout}.png", full_page=True)

        assert window.overflowing() == []
        assert window.defects() == []


def test_a_variant_with_another_lead_is_as_good(browser: Browser, screenshots: Path) -> None:
    chosen = variant(rendered(letter("vi", 12)), ["sport", "economy"])
    assert chosen is not None
    with opened(browser, chosen.html, width=320, light="dark") as window:
        window.page.screenshot(path=screenshots / "variant.png", full_page=True)

        assert window.overflowing() == []
        assert window.defects() == []


def test_nothing_is_asked_of_the_network_when_remote_content_is_off(browser: Browser) -> None:
    """Mail programs then leave out the addresses of pictures; nothing else may be remote."""
    page = html("recent", "vi").replace(' src="', ' data-src="')
    with opened(browser, page) as window:
        assert window.asked == []


def test_a_letter_turned_over_by_force_is_kept_to_look_at(browser: Browser, screenshots: Path) -> None:
    with opened(browser, html("recent", "vi"), width=320) as window:
        session = window.page.context.new_cdp_session(window.page)
        session.send("Emulation.setAutoDarkModeOverride", {"enabled": True})
        window.page.screenshot(path=screenshots / "turned-over.png", full_page=True)

        assert window.overflowing() == []


def test_a_letter_printed_at_night_is_dark_on_white(browser: Browser, screenshots: Path) -> None:
    with opened(browser, html("recent", "vi"), light="dark") as window:
        window.page.emulate_media(media="print", color_scheme="dark")
        window.page.screenshot(path=screenshots / "printed.png", full_page=True)

        ink = "getComputedStyle(document.querySelector('h2 a')).color"
        assert window.page.evaluate(ink) == "rgb(28, 27, 25)"
        assert not window.page.get_by_role("link", name="Huỷ đăng ký").is_visible()
