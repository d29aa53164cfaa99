"""The page of a digest's editions, as a reader's browser shows it."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from publisher.i18n import words
from publisher.settings.schema import Site
from publisher.templating import render, templates
from tests.browser.letterbox import Light, opened
from tests.digest.letters import SITE, sample

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Line:
    address: str
    date: str
    subject: str


def page(count: int) -> str:
    titles = [one["title"] for one in sample("vi")]
    said = words("vi")
    return render(
        templates(),
        "web/editions.html",
        words=said,
        site=Site(
            title={"vi": "Báo Mường Lưa"},
            url=SITE,
            languages=("vi",),
            timezone="Asia/Ho_Chi_Minh",
            tag_authority="muonglua.example,2026",
        ),
        discovery=(),
        title="Bản tin sáng",
        editions=[
            Line(
                f"/editions/morning/2026-11-{30 - day:02d}",
                f"{30 - day} tháng 11, 2026",
                titles[day % len(titles)],
            )
            for day in range(count)
        ],
        subscribe=f"{SITE}/subscribe" if count else None,
    )


@pytest.mark.parametrize("count", [0, 12])
@pytest.mark.parametrize("light", ["light", "dark"])
def test_everyone_can_read_it(browser: Browser, screenshots: Path, light: Light, count: int) -> None:
    with opened(browser, page(count), width=320, light=light) as window:
        window.page.screenshot(path=screenshots / f"editions-{light}-{count}.png", full_page=True)

        assert window.overflowing() == []
        assert window.defects() == []
        assert window.asked == []
