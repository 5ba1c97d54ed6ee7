"""Planned work in a real browser: task e on a phone, by htmx and without scripts, and by axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.config import Settings, from_environment
from dashboard.db import db
from dashboard.models import Window
from dashboard.views import window_plans, windows
from tests import make
from tests.browser import looks

HOSTILE = "<img src=x onerror=alert(1)>"
THURSDAY = datetime(2027, 3, 25, 9, tzinfo=UTC)  # before the Sunday on which Berlin's clocks go forward
HOUR = timedelta(hours=1)


class Taps:
    """A phone whose taps and typed characters are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = self.typed = 0

    def tap(self, what: str) -> None:
        self.page.click(what)
        self.taps += 1

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.typed += len(words)


@pytest.fixture
def world(app: Flask) -> dict[str, int]:
    """Something in each part of the calendar, and hostile words among it."""
    documents = make.section("documents", message="You cannot upload documents.")
    make.section("uploads", HOSTILE, parent=documents)
    ledger = make.component("ledger", HOSTILE)
    make.dependency(documents, ledger)
    times = {"zone": "Europe/Berlin", "typed_start": "2027-03-28T02:00", "typed_end": "2027-03-28T04:00"}
    ours = {"source": "signpost", "title": HOSTILE, "message": HOSTILE, "planned_by": "Tom Reed", **times}
    begun = make.window(ledger, start=now() - HOUR, minutes=180, **ours)
    coming = make.window(start=now() + 30 * HOUR, minutes=90, sections={documents: "down"}, **ours)
    long = make.window(ledger, start=now() + 20 * HOUR, minutes=14 * 60, external_id="PX4T9", message="Its own")
    make.window(ledger, start=now() - 40 * HOUR, title=HOSTILE)
    publish.publish(now())
    return {"begun": begun.id, "coming": coming.id, "long": long.id}


SCREENS = (
    "",
    "/new",
    "/new?section=documents",
    "/{begun}",
    "/{coming}",
    "/{long}",
    "/{coming}/edit",
    "/{begun}/extend",
    "/{long}/words",
)


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_for_axe_to_say(
    world: dict[str, int], tom: Page, live: str, screen: str, sound: Callable[[Page], None]
) -> None:
    tom.goto(f"{live}/admin/windows{screen.format(**world)}")
    sound(tom)
    tom.set_viewport_size({"width": 320, "height": 600})
    looks.assert_no_sideways_scroll(tom)


def test_nothing_for_axe_to_say_of_an_empty_calendar(tom: Page, live: str, sound: Callable[[Page], None]) -> None:
    tom.goto(f"{live}/admin/windows")
    sound(tom)


class TestTaskE:
    """Sunday 02:00 to 04:00 in Berlin, where 02:00 does not exist that night."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        names = ("INSTANCE", "DATABASE_URL", "REDIS_URL", "LISTEN", "PUBLIC_URL")
        given = (settings.instance, settings.database_url, settings.redis_url, ":".join(map(str, settings.listen)))
        values = dict(zip(names, (*map(str, given), settings.public_url), strict=True))
        return from_environment({**values, "SITE_NAME": "Larkfield", "TIME_ZONE": "Europe/Berlin"})

    @pytest.fixture(autouse=True)
    def thursday(self, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
        for views in (windows, window_plans):
            monkeypatch.setattr(views, "now", lambda: THURSDAY)
        make.section("documents", message="You cannot upload documents.")

    @pytest.fixture
    def phone(self, tom: Page) -> Taps:
        tom.set_viewport_size({"width": 375, "height": 667})
        return Taps(tom)

    def test_in_five_taps_and_eight_digits(self, phone: Taps, live: str) -> None:
        page = phone.page
        page.goto(f"{live}/admin/sections")
        phone.tap(".pagehead >> text=Plan work")
        phone.tap("label:has-text('Documents') >> nth=0")
        phone.tap("#from_time")
        phone.type("0200")
        page.keyboard.press("Tab")
        phone.type("0400")
        expect(page.locator("#timing")).to_contain_text("02:00 does not exist that day. Which do you mean?")
        phone.tap("#timing label:has-text('03:00')")
        timing = page.locator("#timing")
        expect(timing).to_contain_text("1 h The clocks change: it seems to be 2 h.")
        expect(timing).to_contain_text("Sunday 28 March, 03:00 to 04:00")
        expect(timing).to_contain_text("Sunday 28 March, 02:00 to 03:00")  # by the browser's own clock
        expect(timing.locator("dt")).to_have_text(["Europe/Berlin", "Europe/London"])
        expect(page.locator("#preview")).to_contain_text("Documents goes off, chosen")
        assert db.session.scalar(sa.select(Window)) is None
        page.click("#go", trial=True)
        self.save(page)
        assert (phone.taps + 1, phone.typed) == (5, 8)

    def save(self, page: Page) -> None:
        page.click("#go")
        expect(page.locator("#done")).to_contain_text("Planned work on Documents is planned")
        db.session.rollback()
        window = db.session.scalars(sa.select(Window)).one()
        assert window.starts_at == datetime(2027, 3, 28, 1, tzinfo=UTC)
        assert window.ends_at == datetime(2027, 3, 28, 2, tzinfo=UTC)

    def test_without_scripts(self, browser: Browser, live: str, cookie: Callable[[str], Any]) -> None:
        context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 667})
        context.add_cookies([cookie("delivery_manager")])
        page = context.new_page()
        page.goto(f"{live}/admin/windows/new")
        page.click("label:has-text('Documents') >> nth=0")
        page.fill("#from_time", "0200")
        page.fill("#to_time", "0400")
        page.click("text=Preview >> nth=0")
        page.click("#timing label:has-text('03:00')")
        self.save(page)
        context.close()


class TestTheForm:
    @pytest.fixture
    def form(self, world: dict[str, int], tom: Page, live: str) -> Page:
        tom.goto(f"{live}/admin/windows/new")
        return tom

    def test_words_are_offered_and_ones_own_are_never_replaced(self, form: Page) -> None:
        form.click("label:has-text('Documents') >> nth=0")
        expect(form.locator("#message")).to_have_value("You cannot upload documents.")
        form.fill("#message", "My own words")
        form.click("label:has-text('Documents') >> nth=0")
        expect(form.locator("#preview")).to_contain_text("No section yet.")
        expect(form.locator("#message")).to_have_value("My own words")

    def test_what_it_does_is_chosen_beside_a_section_and_shown(self, form: Page) -> None:
        effect = form.locator(".pick select").first
        expect(effect).to_be_hidden()
        form.click("label:has-text('Documents') >> nth=0")
        effect.select_option("warn")
        expect(form.locator("#preview")).to_contain_text("Documents is slow, chosen")

    def test_an_error_leads_to_its_field_and_nothing_is_lost(self, form: Page) -> None:
        form.click("label:has-text('Documents') >> nth=0")
        form.fill("#from_time", "2x")
        form.fill("#to_time", "0400")
        form.click("#go")
        expect(form.locator("#errors")).to_be_focused()
        form.click("#errors a")
        expect(form.locator("#from_time")).to_be_focused()
        expect(form.locator("#to_time")).to_have_value("0400")

    def test_what_is_mended_is_not_said_any_more(self, form: Page) -> None:
        form.click("#go")
        expect(form.locator("#errors li")).to_have_count(2)
        form.fill("#from_time", "0200")
        expect(form.locator("#errors li")).to_have_text(["To: Write the time like 02:00, or 0200."])
        form.fill("#to_time", "0400")
        expect(form.locator("#errors, #from_time-error, #to_time-error")).to_have_count(0)

    def test_the_browsers_own_zone_is_shown(self, form: Page) -> None:
        form.fill("#from_time", "0200")
        form.fill("#to_time", "0400")
        form.select_option("#zone", "Asia/Tokyo")
        expect(form.locator("#timing dt")).to_have_text(["Asia/Tokyo", "Europe/London"])


def test_from_start_to_finish_with_undo(world: dict[str, int], tom: Page, live: str) -> None:
    tom.goto(f"{live}/admin/windows/{world['coming']}")
    tom.click("text=Start now")
    expect(tom.locator("#done")).to_contain_text("has begun.")
    tom.click("text=Finish now")
    expect(tom.locator(".pagehead")).to_contain_text("Over")
    tom.click("text=Undo")
    expect(tom.locator("#done")).to_contain_text("that was undone")
    expect(tom.locator(".pagehead")).to_contain_text("Under way")
