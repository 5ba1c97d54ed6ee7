"""Incidents in a real browser: task d by the count of clicks on a phone, what is typed is kept, the preview, axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Incident
from tests import make
from tests.browser.test_board import PHONE, Taps

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
HOSTILE = "<img src=x onerror=alert(1)>"
SCREENS = ("", "/new", "/1", "/1/edit", "/1/updates/1/words", "/2/draft", "/3/draft", "/4")


@pytest.fixture
def world(app: Flask) -> None:
    """One open, whose promise was missed, a draft, one to come, one that is over; long and hostile words."""
    components = [make.component(key) for key in ("payments", "search", "ledger")]
    section = make.section("direct_deposit", message="You cannot see your bank details.")
    make.section("documents", LONG)
    hour, at = timedelta(hours=1), now()
    one = make.incident(LONG, at - hour, broken=HOSTILE, third_party=LONG, sections={section: "down"})
    make.update(one, at=at - hour, body=f"{HOSTILE} {LONG}", impacts={components[0]: "major_outage"})
    make.update(one, "identified", at - hour / 2, next_at=at - hour / 4, impacts={components[0]: "partial_outage"})
    make.outage(section, at - hour, None, incident_id=one.id, at_end="hold")
    make.update(make.incident("A draft", published_at=None), at=at)
    make.update(make.incident("To come", published_at=at + hour), at=at + hour)
    over = make.incident("It is over", at - 9 * hour)
    make.update(over, at=at - 9 * hour, impacts={components[1]: "degraded_performance"})
    make.update(over, "resolved", at - 8 * hour, impacts={components[1]: "operational"})
    publish.publish(now())


@pytest.fixture
def tom(page: Page, live: str, sign_in: Callable[[str], None]) -> Page:
    page.set_viewport_size(PHONE)
    sign_in("delivery_manager")
    return page


def incident() -> Incident:
    db.session.rollback()
    return db.session.scalars(sa.select(Incident).order_by(Incident.id.desc())).first() or pytest.fail("no incident")


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_for_axe_to_say(world: None, tom: Page, live: str, screen: str, sound: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/incidents{screen}")
    sound(tom)


def test_nothing_for_axe_to_say_of_empty_screens(tom: Page, live: str, sound: Callable[[Page], None]) -> None:
    for screen in ("", "/new"):
        tom.goto(f"{live}/admin/incidents{screen}")
        sound(tom)


def test_a_refused_form_takes_the_focus(world: None, tom: Page, live: str, axe: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/incidents/new")
    tom.click("text=Publish this incident")
    expect(tom.locator("#errors")).to_be_focused()
    tom.locator("#errors a").first.click()
    expect(tom.locator("#title")).to_be_focused()
    axe(tom)


def test_task_d_on_three_components_one_update_resolved(app: Flask, tom: Page, live: str) -> None:
    """Declared within two actions from any screen; a choice from a menu counts as one, text by itself."""
    components = [make.component(key) for key in ("payments", "search", "ledger")]
    make.section("direct_deposit")
    tom.goto(f"{live}/admin/sections")
    taps = Taps(tom)
    taps.tap(".declare")
    tom.fill("#title", "Payments are not going through")
    tom.fill("#body", "You cannot pay. Call 0300 000 0000 instead.")
    for component in components:
        tom.select_option(f"#component-{component.id}", "major_outage")
        taps.count += 1
    taps.tap("text=Publish this incident")
    expect(tom.locator("#done")).to_contain_text("is published. You promised the next update by")
    taps.tap("label:has-text('Identified')")
    tom.fill("#body", "Our provider has stopped. You cannot pay.")
    taps.tap("text=Post this update")
    expect(tom.locator("#done")).to_contain_text("Your update is published.")
    taps.tap("label:has-text('Resolved')")
    tom.fill("#body", "You can pay again.")
    taps.tap("text=Post this update")
    expect(tom.locator("#done")).to_contain_text("is resolved.")
    assert taps.count == 9
    assert incident().over_at is not None


def test_what_is_typed_is_kept_shown_and_told_to_others(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/1")
    tom.fill("#body", "Words that are half")
    expect(tom.locator("#look")).to_contain_text("Words that are half")
    expect(tom.locator("#checks")).to_contain_text("4 words")
    expect(tom.locator("#kept")).to_contain_text("Draft saved")
    tom.goto(f"{live}/admin/sections")
    tom.goto(f"{live}/admin/incidents/1")
    expect(tom.locator("#body")).to_have_value("Words that are half")
    tom.click("text=Start again")
    expect(tom.locator("#body")).to_have_value("")


def test_what_counts_only_with_a_choice_shows_with_it(world: None, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/1")
    restores, clock = tom.locator(".when-resolved"), tom.locator("#next_at")
    expect(restores).to_be_hidden()
    expect(clock).to_be_hidden()
    tom.click("#next label:has-text('Other')")
    expect(clock).to_be_visible()
    tom.click("label:has-text('Resolved')")
    expect(restores).to_be_visible()
    expect(tom.locator("#next")).to_be_hidden()
    expect(tom.locator("#look")).to_contain_text("Resolved.")


def test_all_of_it_without_scripts(world: None, scriptless: Page, live: str) -> None:
    scriptless.goto(f"{live}/admin/incidents/new")
    scriptless.fill("#title", "No scripts")
    scriptless.fill("#body", "You cannot pay.")
    scriptless.select_option("#component-1", "major_outage")
    scriptless.click("text=Publish this incident")
    expect(scriptless.locator("#done")).to_contain_text("is published")
    scriptless.check("input[name=stage][value=resolved]", force=True)
    scriptless.fill("#body", "You can pay again.")
    scriptless.click("text=Post this update")
    expect(scriptless.locator("#done")).to_contain_text("is resolved")
