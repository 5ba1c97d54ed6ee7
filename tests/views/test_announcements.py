"""The announcements' screens: drafts, what is to come and what is out; written, edited, published, archived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard import publish
from dashboard.db import db
from dashboard.models import Announcement
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, check_parts, read
from tests.views.queries import questions

LIST, NEW, EDIT = "/admin/announcements", "/admin/announcements/new", "/admin/announcements/1/edit"
PUBLISH, ARCHIVE, RESTORE = (f"/admin/announcements/1/{word}" for word in ("publish", "archive", "restore"))
HOUR = timedelta(hours=1)
GOOD = {
    "title": "Pay by phone",
    "body": "You can pay by phone.",
    "link_url": "https://larkfield.example/pay",
    "link_label": "How to pay",
    "publish": "now",
    "once": "a-form-s-own-once-key",
}
AT = {"publish": "at", "publish_at": "2026-11-21T18:00", "zone": "Europe/London"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def stored(column: str) -> object:
    return db.session.scalars(sa.select(getattr(Announcement, column))).one()


def row(page: Node) -> str:
    return page.one("li", id="announcement-1").text


def test_an_empty_list_says_what_to_do(tom: FlaskClient, page: Page) -> None:
    assert "Nothing to announce yet" in page(tom.get(LIST)).text


def test_drafts_then_what_is_to_come_then_what_is_out(tom: FlaskClient, page: Page) -> None:
    make.announcement("Out")
    make.announcement("To come", published_at=NOW + HOUR)
    make.announcement("Draft", published_at=None)
    make.announcement("Gone", archived_at=NOW)
    listed = page(tom.get(LIST))
    assert [h2.text for h2 in listed.all("h2")] == ["Drafts", "To be published", "Published"]
    assert [name.text for name in listed.all("p", class_="lines__name")] == ["Draft", "To come", "Out", "Gone"]


def test_fifty_a_page(tom: FlaskClient, page: Page) -> None:
    for number in range(51):
        make.announcement(f"News {number}", published_at=NOW - number * HOUR)
    assert "News 50" not in page(tom.get(LIST)).text
    assert "News 50" in page(tom.get(f"{LIST}?page=2")).text
    assert "Nothing on this page" in page(tom.get(f"{LIST}?page=9")).text
    for nonsense in ("0", "-1", "x", "9" * 50):
        assert tom.get(f"{LIST}?page={nonsense}").status_code == 200


def test_hostile_words_do_nothing(tom: FlaskClient, page: Page) -> None:
    make.announcement(HOSTILE, body=HOSTILE, link_label=HOSTILE, by=HOSTILE)
    for url in (LIST, EDIT):
        assert HOSTILE not in tom.get(url).text
        assert not page(tom.get(url)).all("img")


class TestWriting:
    def test_published_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        answer = post(tom, NEW, GOOD)
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        listed = page(tom.get(LIST))
        assert "Pay by phone is published." in listed.text
        assert "Pay by phone Published 14:30 by Tom Reed You can pay by phone." in row(listed)
        publish.publish(NOW)
        assert "You can pay by phone." in tom.get("/announcements/").text

    def test_at_a_time(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, NEW, {**GOOD, **AT, "zone": "Europe/Berlin"})
        assert stored("published_at") == datetime.fromisoformat("2026-11-21T17:00:00+00:00")
        listed = page(tom.get(LIST))
        assert "Pay by phone will be published 17:00." in listed.text
        assert "Will be published 17:00" in row(listed)

    def test_as_a_draft(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, NEW, {**GOOD, "publish": "draft"})
        assert stored("published_at") is None
        assert "Pay by phone is kept as a draft." in page(tom.get(LIST)).text

    def test_with_htmx_and_twice(self, tom: FlaskClient, post: Post) -> None:
        for _ in range(2):
            assert post(tom, NEW, GOOD, headers=HTMX).headers["HX-Redirect"] == LIST
        assert db.session.scalar(sa.select(sa.func.count(Announcement.id))) == 1

    def test_each_form_has_a_key_of_its_own(self, tom: FlaskClient, page: Page) -> None:
        assert len({page(tom.get(NEW)).form(NEW)["once"] for _ in range(2)}) == 2

    def test_it_can_be_undone(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, NEW, GOOD)
        undo = page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(tom, undo, headers=HTMX).headers["HX-Redirect"] == LIST
        assert stored("archived_at") == NOW

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"title": ""}, "Give it a title."),
            ({"title": "x" * 201}, "Shorten this"),
            ({"body": " "}, "Say what is new."),
            ({"body": "x" * 2_001}, "Shorten this"),
            ({"link_url": "javascript:alert(1)"}, "Give an address that begins with https://"),
            ({"link_url": ""}, "Give the address too"),
            ({"publish": "soon"}, "Choose when."),
            ({**AT, "publish_at": "2026-11-21T14:00"}, "That time has passed."),
            ({**AT, "publish_at": "2027-03-28T01:30"}, "01:30 does not exist that day"),
            ({**AT, "publish_at": "2027-10-31T01:30"}, "01:30 happens twice that day"),
            ({**AT, "publish_at": ""}, "Give a day and a time"),
            ({**AT, "zone": "Mars/Base"}, "is not a time zone"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self, tom: FlaskClient, post: Post, given: dict[str, str], words: str, headers: dict[str, str]
    ) -> None:
        answer = post(tom, NEW, {**GOOD, **given}, headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        kept = read(answer.text).form(NEW)
        typed = {**GOOD, **given} | ({"publish": None} if given.get("publish") == "soon" else {})
        assert {name: kept.get(name) for name in typed if name != "zone"} | {"zone": typed.get("zone")} == {
            name: (value.strip() if value else value) for name, value in {"zone": None, **typed}.items()
        }


class TestEditing:
    def test_of_one_that_is_out_says_so(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement(published_at=NOW - HOUR)
        form = page(tom.get(EDIT)).form(EDIT)
        assert "publish" not in form
        assert post(tom, EDIT, {**form, "body": "Call us."}).status_code == 303
        assert "edited 14:30 Call us." in row(page(tom.get(LIST)))
        assert stored("published_at") == NOW - HOUR

    @pytest.mark.parametrize(("published_at", "chosen"), [(None, "draft"), (NOW + HOUR, "at")])
    def test_of_one_that_is_not_keeps_its_time(
        self, tom: FlaskClient, page: Page, post: Post, published_at: datetime | None, chosen: str
    ) -> None:
        make.announcement(published_at=published_at)
        form = page(tom.get(EDIT)).form(EDIT)
        assert form["publish"] == chosen
        post(tom, EDIT, {**form, "body": "Call us."})
        assert (stored("body"), stored("published_at"), stored("edited_at")) == ("Call us.", published_at, None)

    def test_a_draft_can_be_published(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement(published_at=None)
        post(tom, EDIT, {**page(tom.get(EDIT)).form(EDIT), "publish": "now"})
        assert stored("published_at") == NOW

    def test_nothing_changed_is_said(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement()
        post(tom, EDIT, page(tom.get(EDIT)).form(EDIT))
        assert "Nothing was changed." in page(tom.get(LIST)).text

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates(self, tom: FlaskClient, post: Post, headers: dict[str, str]) -> None:
        make.announcement()
        answer = post(tom, EDIT, {"version": 1, "title": "", "body": "Kept"}, headers=headers)
        assert answer.status_code == 422
        assert read(answer.text).form(EDIT)["body"] == "Kept"

    def test_two_people_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement()
        form = page(tom.get(EDIT)).form(EDIT)
        post(tom, EDIT, {**form, "body": "Theirs"})
        answer = post(tom, EDIT, {**form, "body": "Mine"})
        assert answer.status_code == 409
        assert {"Theirs", "Mine"} <= {one.text for one in page(answer).all("p", class_="preview")}
        post(tom, EDIT, page(answer).form(EDIT))
        assert stored("body") == "Mine"


class TestActs:
    def test_publish_now(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement(published_at=None)
        assert post(tom, PUBLISH, page(tom.get(LIST)).form(PUBLISH)).headers["Location"] == LIST
        assert stored("published_at") == NOW

    def test_archive_undo_and_restore(self, tom: FlaskClient, page: Page, post: Post) -> None:
        make.announcement()
        post(tom, ARCHIVE, page(tom.get(LIST)).form(ARCHIVE))
        post(tom, page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"])
        assert stored("archived_at") is None
        post(tom, ARCHIVE, {"version": 3})
        post(tom, RESTORE, page(tom.get(LIST)).form(RESTORE))
        assert stored("archived_at") is None

    def test_with_htmx_the_list_comes_back(self, tom: FlaskClient, post: Post) -> None:
        make.announcement()
        part = read(post(tom, ARCHIVE, {"version": 1}, headers=HTMX).text)
        check_parts(part)
        assert "is archived: readers no longer see it." in part.text

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_what_is_archived_is_not_published(self, tom: FlaskClient, post: Post, headers: dict[str, str]) -> None:
        make.announcement(published_at=None, archived_at=NOW)
        answer = post(tom, PUBLISH, {"version": 1}, headers=headers)
        assert answer.status_code == 422
        assert "It is archived. Restore it first." in answer.text

    @pytest.mark.parametrize("url", [PUBLISH, ARCHIVE])
    def test_two_people_at_once(self, tom: FlaskClient, page: Page, post: Post, url: str) -> None:
        make.announcement(published_at=None)
        post(tom, EDIT, {**page(tom.get(EDIT)).form(EDIT), "title": "Theirs"})
        answer = post(tom, url, {"version": 1})
        assert answer.status_code == 409
        assert "Theirs was changed while you were at it" in page(answer).text


@pytest.mark.parametrize("url", [EDIT, PUBLISH, ARCHIVE, RESTORE])
def test_without_a_version(tom: FlaskClient, post: Post, url: str) -> None:
    make.announcement()
    assert post(tom, url, GOOD).status_code == 428


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_not_write_sees_and_is_told_whom_to_ask(client_of: Client, page: Page, post: Post, role: str) -> None:
    make.announcement()
    client = client_of(role)
    assert "To write an announcement, ask a delivery manager or an admin." in page(client.get(LIST)).text
    for url in (NEW, EDIT, PUBLISH, ARCHIVE, RESTORE):
        assert post(client, url, {"version": 1}).status_code == 403


def test_nobody_signs_in_first(client_of: Client) -> None:
    assert client_of("nobody").get(LIST).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", LIST, 405),
        *(("GET", url, 405) for url in (PUBLISH, ARCHIVE, RESTORE)),
        ("GET", "/admin/announcements/2/edit", 404),
        ("GET", "/admin/announcements/x/edit", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(client_of: Client, method: str, url: str, status: int) -> None:
    make.announcement()
    assert client_of("admin").open(url, method=method).status_code == status


def test_the_same_number_of_questions_for_few_and_many(tom: FlaskClient) -> None:
    make.announcement()
    few = questions(tom, LIST)
    for number in range(10):
        make.announcement(f"News {number}")
    assert questions(tom, LIST) == few
