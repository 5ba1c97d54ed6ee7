"""A page of another origin reads flags by OpenFeature's own provider, as docs/openfeature.md shows (T34)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from playwright.sync_api import Page, expect

from dashboard.clock import now
from dashboard.config import Settings
from dashboard.front import Front
from dashboard.press import Press
from tests import given
from tests.browser.servers import Host, Reply, serving
from tests.browser.test_streams import answers, streams
from tests.conftest import NOW
from tests.contracts.providers import DOWN, MODULES, TITLE, WELL, Site, documented, needs_modules
from tests.faults.running import free_port, wait_for
from tests.test_front import fail

pytestmark = needs_modules

IMPORTS = {
    "@openfeature/web-sdk": "web-sdk/dist/esm/index.js",
    "@openfeature/core": "core/dist/esm/index.js",
    "@openfeature/ofrep-core": "ofrep-web-provider/node_modules/@openfeature/ofrep-core/index.esm.js",
    "@openfeature/ofrep-web-provider": "ofrep-web-provider/index.esm.js",
}
MAP = ", ".join(f'"{name}": "/{path}"' for name, path in IMPORTS.items())


@pytest.fixture
def site(settings: Settings) -> Iterator[Site]:
    press = Press(settings)
    press.put(DOWN, NOW)
    with serving(Front(fail, press, 16, {"admin"})) as url, time_machine.travel(NOW):
        yield Site(press, url)


@pytest.fixture
def host(site: Site) -> Iterator[Host]:
    """A website whose page holds what the docs say, in a hurry."""
    with Host() as host:
        furnish(host, site.url, poll_every="200")
        yield host


def furnish(host: Host, url: str, poll_every: str) -> None:
    for path in IMPORTS.values():
        script = (MODULES / "@openfeature" / path).read_bytes()
        host.pages[f"/{path}"] = Reply(script, headers={"Content-Type": "text/javascript"})
    code = documented("js", "pollInterval", url).replace("15_000", poll_every)
    importing = f'<script type="importmap">{{"imports": {{{MAP}}}}}</script>'
    host.pages["/"] = f'<!doctype html>{importing}<p id="notice" hidden></p><script type="module">{code}</script>'


def test_a_page_shows_the_notice_from_the_flag_alone(page: Page, site: Site, host: Host) -> None:
    page.goto(host.url)
    notice = page.locator("#notice")
    expect(notice).to_have_text(f"{TITLE}. You cannot pay.")
    with page.expect_response(lambda answer: "/ofrep/" in answer.url and answer.status == 304):
        pass
    site.press.put(replace(WELL, revision=44), NOW)
    expect(notice).to_be_hidden()


def test_it_finds_the_event_stream_and_need_not_poll(page: Page, settings: Settings) -> None:
    port, press = free_port(), Press(settings)
    events = replace(WELL.site, events_url=f"http://127.0.0.1:{port}")
    well = replace(WELL, site=events)
    off = replace(well, revision=43, outages=(given.outage("14:00-"),))  # no end, whatever the time of the test
    press.put(well, now())
    with serving(Front(fail, press, 16, {"admin"})) as url, streams(settings.instance, port), Host() as host:
        wait_for(lambda: answers(port))
        furnish(host, url, poll_every="86_400_000")
        with page.expect_response(lambda answer: answer.url.endswith("/ofrep/v1/events")):
            page.goto(host.url)
        expect(page.locator("#notice")).to_be_hidden()
        press.put(off, now())
        expect(page.locator("#notice")).to_contain_text("Direct deposit is unavailable")
        press.put(replace(well, revision=44), now())
        expect(page.locator("#notice")).to_be_hidden()
