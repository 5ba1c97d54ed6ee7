"""How the admin looks on a phone: nothing wider than the screen, nothing out of reach, nothing covered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard.clock import now
from dashboard.models import Outage
from tests import make
from tests.browser import looks

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SCREENS = (
    "sections",
    "sections/long",
    "sections/long/off",
    "sections/long/edit",
    "sections/order",
    "outages/1/extend",
    "outages/1/words",
    "windows",
    "windows/new",
    "components",
    "components/long/edit",
    "toggles",
    "toggles/new",
    "toggles/hide_long",
    "toggles/hide_long/rename",
    "activity",
    "embed",
    "pagerduty",
    "followers",
    "channels/new",
    "notifications",
    "messages?kind=opened",
)
ON_TOP = """element => {
  const box = element.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.bottom - 3);
  return element.contains(top) || Boolean(top && top.closest('label')?.contains(element));
}"""


@pytest.fixture
def long(app: Flask) -> Outage:
    """Everything is named by one word of eighty letters."""
    section, part = make.section("long", LONG, message=LONG, alternative=LONG), make.section("other", LONG + "2")
    component = make.component("long", name=LONG, group=LONG)
    make.dependency(section, component)
    make.window(component, start=now() + timedelta(hours=1), source="signpost", title=LONG, sections={part: "warn"})
    make.alias(make.toggle("hide_long", section, sentence=LONG), f"hide_{'x' * 95}")
    return make.outage(part, start=now() - timedelta(minutes=10), reason=LONG, message=LONG)


@pytest.fixture
def phone(live: str, page: Page, sign_in: Callable[[str], None]) -> Page:
    page.set_viewport_size({"width": 375, "height": 740})
    sign_in("admin")
    return page


@pytest.mark.parametrize("screen", SCREENS)
def test_a_long_word_makes_no_screen_wider(long: Outage, phone: Page, live: str, screen: str) -> None:
    assert phone.goto(f"{live}/admin/{screen}".replace("outages/1", f"outages/{long.id}")).ok  # type: ignore[union-attr]
    phone.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    for width in (1280, 768, 375, 320):
        phone.set_viewport_size({"width": width, "height": 740})
        looks.assert_no_sideways_scroll(phone)


def test_a_long_word_makes_no_panel_wider(long: Outage, phone: Page, live: str) -> None:
    phone.goto(f"{live}/admin/sections")
    phone.click("#s-long .switch")
    phone.click("#s-other .board__acts >> text=Extend")
    phone.wait_for_selector("#panel-other form")
    for width in (1280, 768, 375, 320):
        phone.set_viewport_size({"width": width, "height": 740})
        looks.assert_no_sideways_scroll(phone)


@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_every_way_is_in_sight(phone: Page, live: str, width: int) -> None:
    phone.set_viewport_size({"width": width, "height": 740})
    phone.goto(f"{live}/admin/settings")
    heights = phone.locator(".topbar > .wrap > :visible").evaluate_all("all => all.map(one => one.offsetTop)")
    if width < 640:
        assert max(heights) - min(heights) < 10, "the bar is one row"
        phone.click("text=Menu")
    ways = phone.locator(".topbar nav a")
    assert ways.count() == 10
    for way in ways.all():
        expect(way).to_be_in_viewport(ratio=1)
    expect(phone.locator(".topbar [aria-current]")).to_have_text("Settings")


def test_the_menu_of_a_phone_needs_no_script_and_leaves_by_escape(scriptless: Page, live: str) -> None:
    scriptless.set_viewport_size({"width": 375, "height": 740})
    scriptless.goto(f"{live}/admin/incidents")
    way = scriptless.locator(".topbar nav >> text=Planned work")
    expect(way).to_be_hidden()
    scriptless.get_by_role("button", name="Menu").press("Enter")
    expect(way).to_be_visible()
    scriptless.keyboard.press("Escape")
    expect(way).to_be_hidden()
    scriptless.get_by_role("button", name="Menu").click()
    way.click()
    expect(scriptless).to_have_url(f"{live}/admin/windows")


@pytest.mark.parametrize("button", [".switch", "text=Add a component"])
def test_a_control_that_one_may_not_use_says_whom_to_ask(
    live: str, page: Page, app: Flask, sign_in: Callable[[str], None], button: str
) -> None:
    make.section("documents")
    sign_in("viewer")
    page.goto(f"{live}/admin/{'sections' if button == '.switch' else 'components'}")
    page.click(button, force=True)  # it is disabled to the ear alone
    whom = page.locator(".ask:visible")
    expect(whom).to_contain_text(f"ask a {'product' if button == '.switch' else 'delivery'} manager or an admin.")
    looks.assert_accessible(page)
    whom.get_by_role("button", name="Close").click()
    expect(whom).to_have_count(0)


def test_the_opened_menu_is_accessible(phone: Page, live: str) -> None:
    phone.goto(f"{live}/admin/settings")
    phone.click("text=Menu")
    looks.assert_accessible(phone)


def test_the_bar_counts_what_is_off_and_the_board_tells_the_last_change(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.goto(f"{live}/admin/sections")
    expect(phone.locator("#off-count")).to_be_hidden()
    phone.click("#s-documents .switch")
    phone.click("#go-documents")
    expect(phone.locator("#off-count")).to_have_text("1 off")
    expect(phone.locator(".last")).to_contain_text("Live. Last change")
    expect(phone.locator(".last")).to_contain_text("by Priya Shah")
    phone.goto(f"{live}/admin/toggles")
    expect(phone.locator("#off-count")).to_have_text("1 off")


def test_what_was_turned_off_is_in_sight_below_the_strip(phone: Page, app: Flask, live: str) -> None:
    for key in ("appointments", "documents", "search", "zoo"):
        make.section(key)
    phone.goto(f"{live}/admin/sections")
    phone.click("#s-zoo .switch")
    phone.click("#go-zoo")
    expect(phone.locator("#done .done")).to_be_in_viewport(ratio=1)
    expect(phone.locator("#s-zoo")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("opens", ["Extend", "Edit message"])
def test_a_panel_opens_with_its_fields_in_view(phone: Page, app: Flask, live: str, opens: str) -> None:
    for key in ("documents", "search", "messages"):
        make.outage(make.section(key), start=now())
    phone.goto(f"{live}/admin/sections")
    phone.click(f"#s-messages .board__acts >> text={opens}")
    panel = phone.locator("#panel-messages .panel")
    expect(panel).to_be_visible()
    for field in panel.locator("input:visible, textarea:visible, button:not([aria-hidden])").all():
        expect(field).to_be_in_viewport(ratio=1)
        assert field.evaluate(ON_TOP)


def test_no_field_of_the_long_panel_is_under_its_bar(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.goto(f"{live}/admin/sections")
    phone.click("#s-documents .switch")
    expect(phone.locator("#off-documents-h")).to_be_focused()
    for _ in range(4):
        phone.keyboard.press("Tab")
        assert phone.evaluate(f"({ON_TOP})(document.activeElement)")


def test_an_error_leads_to_its_field_and_is_told_apart_from_the_panel(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.goto(f"{live}/admin/sections")
    phone.click("#s-documents .switch")
    phone.click("#off-documents summary:has-text('Start later')")
    phone.click("#off-documents summary:has-text('Times are')")
    phone.fill("#documents-zone", "Mars/Base")
    phone.fill("#documents-reason", "")
    phone.click("#go-documents")
    errors = phone.locator("#documents-errors")
    expect(errors).to_be_focused()
    expect(errors.get_by_role("link")).to_have_count(1)
    gap = "e => e.nextElementSibling.getBoundingClientRect().top - e.getBoundingClientRect().bottom"
    assert errors.evaluate(gap) >= 16
    errors.get_by_role("link", name="Why: Say why, for your colleagues.").click()
    expect(phone.locator("#documents-reason")).to_be_focused()


def test_a_zone_that_nobody_knows_is_not_said_to_hold(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.goto(f"{live}/admin/sections/documents/off")
    phone.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    phone.fill("#documents-zone", "Mars/Base")
    phone.click("#off-documents label:has-text('Another time')")
    phone.click("#go-documents")
    expect(phone.locator("#documents-errors a")).to_have_attribute("href", "#documents-zone")
    expect(phone.locator("#off-documents")).not_to_contain_text("Times are Mars/Base")


def test_the_panel_as_a_page_tells_its_time_where_scripts_run(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.goto(f"{live}/admin/sections/documents/off")
    expect(phone.locator("#go-documents")).to_contain_text("Turn Documents off until")
    expect(phone.locator(".topbar [aria-current]")).to_contain_text("Sections")


def test_without_scripts_the_embeds_preview_says_why_it_is_empty(
    app: Flask, browser: Browser, live: str, cookie: Callable[[str], Any]
) -> None:
    make.section("documents")
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie("viewer")])
    page = context.new_page()
    page.goto(f"{live}/admin/embed?section=documents&form=wrap&state=down")
    expect(page.locator("noscript .notice")).to_be_visible()
    context.close()


def test_plain_json_is_dark_in_the_dark(phone: Page, app: Flask, live: str) -> None:
    make.section("documents")
    phone.emulate_media(color_scheme="dark")
    phone.goto(f"{live}/admin/embed?form=json")
    assert phone.locator(".sample").evaluate("e => getComputedStyle(e).colorScheme") == "dark"
