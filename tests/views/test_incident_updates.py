"""What is said of an incident that is out, as browsers ask for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Component, Draft, Incident, IncidentUpdate, Outage, Section
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Page, Post, read
from tests.views.queries import questions

HOUR = timedelta(hours=1)
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def payments(app: object) -> Component:
    return make.component("payments")


@pytest.fixture(autouse=True)
def incident(payments: Component) -> Incident:
    """Open for an hour: payments are down, and so is a section."""
    section = make.section("direct_deposit", message="You cannot see your bank details.")
    made = make.incident("Payments fail", NOW - HOUR, broken="Payments", sections={section: "down"})
    make.update(made, at=NOW - HOUR, impacts={payments: "major_outage"})
    make.outage(section, NOW - HOUR, None, incident_id=made.id, at_end="hold")
    return made


@pytest.fixture
def show(incident: Incident) -> str:
    return f"/admin/incidents/{incident.id}"


@pytest.fixture
def to(show: str) -> str:
    return f"{show}/updates"


@pytest.fixture
def form(tom: FlaskClient, page: Page, show: str, to: str) -> dict[str, str]:
    return {**page(tom.get(show)).form(to), "body": "More.", "stage": "identified"}


def updates() -> list[IncidentUpdate]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(IncidentUpdate).order_by(IncidentUpdate.at, IncidentUpdate.id)))


def section() -> Section:
    return db.session.scalars(sa.select(Section)).one()


def test_the_page_tells_where_it_stands(tom: FlaskClient, page: Page, show: str) -> None:
    root = page(tom.get(show))
    assert "Critical impact" in root.text
    assert "1 of 5 told" in root.text
    assert "Payments: Major outage" in root.one("ol", class_="timeline").text
    assert "As it is: off" in root.one("select", id=f"section-{section().id}").text


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_who_may_only_look(client_of: Client, page: Page, post: Post, show: str, to: str, role: str) -> None:
    root = page(client_of(role).get(show))
    assert root.all("form", action=to) == []
    assert "To post an update, ask a delivery manager or an admin." in root.text
    assert post(client_of(role), to, {"version": "1"}).status_code == 403


def test_posted(tom: FlaskClient, post: Post, form: dict[str, str], show: str, to: str) -> None:
    answer = post(tom, to, form)
    assert (answer.status_code, answer.location) == (303, show)
    strip = read(tom.get(show).text).one("div", class_="done").text
    assert strip == "Your update is published. You promised the next one by 15:00."
    assert [(one.stage, one.body) for one in updates()][-1] == ("identified", "More.")


def test_htmx_is_sent_on(tom: FlaskClient, post: Post, form: dict[str, str], show: str, to: str) -> None:
    assert post(tom, to, form, headers=HTMX).headers["HX-Redirect"] == show


def test_twice_with_other_words_the_words_are_kept(
    tom: FlaskClient, post: Post, form: dict[str, str], to: str, page: Page
) -> None:
    post(tom, to, form)
    answer = post(tom, to, {**form, "body": "And this."})
    sent = page(answer).form(to)
    assert (answer.status_code, sent["body"], len(updates())) == (422, "And this.", 2)
    assert sent["once"] != form["once"]


def test_twice_is_once(tom: FlaskClient, post: Post, form: dict[str, str], to: str) -> None:
    assert [post(tom, to, form).status_code for _ in range(2)] == [303, 303]
    assert len(updates()) == 2


def test_resolved_everything_is_back(tom: FlaskClient, post: Post, form: dict[str, str], show: str, to: str) -> None:
    post(tom, to, {**form, "stage": "resolved"})
    assert tom.get("/embed/v1/status.json").get_json()["sections"] == []
    assert "“Payments fail” is resolved." in tom.get(show).text
    post(tom, to, {**form, "stage": "investigating", "once": "another-form-of-this", "version": "3"})
    assert "open again" in tom.get(show).text


def test_or_the_section_stays_off(tom: FlaskClient, post: Post, form: dict[str, str], show: str, to: str) -> None:
    form.pop("restores")
    post(tom, to, {**form, "stage": "resolved"})
    assert db.session.scalars(sa.select(Outage.over_at)).one() is None
    assert "Still off: Direct deposit." in tom.get(show).text


def test_a_section_comes_back_before(tom: FlaskClient, post: Post, form: dict[str, str], to: str) -> None:
    post(tom, to, {**form, f"section-{section().id}": "nothing"})
    assert db.session.scalars(sa.select(Outage.over_at)).one() == NOW


def test_back_dated(tom: FlaskClient, post: Post, form: dict[str, str], show: str, to: str) -> None:
    post(tom, to, {**form, "when": "earlier", "when_at": "2026-11-21T14:00"})
    assert (updates()[-1].at, updates()[-1].visible_from) == (NOW - HOUR / 2, NOW)
    assert "Told 14:30" in tom.get(show).text


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"body": ""}, "Say what is new"),
        ({"body": "x" * 5_001}, "Shorten this"),
        ({"stage": "done"}, "Not a valid choice"),
        ({"next": "at", "next_at": ""}, "Give a day and a time"),
        ({"when": "earlier", "when_at": "2026-11-21T18:00"}, "still to come"),
    ],
)
def test_what_is_wrong_is_said_and_the_words_stay(
    tom: FlaskClient, post: Post, page: Page, form: dict[str, str], to: str, given: dict[str, str], words: str
) -> None:
    answer = post(tom, to, {**form, **given})
    root = page(answer)
    assert (answer.status_code, len(updates())) == (422, 1)
    assert words in root.text
    assert root.form(to)["body"] == given.get("body", "More.")


def test_two_at_once(
    tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, form: dict[str, str], show: str, to: str
) -> None:
    theirs = page(ada.get(show)).form(to)
    post(ada, to, {**theirs, "body": "Words of Ada"})
    answer = post(tom, to, form)
    assert answer.status_code == 409
    assert "Words of Ada" in answer.text
    assert "More." in answer.text
    assert post(tom, to, page(answer).form(to)).status_code == 303
    assert [one.body for one in updates()][1:] == ["Words of Ada", "More."]


def test_a_form_without_a_version_is_out_of_date(tom: FlaskClient, post: Post, to: str) -> None:
    assert post(tom, to, {"body": "x"}).status_code == 428


def test_not_of_one_that_is_not_out(tom: FlaskClient, post: Post) -> None:
    draft = make.incident(published_at=None)
    make.update(draft)
    assert post(tom, f"/admin/incidents/{draft.id}/updates", {"version": "1"}).status_code == 404


def test_it_is_not_asked_for_by_get(tom: FlaskClient, to: str) -> None:
    assert tom.get(to).status_code == 405


def test_what_was_typed_is_kept_until_it_is_sent(
    tom: FlaskClient, post: Post, page: Page, form: dict[str, str], show: str, to: str
) -> None:
    keep = show.replace("incidents/", "incidents/typed/incident-")
    post(tom, keep, {**form, "body": "Half a", "next": "120"})
    offered = page(tom.get(show)).form(to)
    assert (offered["body"], offered["next"], offered["version"]) == ("Half a", "120", form["version"])
    post(tom, to, {**offered, "stage": "identified"})
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Draft)) == 0


class TestWords:
    @pytest.fixture
    def url(self, to: str) -> str:
        return f"{to}/{updates()[0].id}/words"

    def test_changed_and_undone(self, tom: FlaskClient, post: Post, page: Page, url: str, show: str) -> None:
        post(tom, url, {**page(tom.get(url)).form(url), "body": "Other words."})
        root = read(tom.get(show).text)
        assert "Edited 14:30" in root.one("ol", class_="timeline").text
        post(tom, root.one("div", class_="done").one("form").attrs["action"])
        assert updates()[0].body == "We are looking into it."

    def test_something_must_be_said(self, tom: FlaskClient, post: Post, page: Page, url: str) -> None:
        assert post(tom, url, {**page(tom.get(url)).form(url), "body": " "}).status_code == 422

    def test_two_at_once(self, tom: FlaskClient, ada: FlaskClient, post: Post, page: Page, url: str) -> None:
        mine = page(tom.get(url)).form(url)
        post(ada, url, {**page(ada.get(url)).form(url), "body": "Words of Ada"})
        answer = post(tom, url, {**mine, "body": "Words of Tom"})
        assert answer.status_code == 409
        assert "Words of Ada" in answer.text

    @pytest.mark.parametrize("role", ["viewer", "product_manager"])
    def test_who_may_not(self, client_of: Client, url: str, role: str) -> None:
        assert client_of(role).get(url).status_code == 403

    def test_of_another_incident(self, tom: FlaskClient, to: str) -> None:
        other = make.update(make.incident())
        assert tom.get(f"{to}/{other.id}/words").status_code == 404

    def test_hostile_words(self, tom: FlaskClient, post: Post, page: Page, url: str, show: str) -> None:
        post(tom, url, {**page(tom.get(url)).form(url), "body": HOSTILE})
        assert HOSTILE not in tom.get(show).text
        page(tom.get(show))


class TestPreview:
    def test_resolved(self, tom: FlaskClient, post: Post, form: dict[str, str], show: str) -> None:
        look = read(post(tom, f"{show}/preview", {**form, "stage": "resolved"}, headers=HTMX).text)
        assert [node.text for node in look.all("p", class_="notice__title")] == ["Payments fail"]
        assert "Payments: Operational" in look.text

    def test_another_end(self, tom: FlaskClient, post: Post, form: dict[str, str], show: str) -> None:
        given = {**form, f"section-{section().id}": "off:120"}
        look = read(post(tom, f"{show}/preview", given, headers=HTMX).text)
        assert "Direct deposit is unavailable until 16:30" in look.text
        assert db.session.scalars(sa.select(Outage.planned_end)).one() is None

    def test_of_one_that_is_not_there(self, tom: FlaskClient, post: Post) -> None:
        assert post(tom, "/admin/incidents/99/preview", {"body": "x"}).status_code == 404


def test_long_ones_ask_the_database_no_more(tom: FlaskClient, incident: Incident, show: str) -> None:
    tom.get(show)
    few = questions(tom, show)
    for minutes in range(20):
        make.update(incident, at=NOW - timedelta(minutes=minutes))
    assert questions(tom, show) <= few
