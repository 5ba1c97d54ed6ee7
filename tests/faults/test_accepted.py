"""What the web has accepted is told, whatever is killed right after it said so."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPException
from http.cookiejar import CookieJar
from threading import Timer
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from dashboard import config, passwords
from dashboard.actions import people
from dashboard.actions.writing import SIGNPOST
from dashboard.app import bare
from dashboard.clock import now
from dashboard.db import db
from dashboard.models import Change, Notification
from tests import make
from tests.faults.running import Running, wait_for
from tests.faults.sink import Sink
from tests.faults.test_deliveries import SECRET, kill
from tests.views.page import read

PRIYA = {"email": "priya@larkfield.example", "password": "a password for the tests"}
KEYS = ("documents", "messages", "payments")


@pytest.fixture
def sink() -> Iterator[Sink]:
    made = Sink()
    yield made
    made.close()


@pytest.fixture
def running(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("accepting"), WEBHOOK_ALLOWED=sink.allowed())
    try:
        yield made.until_up()
    finally:
        made.end()


@pytest.fixture
def app(running: Running, sink: Sink) -> Iterator[Flask]:
    """Somebody who may turn sections off, and a team that is told of it."""
    app = bare(config.from_environment(running.environ))
    with app.app_context():
        passwords.use(app, PasswordHasher())
        hashed, roles = passwords.hashed(PRIYA["password"]), frozenset({"product_manager"})
        people.add("Priya Shah", PRIYA["email"], hashed, roles, SIGNPOST, now())
        for key in KEYS:
            make.section(key)
        make.follower(sink.url("/ok/team"), channel="webhook", secret=SECRET, is_staff=True, name="Web team")
        db.session.remove()
        yield app
        db.session.remove()
        db.engine.dispose()


class Browser:
    def __init__(self, url: str) -> None:
        self.url = url
        self.line: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def form(self, page: str, action: str = "") -> dict[str, str]:
        """What that page's form holds."""
        with self.line.open(self.url + page, timeout=10) as answer:
            root = read(answer.read().decode())
        return root.form(action) if action else root.one("form").fields()

    def post(self, action: str, form: dict[str, str]) -> str:
        """Where one is then."""
        with self.line.open(self.url + action, urlencode(form).encode(), timeout=10) as answer:
            return str(answer.url).removeprefix(self.url)


@pytest.fixture
def priya(running: Running, app: Flask) -> Browser:
    browser = Browser(running.url)
    browser.post("/admin/sign-in", {**browser.form("/admin/sign-in"), **PRIYA})
    return browser


def off(browser: Browser, key: str) -> tuple[str, dict[str, str]]:
    """Where to post what, so that it is off."""
    here = f"/admin/sections/{key}"
    return f"{here}/outage", browser.form(f"{here}/off", f"{here}/outage")


def assert_told_once(sink: Sink) -> None:
    """Each that is off, to the team, by its own id."""
    wait_for(lambda: len(sink.got("/ok/team")) == len(KEYS), 35)
    keys = db.session.scalars(sa.select(Notification.key).where(Notification.audience == "staff")).all()
    assert sorted(sink.got("/ok/team")) == sorted(f"msg_{key}_1" for key in keys)
    assert db.session.scalar(sa.select(sa.func.count()).where(Change.kind == "outage.start")) == len(KEYS)


def test_killed_right_after_the_commit_while_the_queue_is_frozen(
    running: Running, app: Flask, sink: Sink, priya: Browser
) -> None:
    (server,) = running.pids("queue")
    os.kill(server, signal.SIGSTOP)
    for key in KEYS:
        assert priya.post(*off(priya, key)).startswith("/admin/sections")
        kill(running.pids("web"))
        wait_for(lambda: running.get("/healthz") == 200, 30)
    kill([server])
    assert_told_once(sink)


def test_killed_in_the_middle_and_asked_again_it_is_done_once(
    running: Running, app: Flask, sink: Sink, priya: Browser
) -> None:
    """As a browser does whose request nobody answered: the same form once more."""
    for key in KEYS:
        asked = off(priya, key)
        for milliseconds in (5, 40):
            doom = Timer(milliseconds / 1_000, lambda: kill(running.pids("web")))
            doom.start()
            with suppress(OSError, HTTPException):
                priya.post(*asked)
            doom.join()
            wait_for(lambda: running.get("/healthz") == 200, 30)
        assert priya.post(*asked).startswith("/admin/sections")
    assert_told_once(sink)
