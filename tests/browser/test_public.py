"""The public pages in a browser: readable by everybody, up to date by themselves, honest when nothing can be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from dashboard import publish
from dashboard.clock import now
from dashboard.config import Settings
from tests import make
from tests.browser.looks import assert_no_sideways_scroll, each_look
from tests.browser.servers import Host, Reply, serving
from tests.documents.scenes import NOW, at, edition

STATES = ("fine", "off", "parent", "planned", "soon", "degraded", "late", "unknown", "stale", "empty", "hostile")


class Published:
    """The published files on any static host, as they are in one scene at a time."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.url = host.url
        self.show("fine")

    def show(self, scene: str, t: datetime = NOW) -> None:
        made = edition(scene, t)
        date = format_datetime(t, usegmt=True)
        self.host.pages.clear()
        for path in made.lines:
            answer = made.answer(path)
            assert answer is not None
            whole = answer.variants[""]
            self.host.pages[path] = Reply(whole.body, headers={**dict(whole.headers), "Date": date})

    def show_undated(self, scene: str, t: datetime) -> None:
        """The same, for a reader's clock that is let alone."""
        self.show(scene, t)
        for reply in self.host.pages.values():
            assert isinstance(reply, Reply)
            del reply.headers["Date"]

    def die(self) -> None:
        self.host.pages["/"] = Reply("<h1>Bad gateway</h1>", status="502 Bad Gateway")


@pytest.fixture
def site(host: Host) -> Published:
    return Published(host)


@pytest.fixture
def reader(page: Page, site: Published, complaints: list[str]) -> Iterator[Page]:
    """A page whose clock stands at NOW, to be opened at `site.url`; nothing may be said in its console."""
    page.clock.install(time=NOW)
    yield page
    assert not complaints


def open_at(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.get_by_role("button")).to_have_text("Pause updates")


def wait(page: Page, minutes: float) -> None:
    """Let so much time pass for the reader; what is due by then happens once, and the network is not hurried."""
    page.clock.fast_forward(timedelta(minutes=minutes) // timedelta(milliseconds=1))


def settle(page: Page) -> None:
    """What the page asked for by now is answered, and taken: this is asked and answered after it."""
    page.evaluate("fetch('/settled').then((answer) => answer.text()).then(() => null)")


@pytest.mark.parametrize("scene", STATES)
def test_everybody_can_read_it(scene: str, site: Published, reader: Page, axe: Callable[[Page], None]) -> None:
    site.show(scene)
    open_at(reader, site.url)
    for _ in each_look(reader):
        axe(reader)
        assert_no_sideways_scroll(reader)
    reader.evaluate("document.documentElement.dir = 'rtl'")
    axe(reader)
    for width in (375, 320, 160):  # the last is a screen of 320 with letters twice as large
        reader.set_viewport_size({"width": width, "height": 640})
        assert_no_sideways_scroll(reader)


@pytest.mark.parametrize("path", ["/sections/direct_deposit/", "/sections/money/", "/sections/sign_in/"])
def test_everybody_can_read_a_section(path: str, site: Published, reader: Page, axe: Callable[[Page], None]) -> None:
    site.show("off")
    open_at(reader, site.url + path)
    for _ in each_look(reader):
        axe(reader)


def test_everything_is_there_without_script(site: Published, browser: Browser) -> None:
    site.show("off")
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(site.url)
        expect(page.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
        expect(page.get_by_text("Back by 18:00 today")).to_be_visible()
        expect(page.get_by_role("button")).to_have_count(0)


@pytest.mark.parametrize("scene", ["off", "parent", "soon", "planned", "late", "stale"])
def test_script_tells_times_as_the_server_does(scene: str, site: Published, reader: Page) -> None:
    site.show(scene)
    reader.route("**/*.js", lambda route: route.abort())
    reader.goto(site.url)
    without = reader.locator("time").all_inner_texts()
    assert without
    reader.unroute("**/*.js")
    open_at(reader, site.url)
    assert reader.locator("main time").all_inner_texts() == without


def test_first_view_asks_four_times_and_nobody_else(site: Published, reader: Page) -> None:
    site.show("off")
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    open_at(reader, site.url)
    assert len(asked) <= 4
    assert all(url.startswith(site.url) for url in asked)


def test_skip_link_goes_to_the_status(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    reader.keyboard.press("Tab")
    expect(reader.get_by_role("link", name="Skip to the current status")).to_be_in_viewport()
    reader.keyboard.press("Enter")
    expect(reader.locator("main")).to_be_focused()


def test_page_updates_itself_and_says_so_once(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    expect(reader.get_by_role("status")).to_be_empty()
    site.show("off", NOW + timedelta(minutes=1))
    wait(reader, 1)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
    expect(reader).to_have_title("Direct deposit is unavailable until 18:00 – Larkfield status")
    expect(reader.get_by_role("status")).to_have_text("Direct deposit is unavailable until 18:00.")
    expect(reader.locator("link[rel=icon]")).to_have_attribute("href", "favicon/major.svg")
    expect(reader.locator(".live")).to_contain_text("Checked at 14:32")


def test_countdown_is_told_each_minute_and_never_announced(site: Published, reader: Page) -> None:
    site.show("off")
    open_at(reader, site.url)
    expect(reader.locator(".until").first).to_have_text("Back by 18:00 today – in about 3 hours 30 minutes")
    site.show("off", at(17, 20))
    wait(reader, 169)
    expect(reader.locator(".until").first).to_have_text("Back by 18:00 today – in about 40 minutes")
    expect(reader.get_by_role("status")).to_be_empty()


def test_what_did_not_change_is_left_alone(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    link = reader.get_by_role("link", name="Prescriptions")
    link.focus()
    mark = reader.evaluate_handle("document.getElementById('systems')")
    site.show("off", NOW + timedelta(minutes=1))
    wait(reader, 1)
    expect(reader.get_by_role("heading", name="Affected now")).to_be_visible()
    expect(link).to_be_focused()
    assert not mark.evaluate("(part) => part.isConnected"), "the index is worked on: this part changed"
    mark = reader.evaluate_handle("document.getElementById('systems')")
    site.show("off", NOW + timedelta(minutes=2))
    asked = site.host.times("/")
    wait(reader, 1)
    settle(reader)
    assert site.host.times("/") == asked + 1
    assert mark.evaluate("(part) => part.isConnected")


def test_pause_stops_asking_for_the_visit(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    reader.get_by_role("button", name="Pause updates").click()
    asked = site.host.times("/")
    wait(reader, 5)
    settle(reader)
    assert site.host.times("/") == asked
    reader.reload()
    expect(reader.locator(".live")).to_have_text("Checked at 14:36Updates are pausedResume updates")
    site.show("off", NOW + timedelta(minutes=5))
    reader.get_by_role("button", name="Resume updates").click()
    wait(reader, 1)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")


def test_hidden_page_asks_nothing_until_it_is_seen(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    asked = site.host.times("/")
    show = "(hidden) => { Object.defineProperty(document, 'hidden', { get: () => hidden, configurable: true });"
    show += " document.dispatchEvent(new Event('visibilitychange')); }"
    reader.evaluate(show, True)
    wait(reader, 5)
    settle(reader)
    assert site.host.times("/") == asked
    site.show("off", NOW + timedelta(minutes=5))
    reader.evaluate(show, False)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")


def test_end_is_asked_for_when_it_comes(site: Published, reader: Page) -> None:
    site.show("degraded", at(15, 59))
    reader.clock.set_system_time(at(15, 59) + timedelta(seconds=30))
    reader.goto(site.url)
    site.show("degraded", at(16))
    wait(reader, 0.6)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Every part of Larkfield is working")


def test_copy_from_just_before_the_end_is_asked_for_again_soon(site: Published, reader: Page) -> None:
    reader.clock.set_system_time(at(17, 59) + timedelta(seconds=50))
    site.show_undated("off", at(17, 59))
    open_at(reader, site.url)
    wait(reader, 12 / 60)
    expect(reader.locator(".live")).to_contain_text("Checked at 18:00")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
    site.show_undated("off", at(18))
    wait(reader, 5 / 60)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Every part of Larkfield is working")
    expect(reader.get_by_role("status")).to_have_text("Every part of Larkfield is working.")


def test_copy_that_stays_old_is_doubted_after_half_a_minute(site: Published, reader: Page) -> None:
    reader.clock.set_system_time(at(17, 59) + timedelta(seconds=50))
    site.show_undated("off", at(17, 59))
    open_at(reader, site.url)
    for words in ["is unavailable until 18:00"] * 3 + ["should be working again"]:
        with reader.expect_response(site.url + "/"):
            wait(reader, 12 / 60)
        settle(reader)
        expect(reader.get_by_role("heading", level=1)).to_have_text(f"Direct deposit {words}")


def test_offline_past_the_end_it_should_be_back(site: Published, reader: Page) -> None:
    site.show("off")
    open_at(reader, site.url)
    site.die()
    wait(reader, 1)
    expect(reader.locator(".live")).to_contain_text("We could not check since 14:31")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
    wait(reader, 4 * 60)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit should be working again")
    expect(reader).to_have_title("Direct deposit should be working again – Larkfield status")
    expect(reader.locator(".until").first).to_have_text("Expected back at 18:00. We could not check since 14:31.")
    expect(reader.get_by_role("status")).to_have_text("Direct deposit should be working again.")
    expect(reader.locator("link[rel=icon]")).to_have_attribute("href", "favicon/unknown.svg")
    expect(reader.get_by_text("Unavailable until")).to_have_count(0)
    expect(reader.get_by_text("Partly working")).to_have_count(0)


def go_offline(site: Published, page: Page, t: datetime) -> None:
    """Let the host die, and the reader's clock run until ``t``."""
    site.die()
    wait(page, 1)
    expect(page.locator(".live")).to_contain_text("We could not check")
    wait(page, (t - NOW) / timedelta(minutes=1))


def test_offline_past_one_end_the_headline_tells_the_other(site: Published, reader: Page) -> None:
    site.show("off")
    open_at(reader, site.url)
    go_offline(site, reader, at(16, 5))
    expect(reader.get_by_text("Not checked")).to_have_count(2)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
    expect(reader.get_by_role("status")).to_be_empty()


def test_offline_past_the_end_of_what_holds_nothing_is_promised(site: Published, reader: Page) -> None:
    site.show("hold")
    open_at(reader, site.url + "/sections/direct_deposit/")
    site.host.pages["/sections/direct_deposit/"] = Reply(status="503 Service Unavailable")
    go_offline(site, reader, at(18, 5))
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit may still be unavailable")
    expect(reader.locator(".until")).to_have_text("Expected back at 18:00. We could not check since 14:31.")


def test_back_online_the_truth_is_told(site: Published, reader: Page) -> None:
    site.show("off")
    open_at(reader, site.url)
    go_offline(site, reader, at(18, 5))
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit should be working again")
    site.show("unknown", at(18, 7))
    wait(reader, 1)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable")
    expect(reader.get_by_role("status")).to_have_text("Direct deposit is unavailable.")


def test_old_copy_on_a_living_host_is_not_believed_past_its_end(site: Published, reader: Page) -> None:
    site.show("off")
    page = site.host.pages["/"]
    assert isinstance(page, Reply)
    page.headers["Date"] = format_datetime(at(18, 5), usegmt=True)
    reader.clock.set_system_time(at(18, 5))
    reader.goto(site.url)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit should be working again")
    expect(reader.locator(".until").first).to_contain_text("This copy of the page is from before then.")


def test_reader_whose_clock_is_fast_is_not_told_wrongly(site: Published, reader: Page) -> None:
    site.show("off")
    reader.clock.set_system_time(at(18, 31))
    open_at(reader, site.url)
    expect(reader.locator(".until").first).to_have_text("Back by 18:00 today – in about 3 hours 30 minutes")
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")


def test_clock_that_is_three_seconds_fast_is_set_right(site: Published, reader: Page) -> None:
    reader.clock.set_system_time(at(14, 32) + timedelta(seconds=2))
    site.show("fine", at(14, 32) + timedelta(seconds=59))
    open_at(reader, site.url)
    wait(reader, 1)
    expect(reader.locator(".live")).to_contain_text("Checked at 14:32")


def test_clock_that_is_set_back_does_not_stop_the_page(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    reader.clock.set_system_time(NOW - timedelta(hours=1))
    site.show("off", NOW + timedelta(minutes=1))
    wait(reader, 1)
    expect(reader.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 18:00")
    expect(reader.locator(".live")).to_contain_text("Checked at 14:32")


def test_times_are_told_in_the_readers_zone_with_its_name(site: Published, browser: Browser) -> None:
    site.show("off")
    with browser.new_context(locale="en-GB", timezone_id="Europe/Berlin") as context:
        page = context.new_page()
        page.clock.install(time=NOW)
        open_at(page, site.url)
        expect(page).to_have_title("Direct deposit is unavailable until 19:00 CET – Larkfield status")
        expect(page.locator("#planned h3")).to_have_text("Prescriptions will be unavailable Sunday 03:00 to 05:00 CET")
        expect(page.get_by_text("Back by 19:00 today CET – in about 3 hours 30 minutes")).to_be_visible()
        expect(page.get_by_text("Times are in your time zone, Europe/Berlin.")).to_be_visible()


def test_no_midnight_in_the_readers_zone(site: Published, browser: Browser) -> None:
    site.show("off")
    with browser.new_context(locale="en-GB", timezone_id="Asia/Dhaka") as context:
        page = context.new_page()
        page.clock.install(time=NOW)
        open_at(page, site.url)
        expect(page.get_by_role("heading", level=1)).to_have_text("Direct deposit is unavailable until 23:59 GMT+6")


def test_print_is_dark_on_white_and_has_no_button(site: Published, reader: Page) -> None:
    open_at(reader, site.url)
    reader.emulate_media(media="print", color_scheme="dark")
    expect(reader.get_by_role("button")).to_be_hidden()
    expect(reader.locator(".live")).to_be_hidden()
    expect(reader.get_by_text("this status as data")).to_be_hidden()
    expect(reader.get_by_role("heading", level=1)).to_have_css("color", "rgb(21, 32, 43)")


def test_app_is_asked_only_for_what_is_new(app: Flask, settings: Settings, page: Page, complaints: list[str]) -> None:
    section = make.section("direct_deposit")
    publish.publish(now())
    known: list[str | None] = []

    def spy(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        if environ["PATH_INFO"] == "/":
            known.append(environ.get("HTTP_IF_NONE_MATCH"))
        return app.wsgi_app(environ, start)

    with serving(spy, settings.listen[1]) as url:
        page.clock.install()
        open_at(page, url)
        wait(page, 1)
        make.outage(section, now())
        publish.publish(now())
        wait(page, 1)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Direct deposit is unavailable until")
    assert not complaints
    assert known[0] is None
    assert all(known[1:])
