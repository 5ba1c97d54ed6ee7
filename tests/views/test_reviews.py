"""The review's screen: begun with the timeline, kept while it is typed, published, edited and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Change, Draft, Incident, Review
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, check_parts, read

HERE = "/admin/incidents/1/review"
UNPUBLISH, KEEP, DROP = f"{HERE}/unpublish", f"{HERE}/typed", f"{HERE}/typed/drop"
HOSTILE = "<img src=x onerror=alert(1)>"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def incident(app: object) -> Incident:
    """Payments were down from 12:30 to 13:30, and a section with them."""
    payments, deposit = make.component("payments", "Payments provider"), make.section("direct_deposit")
    made = make.incident(start=NOW - 2 * HOUR, sections={deposit: "down"}, third_party="Northpay")
    make.update(made, "investigating", NOW - 2 * HOUR, "You cannot pay.\nWe look.", {payments: "major_outage"})
    make.outage(deposit, NOW - 2 * HOUR, None, incident_id=made.id, ended_at=NOW - HOUR)
    make.update(made, "resolved", NOW - HOUR, "You can pay again.", {payments: "operational"})
    return made


def typed(**given: object) -> dict[str, object]:
    good = {"version": 0, "do": "save", "happened": "A disk was full.", "cause": "Nobody looked."}
    return {**good, "public_parts": ["happened"], **given}


def stored(*columns: str) -> tuple[Any, ...]:
    return tuple(db.session.execute(sa.select(*(getattr(Review, column) for column in columns))).one())


def is_there() -> bool:
    return db.session.scalar(sa.select(Review.id)) is not None


def undo_of(page: Node) -> str:
    return page.one("div", class_="done").one("form").attrs["action"]


class TestBeginning:
    def test_it_begins_with_what_is_known(self, tom: FlaskClient, page: Page, incident: Incident) -> None:
        form = page(tom.get(HERE)).one("form", id="form").fields()
        assert (
            "12:30 Investigating: You cannot pay. Payments provider: major outage. Direct deposit: off."
            in (form["happened"])
        )
        assert "13:30 Resolved: You can pay again" in form["happened"]
        assert (form["affected"], form["cause"], form["version"]) == (
            "People who use Direct deposit.",
            "It came from Northpay.",
            "0",
        )
        assert not is_there()

    def test_the_timeline_stands_beside_it(self, tom: FlaskClient, page: Page, incident: Incident) -> None:
        lines = [line.text for line in page(tom.get(HERE)).one("ol", class_="events").all("li")]
        assert lines == [
            "12:30 Investigating Tom Reed You cannot pay. We look.",
            "12:30 Payments provider: major outage Tom Reed",
            "12:30 Direct deposit: off Priya Shah",
            "13:30 Resolved Tom Reed You can pay again.",
            "13:30 Payments provider: operational Tom Reed",
            "13:30 Direct deposit: on again Signpost",
        ]

    def test_who_did_what_is_for_staff(self, tom: FlaskClient, page: Page, incident: Incident) -> None:
        change = Change(revision=99, kind="incident.edit", subject="incident-1", subject_name="It", at=NOW - HOUR)
        change.actor, change.address, change.hash = "Vera Lund", "", "x"
        db.session.add(change)
        db.session.commit()
        assert "Edited the incident It Vera Lund, staff only" in page(tom.get(HERE)).one("ol", class_="events").text

    def test_the_page_of_the_incident_leads_to_it(self, tom: FlaskClient, page: Page, incident: Incident) -> None:
        link = page(tom.get("/admin/incidents/1")).one("a", href=HERE)
        assert link.text == "Write the review"


class TestSaving:
    @pytest.fixture(autouse=True)
    def made(self, incident: Incident) -> None:
        pass

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_a_draft(self, tom: FlaskClient, page: Page, post: Post, headers: dict[str, str]) -> None:
        answer = post(tom, HERE, typed(), headers=headers)
        assert answer.headers["HX-Redirect" if headers else "Location"] == HERE
        shown = page(tom.get(HERE))
        assert "The draft is saved. Nobody outside sees it." in shown.text
        assert shown.one("form", id="form").fields()["happened"] == "A disk was full."
        assert stored("cause", "public_parts", "published_at") == ("Nobody looked.", {"happened"}, None)

    def test_publish_and_undo(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, HERE, typed(do="publish"))
        shown = page(tom.get(HERE))
        assert "The review is published." in shown.text
        assert stored("published_at") == (NOW,)
        assert post(tom, undo_of(shown)).headers["Location"] == HERE
        assert stored("published_at", "happened") == (None, "A disk was full.")

    def test_an_edit_of_what_is_published(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, HERE, typed(do="publish"))
        post(tom, HERE, typed(version=2, do="publish", happened="Two disks were full."))
        shown = page(tom.get(HERE))
        assert "Readers see it as it is now." in shown.text
        assert "Published 14:30, edited 14:30" in shown.text
        post(tom, undo_of(shown))
        assert stored("happened", "edited_at") == ("A disk was full.", None)

    def test_unpublish_and_undo(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, HERE, typed(do="publish"))
        post(tom, UNPUBLISH, page(tom.get(HERE)).form(UNPUBLISH))
        shown = page(tom.get(HERE))
        assert "The review is a draft again" in shown.text
        post(tom, undo_of(shown))
        assert stored("published_at") == (NOW,)

    @pytest.mark.parametrize("headers", [{}, HTMX])
    @pytest.mark.parametrize(
        ("given", "words"),
        [
            ({"happened": "x" * 10_001}, "Shorten this"),
            ({"public_parts": ["secrets"]}, "Choose from these parts"),
            ({"do": "publish", "public_parts": []}, "Nothing in it is for the public"),
            ({"do": "publish", "happened": " "}, "Nothing in it is for the public"),
        ],
    )
    def test_validates_and_keeps_what_was_typed(
        self, tom: FlaskClient, post: Post, given: dict[str, object], words: str, headers: dict[str, str]
    ) -> None:
        answer = post(tom, HERE, typed(**given), headers=headers)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert read(answer.text).one("form", id="form").fields()["cause"] == "Nobody looked."
        assert not is_there()

    def test_of_what_is_open_nothing_is_saved(self, tom: FlaskClient, page: Page, post: Post) -> None:
        incident = db.session.get_one(Incident, 1)
        make.update(incident, "investigating", NOW - timedelta(minutes=5))
        assert "Its review can be saved once it is resolved." in page(tom.get(HERE)).text
        answer = post(tom, HERE, typed())
        assert answer.status_code == 422
        assert "The incident is not resolved." in answer.text

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_two_people_at_once(
        self, tom: FlaskClient, ada: FlaskClient, page: Page, post: Post, headers: dict[str, str]
    ) -> None:
        post(ada, HERE, typed(cause="Theirs."))
        answer = post(tom, HERE, typed(cause="Mine.", public_parts=["happened", "cause"]), headers=headers)
        assert answer.status_code == 409
        assert "Ada Okafor was here first" in read(answer.text).text
        assert "Cause: theirs Theirs." in read(answer.text).text
        assert post(tom, HERE, read(answer.text).form(HERE)).status_code == 303
        assert stored("cause")[0] == "Mine."

    @pytest.mark.parametrize("version", [None, "", "x"])
    def test_without_a_version(self, tom: FlaskClient, post: Post, version: str | None) -> None:
        data = {name: value for name, value in typed(version=version).items() if value is not None}
        assert post(tom, HERE, data).status_code == 428
        assert post(tom, UNPUBLISH, {}).status_code == 428


class TestTyping:
    @pytest.fixture(autouse=True)
    def made(self, incident: Incident) -> None:
        pass

    def test_what_is_typed_is_kept_until_it_is_sent(self, tom: FlaskClient, page: Page, post: Post) -> None:
        part = read(post(tom, KEEP, {**typed(happened="Half a sent"), "seen": 0}, headers=HTMX).text)
        check_parts(part)
        assert "Kept for you 14:30" in part.text
        form = page(tom.get(HERE)).one("form", id="form").fields()
        assert (form["happened"], form["version"]) == ("Half a sent", "0")
        post(tom, HERE, typed())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0

    def test_start_again(self, tom: FlaskClient, page: Page, post: Post) -> None:
        post(tom, KEEP, typed(happened="Half a sent"))
        assert post(tom, DROP).headers["Location"] == HERE
        assert "Half a sent" not in page(tom.get(HERE)).text

    def test_others_see_that_somebody_is_at_it(
        self, tom: FlaskClient, ada: FlaskClient, page: Page, post: Post
    ) -> None:
        post(tom, KEEP, typed())
        assert "Tom Reed is editing this too." in page(ada.get(HERE)).text

    def test_what_was_typed_on_an_old_version_says_so(
        self, tom: FlaskClient, ada: FlaskClient, page: Page, post: Post
    ) -> None:
        post(tom, KEEP, {**typed(cause="Mine."), "seen": 0})
        post(ada, HERE, typed(cause="Theirs."))
        form = page(tom.get(HERE)).one("form", id="form").fields()
        assert form["cause"] == "Mine."
        assert post(tom, HERE, {**typed(cause="Mine."), "version": form["version"]}).status_code == 409

    def test_preview(self, tom: FlaskClient, page: Page, post: Post) -> None:
        data = typed(do="preview", happened="An issue.", cause="Nobody looked.")
        part = read(post(tom, HERE, data, headers=HTMX).text)
        check_parts(part)
        assert "What happened An issue." in part.text
        assert "Nobody looked." not in part.text
        assert "Instead of “issue”" in part.text
        assert page(post(tom, HERE, data)).one("form", id="form").fields()["cause"] == "Nobody looked."
        assert not is_there()


def test_hostile_words_do_nothing(tom: FlaskClient, page: Page, post: Post, incident: Incident) -> None:
    incident.title = HOSTILE
    db.session.commit()
    make.update(incident, "resolved", NOW - timedelta(minutes=1), HOSTILE)
    post(tom, HERE, typed(happened=HOSTILE, cause=HOSTILE, do="publish"))
    assert HOSTILE not in tom.get(HERE).text
    assert not page(tom.get(HERE)).all("img")


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_only_look(client_of: Client, page: Page, post: Post, incident: Incident, role: str) -> None:
    client = client_of(role)
    assert "Nobody has written a review yet." in page(client.get(HERE)).text
    post(client_of("admin"), HERE, typed())
    shown = page(client.get(HERE))
    assert "Cause Staff Nobody looked." in shown.text
    assert not shown.all("form", id="form")
    for url in (HERE, UNPUBLISH, KEEP, DROP):
        assert post(client, url, {"version": 1}).status_code == 403


def test_nobody_signs_in_first(client_of: Client, incident: Incident) -> None:
    assert client_of("nobody").get(HERE).headers["Location"].startswith("/admin/sign-in")


@pytest.mark.parametrize(
    ("method", "url", "status"),
    [
        ("GET", UNPUBLISH, 405),
        ("GET", KEEP, 405),
        ("PUT", HERE, 405),
        ("GET", "/admin/incidents/9/review", 404),
        ("GET", "/admin/incidents/x/review", 404),
        ("GET", "/admin/incidents/2/review", 404),
        ("GET", "/admin/incidents/2/report.md", 404),
    ],
)
def test_wrong_method_and_what_is_not_there(
    client_of: Client, incident: Incident, method: str, url: str, status: int
) -> None:
    make.update(make.incident(published_at=None))
    assert client_of("admin").open(url, method=method, headers={"X-CSRFToken": "x"}).status_code == status
