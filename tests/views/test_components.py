"""The components' screens: listed as they are, said to be so, ordered, made, edited, archived and restored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
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
SHOW = "/admin/components/ledger"
STATUS, MOVE = "/admin/components/ledger/status", "/admin/components/ledger/move"
ARCHIVE, RESTORE = "/admin/components/ledger/archive", "/admin/components/ledger/restore"
GOOD = {"name": "Ledger", "key": "ledger", "group": "Suppliers"}
WHOLE = {
    **GOOD,
    "description": "Keeps the books.",
    "upstream_url": "https://status.northpay.example/",
    "runbook_url": "https://wiki.larkfield.example/ledger",
    "only_if_degraded": "y",
    "start_date": "2026-11-01",
}
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
    assert "Under maintenance Partial outage: said here since" in row(listed)
    assert "once the planned work is over PagerDuty PX4T9 until 15:25" in row(listed)
    menu = listed.one("select", id="status-ledger-2")
    assert [option.text for option in menu.all("option") if "selected" in option.attrs] == ["Under maintenance"]


def test_every_cause_is_listed(tom: FlaskClient, page: Page, post: Post, ledger: Component) -> None:
    post(tom, STATUS, {"version": 1, "status": "degraded_performance", "until": "120"})
    make.window(ledger, external_id="PX4T9", start=NOW - timedelta(minutes=5))
    incident = make.incident("Payments are late", start=NOW - timedelta(minutes=80))
    make.update(incident, at=NOW - timedelta(minutes=80), impacts={ledger: "partial_outage"})
    listed = page(tom.get(LIST)).one("li", id="component-ledger")
    assert [li.text for li in listed.one("ul", class_="why small muted").all("li")] == [
        "Incident Payments are late since 13:10",
        "Degraded performance: said by Tom Reed until 16:30, once the planned work is over",
        "Under maintenance: PagerDuty PX4T9 until 15:25",
    ]


def test_who_said_it_is_the_one_who_began_it(client_of: Client, tom: FlaskClient, page: Page, post: Post) -> None:
    make.component("ledger")
    post(tom, STATUS, {"version": 1, "status": "partial_outage"})
    with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
        post(client_of("admin"), STATUS, {"version": 2, "status": "partial_outage", "until": "119"})
    assert "Said by Tom Reed until 16:30" in row(page(tom.get(LIST)))


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
    ledger.description = ledger.runbook_url = HOSTILE
    db.session.commit()
    for url in (LIST, SHOW, EDIT, STATUS):
        assert HOSTILE not in tom.get(url).text
        assert not page(tom.get(url)).all("img")


class TestMaking:
    def test_works(self, tom: FlaskClient, page: Page, post: Post) -> None:
        answer = post(tom, NEW, GOOD)
        assert (answer.status_code, answer.headers["Location"]) == (303, LIST)
        assert "Ledger was added." in page(tom.get(LIST)).text

    def test_all_of_it_is_kept(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, NEW, WHOLE)
        assert stored("start_date") == date(2026, 11, 1)
        form = page(tom.get(EDIT)).form(EDIT)
        assert form == {**form, **{name: value for name, value in WHOLE.items() if name != "key"}}
        assert "shown only when something is wrong" in row(page(tom.get(LIST)))
        assert page(tom.get(LIST)).one("a", href=WHOLE["runbook_url"]).text == "Runbook of Ledger"

    def test_without_a_key_the_name_gives_one(self, tom: FlaskClient, post: Post) -> None:
        assert post(tom, NEW, {**GOOD, "key": ""}).status_code == 303
        assert stored("name") == "Ledger"

    def test_a_key_may_be_in_capitals(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, NEW, {**GOOD, "key": "LIGHTHOUSE_LEDGER"})
        assert tom.get("/admin/components/LIGHTHOUSE_LEDGER").status_code == 200
        assert tom.get("/admin/components/lighthouse_ledger").status_code == 404
        assert tom.get("/components/LIGHTHOUSE_LEDGER/").status_code == 200

    def test_works_with_htmx_and_twice(self, tom: FlaskClient, post: Post) -> None:
        for _ in range(2):
            assert post(tom, NEW, GOOD, headers=HTMX).headers["HX-Redirect"] == LIST
        assert db.session.scalar(sa.select(sa.func.count(Component.id))) == 1

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"name": ""}, "Give it the name"),
            ({"name": "x" * 201}, "Shorten this"),
            ({"key": "Bad Key"}, "Use letters, digits and underscores"),
            ({"key": "taken"}, "is taken, or was"),
            ({"key": "new"}, "“new” is a screen here. Choose another, like new_component."),
            ({"key": "TAKEN"}, "“taken” is taken, or was"),
            ({"group": "x" * 201}, "Shorten this"),
            ({"description": "x" * 2_001}, "Shorten this"),
            ({"upstream_url": "javascript:alert(1)"}, "Give an address that begins with https://"),
            ({"runbook_url": "mailto:tom@larkfield.example"}, "Give an address that begins with https://"),
            ({"start_date": "2026-11-22"}, "Give a day from 2000 until today."),
            ({"start_date": "1999-12-31"}, "Give a day from 2000 until today."),
            ({"start_date": "2026-02-30"}, "Give a day, like 21 November 2026."),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_validates_and_keeps_what_was_typed(
        self, tom: FlaskClient, post: Post, given: dict[str, str], words: str, headers: dict[str, str]
    ) -> None:
        make.component("taken", archived_at=NOW)
        answer = post(tom, NEW, {**WHOLE, **given}, headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        kept = read(answer.text).form(NEW)
        assert {name: kept.get(name) for name in WHOLE} == {**WHOLE, **given}


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
        assert page(client_of("admin").get(SHOW)).one("a", href=link).text == "Unmap External: Ledger"
        assert not page(tom.get(SHOW)).all("a", href=link)

    def test_it_says_which_sections_depend_on_it(self, tom: FlaskClient, page: Page, ledger: Component) -> None:
        make.dependency(make.section("documents"), ledger, on_major="warn")
        text = page(tom.get(SHOW)).text
        assert "Documents : planned work takes it off; a major outage shows it as slow." in text
        assert "It cannot be archived while sections depend on it." in page(tom.get(EDIT)).text

    def test_two_people_at_two_fields_keep_both(self, tom: FlaskClient, page: Page, post: Post) -> None:
        form = page(tom.get(EDIT)).form(EDIT)
        post(tom, EDIT, {**form, "description": "Theirs", "start_date": "2026-11-01"})
        answer = post(tom, EDIT, {**form, "name": "Mine"})
        post(tom, EDIT, page(answer).form(EDIT))
        assert (stored("name"), stored("description"), stored("start_date")) == ("Mine", "Theirs", date(2026, 11, 1))


class TestStatus:
    @pytest.fixture(autouse=True)
    def made(self, ledger: Component) -> None:
        pass

    def test_works(self, tom: FlaskClient, page: Page, post: Post) -> None:
        answer = post(tom, STATUS, {"version": 1, "status": "major_outage"})
        assert answer.headers["Location"] == LIST
        assert "Major outage Said by Tom Reed since 14:30" in row(page(tom.get(LIST)))

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

    def test_what_else_holds_is_said(self, tom: FlaskClient, page: Page, post: Post, ledger: Component) -> None:
        make.update(make.incident("Payments are late"), impacts={ledger: "major_outage"})
        post(tom, STATUS, {"version": 1, "status": "partial_outage"})
        said = "Ledger: partial outage. It shows as major outage: incident Payments are late."
        assert said in page(tom.get(LIST)).text

    @pytest.mark.parametrize(
        ("until", "end"),
        [
            ("30", "2026-11-21T15:00:00"),
            ("@1795284000", "2026-11-21T18:00:00"),
            ("unknown", None),
            ("", None),
        ],
    )
    def test_for_a_time(self, tom: FlaskClient, post: Post, until: str, end: str | None) -> None:
        post(tom, STATUS, {"version": 1, "status": "partial_outage", "until": until})
        found = stored("status_until")
        assert (f"{found:%Y-%m-%dT%H:%M:%S}" if found else None) == end

    def test_until_a_time_that_is_typed_in_a_zone(self, tom: FlaskClient, page: Page, post: Post) -> None:
        typed = {"until": "at", "until_at": "2026-11-21T20:00", "zone": "Europe/Berlin"}
        post(tom, STATUS, {"version": 1, "status": "partial_outage", **typed})
        assert "Partial outage Said by Tom Reed until 19:00" in row(page(tom.get(LIST)))

    def test_when_the_time_has_come_it_works(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, STATUS, {"version": 1, "status": "partial_outage", "until": "30"})
        with time_machine.travel(NOW + timedelta(minutes=30), tick=False):
            listed = page(tom.get(LIST))
        assert "Operational" in row(listed)
        menu = listed.one("select", id="status-ledger")
        assert [option.text for option in menu.all("option") if "selected" in option.attrs] == ["Operational"]

    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"until": "at", "until_at": "2026-11-21T14:00"}, "That time has passed"),
            ({"until": "at", "until_at": "2027-03-28T01:30"}, "01:30 does not exist that day"),
            ({"until": "at", "until_at": "2027-10-31T01:30"}, "01:30 happens twice that day"),
            ({"until": "at", "until_at": "soon"}, "Give a day and a time"),
            ({"until": "at", "until_at": "2026-11-21T18:00", "zone": "Mars/Base"}, "is not a time zone"),
            ({"until": "for ever"}, "Choose until when."),
            ({"until": "30", "status": ""}, "Choose how it is."),
            ({"until": "30", "status": "operational"}, "what works needs no end"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_an_end_that_makes_no_sense(
        self, tom: FlaskClient, post: Post, given: dict[str, str], words: str, headers: dict[str, str]
    ) -> None:
        answer = post(tom, STATUS, {"version": 1, "status": "partial_outage", **given}, headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert read(answer.text).form(STATUS)["until_at"] == given.get("until_at", "")
        assert stored("status") == "operational"

    def test_the_question_about_a_clock_change_is_answered(self, tom: FlaskClient, page: Page, post: Post) -> None:
        typed = {"version": 1, "status": "partial_outage", "until": "at", "until_at": "2027-10-31T01:30"}
        radio = page(post(tom, STATUS, typed)).all("input", name="until_exact")[1]
        post(tom, STATUS, {**typed, "until_exact": radio.attrs["value"]})
        assert f"{stored('status_until'):%H:%M}" == "01:30"

    def test_the_panel_keeps_what_was_chosen_in_the_list(self, tom: FlaskClient, page: Page) -> None:
        form = page(tom.get(f"{STATUS}?status=partial_outage")).form(STATUS)
        assert (form["status"], form["version"], form["until_at"]) == ("partial_outage", "1", "2026-11-21T18:00")
        assert page(tom.get(f"{STATUS}?status=nonsense")).form(STATUS)["status"] == ""
        check_parts(read(tom.get(STATUS, headers=HTMX).text))

    def test_it_can_be_undone_with_its_end(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, STATUS, {"version": 1, "status": "partial_outage", "until": "120"})
        page(tom.get(LIST))
        post(tom, STATUS, {"version": 2, "status": "operational"})
        post(tom, page(tom.get(LIST)).one("div", class_="done").one("form").attrs["action"])
        assert "Partial outage Said by Tom Reed until 16:30" in row(page(tom.get(LIST)))

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


class TestShowing:
    def test_it_tells_all_that_is_known(self, viewer: FlaskClient, page: Page, tom: FlaskClient, post: Post) -> None:
        post(tom, NEW, WHOLE)
        post(tom, STATUS, {"version": 1, "status": "partial_outage", "until": "120"})
        with time_machine.travel(NOW + timedelta(minutes=1), tick=False):
            shown = page(viewer.get(SHOW))
        assert "Partial outage Said by Tom Reed until 16:30" in shown.text
        assert "Tom Reed said how Ledger is: partial outage until 16:30" in shown.text
        assert "Keeps the books." in shown.text
        assert shown.one("a", href=WHOLE["upstream_url"])
        assert shown.one("a", href=WHOLE["runbook_url"])
        assert shown.one("table", class_="days").text == "Day At its worst For 21 November Partial outage 1 min so far"

    def test_its_uptime_is_of_whole_days(self, viewer: FlaskClient, page: Page) -> None:
        since = NOW - timedelta(days=10, hours=12)
        make.component("ledger", created_at=since, status_at=since)
        assert "100 % up until yesterday; of 79 days nothing is known." in page(viewer.get(SHOW)).text

    def test_of_a_new_one_no_uptime_is_known(self, viewer: FlaskClient, page: Page, tom: FlaskClient) -> None:
        make.component("ledger", created_at=NOW, status_at=NOW)
        assert "Its uptime is not known yet" in page(viewer.get(SHOW)).text

    def test_an_archived_one(self, viewer: FlaskClient, page: Page) -> None:
        make.component("ledger", archived_at=NOW)
        assert "Archived 14:30." in page(viewer.get(SHOW)).text


def test_what_is_archived_has_no_status_to_set(tom: FlaskClient, post: Post) -> None:
    make.component("ledger", archived_at=NOW)
    assert tom.get(STATUS).status_code == post(tom, STATUS, {"version": 1, "status": "operational"}).status_code == 404


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
        *(("GET", url, 405) for url in (MOVE, ARCHIVE, RESTORE)),
        ("POST", SHOW, 405),
        ("GET", "/admin/components/nothing", 404),
        ("GET", "/admin/components/nothing/status", 404),
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
