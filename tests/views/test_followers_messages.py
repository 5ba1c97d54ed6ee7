"""How messages look: every kind in every channel, and one to oneself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
import time_machine
from flask.testing import FlaskClient

from dashboard.config import Settings
from dashboard.views.message_samples import KINDS
from dashboard.views.messages import SHAPES
from tests.channels.post_office import Office, post_office
from tests.conftest import NOW
from tests.views.page import HTMX, Page, Post, read

LIST = "/admin/messages"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize("channel", SHAPES)
def test_every_kind(viewer: FlaskClient, page: Page, channel: str) -> None:
    for kind in KINDS:
        found = page(viewer.get(f"{LIST}?kind={kind}&channel={channel}")).one("main").text
        assert "Document" in found or kind in ("staff-source", "staff-lost")
        assert "{until}" not in found


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("off", "Documents is unavailable until 16:30 GMT"),
        ("extended", "It takes longer than we said before."),
        ("back", "Documents is working again"),
        ("off", "Send copies by post, or call us."),
        ("off", "Help with documents"),
        ("reminder", "Reminder: Documents will be unavailable 15:30 to 17:30 GMT"),
        ("moved", "New time: Documents will be unavailable"),
        ("resolved", "Resolved: Documents do not open"),
        ("staff-off", "Priya Shah took Documents off until 16:30 GMT"),
        ("staff-off", "Why: The virus scanner is down"),
        ("staff-lost", "Nothing arrived for three days."),
    ],
)
def test_what_it_says(viewer: FlaskClient, page: Page, kind: str, words: str) -> None:
    assert words in page(viewer.get(f"{LIST}?kind={kind}")).text


def test_the_kinds_stand_in_one_menu_that_brings_the_sample_alone(viewer: FlaskClient, page: Page) -> None:
    menu = page(viewer.get(f"{LIST}?kind=late")).one("select", name="kind")
    assert [group.attrs["label"] for group in menu.all("optgroup")] == ["To followers", "To team channels"]
    assert menu.one("option", selected="").text == KINDS["late"].label
    alone = viewer.get(f"{LIST}?kind=back&channel=slack", headers=HTMX).text
    assert "Documents is working again" in alone
    assert "<h1" not in alone


def test_a_webhook_carries_json(viewer: FlaskClient, page: Page) -> None:
    found = page(viewer.get(f"{LIST}?kind=opened&channel=webhook")).one("pre")
    assert json.loads(found.text)["incident"]["name"] == "Documents do not open"


@pytest.mark.parametrize("kind", [kind for kind, about in KINDS.items() if about.is_staff])
def test_all_that_staff_are_told_leads_to_where_it_is_done(viewer: FlaskClient, page: Page, kind: str) -> None:
    notice = json.loads(page(viewer.get(f"{LIST}?kind={kind}&channel=webhook")).one("pre").text)["notice"]
    assert notice["url"].startswith("http://status.example.org/admin/")
    assert all(action["url"].startswith("http://status.example.org/admin/") for action in notice["actions"])


@pytest.mark.parametrize("channel", ["slack", "teams"])
def test_a_chat_has_links(viewer: FlaskClient, page: Page, channel: str) -> None:
    found = page(viewer.get(f"{LIST}?kind=staff-off&channel={channel}"))
    assert {"Extend 1 h", "Bring Documents back"} <= {span.text for span in found.all("span", class_="pill")}


def test_the_mail_stands_in_a_frame_where_it_can_do_nothing(viewer: FlaskClient, page: Page) -> None:
    answer = viewer.get(LIST)
    frame = page(answer).one("iframe")
    assert frame.attrs["sandbox"] == ""
    assert "frame-src 'self'" in answer.headers["Content-Security-Policy"]
    mail = viewer.get(frame.attrs["src"])
    assert "Documents is unavailable until 16:30 GMT" in read(mail.text.removeprefix("<!doctype html>")).text
    assert "sandbox" in mail.headers["Content-Security-Policy"]
    assert "script-src" not in mail.headers["Content-Security-Policy"]
    assert mail.headers["X-Frame-Options"] == "SAMEORIGIN"


def test_no_such_kind(ada: FlaskClient, page: Page, post: Post) -> None:
    assert ada.get(f"{LIST}/none/mail").status_code == 404
    assert post(ada, f"{LIST}/none/send").status_code == 404
    assert "Documents is unavailable" in page(ada.get(f"{LIST}?kind=none&channel=none")).text


class TestToOneself:
    def test_without_a_mail_server(self, tom: FlaskClient, page: Page, post: Post) -> None:
        assert "No mail server is set" in page(tom.get(LIST)).text
        answer = post(tom, f"{LIST}/off/send")
        assert "so it was not sent" in page(tom.get(answer.location)).text

    def test_only_who_looks_after_followers(self, viewer: FlaskClient, post: Post) -> None:
        assert post(viewer, f"{LIST}/off/send").status_code == 403


class TestWhereMailIsSet:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, smtp_url="smtp://127.0.0.1:9", mail_from="status@larkfield.example")

    def test_what_came_of_it_is_said(self, tom: FlaskClient, page: Page, post: Post) -> None:
        assert "Send it to tom@example.org" in page(tom.get(LIST)).text
        answer = post(tom, f"{LIST}/off/send")
        assert "It was not sent. The mail server could not be used" in page(tom.get(answer.location)).text


class TestWhereMailArrives:
    @pytest.fixture
    def office(self) -> Iterator[Office]:
        with post_office(Office()) as office:
            yield office

    @pytest.fixture
    def settings(self, settings: Settings, office: Office) -> Settings:
        return replace(settings, smtp_url=f"smtp://127.0.0.1:{office.port}", mail_from="status@larkfield.example")

    def test_it_comes_to_whoever_asked(self, tom: FlaskClient, page: Page, post: Post, office: Office) -> None:
        answer = post(tom, f"{LIST}/off/send")
        assert "It is on its way to tom@example.org." in page(tom.get(answer.location)).text
        assert office.to == ["tom@example.org"]
        assert office.letters[0]["Subject"] == "Sample: Documents is unavailable until 16:30 GMT"
