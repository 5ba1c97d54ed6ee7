"""Following as a visitor does it: with real mail and a real endpoint, by a worker's turn; with and without script."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard import outbox
from dashboard.actions import direct
from dashboard.actions.writing import SIGNPOST, writing
from dashboard.channels import CHANNELS, open_lines
from dashboard.channels.message import Link, Message
from dashboard.clock import now
from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Follower
from tests import make
from tests.browser.looks import assert_no_sideways_scroll
from tests.browser.servers import serving
from tests.channels.post_office import Office, post_office

LIN = "lin@larkfield.example"


class Endpoint:
    """Somebody's own program: it believes only what is signed with its secret, and answers the challenge."""

    def __init__(self) -> None:
        self.secret = ""
        self.heard: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        id, stamp = environ["HTTP_WEBHOOK_ID"], environ["HTTP_WEBHOOK_TIMESTAMP"]
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mac = hmac.new(key, f"{id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        if f"v1,{base64.b64encode(mac).decode()}" not in environ["HTTP_WEBHOOK_SIGNATURE"].split():
            start("401 Unauthorized", [])
            return []
        said = json.loads(body)
        self.heard.append(said)
        start("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({"challenge": said.get("challenge")}).encode()]


@pytest.fixture
def office() -> Iterator[Office]:
    with post_office(Office()) as office:
        yield office


@pytest.fixture
def endpoint() -> Endpoint:
    return Endpoint()


@pytest.fixture
def hook(endpoint: Endpoint) -> Iterator[str]:
    with serving(endpoint) as url:
        yield f"{url}/status"


@pytest.fixture
def settings(settings: Settings, office: Office, hook: str) -> Settings:
    port = int(hook.rpartition(":")[2].partition("/")[0])
    return replace(
        settings,
        smtp_url=f"smtp://127.0.0.1:{office.port}",
        mail_from="Larkfield status <status@larkfield.example>",
        webhook_allowed=frozenset({("127.0.0.1", port)}),
    )


@pytest.fixture
def sections(app: Flask) -> None:
    money = make.section("money", "Money")
    make.section("direct_deposit", "Direct deposit", parent=money)
    make.section("messages", "Messages")
    make.component("payments", "Payments provider")


@pytest.fixture
def site(sections: None, live: str) -> str:
    return live


@pytest.fixture
def deliver(app: Flask, settings: Settings) -> Callable[[], None]:
    """One turn of a worker. It has an event loop of its own, for which the browser's leaves no room in this thread."""

    def turn() -> None:
        with app.app_context():
            post = outbox.Post(CHANNELS, open_lines, settings, app.config["SECRET_KEY"])
            outbox.turn(post, outbox.Around(now))
            db.session.remove()

    def run() -> None:
        thread = threading.Thread(target=turn)
        thread.start()
        thread.join(30)
        assert not thread.is_alive()

    return run


def link_in(office: Office, part: str) -> str:
    text = office.letters[-1].get_body(("plain",)).get_content()
    found = re.search(rf"http://\S+/follow/{part}/\S+", text)
    assert found, text
    return found[0]


def confirmed(page: Page, site: str, office: Office, deliver: Callable[[], None], query: str = "") -> None:
    page.goto(f"{site}/follow/{query}")
    page.get_by_label("E-mail address").fill(LIN)
    page.get_by_role("button", name="Send me a link to confirm").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your inbox")
    deliver()
    page.goto(link_in(office, "confirm"))
    page.get_by_role("button", name="Yes, send updates").click()
    expect(page.get_by_text("You will get updates from now on.")).to_be_visible()


def followers() -> list[Follower]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Follower).order_by(Follower.id)))


def test_by_mail_from_the_public_page(
    browser: Browser, site: str, office: Office, deliver: Callable[[], None], complaints: list[str]
) -> None:
    with browser.new_context(timezone_id="America/New_York") as context:
        page = context.new_page()
        page.goto(f"{site}/sections/direct_deposit/")
        page.get_by_role("link", name="Get updates").click()
        expect(page.get_by_role("radio", name="Direct deposit")).to_be_checked()
        confirmed(page, site, office, deliver, "?section=direct_deposit")
        assert context.cookies() == []
    assert office.to == [LIN]
    assert (followers()[0].zone, followers()[0].everything) == ("America/New_York", False)


def test_without_script(browser: Browser, site: str, office: Office, deliver: Callable[[], None]) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        confirmed(page, site, office, deliver)
        page.get_by_label("What I choose").check()
        page.get_by_label("Messages").check()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Your changes are saved.")).to_be_visible()
        page.get_by_role("link", name="Stop all updates").click()
        page.get_by_role("button", name="Stop all updates").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You will get no more updates")
    assert [one.address for one in followers()] == [""]


def test_the_news_comes_with_a_way_out(page: Page, site: str, office: Office, deliver: Callable[[], None]) -> None:
    confirmed(page, site, office, deliver)
    lin = followers()[0]
    with writing(SIGNPOST, now()):
        news = Message("outage.start", "section-1", "major", "Money is off", ("Call us.",), Link("More", site), now())
        direct.tell(lin, news, "email", now())
    deliver()
    letter = office.letters[-1]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    stop = letter["List-Unsubscribe"].strip("<>")
    answer = page.request.post(stop, form={"List-Unsubscribe": "One-Click"}, max_redirects=0)
    assert answer.status == 200
    assert followers()[0].left_at


def test_an_endpoint_proves_itself(
    page: Page, site: str, hook: str, endpoint: Endpoint, deliver: Callable[[], None]
) -> None:
    page.goto(f"{site}/follow/?by=webhook")
    page.get_by_label("Address of your endpoint").fill(hook)
    page.get_by_role("button", name="Go on to the signing secret").click()
    endpoint.secret = page.locator("#secret").inner_text()
    page.get_by_role("button", name="Send the challenge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for the endpoint")
    deliver()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The endpoint has answered")
    assert [said["type"] for said in endpoint.heard] == ["challenge"]
    assert followers()[0].confirmed_at


def test_who_signs_otherwise_is_not_believed(
    page: Page, site: str, hook: str, endpoint: Endpoint, deliver: Callable[[], None]
) -> None:
    endpoint.secret = "whsec_AAAA"
    page.goto(f"{site}/follow/?by=webhook")
    page.get_by_label("Address of your endpoint").fill(hook)
    page.get_by_role("button", name="Go on to the signing secret").click()
    page.get_by_role("button", name="Send the challenge").click()
    deliver()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Waiting for the endpoint")
    assert followers()[0].confirmed_at is None


PAGES = ("", "?section=money", "?by=webhook", "?section=gone", "asked/?by=email", "asked/?by=slack", "manage/1-x")


@pytest.mark.parametrize("path", PAGES)
def test_everybody_can_read_it(page: Page, site: str, sound: Callable[[Page], None], path: str) -> None:
    page.goto(f"{site}/follow/{path}")
    choose = page.get_by_role("radio", name="What I choose")
    if choose.count():
        choose.check()
    sound(page)
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (375, 320, 160):  # the last is a screen of 320 with letters twice as large
        page.set_viewport_size({"width": width, "height": 640})
        assert_no_sideways_scroll(page)


def test_what_is_wrong_is_found_and_mended(page: Page, site: str, sound: Callable[[Page], None]) -> None:
    page.goto(f"{site}/follow/")
    page.get_by_label("Problems").uncheck()
    page.get_by_label("Planned work").uncheck()
    page.get_by_label("E-mail address").fill("lin")
    page.get_by_role("button", name="Send me a link to confirm").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value("lin")
    expect(page.locator("#errors").get_by_role("link")).to_have_count(2)
    sound(page)


def test_everybody_can_change_it(
    page: Page, site: str, office: Office, deliver: Callable[[], None], sound: Callable[[Page], None]
) -> None:
    confirmed(page, site, office, deliver)
    sound(page)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Your updates are paused")).to_be_visible()
    sound(page)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("You will get updates again")).to_be_visible()
    page.goto(page.url.replace("manage", "stop").partition("?")[0])
    sound(page)
