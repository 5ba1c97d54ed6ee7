"""A team's own channel is added once a test has arrived there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.config import Settings
from dashboard.db import db
from dashboard.models import Follower
from tests import make
from tests.conftest import NOW
from tests.views.page import Page, Post

LIST, NEW = "/admin/channels", "/admin/channels/new"


@dataclass(slots=True)
class Hook:
    """A receiver on this machine; ``status`` is what it answers."""

    url: str = ""
    status: int = 204
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)


@pytest.fixture
def hook() -> Iterator[Hook]:
    found = Hook()

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            found.signatures.append(self.headers["webhook-signature"])
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(10)


@pytest.fixture
def settings(settings: Settings, hook: Hook) -> Settings:
    port = int(hook.url.split(":")[2].partition("/")[0])
    return replace(settings, webhook_allowed=frozenset({("127.0.0.1", port)}))


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def add(client: FlaskClient, page: Page, post: Post, **given: object) -> TestResponse:
    form = page(client.get(NEW)).form(NEW)
    return post(client, NEW, {**form, "name": "Payments team", "channel": "webhook", "planned": "y", **given})


def team() -> list[Follower]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Follower).where(Follower.is_staff)))


def test_none_yet(viewer: FlaskClient, page: Page) -> None:
    assert "No team is told yet" in page(viewer.get(LIST)).text


def test_time_zones_are_offered(tom: FlaskClient, page: Page) -> None:
    form = page(tom.get(NEW))
    offered = [one.attrs["value"] for one in form.one("datalist", id=form.one(id="zone").attrs["list"]).all("option")]
    assert {"UTC", "Europe/London"} <= set(offered)


def test_a_test_is_sent_and_it_is_there(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    section = make.section("documents")
    answer = add(tom, page, post, address=hook.url, what="chosen", sections=section.id)
    assert answer.status_code == 303
    [found] = team()
    assert (found.name, found.address, found.confirmed_at, found.everything) == ("Payments team", hook.url, NOW, False)
    assert json.loads(hook.bodies[0])["type"] == "test"
    assert hook.signatures[0].startswith("v1,")
    shown = page(tom.get(LIST)).text
    assert "The test arrived. Payments team is told from now on." in shown
    assert f"Webhook · {hook.url}" in shown


def test_the_secret_is_told_before_the_test(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    form = page(tom.get(NEW))
    secret = form.one("code", id="secret").text
    assert form.form(NEW)["secret"] == secret
    add(tom, page, post, address=hook.url, secret=secret)
    assert team()[0].secret == secret


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"name": ""}, "Give it a name, like Payments team."),
        ({"channel": "slack", "address": "https://hooks.larkfield.example/x"}, "not an incoming webhook of Slack"),
        ({"channel": "pigeon"}, "Choose from this list."),
        ({"channel": "email", "address": "ops@larkfield.example"}, "Choose from this list."),
        ({"address": "http://169.254.169.254/latest"}, "public"),
        ({"what": "chosen"}, "Choose a section or a component"),
        ({"secret": "x"}, "There is a problem"),
    ],
)
def test_what_cannot_be_added(
    tom: FlaskClient, page: Page, post: Post, hook: Hook, given: dict[str, str], words: str
) -> None:
    answer = add(tom, page, post, **{"address": hook.url, **given})
    assert answer.status_code == 422
    assert words in page(answer).text
    assert not hook.bodies
    assert not team()


def test_nothing_is_added_where_the_test_does_not_arrive(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    hook.status = 500
    answer = add(tom, page, post, address=hook.url)
    assert answer.status_code == 422
    found = page(answer)
    assert "The test did not arrive. It answered 500." in found.text
    assert found.form(NEW)["address"] == hook.url
    assert not team()


def test_one_that_follows_already(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    make.follower(hook.url, channel="webhook")
    answer = add(tom, page, post, address=hook.url)
    assert "This address is followed with already." in page(answer).text


def test_a_form_that_is_sent_twice_adds_it_once(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    add(tom, page, post, address=hook.url)
    add(tom, page, post, address=hook.url)
    assert len(team()) == 1
    assert "Payments team is here already." in page(tom.get(LIST)).text


def test_its_name_can_be_changed(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    add(tom, page, post, address=hook.url)
    edit = f"/admin/followers/{team()[0].id}/edit"
    post(tom, edit, {**page(tom.get(edit)).form(edit), "name": "Bank team"})
    assert team()[0].name == "Bank team"


def test_it_is_removed_by_its_name(tom: FlaskClient, page: Page, post: Post, hook: Hook) -> None:
    add(tom, page, post, address=hook.url)
    answer = post(tom, f"/admin/followers/{team()[0].id}/remove", {"name": "payments team"})
    assert answer.location == LIST
    assert team()[0].address == ""
    assert "No team is told yet" in page(tom.get(LIST)).text
