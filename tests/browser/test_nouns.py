"""Toggles, components, PagerDuty, activity and embed in a real browser: by htmx, without scripts, and by axe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard import publish
from dashboard.actions import toggles
from dashboard.actions.windows import apply_poll
from dashboard.actions.writing import Actor
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.demo.pagerduty_double import Double
from dashboard.models import Service, Toggle
from dashboard.sources import pagerduty as source
from dashboard.sources.pagerduty import Question
from dashboard.sources.pagerduty_line import Account
from tests import make

HOSTILE = "<img src=x onerror=alert(1)>"
SCREENS = (
    "toggles",
    "toggles/new",
    "toggles/hide_documents",
    "toggles/hide_documents/edit",
    "toggles/hide_documents/rename",
    "components",
    "components/new",
    "components/ledger/edit",
    "pagerduty",
    "pagerduty/services",
    "pagerduty/services/P0BBBB2?name=External:+Pharmacy",
    "activity",
    "embed",
    "embed?form=banner&state=soon",
    "embed?form=fragment",
    "embed?form=badge",
    "embed?form=json&state=late",
    "embed?form=frame",
    "embed?form=react&state=slow",
    "embed?form=va&state=soon",
    "embed?form=nginx",
    "followers",
    "followers/things",
    "followers/1",
    "followers/1/edit",
    "followers/1/remove",
    "followers/import",
    "channels",
    "channels/new",
    "notifications",
    "notifications/1",
    "messages",
    "messages?kind=staff-off&channel=teams",
)
EMPTY = ("toggles", "components", "pagerduty", "activity", "embed", "followers", "channels", "notifications")


@pytest.fixture
def pagerduty() -> Iterator[Double]:
    with Double(now, key="test-key") as double:
        double.add_service("P0AAAA1", "External: Ledger")
        double.add_service("P0BBBB2", "External: Pharmacy")
        double.add_window("PX1", now() - timedelta(minutes=5), now() + timedelta(hours=1), "P0BBBB2")
        yield double


@pytest.fixture
def settings(settings: Settings, pagerduty: Double) -> Settings:
    return replace(settings, pagerduty_url=pagerduty.url, pagerduty_api_key=pagerduty.key)


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the world's database lies, once a test has made it."""
    return tmp_path_factory.mktemp("furnished") / "signpost.db"


@pytest.fixture
def world(app: Flask, settings: Settings, furnished: Path) -> None:
    """Something of everything, and hostile words among it."""
    database = settings.instance / furnished.name
    if not furnished.exists():
        furnish()
    db.session.remove()
    db.engine.dispose()  # the file is whole now, and nobody has it open
    shutil.copyfile(*((furnished, database) if furnished.exists() else (database, furnished)))
    publish.publish(now())


def furnish() -> None:
    documents, search = make.section("documents", message="You cannot upload documents."), make.section("search")
    uploads = make.section("uploads", HOSTILE, parent=documents)
    ledger, bank = make.component("ledger", group="Suppliers", status="partial_outage"), make.component("bank")
    make.component("old", HOSTILE, archived_at=now())
    make.dependency(documents, ledger)
    make.service(ledger, name="External: Ledger", problem="Service not found")
    make.window(bank, start=now() - timedelta(hours=1), minutes=180)
    make.source(checked_at=now(), warnings=["Window PX9 was skipped."])
    make.outage(search, start=now() - timedelta(minutes=10))
    make.toggle("hide_documents", documents, uploads)
    make.toggle("search_enabled", search, while_down=False, sentence=HOSTILE)
    make.toggle("old_toggle", archived_at=now())
    lin = make.follower("lin@larkfield.example", documents, ledger)
    make.delivery(lin, "dead", answer=HOSTILE, tries=9)
    make.delivery(lin, "waiting", tries=2, answer="It answered 500.")
    make.follower("sam@larkfield.example", paused_at=now(), paused_why=HOSTILE)
    make.follower("https://hooks.slack.com/services/x", search, channel="slack", is_staff=True, name=HOSTILE)
    for number in range(1, 4):
        values = {"while_down": number % 2 == 0, "owner": HOSTILE, "sentence": f"Sentence {number}"}
        by, toggle = Actor("Priya Shah", None, "192.0.2.7"), db.session.scalars(sa.select(Toggle)).all()[0]
        toggles.edit(toggle.id, number, values, frozenset({search.id}), by, now())


@pytest.fixture
def ada(page: Page, live: str, sign_in: Callable[[str], None]) -> Page:
    sign_in("admin")
    return page


@pytest.fixture
def scriptless(browser: Browser, live: str, cookie: Callable[[str], Any]) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie("admin")])
    yield context.new_page()
    context.close()


def poll(settings: Settings) -> None:
    """What the worker does next; in a thread, as the browser's own loop runs in this one."""
    db.session.rollback()
    mapped = frozenset(db.session.scalars(sa.select(Service.external_id).where(Service.external_id != "P0AAAA1")))
    account = Account(settings.pagerduty_url, settings.pagerduty_api_key)
    with ThreadPoolExecutor() as pool:
        fetch = pool.submit(source.ask, account, Question(now(), mapped)).result(20)
    apply_poll(fetch, now())


@pytest.mark.parametrize("screen", SCREENS)
def test_nothing_for_axe_to_say(world: None, ada: Page, live: str, screen: str, sound: Callable[[Page], None]) -> None:
    ada.goto(f"{live}/admin/{screen}")
    sound(ada)


@pytest.mark.parametrize("screen", EMPTY)
def test_nothing_for_axe_to_say_of_empty_screens(
    ada: Page, live: str, screen: str, sound: Callable[[Page], None]
) -> None:
    ada.goto(f"{live}/admin/{screen}")
    sound(ada)


def test_a_screen_for_somebody_who_may_only_look(
    world: None, page: Page, live: str, sign_in: Callable[[str], None], axe: Callable[[Page], None]
) -> None:
    sign_in("viewer")
    for screen in EMPTY:
        page.goto(f"{live}/admin/{screen}")
        axe(page)


class TestToggles:
    def test_a_form_that_is_refused_keeps_its_words_and_takes_the_focus(
        self, world: None, ada: Page, live: str
    ) -> None:
        ada.goto(f"{live}/admin/toggles/new")
        ada.fill("[name=sentence]", "Hides it.")
        ada.click("text=Add this toggle")
        expect(ada.locator("#errors")).to_be_focused()
        expect(ada.locator("#errors")).to_contain_text("Give it a key")
        expect(ada.locator("[name=sentence]")).to_have_value("Hides it.")
        assert ada.url.endswith("/new")

    def test_add_one_then_undo_an_edit(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/toggles/search_enabled/edit")
        ada.fill("[name=owner]", "Another team")
        ada.click("text=Save search_enabled")
        expect(ada.locator("#done")).to_contain_text("search_enabled was changed.")
        expect(ada.locator(".pagehead")).to_contain_text("Another team")
        ada.click("text=Undo")
        expect(ada.locator("#done")).to_contain_text("that was undone")
        expect(ada.locator("#toggle-search_enabled")).not_to_contain_text("Another team")

    def test_finding_while_typing_keeps_the_field(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/toggles")
        ada.locator("#q").press_sequentially("enabled")
        expect(ada.locator("#toggle-hide_documents")).to_have_count(0)
        expect(ada.locator("#toggle-search_enabled")).to_be_visible()
        expect(ada.locator("#q")).to_be_focused()
        expect(ada.locator("#q")).to_have_value("enabled")
        expect(ada.locator("#toggle-search_enabled").get_by_text("Copy searchEnabled")).to_be_visible()

    def test_a_name_is_copied(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/toggles")
        ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ada.locator("#toggle-search_enabled").get_by_text("Copy searchEnabled").click()
        expect(ada.locator("#toggle-search_enabled")).to_contain_text("Copied")
        assert ada.evaluate("navigator.clipboard.readText()") == "searchEnabled"

    def test_rename_it_and_let_go_of_the_old_name(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/toggles/search_enabled/rename")
        ada.fill("[name=new_name]", "find_enabled")
        ada.click("text=Rename it")
        expect(ada.locator("h1")).to_have_text("find_enabled")
        ada.click("text=Let go of it")
        expect(ada.locator("#done")).to_contain_text("search_enabled is let go of.")
        ada.click("text=Undo")
        expect(ada.locator("#toggle-find_enabled")).to_contain_text("Earlier search_enabled")

    def test_all_of_it_without_scripts(self, world: None, scriptless: Page, live: str) -> None:
        scriptless.goto(f"{live}/admin/toggles/new")
        scriptless.fill("[name=name]", "hide_search")
        scriptless.check("[name=while_down][value=on]", force=True)
        scriptless.check("label:has-text('Search') input")
        scriptless.fill("[name=sentence]", "Hides the search.")
        scriptless.fill("[name=owner]", "Search team")
        scriptless.click("text=Add this toggle")
        expect(scriptless.locator("#toggle-hide_search")).to_contain_text("Reads on now")


class TestComponents:
    def test_set_the_status_and_undo_it(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/components")
        row = ada.locator("#component-ledger")
        row.locator("select").select_option("major_outage")
        row.locator("text=Set").click()
        expect(row.locator(".status")).to_have_text("Major outage")
        ada.click("text=Undo")
        expect(row.locator(".status")).to_have_text("Partial outage")

    def test_what_is_worked_on_shows_so_in_its_menu(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/components")
        row = ada.locator("#component-bank")
        expect(row.locator("option:checked")).to_have_text("Under maintenance")
        row.locator("select").select_option("major_outage")
        row.locator("text=Set").click()
        expect(ada.locator("#done")).to_contain_text("Bank: major outage once the planned work is over")
        expect(row.locator("option:checked")).to_have_text("Under maintenance")

    def test_a_refusal_takes_the_focus(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/components")
        row = ada.locator("#component-ledger")
        row.locator("option").first.evaluate("option => { option.value = 'fine' }")
        row.locator("select").select_option("fine")
        row.locator("text=Set").click()
        expect(ada.locator("[role=group]:focus")).to_contain_text("Choose one of the five statuses.")

    def test_without_scripts(self, world: None, scriptless: Page, live: str) -> None:
        scriptless.goto(f"{live}/admin/components")
        row = scriptless.locator("#component-ledger")
        row.locator("select").select_option("operational")
        row.locator("text=Set").click()
        expect(row.locator(".status")).to_have_text("Operational")


class TestKeys:
    @pytest.mark.parametrize("screen", ["sections/new", "components/new"])
    def test_a_key_is_offered_while_the_name_is_typed_until_somebody_types_one(
        self, ada: Page, live: str, screen: str
    ) -> None:
        ada.goto(f"{live}/admin/{screen}")
        ada.locator("#name").press_sequentially("Évidence & forms")
        expect(ada.locator("#key")).to_have_value("evidence_forms")
        ada.fill("#key", "papers")
        ada.locator("#name").press_sequentially(" too")
        expect(ada.locator("#key")).to_have_value("papers")


class TestPagerDuty:
    def test_from_the_board_to_a_service_that_takes_a_section_off_in_five_clicks(
        self, world: None, ada: Page, live: str, settings: Settings
    ) -> None:
        clicks = ("nav >> text=Settings", "text=Map a service", "a:has-text('Map External: Pharmacy')")
        ada.goto(f"{live}/admin/sections")
        for click in (*clicks, "label:has-text('Documents')", "button:has-text('Map External: Pharmacy')"):
            ada.click(click)
        expect(ada.locator("#done")).to_contain_text("External: Pharmacy is mapped to External: Pharmacy.")
        poll(settings)
        state = ada.request.get(f"{live}/embed/v1/sections/documents.json").json()["sections"][0]["state"]
        assert state == "down"

    def test_try_it_says_what_would_follow_and_keeps_the_form(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/pagerduty/services/P0BBBB2?name=External:+Pharmacy")
        ada.fill("[name=new_name]", "My own name")
        ada.check("label:has-text('Documents') input")
        ada.click("text=Try it")
        expect(ada.locator("#trial")).to_contain_text("1 window would come in. Nothing is saved yet.")
        expect(ada.locator("#trial")).to_contain_text("Documents: off")
        expect(ada.locator("#trial")).to_contain_text("You cannot upload documents.")
        expect(ada.locator("[name=new_name]")).to_have_value("My own name")
        assert ada.url.endswith("name=External:+Pharmacy")

    def test_an_existing_component_needs_no_name(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/pagerduty/services/P0BBBB2?name=External:+Pharmacy")
        ada.select_option("[name=component]", label="Bank")
        expect(ada.locator("[name=new_name]")).to_be_hidden()

    def test_try_and_map_without_scripts(self, world: None, scriptless: Page, live: str) -> None:
        scriptless.goto(f"{live}/admin/pagerduty/services/P0BBBB2?name=External:+Pharmacy")
        scriptless.check("label:has-text('Documents') input")
        scriptless.click("text=Try it")
        expect(scriptless.locator("#trial")).to_contain_text("1 window would come in.")
        scriptless.click("button:has-text('Map External: Pharmacy')")
        expect(scriptless.locator("#done")).to_contain_text("External: Pharmacy is mapped to External: Pharmacy.")


class TestEmbed:
    """The real script, on made-up states."""

    @pytest.mark.parametrize(
        ("state", "words"),
        [
            ("soon", "Documents will be unavailable"),
            ("slow", "Documents is slow"),
            ("down", "Documents is unavailable until"),
            ("late", "Documents is still unavailable"),
        ],
    )
    @pytest.mark.parametrize("form", ["wrap", "banner", "slim", "frame"])
    def test_each_state_light_and_dark(
        self, world: None, ada: Page, live: str, form: str, state: str, words: str
    ) -> None:
        ada.goto(f"{live}/admin/embed?form={form}&state={state}")
        expect(ada.locator(".sample--light")).to_contain_text(words)
        expect(ada.locator(".sample--dark")).to_contain_text(words)
        covered = form == "wrap" and state in ("down", "late")
        expect(ada.locator(".sample--light .sample__part")).to_be_visible(visible=not covered)

    def test_your_own_code_sees_what_it_is_given(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/embed?form=module&state=down")
        expect(ada.locator("[data-status]")).to_contain_text('"message": "You cannot upload documents."')

    def test_own_markup_stands_in_its_place(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/embed?form=own&state=down")
        expect(ada.locator(".sample--light")).to_contain_text("What you show in its place. It is back at")
        expect(ada.locator(".sample--light .sample__part")).to_be_hidden()

    def test_back_again(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/embed?state=back")
        expect(ada.locator(".sample--light")).to_contain_text("Documents is unavailable until")
        expect(ada.locator(".sample--light")).to_contain_text("Documents is working again", timeout=8_000)

    def test_working_shows_the_page_alone(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/embed?state=ok")
        expect(ada.locator(".sample--light signpost-section")).to_have_attribute("state", "ok")
        expect(ada.locator(".sample--light .sample__part")).to_be_visible()

    def test_another_state_is_shown_where_one_looks(self, world: None, ada: Page, live: str) -> None:
        ada.set_viewport_size({"width": 375, "height": 700})
        ada.goto(f"{live}/admin/embed?state=down")
        ada.get_by_role("link", name="Late", exact=True).scroll_into_view_if_needed()
        before = ada.evaluate("scrollY")
        ada.get_by_role("link", name="Late", exact=True).click()
        expect(ada.locator(".sample--light")).to_contain_text("Documents is still unavailable")
        assert before > 500
        assert abs(ada.evaluate("scrollY") - before) < 2
        expect(ada.get_by_role("link", name="Late", exact=True)).to_be_focused()

    def test_another_section_needs_no_button(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/embed?form=json")
        expect(ada.get_by_role("button", name="Show")).to_be_hidden()
        ada.select_option("#section", "search")
        expect(ada.locator("#snippet")).to_contain_text("/sections/search.json")
        expect(ada.locator("#section")).to_be_focused()

    def test_without_scripts_there_is_a_button_and_a_place(self, world: None, scriptless: Page, live: str) -> None:
        scriptless.goto(f"{live}/admin/embed")
        expect(scriptless.get_by_role("button", name="Show")).to_be_visible()
        scriptless.get_by_role("link", name="Late", exact=True).click()
        assert scriptless.url.endswith("#look")

    def test_copy(self, world: None, ada: Page, live: str) -> None:
        ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
        ada.goto(f"{live}/admin/embed")
        ada.click("[data-copy=snippet]")
        expect(ada.locator("[data-copy=snippet]")).to_contain_text("Copied")
        assert ada.evaluate("navigator.clipboard.readText()") == ada.locator("#snippet").text_content()

    def test_without_scripts_there_is_no_button_that_does_nothing(
        self, world: None, scriptless: Page, live: str
    ) -> None:
        scriptless.goto(f"{live}/admin/embed")
        expect(scriptless.locator("#snippet")).to_contain_text("<signpost-section")
        expect(scriptless.locator("[data-copy=snippet]")).to_be_hidden()


class TestFollowers:
    def test_searched_while_typing(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/followers")
        names = ada.locator("#board .lines__name")
        ada.fill("#q", "SAM@")
        expect(names).to_have_text(["sam@larkfield.example"])
        ada.fill("#q", "")
        ada.select_option("#state", label="Told")
        expect(names).to_have_text(["lin@larkfield.example"])

    def test_paused_with_a_reason_and_told_again(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/followers/1")
        ada.click("summary:has-text('Pause it')")
        ada.fill("#why", "The inbox is full")
        ada.click("button:has-text('Pause it')")
        expect(ada.locator("#board")).to_contain_text("The inbox is full")
        expect(ada.locator("#done")).to_contain_text("It is paused")
        ada.click("button:has-text('Go on telling it')")
        expect(ada.locator("#board")).to_contain_text("Told of")
        expect(ada.locator("#done")).to_contain_text("It is told again")

    def test_sent_again_and_held_without_scripts(self, world: None, scriptless: Page, live: str) -> None:
        scriptless.goto(f"{live}/admin/notifications")
        scriptless.click("button:has-text('Send all 1 again')")
        expect(scriptless.locator("#done")).to_contain_text("It is sent again.")
        scriptless.click("button:has-text('Hold all sending')")
        expect(scriptless.locator("#held")).to_contain_text("Nothing is sent to followers")

    def test_held_and_let_go(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/notifications")
        ada.click("button:has-text('Hold all sending')")
        expect(ada.locator("#held")).to_contain_text("Nothing is sent to followers")
        ada.click("button:has-text('Go on sending')")
        expect(ada.locator("#held .notice")).to_have_count(0)

    def test_what_is_chosen_shows_what_to_choose(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/channels/new")
        expect(ada.locator("#sections")).to_be_hidden()
        ada.click("label:has-text('Chosen sections and components')")
        expect(ada.locator("#sections")).to_be_visible()
        expect(ada.locator("#secret")).to_be_hidden()
        ada.click("label:has-text('Webhook')")
        expect(ada.locator("#secret")).to_be_visible()

    def test_the_mail_is_seen_in_its_frame(self, world: None, ada: Page, live: str) -> None:
        ada.goto(f"{live}/admin/messages?kind=back")
        expect(ada.frame_locator("iframe").locator("h1")).to_have_text("Documents is working again")
