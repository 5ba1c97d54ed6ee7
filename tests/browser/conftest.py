"""Shared by all browser tests: chromium, the real app on a loopback port, host pages on another, and axe."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, Page

from dashboard import publish
from dashboard.actions import sign_ins
from dashboard.clock import now
from dashboard.config import Settings, from_environment
from dashboard.db import db
from dashboard.models import Person
from tests.browser import looks
from tests.browser.embedding import NOW, WRAPPED, StatusHost, html
from tests.browser.servers import Host, serving

# The shell is the same engine without a desktop browser's windows and profiles: half the work, or less.
_SHELLS = ("chromium-headless-shell", "chrome-headless-shell")
_NAMES = (*_SHELLS, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PLACES = ("/usr/bin/chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_NONE = "BROWSER TESTS NOT RUN: no chromium. Install one (apt install chromium) or set CHROMIUM to its path."
_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--in-process-gpu",  # it only draws what the processor has made; a process more costs a tenth of all their time
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def chromium_path() -> str | None:
    """CHROMIUM, or the first that is found; None if there is none."""
    found = (os.environ.get("CHROMIUM"), *(shutil.which(name) for name in _NAMES), *_PLACES)
    return next((path for path in found if path and Path(path).is_file()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if any(_NONE in str(report.longrepr) for report in terminalreporter.getreports("skipped")):
        terminalreporter.section(_NONE, red=True, bold=True)


@pytest.fixture(scope="session")
def base_url() -> None:
    """The plugin's own is a method, of which this pytest warns."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    path = chromium_path()
    if path is None:
        pytest.skip(_NONE)
    return {**browser_type_launch_args, "executable_path": path, "args": list(_ARGS)}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "Europe/London", "reduced_motion": "reduce"}


@pytest.fixture
def page(page: Page) -> Page:
    page.set_default_timeout(5_000)
    return page


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the page's console said in red and what was thrown, but for the browser's own words on the network."""
    heard: list[str] = []

    def hear(text: str, place: str = "") -> None:
        if not text.startswith(("Failed to load resource", "Access to fetch at")):
            heard.append(f"{text} {place}")

    page.on("console", lambda said: hear(said.text, str(said.location)) if said.type == "error" else None)
    page.on("pageerror", lambda error: hear(str(error)))
    return heard


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    """As for other tests, but PUBLIC_URL is a loopback port on which `live` can listen."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return from_environment(
        {
            "INSTANCE": str(tmp_path / "instance"),
            "DATABASE_URL": database_url,
            "REDIS_URL": f"unix://{tmp_path}/no-redis.sock",
            "LISTEN": f"127.0.0.1:{port}",
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "SITE_NAME": "Larkfield",
            "TIME_ZONE": "Europe/London",
        }
    )


@pytest.fixture
def live(app: Flask, settings: Settings) -> Iterator[str]:
    """The address of the real app behind its front callable, with what the database holds published. No files of it
    are written, which nobody reads here."""
    publish.press().is_kept = True
    publish.publish(now())
    with serving(app.wsgi_app, settings.listen[1]) as url:
        yield url


@pytest.fixture
def host() -> Iterator[Host]:
    """Somebody else's website, on an origin of its own."""
    with Host() as site:
        yield site


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """Asserts that axe finds nothing wrong with the page as it stands."""
    return looks.assert_accessible


@pytest.fixture
def cookie(app: Flask, live: str) -> Callable[[str], Any]:
    """The cookie of a person with this role who is signed in."""

    def signed(role: str) -> dict[str, str]:
        person = Person(
            name="Priya Shah", email=f"{role}@example.org", password_hash="", roles=frozenset({role}), created_at=now()
        )
        db.session.add(person)
        db.session.commit()
        signer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert signer is not None
        value = signer.dumps({"_user_id": sign_ins.start(person.id, now())})
        return {"name": app.config["SESSION_COOKIE_NAME"], "value": str(value), "url": live}

    return signed


@pytest.fixture
def sign_in(page: Page, cookie: Callable[[str], Any]) -> Callable[[str], None]:
    """Sign the page's browser in as somebody with this role."""
    return lambda role: page.context.add_cookies([cookie(role)])


@pytest.fixture
def tom(page: Page, sign_in: Callable[[str], None]) -> Page:
    """The browser of a delivery manager."""
    sign_in("delivery_manager")
    return page


@pytest.fixture
def scriptless(browser: Browser, cookie: Callable[[str], Any]) -> Iterator[Page]:
    """The same without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([cookie("delivery_manager")])
    yield context.new_page()
    context.close()


@pytest.fixture
def sound(axe: Callable[[Page], None], complaints: list[str]) -> Callable[[Page], None]:
    """Asserts that in every look, all of it unfolded, axe has nothing to say and nothing is wider than the screen; and
    that the page's scripts did not complain."""

    def check(page: Page) -> None:
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        for _ in looks.each_look(page):
            axe(page)
            looks.assert_no_sideways_scroll(page)
        assert complaints == []

    return check


@pytest.fixture
def status() -> Iterator[StatusHost]:
    """A status host that says what a test makes it say."""
    with StatusHost() as site:
        yield site


@pytest.fixture
def visit(page: Page, host: Host, status: StatusHost, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a page of the host's that embeds a section, at the tests' time; in the end nobody may have complained."""
    page.clock.install(time=NOW)

    def go(body: str = WRAPPED, query: str = "", **given: Any) -> Page:
        host.pages["/"] = html(status.url, body, **given)
        page.goto(f"{host.url}/{query}")
        return page

    yield go
    assert not complaints
