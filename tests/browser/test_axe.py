"""That nothing is found by axe and the ruler is worth something: they find what is there."""

import pytest
from playwright.sync_api import Browser

from tests.browser import axe
from tests.browser.letterbox import opened

pytestmark = pytest.mark.browser

BAD = '<body><p style="color: #ccc; width: 700px">Đò đầy thì chờ.</p><img src="/a.jpg"></body>'


def test_what_is_wrong_is_found(browser: Browser) -> None:
    with opened(browser, BAD, width=600) as window:
        as_letter = " ".join(window.defects())
        assert "color-contrast" in as_letter
        assert "image-alt" in as_letter
        assert "landmark" not in as_letter, "that is asked of a page only"
        assert "landmark-one-main" in " ".join(axe.defects(window.page))
        assert window.overflowing() == ["the page", "P Đò đầy thì chờ."]

        window.shown(800, "dark")
        assert window.overflowing() == []
        assert window.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
