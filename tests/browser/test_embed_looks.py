"""How the embed looks: axe in each state at both widths, light and dark; theme, print, right to left; the real app."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.db import db
from dashboard.documents import assets
from dashboard.models import Outage
from tests import make
from tests.browser.embedding import SCRIPT, WRAPPED, StatusHost, answered, entry, html, notice, slow
from tests.browser.looks import assert_no_sideways_scroll, each_look
from tests.browser.servers import Host

Visit = Callable[..., Page]
Axe = Callable[[Page], None]
BANNER = "<signpost-banner></signpost-banner>"
LONG = "You cannot see or change your bank details. Payments already scheduled for Monday will still be paid."
STATES = {
    "down": entry(message=LONG),
    "late": entry(end=-10, at_end="hold", message=f"{LONG} We expected it back by {{until}}. It is taking longer."),
    "approaching": entry(start=30, end=90, message="Send your order before {from}. We save what you have filled in."),
    "degraded": slow(key="direct_deposit", alternative="You can still browse by topic."),
}


def look_at(page: Page, axe: Axe) -> None:
    for _ in each_look(page):
        axe(page)
        assert_no_sideways_scroll(page)


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_accessible(visit: Visit, status: StatusHost, axe: Axe, state: str) -> None:
    status.say(STATES[state])
    page = visit()
    expect(notice(page)).to_be_visible()
    look_at(page, axe)


def test_a_banner_that_floats_is_accessible(visit: Visit, status: StatusHost, axe: Axe) -> None:
    page = visit(BANNER + "<p>Some words of the page’s own.</p>" * 30)
    answered(page)
    status.say(STATES["down"], slow())
    page.clock.fast_forward(17_000)
    expect(notice(page, "signpost-banner")).to_have_css("position", "fixed")
    look_at(page, axe)


def test_back_again_is_accessible(visit: Visit, status: StatusHost, axe: Axe) -> None:
    status.say(STATES["down"])
    page = visit()
    expect(notice(page)).to_be_visible()
    status.say()
    page.clock.fast_forward(17_000)
    expect(notice(page)).to_contain_text("Direct deposit is working again")
    look_at(page, axe)


LIGHT, DARK = "rgb(253, 231, 234)", "rgb(64, 22, 31)"


def test_it_is_dark_where_the_page_is(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit()
    expect(notice(page)).to_have_css("background-color", LIGHT)
    page.emulate_media(color_scheme="dark")
    expect(notice(page)).to_have_css("background-color", DARK)
    page.evaluate("document.querySelector('signpost-section').setAttribute('theme', 'light')")
    expect(notice(page)).to_have_css("background-color", LIGHT)
    page.emulate_media(color_scheme="light")
    page.evaluate("document.querySelector('signpost-section').setAttribute('theme', 'dark')")
    expect(notice(page)).to_have_css("background-color", DARK)


def test_it_stays_light_on_a_page_that_knows_no_dark(visit: Visit, status: StatusHost) -> None:
    status.say(entry())
    page = visit(head="<style>:root { color-scheme: light !important }</style>")
    page.emulate_media(color_scheme="dark")
    expect(notice(page)).to_have_css("background-color", LIGHT)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_browser_that_knows_no_light_dark_gets_light(visit: Visit, status: StatusHost, axe: Axe, scheme: Any) -> None:
    status.pages["/embed/v1.js"] = replace(SCRIPT, body=assets.embed_script().replace("light-dark(", "no-such("))
    status.say(entry())
    page = visit()
    page.emulate_media(color_scheme=scheme)
    expect(notice(page)).to_have_css("background-color", LIGHT)
    expect(notice(page)).to_have_css("border-inline-start", "6px solid rgb(140, 15, 42)")
    expect(notice(page)).to_have_css("color", "rgb(21, 32, 43)")
    axe(page)


def test_an_adopter_dresses_it(visit: Visit, status: StatusHost) -> None:
    own = """<style>signpost-section { --signpost-down: rgb(1, 2, 3); --signpost-radius: 0px; --signpost-font: Georgia }
    signpost-section::part(title) { text-transform: uppercase }</style>"""
    status.say(entry())
    page = visit(head=own)
    expect(notice(page)).to_have_css("border-inline-start-color", "rgb(1, 2, 3)")
    expect(notice(page)).to_have_css("font-family", "Georgia")
    expect(notice(page).get_by_role("heading")).to_have_css("text-transform", "uppercase")


def test_it_turns_with_the_page(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=30, title_soon="الإيداع المباشر غير متاح"))
    page = visit(f'<div dir="rtl" lang="ar">{WRAPPED}</div>')
    icon, close = notice(page).locator("svg").bounding_box(), page.get_by_role("button", name="Hide").bounding_box()
    assert icon is not None
    assert close is not None
    assert icon["x"] > close["x"] + 100


def test_buttons_are_large_enough_for_a_thumb(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=30))
    box = visit().get_by_role("button", name="Hide").bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 43.5


def test_paper_gets_the_words_without_the_button(visit: Visit, status: StatusHost) -> None:
    status.say(entry(start=30))
    page = visit()
    expect(page.get_by_role("button", name="Hide")).to_be_visible()
    page.emulate_media(media="print")
    expect(notice(page)).to_be_visible()
    expect(page.get_by_role("button", name="Hide")).to_be_hidden()


# The real thing


def test_the_apps_own_answers_close_and_open_a_page(
    app: Flask, live: str, page: Page, host: Host, complaints: list[str]
) -> None:
    section = make.section("direct_deposit", message="You cannot change your bank details.")
    start = now() - timedelta(minutes=5)
    row = make.outage(section, start=start, minutes=None, message="You cannot change your bank details.")
    publish.publish(now())
    host.pages["/"] = html(live, BANNER + WRAPPED)
    page.goto(host.url)
    expect(notice(page).get_by_role("heading")).to_have_text("Direct deposit is unavailable")
    expect(notice(page)).to_contain_text("You cannot change your bank details.")
    expect(page.locator("form")).to_be_hidden()
    ended = db.session.get_one(Outage, row.id)
    ended.ended_at = ended.over_at = now()
    db.session.commit()
    make.revision(now())
    publish.publish(now())
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(notice(page)).to_contain_text("Direct deposit is working again")
    expect(page.locator("#account")).to_be_visible()
    assert complaints == []
