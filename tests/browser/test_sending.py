"""While something is sent: the button that says so, what is pressed meanwhile, and answers that do not come."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, Route, expect

from dashboard.db import db
from dashboard.models import Outage
from tests import make

OUTAGE = "**/admin/sections/documents/outage"


@pytest.fixture
def panel(app: Flask, live: str, page: Page, sign_in: Callable[[str], None]) -> Page:
    """On a phone, with the panel open that turns Documents off."""
    make.section("documents", message="You cannot upload documents.")
    make.section("search")
    page.set_viewport_size({"width": 375, "height": 740})
    sign_in("product_manager")
    page.clock.install()
    page.goto(f"{live}/admin/sections")
    page.click("#s-documents .switch")
    page.fill("#documents-message", "My own words.")
    page.clock.run_for(1_000)
    return page


@pytest.fixture
def held(panel: Page) -> Iterator[list[Route]]:
    """The requests to turn it off, none of which is answered."""
    routes: list[Route] = []
    panel.route(OUTAGE, lambda route: routes.append(route))
    yield routes
    panel.unroute(OUTAGE)


def outages() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Outage)) or 0


def test_the_pressed_button_says_so_and_a_second_tap_sends_nothing(panel: Page, held: list[Route]) -> None:
    go = panel.locator("#go-documents")
    go.click()
    expect(go).to_have_text("Saving…")
    expect(go).to_have_attribute("aria-disabled", "true")
    panel.clock.run_for(1_000)
    go.click(force=True)
    assert len(held) == 1
    held[0].continue_()
    expect(panel.locator("#done")).to_contain_text("Documents is off until")
    assert outages() == 1


def test_no_answer_is_said_beside_the_button_and_what_was_typed_stays(panel: Page, held: list[Route]) -> None:
    go = panel.locator("#go-documents")
    words = go.text_content()
    go.click()
    expect(go).to_have_text("Saving…")
    panel.clock.run_for(10_100)
    expect(panel.locator("#off-documents .panel__acts [role=alert]")).to_contain_text("It may have been saved or not")
    expect(panel.locator("#off-documents [role=alert]")).to_be_in_viewport()
    expect(go).to_have_text(str(words).strip())
    assert panel.input_value("#documents-message") == "My own words."


def test_sent_again_after_no_answer_it_is_done_once(panel: Page, held: list[Route]) -> None:
    panel.click("#go-documents")
    panel.clock.run_for(10_100)
    panel.unroute(OUTAGE)
    panel.click("#go-documents")
    expect(panel.locator("#done")).to_contain_text("Documents is off until")
    assert outages() == 1


def test_no_connection_is_said_beside_the_button(panel: Page) -> None:
    panel.route(OUTAGE, lambda route: route.abort())
    panel.click("#go-documents")
    expect(panel.locator("#off-documents .panel__acts [role=alert]")).to_contain_text("Not connected")
    assert panel.input_value("#documents-message") == "My own words."


def test_a_gateways_own_error_page_takes_no_words_away(panel: Page) -> None:
    panel.route(OUTAGE, lambda route: route.fulfill(status=502, body="<h1>Bad Gateway</h1>", content_type="text/html"))
    panel.click("#go-documents")
    expect(panel.locator("#off-documents .panel__acts [role=alert]")).to_contain_text("did not answer properly")
    assert panel.input_value("#documents-message") == "My own words."
    expect(panel.locator("body")).not_to_contain_text("Bad Gateway")


def test_nothing_else_changes_the_page_meanwhile(panel: Page, held: list[Route]) -> None:
    panel.click("#go-documents")
    panel.evaluate("htmx.ajax('GET', '/admin/sections/rows?q=search', {target: '#rows', swap: 'outerMorph'})")
    expect(panel.locator("#go-documents")).to_have_text("Saving…")


def test_a_link_that_opens_nothing_says_why_in_its_row(panel: Page) -> None:
    panel.route("**/admin/sections/search/off", lambda route: route.abort())
    panel.click("#s-search .switch")
    expect(panel.locator("#s-search [role=alert]")).to_have_text("Not connected. Try again.")


def test_a_plain_form_is_sent_once_too(page: Page, live: str) -> None:
    page.goto(f"{live}/admin/sign-in")
    page.fill("[name=email]", "priya@example.org")
    page.fill("[name=password]", "a long password")
    again = "button => { button.form.addEventListener('submit', event => { sent += 1; event.preventDefault() }) }"
    page.evaluate("window.sent = 0")
    button = page.locator("main button[type=submit]")
    button.evaluate(again)
    button.click()
    expect(button).to_have_text("Signing in…")
    page.keyboard.press("Enter")
    assert page.evaluate("sent") == 1
