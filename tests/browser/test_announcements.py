"""Announcements in a real browser: the screens of staff, and what the public reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard import publish
from dashboard.clock import now
from tests import make
from tests.browser import looks

HOSTILE = "<img src=x onerror=alert(1)>"
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
SCREENS = ("announcements", "announcements/new", "announcements/1/edit", "announcements/2/edit")
PAGES = ("announcements/", "announcements/page/2/", "announcements/1/")


@pytest.fixture
def world(app: Flask) -> None:
    at = now()
    link = {"link_label": "How to pay", "link_url": "https://larkfield.example/pay"}
    make.announcement(f"You can pay by phone {LONG}", published_at=at, edited_at=at, body=f"One.\n\n{LONG}", **link)
    make.announcement("Draft", published_at=None)
    make.announcement("To come", published_at=at + timedelta(hours=30))
    make.announcement("Gone", archived_at=at)
    for number in range(25):
        make.announcement(f"News {number}", published_at=at - timedelta(days=1 + number), body=HOSTILE)
    publish.publish(at)


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_for_axe_to_say(world: None, tom: Page, live: str, screen: str, sound: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/{screen}")
    sound(tom)


@pytest.mark.parametrize("path", PAGES)
def test_nothing_for_axe_to_say_in_public(
    world: None, page: Page, live: str, path: str, sound: Callable[[Page], None]
) -> None:
    assert page.goto(f"{live}/{path}").ok  # type: ignore[union-attr]
    sound(page)
    page.set_viewport_size({"width": 320, "height": 740})
    looks.assert_no_sideways_scroll(page)


def test_empty_screens(tom: Page, live: str, axe: Callable[[Page], None]) -> None:
    for path in ("admin/announcements", "announcements/"):
        tom.goto(f"{live}/{path}")
        axe(tom)


def test_write_one_at_a_time_then_publish_it_now(tom: Page, app: Flask, live: str) -> None:
    tom.goto(f"{live}/admin/announcements/new")
    tom.fill("#title", "Pay by phone")
    tom.fill("#body", "You can pay by phone.")
    expect(tom.locator("#publish_at")).to_be_hidden()
    tom.click("label:has-text('At a time')")
    expect(tom.locator("#publish_at")).to_be_visible()
    tom.click("text=Save it")
    expect(tom.locator("#done")).to_contain_text("Pay by phone will be published")
    tom.click("text=Publish now")
    expect(tom.locator("#done")).to_contain_text("Pay by phone is published.")
    tom.goto(f"{live}/announcements/")
    expect(tom.locator("article")).to_contain_text("You can pay by phone.")


def test_a_refusal_takes_the_focus_and_keeps_the_words(tom: Page, app: Flask, live: str) -> None:
    tom.goto(f"{live}/admin/announcements/new")
    tom.fill("#body", "You can pay by phone.")
    tom.click("text=Save it")
    expect(tom.locator("#errors")).to_be_focused()
    expect(tom.locator("#errors")).to_contain_text("Give it a title.")
    expect(tom.locator("#body")).to_have_value("You can pay by phone.")


def test_archive_and_undo(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/announcements")
    row = tom.locator("#announcement-1")
    row.get_by_role("button", name="Archive").click()
    expect(tom.locator("#done")).to_contain_text("is archived")
    tom.click("text=Undo")
    expect(tom.locator("#done")).to_contain_text("that was undone")
    expect(row.get_by_role("button", name="Archive")).to_be_visible()


def test_without_scripts(app: Flask, browser: Browser, live: str, cookie: Callable[[str], Any]) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie("delivery_manager")])
    page = context.new_page()
    page.goto(f"{live}/admin/announcements/new")
    page.fill("#title", "Pay by phone")
    page.fill("#body", "You can pay by phone.")
    page.click("label:has-text('Not yet')")
    page.click("text=Save it")
    expect(page.locator("#done")).to_contain_text("Pay by phone is kept as a draft.")
    page.click("text=Publish now")
    expect(page.locator("#done")).to_contain_text("Pay by phone is published.")
    context.close()
