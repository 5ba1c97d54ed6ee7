"""Reviews in a real browser: written beside the timeline, kept while typed, published; and how the screen looks."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.models import Incident
from tests import make
from tests.browser.test_looks import LONG

HOUR = timedelta(hours=1)


@pytest.fixture
def incident(app: Flask) -> Incident:
    at = now()
    ledger, documents = make.component("ledger", LONG), make.section("documents")
    made = make.incident("Payments are not going through", start=at - 2 * HOUR, sections={documents: "down"})
    make.update(made, "investigating", at - 2 * HOUR, LONG, {ledger: "major_outage"})
    make.outage(documents, at - 2 * HOUR, None, incident_id=made.id, ended_at=at - HOUR)
    make.update(made, "resolved", at - HOUR, "You can pay again.", {ledger: "operational"})
    publish.publish(at)
    return made


@pytest.mark.parametrize("role", ["delivery_manager", "viewer"])
def test_nothing_for_axe_to_say(
    incident: Incident,
    page: Page,
    live: str,
    sign_in: Callable[[str], None],
    role: str,
    sound: Callable[[Page], None],
) -> None:
    sign_in(role)
    page.goto(f"{live}/admin/incidents/{incident.id}/review")
    sound(page)


def test_from_the_incident_to_a_published_review_and_back(incident: Incident, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/{incident.id}")
    tom.click("text=Write the review")
    expect(tom.locator("#happened")).to_have_value(re.compile("Documents: off"))
    tom.click("text=Publish this review")
    expect(tom.locator("#done")).to_contain_text("The review is published.")
    tom.click("#done >> text=Undo")
    expect(tom.locator("#done")).to_contain_text("that was undone")
    expect(tom.locator(".pagehead")).to_contain_text("Draft")


def test_what_is_typed_is_kept_and_previewed(incident: Incident, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/{incident.id}/review")
    tom.fill("#cause", "Nobody looked.")
    expect(tom.locator("#look")).not_to_contain_text("Nobody looked.")
    tom.locator("[name=public_parts][value=cause]").check()
    expect(tom.locator("#look")).to_contain_text("Nobody looked.")
    expect(tom.locator("#typed")).to_contain_text("Kept for you")
    tom.reload()
    expect(tom.locator("#cause")).to_have_value("Nobody looked.")
    tom.click("text=Start again")
    expect(tom.locator("#done")).to_contain_text("was dropped")
    expect(tom.locator("#cause")).to_have_value("")


def test_a_refusal_takes_the_focus(incident: Incident, tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/{incident.id}/review")
    for part in ("happened", "affected"):
        tom.locator(f"[name=public_parts][value={part}]").uncheck()
    tom.click("text=Publish this review")
    expect(tom.locator("#errors")).to_be_focused()
    expect(tom.locator("#errors")).to_contain_text("Nothing in it is for the public.")


def test_without_scripts(incident: Incident, scriptless: Page, live: str) -> None:
    scriptless.goto(f"{live}/admin/incidents/{incident.id}/review")
    scriptless.fill("#happened", "A disk was full.")
    scriptless.click("noscript button")
    expect(scriptless.locator("#look")).to_contain_text("A disk was full.")
    scriptless.click("text=Publish this review")
    expect(scriptless.locator("#done")).to_contain_text("The review is published.")
