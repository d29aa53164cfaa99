"""Subscribers' pages in a real browser: accessible, by keyboard alone, without script, in every light."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import axe
from tests.browser.letterbox import Light, opened
from tests.web.newsroom import Newsroom
from tests.web.people import OFFERED, Reader, enrol, part, reading

pytestmark = pytest.mark.browser

SITE: dict[str, Any] = {"email": "newsroom@courier.example", "postal_address": "14 Bến Đò, Mường Lưa"}
SECONDS = timedelta(seconds=5)
LIGHTS: tuple[Light, ...] = ("light", "dark")


@pytest.fixture
def newsroom(tmp_path: Path) -> Iterator[Newsroom]:
    made = Newsroom.open(tmp_path / "site")
    yield made
    made.store.close()


@pytest.fixture
def reader(newsroom: Newsroom) -> Iterator[Reader]:
    with reading(newsroom, site=SITE, **OFFERED) as found:
        yield found


@contextmanager
def window(browser: Browser, reader: Reader, **options: Any) -> Iterator[Page]:
    """Open a window on the newsroom; whatever it says to its console is kept in ``page.said``."""
    context = browser.new_context(base_url=str(reader.client.base_url), **options)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        yield page
        assert [one for one in said if "status of" not in one] == []
        assert context.cookies() == []
    finally:
        context.close()


def good(page: Page, picture: Path) -> None:
    page.screenshot(path=picture, full_page=True)
    assert axe.defects(page) == []
    assert axe.overflowing(page) == []


def button(page: Page) -> None:
    with page.expect_navigation():
        page.click("main form .button")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "light", "width"),
    [("en", "light", 320), ("en", "dark", 1100), ("vi", "light", 1100), ("vi", "dark", 320)],
)
def test_every_page_on_the_way(
    browser: Browser,
    reader: Reader,
    screenshots: Path,
    language: str,
    light: Light,
    width: int,
) -> None:
    pictures = (screenshots / f"people-{number:02}-{language}-{light}-{width}.png" for number in range(1, 30))
    query = f"?lang={language}"
    viewport = {"width": width, "height": 800}
    with window(browser, reader, viewport=viewport, color_scheme=light) as page:
        page.goto(f"/subscribe{query}")
        good(page, next(pictures))
        button(page)
        good(page, next(pictures))  # too fast, and nothing chosen
        page.check('[name="digest"][value="daily"]')
        page.check('[name="sections-daily"][value="culture"]')
        page.fill("#address", "lan@")
        reader.newsroom.now += SECONDS
        button(page)
        good(page, next(pictures))  # a wrong address
        assert page.evaluate("document.activeElement.id") == "address"
        page.fill("#address", "lan@example.com")
        reader.newsroom.now += SECONDS
        button(page)
        good(page, next(pictures))  # asked
        path = reader.confirmation()
        page.goto(path + query)
        good(page, next(pictures))  # confirm
        button(page)
        good(page, next(pictures))  # confirmed
        with page.expect_navigation():
            page.click(".after a")
        good(page, next(pictures))  # preferences
        page.check('[name="digest"][value="weekly"]')
        page.select_option("#frequency-daily", "weekly")
        page.select_option("#timezone", "Europe/Oslo")
        button(page)
        good(page, next(pictures))  # saved
        assert set(reader.subscribed()) == {"daily", "weekly"}
        page.goto(f"/u/{reader.token('unsubscribe')}{query}")
        good(page, next(pictures))  # leave
        with page.expect_navigation():
            page.click(".after a >> nth=0")
        good(page, next(pictures))  # leave all
        button(page)
        good(page, next(pictures))  # left
        assert reader.subscribed() == {}
        button(page)
        good(page, next(pictures))  # back
        assert set(reader.subscribed()) == {"daily", "weekly"}
        page.goto(f"/u/nobody{query}")
        good(page, next(pictures))  # unknown
        assert page.evaluate("document.documentElement.lang") == language


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the field of that name has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator(f'[name="{name}"]:focus').count():
            return
    raise AssertionError(f"no Tab leads to {name}")


def test_by_keyboard_alone_and_without_script(browser: Browser, reader: Reader) -> None:
    with window(browser, reader, java_script_enabled=False, locale="en-GB") as page:
        page.goto("/subscribe")
        page.locator('[name="digest"][value="daily"]').focus()
        keys = page.keyboard
        keys.press("Space")
        # Its sections and its hour have opened, and come next.
        for name in ("sections-daily", "hour-daily", "address"):
            tab_to(page, name)
            keys.type({"sections-daily": " ", "hour-daily": "7", "address": "lan@example.com"}[name])
        reader.newsroom.now += SECONDS
        keys.press("Enter")
        page.wait_for_selector("text=Look into your mailbox")
        page.goto(reader.confirmation())
        page.locator("main form .button").focus()
        keys.press("Enter")
        page.wait_for_selector("text=Confirmed")

    mine = reader.subscribed()["daily"]
    assert (mine.sections, mine.hour) == (("economy",), 7)


def test_the_style_is_let_in_by_its_hash_and_nothing_else_is(browser: Browser, reader: Reader) -> None:
    with window(browser, reader) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/subscribe")
        assert page.evaluate("getComputedStyle(document.querySelector('.button')).width") != "auto"
        assert page.evaluate("getComputedStyle(document.querySelector('.trap')).display") == "none"
        assert [url for url in asked if not url.startswith("data:")] == [
            f"{reader.client.base_url}/subscribe"
        ]
        assert page.locator('[name="sections-daily"]').first.is_hidden()
        page.check('[name="digest"][value="daily"]')
        assert page.locator('[name="sections-daily"]').first.is_visible()


def test_looking_back_and_forth_changes_nothing(browser: Browser, reader: Reader) -> None:
    enrol(reader.newsroom)
    with window(browser, reader) as page:
        for path in (
            f"/u/{reader.token('unsubscribe')}",
            f"/preferences/{reader.token('preferences')}",
            "/subscribe",
        ):
            page.goto(path)
            page.reload()
            page.go_back()
    assert set(reader.subscribed()) == {"daily"}


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("language", ["en", "vi"])
def test_the_mail(browser: Browser, reader: Reader, screenshots: Path, language: str, light: Light) -> None:
    reader.ask(language=language)
    (mail,) = reader.mails(1)
    html = part(mail, "html")
    for styles in (True, False):
        with opened(browser, html, width=320, light=light, styles=styles) as seen:
            name = f"people-mail-{language}-{light}{'' if styles else '-no-styles'}.png"
            seen.page.screenshot(path=screenshots / name, full_page=True)
            assert seen.defects() == []
            assert seen.overflowing() == []
            assert seen.asked == []
            href = seen.page.locator("a.button").get_attribute("href")
            assert re.fullmatch(r"https://courier\.example/confirm/[a-z2-7]{24}", href or "")
