"""The components' screens: listed as they are, said to be so, ordered, made, edited, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Component
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, check_parts, read
from tests.views.queries import questions

LIST, NEW, EDIT = "/admin/components", "/admin/components/new", "/admin/components/ledger/edit"
STATUS, MOVE = "/admin/components/ledger/status", "/admin/components/ledger/move"
ARCHIVE, RESTORE = "/admin/components/ledger/archive", "/admin/components/ledger/restore"
GOOD = {"name": "Ledger", "key": "ledger", "group": "Suppliers"}
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def ledger(app: object) -> Component:
    return make.component("ledger", group="Suppliers")


def row(page: Node, key: str = "ledger") -> str:
    return page.one("li", id=f"component-{key}").text


def stored(column: str) -> object:
    return db.session.scalars(sa.select(getattr(Component, column)).where(Component.key == "ledger")).one()


def test_an_empty_list_says_what_to_do(tom: FlaskClient, page: Page) -> None:
    assert "Add the first component" in page(tom.get(LIST)).text


def test_a_row_says_how_it_is_and_what_depends_on_it(tom: FlaskClient, page: Page, ledger: Component) -> None:
    make.dependency(make.section("documents"), ledger)
    make.service(ledger, name="External: Ledger")
    text = row(page(tom.get(LIST)))
    assert "Ledger ledger Operational Behind Documents PagerDuty: External: Ledger" in text


def test_the_status_shown_is_the_derived_one(tom: FlaskClient, page: Page, ledger: Component) -> None:
    ledger.status = "partial_outage"
    db.session.commit()
    make.window(ledger, external_id="PX4T9", start=NOW - timedelta(minutes=5))
    listed = page(tom.get(LIST))
    assert "Under maintenance PagerDuty PX4T9 until 15:25; then partial outage" in row(listed)
    menu = listed.one("select", id="status-ledger-2")
    assert [option.text for option in menu.all("option") if "selected" in option.attrs] == ["Under maintenance"]


def test_in_order_and_groups_by_their_first(tom: FlaskClient, page: Page, ledger: Component) -> None:
    make.component("bank", group="Suppliers", position=-1)
    make.component("identity")
    listed = page(tom.get(LIST))
    assert [h2.text for h2 in listed.all("h2")] == ["Suppliers", "Without a group"]
    keys = [li.attrs["id"].removeprefix("component-") for li in listed.all("li") if "id" in li.attrs]
    assert keys == ["bank", "ledger", "identity"]


def test_hostile_words_do_nothing(tom: FlaskClient, page: Page, ledger: Component) -> None:
    ledger.name = ledger.group = HOSTILE
    db.session.commit()
    make.service(ledger, name=HOSTILE)
    for url in (LIST, EDIT):
        assert HOSTILE not in tom.get(url).text
        assert not page(tom.get(url)).all("img")


class TestMaking:
    def test_works(self, tom: FlaskClient, page: Page, post: Post) -> None:
        answer = post(tom, NEW, GOOD)
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        assert "Ledger was added." in page(tom.get(LIST)).text

    def test_without_a_key_the_name_gives_one(self, tom: FlaskClient, post: Post) -> None:
        assert post(tom, NEW, {**GOOD, "key": ""}).status_code == 303
        assert stored("name") == "Ledger"

    def test_works_with_htmx_and_twice(self, tom: FlaskClient, post: Post) -> None:
        for _ in range(2):
            assert post(tom, NEW, GOOD, headers=HTMX).headers["HX-Redirect"] == LIST
        assert db.session.scalar(sa.select(sa.func.count(Component.id))) == 1

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Give it the name"),
            ({"name": "x" * 201}, "Shorten this"),
            ({"key": "Bad Key"}, "Use lower-case letters"),
            ({"key": "taken"}, "is taken, or was"),
            ({"group": "x" * 201}, "Shorten this"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self, tom: FlaskClient, post: Post, given: dict[str, str], words: str, headers: dict[str, str]
    ) -> None:
        make.component("taken", archived_at=NOW)
        answer = post(tom, NEW, {**GOOD, **given}, headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert read(answer.text).form(NEW) | {"csrf_token": ""} == {"csrf_token": "", **GOOD, **given}


class TestEditing:
    @pytest.fixture(autouse=True)
    def made(self, ledger: Component) -> None:
        pass

    def test_works_and_can_be_undone(self, tom: FlaskClient, page: Page, post: Post) -> None:
        form = page(tom.get(EDIT)).form(EDIT)
        assert post(tom, EDIT, {**form, "name": "Main ledger"}).status_code == 303
        assert stored("name") == "Main ledger"
        undo = page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(tom, undo, headers=HTMX).headers["HX-Redirect"] == LIST
        assert stored("name") == "Ledger"

    def test_undo_needs_the_role_for_it(self, client_of: Client, page: Page, tom: FlaskClient, post: Post) -> None:
        post(tom, EDIT, {"version": 1, "name": "Main ledger"})
        undo = page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"]
        assert post(client_of("product_manager"), undo).status_code == 403
        assert post(tom, "/admin/changes/999/undo").status_code == 404

    def test_two_people_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, EDIT, {"version": 1, "name": "Theirs"})
        answer = post(tom, EDIT, {"version": 1, "name": "Mine"})
        assert answer.status_code == 409
        assert "Tom Reed was here first" in page(answer).text
        assert post(tom, EDIT, page(answer).form(EDIT)).status_code == 303
        assert stored("name") == "Mine"

    def test_it_lists_its_services_with_a_way_to_unmap(
        self, client_of: Client, tom: FlaskClient, page: Page, ledger: Component
    ) -> None:
        make.service(ledger, name="External: Ledger")
        link = "/admin/pagerduty#service-P0AAAA1-ledger"
        assert page(client_of("admin").get(EDIT)).one("a", href=link).text == "Unmap External: Ledger"
        shown = page(tom.get(EDIT))
        assert "External: Ledger P0AAAA1 You can look. To map or unmap a service, ask an admin." in shown.text

    def test_it_says_which_sections_depend_on_it(self, tom: FlaskClient, page: Page, ledger: Component) -> None:
        make.dependency(make.section("documents"), ledger, on_major="warn")
        text = page(tom.get(EDIT)).text
        assert "Documents : planned work takes it off; a major outage shows it as slow." in text
        assert "It cannot be archived while sections depend on it." in text


class TestStatus:
    @pytest.fixture(autouse=True)
    def made(self, ledger: Component) -> None:
        pass

    def test_works(self, tom: FlaskClient, page: Page, post: Post) -> None:
        answer = post(tom, STATUS, {"version": 1, "status": "major_outage"})
        assert answer.headers["Location"] == LIST
        assert "Major outage Since 14:30" in row(page(tom.get(LIST)))

    def test_with_htmx_the_list_comes_back(self, tom: FlaskClient, post: Post) -> None:
        part = read(post(tom, STATUS, {"version": 1, "status": "major_outage"}, headers=HTMX).text)
        check_parts(part)
        assert "Ledger: major outage." in part.text
        assert "Major outage" in row(part)

    def test_set_during_planned_work_it_counts_afterwards(
        self, tom: FlaskClient, page: Page, post: Post, ledger: Component
    ) -> None:
        make.window(ledger, start=NOW - timedelta(minutes=5))
        post(tom, STATUS, {"version": 1, "status": "partial_outage"})
        text = page(tom.get(LIST)).text
        assert "Ledger: partial outage once the planned work is over, at 15:25." in text
        post(tom, STATUS, {"version": 2, "status": ""})
        assert stored("status") == "partial_outage"

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_another_word_is_refused(self, tom: FlaskClient, post: Post, headers: dict[str, str]) -> None:
        answer = post(tom, STATUS, {"version": 1, "status": "fine"}, headers=headers)
        assert answer.status_code == 422
        assert "Choose one of the five statuses." in answer.text

    def test_two_people_at_once(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, STATUS, {"version": 1, "status": "major_outage"})
        answer = post(tom, STATUS, {"version": 1, "status": "degraded_performance"})
        assert answer.status_code == 409
        assert "Major outage" in answer.text
        post(tom, STATUS, page(answer).form(STATUS))
        assert stored("status") == "degraded_performance"


class TestOrderAndArchive:
    @pytest.fixture(autouse=True)
    def made(self, ledger: Component) -> None:
        make.component("bank", group="Suppliers", position=1)

    def keys(self) -> list[str]:
        return list(db.session.scalars(sa.select(Component.key).order_by(Component.position, Component.name)))

    def test_move(self, tom: FlaskClient, page: Page, post: Post) -> None:
        assert post(tom, MOVE, {"to": "down"}).headers["Location"] == LIST
        assert self.keys() == ["bank", "ledger"]
        post(tom, MOVE, {"to": "up"}, headers=HTMX)
        assert self.keys() == ["ledger", "bank"]

    def test_only_the_first_and_the_last_of_a_group_have_nowhere_to_go(self, tom: FlaskClient, page: Page) -> None:
        make.component("chat", group="Suppliers", position=2)
        make.component("identity")
        shut = [button.text for button in page(tom.get(LIST)).all("button", aria_disabled="true")]
        assert shut == [
            "Move Ledger up; it is the first of its group",
            "Move Chat down; it is the last of its group",
            "Move Identity up; it is the first of its group",
            "Move Identity down; it is the last of its group",
        ]

    def test_move_beyond_the_edge_is_said(self, tom: FlaskClient, post: Post) -> None:
        assert "Ledger is the first of its group already." in post(tom, MOVE, {"to": "up"}, headers=HTMX).text

    @pytest.mark.parametrize("data", [{}, {"to": "sideways"}])
    def test_move_nowhere(self, tom: FlaskClient, post: Post, data: dict[str, str]) -> None:
        assert post(tom, MOVE, data).status_code == 400

    def test_archive_and_restore(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, ARCHIVE, {"version": 1})
        listed = page(tom.get(LIST))
        assert not listed.all("li", id="component-ledger")
        post(tom, RESTORE, listed.form(RESTORE))
        assert page(tom.get(LIST)).one("li", id="component-ledger")

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_archive_of_what_is_needed_is_refused_in_words(
        self, tom: FlaskClient, post: Post, ledger: Component, headers: dict[str, str]
    ) -> None:
        make.dependency(make.section("documents"), ledger)
        answer = post(tom, ARCHIVE, {"version": 1}, headers=headers)
        assert answer.status_code == 422
        assert "These sections depend on it: Documents." in answer.text


@pytest.mark.parametrize("url", [EDIT, STATUS, ARCHIVE, RESTORE])
def test_without_a_version(tom: FlaskClient, post: Post, ledger: Component, url: str) -> None:
    assert post(tom, url, {"name": "x", "status": "major_outage"}).status_code == 428


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_not_change_sees_and_is_told_whom_to_ask(
    client_of: Client, page: Page, post: Post, ledger: Component, role: str
) -> None:
    client = client_of(role)
    listed = page(client.get(LIST))
    assert "To change a component, ask a delivery manager or an admin." in listed.text
    assert "disabled" in listed.one("select", id="status-ledger").attrs
    for url in (NEW, EDIT, STATUS, MOVE, ARCHIVE, RESTORE):
        assert post(client, url, {"version": 1}).status_code == 403


def test_nobody_signs_in_first(client_of: Client) -> None:
    assert client_of("nobody").get(LIST).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("POST", LIST, 405),
        *(("GET", url, 405) for url in (STATUS, MOVE, ARCHIVE, RESTORE)),
        ("GET", "/admin/components/nothing/edit", 404),
        ("GET", "/admin/components/No%20Key/edit", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(
    client_of: Client, ledger: Component, method: str, url: str, status: int
) -> None:
    assert client_of("admin").open(url, method=method).status_code == status


def test_the_same_number_of_questions_for_few_and_many(tom: FlaskClient, ledger: Component) -> None:
    few = questions(tom, LIST)
    for number in range(10):
        make.dependency(make.section(f"s_{number}"), make.component(f"c_{number}"))
    assert questions(tom, LIST) == few
