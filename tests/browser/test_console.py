"""The console in a real browser: a newcomer's walk; feeds, subscribers, schedule and log in every light."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from publisher import i18n
from tests.browser import axe
from tests.browser.letterbox import Light
from tests.web.consolesite import OPERATOR, SCHEDULE, ConsoleSite, edited, make, with_past

pytestmark = pytest.mark.browser

PLACES = {
    "feeds": "/console/feeds",
    "feed": "/console/feeds/culture",
    "subscribers": "/console/subscribers",
    "schedule": "/console/schedule",
    "job": "/console/schedule/morning",
    "editor": "/console/schedule/files/schedule",
    "revisions": "/console/schedule/revisions/",
    "revision": "/console/schedule/revisions/1",
    "log": "/console/log",
}
SAID = {
    "en": {
        "password": "Password",
        "enter": "Sign in",
        "next": "Next letter",
        "letter": "The Morning",
        "phone": "Phone, dark",
        "schedule": "Schedule",
        "time": "New time of day",
        "look": "See what would change",
        "save": "Save",
        "today": "Today",
        "log": "Log",
        "was": "until now: every day at 06:30",
        "will": "every day at 07:15",
        "due": "Sun, Nov 22, 07:15",
        "edited": "config edited",
    },
    "vi": {
        "password": "Mật khẩu",
        "enter": "Đăng nhập",
        "next": "Bản tin kế tiếp",
        "letter": "Buổi sáng",
        "phone": "Điện thoại, nền tối",
        "schedule": "Lịch",
        "time": "Giờ mới",
        "look": "Xem điều gì sẽ đổi",
        "save": "Lưu",
        "today": "Hôm nay",
        "log": "Nhật ký",
        "was": "cho đến nay: 06:30 mỗi ngày",
        "will": "07:15 mỗi ngày",
        "due": "CN, 22 thg 11, 07:15",
        "edited": "sửa cấu hình",
    },
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ConsoleSite, str]]:
    """One site and one server for all of these tests."""
    made = with_past(make(tmp_path_factory.mktemp("console") / "site"))
    with made.serving() as address:
        yield made, address
    made.store.close()


@pytest.fixture
def site(whole: tuple[ConsoleSite, str]) -> ConsoleSite:
    edited(whole[0], SCHEDULE)
    return whole[0]


@contextmanager
def window(browser: Browser, address: str, language: str, light: Light, width: int) -> Iterator[Page]:
    """Open a window on the console; nothing may be said to the browser's console, nor come from elsewhere."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=light,
        locale=language,
    )
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda asked: None if asked.url.startswith((address, "data:")) else said.append(asked.url)
    )
    try:
        yield page
        assert [one for one in said if "status of 4" not in one] == []
    finally:
        context.close()


def enter(page: Page, words: dict[str, str]) -> None:
    page.goto("/console/")
    page.get_by_label(words["password"]).fill(OPERATOR)
    with page.expect_navigation():
        page.get_by_role("button", name=words["enter"]).click()


@pytest.mark.parametrize(("language", "light", "width"), [("en", "light", 1200), ("vi", "dark", 360)])
def test_a_newcomer_finds_the_next_edition_previews_it_and_moves_its_hour(
    browser: Browser,
    whole: tuple[ConsoleSite, str],
    site: ConsoleSite,
    screenshots: Path,
    language: str,
    light: Light,
    width: int,
) -> None:
    words, steps = SAID[language], iter(range(1, 20))

    def keep(name: str, *, whole_page: bool = True) -> None:
        picture = f"console-walk-{language}-{light}-{width}-{next(steps):02}-{name}.png"
        page.screenshot(path=screenshots / picture, full_page=whole_page)

    with window(browser, whole[1], language, light, width) as page:
        page.goto("/console/")
        keep("sign-in")
        enter(page, words)
        next_letter = page.get_by_role("region", name=words["next"])
        assert next_letter.is_visible()
        keep("today")

        with page.expect_navigation():
            next_letter.get_by_role("link", name=words["letter"]).click()
        with page.expect_navigation():
            page.get_by_role("link", name=words["phone"], exact=True).click()
        letter = page.locator("iframe").element_handle().content_frame()
        assert letter is not None
        letter.get_by_role("heading").first.wait_for()
        ground = letter.evaluate("getComputedStyle(document.querySelector('[role=article]')).backgroundColor")
        box = page.locator("iframe").bounding_box()
        assert box is not None
        assert box["width"] <= 400, "as wide as a phone"
        page.locator("iframe").scroll_into_view_if_needed()
        keep("letter-on-a-phone-in-the-dark", whole_page=False)
        assert max(map(int, ground.removeprefix("rgb(").rstrip(")").split(","))) < 64, ground

        with page.expect_navigation():
            page.get_by_role("link", name=words["schedule"], exact=True).click()
        with page.expect_navigation():
            page.get_by_role("link", name="morning", exact=True).click()
        keep("job")
        page.get_by_label(words["time"]).fill("07:15")
        with page.expect_navigation():
            page.get_by_role("button", name=words["look"]).click()
        assert words["was"] in page.inner_text("main")
        assert words["will"] in page.inner_text("main")
        keep("what-would-change")
        assert "30 6 * * *" in site.file().read_text(encoding="utf-8"), "looking changes nothing"
        with page.expect_navigation():
            page.get_by_role("button", name=words["save"], exact=True).click()
        assert words["due"] in page.inner_text("main")
        keep("saved")
        assert "15 7 * * *   # half past six" in site.file().read_text(encoding="utf-8")

        with page.expect_navigation():
            page.get_by_role("link", name=words["today"], exact=True).click()
        assert "7:15" in page.get_by_role("region", name=words["next"]).inner_text()
        keep("today-after")
        with page.expect_navigation():
            page.get_by_role("link", name=words["log"], exact=True).click()
        newest = page.locator("main .rows li").first.inner_text()
        assert i18n.words(language)("console operator") in newest
        assert words["edited"] in newest
        keep("log")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "light", "width", "options"),
    [
        ("en", "light", 320, axe.PAGE),
        ("vi", "dark", 1200, axe.PAGE),
        ("vi", "dark", 320, axe.COLOURS),
        ("en", "light", 1200, axe.COLOURS),
    ],
    ids=["narrow", "dark", "narrow-dark", "wide"],
)
def test_every_page_is_accessible(
    browser: Browser,
    whole: tuple[ConsoleSite, str],
    site: ConsoleSite,
    screenshots: Path,
    language: str,
    light: Light,
    width: int,
    options: dict[str, Any],
) -> None:
    found: dict[str, list[str]] = {}

    def look(name: str) -> None:
        picture = f"console-{name}-{language}-{light}-{width}.png"
        page.screenshot(path=screenshots / picture, full_page=True)
        over = [f"too wide: {one}" for one in axe.overflowing(page)]
        found[name] = [*axe.defects(page, options), *over]

    with window(browser, whole[1], language, light, width) as page:
        enter(page, SAID[language])
        for name, place in PLACES.items():
            page.goto(place)
            look(name)
        if options is axe.PAGE:
            _states(page, site, look)

    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def _states(page: Page, site: ConsoleSite, look: Callable[[str], None]) -> None:
    """Look at what the pages show besides, when something is wrong or was found."""
    _edit(page, SCHEDULE.replace("30 6", "30 66").replace("send weekly", "send weekli"))
    look("editor-mistakes")
    _edit(page, SCHEDULE.replace("  friday:\n    run: send weekly\n    cron: 0 17 * * fri\n", ""))
    look("editor-effects")
    edited(site, SCHEDULE.replace("30 6", "45 6"))
    with page.expect_navigation():
        page.locator("[name=do][value=save]").click()
    look("editor-meanwhile")
    page.goto("/console/subscribers")
    page.locator("#address").fill("reader5@example.com")
    with page.expect_navigation():
        page.locator(".find .button").click()
    look("subscribers-found")


def test_all_of_it_can_be_done_by_keyboard_without_script(
    browser: Browser, whole: tuple[ConsoleSite, str], site: ConsoleSite
) -> None:
    context = browser.new_context(base_url=whole[1], java_script_enabled=False, locale="en")
    page = context.new_page()
    page.goto("/console/schedule/morning")
    page.get_by_label("Password").focus()
    page.keyboard.type(OPERATOR)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/schedule/morning")
    page.locator("#time").focus()
    page.keyboard.type("0715AM")
    page.keyboard.press("Enter")
    save = page.get_by_role("button", name="Save")
    save.wait_for()
    save.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/schedule?saved=*")
    context.close()

    assert "15 7 * * *" in site.file().read_text(encoding="utf-8")


def _edit(page: Page, text: str) -> None:
    page.goto("/console/schedule/files/schedule")
    page.locator("#text").fill(text)
    with page.expect_navigation():
        page.locator("[name=do][value=check]").click()
