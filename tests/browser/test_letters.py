"""A letter as a mail program shows its HTML: narrow and wide, light and dark, in each direction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from dashboard.channels import mail
from dashboard.channels.message import Link
from tests.browser.looks import assert_no_sideways_scroll
from tests.channels.given import a_letter

ARABIC = "الإيداع المباشر غير متاح"
EXTEND = Link("Extend 1 h", "https://status.larkfield.example/admin/outages/1/extend?minutes=60")


def opened(page: Page, **words: Any) -> Page:
    letter = mail.composed(a_letter(address="lin@larkfield.example", **words), "status@larkfield.example")
    body = letter.get_body(("html",))
    assert body
    page.set_content(body.get_content())
    return page


@pytest.mark.parametrize("look", ["op", "maint", "degraded", "partial", "major", "unknown"])
def test_everybody_can_read_it(page: Page, sound: Callable[[Page], None], look: str) -> None:
    sound(opened(page, look=look, is_late=True, actions=(EXTEND,)))


def test_from_right_to_left(page: Page, sound: Callable[[Page], None]) -> None:
    opened(page, title=ARABIC, lines=(ARABIC, "Call 0300 000 0000."))
    sound(page)
    expect(page.locator("h1")).to_have_css("direction", "rtl")
    expect(page.get_by_text("Call 0300 000 0000.")).to_have_css("direction", "ltr")


def test_nothing_is_wider_than_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    assert_no_sideways_scroll(opened(page, title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerk" * 2))


def test_dark_where_its_reader_wants_that(page: Page) -> None:
    opened(page)
    paints = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        paints.append(page.evaluate("getComputedStyle(document.querySelector('h1')).color"))
    assert len(set(paints)) == 2
