"""The board on a phone and on a desk: tasks a, b and c by the count of taps, the refresh, the keyboard, axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Outage, Section
from tests import make

PHONE = {"width": 375, "height": 812}


class Taps:
    """Counts what a person does, typed characters included."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def tap(self, selector: str) -> None:
        self.page.click(selector)
        self.count += 1


@pytest.fixture
def board(app: Flask, live: str, page: Page, sign_in: Callable[[str], None]) -> Page:
    """Four sections, one of them planned off; Priya is signed in on a phone and sees the board."""
    make.section("documents", message="You cannot upload documents.", alternative="Send copies by post.")
    make.section("search")
    make.section("messages")
    make.outage(make.section("prescriptions"), start=now() + timedelta(days=1))
    page.set_viewport_size(PHONE)
    sign_in("product_manager")
    page.goto(f"{live}/admin/sections")
    return page


def outage(key: str) -> Outage:
    db.session.rollback()
    newest = sa.select(Outage).join(Section).where(Section.key == key).order_by(Outage.id.desc())
    return db.session.scalars(newest).first() or pytest.fail("no outage")


def test_task_a_off_until_the_end_of_the_day_in_three_taps(board: Page, live: str) -> None:
    taps = Taps(board)
    taps.tap("#s-documents .switch")
    taps.tap("#off-documents label:has-text('End of day')")
    expect(board.locator("#go-documents")).to_contain_text("Turn Documents off until")
    taps.tap("#go-documents")
    expect(board.locator("#done")).to_contain_text("Documents is off until")
    assert taps.count == 3
    assert outage("documents").reason
    assert board.request.get(f"{live}/embed/v1/sections/documents.json").json()["sections"][0]["state"] == "down"


def test_task_b_extend_in_two_taps(app: Flask, board: Page) -> None:
    made = make.outage(db.session.scalars(sa.select(Section).where(Section.key == "search")).one(), start=now())
    end = made.planned_end
    board.reload()
    taps = Taps(board)
    taps.tap("#s-search .board__acts >> text=Extend")
    taps.tap("#panel-search button:has-text('1 h more')")
    expect(board.locator("#done")).to_contain_text("Search is now off until")
    assert taps.count == 2
    assert end is not None
    assert outage("search").planned_end == end.replace(microsecond=0) + timedelta(hours=1)


def test_a_double_tap_is_one_tap(app: Flask, board: Page) -> None:
    board.click("#s-documents .switch")
    board.dblclick("#go-documents")
    expect(board.locator("#done")).to_contain_text("Undo")
    board.click("#s-documents .board__acts >> text=Extend")
    board.dblclick("#panel-documents button:has-text('1 h more')")
    expect(board.locator("#done")).to_contain_text("Documents is now off until")
    expect(board.locator("#done")).to_contain_text("Undo")
    assert outage("documents").version == 2


def test_a_planned_one_is_extended_and_called_off(board: Page) -> None:
    board.click("#s-prescriptions .board__acts >> text=Extend")
    board.click("#panel-prescriptions button:has-text('2 h more')")
    expect(board.locator("#done")).to_contain_text("Prescriptions will now be off")
    board.click("#s-prescriptions .board__acts >> text=Call it off")
    expect(board.locator("#done")).to_contain_text("is called off")
    expect(board.locator("#s-prescriptions .board__acts a")).to_have_count(0)


def test_a_length_tells_no_clock_time_for_a_later_start(board: Page) -> None:
    board.click("#s-documents .switch")
    clock = board.locator("#off-documents label:has-text('30 minutes') small")
    expect(clock).to_be_visible()
    board.click("#off-documents summary:has-text('Start later')")
    board.click("#off-documents label:has-text('Later')")
    expect(clock).to_be_hidden()
    expect(board.locator("#go-documents")).to_contain_text("Turn Documents off from")


def test_extend_theirs_leads_back_to_the_board(app: Flask, board: Page, live: str) -> None:
    board.click("#s-documents .switch")
    board.wait_for_selector("#go-documents")
    make.outage(db.session.scalars(sa.select(Section).where(Section.key == "documents")).one(), start=now())
    board.click("#go-documents")
    board.click("#conflict >> text=Extend theirs")
    board.click("button:has-text('1 h more')")
    expect(board.locator("#done")).to_contain_text("Documents is now off until")
    assert board.url == f"{live}/admin/sections"


def test_task_c_bring_back_in_one_tap_and_undo(app: Flask, board: Page) -> None:
    make.outage(db.session.scalars(sa.select(Section).where(Section.key == "search")).one(), start=now())
    board.reload()
    taps = Taps(board)
    taps.tap("#s-search .board__acts >> text=Bring back now")
    expect(board.locator("#done")).to_contain_text("Search is back.")
    assert taps.count == 1
    assert outage("search").ended_at is not None
    board.click("#done >> text=Undo")
    expect(board.locator("#s-search .switch")).to_have_attribute("data-state", "off")


def test_the_preview_follows_what_is_typed(board: Page) -> None:
    board.click("#s-documents .switch")
    board.fill("#documents-message", "You cannot <b>see</b> anything.")
    expect(board.locator("#preview-documents")).to_contain_text("You cannot <b>see</b> anything.")
    expect(board.locator("#preview-documents .good")).to_have_count(3)


def test_the_switch_pressed_again_keeps_what_is_typed(board: Page) -> None:
    board.click("#s-documents .switch")
    board.fill("#panel-documents textarea[name=message]", "Half of a sentence")
    board.click("#s-documents .switch")
    expect(board.locator("#panel-documents [tabindex='-1']").first).to_be_focused()
    expect(board.locator("#panel-documents textarea[name=message]")).to_have_value("Half of a sentence")


def test_an_error_is_said_in_the_panel_and_nothing_is_lost(board: Page) -> None:
    board.click("#s-documents .switch")
    board.fill("#documents-message", "My own words.")
    board.click("#off-documents label:has-text('Another time')")
    board.fill("#documents-until_at", "2020-01-01T10:00")
    board.click("#go-documents")
    expect(board.locator("#off-documents")).to_contain_text("That time has passed")
    assert board.input_value("#documents-message") == "My own words."
    expect(board.locator("#off-documents [tabindex='-1']").first).to_be_focused()


def test_the_refresh_leaves_an_open_panel_alone(app: Flask, board: Page) -> None:
    board.click("#s-documents .switch")
    board.fill("#documents-reason", "Half a reas")
    make.outage(db.session.scalars(sa.select(Section).where(Section.key == "search")).one(), start=now())
    board.evaluate("htmx.ajax('GET', '/admin/sections/rows', {target: '#rows', swap: 'outerMorph'})")
    expect(board.locator("#s-search .switch")).to_have_attribute("data-state", "off")
    assert board.input_value("#documents-reason") == "Half a reas"
    expect(board.locator("#documents-reason")).to_be_focused()


def test_by_keyboard_and_escape(board: Page) -> None:
    board.focus("#s-documents .switch")
    board.keyboard.press("Enter")
    expect(board.locator("#off-documents-h")).to_be_focused()
    expect(board.locator("#s-documents .switch")).to_have_attribute("aria-expanded", "true")
    board.keyboard.press("Escape")
    expect(board.locator("#off-documents")).to_have_count(0)
    expect(board.locator("#s-documents .switch")).to_be_focused()


def test_a_lost_connection_is_said(board: Page) -> None:
    board.context.set_offline(True)
    board.click("#s-documents .switch")
    expect(board.locator("#board-lost")).to_be_visible()
    board.context.set_offline(False)
    board.click("#s-documents .switch")
    expect(board.locator("#board-lost")).to_be_hidden()


def test_without_javascript(browser: object, app: Flask, live: str, cookie: Callable[[str], dict[str, str]]) -> None:
    make.section("documents", message="You cannot upload documents.")
    context = browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[attr-defined]
    context.add_cookies([cookie("product_manager")])
    page = context.new_page()
    page.goto(f"{live}/admin/sections")
    page.click("#s-documents .switch")
    page.click("label:has-text('End of day')")
    page.click("#go-documents")
    expect(page.locator("#done")).to_contain_text("Documents is off until")
    context.close()


def test_no_sideways_scroll_at_320(board: Page) -> None:
    board.set_viewport_size({"width": 320, "height": 640})
    board.click("#s-documents .switch")
    board.wait_for_selector("#off-documents")
    assert board.evaluate("document.documentElement.scrollWidth <= 320")


@pytest.mark.parametrize("screen", ["board", "panel", "extend", "words", "show", "edit", "new", "order", "conflict"])
def test_axe(app: Flask, board: Page, live: str, screen: str, sound: Callable[[Page], None]) -> None:
    found = make.outage(db.session.scalars(sa.select(Section).where(Section.key == "search")).one(), start=now())
    board.goto(f"{live}/admin/sections")
    {
        "board": lambda: None,
        "panel": lambda: board.click("#s-documents .switch"),
        "extend": lambda: board.click("#s-search .board__acts >> text=Extend"),
        "words": lambda: board.click("#s-search .board__acts >> text=Edit message"),
        "show": lambda: board.goto(f"{live}/admin/sections/search"),
        "edit": lambda: board.goto(f"{live}/admin/sections/search/edit"),
        "new": lambda: board.goto(f"{live}/admin/sections/new"),
        "order": lambda: board.goto(f"{live}/admin/sections/order"),
        "conflict": lambda: _conflict(board, found),
    }[screen]()
    opened = {"panel": "#off-documents", "extend": "#panel-search form", "words": f"#words-{found.id}"}
    if screen in opened:
        expect(board.locator(opened[screen])).to_be_visible()
    sound(board)


def _conflict(board: Page, found: Outage) -> None:
    board.click("#s-search .board__acts >> text=Edit message")
    board.wait_for_selector(f"#words-{found.id}")
    found.message = "Theirs"
    db.session.commit()
    board.fill("textarea[name=message]", "Mine")
    board.click("text=Save these words")
    board.wait_for_selector("#conflict")
