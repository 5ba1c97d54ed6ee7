"""The examples as a developer starts them: a section is turned off in the admin, and gives way to its notice; it is
brought back, and what was typed is still there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from urllib.request import urlopen

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from dashboard.config import ROOT
from tests import make
from tests.browser.embedding import answered
from tests.browser.servers import Host, Reply
from tests.faults.running import free_port, wait_for

EXAMPLES = ROOT / "examples"
NO_MODULES = "THE REACT EXAMPLE NOT TRIED: npm install --no-package-lock --prefix examples/react"
STATIC = [sys.executable, str(EXAMPLES / "static" / "serve.py")]
REACT = ["node", str(EXAMPLES / "react" / "serve.js")]  # what npm start runs once its modules are there
FLASK = [sys.executable, "-m", "flask", "--app", str(EXAMPLES / "flask" / "app.py"), "run"]
needs_modules = pytest.mark.skipif(not (EXAMPLES / "react" / "node_modules").is_dir(), reason=NO_MODULES)
NOTICE = "signpost-section .banner"

Start = Callable[[list[str]], str]


@pytest.fixture
def start(live: str) -> Iterator[Start]:
    """Start an example beside Signpost; its address once it answers."""
    started = []

    def begin(command: list[str]) -> str:
        port = str(free_port())
        environ = {**os.environ, "SIGNPOST_URL": live, "PORT": port, "FLASK_RUN_PORT": port}
        started.append(subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        url = f"http://127.0.0.1:{port}/"
        wait_for(lambda: started[-1].poll() is not None or answers(url), 30)
        return url

    yield begin
    for process in started:
        process.kill()
        process.wait(5)


def answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@pytest.fixture
def admin(app: Flask, live: str, context: BrowserContext, cookie: Callable[[str], Any]) -> Page:
    """A product manager at the board, in a tab beside the example."""
    make.section("direct_deposit", message="You cannot see or change your bank details.")
    context.add_cookies([cookie("product_manager")])
    tab = context.new_page()
    tab.set_default_timeout(5_000)
    tab.goto(f"{live}/admin/sections")
    return tab


def turn_off(admin: Page) -> None:
    admin.click("#s-direct_deposit .switch")
    admin.click("#go-direct_deposit")
    expect(admin.locator("#done")).to_contain_text("Direct deposit is off until")


def bring_back(admin: Page) -> None:
    admin.click("#s-direct_deposit .board__acts >> text=Bring back")
    expect(admin.locator("#done")).to_contain_text("Direct deposit is back")


@pytest.mark.parametrize(
    "command", [STATIC, pytest.param(REACT, marks=needs_modules), FLASK], ids=["static", "react", "flask"]
)
def test_off_and_back_with_what_was_typed(page: Page, admin: Page, start: Start, command: list[str]) -> None:
    page.clock.install()
    page.goto(start(command))
    page.fill("#account", "12345678")
    answered(page)
    turn_off(admin)
    page.clock.fast_forward("00:20")
    expect(page.locator(NOTICE)).to_contain_text("Direct deposit is unavailable until")
    expect(page.locator("#account")).to_be_hidden()
    bring_back(admin)
    page.clock.fast_forward("00:20")
    expect(page.locator("#account")).to_be_visible()
    expect(page.locator("#account")).to_have_value("12345678")
    expect(page.locator(NOTICE)).to_contain_text("Direct deposit is working again")


@needs_modules
def test_the_hook_decides_for_itself(page: Page, admin: Page, start: Start) -> None:
    turn_off(admin)
    page.goto(start(REACT))
    expect(page.locator("button[type=button]:not(.close)")).to_be_disabled()
    expect(page.locator("#why")).to_contain_text("Direct deposit is unavailable until")


def test_the_server_prints_what_holds_and_refuses_by_the_same_flag(page: Page, admin: Page, start: Start) -> None:
    url = start(FLASK)
    page.goto(url)
    page.fill("#account", "12345678")
    page.click("form button")
    expect(page.locator("[role=status]:not(.live)")).to_have_text("Saved.")
    page.fill("#account", "87654321")
    turn_off(admin)
    page.click("form button")
    expect(page.locator("[role=alert]")).to_contain_text("Direct deposit is unavailable until")
    expect(page.locator("#account")).to_have_value("87654321")
    assert "direct_deposit" in page.locator("#signpost-data").inner_text()


def test_a_dead_status_host_takes_nothing_away(page: Page, start: Start) -> None:
    for command in (STATIC, FLASK):
        url = start(["env", "SIGNPOST_URL=http://127.0.0.1:9", *command])
        page.goto(url)
        page.fill("#account", "12345678")
        expect(page.locator("h1")).to_have_text("Your account")


@pytest.mark.parametrize("said", ["</script><h1>Error</h1>", "null", '{"value": tr', "[]"])
def test_a_status_host_that_talks_nonsense_takes_nothing_away(page: Page, host: Host, start: Start, said: str) -> None:
    host.pages["/embed/v1/status.json"] = Reply(said)
    host.pages["/ofrep/v1/evaluate/flags/section.direct_deposit.down"] = Reply(said)
    page.goto(start(["env", f"SIGNPOST_URL={host.url}", *FLASK]))
    page.fill("#account", "12345678")
    page.click("form button")
    expect(page.locator("[role=status]")).to_have_text("Saved.")
    expect(page.locator("h1")).to_have_text("Your account")
