"""The templates' screens: listed, made, previewed, edited, copied, ordered, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.actions import templates
from dashboard.db import db
from dashboard.models import Template
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, check_parts, read
from tests.views.queries import questions

LIST, NEW, EDIT = "/admin/templates", "/admin/templates/new", "/admin/templates/1/edit"
WINDOW = f"{NEW}?noun=window"
COPY, MOVE = "/admin/templates/1/copy", "/admin/templates/1/move"
ARCHIVE, RESTORE = "/admin/templates/1/archive", "/admin/templates/1/restore"
HOSTILE = "<img src=x onerror=alert(1)>"
ONCE = "a-form-of-its-own-1"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def things(app: object) -> None:
    make.component("payments", "Payments provider")
    make.section("direct_deposit")


@pytest.fixture
def template(things: None) -> Template:
    return make.template(
        impacts={"payments": "major_outage"}, sections={"direct_deposit": "down"}, next_minutes=30, body="Old words."
    )


def stored(*columns: str) -> tuple[Any, ...]:
    rows = sa.select(*(getattr(Template, column) for column in columns)).order_by(Template.id.desc()).limit(1)
    return tuple(db.session.execute(rows).one())


def names(page: Node) -> list[str]:
    return [node.text for node in page.all("p", class_="lines__name")]


def test_an_empty_list_says_what_to_do(tom: FlaskClient, page: Page) -> None:
    text = page(tom.get(LIST)).text
    assert "There is none for incidents." in text
    assert "There is none for planned work." in text


def test_a_row_says_what_it_does(tom: FlaskClient, page: Page, template: Template) -> None:
    row = page(tom.get(LIST)).one("li", id="template-1").text
    assert "Investigating, next update after 30 min, touches 2" in row
    assert "Direct deposit is unavailable" in row


def test_hostile_words_do_nothing(tom: FlaskClient, page: Page) -> None:
    make.section("x", HOSTILE)
    make.template(HOSTILE, title=HOSTILE, body=f"{HOSTILE} {{{HOSTILE}}}", sections={"x": "down", HOSTILE: HOSTILE})
    for url in (LIST, EDIT):
        assert HOSTILE not in tom.get(url).text
        assert not page(tom.get(url)).all("img")


class TestMaking:
    def typed(self, **given: object) -> dict[str, object]:
        good = {
            "once": ONCE,
            "name": "Supplier outage",
            "stage": "identified",
            "title": "{section} is unavailable",
            "body": "You cannot use {section}.",
            "impacts": ["", "payments:major_outage"],
            "sections": ["direct_deposit:down", ""],
            "next_minutes": "30",
            "tells": "y",
        }
        return {**good, **given}

    def test_works_and_can_be_undone(self, tom: FlaskClient, page: Page, post: Post, things: None) -> None:
        answer = post(tom, NEW, self.typed())
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        listed = page(tom.get(LIST))
        assert "Supplier outage was added." in listed.text
        assert stored("noun", "stage", "next_minutes", "tells") == ("incident", "identified", 30, True)
        assert stored("impacts", "sections") == ({"payments": "major_outage"}, {"direct_deposit": "down"})
        post(tom, listed.one("div", class_="done").one("form").attrs["action"])
        assert stored("archived_at") == (NOW,)

    def test_works_with_htmx(self, tom: FlaskClient, post: Post, things: None) -> None:
        assert post(tom, NEW, self.typed(), headers=HTMX).headers["HX-Redirect"] == LIST
        assert "Supplier outage was added." in tom.get(LIST).text

    def test_one_for_planned_work_has_no_stage(self, tom: FlaskClient, page: Page, post: Post, things: None) -> None:
        form = page(tom.get(WINDOW)).form("/admin/templates/new?noun=window")
        assert not {"stage", "next_minutes"} & form.keys()
        assert post(tom, WINDOW, self.typed(impacts=["payments:under_maintenance"])).status_code == 303
        assert stored("noun", "stage", "next_minutes") == ("window", "", None)

    def test_the_same_form_twice(self, tom: FlaskClient, post: Post, things: None) -> None:
        assert [post(tom, NEW, self.typed()).status_code for _ in range(2)] == [303, 303]
        assert db.session.scalar(sa.select(sa.func.count(Template.id))) == 1

    def test_of_what_nobody_knows_one_is_told(self, tom: FlaskClient, post: Post, things: None) -> None:
        post(tom, NEW, self.typed(body="{sektion} is off. {sektion} {untill}"))
        assert "Nothing takes the place of {sektion} and {untill}: it stays as it is." in unescape(tom.get(LIST).text)
        assert stored("body") == ("{sektion} is off. {sektion} {untill}",)

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Give it a name"),
            ({"name": "x" * 201}, "Shorten this"),
            ({"name": "Taken"}, "There is a template “Taken” already"),
            ({"stage": ""}, "Choose a stage"),
            ({"stage": "postmortem"}, "Not a valid choice"),
            ({"title": "x" * 201}, "Shorten this"),
            ({"body": "x" * 2001}, "Shorten this"),
            ({"impacts": ["payments:on_fire"]}, "Choose from this list"),
            ({"impacts": ["nothing:major_outage"]}, "Choose from this list"),
            ({"sections": ["direct_deposit:gone"]}, "Choose from this list"),
            ({"next_minutes": "4"}, "Give whole minutes"),
            ({"next_minutes": "soon"}, "Not a valid integer"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self,
        tom: FlaskClient,
        post: Post,
        things: None,
        given: dict[str, object],
        words: str,
        headers: dict[str, str],
    ) -> None:
        make.template("Taken")
        kept = "body" if "body" not in given else "title"
        answer = post(tom, NEW, {**self.typed(**{kept: "Kept words"}), **given}, headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        form = read(answer.text).one("form", id="form").fields()
        assert form[kept] == "Kept words"
        if not {"sections", "impacts"} & given.keys():
            assert form["sections"] == "direct_deposit:down"
        assert bool(read(answer.text).all("h1")) == (not headers)


class TestPreview:
    typed = TestMaking().typed

    def test_with_htmx_it_comes_alone_with_the_warnings(self, tom: FlaskClient, post: Post, things: None) -> None:
        answer = post(tom, NEW, self.typed(do="preview", body="Off until {until}, {sektion}."), headers=HTMX)
        part = read(answer.text)
        check_parts(part)
        assert answer.status_code == 200
        assert "Off until 18:00, {sektion}." in part.text
        assert "Direct deposit is unavailable" in part.text
        assert "{sektion}" in part.one("div", id="body-unknown", hx_swap_oob="true").text
        assert part.one("div", id="title-unknown").text == ""
        assert db.session.scalar(sa.select(sa.func.count(Template.id))) == 0

    def test_without_scripts_it_is_the_whole_page(self, tom: FlaskClient, page: Page, post: Post, things: None) -> None:
        shown = page(post(tom, NEW, self.typed(do="preview", name="", next_minutes="x")))
        assert "You cannot use Direct deposit." in shown.one("div", id="preview").text
        assert shown.form(NEW)["next_minutes"] == "x"

    def test_of_one_that_is_edited(self, tom: FlaskClient, post: Post, template: Template) -> None:
        answer = post(tom, EDIT, {"do": "preview", "body": "By {next}."}, headers=HTMX)
        assert "By 15:30." in answer.text
        assert stored("body") == ("Old words.",)


class TestEditing:
    @pytest.fixture(autouse=True)
    def made(self, template: Template) -> None:
        pass

    def typed(self, **given: object) -> dict[str, object]:
        return {"version": 1, "name": "Supplier outage", "stage": "investigating", "body": "New words.", **given}

    def test_works_and_can_be_undone(self, tom: FlaskClient, page: Page, post: Post) -> None:
        form = page(tom.get(EDIT)).form(EDIT)
        assert (form["body"], form["impacts"], form["sections"], form["next_minutes"], form["tells"]) == (
            "Old words.",
            "payments:major_outage",
            "direct_deposit:down",
            "30",
            "y",
        )
        assert post(tom, EDIT, self.typed()).status_code == 303
        assert stored("body", "impacts", "tells") == ("New words.", {}, False)
        undo = page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(tom, undo).headers["Location"] == LIST
        assert stored("body", "impacts", "tells") == ("Old words.", {"payments": "major_outage"}, True)

    def test_a_form_that_changes_nothing(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, EDIT, page(tom.get(EDIT)).form(EDIT))
        assert "Nothing was changed." in tom.get(LIST).text

    def test_two_people_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, EDIT, self.typed(body="Theirs"))
        answer = post(tom, EDIT, self.typed(body="Mine", sections=["direct_deposit:warn"]))
        text = page(answer).text
        assert answer.status_code == 409
        assert "Tom Reed was here first" in text
        assert "Sections: yours direct_deposit: Show it as slow" in text
        assert post(tom, EDIT, page(answer).form(EDIT)).status_code == 303
        assert stored("body", "sections") == ("Mine", {"direct_deposit": "warn"})

    def test_two_people_at_once_with_htmx(self, tom: FlaskClient, post: Post) -> None:
        post(tom, EDIT, self.typed(body="Theirs"))
        answer = post(tom, EDIT, self.typed(body="Mine"), headers=HTMX)
        assert answer.status_code == 409
        assert read(answer.text).one("section", id="conflict")

    @pytest.mark.parametrize("version", [None, "", "x", "9" * 30])
    def test_without_a_version(self, tom: FlaskClient, post: Post, version: str | None) -> None:
        typed = {name: value for name, value in self.typed(version=version).items() if value is not None}
        assert post(tom, EDIT, typed).status_code == 428

    def test_what_is_archived_by_now_stays_chosen(self, tom: FlaskClient, page: Page, template: Template) -> None:
        make.section("old", archived_at=NOW)
        template.sections = {"old": "warn"}
        db.session.commit()
        shown = page(tom.get(EDIT))
        assert "Old (archived)" in shown.text
        assert [one.attrs["value"] for one in shown.all("option") if "selected" in one.attrs] == [
            "payments:major_outage",
            "old:warn",
        ]


class TestList:
    @pytest.fixture(autouse=True)
    def made(self, template: Template) -> None:
        pass

    def test_copy(self, tom: FlaskClient, page: Page, post: Post) -> None:
        form = page(tom.get(LIST)).form(COPY)
        assert [post(tom, COPY, form).status_code for _ in range(2)] == [303, 303]
        assert names(page(tom.get(LIST))) == ["Supplier outage", "Supplier outage (copy 1)"]

    @pytest.mark.parametrize("once", ["", "short", "x" * 41])
    def test_a_copy_needs_a_key(self, tom: FlaskClient, post: Post, once: str) -> None:
        assert post(tom, COPY, {"once": once}).status_code == 400

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_move(self, tom: FlaskClient, page: Page, post: Post, headers: dict[str, str]) -> None:
        make.template("Slow", position=1)
        assert post(tom, MOVE, {"to": "down"}, headers=headers).status_code == (200 if headers else 303)
        assert names(page(tom.get(LIST))) == ["Slow", "Supplier outage"]
        assert post(tom, MOVE, {"to": "sideways"}).status_code == 400

    def test_archive_and_restore(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, ARCHIVE, {"version": 1})
        listed = page(tom.get(LIST))
        assert not listed.all("li", id="template-1")
        assert "1 archived" in listed.text
        post(tom, RESTORE, listed.form(RESTORE))
        assert page(tom.get(LIST)).one("li", id="template-1")

    def test_with_htmx_the_list_comes_back(self, tom: FlaskClient, post: Post) -> None:
        part = read(post(tom, ARCHIVE, {"version": 1}, headers=HTMX).text)
        check_parts(part)
        assert "Supplier outage is archived." in part.text
        assert part.one("form", action=RESTORE)

    @pytest.mark.parametrize(("data", "status"), [({"version": 7}, 409), ({}, 428)])
    def test_another_version_or_none(self, tom: FlaskClient, post: Post, data: dict[str, object], status: int) -> None:
        assert post(tom, ARCHIVE, data).status_code == status
        assert stored("archived_at") == (None,)

    def test_one_whose_name_was_taken_since(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, ARCHIVE, {"version": 1})
        make.template()
        answer = post(tom, RESTORE, {"version": 2})
        assert answer.status_code == 422
        assert "That was not done There is a template “Supplier outage” already" in page(answer).text


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_not_change_sees_and_is_told_whom_to_ask(
    client_of: Client, page: Page, post: Post, template: Template, role: str
) -> None:
    client = client_of(role)
    listed = page(client.get(LIST))
    assert "To change a template, ask a delivery manager or an admin." in listed.text
    assert all(button.attrs["aria-disabled"] == "true" for button in listed.all("button", class_="btn btn--small"))
    for url in (NEW, EDIT, COPY, MOVE, ARCHIVE, RESTORE):
        assert post(client, url, {"version": 1}).status_code == 403


def test_nobody_signs_in_first(client_of: Client, template: Template) -> None:
    assert client_of("nobody").get(LIST).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", LIST, 405),
        ("GET", COPY, 405),
        ("GET", ARCHIVE, 405),
        ("GET", "/admin/templates/7/edit", 404),
        ("GET", "/admin/templates/x/edit", 404),
        ("GET", f"/admin/templates/{2**40}/edit", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(
    client_of: Client, template: Template, method: str, url: str, status: int
) -> None:
    assert client_of("admin").open(url, method=method, headers={"X-CSRFToken": "x"}).status_code == status


def test_the_same_number_of_questions_for_few_and_many(tom: FlaskClient) -> None:
    make.template("One")
    few = questions(tom, LIST)
    templates.make_ready(NOW)
    assert questions(tom, LIST) == few
