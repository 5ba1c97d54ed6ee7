"""The components in a real browser: set by keyboard, for a time, and as every screen must look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import publish
from dashboard.actions import components
from dashboard.actions.writing import Actor
from dashboard.clock import now
from dashboard.models import Component
from dashboard.rules.status import Status
from tests import make

SCREENS = ("components", "components/ledger", "components/ledger/status", "components/ledger/edit", "components/old")


@pytest.fixture
def ledger(app: Flask) -> Component:
    at = now()
    found = make.component(
        "ledger",
        group="Suppliers",
        description="Keeps the books.",
        runbook_url="https://wiki.larkfield.example/ledger",
        upstream_url="https://status.northpay.example/",
        only_if_degraded=True,
    )
    make.component("bank", group="Suppliers", position=1)
    make.component("old", archived_at=at)
    make.dependency(make.section("documents"), found)
    make.service(found, name="External: Ledger")
    make.update(make.incident("Payments are not going through", start=at), at=at, impacts={found: "partial_outage"})
    make.window(found, external_id="PX4T9", start=at - timedelta(hours=30), minutes=1_900)
    components.set_status(found.id, 1, Status.DEGRADED_PERFORMANCE, at + timedelta(hours=3), Actor("Tom Reed"), at)
    publish.publish(at)
    return found


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_for_axe_to_say(
    ledger: Component, tom: Page, live: str, screen: str, sound: Callable[[Page], None]
) -> None:
    tom.goto(f"{live}/admin/{screen}")
    sound(tom)


class TestByKeyboard:
    @pytest.fixture(autouse=True)
    def opened(self, ledger: Component, tom: Page, live: str) -> None:
        tom.goto(f"{live}/admin/components")
        self.row = tom.locator("#component-bank")
        self.menu = self.row.get_by_role("combobox", name="Status of Bank")

    def test_the_button_is_there_once_there_is_something_to_set(self) -> None:
        expect(self.row.locator(".setting__set")).to_be_hidden()
        self.menu.press("ArrowDown")
        expect(self.row.locator(".setting__set")).to_be_visible()
        self.menu.press("ArrowUp")
        expect(self.row.locator(".setting__set")).to_be_hidden()

    def test_arrows_choose_and_enter_sets(self, tom: Page) -> None:
        asked: list[str] = []
        tom.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
        self.menu.focus()
        for _ in range(3):
            tom.keyboard.press("ArrowDown")
        assert not asked
        tom.keyboard.press("Enter")
        expect(self.row.locator(".status")).to_have_text("Partial outage")
        expect(tom.locator("#done")).to_contain_text("Bank: partial outage.")
        expect(self.row.locator(".setting__set")).to_be_hidden()
        assert len(asked) == 1

    def test_what_was_chosen_goes_into_the_panel_and_gets_an_end(self, tom: Page) -> None:
        self.menu.select_option("partial_outage")
        self.row.get_by_role("button", name="Until…").click()
        panel = tom.locator("#panel-bank form")
        expect(panel.locator("h2")).to_be_focused()
        expect(panel.get_by_label("Status")).to_have_value("partial_outage")
        panel.get_by_role("button", name="1 hour").click()
        expect(self.row.locator(".why")).to_contain_text("Said by Priya Shah until")
        expect(tom.locator("#panel-bank")).to_be_empty()

    def test_esc_closes_the_panel_and_the_focus_is_back(self, tom: Page) -> None:
        opener = self.row.get_by_role("button", name="Until…")
        opener.click()
        expect(tom.locator("#panel-bank h2")).to_be_focused()
        tom.keyboard.press("Escape")
        expect(opener).to_be_focused()


def test_without_scripts_a_status_has_an_end(ledger: Component, browser, live: str, cookie) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie("delivery_manager")])
    page = context.new_page()
    page.goto(f"{live}/admin/components")
    expect(page.locator("#component-bank .setting__set")).to_be_visible()
    page.click("#component-bank >> text=Until…")
    page.select_option("select[name=status]", "major_outage")
    page.click("text=2 hours")
    expect(page.locator("#component-bank .why")).to_contain_text("Said by Priya Shah until")
    context.close()
