"""Templates in a real browser: the live preview, and how the screens look."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard.actions import templates
from dashboard.clock import now
from tests import make
from tests.browser.test_looks import LONG

NEW = "admin/templates/new"


@pytest.fixture
def world(app: Flask) -> None:
    make.component("payments", "Payments provider")
    make.section("uploads", LONG, parent=make.section("documents"))
    templates.make_ready(now())
    make.template(LONG, title=LONG, body=f"{LONG} {{sektion}}", sections={"uploads": "down"}, position=9)
    make.template("Old", archived_at=now())


@pytest.mark.parametrize("screen", ["", "/new", "/new?noun=window", "/7/edit"])
def test_nothing_for_axe_to_say(world: None, tom: Page, live: str, screen: str, sound: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/templates{screen}")
    sound(tom)


def test_nothing_for_axe_to_say_of_an_empty_list(tom: Page, live: str, axe: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/templates")
    axe(tom)


def test_the_preview_follows_what_is_typed_and_warns_beside_the_field(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/{NEW}")
    tom.fill("#body", "You cannot use {section} until {untill}.")
    expect(tom.locator("#preview")).to_contain_text("You cannot use Direct deposit until {untill}.")
    expect(tom.locator("#body-unknown")).to_contain_text("Nothing takes the place of {untill}")
    expect(tom.locator("#body")).to_be_focused()
    tom.fill("#body", "You cannot use {section} until {until}.")
    expect(tom.locator("#body-unknown")).to_be_empty()


def test_add_one_and_undo_it(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/{NEW}")
    tom.fill("#name", "Bank is down")
    tom.select_option("#impacts-payments", label="Major outage")
    tom.click("text=Add this template")
    expect(tom.locator("#done")).to_contain_text("Bank is down was added.")
    tom.click("#done >> text=Undo")
    expect(tom.locator("#done")).to_contain_text("that was undone")
    expect(tom.locator(".lines__name", has_text="Bank is down")).to_be_hidden()


def test_copy_and_order(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/templates")
    tom.locator("#template-3").get_by_role("button", name="Copy").click()
    expect(tom.locator("#done")).to_contain_text("Slow service (copy 1) was added.")
    tom.locator("#template-1").get_by_role("button", name="Move Supplier outage: first message down").click()
    expect(tom.locator("#group-incident + ul .lines__name").first).to_have_text("Supplier outage: cause known")


def test_without_scripts(world: None, scriptless: Page, live: str) -> None:
    scriptless.goto(f"{live}/{NEW}")
    scriptless.fill("#name", "Bank is down")
    scriptless.fill("#body", "You cannot use {section}, {x}.")
    scriptless.click("noscript button")
    expect(scriptless.locator("#preview")).to_contain_text("You cannot use Direct deposit, {x}.")
    expect(scriptless.locator("#name")).to_have_value("Bank is down")
    scriptless.click("text=Add this template")
    expect(scriptless.locator("#done")).to_contain_text("Nothing takes the place of {x}")
