"""The console in a real browser: accessible in every light, by keyboard, without script, moving by itself."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from publisher.work import handwork
from tests.browser import axe
from tests.browser.letterbox import Light
from tests.web.consoleletters import NEXT_SLOT, SLOT, states, with_letters
from tests.web.consolesite import OPERATOR, ConsoleSite, make, with_past

pytestmark = pytest.mark.browser

PLACE = f"/console/editions/daily/{SLOT}"
EVERY = {
    "today": "/console/",
    "editions": "/console/editions",
    "edition": PLACE,
    "edition-phone-dark": f"{PLACE}?view=phone-dark",
    "edition-text": f"{PLACE}?view=text",
    "planned": f"/console/editions/daily/{NEXT_SLOT}",
    "deliveries": f"{PLACE}/deliveries",
    "settle": f"{PLACE}/settle",
    "send": f"{PLACE}/do/send",
    "cancel": f"{PLACE}/do/cancel",
    "run": "/console/jobs/morning/run",
    "ran": "/console/jobs/morning/runs/20261120T233000Z",
    "nothing": "/console/nothing",
}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ConsoleSite]:
    made = with_letters(with_past(make(tmp_path / "site")), hour=20)
    states(made, "failed", "uncertain")
    yield made
    made.store.close()


@contextmanager
def window(browser: Browser, site: ConsoleSite, language: str = "en", **options: Any) -> Iterator[Page]:
    """Open a window, sign in; whatever a page says to the browser's own console fails the test."""
    with site.serving() as address:
        context = browser.new_context(base_url=address, **options)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"/console/?lang={language}")
        page.fill("#password", OPERATOR)
        page.press("#password", "Enter")
        page.wait_for_selector(".rooms")
        if page.evaluate("document.documentElement.lang") != language:
            with page.expect_navigation():
                page.click(f'button[name="language"][value="{language}"]')
        try:
            yield page
            assert [one for one in said if "status of" not in one] == []
        finally:
            context.close()


def good(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    assert axe.defects(page, axe.FRAMING) == []
    assert axe.overflowing(page) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "light", "width"),
    [("en", "light", 1100), ("vi", "dark", 320)],
)
def test_every_page(
    browser: Browser,
    site: ConsoleSite,
    screenshots: Path,
    language: str,
    light: Light,
    width: int,
) -> None:
    with window(
        browser, site, language, viewport={"width": width, "height": 800}, color_scheme=light
    ) as page:
        for name, path in EVERY.items():
            page.goto(path)
            assert page.evaluate("document.documentElement.lang") == language
            good(page, screenshots / f"console-{name}-{language}-{light}-{width}.png")
        page.click("footer form[action$=sign-out] button")
        page.wait_for_selector("#password")
        page.fill("#password", "a wrong password")
        page.press("#password", "Enter")
        good(page, screenshots / f"console-wrong-{language}-{light}-{width}.png")


def test_by_keyboard_alone_and_without_script(browser: Browser, site: ConsoleSite) -> None:
    with window(browser, site, java_script_enabled=False) as page:
        page.goto("/console/")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.locator(f'main a[href="{PLACE}"]').first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".wishes")
        page.locator(".wish.pause").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#why")
        page.locator("#why").focus()
        page.keyboard.type("the lead is wrong")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_selector("[role=status]")
        assert "Paused by console operator" in page.inner_text("main")
        assert "the lead is wrong" in page.inner_text("main")


@pytest.mark.parametrize("light", ["light", "dark"])
def test_the_frame_shows_the_letters_own_dark_and_light(
    browser: Browser, site: ConsoleSite, light: Light
) -> None:
    """Whatever light the operator's screen has, and as wide as the device."""
    with window(browser, site, viewport={"width": 1100, "height": 900}, color_scheme=light) as page:
        grounds = {}
        for view in ("desktop", "phone", "dark", "phone-dark"):
            page.goto(f"{PLACE}?view={view}")
            frame = page.locator("iframe")
            page.frame_locator("iframe").locator("h1").first.wait_for()
            picture = Image.open(io.BytesIO(frame.screenshot())).convert("L")
            pixels = sorted(picture.resize((40, 40)).tobytes())
            grounds[view] = pixels[len(pixels) // 2]
            box = frame.bounding_box()
            assert box is not None
            assert (box["width"] < 400) is ("phone" in view)
        assert min(grounds["desktop"], grounds["phone"]) > 200
        assert max(grounds["dark"], grounds["phone-dark"]) < 60


def test_today_moves_by_itself_and_stays_where_it_is(browser: Browser, site: ConsoleSite) -> None:
    with window(browser, site, viewport={"width": 1100, "height": 900}) as page:
        page.goto("/console/")
        page.evaluate("window.marked = true")
        # What the script does every fifteen seconds it does as well when the page comes back into sight.
        look = "document.dispatchEvent(new Event('visibilitychange'))"
        before = page.locator("#runs").bounding_box()
        handwork.start(site.desk, "friday", who="anna")
        page.evaluate(look)
        page.wait_for_selector("text=/1 waiting/")
        assert page.evaluate("window.marked") is True
        assert page.locator("#runs").bounding_box() == before
        site.now += timedelta(hours=22)  # the next letter is another one now, and the session is over
        page.evaluate(look)
        page.wait_for_selector("#password")
