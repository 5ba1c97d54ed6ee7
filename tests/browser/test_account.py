"""Setting up, signing in, people and settings, as seen and as used; and what is typed when one is signed out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page, expect

from dashboard import passwords
from dashboard.actions import people, sign_ins
from dashboard.actions.writing import SIGNPOST
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Outage, Person, SignIn
from tests import make
from tests.browser import looks

PASSWORD = "four quite different words"


@pytest.fixture(autouse=True)
def no_complaints(complaints: list[str]) -> Iterator[None]:
    yield
    assert not complaints


@pytest.fixture
def ada(app: Flask) -> Person:
    """An admin with a password, and colleagues: one invited, one disabled."""
    made = [
        people.add(
            name, f"{name.split()[0].lower()}@larkfield.example", passwords.hashed(PASSWORD), roles, SIGNPOST, now()
        )
        for name, roles in (
            ("Ada Okafor", frozenset({"admin"})),
            ("Priya Shah", frozenset({"product_manager", "delivery_manager"})),
            ("Vera Lund", frozenset({"viewer"})),
        )
    ]
    people.disable(made[2], 1, SIGNPOST, now())
    people.invite("lin@larkfield.example", frozenset({"viewer"}), SIGNPOST, now())
    return db.session.get_one(Person, made[0])


def sign_in_as(page: Page, live: str, person: Person) -> None:
    page.goto(f"{live}/admin/sign-in")
    fill(page, person)


def fill(page: Page, person: Person) -> None:
    page.get_by_label("E-mail address").fill(person.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def sign_out_everywhere() -> None:
    db.session.rollback()
    db.session.execute(sa.delete(SignIn))
    db.session.commit()


def test_from_the_set_up_link_to_the_board(app: Flask, live: str, page: Page) -> None:
    page.goto(f"{live}/setup/{people.open_setup(SIGNPOST, now())}")
    page.get_by_label("Your name").fill("Ada Okafor")
    page.get_by_label("E-mail address").fill("ada@larkfield.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the first account").click()
    expect(page.locator("#done")).to_contain_text("Welcome, Ada Okafor.")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sections")


def test_invite_a_colleague_and_sign_them_in(ada: Person, live: str, page: Page) -> None:
    sign_in_as(page, live, ada)
    page.goto(f"{live}/admin/people")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail address").fill("tom@larkfield.example")
    page.get_by_label("Delivery manager").check()
    page.get_by_role("button", name="Make the link").click()
    link = page.get_by_label("The link").input_value()
    page.context.clear_cookies()
    page.goto(link)
    page.get_by_label("Your name").fill("Tom Reed")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make your account").click()
    expect(page.locator("#done")).to_contain_text("Welcome, Tom Reed.")


def test_an_error_is_where_the_focus_is(ada: Person, live: str, page: Page) -> None:
    page.goto(f"{live}/admin/sign-in")
    page.get_by_label("E-mail address").fill(ada.email)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value(ada.email)


class TestSignedOutWithAPanelOpen:
    @pytest.fixture
    def panel(self, ada: Person, live: str, page: Page) -> Page:
        """The turn-off panel of Documents, with a reason typed; and the sign-in gone since."""
        make.section("documents", message="You cannot upload documents.")
        sign_in_as(page, live, ada)
        page.goto(f"{live}/admin/sections")
        page.click("#s-documents .switch")
        page.locator("#off-documents").get_by_label("Why?").fill("The virus scanner is down")
        return page

    def test_what_was_typed_is_sent_after_signing_in(self, ada: Person, panel: Page) -> None:
        sign_out_everywhere()
        panel.click("#go-documents")
        expect(panel.get_by_text("You are signed out. What you typed is kept")).to_be_visible()
        fill(panel, ada)
        expect(panel.get_by_text("The virus scanner is down")).to_be_visible()
        panel.get_by_role("button", name="Send it again").click()
        expect(panel.locator("#done")).to_contain_text("Documents is off until")
        db.session.rollback()
        assert db.session.scalars(sa.select(Outage.reason)).one() == "The virus scanner is down"

    def test_and_so_it_is_when_another_tab_signed_in_anew(self, ada: Person, live: str, panel: Page) -> None:
        sign_out_everywhere()
        tab = panel.context.new_page()
        sign_in_as(tab, live, ada)
        expect(tab.get_by_role("heading", level=1)).to_have_text("Sections")
        panel.click("#go-documents")
        panel.get_by_role("button", name="Send it again").click()
        expect(panel.locator("#done")).to_contain_text("Documents is off until")

    def test_the_preview_says_so_and_takes_nothing_away(self, panel: Page) -> None:
        sign_out_everywhere()
        panel.locator("#off-documents").get_by_label("Why?").fill("The virus scanner is down again")
        expect(panel.locator("#done")).to_contain_text("You are signed out.")
        expect(panel.locator("#off-documents").get_by_label("Why?")).to_have_value("The virus scanner is down again")


SCREENS: dict[str, str] = {
    "account": "/admin/me",
    "people": "/admin/people",
    "person": "/admin/people/1",
    "invite": "/admin/people/invite",
    "settings": "/admin/settings",
    "tokens": "/admin/tokens",
    "new token": "/admin/tokens/new",
    "revoke": "/admin/tokens/1/revoke",
}


def each_width(page: Page, axe: Callable[[Page], None]) -> None:
    for _ in looks.each_look(page):
        axe(page)
    page.set_viewport_size({"width": 320, "height": 640})
    looks.assert_no_sideways_scroll(page)


class TestLooks:
    @pytest.mark.parametrize("screen", SCREENS)
    def test_of_an_admin(self, ada: Person, live: str, page: Page, axe: Callable[[Page], None], screen: str) -> None:
        sign_in_as(page, live, ada)
        sign_ins.start(ada.id, now(), "192.0.2.7", "Mozilla/5.0 (iPhone) Version/26.0 Safari/604.1")
        make.token()
        page.goto(f"{live}{SCREENS[screen]}")
        each_width(page, axe)

    def test_of_settings_for_a_viewer(
        self, live: str, page: Page, sign_in: Callable[[str], None], axe: Callable[[Page], None]
    ) -> None:
        sign_in("viewer")
        page.goto(f"{live}/admin/settings")
        each_width(page, axe)

    @pytest.mark.parametrize("screen", ["sign-in", "setup", "join", "renew"])
    def test_of_a_guest(self, app: Flask, live: str, page: Page, axe: Callable[[Page], None], screen: str) -> None:
        if screen in ("sign-in", "setup"):
            token = people.open_setup(SIGNPOST, now())
            page.goto(f"{live}/admin/sign-in" if screen == "sign-in" else f"{live}/setup/{token}")
        else:
            tom = people.add("Tom Reed", "tom@larkfield.example", "", frozenset({"admin"}), SIGNPOST, now())
            lin = people.invite("lin@larkfield.example", frozenset({"viewer"}), SIGNPOST, now())
            page.goto(f"{live}/join/{lin if screen == 'join' else people.renew(tom, SIGNPOST, now())}")
        each_width(page, axe)

    @pytest.mark.parametrize("path", ["/admin/no/such", "/admin/people"])
    def test_of_what_is_not_there_or_not_allowed(
        self, live: str, page: Page, sign_in: Callable[[str], None], axe: Callable[[Page], None], path: str
    ) -> None:
        sign_in("viewer")
        page.goto(f"{live}{path}")
        each_width(page, axe)

    def test_of_a_link_and_of_an_error(self, ada: Person, live: str, page: Page, axe: Callable[[Page], None]) -> None:
        sign_in_as(page, live, ada)
        page.goto(f"{live}/admin/people/invite")
        page.get_by_label("E-mail address").fill("tom@larkfield.example")
        page.get_by_role("button", name="Make the link").click()
        each_width(page, axe)
        page.get_by_label("Viewer").check()
        page.get_by_role("button", name="Make the link").click()
        each_width(page, axe)
