"""Starting an incident or an update from a template: nothing typed is lost, and what stays open is filled in later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
import time_machine
from flask.testing import FlaskClient

from dashboard.db import db
from dashboard.models import Incident, IncidentUpdate, Section, Template, Window, WindowSection
from tests import make
from tests.conftest import NOW
from tests.views.page import HTMX, Client, Node, Page, Post, read

NEW, USE, BACK = "/admin/incidents/new", "/admin/incidents/new/template", "/admin/incidents/new/template/back"


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def section(app: object) -> Section:
    return make.section("direct_deposit")


@pytest.fixture
def template(section: Section) -> Template:
    make.component("payments", "Payments provider")
    return make.template(
        title="{section} is unavailable",
        body="{component} has a problem. Back by {until}. More by {next}.",
        stage="identified",
        impacts={"payments": "major_outage"},
        sections={"direct_deposit": "down"},
        next_minutes=60,
    )


def form_of(page: Node) -> dict[str, str]:
    return page.one("form", id="post").fields()


def test_each_form_offers_them(tom: FlaskClient, page: Page, template: Template) -> None:
    incident = make.incident(start=NOW)
    make.update(incident)
    for url in (NEW, f"/admin/incidents/{incident.id}"):
        options = page(tom.get(url)).one("select", id="template").all("option")
        assert [option.text for option in options] == ["Choose one", "Supplier outage"]


def test_without_any_there_is_nothing_to_choose(tom: FlaskClient, page: Page) -> None:
    assert not page(tom.get(NEW)).all("select", id="template")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_its_words_come_in_and_the_rest_stays(
    tom: FlaskClient, page: Page, post: Post, template: Template, headers: dict[str, str]
) -> None:
    data = {"template": template.id, "broken": "You cannot pay."}
    answer = post(tom, USE, data, headers=headers)
    assert answer.headers["HX-Redirect" if headers else "Location"] == f"{NEW}?filled={template.id}"
    form = form_of(page(tom.get(NEW)))
    assert (form["title"], form["broken"], form["stage"], form["next"]) == (
        "Direct deposit is unavailable",
        "You cannot pay.",
        "identified",
        "60",
    )
    assert form["body"] == "Payments provider has a problem. Back by {until}. More by {next}."
    assert "major_outage" in form.values()
    assert "off:60" in form.values()


def test_what_a_person_wrote_stays_and_the_templates_words_are_offered(
    tom: FlaskClient, page: Page, post: Post, template: Template
) -> None:
    answer = post(tom, USE, {"template": template.id, "body": "Mine.", "title": "Mine"})
    shown = page(tom.get(answer.headers["Location"]))
    form = form_of(shown)
    assert (form["title"], form["body"], form["stage"]) == ("Mine", "Mine.", "identified")
    button = shown.one("button", name="over").attrs
    post(tom, button["formaction"], {**form, "over": button["value"]})
    assert form_of(page(tom.get(NEW)))["title"] == "Direct deposit is unavailable"


def test_an_earlier_templates_words_make_way(tom: FlaskClient, page: Page, post: Post, template: Template) -> None:
    answer = post(tom, USE, {"template": template.id})
    form = form_of(page(tom.get(answer.headers["Location"])))
    other = make.template("Other", title="Another title", body="Other words.")
    post(tom, USE, {**form, "template": other.id})
    assert form_of(page(tom.get(NEW)))["body"] == "Other words."


def test_what_was_typed_can_be_put_back(tom: FlaskClient, page: Page, post: Post, template: Template) -> None:
    post(tom, USE, {"over": template.id, "body": "Mine.", "title": "Mine"})
    shown = page(tom.get(f"{NEW}?filled=1"))
    assert shown.all("button", formaction=BACK)
    assert post(tom, BACK, form_of(shown)).headers["Location"] == NEW
    form = form_of(page(tom.get(NEW)))
    assert (form["title"], form["body"]) == ("Mine", "Mine.")
    assert post(tom, BACK).status_code == 404


@pytest.mark.parametrize("chosen", ["", "999", "x", "9" * 40])
def test_none_chosen_keeps_what_was_typed(
    tom: FlaskClient, page: Page, post: Post, template: Template, chosen: str
) -> None:
    assert post(tom, USE, {"template": chosen, "body": "Mine."}).headers["Location"] == NEW
    shown = page(tom.get(NEW))
    assert "Choose a template first." in shown.text
    assert form_of(shown)["body"] == "Mine."


def test_by_an_address(tom: FlaskClient, page: Page, template: Template) -> None:
    assert form_of(page(tom.get(f"{NEW}?template={template.id}")))["title"] == "Direct deposit is unavailable"


def test_the_times_are_filled_in_when_it_is_published(
    tom: FlaskClient, page: Page, post: Post, template: Template
) -> None:
    form = form_of(page(tom.get(f"{NEW}?template={template.id}")))
    assert post(tom, NEW, {**form, "do": "publish"}).status_code == 303
    body = db.session.scalars(sa.select(IncidentUpdate.body)).one()
    assert body == "Payments provider has a problem. Back by 15:30 GMT. More by 15:30 GMT."


def test_a_draft_keeps_them_open(tom: FlaskClient, page: Page, post: Post, template: Template) -> None:
    form = form_of(page(tom.get(f"{NEW}?template={template.id}")))
    post(tom, NEW, {**form, "do": "draft"})
    assert "{until}" in db.session.scalars(sa.select(IncidentUpdate.body)).one()


def test_the_preview_says_what_is_still_open(tom: FlaskClient, page: Page, post: Post, section: Section) -> None:
    template = make.template(title="{section} is unavailable", body="Back by {until}. More by {next}.")
    form = form_of(page(tom.get(f"{NEW}?template={template.id}")))
    answer = read(post(tom, f"{NEW}/preview", {**form, "next": "60", f"section-{section.id}": "warn"}).text).text
    assert "More by 15:30 GMT." in answer
    assert "Nothing stands in the place of “{until}” yet" in answer


def test_an_update(tom: FlaskClient, page: Page, post: Post, template: Template, section: Section) -> None:
    incident = make.incident(start=NOW, sections={section: "warn"})
    make.update(incident)
    here = f"/admin/incidents/{incident.id}"
    watching = make.template("Watching", stage="monitoring", title="", body="{section} works. More by {next}.")
    watching.next_minutes = 30
    db.session.commit()
    post(tom, f"{here}/template", {"template": watching.id})
    form = form_of(page(tom.get(here)))
    assert (form["stage"], form["body"]) == ("monitoring", "{section} works. More by {next}.")
    post(tom, f"{here}/updates", form)
    latest = sa.select(IncidentUpdate.body).order_by(IncidentUpdate.id.desc()).limit(1)
    assert db.session.scalar(latest) == "Direct deposit works. More by 15:00 GMT."


def test_a_draft_is_filled_in_too(tom: FlaskClient, page: Page, post: Post, template: Template) -> None:
    make.update(make.incident(published_at=None), visible_from=NOW)
    incident_id = db.session.scalars(sa.select(Incident.id)).one()
    use = f"/admin/incidents/{incident_id}/template"
    assert (
        post(tom, use, {"template": template.id})
        .headers["Location"]
        .startswith(f"/admin/incidents/{incident_id}/draft")
    )
    assert form_of(page(tom.get(f"/admin/incidents/{incident_id}/draft")))["stage"] == "identified"


@pytest.mark.parametrize("role", ["viewer", "product_manager"])
def test_only_who_writes_incidents(client_of: Client, post: Post, template: Template, role: str) -> None:
    for url in (USE, BACK, "/admin/incidents/9/template", "/admin/incidents/9/template/back"):
        assert post(client_of(role), url, {"template": template.id}).status_code == 403


def test_what_is_not_there(tom: FlaskClient, post: Post) -> None:
    for url in ("/admin/incidents/9/template", "/admin/incidents/9/template/back", BACK):
        assert post(tom, url).status_code == 404


class TestPlannedWork:
    NEW = "/admin/windows/new"

    @pytest.fixture
    def overnight(self, section: Section) -> Template:
        make.component("payments", "Payments provider")
        return make.template(
            "Overnight",
            "window",
            title="Work on {section}",
            body="You cannot use {section} until {until}, {x}.",
            impacts={"payments": "under_maintenance"},
            sections={"direct_deposit": "warn"},
        )

    def test_its_words_come_in_and_the_rest_stays(
        self, tom: FlaskClient, page: Page, post: Post, overnight: Template
    ) -> None:
        documents = make.section("documents")
        form = page(tom.get(self.NEW)).form(self.NEW)
        typed = {**form, "from_time": "02:00", "to_time": "04:00", "sections": [documents.id]}
        answer = post(tom, self.NEW, {**typed, "template": overnight.id, "preview": "template"})
        assert answer.status_code == 200
        shown = read(answer.text)
        filled = shown.form(self.NEW)
        assert (filled["title"], filled["from_time"]) == ("Work on Direct deposit", "02:00")
        assert filled["message"] == "You cannot use Direct deposit until {until}, {x}."
        ticked = [one.attrs["value"] for one in shown.all("input", name="sections") if "checked" in one.attrs]
        assert sorted(ticked) == sorted([str(documents.id), str(db.session.scalar(sa.select(Section.id).limit(1)))])
        assert filled[f"effect-{ticked[0]}"] in ("warn", "down")

    def test_what_a_person_wrote_stays_until_they_say_otherwise(
        self, tom: FlaskClient, page: Page, post: Post, overnight: Template
    ) -> None:
        form = {**page(tom.get(self.NEW)).form(self.NEW), "title": "Mine", "message": "My words."}
        shown = read(post(tom, self.NEW, {**form, "template": overnight.id, "preview": "template"}).text)
        given = shown.form(self.NEW)
        assert (given["title"], given["message"]) == ("Mine", "My words.")
        over = shown.one("button", value=f"over-{overnight.id}")
        assert over.text == "Use the template’s words"
        used = read(post(tom, self.NEW, {**given, "template": "", "preview": over.attrs["value"]}).text).form(self.NEW)
        assert (used["title"], used["message"][:15]) == ("Work on Direct deposit", "You cannot use ")

    def test_the_end_is_filled_in_when_it_is_planned(
        self, tom: FlaskClient, page: Page, post: Post, overnight: Template
    ) -> None:
        form = page(tom.get(f"{self.NEW}?template={overnight.id}")).form(self.NEW)
        assert post(tom, self.NEW, {**form, "from_time": "02:00", "to_time": "04:00"}).status_code == 303
        assert db.session.execute(sa.select(Window.title, Window.message)).one() == (
            "Work on Direct deposit",
            "You cannot use Direct deposit until 04:00, {x}.",
        )
        assert db.session.scalars(sa.select(WindowSection.effect)).one() == "warn"

    @pytest.mark.parametrize("chosen", ["", "x", "999"])
    def test_none_chosen(self, tom: FlaskClient, page: Page, post: Post, overnight: Template, chosen: str) -> None:
        form = page(tom.get(self.NEW)).form(self.NEW)
        answer = post(tom, self.NEW, {**form, "title": "Mine", "template": chosen, "preview": "template"})
        assert (answer.status_code, read(answer.text).form(self.NEW)["title"]) == (200, "Mine")
