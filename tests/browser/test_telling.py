"""Whom one tells, in a real browser: the numbers while one chooses, the minute to cancel, progress that goes on."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Delivery, Follower, Notification, Outage, Section
from tests import make


@pytest.fixture
def section(app: Flask) -> Section:
    return make.section("direct_deposit", message="You cannot see your bank details.", alternative="Call us.")


@pytest.fixture(autouse=True)
def followers(section: Section) -> list[Follower]:
    found = [make.follower(f"f{number}@larkfield.example", section) for number in range(3)]
    publish.publish(now())
    return found


@pytest.fixture
def priya(page: Page, sign_in: Callable[[str], None]) -> Page:
    """A product manager's phone."""
    sign_in("product_manager")
    page.set_viewport_size({"width": 375, "height": 800})
    return page


def notification() -> Notification:
    db.session.rollback()
    public = sa.select(Notification).where(Notification.audience == "public").order_by(Notification.id.desc())
    return db.session.scalars(public.limit(1)).one()


def test_off_in_three_taps_and_nobody_is_told(priya: Page, live: str, sound: Callable[[Page], None]) -> None:
    priya.goto(f"{live}/admin/sections")
    priya.click(".switch")
    expect(priya.locator("#direct_deposit-tells legend")).to_have_text("Tell 3 people all by e-mail")
    priya.click(".panel .btn--off")
    strip = priya.locator("#done")
    expect(strip).to_contain_text(re.compile(r"3 people are told at \d\d:\d\d:\d\d \(all by e-mail\)\. \d+ s left\."))
    sound(priya)
    left = strip.locator("[data-told-in]")
    before = left.text_content() or ""
    expect(left).not_to_have_text(before)
    strip.get_by_role("button", name="Tell nobody").click()
    expect(strip.locator(".telling")).to_have_text("Nobody is told.")
    assert notification().state == "cancelled"


def test_the_strip_goes_on_by_itself_to_how_many_were_told(
    priya: Page, followers: list[Follower], live: str, sound: Callable[[Page], None]
) -> None:
    priya.goto(f"{live}/admin/sections")
    priya.click(".switch")
    priya.click(".panel .btn--off")
    strip = priya.locator("#done .telling")
    expect(strip).to_contain_text("3 people are told at")
    row = notification()
    row.state, row.released_at = "told", now()
    told = {"notification_id": row.id, "lane": "mail", "due_at": now()}
    db.session.add_all(Delivery(follower_id=one.id, state="waiting", **told) for one in followers)
    db.session.commit()
    strip.get_by_role("button", name="Tell nobody").click()
    expect(strip).to_have_text("It was too late for that: they are being told.")
    expect(strip).to_have_text("Followers are being told.")
    db.session.execute(sa.update(Delivery).values(state="sent"))
    db.session.commit()
    expect(strip).to_contain_text("3 people were told. How it went")
    assert priya.locator("[hx-get^='/admin/telling']").count() == 0
    sound(priya)


def test_what_is_chosen_changes_the_button(tom: Page, section: Section, live: str) -> None:
    tom.goto(f"{live}/admin/incidents/new")
    expect(tom.locator("#tells-whom")).to_contain_text("Nobody does yet.")
    tom.select_option(f"#section-{section.id}", "warn")
    expect(tom.locator("button[value=publish]")).to_contain_text("and tell 3 people")
    tom.uncheck("[name=tells]")
    expect(tom.locator("#tells-too")).to_be_hidden()


def test_planned_work_counts_with_what_it_is_on(tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/windows/new")
    expect(tom.locator("#tells-whom")).to_contain_text("Nobody follows what it is on yet.")
    tom.check("[name=sections]")
    expect(tom.locator("#tells-whom")).to_have_text("Tell 3 people all by e-mail")


def test_progress_goes_on_by_itself_and_stops(
    tom: Page, section: Section, followers: list[Follower], live: str, sound: Callable[[Page], None]
) -> None:
    tom.goto(f"{live}/admin/incidents/new")
    tom.fill("#title", "Payments fail")
    tom.fill("#body", "You cannot pay.")
    tom.select_option(f"#section-{section.id}", "warn")
    tom.click("button[value=publish]")
    expect(tom.locator("#done")).to_contain_text("3 people are told at")
    row = notification()
    row.state, row.released_at = "told", now()
    states = zip(followers, ("sent", "waiting", "dead"), strict=True)
    db.session.add_all(
        Delivery(notification_id=row.id, follower_id=one.id, lane="mail", state=state, due_at=now())
        for one, state in states
    )
    db.session.commit()
    tom.reload()
    progress = tom.locator(".timeline .telling")
    expect(progress).to_contain_text("sent 1 · waiting 1 · failed 1")
    expect(progress.locator("progress")).to_have_attribute("max", "3")
    sound(tom)
    db.session.execute(sa.update(Delivery).where(Delivery.state == "waiting").values(state="sent"))
    db.session.commit()
    expect(progress).to_contain_text("sent 2 · failed 1")
    expect(progress.locator("progress")).to_have_count(0)
    assert tom.locator("[hx-get^='/admin/telling']").count() == 0


def test_without_scripts(scriptless: Page, section: Section, live: str) -> None:
    scriptless.goto(f"{live}/admin/incidents/new")
    scriptless.fill("#title", "Payments fail")
    scriptless.fill("#body", "You cannot pay.")
    scriptless.select_option(f"#section-{section.id}", "warn")
    scriptless.click("button[value=publish]")
    scriptless.locator("#done").get_by_role("button", name="Tell nobody").click()
    expect(scriptless.locator("#done")).to_contain_text("Nobody is told.")
    expect(scriptless.locator(".timeline")).to_contain_text("Nobody was told: somebody cancelled it.")


def test_one_tap_from_a_chat(priya: Page, section: Section, live: str, sound: Callable[[Page], None]) -> None:
    made = make.outage(section, now() - timedelta(hours=1), 120)
    was = made.planned_end
    priya.goto(f"{live}/admin/outages/{made.id}/extend?minutes=60")
    sound(priya)
    priya.click("main button")
    expect(priya.locator("#done")).to_contain_text("Direct deposit is now off until")
    db.session.rollback()
    assert was
    assert db.session.get_one(Outage, made.id).planned_end == (was + timedelta(hours=1)).replace(microsecond=0)
