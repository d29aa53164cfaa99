"""The pages that people read, in a real Chromium over HTTP: accessible, inside their window, silent."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route

from publisher.digest import issue
from publisher.model.article import Picture
from publisher.model.slot import Slot
from publisher.resources import builtin
from publisher.web.app import start
from tests.browser import axe
from tests.browser.letterbox import Light
from tests.web.newsroom import BODY, MORNING, Newsroom

pytestmark = pytest.mark.browser

TABLE = (
    "<table><thead><tr><th>Ngày</th><th>Chuyến</th><th>Khách</th></tr></thead><tbody><tr>"
    f"<td>{'12/11 ' * 6}</td><td>1.234.567</td><td>Mười hai người, ba xe máy</td></tr></tbody></table>"
)
LONG = (
    f"{BODY}<p>{'Nước lên thì nghỉ, nước xuống thì chạy. ' * 12}</p>"
    f"<blockquote><p>Đò đầy thì chờ.</p></blockquote><ul><li>Một</li><li>Hai</li></ul>{TABLE}"
    f"<p><a href='/x'>https://courier.example/{'a' * 80}</a></p>"
)


@dataclass(frozen=True)
class Served:
    """A site that is being served, and where its pages are."""

    address: str
    pages: dict[str, str]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    room = Newsroom.open(tmp_path_factory.mktemp("browser") / "site")
    room.configure(site={"copyright": "© Báo Tin"})
    for number in range(9, 0, -1):
        room.add(number, pictures=())
    picture = Picture("/media/a.jpg", "Chuyến đò sớm.", "Ảnh: Lò Khang", "Con đò", 1200, 800)
    shown = (picture, replace(picture, url="/media/b.jpg"), Picture(None, "Bến lúc sáu giờ.", "Ảnh: TL"))
    for number in (1, 2):
        room.edit(
            number,
            pictures=shown,
            body=LONG,
            correction="Đò chở 14 người.",
            corrected=MORNING,
            comments="https://x.example/",
        )
    room.edit(3, title="Mười_hai_con_giáp" * 20)
    room.publish()
    issue.make(
        room.store,
        settings=room.settings,
        site=room.site,
        digest="daily",
        slot=Slot("2026-11-21", MORNING),
        now=MORNING,
    )
    listening = start(room.desk, host="127.0.0.1", port=0)
    pages = {
        name: f"/articles/{room.stored(number).id}" for name, number in (("vi", 1), ("en", 2), ("long", 3))
    }
    pages |= {
        "none": "/nowhere",
        "editions": "/editions/daily/",
        "feeds": "/feeds/",
        "feed": "/feeds/economy/",
    }
    yield Served(listening.address, pages)
    listening.stop()
    room.store.close()


@pytest.mark.parametrize(("width", "light"), [(320, "dark"), (1200, "light")])
@pytest.mark.parametrize("name", ["vi", "en", "long", "none", "editions", "feeds", "feed"])
def test_everyone_can_read_it(
    browser: Browser,
    screenshots: Path,
    served: Served,
    name: str,
    light: Light,
    width: int,
) -> None:
    asked: list[tuple[str, str]] = []
    complaints: list[str] = []
    drawing = next((builtin("sample") / "pictures").glob("*.jpg"))

    def answer(route: Route) -> None:
        url = route.request.url
        if url.startswith(served.address):
            route.continue_()
            return
        asked.append((route.request.resource_type, url))
        route.fulfill(path=drawing)

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=light)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.route("**/*", answer)
    page.goto(served.address + served.pages[name], wait_until="load")
    page.screenshot(path=screenshots / f"web-{name}-{light}-{width}.png", full_page=True)
    defects, over = axe.defects(page), axe.overflowing(page)
    context.close()

    assert defects == []
    assert [one for one in over if one == "the page"] == []
    assert {kind for kind, _ in asked} <= {"image"}
    assert all(url.startswith("https://courier.example/media/") for _, url in asked)
    assert [text for text in complaints if "404" not in text] == []
